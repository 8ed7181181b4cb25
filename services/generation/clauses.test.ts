import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { INT, listOf, STRING } from "#anrf/program/type.ts";
import { FragmentSchema } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { readFragments } from "./clauses.ts";

const params = [
  { name: "words", type: listOf(STRING) },
  { name: "min", type: INT },
];

function read(expression: string, type: string) {
  return readFragments([create(FragmentSchema, { expression, type, bits: 1.5 })], params);
}

describe("readFragments", () => {
  it("reads an expression over the parameters", () => {
    const [one] = read("words.filter((w) => w.length() >= `min`)", "list<string>");
    expect(one?.bits).toBe(1.5);
    expect(one?.params.map((param) => param.name)).toEqual(["words", "min"]);
    expect(one?.body.type.text).toBe("list<string>");
  });

  it.each([
    ["another type than it says", "words.length()", "string"],
    ["no expression", "words.filter((", "list<string>"],
    ["a name that is no parameter", "other + 1", "int"],
    ["a type that cannot be read", "words", "list<"],
  ])("leaves out %s", (_, expression, type) => {
    expect(read(expression, type)).toEqual([]);
  });

  it("keeps no places of the fragment's own text", () => {
    const [one] = read("if words.is_empty() { 0 } else { words.length() + `min` }", "int");
    expect(JSON.stringify(one?.body)).not.toContain("note");
  });
});
