import { describe, expect, it } from "vitest";
import { jsonFault, readJson } from "./json.ts";

const nested = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;

describe("jsonFault", () => {
  it.each([
    ['{"a":1,"a":2}', "DUPLICATE_KEY"],
    ['{"a":{"b":1,"c":2,"b":3}}', "DUPLICATE_KEY"],
    ['{"a":1,"\\u0061":2}', "DUPLICATE_KEY"],
    ['{"":1,"":2}', "DUPLICATE_KEY"],
    [nested(33), "TOO_DEEP"],
    [nested(100_000), "TOO_DEEP"],
  ])("refuses %.40s", (text, kind) => {
    expect(jsonFault(text, 32)?.kind).toBe(kind);
  });

  it.each([
    ['{"a":"a","b":"a"}'],
    ['[{"a":1},{"a":2}]'],
    ['{"a":{"a":{"a":1}}}'],
    ['{"a":"\\"a\\":","b":["a","a"]}'],
    [nested(32)],
  ])("lets %s pass", (text) => {
    expect(jsonFault(text, 32)).toBeUndefined();
  });
});

describe("readJson", () => {
  it("says what is wrong with a text that is not JSON", () => {
    expect(readJson('{"a":', 32)).toMatchObject({ fault: { kind: "SYNTAX" } });
    expect(readJson('{"a', 32)).toMatchObject({ fault: { kind: "SYNTAX" } });
  });

  it("gives the value of a good one", () => {
    expect(readJson(' {"a": [1, "x"]} ', 32)).toEqual({ value: { a: [1, "x"] } });
  });
});
