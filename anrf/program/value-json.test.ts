import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ValueSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { parseJson, writeJson } from "./json.ts";
import { jsonFromPlain, jsonFromProto, jsonToPlain, jsonToProto } from "./proto-json.ts";
import { showValue } from "./show.ts";
import {
  BOOL,
  DATE,
  DECIMAL,
  FLOAT,
  functionOf,
  INT,
  listOf,
  mapOf,
  type NominalTypes,
  optionOf,
  recordOf,
  STRING,
  type Type,
  tupleOf,
  UNIT,
  variantOf,
} from "./type.ts";
import { compareValues, type Value } from "./value.ts";
import { argsFromJson, valueFromJson, valueToJson } from "./value-json.ts";
import { valueFromProto, valueToProto } from "./value-proto.ts";

const NOMINALS: NominalTypes = {
  records: new Map([
    [
      "Line",
      [
        { name: "sku", type: STRING },
        { name: "qty", type: INT },
        { name: "note", type: optionOf(STRING) },
      ],
    ],
  ]),
  variants: new Map([
    [
      "Shipping",
      [
        { name: "Standard", payload: [] },
        { name: "Express", payload: [INT] },
        { name: "Between", payload: [INT, INT] },
      ],
    ],
    [
      "Chain",
      [
        { name: "End", payload: [] },
        { name: "Link", payload: [variantOf("Chain")] },
      ],
    ],
  ]),
};

function read(text: string, type: Type, exactInts = false): Value {
  const reading = parseJson(text);
  if (!("json" in reading)) throw new Error(reading.fault.error);
  const found = valueFromJson(reading.json, type, NOMINALS, "inputs", { exactInts });
  if (found.problem !== undefined) throw new Error(`${found.problem.path}: ${found.problem.message}`);
  return found.value;
}

function written(value: Value, type: Type): string {
  const made = valueToJson(value, type, NOMINALS);
  if (made.problem !== undefined) throw new Error(made.problem.message);
  return writeJson(made.json);
}

/** type, text, the same as written (where it differs), the value as ANRF text. */
const GOOD: readonly (readonly [Type, string, string, string])[] = [
  [UNIT, "null", "null", "()"],
  [BOOL, "true", "true", "true"],
  [STRING, '"é😀"', '"é😀"', '"é😀"'],
  [DATE, '"2024-02-29"', '"2024-02-29"', 'Date("2024-02-29")'],
  [INT, "-5", "-5", "-5"],
  [INT, "1e3", "1000", "1000"],
  [INT, "2.0", "2", "2"],
  [INT, "-0", "0", "0"],
  [INT, '"12"', "12", "12"],
  [INT, '"9223372036854775807"', '"9223372036854775807"', "9223372036854775807"],
  [INT, '"-9223372036854775808"', '"-9223372036854775808"', "-9223372036854775808"],
  [INT, "9007199254740991", "9007199254740991", "9007199254740991"],
  [FLOAT, "1", "1", "1.0"],
  [FLOAT, "0.1", "0.1", "0.1"],
  [FLOAT, '"NaN"', '"NaN"', "Float.nan"],
  [FLOAT, '"-Infinity"', '"-Infinity"', "-Float.inf"],
  [FLOAT, '"-0"', '"-0"', "-0.0"],
  [FLOAT, "-0", '"-0"', "-0.0"],
  [DECIMAL, '"19.90"', '"19.9"', "19.9m"],
  [DECIMAL, "19.9", '"19.9"', "19.9m"],
  [DECIMAL, "1e-7", '"0.0000001"', "0.0000001m"],
  [DECIMAL, "100", '"100"', "100m"],
  [listOf(INT), "[1,2]", "[1,2]", "[1, 2]"],
  [tupleOf([INT, STRING]), '[1,"a"]', '[1,"a"]', '(1, "a")'],
  [mapOf(STRING, INT), '{"b":1,"a":2}', '{"a":2,"b":1}', '{"a": 2, "b": 1}'],
  [mapOf(STRING, INT), '[["b",1],["a",2]]', '{"a":2,"b":1}', '{"a": 2, "b": 1}'],
  [mapOf(STRING, INT), '{"\uff5e":1,"😀":2}', '{"\uff5e":1,"😀":2}', '{"\uff5e": 1, "😀": 2}'],
  [mapOf(INT, BOOL), "[[10,true],[9,false]]", "[[9,false],[10,true]]", "{9: false, 10: true}"],
  [optionOf(INT), "null", "null", "none"],
  [optionOf(INT), "4", "4", "some(4)"],
  [optionOf(UNIT), '{"some":null}', '{"some":null}', "some(())"],
  [optionOf(optionOf(INT)), '{"some":null}', '{"some":null}', "some(none)"],
  [optionOf(optionOf(INT)), '{"some":3}', '{"some":3}', "some(some(3))"],
  [
    recordOf("Line"),
    '{"qty":2,"sku":"A"}',
    '{"sku":"A","qty":2,"note":null}',
    'Line(sku="A", qty=2, note=none)',
  ],
  [variantOf("Shipping"), '"Standard"', '"Standard"', "Shipping.Standard"],
  [variantOf("Shipping"), '{"Express":3}', '{"Express":3}', "Shipping.Express(3)"],
  [variantOf("Shipping"), '{"Between":[1,2]}', '{"Between":[1,2]}', "Shipping.Between(1, 2)"],
];

const BAD: readonly (readonly [Type, string, string])[] = [
  [INT, "1.5", "inputs: expected an int without a fraction"],
  [INT, "9007199254740992", "inputs: the number 9007199254740992 is beyond 2^53 - 1"],
  [INT, '"9223372036854775808"', "inputs: expected an int between"],
  [INT, '"1.0"', "inputs: expected an int between"],
  [INT, "null", "inputs: expected an int, found null"],
  [INT, "true", "inputs: expected an int, found true"],
  [FLOAT, '"1.5"', "inputs: expected a number"],
  [FLOAT, "1e999", "inputs: expected a float within"],
  [DECIMAL, '"1e2"', "inputs: expected digits"],
  [DECIMAL, '"0.1234567890123456789"', "inputs: expected digits"],
  [DECIMAL, "0.1234567890123456", "inputs: expected a decimal as a string"],
  [DATE, '"2023-02-29"', "inputs: expected a day"],
  [DATE, '"2023-2-9"', "inputs: expected a day"],
  [DATE, '"0000-01-01"', "inputs: expected a day"],
  [STRING, '"\\ud800"', "inputs: the string holds a lone surrogate"],
  [tupleOf([INT, INT]), "[1]", "inputs: expected an array of 2, found one of 1"],
  [listOf(tupleOf([INT, INT])), "[[1,2],[3,null]]", "inputs[1][1]: expected an int"],
  [listOf(listOf(recordOf("Line"))), '[[],[{"sku":1,"qty":1}]]', "inputs[1][0].sku: expected a string"],
  [recordOf("Line"), '{"sku":"A"}', "inputs.qty: missing field of Line"],
  [recordOf("Line"), '{"sku":"A","qty":1,"x y":2}', 'inputs["x y"]: unknown field of Line'],
  [mapOf(INT, INT), "[[1,2],[1,3]]", "inputs: the map has two equal keys"],
  [mapOf(INT, INT), '{"1":2}', "inputs: expected an array of [key, value]"],
  [mapOf(INT, INT), "[[1]]", "inputs[0]: expected a pair"],
  [optionOf(UNIT), '{"none":1}', "inputs: expected null or"],
  [variantOf("Shipping"), '"Fast"', 'inputs: expected one of "Standard", "Express", "Between"'],
  [variantOf("Shipping"), '"Express"', "inputs: Shipping.Express carries 1 values"],
  [variantOf("Shipping"), '{"Standard":1}', "inputs: Shipping.Standard carries nothing"],
  [variantOf("Shipping"), '{"Between":[1]}', "inputs.Between: expected an array of 2"],
  [functionOf([INT], INT), "1", "inputs: a value of type (int) -> int cannot be sent"],
];

describe("values as JSON", () => {
  it.each(GOOD)("%s reads %s, writes %s", (type, text, again, shown) => {
    const value = read(text, type);
    expect(written(value, type)).toBe(again);
    expect(compareValues(read(again, type), value)).toBe(0);
    expect(showValue(value, type, NOMINALS)).toBe(shown);
  });

  it.each(GOOD)("%s: %s survives anrf.v1.Value", (type, text) => {
    const value = read(text, type);
    const bytes = toBinary(ValueSchema, valueToProto(value, type, NOMINALS));
    const found = valueFromProto(fromBinary(ValueSchema, bytes), type, NOMINALS);
    expect(found.value !== undefined && Object.is(written(found.value, type), written(value, type))).toBe(
      true,
    );
  });

  it.each(GOOD)("%s: %s survives google.protobuf.Value and plain JSON", (type, text) => {
    const made = valueToJson(read(text, type), type, NOMINALS);
    const json = "json" in made ? made.json : null;
    for (const back of [jsonFromProto(jsonToProto(json)), jsonFromPlain(jsonToPlain(json))]) {
      const found = valueFromJson(back ?? null, type, NOMINALS);
      expect(found.value !== undefined && written(found.value, type)).toBe(written(read(text, type), type));
    }
  });

  it.each(BAD)("%s refuses %s", (type, text, message) => {
    expect(() => read(text, type)).toThrow(message);
  });

  it("reads ints of any size as digits where no double was in between", () => {
    expect(read("9223372036854775807", INT, true)).toBe(9223372036854775807n);
    expect(() => read("9223372036854775808", INT, true)).toThrow("beyond");
  });

  it("refuses more than 32 levels, in both directions and in both forms", () => {
    const chain = (levels: number): string =>
      [`${'{"Link":'.repeat(levels)}"End"`, "}".repeat(levels)].join("");
    const value = read(chain(32), variantOf("Chain"));
    expect(valueToJson(value, variantOf("Chain"), NOMINALS).problem).toBeUndefined();
    expect(
      valueFromProto(valueToProto(value, variantOf("Chain"), NOMINALS), variantOf("Chain"), NOMINALS).problem,
    ).toBeUndefined();
    const deep = parseJson(chain(33));
    const json = "json" in deep ? deep.json : null;
    expect(valueFromJson(json, variantOf("Chain"), NOMINALS).problem?.tooDeep).toBe(true);
    const wrapped = {
      $typeName: "anrf.v1.VariantValue" as const,
      caseIndex: 1,
      payload: [valueToProto(value, variantOf("Chain"), NOMINALS)],
    };
    const deeper = create(ValueSchema, { kind: { case: "variant", value: wrapped } });
    expect(valueFromProto(deeper, variantOf("Chain"), NOMINALS).problem?.tooDeep).toBe(true);
    expect(jsonFromProto(jsonToProto(json), 32)).toBeUndefined();
    expect(jsonFromPlain(jsonToPlain(json), 32)).toBeUndefined();
  });

  it("cuts long and deep values when they are shown", () => {
    const items = Array.from({ length: 1_000 }, (_, index) => index);
    expect(showValue(items, listOf(INT)).length).toBeLessThan(210);
    expect(showValue("\u202eabc", STRING)).toBe('"\\u{202e}abc"');
  });

  it.each([
    [listOf(INT), '[1,"2"]'],
    [tupleOf([INT, INT]), "[1,2]"],
    [variantOf("Shipping"), "null"],
  ])("refuses an anrf.v1.Value that is no %s", (type) => {
    expect(valueFromProto(create(ValueSchema), type, NOMINALS).problem?.message).toContain(
      "expected a value of type",
    );
  });
});

describe("argsFromJson", () => {
  const params = [
    { name: "xs", type: listOf(INT) },
    { name: "by", type: optionOf(INT) },
  ];
  const given = (text: string) => {
    const reading = parseJson(text);
    return argsFromJson("json" in reading ? reading.json : null, params, NOMINALS);
  };

  it.each([
    ['{"xs":[1]}', [[1], null]],
    ["[[1],null]", [[1], null]],
  ])("takes %s", (text, args) => {
    expect(given(text)).toEqual({ args });
  });

  it.each([
    ['{"xs":[1],"zs":1}', "inputs.zs", "unknown input; the function takes xs, by"],
    ["{}", "inputs.xs", "missing input of type list<int>"],
    ["[1]", "inputs", "expected 2 inputs, found 1"],
    ["3", "inputs", "expected an object"],
    ['{"xs":[1,null]}', "inputs.xs[1]", "expected an int, found null"],
    ["[[true],null]", "inputs[0][0]", "expected an int, found true"],
  ])("refuses %s", (text, path, message) => {
    const { problem } = given(text);
    expect(problem?.path).toBe(path);
    expect(problem?.message).toContain(message);
  });
});
