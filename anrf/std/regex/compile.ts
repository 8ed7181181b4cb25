import { parsePattern } from "./parse.ts";
import { type Assertion, type CharSet, type Pattern, PatternProblem } from "./syntax.ts";

/** One instruction; targets are indices. `fork` prefers its first target. */
export type Instruction =
  | { readonly op: "set"; readonly set: CharSet }
  | { readonly op: "assertion"; readonly assertion: Assertion }
  | { readonly op: "save"; readonly slot: number }
  | { readonly op: "fork"; first: number; second: number }
  | { readonly op: "jump"; target: number }
  | { readonly op: "match" };

/** A compiled pattern. */
export interface Regex {
  /** Starts at 0. Execution goes on with the next instruction but after `fork`, `jump` and `match`. */
  readonly code: readonly Instruction[];
  /** How many groups it captures, group 0 left out. */
  readonly groups: number;
}

type Repeat = Extract<Pattern, { kind: "repeat" }>;

/** Most instructions of a pattern: counted repetitions are written out. */
export const MAX_CODE = 10_000;

/** Compiles a pattern, or says why it is none. */
export function compileRegex(text: string): Regex | PatternProblem {
  try {
    const { pattern, groups } = parsePattern(text);
    const code: Instruction[] = [];
    emit(pattern, code);
    push(code, { op: "match" });
    return { code, groups };
  } catch (problem) {
    if (problem instanceof PatternProblem) return problem;
    throw problem;
  }
}

function push<T extends Instruction>(code: Instruction[], instruction: T): T {
  if (code.length >= MAX_CODE) throw new PatternProblem("the pattern repeats too much", 0);
  code.push(instruction);
  return instruction;
}

function emit(pattern: Pattern, code: Instruction[]): void {
  switch (pattern.kind) {
    case "set":
      push(code, { op: "set", set: pattern.set });
      return;
    case "assertion":
      push(code, { op: "assertion", assertion: pattern.assertion });
      return;
    case "sequence":
      for (const part of pattern.parts) emit(part, code);
      return;
    case "choice":
      emitChoice(pattern.parts, code);
      return;
    case "group":
      push(code, { op: "save", slot: 2 * pattern.index });
      emit(pattern.body, code);
      push(code, { op: "save", slot: 2 * pattern.index + 1 });
      return;
    case "repeat":
      if (pattern.max === Number.POSITIVE_INFINITY) emitEndless(pattern, code);
      else {
        emitTimes(pattern.body, pattern.min, code);
        emitOptional(pattern.body, pattern.max - pattern.min, pattern.isGreedy, code);
      }
      return;
    default:
      throw new Error(`unreachable: ${pattern satisfies never}`);
  }
}

/** A body without code (nested empty groups) is left out at once: its repetitions multiply and never reach MAX_CODE. */
function emitTimes(body: Pattern, times: number, code: Instruction[]): void {
  for (let i = 0; i < times; i++) {
    const before = code.length;
    emit(body, code);
    if (code.length === before) return;
  }
}

// fork a, b; a: first; jump end; b: fork …; last; end:
function emitChoice(parts: readonly Pattern[], code: Instruction[]): void {
  const jumps: { target: number }[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === undefined) continue;
    if (i === parts.length - 1) emit(part, code);
    else {
      const fork = push(code, { op: "fork" as const, first: code.length + 1, second: 0 });
      emit(part, code);
      jumps.push(push(code, { op: "jump" as const, target: 0 }));
      fork.second = code.length;
    }
  }
  for (const jump of jumps) jump.target = code.length;
}

/**
 * `x*` and `x{n,}`. A body that may take nothing is entered once by `x*` all the same, so that its groups have a place: it
 * is `(x+)?`, as RE2 and Perl have it.
 */
function emitEndless({ body, min, isGreedy }: Repeat, code: Instruction[]): void {
  if (min > 0) {
    emitTimes(body, min - 1, code);
    emitPlus(body, isGreedy, code);
  } else if (mayBeEmpty(body)) {
    const fork = push(code, { op: "fork" as const, first: 0, second: 0 });
    const next = code.length;
    emitPlus(body, isGreedy, code);
    aim(fork, isGreedy, next, code.length);
  } else emitStar(body, isGreedy, code);
}

// loop: fork body, end; body; jump loop; end:
function emitStar(body: Pattern, isGreedy: boolean, code: Instruction[]): void {
  const loop = code.length;
  const fork = push(code, { op: "fork" as const, first: 0, second: 0 });
  emit(body, code);
  push(code, { op: "jump", target: loop });
  aim(fork, isGreedy, loop + 1, code.length);
}

// loop: body; fork loop, end; end:
function emitPlus(body: Pattern, isGreedy: boolean, code: Instruction[]): void {
  const loop = code.length;
  emit(body, code);
  const fork = push(code, { op: "fork" as const, first: 0, second: 0 });
  aim(fork, isGreedy, loop, code.length);
}

/** True where a pattern matches without taking a character. */
function mayBeEmpty(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case "set":
      return false;
    case "assertion":
      return true;
    case "sequence":
      return pattern.parts.every(mayBeEmpty);
    case "choice":
      return pattern.parts.some(mayBeEmpty);
    case "group":
      return mayBeEmpty(pattern.body);
    case "repeat":
      return pattern.min === 0 || mayBeEmpty(pattern.body);
    default:
      throw new Error(`unreachable: ${pattern satisfies never}`);
  }
}

// fork body, end; body; fork body, end; body; end:
function emitOptional(body: Pattern, times: number, isGreedy: boolean, code: Instruction[]): void {
  const forks: { readonly fork: { first: number; second: number }; readonly next: number }[] = [];
  for (let i = 0; i < times; i++) {
    const fork = push(code, { op: "fork" as const, first: 0, second: 0 });
    forks.push({ fork, next: code.length });
    emit(body, code);
  }
  for (const { fork, next } of forks) aim(fork, isGreedy, next, code.length);
}

function aim(fork: { first: number; second: number }, isGreedy: boolean, body: number, end: number): void {
  fork.first = isGreedy ? body : end;
  fork.second = isGreedy ? end : body;
}
