import { describe, expect, it } from "vitest";
import { JsonNumber, JsonObject, parseJson, writeJson } from "./json.ts";

describe("parseJson", () => {
  it.each([
    ["null", "null"],
    [" [1, 2.5 ,-3]\n", "[1,2.5,-3]"],
    ['{"b":1,"a":{"__proto__":[]}}', '{"b":1,"a":{"__proto__":[]}}'],
    ['"\\u00e9\\ud83d\\ude00\\n"', '"é😀\\n"'],
    ["9007199254740993", "9007199254740993"],
    ["[1.0,1e3,-0]", "[1.0,1e3,-0]"],
    ["[]", "[]"],
    ["{}", "{}"],
  ])("reads %s and writes it back", (text, written) => {
    const reading = parseJson(text);
    expect("json" in reading && writeJson(reading.json)).toBe(written);
  });

  it("keeps members in order, numbers included", () => {
    const reading = parseJson('{"10":1,"9":2,"a":3}');
    const json = "json" in reading ? reading.json : null;
    expect(json instanceof JsonObject && json.keys).toEqual(["10", "9", "a"]);
  });

  it("keeps the text of a number that a double would lose, and no other", () => {
    expect(parseJson("18446744073709551615")).toEqual({ json: new JsonNumber("18446744073709551615") });
    expect(parseJson("42")).toEqual({ json: 42 });
  });

  it.each([
    ['{"a":1,"a":2}', 7, "twice"],
    ['{"a":1,"\\u0061":2}', 7, "twice"],
    ["[1,]", 3, "expected a JSON value"],
    ["[1 2]", 3, "expected"],
    ["{1:2}", 1, "key"],
    ['"abc', 0, "not ended"],
    ['"a\nb"', 0, "control"],
    ['"\\x"', 1, "escape"],
    ["01", 1, "after"],
    ["+1", 0, "expected"],
    ["NaN", 0, "expected"],
    ["", 0, "expected"],
    ["tru", 0, "expected"],
    ["1 2", 2, "after"],
  ])("refuses %s", (text, at, word) => {
    const { fault } = parseJson(text) as { fault: { at: number; error: string } };
    expect(fault.at).toBe(at);
    expect(fault.error).toContain(word);
  });

  it("refuses nesting past the limit before it costs any stack", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(parseJson(nested(64))).toHaveProperty("json");
    expect(parseJson(nested(65))).toMatchObject({ fault: { tooDeep: true } });
    expect(parseJson(nested(1_000_000))).toMatchObject({ fault: { tooDeep: true } });
  });

  it("writes one item a line with an indent", () => {
    const reading = parseJson('{"a":[1,{}],"b":[]}');
    expect("json" in reading && writeJson(reading.json, 2)).toBe(
      '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}',
    );
  });
});
