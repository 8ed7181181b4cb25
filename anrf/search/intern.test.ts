import { describe, expect, it } from "vitest";
import { BOOL, FLOAT, INT, listOf, mapOf, optionOf, STRING, type Type, tupleOf } from "#anrf/program/type.ts";
import { Some, SortedMap, type Value } from "#anrf/program/value.ts";
import { ERR, Store } from "./intern.ts";
import { probesOf } from "./probes.ts";

const VALUES: readonly (readonly [Type, Value])[] = [
  [INT, 0],
  [INT, -5],
  [INT, 2 ** 40],
  [INT, 2n ** 60n],
  [FLOAT, 0.5],
  [FLOAT, -0],
  [FLOAT, Number.NaN],
  [BOOL, false],
  [STRING, ""],
  [STRING, "héé 😀"],
  [listOf(INT), []],
  [listOf(listOf(STRING)), [["a"], []]],
  [tupleOf([INT, STRING]), [1, "x"]],
  [optionOf(INT), null],
  [optionOf(INT), new Some(3)],
  [
    mapOf(STRING, listOf(INT)),
    SortedMap.fromEntries([
      ["b", [1]],
      ["a", []],
    ]),
  ],
];

describe("Store", () => {
  it.each(VALUES)("gives a %o back as it was, and the same id again", (type, value) => {
    const store = new Store({ items: 10, units: 20 });
    const id = store.of(value, type);
    expect(store.value(id)).toEqual(value);
    expect(store.of(value, type)).toBe(id);
  });

  it("tells 0 from −0 and keeps different values apart", () => {
    const store = new Store({ items: 10, units: 20 });
    const ids = VALUES.map(([type, value]) => store.of(value, type));
    ids.push(store.float(0));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("takes what is too long as a trap", () => {
    const store = new Store({ items: 2, units: 3 });
    expect(store.of([1, 2, 3], listOf(INT))).toBe(ERR);
    expect(store.of("abcd", STRING)).toBe(ERR);
    expect(store.list([ERR])).toBe(ERR);
  });

  it("finds its lists again after it has grown", () => {
    const store = new Store({ items: 4, units: 4 });
    const ids = Array.from({ length: 9000 }, (_, i) => store.of([i, i + 1], listOf(INT)));
    expect(ids.map((_, i) => store.of([i, i + 1], listOf(INT)))).toEqual(ids);
  });
});

describe("probesOf", () => {
  const examples = [{ args: [[3, 4], "ab cd"] as const, result: 1 }];

  it("gives the same inputs for the same seed, and others for another", () => {
    const types = [listOf(INT), STRING];
    const first = probesOf(types, examples, [], 1, 8);
    expect(probesOf(types, examples, [], 1, 8)).toEqual(first);
    expect(probesOf(types, examples, [], 2, 8)).not.toEqual(first);
    expect(first).toHaveLength(8);
  });
});
