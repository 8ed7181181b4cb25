import type { Expr, Local } from "#anrf/build/expr.ts";
import { INT, STRING, type Type, tupleOf } from "#anrf/program/type.ts";
import { parseSignature, type Signature } from "#anrf/std/signature.ts";
import { type Functions, runExpr } from "./evaluate.ts";
import { branch, call, int, lambda, ref, text } from "./express.ts";
import type { Weights } from "./guide.ts";
import { ERR, FALSE, INT_ZERO, type Store, TRUE } from "./intern.ts";
import { kernelOfValues, TRAP } from "./natives.ts";
import type { HigherKernel, Kernel } from "./production.ts";
import { field, replaceLocals } from "./rewrite.ts";

/** A shape that programs often have, with holes: textbook idioms as one production. */
export interface Sketch {
  readonly name: string;
  readonly signature: Signature;
  /** Bits under the weights; undefined: not offered. */
  readonly cost: (weights: Weights) => number | undefined;
  /** The meaning of one with a lambda; the others mean what they build. */
  readonly higher: ((store: Store) => HigherKernel) | undefined;
  readonly build: (args: readonly Expr[], result: Type) => Expr;
}

/** Steps of one run of a sketch: a loop over a large number counts as a trap. */
const SKETCH_STEPS = 600;

/** The kernel of a sketch without a lambda: what its expression means. */
export function sketchKernel(store: Store, sketch: Sketch, params: readonly Type[], result: Type): Kernel {
  return expressionKernel(store, (args) => sketch.build(args, result), params, result);
}

/** The kernel that an expression over operands means. */
export function expressionKernel(
  store: Store,
  build: (args: readonly Expr[]) => Expr,
  params: readonly Type[],
  result: Type,
  functions?: Functions,
): Kernel {
  const locals = params.map((type, i): Local => ({ name: `p${i}`, type }));
  const body = build(locals.map(ref));
  return kernelOfValues(
    store,
    (...args) => {
      const env = new Map(locals.map((local, i) => [local, args[i] ?? null]));
      const found = runExpr(body, env, SKETCH_STEPS, functions);
      if (found === undefined) throw TRAP;
      return found;
    },
    params.length,
    result,
  );
}

/** The operand at a place. */
export function at(args: readonly Expr[], index: number): Expr {
  const arg = args[index];
  if (arg === undefined) throw new Error(`a sketch has no operand ${index}`);
  return arg;
}

/** A sum. */
export const add = (a: Expr, b: Expr): Expr => call("int.add", [a, b]);
/** A difference. */
export const sub = (a: Expr, b: Expr): Expr => call("int.sub", [a, b]);
const isZero = (a: Expr): Expr => call("eq", [a, int(0)]);

/** A cost that falls where words speak of a builtin of the sketch. */
export function led(base: number, ...ids: readonly string[]): (weights: Weights) => number {
  return (weights) => {
    const hint = Math.max(...ids.map((id) => weights.hint(id)));
    return Math.max(3, Math.round(base + (weights.isLed ? 1 : 0) - hint * 4));
  };
}

/** Offered only where words speak of all these builtins. */
export function onlyLed(base: number, ...ids: readonly string[]): (weights: Weights) => number | undefined {
  return (weights) => (ids.every((id) => weights.hint(id) >= 0.3) ? led(base, ...ids)(weights) : undefined);
}

/** A sketch without a lambda. */
export function plain(name: string, signature: string, cost: Sketch["cost"], build: Sketch["build"]): Sketch {
  return { name, signature: parseSignature(signature), cost, higher: undefined, build };
}

function higher(
  name: string,
  signature: string,
  cost: Sketch["cost"],
  kernel: (store: Store) => HigherKernel,
  build: Sketch["build"],
): Sketch {
  return { name, signature: parseSignature(signature), cost, higher: kernel, build };
}

/** So many percent of a number, rounded down. */
export const percent = (x: Expr, share: Expr): Expr =>
  call("int.div_floor", [call("int.mul", [x, share]), int(100)]);

/** A literal sum where both sides are literals: `100 - 10` is 90. */
function folded(id: "int.add" | "int.sub", left: number, right: Expr): Expr {
  if (right.kind === "literal" && typeof right.value === "number") {
    return int(id === "int.add" ? left + right.value : left - right.value);
  }
  return call(id, [int(left), right]);
}

/** Even and odd are words of their own: where others speak, a remainder meant in passing does not make them cheap. */
function parity(weights: Weights): number {
  const hint = weights.hint("int.mod_floor");
  return hint >= 0.7 || !weights.isLed ? led(5, "int.mod_floor")(weights) : 8;
}

const NUMBERS: readonly Sketch[] = [
  plain("even", "(int) -> bool", parity, (args) => isZero(call("int.mod_floor", [at(args, 0), int(2)]))),
  plain("odd", "(int) -> bool", parity, (args) =>
    call("eq", [call("int.mod_floor", [at(args, 0), int(2)]), int(1)]),
  ),
  plain("divisible", "(int, int) -> bool", led(5, "int.mod_floor"), (args) =>
    isZero(call("int.mod_floor", [at(args, 0), at(args, 1)])),
  ),
  plain("between", "(int, int, int) -> bool", led(6, "le", "lt"), (args) =>
    call("bool.and", [call("ge", [at(args, 0), at(args, 1)]), call("le", [at(args, 0), at(args, 2)])]),
  ),
  plain("clamp", "(int, int, int) -> int", led(7, "min", "max"), (args) =>
    call("max", [at(args, 1), call("min", [at(args, 0), at(args, 2)])]),
  ),
  plain("percent", "(int, int) -> int", onlyLed(6, "int.div_floor", "int.mul"), (args) =>
    percent(at(args, 0), at(args, 1)),
  ),
  plain("less_percent", "(int, int) -> int", onlyLed(7, "int.div_floor", "int.mul"), (args) =>
    percent(at(args, 0), folded("int.sub", 100, at(args, 1))),
  ),
  plain("plus_percent", "(int, int) -> int", onlyLed(7, "int.div_floor", "int.mul"), (args) =>
    percent(at(args, 0), folded("int.add", 100, at(args, 1))),
  ),
  plain("div_ceil", "(int, int) -> int", led(8, "float.ceil", "int.div_floor"), (args) =>
    call("int.div_floor", [sub(add(at(args, 0), at(args, 1)), int(1)), at(args, 1)]),
  ),
  plain("one_to", "(int) -> list<int>", led(6, "list.range"), (args) =>
    call("list.range", [int(1), add(at(args, 0), int(1))]),
  ),
  plain("divisors", "(int) -> list<int>", led(9, "list.range"), (args) => divisors(at(args, 0))),
  plain("is_prime", "(int) -> bool", onlyLed(9, "list.range", "int.isqrt"), (args) => isPrime(at(args, 0))),
  plain("mean", "(list<int>) -> float", led(8, "float.div", "list.sum_int"), (args) =>
    call("float.div", [
      call("int.to_float", [call("list.sum_int", [at(args, 0)])]),
      call("int.to_float", [call("list.length", [at(args, 0)])]),
    ]),
  ),
  plain("mean_float", "(list<float>) -> float", led(7, "float.div", "list.sum_float"), (args) =>
    call("float.div", [
      call("list.sum_float", [at(args, 0)]),
      call("int.to_float", [call("list.length", [at(args, 0)])]),
    ]),
  ),
  plain("ratio", "(int, int) -> float", led(6, "float.div", "int.to_float"), (args) =>
    call("float.div", [call("int.to_float", [at(args, 0)]), call("int.to_float", [at(args, 1)])]),
  ),
  plain("padded", "(int, int) -> string", onlyLed(6, "string.pad_start"), (args) =>
    call("string.pad_start", [call("int.to_string", [at(args, 0)]), at(args, 1), text("0")]),
  ),
];

function divisors(n: Expr): Expr {
  const d: Local = { name: "d", type: INT };
  const divides = isZero(call("int.mod_floor", [n, ref(d)]));
  return call("list.filter", [call("list.range", [int(1), add(n, int(1))]), lambda([d], divides)]);
}

function isPrime(n: Expr): Expr {
  const d: Local = { name: "d", type: INT };
  const indivisible = call("ne", [call("int.mod_floor", [n, ref(d)]), int(0)]);
  const range = call("list.range", [int(2), add(call("int.isqrt", [call("max", [n, int(0)])]), int(1))]);
  return call("bool.and", [call("ge", [n, int(2)]), call("list.all", [range, lambda([d], indivisible)])]);
}

const TEXTS: readonly Sketch[] = [
  plain("acronym", "(string) -> string", led(9, "string.split", "string.split_whitespace"), (args) => {
    const word: Local = { name: "word", type: STRING };
    const first = lambda([word], call("string.take", [ref(word), int(1)]));
    return call("string.join", [
      call("list.map", [call("string.split_whitespace", [at(args, 0)]), first]),
      text(""),
    ]);
  }),
  plain("is_palindrome", "(string) -> bool", led(8, "string.reverse"), (args) =>
    call("eq", [at(args, 0), call("string.reverse", [at(args, 0)])]),
  ),
];

const LISTS: readonly Sketch[] = [
  plain("mode", "<a: key>(list<a>) -> a", onlyLed(8, "list.tally"), ([xs], type) =>
    call("option.unwrap", [mode(xs as Expr, type)]),
  ),
  plain("mode_option", "<a: key>(list<a>) -> option<a>", onlyLed(8, "list.tally"), ([xs], type) =>
    mode(xs as Expr, type.kind === "option" ? type.item : type),
  ),
  plain("duplicates", "<a: key>(list<a>) -> list<a>", led(9, "list.tally", "list.distinct"), ([xs]) =>
    repeated(xs as Expr),
  ),
  plain(
    "sum_by_key",
    "<k: key>(list<(k, int)>) -> map<k, int>",
    led(8, "list.group_by", "list.sum_int"),
    (args, type) => sumByKey(at(args, 0), type),
  ),
  plain("is_sorted", "(list<int>) -> bool", led(8, "list.sort", "lt", "le"), (args) =>
    call("eq", [at(args, 0), call("list.sort", [at(args, 0)])]),
  ),
  plain("swap_ends", "<a>(list<a>) -> list<a>", led(9, "list.swap"), (args) =>
    call("list.swap", [at(args, 0), int(0), sub(call("list.length", [at(args, 0)]), int(1))]),
  ),
  plain("init", "<a>(list<a>) -> list<a>", led(5, "list.take", "list.drop"), (args) =>
    call("list.take", [at(args, 0), sub(call("list.length", [at(args, 0)]), int(1))]),
  ),
  plain("take_end", "<a>(list<a>, int) -> list<a>", led(6, "list.take", "list.drop"), (args) =>
    call("list.drop", [at(args, 0), sub(call("list.length", [at(args, 0)]), at(args, 1))]),
  ),
  plain("from_end", "<a>(list<a>, int) -> a", led(6, "list.get", "list.last"), (args) =>
    call("list.get", [at(args, 0), sub(call("list.length", [at(args, 0)]), at(args, 1))]),
  ),
];

function mode(xs: Expr, item: Type): Expr {
  const entry: Local = { name: "entry", type: tupleOf([item, INT]) };
  const best = call("list.max_by", [
    call("map.entries", [call("list.tally", [xs])]),
    lambda([entry], field(ref(entry), 1)),
  ]);
  return call("option.map", [best, lambda([entry], field(ref(entry), 0))]);
}

function repeated(xs: Expr): Expr {
  const item = xs.type.kind === "list" ? xs.type.item : xs.type;
  const x: Local = { name: "x", type: item };
  const y: Local = { name: "y", type: item };
  const count = call("list.count", [xs, lambda([y], call("eq", [ref(y), ref(x)]))]);
  return call("list.filter", [call("list.distinct", [xs]), lambda([x], call("gt", [count, int(1)]))]);
}

function sumByKey(rows: Expr, type: Type): Expr {
  const item = rows.type.kind === "list" ? rows.type.item : rows.type;
  const acc: Local = { name: "acc", type };
  const row: Local = { name: "row", type: item };
  const key = field(ref(row), 0);
  const sum = add(call("map.get_or", [ref(acc), key, int(0)]), field(ref(row), 1));
  return call(
    "list.fold",
    [rows, { kind: "map", items: [], type }, lambda([acc, row], call("map.put", [ref(acc), key, sum]))],
    type,
  );
}

/** The lambda over two values as a lambda over their pair. */
function overPair(f: Expr, first: Type, second: Type): Expr {
  if (f.kind !== "lambda") throw new Error("a sketch needs a lambda");
  const pair: Local = { name: "pair", type: tupleOf([first, second]) };
  const [a, b] = f.params;
  const parts = new Map<Local, Expr>();
  if (a !== undefined) parts.set(a, field(ref(pair), 0));
  if (b !== undefined) parts.set(b, field(ref(pair), 1));
  return lambda([pair], replaceLocals(f.body, parts));
}

function itemOf(list: Expr): Type {
  return list.type.kind === "list" ? list.type.item : list.type;
}

const neighbours = (xs: Expr): Expr => call("list.zip", [xs, call("list.drop", [xs, int(1)])]);

/** The results of a lambda on neighbours; ERR where it traps. */
function onNeighbours(
  store: Store,
  f: (x: number, y: number) => number,
  list: number,
): Int32Array | undefined {
  const items = store.items(list);
  const results = new Int32Array(Math.max(0, items.length - 1));
  for (let i = 0; i + 1 < items.length; i++) {
    const result = f(items[i] as number, items[i + 1] as number);
    if (result === ERR) return undefined;
    results[i] = result;
  }
  return results;
}

const HIGHER: readonly Sketch[] = [
  higher(
    "neighbours.map",
    "<a, b>(list<a>, (a, a) -> b) -> list<b>",
    led(8, "list.windows", "list.zip"),
    (store) => (f, xs) => {
      const results = onNeighbours(store, f, xs);
      return results === undefined ? ERR : store.list(results);
    },
    (args) =>
      call("list.map", [
        neighbours(at(args, 0)),
        overPair(at(args, 1), itemOf(at(args, 0)), itemOf(at(args, 0))),
      ]),
  ),
  higher(
    "neighbours.all",
    "<a>(list<a>, (a, a) -> bool) -> bool",
    led(8, "list.windows", "list.zip"),
    (store) => (f, xs) => {
      const results = onNeighbours(store, f, xs);
      return results === undefined ? ERR : results.every((one) => one === TRUE) ? TRUE : FALSE;
    },
    (args) =>
      call("list.all", [
        neighbours(at(args, 0)),
        overPair(at(args, 1), itemOf(at(args, 0)), itemOf(at(args, 0))),
      ]),
  ),
  higher(
    "neighbours.count",
    "<a>(list<a>, (a, a) -> bool) -> int",
    led(9, "list.windows", "list.zip"),
    (store) => (f, xs) => {
      const results = onNeighbours(store, f, xs);
      return results === undefined
        ? ERR
        : INT_ZERO + results.reduce((sum, one) => sum + (one === TRUE ? 1 : 0), 0);
    },
    (args) =>
      call("list.count", [
        neighbours(at(args, 0)),
        overPair(at(args, 1), itemOf(at(args, 0)), itemOf(at(args, 0))),
      ]),
  ),
  higher(
    "zip.map",
    "<a, b, c>(list<a>, list<b>, (a, b) -> c) -> list<c>",
    led(7, "list.zip"),
    (store) => (f, xs, ys) => {
      const left = store.items(xs);
      const right = store.items(ys);
      const results: number[] = [];
      for (let i = 0; i < Math.min(left.length, right.length); i++)
        results.push(f(left[i] as number, right[i] as number));
      return store.list(results);
    },
    (args) =>
      call("list.map", [
        call("list.zip", [at(args, 0), at(args, 1)]),
        overPair(at(args, 2), itemOf(at(args, 0)), itemOf(at(args, 1))),
      ]),
  ),
  higher(
    "words.map",
    "(string, (string) -> string) -> string",
    led(8, "string.split", "string.split_whitespace", "string.join"),
    (store) => (f, whole) => {
      const made = String(store.value(whole))
        .split(" ")
        .map((word) => f(store.string(word), -1));
      if (made.includes(ERR)) return ERR;
      return store.string(made.map((id) => String(store.value(id))).join(" "));
    },
    (args) =>
      call("string.join", [
        call("list.map", [call("string.split", [at(args, 0), text(" ")]), at(args, 1)]),
        text(" "),
      ]),
  ),
  higher(
    "repeat",
    "<s>(int, s, (s) -> s) -> s",
    led(9, "list.fold", "list.scan"),
    (store) => (f, count, start) => {
      const times = Number(store.value(count));
      if (times > 256) return ERR;
      let state = start;
      for (let i = 0; i < times && state !== ERR; i++) state = f(state, -1);
      return state;
    },
    (args, type) => {
      const f = at(args, 2);
      if (f.kind !== "lambda") throw new Error("a sketch needs a lambda");
      const body = lambda([...f.params, { name: "_", type: INT }], f.body);
      return call("list.fold", [call("list.range", [int(0), at(args, 0)]), at(args, 1), body], type);
    },
  ),
  higher(
    "longest_run",
    "<a>(list<a>, (a) -> bool) -> int",
    led(9, "list.fold", "list.scan"),
    (store) => (f, xs) => {
      let best = 0;
      let run = 0;
      for (const item of store.items(xs)) {
        const holds = f(item, -1);
        if (holds === ERR) return ERR;
        run = holds === TRUE ? run + 1 : 0;
        best = Math.max(best, run);
      }
      return INT_ZERO + best;
    },
    (args) => longestRun(at(args, 0), at(args, 1)),
  ),
];

function longestRun(xs: Expr, f: Expr): Expr {
  if (f.kind !== "lambda") throw new Error("a sketch needs a lambda");
  const state = tupleOf([INT, INT]);
  const acc: Local = { name: "runs", type: state };
  const longer = add(field(ref(acc), 1), int(1));
  const grown: Expr = {
    kind: "tuple",
    items: [call("max", [field(ref(acc), 0), longer]), longer],
    type: state,
  };
  const ended: Expr = { kind: "tuple", items: [field(ref(acc), 0), int(0)], type: state };
  const step = lambda([acc, ...f.params], branch(f.body, grown, ended));
  const start: Expr = { kind: "tuple", items: [int(0), int(0)], type: state };
  return field(call("list.fold", [xs, start, step], state), 0);
}

/** All sketches. */
export const SKETCHES: readonly Sketch[] = [...NUMBERS, ...TEXTS, ...LISTS, ...HIGHER];
