import { create, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { ExecuteRequestSchema } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { AnalyzeIntentRequestSchema } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { ValueSchema as TypedValueSchema, type Value } from "#gen/anrf/v1/artifact_pb.ts";
import { createMessageValidator, isShallow, WireError } from "./decode.ts";

function lists(levels: number): JsonValue {
  let value: JsonValue = true;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

function objects(levels: number): JsonValue {
  let value: JsonValue = true;
  for (let level = 0; level < levels; level++) value = { x: value };
  return value;
}

function options(levels: number): Value {
  let value = create(TypedValueSchema, { kind: { case: "scalar", value: {} } });
  for (let level = 0; level < levels; level++) {
    value = create(TypedValueSchema, { kind: { case: "option", value: { some: value } } });
  }
  return value;
}

/** A request whose inputs are lists in lists, deeper than a writer would go. */
function nestedBytes(levels: number): Uint8Array {
  let value = Buffer.from([0x20, 0x01]);
  for (let level = 0; level < levels; level++) {
    const list = Buffer.concat([Buffer.from([0x0a]), varint(value.length), value]);
    value = Buffer.concat([Buffer.from([0x32]), varint(list.length), list]);
  }
  return Buffer.concat([Buffer.from([0x12]), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

describe("isShallow", () => {
  it.each([
    ["lists", lists],
    ["objects", objects],
  ])("counts %s as the JSON text nests them", (_, make) => {
    // The request is the first level.
    const encode = (levels: number) =>
      toBinary(
        ExecuteRequestSchema,
        create(ExecuteRequestSchema, { inputs: fromJson(ValueSchema, make(levels)) }),
      );
    expect(isShallow(ExecuteRequestSchema, encode(31))).toBe(true);
    expect(isShallow(ExecuteRequestSchema, encode(32))).toBe(false);
    expect(isShallow(ExecuteRequestSchema, encode(90))).toBe(false);
  });

  it("gives up early on a thousand levels", () => {
    expect(isShallow(ExecuteRequestSchema, nestedBytes(1000))).toBe(false);
  });

  it("counts a level of a typed value once, though it takes several messages", () => {
    const encode = (levels: number) =>
      toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, { args: [options(levels)] }));
    // The request and the list of arguments are the first two levels.
    expect(isShallow(ExecuteRequestSchema, encode(30))).toBe(true);
    expect(isShallow(ExecuteRequestSchema, encode(31))).toBe(false);
  });

  it("counts the levels of a message around a value", () => {
    const example = (levels: number) => ({ inputs: fromJson(ValueSchema, lists(levels)) });
    const encode = (levels: number) =>
      toBinary(
        AnalyzeIntentRequestSchema,
        create(AnalyzeIntentRequestSchema, { examples: [example(levels)] }),
      );
    expect(isShallow(AnalyzeIntentRequestSchema, encode(29))).toBe(true);
    expect(isShallow(AnalyzeIntentRequestSchema, encode(30))).toBe(false);
  });

  it.each([
    ["a length past the end", [0x12, 0x05, 0x00]],
    ["a number that is cut off", [0x20, 0x80]],
    ["a group", [0x0b, 0x0c]],
    ["a fixed value that is cut off", [0x09, 0x00]],
    ["a number of eleven bytes", [0x20, ...new Array<number>(10).fill(0x80), 0x01]],
  ])("refuses %s", (_, bytes) => {
    expect(() => isShallow(ExecuteRequestSchema, Uint8Array.from(bytes))).toThrow(WireError);
  });
});

describe("createMessageValidator", () => {
  it("names each field that breaks a rule by its JSON path", () => {
    const request = create(AnalyzeIntentRequestSchema, {
      inputText: "x".repeat(20_001),
      examples: [{ inputs: fromJson(ValueSchema, 1), expected: { case: "trap", value: "lower case" } }, {}],
    });
    const fields = createMessageValidator().violations(AnalyzeIntentRequestSchema, request);
    expect(fields.map((one) => one.field).sort()).toEqual([
      "examples[0].trap",
      "examples[1].inputs",
      "inputText",
    ]);
  });
});
