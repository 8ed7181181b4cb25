import type { NaiveValue } from "./naive.ts";

/** One operator of the rival; `apply` gives undefined where it has no value. */
export interface Operator {
  readonly name: string;
  readonly params: readonly string[];
  readonly result: string;
  readonly apply: (...args: never[]) => NaiveValue | undefined;
}

type Ints = readonly number[];
type Texts = readonly string[];

const INT = "int";
const TEXT = "string";
const BOOL = "bool";
const INTS = "list<int>";
const TEXTS = "list<string>";
const BOOLS = "list<bool>";

function op(name: string, params: readonly string[], result: string, apply: Operator["apply"]): Operator {
  return { name, params, result, apply };
}

const ints: readonly Operator[] = [
  op("add", [INT, INT], INT, (a: number, b: number) => a + b),
  op("sub", [INT, INT], INT, (a: number, b: number) => a - b),
  op("mul", [INT, INT], INT, (a: number, b: number) => a * b),
  op("div", [INT, INT], INT, (a: number, b: number) => (b === 0 ? undefined : Math.floor(a / b))),
  op("mod", [INT, INT], INT, (a: number, b: number) => (b === 0 ? undefined : a - b * Math.floor(a / b))),
  op("min", [INT, INT], INT, (a: number, b: number) => Math.min(a, b)),
  op("max", [INT, INT], INT, (a: number, b: number) => Math.max(a, b)),
  op("eq", [INT, INT], BOOL, (a: number, b: number) => a === b),
  op("lt", [INT, INT], BOOL, (a: number, b: number) => a < b),
  op("not", [BOOL], BOOL, (a: boolean) => !a),
  op("and", [BOOL, BOOL], BOOL, (a: boolean, b: boolean) => a && b),
  op("or", [BOOL, BOOL], BOOL, (a: boolean, b: boolean) => a || b),
];

const texts: readonly Operator[] = [
  op("concat", [TEXT, TEXT], TEXT, (a: string, b: string) => a + b),
  op("slice", [TEXT, INT, INT], TEXT, (s: string, a: number, b: number) =>
    a < 0 || b < a ? undefined : s.slice(a, b),
  ),
  op("at", [TEXT, INT], TEXT, (s: string, i: number) => s[i]),
  op("upper", [TEXT], TEXT, (s: string) => s.toUpperCase()),
  op("lower", [TEXT], TEXT, (s: string) => s.toLowerCase()),
  op("trim", [TEXT], TEXT, (s: string) => s.trim()),
  op("replaceAll", [TEXT, TEXT, TEXT], TEXT, (s: string, a: string, b: string) =>
    a === "" ? undefined : s.replaceAll(a, b),
  ),
  op("replaceFirst", [TEXT, TEXT, TEXT], TEXT, (s: string, a: string, b: string) =>
    a === "" ? undefined : s.replace(a, () => b),
  ),
  op("fromInt", [INT], TEXT, (n: number) => String(n)),
  op("toInt", [TEXT], INT, (s: string) => (/^[+-]?[0-9]+$/.test(s) ? Number(s) : undefined)),
  op("length", [TEXT], INT, (s: string) => s.length),
  op("indexOf", [TEXT, TEXT], INT, (s: string, t: string) => present(s.indexOf(t))),
  op("indexFrom", [TEXT, TEXT, INT], INT, (s: string, t: string, i: number) => present(s.indexOf(t, i))),
  op("lastIndex", [TEXT, TEXT], INT, (s: string, t: string) => present(s.lastIndexOf(t))),
  op("contains", [TEXT, TEXT], BOOL, (s: string, t: string) => s.includes(t)),
  op("startsWith", [TEXT, TEXT], BOOL, (s: string, t: string) => s.startsWith(t)),
  op("endsWith", [TEXT, TEXT], BOOL, (s: string, t: string) => s.endsWith(t)),
  op("split", [TEXT, TEXT], TEXTS, (s: string, t: string) => (t === "" ? undefined : s.split(t))),
  op("join", [TEXTS, TEXT], TEXT, (xs: Texts, t: string) => xs.join(t)),
  op("textAt", [TEXTS, INT], TEXT, (xs: Texts, i: number) => xs[i]),
  op("textCount", [TEXTS], INT, (xs: Texts) => xs.length),
];

const lists: readonly Operator[] = [
  op("get", [INTS, INT], INT, (xs: Ints, i: number) => xs[i]),
  op("last", [INTS], INT, (xs: Ints) => xs.at(-1)),
  op("count", [INTS], INT, (xs: Ints) => xs.length),
  op("sum", [INTS], INT, (xs: Ints) => xs.reduce((a, b) => a + b, 0)),
  op("least", [INTS], INT, (xs: Ints) => (xs.length > 0 ? Math.min(...xs) : undefined)),
  op("greatest", [INTS], INT, (xs: Ints) => (xs.length > 0 ? Math.max(...xs) : undefined)),
  op("position", [INTS, INT], INT, (xs: Ints, x: number) => present(xs.indexOf(x))),
  op("occurrences", [INTS, INT], INT, (xs: Ints, x: number) => xs.filter((y) => y === x).length),
  op("has", [INTS, INT], BOOL, (xs: Ints, x: number) => xs.includes(x)),
  op("single", [INT], INTS, (x: number) => [x]),
  op("repeat", [INT, INT], INTS, (x: number, n: number) => (n < 0 || n > 64 ? undefined : Array(n).fill(x))),
  op("range", [INT, INT], INTS, (a: number, b: number) => (b < a || b - a > 64 ? undefined : upTo(a, b))),
  op("append", [INTS, INTS], INTS, (xs: Ints, ys: Ints) => [...xs, ...ys]),
  op("take", [INTS, INT], INTS, (xs: Ints, n: number) => (n < 0 ? undefined : xs.slice(0, n))),
  op("drop", [INTS, INT], INTS, (xs: Ints, n: number) => (n < 0 ? undefined : xs.slice(n))),
  op("reverse", [INTS], INTS, (xs: Ints) => [...xs].reverse()),
  op("sort", [INTS], INTS, (xs: Ints) => [...xs].sort((a, b) => a - b)),
  op("distinct", [INTS], INTS, (xs: Ints) => [...new Set(xs)]),
  op("without", [INTS, INT], INTS, (xs: Ints, x: number) => xs.filter((y) => y !== x)),
  op("set", [INTS, INT, INT], INTS, (xs: Ints, i: number, x: number) =>
    i in xs ? xs.with(i, x) : undefined,
  ),
  op("addEach", [INTS, INT], INTS, (xs: Ints, n: number) => xs.map((x) => x + n)),
  op("timesEach", [INTS, INT], INTS, (xs: Ints, n: number) => xs.map((x) => x * n)),
  op("modEach", [INTS, INT], INTS, (xs: Ints, n: number) =>
    n < 1 ? undefined : xs.map((x) => ((x % n) + n) % n),
  ),
  op("above", [INTS, INT], INTS, (xs: Ints, n: number) => xs.filter((x) => x > n)),
  op("below", [INTS, INT], INTS, (xs: Ints, n: number) => xs.filter((x) => x < n)),
  op("evens", [INTS], INTS, (xs: Ints) => xs.filter((x) => x % 2 === 0)),
  op("odds", [INTS], INTS, (xs: Ints) => xs.filter((x) => x % 2 !== 0)),
  op("addPairs", [INTS, INTS], INTS, (xs: Ints, ys: Ints) =>
    xs.slice(0, ys.length).map((x, i) => x + (ys[i] ?? 0)),
  ),
  op("running", [INTS], INTS, (xs: Ints) => xs.map((_, i) => xs.slice(0, i + 1).reduce((a, b) => a + b, 0))),
  op("isAbove", [INTS, INT], BOOLS, (xs: Ints, n: number) => xs.map((x) => x > n)),
  op("isEach", [INTS, INT], BOOLS, (xs: Ints, n: number) => xs.map((x) => x === n)),
];

/** The fixed operators of the rival: ints, strings and int lists. */
export const OPERATORS: readonly Operator[] = [...ints, ...texts, ...lists];

function present(index: number): number | undefined {
  return index < 0 ? undefined : index;
}

function upTo(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
