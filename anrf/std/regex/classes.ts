import {
  anyOf,
  type CharSet,
  eitherCase,
  namedSet,
  noneOf,
  type Pattern,
  PatternProblem,
  rangeSet,
  unicodeSet,
} from "./syntax.ts";

/** A place in a pattern that reading moves on. */
export interface Reader {
  /** The whole pattern. */
  readonly text: string;
  /** The next UTF-16 offset. */
  at: number;
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Reads what `\` begins outside a class: an assertion, a class or a character. */
export function readEscape(reader: Reader, ignoresCase: boolean): Pattern {
  switch (reader.text[reader.at + 1]) {
    case "A":
      return assertion(reader, "start");
    case "z":
      return assertion(reader, "end");
    case "b":
      return assertion(reader, "boundary");
    case "B":
      return assertion(reader, "no_boundary");
    default: {
      const set = readClassEscape(reader) ?? pointSet(readCharacter(reader));
      return { kind: "set", set: ignoresCase ? eitherCase(set) : set };
    }
  }
}

/** Reads `[…]`. Case is folded before `^` turns the class over. */
export function readClass(reader: Reader, ignoresCase: boolean): CharSet {
  const start = reader.at++;
  const isNegated = reader.text[reader.at] === "^";
  if (isNegated) reader.at++;
  const sets: CharSet[] = [];
  do {
    if (reader.at >= reader.text.length) throw new PatternProblem('"[" is not closed', start);
    sets.push(readPosixClass(reader) ?? readClassEscape(reader) ?? readRange(reader));
  } while (reader.text[reader.at] !== "]");
  reader.at++;
  const set = ignoresCase ? eitherCase(anyOf(sets)) : anyOf(sets);
  return isNegated ? noneOf(set) : set;
}

function assertion(reader: Reader, which: "start" | "end" | "boundary" | "no_boundary"): Pattern {
  reader.at += 2;
  return { kind: "assertion", assertion: which };
}

function pointSet(code: number): CharSet {
  return rangeSet(code, code);
}

/** `[:alpha:]`, `[:^alpha:]`. */
function readPosixClass(reader: Reader): CharSet | undefined {
  const found = /^\[:(\^?)([a-z]+):\]/.exec(reader.text.slice(reader.at, reader.at + 16));
  if (found === null) return undefined;
  const [whole, negation, name = ""] = found;
  const set = name.length > 1 ? namedSet(name) : undefined;
  if (set === undefined) throw new PatternProblem(`unknown class "${whole}"`, reader.at);
  reader.at += whole.length;
  return negation === "^" ? noneOf(set) : set;
}

/** `\d`, `\W`, `\pL`, `\p{Greek}`, `\P{^Lu}`. */
function readClassEscape(reader: Reader): CharSet | undefined {
  const found = /^\\(?:([dwsDWS])|([pP])(?:\{(\^?)([A-Za-z_]+)\}|([A-Z])))/.exec(
    reader.text.slice(reader.at, reader.at + 60),
  );
  if (found === null) return undefined;
  const [whole, ascii, property, negation, long, short] = found;
  const name = long ?? short ?? "";
  const set = ascii === undefined ? unicodeSet(name) : namedSet(ascii.toLowerCase());
  if (set === undefined) throw new PatternProblem(`unknown category or script "${name}"`, reader.at);
  reader.at += whole.length;
  const isNegated = ascii === undefined ? (property === "P") !== (negation === "^") : ascii < "a";
  return isNegated ? noneOf(set) : set;
}

function readRange(reader: Reader): CharSet {
  const start = reader.at;
  const low = readCharacter(reader);
  if (reader.text[reader.at] !== "-" || reader.text[reader.at + 1] === "]") return pointSet(low);
  reader.at++;
  if (reader.at >= reader.text.length) throw new PatternProblem("the range of a class is not closed", start);
  const high = readCharacter(reader);
  if (high < low)
    throw new PatternProblem("a range of a class goes from the lower to the higher character", start);
  return rangeSet(low, high);
}

/** One character, plain or escaped. */
function readCharacter(reader: Reader): number {
  const { text, at } = reader;
  if (text[at] !== "\\") {
    const code = text.codePointAt(at) ?? 0;
    reader.at += code > 0xffff ? 2 : 1;
    return code;
  }
  const hex = /^\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/.exec(text.slice(at, at + 12));
  const octal = /^\\(0[0-7]{0,2}|[1-7][0-7]{2})/.exec(text.slice(at, at + 4));
  const next = text.charAt(at + 1);
  if (hex !== null) return moved(reader, hex[0].length, Number.parseInt(hex[1] ?? hex[2] ?? "0", 16));
  if (octal !== null) return moved(reader, octal[0].length, Number.parseInt(octal[1] ?? "0", 8));
  if (Object.hasOwn(CONTROLS, next)) return moved(reader, 2, CONTROLS[next] ?? 0);
  if (/^[!-/:-@[-`{-~]$/.test(next)) return moved(reader, 2, next.charCodeAt(0));
  if (next === "") throw new PatternProblem('"\\" ends the pattern', at);
  throw new PatternProblem(
    `"\\${next}" means nothing here${/[1-9]/.test(next) ? ": back references are not known" : ""}`,
    at,
  );
}

function moved(reader: Reader, length: number, code: number): number {
  if (code > 0x10ffff) throw new PatternProblem("a code point ends at 10FFFF", reader.at);
  reader.at += length;
  return code;
}
