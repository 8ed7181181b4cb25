import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { interpret } from "#anrf/interpret/interpret.ts";
import { missingBuiltins, planProgram } from "#anrf/interpret/plan.ts";
import { readArtifact, writeArtifact } from "#anrf/program/artifact.ts";
import { canonicalModule, moduleBytes } from "#anrf/program/canonical.ts";
import { digestMessage } from "#anrf/program/digest.ts";
import { openProgram } from "#anrf/program/program.ts";
import { INT, recordOf, type Type, variantOf } from "#anrf/program/type.ts";
import * as e from "#anrf/testing/exprs.ts";
import { Random } from "#anrf/testing/random.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { randomValue } from "#anrf/testing/random-value.ts";
import { ArtifactSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { Builtin } from "#gen/anrf/v1/builtins_pb.ts";
import {
  FunctionDefSchema,
  type Module,
  ModuleSchema,
  NodeSchema,
  TypeDefSchema,
} from "#gen/anrf/v1/ir_pb.ts";
import { check, isSound } from "./check.ts";

const MUTATIONS = process.env["ANRF_FULL"] === "1" ? 200_000 : 10_000;
const FIRST_SEED = 41_000_000;
const CHUNKS = 5;

const BASES = Array.from({ length: 50 }, (_, index) => {
  const { module } = buildProgram(randomProgram(FIRST_SEED + index, { hasAll: index % 3 > 0, size: 30 }));
  const file = writeArtifact({ module, producer: "test", producerVersion: "1" });
  return { bytes: moduleBytes(module), file };
});

/** Some bytes changed, moved, repeated, cut or put in. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let made = [...bytes];
  for (let edit = random.below(4); edit >= 0; edit--) {
    const at = random.below(made.length + 1);
    const span = made.slice(at, at + 1 + random.below(12));
    switch (random.below(6)) {
      case 0:
        made[at] = random.below(256);
        break;
      case 1:
        made[at] = ((made[at] ?? 0) + (random.below(2) === 0 ? 1 : 255)) % 256;
        break;
      case 2:
        made.splice(at, span.length);
        break;
      case 3:
        made.splice(random.below(made.length + 1), 0, ...span);
        break;
      case 4:
        made.splice(at, 0, random.below(256), random.below(256));
        break;
      default:
        made = made.slice(0, Math.max(1, at));
    }
  }
  return Uint8Array.from(made, (byte) => byte ?? 0);
}

/** The bytes as a file that states their digest truly: a lie of the writer, not of the line. */
function fileOf(module: Uint8Array): Uint8Array {
  const header = { moduleDigest: digestMessage("module", module) };
  return toBinary(ArtifactSchema, create(ArtifactSchema, { header, module }));
}

/** A sound module is canonical and runs; any other makes the numbering throw plainly, or end. */
function follow(module: Module, bytes: Uint8Array, random: Random): string | undefined {
  const findings = check(module, { bytes });
  if (!isSound(findings)) {
    try {
      canonicalModule(module);
    } catch (error) {
      if (error instanceof RangeError || !(error instanceof Error)) return `numbering: ${error}`;
    }
    return undefined;
  }
  if (!Buffer.from(moduleBytes(canonicalModule(module))).equals(bytes)) return "sound, and not canonical";
  const program = openProgram(module);
  if (missingBuiltins(program).length > 0) return undefined;
  const args = program.entry.params.map((type) => randomValue(random, type, program.nominals));
  interpret(planProgram(program), args, { fuel: 20_000, depth: 20_000 });
  return undefined;
}

function problemOf(seed: number): string | undefined {
  const random = new Random(seed);
  const base = BASES[seed % BASES.length];
  if (base === undefined) throw new Error("no module to alter");
  if (random.below(10) === 0) {
    readArtifact(mutated(base.file, random));
    return undefined;
  }
  const bytes = mutated(base.bytes, random);
  const { document } = readArtifact(fileOf(bytes));
  return document === undefined ? undefined : follow(document.module, bytes, random);
}

describe("files with altered bytes", () => {
  it.each(Array.from({ length: CHUNKS }, (_, chunk) => FIRST_SEED + (chunk * MUTATIONS) / CHUNKS))(
    "are read, checked and numbered without an exception, and run when they are sound (seeds from %i)",
    (from) => {
      for (let seed = from; seed < from + MUTATIONS / CHUNKS; seed++) {
        const problem = problemOf(seed);
        if (problem !== undefined) expect.fail(`seed ${seed}: ${problem}`);
      }
    },
    1_200_000,
  );
});

/** Every list and every object below a message, in a fixed order. */
function partsOf(root: object): readonly object[] {
  const found: object[] = [];
  const pending: object[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next instanceof Uint8Array) continue;
    found.push(next);
    for (const part of Object.values(next)) if (typeof part === "object" && part !== null) pending.push(part);
  }
  return found;
}

/** One number, word or item of a message changed; the message stays well formed for its encoder. */
function alter(root: object, random: Random): void {
  const part = random.pick(partsOf(root));
  if (Array.isArray(part)) {
    const at = random.below(part.length + 1);
    const item: unknown = part[random.below(Math.max(1, part.length))];
    if (random.below(3) === 0) part.splice(at, 1);
    else if (item !== undefined && random.below(2) === 0) part.splice(at, 0, structuredClone(item));
    else if (item !== undefined) part.splice(at, 0, ...part.splice(random.below(part.length), 1));
    return;
  }
  const fields = Object.entries(part).filter(([key]) => !key.startsWith("$") && key !== "case");
  if (fields.length === 0) return;
  const [key, value] = random.pick(fields);
  if (typeof value === "number") Object.assign(part, { [key]: Math.max(0, value + random.below(5) - 2) });
  if (typeof value === "bigint") Object.assign(part, { [key]: BigInt(random.below(5) - 2) });
  if (typeof value === "boolean") Object.assign(part, { [key]: !value });
  if (typeof value === "string") Object.assign(part, { [key]: random.pick(["", "a", "List", "\u202e"]) });
}

function alteredProblem(seed: number): string | undefined {
  const random = new Random(seed);
  const base = BASES[seed % BASES.length];
  if (base === undefined) throw new Error("no module to alter");
  const module = fromBinary(ModuleSchema, base.bytes);
  for (let edit = random.below(3); edit >= 0; edit--) alter(module, random);
  const bytes = toBinary(ModuleSchema, module);
  const { document } = readArtifact(fileOf(bytes));
  return document === undefined ? undefined : follow(document.module, bytes, random);
}

// Walking a message for each change costs more than the change, so these are fewer.
const ALTERATIONS = MUTATIONS / 5;

describe("modules with altered parts", () => {
  it(`are refused, or are canonical and run (${ALTERATIONS} seeds)`, { timeout: 1_200_000 }, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + ALTERATIONS; seed++) {
      const problem = alteredProblem(seed);
      if (problem !== undefined) expect.fail(`seed ${seed}: ${problem}`);
    }
  });
});

const CHAIN = 4_095;
const links = Array.from({ length: CHAIN }, (_, index) => index);
const nextOf = (make: (name: string) => Type, index: number): Type =>
  index + 1 < CHAIN ? make(`L${index + 1}`) : INT;

describe("declarations in a chain as long as the type table", () => {
  it.each([
    {
      what: "records",
      made: e.programOf([e.fn("f", [e.slot("x", recordOf("L0"))], e.int(0))], {
        records: links.map((index) => ({
          name: `L${index}`,
          fields: [{ name: "next", type: nextOf(recordOf, index) }],
        })),
      }),
    },
    {
      what: "variants",
      made: e.programOf([e.fn("f", [e.slot("x", variantOf("L0"))], e.int(0))], {
        variants: links.map((index) => ({
          name: `L${index}`,
          cases: [{ name: "Next", payload: [nextOf(variantOf, index)] }],
        })),
      }),
    },
  ])("are built, checked and numbered: $what", ({ made }) => {
    const { module } = made;
    expect(module.types.length).toBe(CHAIN + 1);
    expect(check(module, { bytes: moduleBytes(module) })).toEqual([]);
    expect(moduleBytes(canonicalModule(module))).toEqual(moduleBytes(module));
    const file = writeArtifact({ module, producer: "test", producerVersion: "1" });
    expect(readArtifact(file).document?.module).toEqual(module);
  });
});

describe("tables that would make the numbering run without end", () => {
  it("are refused: a type that holds itself", () => {
    const type = create(TypeDefSchema, { kind: { case: "listOf", value: 0 } });
    const fn = create(FunctionDefSchema, { name: "f", resultType: 0 });
    const module = create(ModuleSchema, { types: [type], functions: [fn] });
    expect(() => canonicalModule(module)).toThrow("operand 0 of type 0 is not earlier");
    expect(check(module).map((one) => one.code)).toContain("V07");
  });

  it("are refused: nodes that double at each level", () => {
    const { module } = e.programOf([e.fn("f", [], e.int(1))]);
    const [fn] = module.functions;
    for (let id = 0; id < 60; id++) {
      const value = { builtin: Builtin.INT_ADD, args: [id, id] };
      fn?.nodes.push(create(NodeSchema, { type: 0, kind: { case: "builtinCall", value } }));
    }
    Object.assign(fn ?? {}, { body: 60 });
    expect(() => canonicalModule(module)).toThrow("second parent");
    expect(check(module).map((one) => one.code)).toContain("V03");
  });
});
