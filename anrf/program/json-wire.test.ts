import { fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { JsonObject } from "./json.ts";
import { readJsonWire, writeJsonWire } from "./json-wire.ts";
import { jsonFromPlain, jsonToPlain } from "./proto-json.ts";

const VALUES = [
  null,
  true,
  false,
  0,
  -1.5,
  "",
  "naïve 😀",
  [],
  {},
  [1, [2, [3]], null],
  { a: 1, b: { c: ["x", false] }, __proto: 1 },
];

describe("readJsonWire", () => {
  it.each(VALUES.map((value) => [JSON.stringify(value), value] as const))(
    "reads %s as protobuf does",
    (_, value) => {
      const { json } = readJsonWire(toBinary(ValueSchema, fromJson(ValueSchema, value)));
      expect(json === undefined ? undefined : jsonToPlain(json)).toEqual(value);
    },
  );

  it("stops at the depth that it is given, before it recurses", () => {
    let nested: unknown = 1;
    for (let level = 0; level < 34; level++) nested = [nested];
    const bytes = toBinary(ValueSchema, fromJson(ValueSchema, nested as never));
    expect(readJsonWire(bytes)).toEqual({ fault: "TOO_DEEP" });
    expect(readJsonWire(bytes, 34).fault).toBeUndefined();
  });

  it("refuses equal keys, which only the wire can carry", () => {
    const one = writeJsonWire(new JsonObject(["a", "a"], [1, 2]));
    expect(readJsonWire(one)).toEqual({ fault: "DUPLICATE_KEY" });
  });

  it("gives no value for bytes cut short anywhere", () => {
    const bytes = writeJsonWire(new JsonObject(["key"], [[1, 2, "three"]]));
    for (let end = 1; end < bytes.length; end++) {
      expect(readJsonWire(bytes.subarray(0, end)), `cut at ${end}`).toEqual({ fault: "UNREADABLE" });
    }
  });
});

describe("writeJsonWire", () => {
  it.each(VALUES.map((value) => [JSON.stringify(value), value] as const))(
    "writes %s so that protobuf reads it",
    (_, value) => {
      const json = jsonFromPlain(value);
      if (json === undefined) throw new Error("too deep");
      expect(toJson(ValueSchema, fromBinary(ValueSchema, writeJsonWire(json)))).toEqual(value);
    },
  );
});
