import { describe, expect, test } from "vitest";
import { Some, SortedMap, type Value, Variant } from "#anrf/program/value.ts";
import { runBuiltin } from "./supported.ts";

const { NaN: NAN } = Number;
const BIG = 2n ** 60n;

function value(id: string, args: readonly Value[]): Value {
  const result = runBuiltin(id, args);
  if ("trap" in result) throw new Error(`${id} trapped: ${result.trap.message}`);
  return result.value;
}

const VECTORS: readonly (readonly [string, readonly Value[], Value])[] = [
  ["eq", [1, 1], true],
  ["eq", [BIG, 2n ** 60n], true],
  ["eq", [NAN, NAN], false],
  ["eq", [0, -0], true],
  [
    "eq",
    [
      [1, NAN],
      [1, NAN],
    ],
    false,
  ],
  [
    "eq",
    [
      [1, [2, "x"]],
      [1, [2, "x"]],
    ],
    true,
  ],
  ["eq", [[1], [1, 2]], false],
  ["eq", [null, new Some(1)], false],
  ["eq", [new Some(1), new Some(1)], true],
  ["eq", [new SortedMap([1], ["a"]), new SortedMap([1], ["a"])], true],
  ["eq", [new SortedMap([1], ["a"]), new SortedMap([1], ["b"])], false],
  ["eq", [new Variant(0, [1]), new Variant(0, [1])], true],
  ["eq", [new Variant(0, []), new Variant(1, [])], false],
  ["ne", ["a", "b"], true],
  ["ne", [NAN, NAN], true],
  ["lt", [1, BIG], true],
  ["lt", [NAN, 1], false],
  ["lt", [false, true], true],
  ["lt", ["a", "b"], true],
  ["lt", ["Z", "a"], true],
  ["lt", ["\uffff", "\u{10000}"], true],
  [
    "lt",
    [
      [1, 2],
      [1, 2, 0],
    ],
    true,
  ],
  [
    "lt",
    [
      [1, NAN],
      [1, 5],
    ],
    false,
  ],
  ["le", [NAN, NAN], false],
  ["le", [[NAN], [NAN]], true],
  ["le", [0, -0], true],
  ["gt", [null, new Some(null)], false],
  ["gt", [new Variant(1, []), new Variant(0, [9])], true],
  ["ge", [1, NAN], false],
  ["ge", [2, 2], true],
  ["min", [NAN, 1], 1],
  ["min", [0, -0], 0],
  ["min", [-0, 0], -0],
  ["min", ["b", "a"], "a"],
  ["max", [1, NAN], NAN],
  ["max", [0, -0], 0],
  ["max", [[1], [1, 0]], [1, 0]],
  ["compare", [1, 2], -1],
  ["compare", [NAN, Number.POSITIVE_INFINITY], 1],
  ["compare", [NAN, NAN], 0],
  ["compare", [0, -0], 0],
  ["compare", ["abc", "abc"], 0],
  ["bool.and", [false, () => true], false],
  ["bool.and", [true, () => false], false],
  ["bool.and", [true, () => true], true],
  ["bool.or", [false, () => true], true],
  ["bool.or", [false, () => false], false],
  ["bool.not", [true], false],
  ["bool.xor", [true, false], true],
  ["bool.xor", [true, true], false],
];

describe("comparisons and bools", () => {
  test.each(VECTORS)("%s %o is %o", (id, args, expected) => {
    expect(value(id, args)).toStrictEqual(expected);
  });

  test.each([
    ["bool.and", false],
    ["bool.or", true],
  ])("%s leaves its second argument alone when the first is %s", (id, first) => {
    const asked = () => {
      throw new Error("the lazy argument was evaluated");
    };
    expect(value(id, [first, asked])).toBe(first);
  });
});
