import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { Random } from "#anrf/testing/random.ts";
import { randomType, randomValue } from "#anrf/testing/random-value.ts";
import { ValueSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { parseJson, writeJson } from "./json.ts";
import {
  INT,
  listOf,
  type NominalTypes,
  optionOf,
  recordOf,
  STRING,
  type Type,
  UNIT,
  variantOf,
} from "./type.ts";
import { compareValues, type Value } from "./value.ts";
import { valueFromJson, valueToJson } from "./value-json.ts";
import { valueFromProto, valueToProto } from "./value-proto.ts";

const NOMINALS: NominalTypes = {
  records: new Map([
    [
      "Line",
      [
        { name: "sku", type: STRING },
        { name: "__proto__", type: optionOf(optionOf(UNIT)) },
      ],
    ],
  ]),
  variants: new Map([
    [
      "Tree",
      [
        { name: "Leaf", payload: [] },
        { name: "One", payload: [listOf(INT)] },
        { name: "Fork", payload: [variantOf("Tree"), variantOf("Tree")] },
      ],
    ],
  ]),
};
const NAMED: readonly Type[] = [recordOf("Line"), variantOf("Tree")];
const SEEDS = 3_000;

function textOf(value: Value, type: Type): string {
  const made = valueToJson(value, type, NOMINALS);
  if (made.problem !== undefined) throw new Error(made.problem.message);
  return writeJson(made.json);
}

function read(text: string, type: Type) {
  const reading = parseJson(text);
  return "json" in reading ? valueFromJson(reading.json, type, NOMINALS) : undefined;
}

describe("a value of any type", () => {
  it(`comes back from JSON text and from anrf.v1.Value (${SEEDS} seeds)`, () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = new Random(seed);
      const type = randomType(random, 4, NAMED, { hasDecimals: true });
      const value = randomValue(random, type, NOMINALS);
      const text = textOf(value, type);
      const fromText = read(text, type)?.value;
      const bytes = toBinary(ValueSchema, valueToProto(value, type, NOMINALS));
      const fromProto = valueFromProto(fromBinary(ValueSchema, bytes), type, NOMINALS).value;
      for (const back of [fromText, fromProto]) {
        const isSame = back !== undefined && compareValues(back, value) === 0 && textOf(back, type) === text;
        if (!isSame) expect.fail(`seed ${seed}: ${type.text}: ${text}`);
      }
    }
  });

  it(`is read or refused, and never breaks the reader, when its text is altered (${SEEDS} seeds)`, () => {
    const pieces = [
      "[",
      "]",
      "{",
      "}",
      '"',
      ",",
      ":",
      "1",
      "-",
      "e9",
      "null",
      "\\u0000",
      "\ud800",
      '{"some":',
      "[[[[",
      "1e400",
    ];
    let refused = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = new Random(seed);
      const type = randomType(random, 4, NAMED, { hasDecimals: true });
      const text = textOf(randomValue(random, type, NOMINALS), type);
      const at = random.below(text.length + 1);
      const altered = text.slice(0, at) + random.pick(pieces) + text.slice(at + random.below(3));
      const found = read(altered, type);
      if (found?.value === undefined) refused++;
      else expect(() => textOf(found.value, type)).not.toThrow();
    }
    expect(refused).toBeGreaterThan(SEEDS / 2);
  });
});
