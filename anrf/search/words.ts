import { type Expr, exprParts, type Local } from "#anrf/build/expr.ts";
import { INT, type Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import type { GivenConstant } from "./constants.ts";
import { type Functions, runExpr } from "./evaluate.ts";
import { branch, call, int, literal, ref } from "./express.ts";
import { ERR } from "./intern.ts";
import { leafOf } from "./library.ts";
import { field, replaceLocals } from "./rewrite.ts";
import type { Scope } from "./scope.ts";

/** A piece of a program that the words say: `pieces >= 10`, half of a price, the words longer than three letters. */
export interface Fragment {
  /** Stand for the parameters of the task, in their order. */
  readonly params: readonly Local[];
  readonly body: Expr;
  /** How far the reading is from the words: less is nearer. */
  readonly bits: number;
}

/** The most of one type that become terms: each makes every later level larger. */
const MOST_OF_TYPE = 14;
/** Bits of a fragment as a term: near the words as much as a call that they speak of; a guess costs more than to build it. */
const NEAR_BITS = 1.5;
const GUESS_FACTOR = 1.5;
/** Steps of one run on one column. */
const STEPS = 20_000;

/** The fragments as expressions over the parameters of a search, nearest to the words first. */
export function boundFragments(
  fragments: readonly Fragment[],
  locals: readonly Local[],
): readonly { readonly body: Expr; readonly bits: number }[] {
  return fragments
    .map(({ params, body, bits }) => {
      const by = new Map(params.map((param, i) => [param, ref(locals[i] ?? param)]));
      return { body: replaceLocals(body, by), bits };
    })
    .sort((a, b) => a.bits - b.bits);
}

/**
 * Makes fragments terms of the outermost scope: each is a leaf whose meaning is what the interpreter gives in each
 * column, at a price by its distance from the words.
 */
export function addFragments(
  scope: Scope,
  fragments: readonly { readonly body: Expr; readonly bits: number }[],
  columns: readonly (readonly Value[])[],
  isUsable: (type: Type) => boolean,
  functions?: Functions,
): void {
  const counts = new Map<string, number>();
  for (const { body, bits } of fragments) {
    const { type } = body;
    const count = counts.get(type.text) ?? 0;
    if (!isUsable(type) || count >= MOST_OF_TYPE) continue;
    counts.set(type.text, count + 1);
    const ids = Int32Array.from(columns, (args) => {
      const env = new Map(scope.locals.map((local, i) => [local, args[i] ?? null]));
      const value = runExpr(body, env, STEPS, functions);
      return value === undefined ? ERR : scope.store.of(value, type);
    });
    const leaf = { kind: "fragment", ids, uses: usesOf(body, scope) } as const;
    const cost = Math.round(NEAR_BITS + GUESS_FACTOR * bits);
    scope.productions.push(leafOf(scope.bank(type), cost, leaf, "fragment", body));
  }
}

/** The bits of the parameters that an expression reads. */
function usesOf(expr: Expr, scope: Scope): number {
  if (expr.kind === "local") {
    const position = scope.locals.indexOf(expr.local);
    return position < 0 ? 0 : 1 << (scope.firstBit + position);
  }
  return exprParts(expr).reduce((bits, part) => bits | usesOf(part, scope), 0);
}

/** A chain of decisions that the order of the words' constants suggests; nobody has run it yet. */
export interface Chain {
  readonly body: Expr;
  /** Bits. */
  readonly cost: number;
}

interface Step {
  readonly bound: number;
  readonly result: Value;
}

/** Steps in the order of the words, and the result beyond them; undefined: the words do not say it. */
interface Reading {
  readonly steps: readonly Step[];
  readonly last: Value | undefined;
}

const BASE_COST = 11;
const STEP_COST = 2;
/** Bits of a constant that a reading skips. */
const SKIP_COST = 3;
const MOST_CONSTANTS = 13;
const MOST_CHAINS = 3000;

/**
 * Chains such as "A from 90, B from 80, else C": bounds and results that follow each other in the words become
 * comparisons of one measured value, from the outermost bound inwards.
 */
export function* chainsOf(
  params: readonly Local[],
  result: Type,
  constants: readonly GivenConstant[],
): Generator<Chain> {
  const said = constants.filter((one) => one.weight >= 0.5).slice(0, MOST_CONSTANTS);
  const subjects = params.flatMap(subjectsOf);
  if (subjects.length === 0 || said.length < 2) return;
  let made = 0;
  for (const { run, skipped } of runsOf(said)) {
    for (const reading of readingsOf(run, result)) {
      const cost = BASE_COST + STEP_COST * reading.steps.length + SKIP_COST * skipped;
      for (const subject of subjects) {
        for (const chain of buildAll(reading, subject, params, result, cost)) {
          yield chain;
          if (++made >= MOST_CHAINS) return;
        }
      }
    }
  }
}

function subjectsOf(param: Local): Expr[] {
  if (param.type.kind === "int") return [ref(param)];
  if (param.type.kind === "string") return [call("string.length", [ref(param)])];
  return param.type.kind === "list" ? [call("list.length", [ref(param)])] : [];
}

/** Neighbouring constants, long runs first; one constant may be left out, since words also count other things. */
function* runsOf(
  said: readonly GivenConstant[],
): Generator<{ run: readonly GivenConstant[]; skipped: number }> {
  for (let size = said.length; size >= 2; size--) {
    for (let start = 0; start + size <= said.length; start++) {
      yield { run: said.slice(start, start + size), skipped: said.length - size };
    }
    if (size !== said.length) continue;
    for (let out = 1; out + 1 < said.length; out++) {
      yield { run: said.filter((_, at) => at !== out), skipped: 1 };
    }
  }
}

/** Bounds and results by turns, either first. */
function readingsOf(run: readonly GivenConstant[], result: Type): Reading[] {
  const found: Reading[] = [];
  for (const boundFirst of [true, false]) {
    const steps: Step[] = [];
    let isFitting = true;
    for (let at = 0; at + 1 < run.length; at += 2) {
      const [bound, given] = boundFirst ? [run[at], run[at + 1]] : [run[at + 1], run[at]];
      if (bound?.type.kind !== "int" || given?.type.text !== result.text) isFitting = false;
      else steps.push({ bound: Number(bound.value), result: given.value });
    }
    const rest = run.length % 2 === 1 ? run.at(-1) : undefined;
    if (rest !== undefined && rest.type.text !== result.text) isFitting = false;
    if (isFitting && isMonotone(steps)) found.push({ steps, last: rest?.value });
  }
  return found;
}

function isMonotone(steps: readonly Step[]): boolean {
  const bounds = steps.map((step) => step.bound);
  const rises = bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] as number));
  return rises || bounds.every((bound, at) => at === 0 || bound < (bounds[at - 1] as number));
}

const AT_LEAST = ["ge", "gt"] as const;
const AT_MOST = ["le", "lt"] as const;

function* buildAll(
  { steps, last }: Reading,
  subject: Expr,
  params: readonly Local[],
  result: Type,
  cost: number,
): Generator<Chain> {
  const rising = [...steps].sort((a, b) => a.bound - b.bound);
  const falling = rising.toReversed();
  const lasts: Expr[] = last === undefined ? defaultsOf(params, result) : [literal(last, result)];
  for (const end of lasts) {
    for (const [ops, ordered] of [[AT_LEAST, falling] as const, [AT_MOST, rising] as const]) {
      for (const op of ops) {
        const body = ordered.reduceRight(
          (rest, step) => branch(call(op, [subject, int(step.bound)]), literal(step.result, result), rest),
          end,
        );
        const bits = cost + (last === undefined ? 2 : 0);
        yield { body, cost: bits };
        if (result === INT || result.text === INT.text) yield* scaled(body, params, bits);
      }
    }
  }
}

/** What stands where no bound is met and the words name nothing: an argument unchanged, or zero. */
function defaultsOf(params: readonly Local[], result: Type): Expr[] {
  const same = params.filter((param) => param.type.text === result.text).map(ref);
  return result.kind === "int" ? [...same, int(0)] : same;
}

/** The chain as a rate: so much for each, or so many percent of it. */
function* scaled(rate: Expr, params: readonly Local[], cost: number): Generator<Chain> {
  for (const param of params) {
    if (param.type.kind !== "int") continue;
    const amount = ref(param);
    yield { body: call("int.mul", [amount, rate]), cost: cost + 2 };
    const share = (of: Expr): Expr => call("int.div_floor", [call("int.mul", [amount, of]), int(100)]);
    yield { body: share(rate), cost: cost + 3 };
    yield { body: share(call("int.sub", [int(100), rate])), cost: cost + 4 };
    yield { body: call("int.sub", [amount, share(rate)]), cost: cost + 5 };
    yield { body: call("int.add", [amount, rate]), cost: cost + 3 };
  }
}

/** How two intervals meet, where the parameters are their four ends or two pairs: how long, or whether. */
export function* overlapsOf(params: readonly Local[], result: Type): Generator<Chain> {
  const ends = endsOf(params);
  if (ends.length !== 4 || (result.kind !== "int" && result.kind !== "bool")) return;
  for (const order of [
    [0, 1, 2, 3],
    [0, 2, 1, 3],
  ]) {
    const [a, b, c, d] = order.map((at) => ends[at]);
    if (a === undefined || b === undefined || c === undefined || d === undefined) return;
    if (result.kind === "bool") {
      for (const op of ["lt", "le"])
        yield { body: call("bool.and", [call(op, [a, d]), call(op, [c, b])]), cost: OVERLAP_COST };
      continue;
    }
    const common = call("int.sub", [call("min", [b, d]), call("max", [a, c])]);
    yield { body: call("max", [int(0), common]), cost: OVERLAP_COST };
    const counted = call("int.add", [common, int(1)]);
    yield { body: call("max", [int(0), counted]), cost: OVERLAP_COST + 2 };
  }
}

const OVERLAP_COST = 11;

function endsOf(params: readonly Local[]): Expr[] {
  return params.flatMap((param) => {
    if (param.type.kind === "int") return [ref(param)];
    const isPair = param.type.kind === "tuple" && param.type.items.every((item) => item.kind === "int");
    return isPair && param.type.kind === "tuple"
      ? param.type.items.map((_, at) => field(ref(param), at))
      : [];
  });
}
