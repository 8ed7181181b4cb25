import { otherCases } from "./folding.ts";

/** A set of code points. */
export type CharSet = (code: number) => boolean;

/** What holds between two characters. */
export type Assertion = "start" | "end" | "line_start" | "line_end" | "boundary" | "no_boundary";

/** A pattern as a tree. */
export type Pattern =
  | { readonly kind: "set"; readonly set: CharSet }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Pattern[] }
  | { readonly kind: "group"; readonly index: number; readonly body: Pattern }
  | {
      readonly kind: "repeat";
      readonly body: Pattern;
      readonly min: number;
      readonly max: number;
      readonly isGreedy: boolean;
    };

/** Why a text is no pattern, and at which UTF-16 offset. */
export class PatternProblem {
  /** What is wrong, lower case. */
  readonly message: string;
  /** Where. */
  readonly at: number;

  /** A problem at a place. */
  constructor(message: string, at: number) {
    this.message = message;
    this.at = at;
  }
}

const RANGES_BY_CLASS: Readonly<Record<string, string>> = {
  d: "09",
  w: "09AZ__az",
  s: "\t\n\f\r  ",
  alnum: "09AZaz",
  alpha: "AZaz",
  ascii: "\u0000\u007f",
  blank: "\t\t  ",
  cntrl: "\u0000\u001f\u007f\u007f",
  digit: "09",
  graph: "!~",
  lower: "az",
  print: " ~",
  punct: "!/:@[`{~",
  space: "\t\r  ",
  upper: "AZ",
  word: "09AZ__az",
  xdigit: "09AFaf",
};

/** The ASCII class of that name (`d`, `w`, `s`, `alpha`, …), or undefined. */
export function namedSet(name: string): CharSet | undefined {
  const pairs = Object.hasOwn(RANGES_BY_CLASS, name) ? RANGES_BY_CLASS[name] : undefined;
  if (pairs === undefined) return undefined;
  const ranges: CharSet[] = [];
  for (let i = 0; i < pairs.length; i += 2)
    ranges.push(rangeSet(pairs.charCodeAt(i), pairs.charCodeAt(i + 1)));
  return anyOf(ranges);
}

/** The Unicode general category or script of that name (`L`, `Lu`, `Greek`), or undefined. */
export function unicodeSet(name: string): CharSet | undefined {
  if (!/^[A-Za-z_]+$/.test(name)) return undefined;
  for (const property of [`General_Category=${name}`, `Script=${name}`]) {
    try {
      const test = new RegExp(`^\\p{${property}}$`, "u");
      return (code) => test.test(String.fromCodePoint(code));
    } catch {
      // Not a name of this property: the next is tried.
    }
  }
  return undefined;
}

/** The code points from one to another. */
export function rangeSet(low: number, high: number): CharSet {
  return low === high ? (code) => code === low : (code) => code >= low && code <= high;
}

/** The code points of at least one of the sets. */
export function anyOf(sets: readonly CharSet[]): CharSet {
  const [first, second] = sets;
  if (first !== undefined && second === undefined) return first;
  return (code) => {
    for (const set of sets) if (set(code)) return true;
    return false;
  };
}

/** All others. */
export function noneOf(set: CharSet): CharSet {
  return (code) => !set(code);
}

/** The set, and the other cases of what is in it. */
export function eitherCase(set: CharSet): CharSet {
  return (code) => set(code) || otherCases(code).some(set);
}
