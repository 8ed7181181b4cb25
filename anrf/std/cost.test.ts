import { describe, expect, test } from "vitest";
import { INT, listOf, mapOf, STRING } from "#anrf/program/type.ts";
import { INT_MAX, Some, SortedMap, type Value, Variant } from "#anrf/program/value.ts";
import { knownBuiltin } from "./catalogue.ts";
import { costFunction, fixedCost, resultCost } from "./cost.ts";
import { leavesMet, moreLeavesOf } from "./leaves.ts";

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
    ["eq", [new SortedMap([1, 2], ["a", "b"]), new SortedMap([1], ["a"])], 2],
    ["eq", [new SortedMap([1], [7]), new SortedMap([2], [7])], 1],
    ["eq", [new Variant(0, [1, 2]), new Variant(1, ["x"])], 1],
    ["eq", [new Variant(1, ["x", 5]), new Variant(1, ["x", 6])], 2],
    ["eq", [new Some([1, 2]), null], 1],
    [
      "eq",
      [
        [[1, 2], [3]],
        [[1, 2], [3]],
      ],
      3,
    ],
    ["list.contains", [items(4), 9], 1 + 4],
    [
      "list.contains",
      [
        [
          [1, 2],
          [1, 3],
        ],
        [1, 3],
      ],
      1 + 2 + 2,
    ],
    ["list.index_of", [["x".repeat(64), "y"], "x".repeat(64)], 1 + 5 + 1],
    [
      "list.sort",
      [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ],
      1 + 6 * 2,
    ],
    [
      "list.min",
      [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ],
      1 + 6,
    ],
    ["list.distinct", [["x".repeat(32), "y"]], 1 + 4],
    [
      "list.intersect",
      [
        [[1, 2]],
        [
          [3, 4],
          [5, 6],
        ],
      ],
      1 + 6 * 2,
    ],
    ["map.get", [new SortedMap([1, 2, 3], [0, 0, 0]), 2], 2],
    ["map.get", [new SortedMap([[1, 1]], [0]), [1, 1]], 2 + 1],
    ["map.put", [new SortedMap(["a", "b", "c"], [0, 0, 0]), "x".repeat(32), 0], 2 + 3 + 2 * 2],
    [
      "map.from_entries",
      [
        [
          [[1, 2], 0],
          [[3, 4], 0],
        ],
      ],
      1 + 4,
    ],
    ["string.replace", ["x".repeat(32), "x", "y"], 1 + 2],
    ["string.replace", ["x".repeat(32), "x", "y".repeat(17)], 1 + 2 + 32],
    ["string.replace", ["", "", "y".repeat(17)], 1 + 2],
  ] as const)("%s %o costs %o", (id, args, expected) => {
    expect(costFunction(knownBuiltin(id))(...(args as readonly Value[]))).toBe(expected);
  });

  test("is a fixed number where the arguments cannot matter", () => {
    expect(fixedCost(knownBuiltin("int.pow"), [INT, INT])).toBe(2);
    expect(fixedCost(knownBuiltin("eq"), [INT, INT])).toBe(1);
    expect(fixedCost(knownBuiltin("eq"), [STRING, STRING])).toBeUndefined();
    expect(fixedCost(knownBuiltin("string.trim"), [STRING])).toBeUndefined();
    expect(fixedCost(knownBuiltin("map.get"), [mapOf(INT, STRING), INT])).toBe(2);
    expect(fixedCost(knownBuiltin("map.get"), [mapOf(STRING, INT), STRING])).toBeUndefined();
  });

  test("is the same with and without the types", () => {
    const sort = knownBuiltin("list.sort");
    expect(costFunction(sort, undefined, [listOf(INT)])(items(9))).toBe(costFunction(sort)(items(9)));
  });
});

describe("resultCost", () => {
  test("counts the leaves of a key above the first for each comparison, and what a result adds", () => {
    expect(resultCost("list.sort_by")?.([1, 2, 3], 8)).toBe(2 * 3);
    expect(resultCost("list.min_by")?.([1, 2, 3], 8)).toBe(2);
    expect(resultCost("list.flat_map")?.([1, 2, 3], 8)).toBe(3);
    expect(resultCost("list.sort_by", undefined, INT)).toBeUndefined();
    expect(resultCost("list.map")).toBeUndefined();
  });
});

describe("counting leaves", () => {
  /** 2^60 leaves in 61 lists. */
  const shared = (): Value => {
    let value: Value = 1;
    for (let level = 0; level < 60; level++) value = [value, value];
    return value;
  };

  test("stops above the fuel that is left", () => {
    const gauge = { fuel: 1_000, enter() {}, leave() {} };
    expect(leavesMet(gauge, shared(), shared())).toBe(Number.POSITIVE_INFINITY);
    expect(moreLeavesOf(gauge, shared())).toBe(Number.POSITIVE_INFINITY);
  });

  test("tells the gauge of each level, going in and coming out", () => {
    let depth = 0;
    let deepest = 0;
    const gauge = {
      fuel: 1_000,
      enter: () => {
        depth++;
        deepest = Math.max(deepest, depth);
      },
      leave: () => {
        depth--;
      },
    };
    leavesMet(gauge, [new Some(new Variant(1, [[1]]))], [new Some(new Variant(1, [[2]]))]);
    expect([depth, deepest]).toEqual([0, 4]);
  });
});
