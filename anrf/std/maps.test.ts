import { describe, expect, test } from "vitest";
import { trapName } from "#anrf/program/trap.ts";
import { Some, SortedMap, type Value } from "#anrf/program/value.ts";
import { runBuiltin } from "./supported.ts";

function outcome(id: string, args: readonly Value[]): Value {
  const result = runBuiltin(id, args);
  return "trap" in result ? `trap ${trapName(result.trap.code)}` : result.value;
}

const some = (value: Value) => new Some(value);
const AB = new SortedMap(["a", "b"], [1, 2]);
const EMPTY = SortedMap.EMPTY;
const double = (x: Value) => 2 * (x as number);

const VECTORS: readonly (readonly [string, readonly Value[], Value])[] = [
  ["map.size", [AB], 2],
  ["map.get", [AB, "b"], some(2)],
  ["map.get", [AB, "c"], null],
  ["map.contains_key", [AB, "a"], true],
  ["map.contains_key", [EMPTY, "a"], false],
  ["map.put", [AB, "aa", 9], new SortedMap(["a", "aa", "b"], [1, 9, 2])],
  ["map.put", [AB, "b", 9], new SortedMap(["a", "b"], [1, 9])],
  ["map.put", [EMPTY, [1, 2], [3]], new SortedMap([[1, 2]], [[3]])],
  ["map.remove", [AB, "a"], new SortedMap(["b"], [2])],
  ["map.remove", [AB, "x"], AB],
  [
    "map.entries",
    [AB],
    [
      ["a", 1],
      ["b", 2],
    ],
  ],
  [
    "map.from_entries",
    [
      [
        ["b", 1],
        ["a", 2],
        ["b", 3],
      ],
    ],
    new SortedMap(["a", "b"], [2, 3]),
  ],
  ["map.from_entries", [[]], EMPTY],
  ["map.get_or", [AB, "a", 7], 1],
  ["map.get_or", [AB, "x", 7], 7],
  ["map.update", [AB, "a", 7, double], new SortedMap(["a", "b"], [2, 2])],
  ["map.update", [AB, "c", 7, double], new SortedMap(["a", "b", "c"], [1, 2, 14])],
  ["map.keys", [AB], ["a", "b"]],
  ["map.values", [AB], [1, 2]],
  ["map.map_values", [AB, double], new SortedMap(["a", "b"], [2, 4])],
  ["map.filter", [AB, (k, v) => k === "b" && v === 2], new SortedMap(["b"], [2])],
  [
    "map.merge",
    [AB, new SortedMap(["0", "b", "c"], [5, 6, 7])],
    new SortedMap(["0", "a", "b", "c"], [5, 1, 6, 7]),
  ],
  ["map.merge", [new SortedMap(["x"], [1]), AB], new SortedMap(["a", "b", "x"], [1, 2, 1])],
  ["map.merge", [AB, EMPTY], AB],
  ["map.merge", [EMPTY, AB], AB],
  ["option.is_some", [some(null)], true],
  ["option.is_some", [null], false],
  ["option.unwrap", [some(3)], 3],
  ["option.unwrap", [null], "trap NONE"],
  ["option.get_or", [null, () => 4], 4],
  ["option.to_list", [some(3)], [3]],
  ["option.to_list", [null], []],
  ["option.map", [some(3), double], some(6)],
  ["option.map", [null, double], null],
  ["option.flat_map", [some(3), () => null], null],
  ["option.flat_map", [some(3), (x) => some(double(x as Value))], some(6)],
  ["option.flat_map", [null, (x) => some(x as Value)], null],
  ["option.or_else", [null, () => some(1)], some(1)],
];

describe("maps and options", () => {
  test.each(VECTORS)("%s %o is %o", (id, args, expected) => {
    expect(outcome(id, args)).toStrictEqual(expected);
  });

  test.each([
    ["option.get_or", 3],
    ["option.or_else", some(3)],
  ])("%s leaves its second argument alone when there is a value", (id, expected) => {
    const asked = () => {
      throw new Error("the lazy argument was evaluated");
    };
    expect(outcome(id, [some(3), asked])).toStrictEqual(expected);
  });

  test("maps stay sorted under any order of puts", () => {
    const keys = [5, 2n ** 60n, -3, 0, 12, -(2n ** 61n), 7];
    let map: Value = EMPTY;
    for (const key of keys) map = outcome("map.put", [map, key, String(key)]);
    expect(outcome("map.keys", [map])).toStrictEqual([-(2n ** 61n), -3, 0, 5, 7, 12, 2n ** 60n]);
    for (const key of keys) expect(outcome("map.get", [map, key])).toStrictEqual(some(String(key)));
  });
});
