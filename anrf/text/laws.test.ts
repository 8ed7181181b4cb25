import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { canonicalModule, moduleBytes } from "#anrf/program/canonical.ts";
import { openProgram } from "#anrf/program/program.ts";
import { FLOAT, INT, STRING, type Type } from "#anrf/program/type.ts";
import { valueToProto } from "#anrf/program/value-proto.ts";
import { featuresOf } from "#anrf/testing/features.ts";
import { Random } from "#anrf/testing/random.ts";
import { type ProgramOptions, randomProgram } from "#anrf/testing/random-program.ts";
import { randomScalar, randomValue } from "#anrf/testing/random-value.ts";
import { firstSeed } from "#anrf/testing/seeds.ts";
import { ExampleSchema, type Spec, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { type Module, NodeSchema } from "#gen/anrf/v1/ir_pb.ts";
import { parse } from "./parse.ts";
import { print } from "./print.ts";

const COUNT = process.env["ANRF_FULL"] === "1" ? 200_000 : 10_000;

const FIRST_SEED = firstSeed(1, Date.now() % 2 ** 31, process.env);

/** Extensions that some of the programs call. */
const EXTENSIONS = [
  { name: "now", urn: "urn:example:now", version: "1", params: [], result: INT },
  { name: "rate", urn: "urn:example:rate", version: "2.1", params: [STRING, INT], result: FLOAT },
];

/** Every feature in three of four modules; the plain ones stay what they were. */
function optionsOf(seed: number): ProgramOptions {
  const size = seed % 5 === 0 ? 40 : 16;
  if (seed % 4 === 1) return { hasDecimals: seed % 3 === 0, size };
  return { hasAll: true, size, ...(seed % 8 === 0 ? { extensions: EXTENSIONS } : {}) };
}

/** Examples of the entry as the text keeps them: values or traps, with tolerances where the result has floats. */
function specOf(module: Module, seed: number): Spec {
  const random = new Random(seed);
  const program = openProgram(module);
  const { entry, nominals } = program;
  const proto = (type: Type) => valueToProto(randomValue(random, type, nominals), type, nominals);
  const examples = random.some(3, () =>
    create(ExampleSchema, {
      args: entry.params.map(proto),
      expected: random.chance(0.7)
        ? { case: "result", value: proto(entry.result) }
        : { case: "trap", value: random.pick([TrapCode.OVERFLOW, TrapCode.INDEX, TrapCode.NONE]) },
    }),
  );
  for (const one of examples) {
    if (one.expected.case === "result" && random.chance(0.2)) one.absTolerance = 0.25;
    if (one.expected.case === "result" && random.chance(0.2)) one.relTolerance = 1e-9;
  }
  const intentText = random.chance(0.5) ? String(randomScalar(random, STRING)) : "";
  return create(SpecSchema, { intentText, examples });
}

/** What stood in the modules of this run. */
const seen = new Set<string>();

describe("parse and print", () => {
  it(`give back the bytes of ${COUNT} random modules, and the text of the second round (seeds from ${FIRST_SEED})`, {
    timeout: 3_600_000,
  }, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
      const fault = faultOf(seed);
      if (fault !== undefined) expect.fail(`seed ${seed}: ${fault}`);
    }
  });

  it("saw every kind of node, extensions too", () => {
    const kinds = NodeSchema.oneofs.flatMap((one) => one.fields.map((field) => `node ${field.localName}`));
    expect(kinds.length).toBe(20);
    expect(kinds.filter((kind) => !seen.has(kind))).toEqual([]);
  });

  it("keep what people chose: names, docs, comments and labels", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const first = parse(print(buildProgram(randomProgram(seed))));
      if (!first.ok) throw new Error(first.diagnostics[0]?.message);
      const second = parse(print(first.program));
      if (!second.ok) throw new Error(second.diagnostics[0]?.message);
      expect(second.program.annotations, `seed ${seed}`).toEqual(first.program.annotations);
    }
  });
});

/** What is wrong with the round trip of one random module, or undefined. */
function faultOf(seed: number): string | undefined {
  const built = buildProgram(randomProgram(seed, optionsOf(seed)));
  for (const feature of featuresOf(built.module)) seen.add(feature);
  const spec = specOf(built.module, seed);
  const bytes = moduleBytes(built.module);
  if (!isSame(moduleBytes(canonicalModule(built.module)), bytes))
    return "the builder does not number canonically";
  const text = print({ ...built, spec });
  const read = parse(text);
  if (!read.ok) return `${read.diagnostics[0]?.message}\n${text}`;
  if (!isSame(moduleBytes(read.program.module), bytes)) return `other bytes\n${text}`;
  if (!isSame(toBinary(SpecSchema, withoutSpans(read.spec)), toBinary(SpecSchema, spec)))
    return `other examples\n${text}`;
  if (read.diagnostics.length > 0) return `a remark: ${read.diagnostics[0]?.message}\n${text}`;
  const again = print({ ...read.program, spec: read.spec });
  return again === text ? undefined : `no fixed point\n${text}\n${again}`;
}

/** Spans and origins are not in the text. */
function withoutSpans(spec: Spec): Spec {
  const examples = spec.examples.map((one) => {
    const { args, expected, absTolerance, relTolerance } = one;
    return create(ExampleSchema, {
      args,
      expected,
      ...(absTolerance === undefined ? {} : { absTolerance }),
      ...(relTolerance === undefined ? {} : { relTolerance }),
    });
  });
  return create(SpecSchema, { intentText: spec.intentText, examples });
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
