import { describe, expect, test } from "vitest";
import { trapName } from "#anrf/program/trap.ts";
import { DecimalNumber, INT_MAX, INT_MIN, Some, type Value } from "#anrf/program/value.ts";
import { runBuiltin } from "./supported.ts";

function outcome(id: string, args: readonly Value[]): Value {
  const result = runBuiltin(id, args);
  return "trap" in result ? `trap ${trapName(result.trap.code)}` : result.value;
}

/** The decimal of a text such as "-1.50". */
function dec(text: string): DecimalNumber {
  const point = text.indexOf(".");
  let scale = point < 0 ? 0 : text.length - point - 1;
  let coefficient = BigInt(text.replace(".", ""));
  for (; scale > 0 && coefficient % 10n === 0n; scale--) coefficient /= 10n;
  return new DecimalNumber(coefficient, scale);
}

const some = (text: string) => new Some(dec(text));
const MAX = new DecimalNumber(INT_MAX, 0);
const TINY = new DecimalNumber(1n, 18);

const VECTORS: readonly (readonly [string, readonly Value[], Value])[] = [
  ["decimal.add", [dec("0.1"), dec("0.2")], dec("0.3")],
  ["decimal.add", [dec("0.5"), dec("0.5")], new DecimalNumber(1n, 0)],
  ["decimal.add", [MAX, dec("1")], "trap DECIMAL"],
  ["decimal.add", [MAX, dec("0.1")], "trap DECIMAL"],
  ["decimal.sub", [dec("1"), dec("0.9")], dec("0.1")],
  ["decimal.sub", [dec("-1"), new DecimalNumber(INT_MIN, 0)], MAX],
  ["decimal.mul", [dec("1.5"), dec("0.2")], dec("0.3")],
  ["decimal.mul", [TINY, dec("10")], new DecimalNumber(1n, 17)],
  ["decimal.mul", [TINY, dec("0.1")], "trap DECIMAL"],
  ["decimal.mul", [MAX, dec("2")], "trap DECIMAL"],
  ["decimal.neg", [dec("1.5")], dec("-1.5")],
  ["decimal.neg", [new DecimalNumber(INT_MIN, 3)], "trap DECIMAL"],
  ["decimal.div", [dec("1"), dec("3"), 2, "half_even"], dec("0.33")],
  ["decimal.div", [dec("2"), dec("3"), 2, "half_even"], dec("0.67")],
  ["decimal.div", [dec("-1"), dec("3"), 1, "floor"], dec("-0.4")],
  ["decimal.div", [dec("1.000001"), dec("1"), 0, "up"], dec("2")],
  ["decimal.div", [dec("1"), dec("0"), 2, "down"], "trap DIV_ZERO"],
  ["decimal.div", [MAX, dec("0.1"), 0, "down"], "trap DECIMAL"],
  ["decimal.div", [dec("1"), dec("1"), 19, "down"], "trap INVALID"],
  ["decimal.div", [dec("1"), dec("1"), 2, "sideways"], "trap INVALID"],
  ["decimal.round", [dec("2.5"), 0, "half_even"], dec("2")],
  ["decimal.round", [dec("3.5"), 0, "half_even"], dec("4")],
  ["decimal.round", [dec("2.5"), 0, "half_up"], dec("3")],
  ["decimal.round", [dec("-2.5"), 0, "half_up"], dec("-3")],
  ["decimal.round", [dec("2.51"), 0, "half_even"], dec("3")],
  ["decimal.round", [dec("-2.9"), 0, "down"], dec("-2")],
  ["decimal.round", [dec("-2.1"), 0, "up"], dec("-3")],
  ["decimal.round", [dec("-2.1"), 0, "floor"], dec("-3")],
  ["decimal.round", [dec("-2.9"), 0, "ceiling"], dec("-2")],
  ["decimal.round", [dec("2.1"), 0, "ceiling"], dec("3")],
  ["decimal.round", [dec("1.25"), 9, "up"], dec("1.25")],
  ["decimal.round", [dec("1"), -1, "up"], "trap INVALID"],
  ["decimal.round", [MAX, 18, "up"], MAX],
  ["decimal.from_int", [12], dec("12")],
  ["decimal.to_int", [dec("-2.9")], -2],
  ["decimal.to_int", [MAX], INT_MAX],
  ["decimal.parse", ["+01.50"], some("1.5")],
  ["decimal.parse", ["-0.0"], some("0")],
  ["decimal.parse", [`1.${"0".repeat(40)}`], some("1")],
  ["decimal.parse", ["0.0000000000000000001"], null],
  ["decimal.parse", ["9223372036854775807"], new Some(MAX)],
  ["decimal.parse", ["9223372036854775808"], null],
  ["decimal.parse", ["1."], null],
  ["decimal.parse", [".5"], null],
  ["decimal.parse", ["1e3"], null],
  ["decimal.to_string", [dec("-0.05")], "-0.05"],
  ["decimal.to_string", [dec("120")], "120"],
  ["decimal.to_string", [TINY], "0.000000000000000001"],
  ["decimal.abs", [dec("-1.5")], dec("1.5")],
  ["decimal.abs", [new DecimalNumber(INT_MIN, 0)], "trap DECIMAL"],
  ["decimal.to_float", [dec("0.1")], 0.1],
  ["decimal.to_fixed", [dec("2.5"), 0], "2"],
  ["decimal.to_fixed", [dec("-0.004"), 2], "0.00"],
  ["decimal.to_fixed", [dec("19.9"), 2], "19.90"],
  ["decimal.to_fixed", [MAX, 2], "9223372036854775807.00"],
  ["decimal.to_fixed", [MAX, 19], "trap INVALID"],
  ["list.sum_decimal", [[dec("0.1"), dec("0.2"), dec("0.7")]], dec("1")],
  ["list.sum_decimal", [[]], dec("0")],
  ["list.sum_decimal", [[MAX, MAX]], "trap DECIMAL"],
];

describe("decimals", () => {
  test.each(VECTORS)("%s %o is %o", (id, args, expected) => {
    expect(outcome(id, args)).toStrictEqual(expected);
  });
});
