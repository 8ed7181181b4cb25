import {
  functionOf,
  listOf,
  mapOf,
  optionOf,
  recordOf,
  scalarType,
  type Type,
  tupleOf,
  variantOf,
} from "./type.ts";

/** What names may stand in a type text beside the scalars. */
export interface TypeNames {
  /** Names of records, spelled with a capital. */
  readonly records?: ReadonlySet<string>;
  /** Names of variants, spelled with a capital. */
  readonly variants?: ReadonlySet<string>;
  /** Type variables of a catalogue signature. */
  readonly vars?: ReadonlyMap<string, Type>;
}

/** A type, or why the text is none, with the offset (UTF-16 units) where reading stopped. */
export type TypeReading =
  | { readonly type: Type; readonly end: number }
  | { readonly error: string; readonly at: number };

/** Deepest nesting that is read; deeper text is refused, never recursed into. */
export const MAX_TYPE_DEPTH = 32;

/** Reads a whole text such as `map<string, list<(int, bool)>>`; an error says what was expected where. */
export function parseType(
  text: string,
  names: TypeNames = {},
): Type | { readonly error: string; readonly at: number } {
  const reading = readType(text, 0, names);
  if ("error" in reading) return reading;
  const end = skipBlanks(text, reading.end);
  return end === text.length
    ? reading.type
    : { error: `unexpected text after the type ${reading.type.text}`, at: end };
}

/** Reads one type from `start` on and says where it ended. */
export function readType(text: string, start: number, names: TypeNames = {}, depth = 1): TypeReading {
  if (depth > MAX_TYPE_DEPTH) return { error: `a type may nest ${MAX_TYPE_DEPTH} levels`, at: start };
  const at = skipBlanks(text, start);
  if (text[at] === "(") return readParenthesis(text, at, names, depth);
  const word = /^[\p{XIDS}_][\p{XIDC}]*/u.exec(text.slice(at, at + 80))?.[0];
  if (word === undefined) return { error: "expected a type such as int, list<int> or (int, string)", at };
  const end = at + word.length;
  if (word === "list" || word === "option" || word === "map")
    return readGeneric(text, word, end, names, depth);
  const type = scalarType(word) ?? names.vars?.get(word) ?? nominal(word, names);
  return type === undefined ? { error: `unknown type "${word}"`, at } : { type, end };
}

function nominal(word: string, names: TypeNames): Type | undefined {
  if (names.records?.has(word)) return recordOf(word);
  return names.variants?.has(word) ? variantOf(word) : undefined;
}

function readGeneric(
  text: string,
  word: "list" | "option" | "map",
  start: number,
  names: TypeNames,
  depth: number,
): TypeReading {
  const open = skipBlanks(text, start);
  if (text[open] !== "<") return { error: `expected "<" after ${word}`, at: open };
  const parts = readSequence(text, open + 1, ">", names, depth);
  if ("error" in parts) return parts;
  const [first, second] = parts.types;
  const wanted = word === "map" ? 2 : 1;
  if (first === undefined || parts.types.length !== wanted) {
    return { error: `${word} takes ${wanted} type${wanted === 1 ? "" : "s"}`, at: open };
  }
  if (word === "map" && second !== undefined) return { type: mapOf(first, second), end: parts.end };
  return { type: word === "list" ? listOf(first) : optionOf(first), end: parts.end };
}

function readParenthesis(text: string, open: number, names: TypeNames, depth: number): TypeReading {
  const parts = readSequence(text, open + 1, ")", names, depth);
  if ("error" in parts) return parts;
  const arrow = skipBlanks(text, parts.end);
  if (text.startsWith("->", arrow)) {
    const result = readType(text, arrow + 2, names, depth + 1);
    return "error" in result ? result : { type: functionOf(parts.types, result.type), end: result.end };
  }
  if (parts.types.length < 2 || parts.types.length > 16) {
    return { error: "a tuple has 2 to 16 parts; a function type goes on with ->", at: open };
  }
  return { type: tupleOf(parts.types), end: parts.end };
}

type Sequence =
  | { readonly types: Type[]; readonly end: number }
  | { readonly error: string; readonly at: number };

function readSequence(text: string, start: number, close: string, names: TypeNames, depth: number): Sequence {
  const types: Type[] = [];
  let at = skipBlanks(text, start);
  while (text[at] !== close) {
    const one = readType(text, at, names, depth + 1);
    if ("error" in one) return one;
    types.push(one.type);
    at = skipBlanks(text, one.end);
    if (text[at] === ",") at = skipBlanks(text, at + 1);
    else if (text[at] !== close) return { error: `expected "," or "${close}"`, at };
  }
  return { types, end: at + 1 };
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && /\s/.test(text[at] ?? "")) at++;
  return at;
}
