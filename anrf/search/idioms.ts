import type { Expr, Local } from "#anrf/build/expr.ts";
import { INT, STRING, type Type, tupleOf } from "#anrf/program/type.ts";
import { call, int, lambda, ref, text } from "./express.ts";
import { field } from "./rewrite.ts";
import { add, at, led, onlyLed, percent, plain, type Sketch, sub } from "./sketch.ts";

const length = (xs: Expr): Expr => call("list.length", [xs]);
const times = (a: Expr, b: Expr): Expr => call("int.mul", [a, b]);
const whole = (a: Expr, b: Expr): Expr => call("int.div_floor", [a, b]);

function itemOf(list: Expr): Type {
  return list.type.kind === "list" ? list.type.item : list.type;
}

/** A map over the items of a list. */
function mapped(xs: Expr, body: (item: Expr) => Expr): Expr {
  const item: Local = { name: "item", type: itemOf(xs) };
  return call("list.map", [xs, lambda([item], body(ref(item)))]);
}

const NUMBERS: readonly Sketch[] = [
  plain("excess", "(int, int) -> int", led(6, "max", "int.sub"), (args) =>
    call("max", [int(0), sub(at(args, 0), at(args, 1))]),
  ),
  plain("distance", "(int, int) -> int", led(7, "int.abs"), (args) =>
    call("int.abs", [sub(at(args, 0), at(args, 1))]),
  ),
  plain("multiple_below", "(int, int) -> int", led(8, "int.div_floor", "int.mod_floor"), (args) =>
    times(whole(at(args, 0), at(args, 1)), at(args, 1)),
  ),
  plain("multiple_above", "(int, int) -> int", led(9, "int.div_floor", "float.ceil"), (args) =>
    times(whole(sub(add(at(args, 0), at(args, 1)), int(1)), at(args, 1)), at(args, 1)),
  ),
  plain("square", "(int) -> int", led(5, "int.mul", "int.pow"), (args) => times(at(args, 0), at(args, 0))),
  plain("growth", "(int, int, int) -> int", onlyLed(10, "int.div_floor", "int.mul"), compound("int.add")),
  plain("decay", "(int, int, int) -> int", onlyLed(11, "int.div_floor", "int.mul"), compound("int.sub")),
  plain("common_multiple", "(int, int) -> int", onlyLed(7, "int.gcd"), (args) =>
    whole(times(at(args, 0), at(args, 1)), call("int.gcd", [at(args, 0), at(args, 1)])),
  ),
];

/** So many times a share of what there is by then, rounded down each time. */
function compound(by: "int.add" | "int.sub"): Sketch["build"] {
  return (args) => {
    const sum: Local = { name: "sum", type: INT };
    const step: Local = { name: "_", type: INT };
    const grown = call(by, [ref(sum), percent(ref(sum), at(args, 1))]);
    const range = call("list.range", [int(0), at(args, 2)]);
    return call("list.fold", [range, at(args, 0), lambda([sum, step], grown)], INT);
  };
}

const LISTS: readonly Sketch[] = [
  plain(
    "first_column",
    "<a, b>(list<(a, b)>) -> list<a>",
    () => 3,
    (args) => mapped(at(args, 0), (row) => field(row, 0)),
  ),
  plain(
    "second_column",
    "<a, b>(list<(a, b)>) -> list<b>",
    () => 3,
    (args) => mapped(at(args, 0), (row) => field(row, 1)),
  ),
  plain("sum_of_products", "(list<(int, int)>) -> int", led(7, "list.sum_int", "int.mul"), (args) =>
    call("list.sum_int", [mapped(at(args, 0), (row) => times(field(row, 0), field(row, 1)))]),
  ),
  plain("is_falling", "(list<int>) -> bool", led(8, "list.sort_desc", "gt"), (args) =>
    call("eq", [at(args, 0), call("list.sort_desc", [at(args, 0)])]),
  ),
  plain("is_distinct", "<a: key>(list<a>) -> bool", led(8, "list.distinct"), (args) =>
    call("eq", [length(call("list.distinct", [at(args, 0)])), length(at(args, 0))]),
  ),
  plain("same_items", "(list<int>, list<int>) -> bool", led(8, "list.sort"), (args) =>
    call("eq", [call("list.sort", [at(args, 0)]), call("list.sort", [at(args, 1)])]),
  ),
  plain("span", "(list<int>) -> int", led(9, "list.max", "list.min"), (args) =>
    sub(
      call("option.unwrap", [call("list.max", [at(args, 0)])]),
      call("option.unwrap", [call("list.min", [at(args, 0)])]),
    ),
  ),
  plain("mean_floor", "(list<int>) -> int", led(8, "list.sum_int", "int.div_floor"), (args) =>
    whole(call("list.sum_int", [at(args, 0)]), length(at(args, 0))),
  ),
  plain("best_key", "<k: key>(map<k, int>) -> option<k>", led(8, "list.max_by"), (args) =>
    keyBy(at(args, 0), "list.max_by"),
  ),
  plain("least_key", "<k: key>(map<k, int>) -> option<k>", led(8, "list.min_by"), (args) =>
    keyBy(at(args, 0), "list.min_by"),
  ),
  plain("add_to", "<k: key>(map<k, int>, k, int) -> map<k, int>", led(8, "map.put", "int.add"), (args) => {
    const [counts, key, more] = [at(args, 0), at(args, 1), at(args, 2)];
    return call("map.put", [counts, key, add(call("map.get_or", [counts, key, int(0)]), more)]);
  }),
];

function keyBy(map: Expr, by: "list.max_by" | "list.min_by"): Expr {
  const key = map.type.kind === "map" ? map.type.key : map.type;
  const entry: Local = { name: "entry", type: tupleOf([key, INT]) };
  const best = call(by, [call("map.entries", [map]), lambda([entry], field(ref(entry), 1))]);
  const found: Local = { name: "found", type: entry.type };
  return call("option.map", [best, lambda([found], field(ref(found), 0))]);
}

const TEXTS: readonly Sketch[] = [
  plain("indent", "(string) -> int", led(9, "string.trim", "string.trim_start", "string.is_space"), (args) =>
    sub(
      call("string.length", [at(args, 0)]),
      call("string.length", [call("string.trim_start", [at(args, 0)])]),
    ),
  ),
  plain("all_among", "(string, string) -> bool", led(9, "list.all", "string.is_digit"), (args) => {
    const char: Local = { name: "char", type: STRING };
    const among = call("string.contains", [at(args, 1), ref(char)]);
    return call("list.all", [call("string.chars", [at(args, 0)]), lambda([char], among)]);
  }),
  plain("joined_numbers", "(list<int>, string) -> string", onlyLed(7, "string.join"), (args) =>
    call("string.join", [mapped(at(args, 0), (item) => call("int.to_string", [item])), at(args, 1)]),
  ),
  plain("read_numbers", "(string, string) -> list<int>", onlyLed(8, "string.split"), (args) =>
    mapped(call("string.split", [at(args, 0), at(args, 1)]), (item) =>
      call("option.unwrap", [call("int.parse", [call("string.trim", [item])])]),
    ),
  ),
  plain("sorted_letters", "(string) -> string", led(9, "list.sort"), (args) =>
    call("string.join", [call("list.sort", [call("string.chars", [at(args, 0)])]), text("")]),
  ),
];

/** Further textbook shapes: clamped differences, multiples, columns, comparisons with the sorted list. */
export const IDIOMS: readonly Sketch[] = [...NUMBERS, ...LISTS, ...TEXTS];
