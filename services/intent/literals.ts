import type { JsonValue } from "@bufbuild/protobuf";
import type { Place } from "./phrases/tokens.ts";

/** A value as somebody wrote it, before the signature types it. A number keeps its text: "1.0" is not "1". */
export type Literal =
  | { readonly kind: "null" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "number"; readonly text: string; readonly fraction: boolean }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "list" | "tuple" | "set"; readonly items: readonly Literal[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Literal, Literal])[] };

/** What readLiteral found, and where it ends. */
export interface Read<T> extends Place {
  readonly value: T;
}

/** The deepest value the API takes (anrf.md §6); deeper ones are no literal. */
export const MAX_LEVELS = 32;

const WORDS = new Map<string, Literal>([
  ["true", { kind: "bool", value: true }],
  ["True", { kind: "bool", value: true }],
  ["false", { kind: "bool", value: false }],
  ["False", { kind: "bool", value: false }],
  ["null", { kind: "null" }],
  ["None", { kind: "null" }],
  ["undefined", { kind: "null" }],
  ["nil", { kind: "null" }],
]);
const NUMBER = /[-+−]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/uy;
const LONGEST_STRING = 1000;
const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const QUOTES: Readonly<Record<string, string>> = { '"': '"', "'": "'", "“": "”", "‘": "’", "`": "`" };
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
};

/**
 * Reads one whole literal of JSON, Python or JavaScript that starts at `at` (blanks before it are skipped): True, None,
 * single quotes, tuples, sets, maps with bare keys, trailing commas, 1_000, 1e6. Gives undefined where there is none.
 * With `lines` a quoted string may run over a line end, as doctests show it.
 */
export function readLiteral(text: string, at: number, lines = false): Read<Literal> | undefined {
  return new Reader(text, lines).literal(at, 1);
}

/** Reads literals separated by commas up to `close`, an "=" name before each allowed; used for the arguments of a call. */
export function readArguments(
  text: string,
  at: number,
  close: string,
  lines = false,
): Read<readonly Argument[]> | undefined {
  const reader = new Reader(text, lines);
  const found: Argument[] = [];
  let here = reader.skip(at);
  while (text[here] !== close) {
    const name = /([\p{L}_][\p{L}\p{N}_]{0,63})\s*[=:]\s*(?!=)/uy;
    name.lastIndex = here;
    const named = name.exec(text);
    const read = reader.literal(named === null ? here : name.lastIndex, 1);
    if (read === undefined) return undefined;
    found.push(named?.[1] === undefined ? { value: read.value } : { name: named[1], value: read.value });
    here = reader.skip(read.end);
    if (text[here] === ",") here = reader.skip(here + 1);
    else if (text[here] !== close) return undefined;
  }
  return { value: found, start: at, end: here + 1 };
}

/** One argument of a call in the text; `name` where it was written. */
export interface Argument {
  readonly name?: string;
  readonly value: Literal;
}

class Reader {
  readonly #text: string;
  readonly #lines: boolean;

  constructor(text: string, lines: boolean) {
    this.#text = text;
    this.#lines = lines;
  }

  skip(at: number): number {
    let here = at;
    while (/\s/u.test(this.#text[here] ?? "")) here += 1;
    return here;
  }

  literal(from: number, level: number): Read<Literal> | undefined {
    if (level > MAX_LEVELS) return undefined;
    const at = this.skip(from);
    const first = this.#text[at] ?? "";
    if (first === "[") return this.#items(at, "]", "list", level);
    if (first === "(") return this.#items(at, ")", "tuple", level);
    if (first === "{") return this.#braces(at, level);
    if (QUOTES[first] !== undefined) return this.#string(at);
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(this.#text)?.[0];
    if (number !== undefined) return this.#number(at, number);
    return this.#word(at, level);
  }

  #number(at: number, raw: string): Read<Literal> | undefined {
    const dotEnds = raw.endsWith(".") && !/\d/u.test(this.#text[at + raw.length] ?? "");
    const shown = dotEnds ? raw.slice(0, -1) : raw;
    const end = at + shown.length;
    if (/[\p{L}_]/u.test(this.#text[end] ?? "")) return undefined;
    const text = shown.replaceAll("_", "").replace("−", "-").replace(/^\+/u, "");
    return {
      value: { kind: "number", text, fraction: /[.eE]/u.test(text) && !/^-?\d+e\d+$/iu.test(text) },
      start: at,
      end,
    };
  }

  #word(at: number, level: number): Read<Literal> | undefined {
    NAME.lastIndex = at;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) return undefined;
    const end = at + name.length;
    const value = WORDS.get(name);
    if (value !== undefined) return { value, start: at, end };
    if (/^[ruRU]$/u.test(name) && /["']/u.test(this.#text[end] ?? "")) {
      const read = this.#string(end);
      return read === undefined ? undefined : { ...read, start: at };
    }
    if (!/^(?:set|list|tuple|dict|frozenset|Set|Map)$/u.test(name) || this.#text[end] !== "(")
      return undefined;
    const inside = this.#items(end, ")", "tuple", level);
    return inside === undefined
      ? undefined
      : { value: called(name, inside.value), start: at, end: inside.end };
  }

  #items(at: number, close: string, kind: "list" | "tuple", level: number): Read<Literal> | undefined {
    const items: Literal[] = [];
    let here = this.skip(at + 1);
    let comma = false;
    while (this.#text[here] !== close) {
      const read = this.literal(here, level + 1);
      if (read === undefined) return undefined;
      items.push(read.value);
      here = this.skip(read.end);
      comma = this.#text[here] === ",";
      if (comma) here = this.skip(here + 1);
      else if (this.#text[here] !== close) return undefined;
    }
    // (5) is 5 in brackets, (5,) a tuple of one.
    const [only] = items;
    const value: Literal =
      kind === "tuple" && items.length === 1 && !comma && only !== undefined ? only : { kind, items };
    return { value, start: at, end: here + 1 };
  }

  #braces(at: number, level: number): Read<Literal> | undefined {
    const entries: [Literal, Literal][] = [];
    const items: Literal[] = [];
    let here = this.skip(at + 1);
    while (this.#text[here] !== "}") {
      const key = this.#key(here, level + 1);
      if (key === undefined) return undefined;
      here = this.skip(key.end);
      if (this.#text[here] === ":") {
        const value = this.literal(here + 1, level + 1);
        if (value === undefined) return undefined;
        entries.push([key.value, value.value]);
        here = this.skip(value.end);
      } else items.push(key.value);
      if (this.#text[here] === ",") here = this.skip(here + 1);
      else if (this.#text[here] !== "}") return undefined;
    }
    if (items.length > 0 && entries.length > 0) return undefined;
    const value: Literal = items.length > 0 ? { kind: "set", items } : { kind: "map", entries };
    return { value, start: at, end: here + 1 };
  }

  /** A key may be a bare name, as in JavaScript. */
  #key(at: number, level: number): Read<Literal> | undefined {
    const bare = /([\p{L}_$][\p{L}\p{N}_$]*)\s*:/uy;
    bare.lastIndex = at;
    const name = bare.exec(this.#text)?.[1];
    if (name === undefined || WORDS.has(name)) return this.literal(at, level);
    return { value: { kind: "string", value: name }, start: at, end: at + name.length };
  }

  #string(at: number): Read<Literal> | undefined {
    const text = this.#text;
    const close = QUOTES[text[at] ?? ""] ?? "";
    let value = "";
    // The limit keeps a text full of lone quotes from being read once for each of them.
    const limit = Math.min(text.length, at + LONGEST_STRING);
    for (let here = at + 1; here < limit; here += 1) {
      const unit = text[here] ?? "";
      if (unit === close) return { value: { kind: "string", value }, start: at, end: here + 1 };
      if (unit === "\n" && !this.#lines) return undefined;
      if (unit !== "\\") value += unit;
      else {
        const escaped = readEscape(text, here + 1);
        value += escaped.value;
        here = escaped.end - 1;
      }
    }
    return undefined;
  }
}

function readEscape(text: string, at: number): { value: string; end: number } {
  const unit = text[at] ?? "";
  const hex = /(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/uy;
  hex.lastIndex = at;
  const match = hex.exec(text);
  if (match !== null) {
    const code = Number.parseInt(match[1] ?? match[2] ?? match[3] ?? "", 16);
    const scalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return { value: scalar ? String.fromCodePoint(code) : "\ufffd", end: hex.lastIndex };
  }
  const named = ESCAPES[unit];
  if (named !== undefined) return { value: named, end: at + 1 };
  // Python keeps the backslash of an escape that it does not know.
  return { value: /["'\\/`]/u.test(unit) ? unit : `\\${unit}`, end: at + 1 };
}

function called(name: string, inside: Literal): Literal {
  const items =
    inside.kind === "tuple" || inside.kind === "list" || inside.kind === "set" ? inside.items : [];
  switch (name) {
    case "dict":
    case "Map":
      return { kind: "map", entries: inside.kind === "map" ? inside.entries : pairs(items) };
    case "list":
      return { kind: "list", items };
    case "tuple":
      return { kind: "tuple", items };
    default:
      return { kind: "set", items };
  }
}

function pairs(items: readonly Literal[]): [Literal, Literal][] {
  return items.flatMap((item) => {
    const [key, value] = "items" in item ? item.items : [];
    return key === undefined || value === undefined ? [] : [[key, value] as [Literal, Literal]];
  });
}

/** Equal for literals that mean the same value: 1 and 1.0, a list and a tuple of the same items. */
export function literalKey(literal: Literal): string {
  switch (literal.kind) {
    case "number":
      return String(Number(literal.text));
    case "string":
      return JSON.stringify(literal.value);
    case "null":
      return "null";
    case "bool":
      return String(literal.value);
    case "map":
      return `{${literal.entries
        .map(([key, value]) => `${literalKey(key)}:${literalKey(value)}`)
        .sort()
        .join()}}`;
    case "list":
    case "tuple":
    case "set":
      return `[${literal.items.map(literalKey).join()}]`;
    default:
      throw new Error(`unreachable: ${literal satisfies never}`);
  }
}

/** A JSON value as a literal. A whole number may stand for a float: JSON has lost what was written. */
export function literalFromJson(value: JsonValue): Literal {
  if (value === null) return { kind: "null" };
  if (typeof value === "boolean") return { kind: "bool", value };
  if (typeof value === "string") return { kind: "string", value };
  if (typeof value === "number") return numberLiteral(value);
  if (Array.isArray(value)) return { kind: "list", items: value.map(literalFromJson) };
  const entries = Object.entries(value).map(([key, held]): [Literal, Literal] => [
    { kind: "string", value: key },
    literalFromJson(held),
  ]);
  return { kind: "map", entries };
}

/** A number as a literal; NaN and the infinities are the strings that JSON has for them. */
export function numberLiteral(value: number): Literal {
  if (!Number.isFinite(value)) return { kind: "string", value: String(value) };
  return { kind: "number", text: String(value), fraction: !Number.isInteger(value) };
}
