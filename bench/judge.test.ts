import { describe, expect, it } from "vitest";
import { parseType } from "#anrf/program/type-text.ts";
import { sameOutput } from "./judge.ts";

function typeOf(text: string) {
  const type = parseType(text);
  if ("error" in type) throw new Error(type.error);
  return type;
}

describe("sameOutput", () => {
  it.each<[string, unknown, unknown]>([
    ["int", 3, 3],
    ["int", 3, "3"],
    ["int", "9007199254740993", "9007199254740993"],
    ["float", 1, 1.0000005],
    ["float", 1e12, 1e12 + 1],
    ["float", 0, -0],
    ["float", "NaN", "NaN"],
    ["list<float>", [0.1 + 0.2], [0.3]],
    ["(int, string)", [1, "a"], [1, "a"]],
    ["option<int>", null, null],
    ["option<option<int>>", { some: null }, { some: null }],
    ["map<string, float>", { a: 1, b: 2 }, { b: 2, a: 1.0000001 }],
    [
      "map<int, string>",
      [
        [1, "x"],
        [2, "y"],
      ],
      [
        [2, "y"],
        [1, "x"],
      ],
    ],
    ["map<string, int>", {}, {}],
  ])("%s: %j equals %j", (type, expected, actual) => {
    expect(sameOutput(typeOf(type), expected, actual)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ["int", 3, 4],
    ["int", 1, true],
    ["int", 1, undefined],
    ["string", "1", 1],
    ["string", undefined, undefined],
    ["bool", true, 1],
    ["float", 1, 1.00001],
    ["float", 1, "1"],
    ["float", "Infinity", "-Infinity"],
    ["list<int>", [1, 2], [1]],
    ["list<int>", [1], [1, 2]],
    ["(int, int)", [1, 2], [2, 1]],
    ["option<int>", null, 0],
    ["option<option<int>>", null, { some: null }],
    ["map<string, int>", { a: 1 }, { a: 1, b: 2 }],
    ["map<string, int>", { a: 1, b: 2 }, { a: 1, c: 2 }],
    [
      "map<int, int>",
      [
        [1, 1],
        [2, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ],
  ])("%s: %j differs from %j", (type, expected, actual) => {
    expect(sameOutput(typeOf(type), expected, actual)).toBe(false);
  });
});
