import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { hexToBytes } from "@noble/hashes/utils.js";
import { check, isSound } from "#anrf/check/check.ts";
import { interpret } from "#anrf/interpret/interpret.ts";
import { missingBuiltins, planProgram } from "#anrf/interpret/plan.ts";
import { readArtifact, writeArtifact } from "#anrf/program/artifact.ts";
import { canonicalModule, moduleBytes } from "#anrf/program/canonical.ts";
import { moduleDigest } from "#anrf/program/digest.ts";
import { type Json, parseJson, writeJson } from "#anrf/program/json.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import { jsonFromPlain } from "#anrf/program/proto-json.ts";
import { trapName } from "#anrf/program/trap.ts";
import { argsFromJson, valueToJson } from "#anrf/program/value-json.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import {
  type Annotations,
  AnnotationsSchema,
  type ArtifactHeader,
  ArtifactHeaderSchema,
  type Spec,
  SpecSchema,
} from "#gen/anrf/v1/artifact_pb.ts";
import { type Module, ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import type { Case, Expectation } from "./cases.ts";

/** What a case holds, as far as it can be read. */
interface Subject {
  readonly module: Module;
  readonly spec: Spec;
  readonly annotations: Annotations;
  readonly header?: ArtifactHeader | undefined;
  readonly bytes?: Uint8Array | undefined;
}

/** What the small stack of a test's process bears; the engine's own limit has a test of its own. */
const DEPTH = 20_000;

type Observed = { -readonly [K in keyof Expectation]: Expectation[K] };

/**
 * What is wrong with a case on this build, or undefined: what it comes to is compared with what it expects, and a sound
 * program is taken through the file, the text and back on the way.
 */
export function conformanceProblem(one: Case): string | undefined {
  const observed = observe(one);
  if (typeof observed === "string") return observed;
  for (const key of Object.keys(one.expect) as (keyof Expectation)[]) {
    const [found, wanted] = [plain(observed[key]), plain(one.expect[key])];
    if (found !== wanted) return `${key} is ${found}, expected ${wanted}`;
  }
  for (const key of ["rule_id", "reason", "problem", "trap"] as const) {
    if (observed[key] !== undefined && one.expect[key] === undefined) return `${key} is ${observed[key]}`;
  }
  return undefined;
}

function plain(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}

function observe(one: Case): Observed | string {
  const { subject, refused } = subjectOf(one);
  if (subject === undefined) return refused;
  const { module, header, bytes } = subject;
  const findings = check(module, {
    ...(header === undefined ? {} : { header }),
    ...(bytes === undefined ? {} : { bytes }),
  });
  const [first] = findings;
  const observed: Observed = first === undefined ? {} : { rule_id: first.code };
  // The environment allows no extension yet; the language knows them all the same.
  if (!isSound(findings.filter((one) => one.code !== "V22"))) return observed;
  Object.assign(observed, {
    digest: moduleDigest(moduleBytes(module)),
    hex: Buffer.from(moduleBytes(module)).toString("hex"),
    module: toJson(ModuleSchema, module),
    text: print(subject),
  });
  if (one.expect.rule_id !== undefined) return observed;
  delete observed.rule_id; // a warning, on a case that asks for something else
  const again = roundTrip(subject);
  if (typeof again === "string") return again;
  const program = openProgram(again);
  const [missing] = missingBuiltins(program);
  if (missing !== undefined) return `builtin ${missing.builtin} is not run by this build`;
  return { ...observed, ...run(one, program) };
}

type Reading =
  | { readonly subject: Subject; readonly refused?: undefined }
  | { readonly refused: Observed; readonly subject?: undefined };

function subjectOf({ text, module, header: stated, artifact_hex: hex }: Case): Reading {
  if (hex !== undefined) {
    const { document, fault } = readArtifact(hexToBytes(hex));
    if (document === undefined) return { refused: { reason: fault.reason } };
    const { header } = document.artifact;
    return { subject: { ...document, header, bytes: document.moduleBytes } };
  }
  if (module !== undefined) {
    const read = fromJson(ModuleSchema, module as JsonValue);
    return {
      subject: {
        module: read,
        spec: create(SpecSchema),
        annotations: create(AnnotationsSchema),
        header: stated === undefined ? undefined : fromJson(ArtifactHeaderSchema, stated as JsonValue),
      },
    };
  }
  const result = parse(text ?? "");
  if (!result.ok) return { refused: { rule_id: result.diagnostics[0]?.code ?? "none" } };
  return { subject: { ...result.program, spec: result.spec } };
}

/** The module after print, parse, write and read; or what was lost on the way. */
function roundTrip(subject: Subject): Module | string {
  const bytes = moduleBytes(subject.module);
  if (!isSame(moduleBytes(canonicalModule(subject.module)), bytes)) return "its numbering is not canonical";
  const text = print(subject);
  const parsed = parse(text);
  if (!parsed.ok) return `its text is not read: ${parsed.diagnostics[0]?.message}`;
  if (!isSame(moduleBytes(parsed.program.module), bytes)) return "its text gives other bytes";
  if (print({ ...parsed.program, spec: parsed.spec }) !== text) return "its text is no fixed point";
  const { module, annotations } = parsed.program;
  const file = writeArtifact({
    module,
    annotations,
    spec: parsed.spec,
    producer: "test",
    producerVersion: "1",
  });
  const { document, fault } = readArtifact(file);
  if (document === undefined) return `its file is not read: ${fault.message}`;
  const { header } = document.artifact;
  if (header === undefined) return "its file has no header";
  const findings = check(document.module, { bytes: document.moduleBytes, header });
  return isSound(findings) || findings.every((one) => one.code === "V22")
    ? document.module
    : `its file is refused: ${findings[0]?.message}`;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Value or trap on the interpreter; nothing for a case without arguments. */
function run({ args, args_json: text, contracts = "enforce" }: Case, program: Program): Observed {
  const json = argsJson(args, text);
  if (json === undefined) return {};
  const params = program.entry.params.map((type, index) => ({ name: `p${index}`, type }));
  const reading = argsFromJson(json, params, program.nominals);
  if (reading.problem !== undefined) return { problem: reading.problem.path };
  const outcome = interpret(planProgram(program, contracts), reading.args, { depth: DEPTH });
  const reports = contracts === "report" ? { reports: outcome.reports.length } : {};
  if (outcome.trap !== undefined)
    return {
      ...reports,
      trap: `${trapName(outcome.trap.code)}${outcome.trap.backstop ? ", by the host" : ""}`,
    };
  const written = valueToJson(outcome.value, program.entry.result, program.nominals);
  if (written.problem !== undefined) return { problem: written.problem.path };
  const out = writeJson(written.json);
  return { ...reports, json: out, value: JSON.parse(out) };
}

function argsJson(args: readonly unknown[] | undefined, text: string | undefined): Json | undefined {
  if (args !== undefined) return jsonFromPlain(args as JsonValue);
  if (text === undefined) return undefined;
  const reading = parseJson(text);
  if (reading.fault !== undefined) throw new Error(`the arguments of the case are no JSON: ${text}`);
  return reading.json;
}
