import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { check } from "#anrf/check/check.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import { showValue } from "#anrf/program/show.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { NominalTypes, Type } from "#anrf/program/type.ts";
import {
  DecimalNumber,
  INT_MAX,
  INT_MIN,
  Some,
  SortedMap,
  type Value,
  Variant,
} from "#anrf/program/value.ts";
import { builtinByNumber, CATALOGUE } from "#anrf/std/catalogue.ts";
import { featuresOf } from "#anrf/testing/features.ts";
import { Random } from "#anrf/testing/random.ts";
import { type ProgramOptions, randomProgram } from "#anrf/testing/random-program.ts";
import { randomValue } from "#anrf/testing/random-value.ts";
import { firstSeed } from "#anrf/testing/seeds.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { ModuleSchema, NodeSchema } from "#gen/anrf/v1/ir_pb.ts";
import { interpret, type Outcome } from "./interpret.ts";
import type { RunLimits } from "./meter.ts";
import { missingBuiltins, planProgram } from "./plan.ts";

const PROGRAMS = process.env["ANRF_FULL"] === "1" ? 200_000 : 10_000;
/** What a run may use: loops of any condition may have no end. */
const FUEL = 100_000;
/** What the small stack of a test's process bears; the engine's own limit has a test of its own. */
const DEPTH = 20_000;
const INPUTS = 2;
const FIRST_SEED = firstSeed(7_000_000, Date.now() % 2 ** 31, process.env);
const CHUNKS = 10;

function isInt(value: Value): boolean {
  if (typeof value === "bigint")
    return value >= INT_MIN && value <= INT_MAX && !Number.isSafeInteger(Number(value));
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** True for a value of the type in its one form. */
function isOfType(value: Value, type: Type, nominals: NominalTypes): boolean {
  const all = (values: readonly Value[], types: readonly (Type | undefined)[]): boolean =>
    values.length === types.length &&
    values.every((part, index) => {
      const partType = types[index];
      return partType !== undefined && isOfType(part, partType, nominals);
    });
  const every = (values: readonly Value[], item: Type): boolean =>
    all(
      values,
      values.map(() => item),
    );
  switch (type.kind) {
    case "unit":
      return value === null;
    case "bool":
      return typeof value === "boolean";
    case "int":
      return isInt(value);
    case "float":
      return typeof value === "number";
    case "string":
      return typeof value === "string" && value.isWellFormed();
    case "date":
      return Number.isInteger(value);
    case "decimal":
      return value instanceof DecimalNumber && value.scale <= 18;
    case "list":
      return Array.isArray(value) && every(value, type.item);
    case "tuple":
      return Array.isArray(value) && all(value, type.items);
    case "record":
      return (
        Array.isArray(value) &&
        all(
          value,
          (nominals.records.get(type.name) ?? []).map((field) => field.type),
        )
      );
    case "option":
      return value === null || (value instanceof Some && isOfType(value.value, type.item, nominals));
    case "map":
      return (
        value instanceof SortedMap &&
        every(value.keys, type.key) &&
        every(value.values, type.value) &&
        isSorted(value)
      );
    case "variant":
      return (
        value instanceof Variant &&
        all(value.payload, nominals.variants.get(type.name)?.[value.caseIndex]?.payload ?? [])
      );
    case "function":
    case "var":
      return false;
    default:
      throw new Error(`unreachable: ${type satisfies never}`);
  }
}

function isSorted(map: SortedMap): boolean {
  return map.keys.every((key, index) => map.find(key) === index);
}

/** The traps that a program declares: those of its builtins, of fail, hole and clauses, and the limits. */
function declaredTraps(program: Program): ReadonlySet<TrapCode> {
  const declared = new Set<TrapCode>([TrapCode.FUEL, TrapCode.MEMORY, TrapCode.DEPTH]);
  for (const fn of program.functions) {
    if (fn.def.requires.length + fn.def.ensures.length > 0 || fn.def.decreases !== undefined)
      declared.add(TrapCode.CONTRACT);
    for (const { kind } of fn.nodes) {
      if (kind.case === "failWith") declared.add(TrapCode.FAIL);
      if (kind.case === "hole") declared.add(TrapCode.HOLE);
      if (kind.case === "loopWhile") declared.add(TrapCode.CONTRACT);
      if (kind.case === "builtinCall")
        for (const code of builtinByNumber(kind.value.builtin)?.traps ?? []) declared.add(code);
    }
  }
  return declared;
}

function describeOutcome(program: Program, outcome: Outcome): string {
  if (outcome.trap !== undefined)
    return `trap ${trapName(outcome.trap.code)} at ${outcome.trap.function}.${outcome.trap.node}`;
  return showValue(outcome.value, program.entry.result, program.nominals, 2_000);
}

/** How often each feature of the language stood in a program, and each trap ended a run. */
const seen = new Map<string, number>();
const count = (name: string): unknown => seen.set(name, (seen.get(name) ?? 0) + 1);

/** A module that uses a feature that the random programs leave out would go untested. */
function optionsOf(seed: number): ProgramOptions {
  return seed % 4 === 1 ? { hasDecimals: seed % 8 === 1 } : { hasAll: true, size: seed % 4 === 2 ? 40 : 20 };
}

/** What is wrong with the program of a seed, or undefined. */
function problemOf(seed: number): string | undefined {
  const { module } = buildProgram(randomProgram(seed, optionsOf(seed)));
  const bytes = moduleBytes(module);
  const decoded = fromBinary(ModuleSchema, bytes);
  const [refused] = check(decoded, { bytes }).filter((one) => one.code !== "V16");
  if (refused !== undefined)
    return `${refused.code} ${refused.message} at ${refused.function}.${refused.node}`;
  const program = openProgram(decoded);
  if (missingBuiltins(program).length > 0) return "a builtin is not run by this build";
  for (const feature of featuresOf(decoded)) count(feature);
  const plan = planProgram(program);
  const declared = declaredTraps(program);
  const random = new Random(seed);
  for (let input = 0; input < INPUTS; input++) {
    const args = program.entry.params.map((type) => randomValue(random, type, program.nominals));
    const limits = limitsOf(seed, input);
    const outcome = interpret(plan, args, limits);
    count(outcome.trap === undefined ? "a value" : `trap ${trapName(outcome.trap.code)}`);
    if (outcome.trap !== undefined && (outcome.trap.backstop || !declared.has(outcome.trap.code))) {
      return `undeclared ${describeOutcome(program, outcome)}: ${outcome.trap.message}`;
    }
    if (outcome.trap === undefined && !isOfType(outcome.value, program.entry.result, program.nominals)) {
      return `${describeOutcome(program, outcome)} is no ${program.entry.result.text}`;
    }
    const expected = describeOutcome(program, outcome);
    const again = describeOutcome(program, interpret(plan, args, { ...limits, fuel: outcome.fuelUsed }));
    if (again !== expected) return `with the fuel used: ${again}, before: ${expected}`;
    // The depth of the entry is taken before any fuel is.
    const starved =
      outcome.fuelUsed === 0 ? undefined : interpret(plan, args, { ...limits, fuel: outcome.fuelUsed - 1 });
    if (starved !== undefined && starved.trap?.code !== TrapCode.FUEL)
      return `with one unit less: ${describeOutcome(program, starved)}, before: ${expected}`;
    const free = interpret(planProgram(program, "off"), args, limits);
    if (outcome.trap === undefined && describeOutcome(program, free) !== expected)
      return "contracts changed the value";
  }
  return undefined;
}

/** Ample, but now and then too little memory or depth. */
function limitsOf(seed: number, input: number): Partial<RunLimits> {
  if (input > 0 || seed % 20 !== 0) return { fuel: FUEL, depth: DEPTH };
  return seed % 40 === 0 ? { fuel: FUEL, depth: DEPTH, memory: 100 } : { fuel: FUEL, depth: 60 };
}

describe("a module that passes the checker", () => {
  it.each(Array.from({ length: CHUNKS }, (_, chunk) => FIRST_SEED + (chunk * PROGRAMS) / CHUNKS))(
    "gives a value of its type or a trap that it declares, with lawful fuel (seeds from %i)",
    (from) => {
      for (let seed = from; seed < from + PROGRAMS / CHUNKS; seed++) {
        const problem = problemOf(seed);
        if (problem !== undefined) expect.fail(`seed ${seed}: ${problem}`);
      }
    },
    1_200_000,
  );
});

/** Features that random programs never have: no build runs an extension. */
const NODE_KINDS = NodeSchema.oneofs.flatMap((one) => one.fields.map((field) => field.localName));
const WANTED: readonly string[] = [
  ...NODE_KINDS.filter((kind) => kind !== "extensionCall").map((kind) => `node ${kind}`),
  ...CATALOGUE.map((one) => `builtin ${one.id}`),
  ...["listOf", "optionOf", "mapOf", "tupleOf", "functionOf", "recordRef", "variantRef"].map(
    (kind) => `type ${kind}`,
  ),
  ...[1, 2, 3, 4, 5, 6, 7].map((scalar) => `type scalar ${scalar}`),
  ...["unit", "bool", "int", "float", "string", "decimal", "days"].flatMap((kind) => [
    `literal ${kind}`,
    `pattern literal ${kind}`,
  ]),
  ...["pattern variantCase", "pattern optionSome true", "pattern optionSome false", "pattern wildcard"],
  ...["clause requires", "clause ensures", "clause decreases", "result in a clause", "label of a clause"],
  ...["loop invariant", "loop decreases", "recursion self", "recursion mutual", "several functions"],
  ...["record", "recursive variant", "a function as a value", "a value"],
  ...["OVERFLOW", "DIV_ZERO", "INDEX", "NONE", "INVALID", "DECIMAL", "DATE", "FAIL", "CONTRACT", "HOLE"].map(
    (code) => `trap ${code}`,
  ),
  ...["FUEL", "MEMORY", "DEPTH"].map((code) => `trap ${code}`),
];

describe("the random programs", () => {
  it("have every feature of the language, and end in every way", () => {
    expect(WANTED.length).toBeGreaterThan(290);
    const missing = WANTED.filter((name) => (seen.get(name) ?? 0) < 3);
    expect(missing).toEqual([]);
  });
});
