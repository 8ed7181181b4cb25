/**
 * Freezes programs for readers to come: `node scripts/make-corpus.ts [MINOR]`. Every `*.anrf.txt` of
 * anrf/testdata/corpus/v1.MINOR that has no `.anrf` beside it gets one, with a `.json` of its digest and what its
 * examples come to. What is frozen is never written again. Digest vectors are made the same way, once.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { toJson } from "@bufbuild/protobuf";
import { interpret } from "#anrf/interpret/interpret.ts";
import { planProgram } from "#anrf/interpret/plan.ts";
import { writeArtifact } from "#anrf/program/artifact.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { moduleDigest } from "#anrf/program/digest.ts";
import { type Json, writeJson } from "#anrf/program/json.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { valueToJson } from "#anrf/program/value-json.ts";
import { valueFromProto } from "#anrf/program/value-proto.ts";
import { casesOf } from "#anrf/testing/cases.ts";
import { parse } from "#anrf/text/parse.ts";
import type { Example } from "#gen/anrf/v1/artifact_pb.ts";
import { ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";

const testdata = new URL("../anrf/testdata/", import.meta.url);
const [minor = "0"] = process.argv.slice(2);
const corpus = new URL(`corpus/v1.${minor}/`, testdata);

function read(text: string, name: string): Extract<ReturnType<typeof parse>, { ok: true }> {
  const result = parse(text);
  if (result.ok) return result;
  throw new Error(`${name} is no program: ${result.diagnostics[0]?.message}`);
}

/** One example run: arguments and what they come to, as JSON text led by the types. */
function frozenRun(program: Program, example: Example): object {
  const args = program.entry.params.map((type, index) => {
    const arg = example.args[index];
    const reading = arg === undefined ? undefined : valueFromProto(arg, type, program.nominals);
    if (reading?.value === undefined) throw new Error(`argument ${index} has no value`);
    return reading.value;
  });
  const shown = args.map((arg, index) => jsonOf(arg, program.entry.params[index], program));
  const outcome = interpret(planProgram(program), args);
  const fuel = outcome.fuelUsed;
  if (outcome.trap !== undefined)
    return { args: writeJson(shown), trap: trapName(outcome.trap.code), node: outcome.trap.node, fuel };
  return {
    args: writeJson(shown),
    result: writeJson(jsonOf(outcome.value, program.entry.result, program)),
    fuel,
  };
}

function jsonOf(value: Value, type: Type | undefined, { nominals }: Program): Json {
  if (type === undefined) throw new Error("a value has no type");
  const written = valueToJson(value, type, nominals);
  if (written.problem !== undefined) throw new Error(`a value cannot be written: ${written.problem.message}`);
  return written.json;
}

function freeze(name: string): void {
  const text = readFileSync(new URL(`${name}.anrf.txt`, corpus), "utf8");
  const { program, spec } = read(text, name);
  const parts = { module: program.module, annotations: program.annotations, spec };
  const digest = moduleDigest(moduleBytes(program.module));
  const opened = openProgram(program.module);
  const runs = spec.examples.map((example) => frozenRun(opened, example));
  if (runs.length === 0) throw new Error(`${name} has no example`);
  writeFileSync(
    new URL(`${name}.anrf`, corpus),
    writeArtifact({ ...parts, producer: "anrf", producerVersion: "0.1.0" }),
    { flag: "wx" },
  );
  writeFileSync(
    new URL(`${name}.json`, corpus),
    `${JSON.stringify({ digest, minReaderMinor: Number(minor), runs }, null, 2)}\n`,
    { flag: "wx" },
  );
}

function vector(name: string, text: string): object {
  const { module } = read(text, name).program;
  const bytes = moduleBytes(module);
  const hex = Buffer.from(bytes).toString("hex");
  const expected = { module: toJson(ModuleSchema, module), hex, digest: moduleDigest(bytes) };
  return { name, text, expect: expected };
}

function freezeVectors(): void {
  const target = new URL("cases/digest/vectors.json", testdata);
  if (existsSync(target)) return;
  const canonical: unknown = JSON.parse(readFileSync(new URL("cases/text/canonical.json", testdata), "utf8"));
  const kinds = casesOf(canonical).map(([name, one]) => vector(name, one.text ?? ""));
  const programs = sources().map((name) =>
    vector(name, readFileSync(new URL(`${name}.anrf.txt`, corpus), "utf8")),
  );
  const sections = [
    { name: "forms of the language", tests: kinds },
    { name: "whole programs", tests: programs },
  ];
  writeFileSync(target, `${JSON.stringify({ name: "digests", sections }, null, 2)}\n`, { flag: "wx" });
  console.log(`froze ${kinds.length + programs.length} digest vectors`);
}

function sources(): readonly string[] {
  return readdirSync(corpus)
    .filter((file) => file.endsWith(".anrf.txt"))
    .map((file) => file.slice(0, -".anrf.txt".length))
    .sort();
}

for (const name of sources()) {
  if (existsSync(new URL(`${name}.anrf`, corpus))) continue;
  freeze(name);
  console.log(`froze ${name}`);
}
freezeVectors();
