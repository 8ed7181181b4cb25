import { type Reader, readClass, readEscape } from "./classes.ts";
import { eitherCase, noneOf, type Pattern, PatternProblem, rangeSet } from "./syntax.ts";

/** A parsed pattern: its tree and how many groups it captures, group 0 left out. */
export interface ParsedPattern {
  /** The whole pattern. */
  readonly pattern: Pattern;
  /** Groups from 1. */
  readonly groups: number;
}

/** Longest pattern, in UTF-16 units. */
export const MAX_PATTERN = 2000;
/** Deepest nesting of groups. */
export const MAX_NESTING = 100;
/** Largest count in `{n,m}`, as in RE2. */
export const MAX_REPEAT = 1000;

/** Reads the syntax of RE2 (no look-around, no back references); throws a PatternProblem. */
export function parsePattern(text: string): ParsedPattern {
  if (text.length > MAX_PATTERN)
    throw new PatternProblem(`a pattern may have ${MAX_PATTERN} characters`, MAX_PATTERN);
  const reader: PatternReader = {
    text,
    at: 0,
    groups: 0,
    depth: 0,
    flags: { ignoresCase: false, isMultiline: false, dotTakesAll: false, isLazy: false },
  };
  const pattern = readChoice(reader);
  if (reader.at < text.length) throw new PatternProblem('unexpected ")"', reader.at);
  return { pattern, groups: reader.groups };
}

interface Flags {
  readonly ignoresCase: boolean;
  readonly isMultiline: boolean;
  readonly dotTakesAll: boolean;
  readonly isLazy: boolean;
}

interface PatternReader extends Reader {
  groups: number;
  depth: number;
  flags: Flags;
}

function readChoice(reader: PatternReader): Pattern {
  const parts = [readSequence(reader)];
  while (reader.text[reader.at] === "|") {
    reader.at++;
    parts.push(readSequence(reader));
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "choice", parts };
}

function readSequence(reader: PatternReader): Pattern {
  const parts: Pattern[] = [];
  while (reader.at < reader.text.length && !"|)".includes(reader.text.charAt(reader.at))) {
    const start = reader.at;
    const atoms = readAtoms(reader);
    const last = atoms.pop();
    parts.push(...atoms);
    if (last !== undefined) parts.push(readRepeat(reader, last));
    else if (countAt(reader) !== undefined)
      throw new PatternProblem("nothing stands before the repetition", start);
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "sequence", parts };
}

/** One atom; several for `\Q…\E`, none for `(?i)`. */
function readAtoms(reader: PatternReader): Pattern[] {
  const { text, at, flags } = reader;
  const char = text.charAt(at);
  switch (char) {
    case "(":
      return readGroup(reader);
    case "[":
      return [{ kind: "set", set: readClass(reader, flags.ignoresCase) }];
    case ".":
      reader.at++;
      return [{ kind: "set", set: flags.dotTakesAll ? () => true : noneOf(rangeSet(10, 10)) }];
    case "^":
      reader.at++;
      return [{ kind: "assertion", assertion: flags.isMultiline ? "line_start" : "start" }];
    case "$":
      reader.at++;
      return [{ kind: "assertion", assertion: flags.isMultiline ? "line_end" : "end" }];
    case "*":
    case "+":
    case "?":
      throw new PatternProblem(`nothing stands before the repetition "${char}"`, at);
    case "\\":
      return text[at + 1] === "Q" ? readQuoted(reader) : [readEscape(reader, flags.ignoresCase)];
    default:
      return [readLiteral(reader)];
  }
}

function readLiteral(reader: PatternReader): Pattern {
  const code = reader.text.codePointAt(reader.at) ?? 0;
  reader.at += code > 0xffff ? 2 : 1;
  const set = rangeSet(code, code);
  return { kind: "set", set: reader.flags.ignoresCase ? eitherCase(set) : set };
}

function readQuoted(reader: PatternReader): Pattern[] {
  const close = reader.text.indexOf("\\E", reader.at);
  const end = close < 0 ? reader.text.length : close;
  const parts: Pattern[] = [];
  for (reader.at += 2; reader.at < end; ) parts.push(readLiteral(reader));
  reader.at = close < 0 ? end : end + 2;
  return parts;
}

function readGroup(reader: PatternReader): Pattern[] {
  const start = reader.at;
  const saved = reader.flags;
  const head = /^\((?:\?P?<([A-Za-z0-9_]+)>|\?([imsU]*)(?:-([imsU]+))?([:)])|(?!\?))/.exec(
    reader.text.slice(start, start + 80),
  );
  if (head === null)
    throw new PatternProblem('"(?" begins no group that is known here: look-around is not', start);
  reader.at += head[0].length;
  const [, , on, off, close] = head;
  if (close !== undefined) reader.flags = withFlags(saved, on ?? "", off ?? "");
  if (close === ")") return [];
  if (++reader.depth > MAX_NESTING) throw new PatternProblem(`groups may nest ${MAX_NESTING} levels`, start);
  const index = close === undefined ? ++reader.groups : 0;
  const body = readChoice(reader);
  if (reader.text[reader.at] !== ")") throw new PatternProblem('"(" is not closed', start);
  reader.at++;
  reader.depth--;
  reader.flags = saved;
  return [index === 0 ? body : { kind: "group", index, body }];
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  const after = (letter: string, before: boolean) => (on.includes(letter) || before) && !off.includes(letter);
  return {
    ignoresCase: after("i", flags.ignoresCase),
    isMultiline: after("m", flags.isMultiline),
    dotTakesAll: after("s", flags.dotTakesAll),
    isLazy: after("U", flags.isLazy),
  };
}

function readRepeat(reader: PatternReader, body: Pattern): Pattern {
  const count = countAt(reader);
  if (count === undefined) return body;
  const start = reader.at;
  reader.at += count.length;
  const isMarked = reader.text[reader.at] === "?";
  if (isMarked) reader.at++;
  if (
    count.max < count.min ||
    (count.max !== Number.POSITIVE_INFINITY && count.max > MAX_REPEAT) ||
    count.min > MAX_REPEAT
  ) {
    throw new PatternProblem(`a repetition count goes from 0 to ${MAX_REPEAT}, the smaller first`, start);
  }
  if (countAt(reader) !== undefined)
    throw new PatternProblem("a repetition cannot be repeated: use a group", reader.at);
  return { kind: "repeat", body, min: count.min, max: count.max, isGreedy: isMarked === reader.flags.isLazy };
}

/** The repetition that stands here; `{` that begins none is a character. */
function countAt(
  reader: Reader,
): { readonly min: number; readonly max: number; readonly length: number } | undefined {
  const endless = Number.POSITIVE_INFINITY;
  switch (reader.text[reader.at]) {
    case "*":
      return { min: 0, max: endless, length: 1 };
    case "+":
      return { min: 1, max: endless, length: 1 };
    case "?":
      return { min: 0, max: 1, length: 1 };
    case "{": {
      const written = /^\{([0-9]{1,9})(,?)([0-9]{0,9})\}/.exec(reader.text.slice(reader.at, reader.at + 24));
      if (written === null || (written[2] === "" && written[3] !== "")) return undefined;
      const min = Number(written[1]);
      const max = written[2] === "" ? min : written[3] === "" ? endless : Number(written[3]);
      return { min, max, length: written[0].length };
    }
    default:
      return undefined;
  }
}
