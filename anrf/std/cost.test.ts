import { describe, expect, test } from "vitest";
import { INT, STRING } from "#anrf/program/type.ts";
import { INT_MAX, SortedMap, type Value } from "#anrf/program/value.ts";
import { knownBuiltin } from "./catalogue.ts";
import { costFunction, fixedCost } from "./cost.ts";

const items = (length: number): Value => new Array<Value>(length).fill(1);

describe("costFunction", () => {
  test.each([
    ["int.add", [1, 2], 1],
    ["list.length", [items(1000)], 1],
    ["list.map", [items(10), () => 1], 11],
    ["list.map", [[], () => 1], 1],
    ["list.sort", [items(8)], 1 + 8 * 3],
    ["list.sort", [items(9)], 1 + 9 * 4],
    ["list.sort", [items(1)], 2],
    ["list.range", [5, 15], 11],
    ["list.range", [5, 1], 1],
    ["list.range", [0, INT_MAX], 1 + 2 ** 63],
    ["list.range_step", [0, 10, 3], 5],
    ["list.range_step", [10, 0, -5], 3],
    ["list.range_step", [0, 10, 0], 1],
    ["list.repeat", [7, 20], 21],
    ["list.repeat", [7, -20], 1],
    ["list.concat", [items(3), items(4)], 8],
    ["list.flatten", [[items(3), items(4)]], 10],
    ["list.prepend", [1, items(4)], 5],
    ["list.combinations", [items(10), 3], 1 + 120 * 3],
    ["list.combinations", [items(10), -3], 2],
    ["list.windows", [items(10), 4], 1 + 7 * 4],
    ["list.windows", [items(10), -4], 1],
    ["map.merge", [new SortedMap([1, 2], [1, 2]), new SortedMap([3], [3])], 4],
    ["string.to_upper", ["x".repeat(16)], 2],
    ["string.to_upper", ["x".repeat(17)], 3],
    ["string.to_upper", ["😀".repeat(16)], 2],
    ["string.to_upper", [""], 1],
    ["string.concat", ["x".repeat(20), "y"], 4],
    ["string.repeat", ["abcd", 8], 3],
    ["string.join", [["ab", "cd"], ","], 4],
    ["string.pad_start", ["a", 64, " "], 5],
    ["eq", [1, 2], 1],
    [
      "eq",
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
      3,
    ],
    [
      "eq",
      [
        [1, 2, 3],
        [9, 2, 3],
      ],
      1,
    ],
    ["eq", ["x".repeat(64), "x".repeat(32)], 3],
    ["compare", [[], []], 1],
  ] as const)("%s %o costs %o", (id, args, expected) => {
    expect(costFunction(knownBuiltin(id))(...(args as readonly Value[]))).toBe(expected);
  });

  test("is a fixed number where the arguments cannot matter", () => {
    expect(fixedCost(knownBuiltin("int.pow"), [INT, INT])).toBe(2);
    expect(fixedCost(knownBuiltin("eq"), [INT, INT])).toBe(1);
    expect(fixedCost(knownBuiltin("eq"), [STRING, STRING])).toBeUndefined();
    expect(fixedCost(knownBuiltin("string.trim"), [STRING])).toBeUndefined();
  });
});
