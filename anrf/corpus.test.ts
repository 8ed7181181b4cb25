import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { check, isSound } from "#anrf/check/check.ts";
import { interpret } from "#anrf/interpret/interpret.ts";
import { planProgram } from "#anrf/interpret/plan.ts";
import { type Document, readArtifact } from "#anrf/program/artifact.ts";
import { canonicalModule, moduleBytes } from "#anrf/program/canonical.ts";
import { parseJson, writeJson } from "#anrf/program/json.ts";
import { openProgram } from "#anrf/program/program.ts";
import { trapName } from "#anrf/program/trap.ts";
import { argsFromJson, valueToJson } from "#anrf/program/value-json.ts";
import { SUPPORTED_MINOR } from "#anrf/program/version.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import { checkExamples } from "#anrf/verify/examples.ts";
import { subjectOf } from "#anrf/verify/subject.ts";

interface Frozen {
  readonly digest: string;
  readonly minReaderMinor: number;
  readonly runs: readonly {
    readonly args: string;
    readonly result?: string;
    readonly trap?: string;
    readonly node?: number;
    readonly fuel: number;
  }[];
}

const ROOT = new URL("./testdata/corpus/", import.meta.url);
const minors = Array.from({ length: SUPPORTED_MINOR + 1 }, (_, minor) => minor);

function namesOf(minor: number): readonly string[] {
  return readdirSync(new URL(`v1.${minor}/`, ROOT))
    .filter((file) => file.endsWith(".anrf"))
    .map((file) => file.slice(0, -".anrf".length));
}

function documentOf(path: string): Document {
  const reading = readArtifact(new Uint8Array(readFileSync(new URL(`${path}.anrf`, ROOT))));
  if (reading.document === undefined) throw new Error(reading.fault.message);
  return reading.document;
}

const frozenOf = (path: string): Frozen => JSON.parse(readFileSync(new URL(`${path}.json`, ROOT), "utf8"));

/** What a frozen run comes to today, in the form in which it was frozen. */
function runAgain(document: Document, frozen: Frozen): Frozen["runs"] {
  const program = openProgram(document.module);
  const plan = planProgram(program);
  const params = program.entry.params.map((type, index) => ({ name: `p${index}`, type }));
  return frozen.runs.map(({ args }) => {
    const json = parseJson(args);
    if (json.fault !== undefined) throw new Error(json.fault.error);
    const reading = argsFromJson(json.json, params, program.nominals);
    if (reading.problem !== undefined) throw new Error(reading.problem.message);
    const outcome = interpret(plan, reading.args);
    const fuel = outcome.fuelUsed;
    if (outcome.trap !== undefined)
      return { args, trap: trapName(outcome.trap.code), node: outcome.trap.node, fuel };
    const written = valueToJson(outcome.value, program.entry.result, program.nominals);
    if (written.problem !== undefined) throw new Error(written.problem.message);
    return { args, result: writeJson(written.json), fuel };
  });
}

describe.each(minors)("the frozen corpus of minor %i", (minor) => {
  it("has at least 20 programs", () => {
    expect(namesOf(minor).length).toBeGreaterThanOrEqual(20);
  });

  it.each(namesOf(minor))("%s is read, sound, canonical, and runs as it did", (name) => {
    const path = `v1.${minor}/${name}`;
    const frozen = frozenOf(path);
    const document = documentOf(path);
    const { header } = document.artifact;
    expect(document.digest).toBe(frozen.digest);
    expect(header?.minReaderMinor).toBe(frozen.minReaderMinor);
    if (header === undefined) throw new Error("the file has no header");
    expect(isSound(check(document.module, { bytes: document.moduleBytes, header }))).toBe(true);
    expect(moduleBytes(canonicalModule(document.module))).toEqual(document.moduleBytes);
    expect(runAgain(document, frozen)).toEqual(frozen.runs);
    // An example outside `requires` is a remark, so PASS is not what is asked.
    expect(checkExamples(subjectOf(document)).status).not.toBe("FAIL");
  });

  it.each(namesOf(minor))("%s has its text beside it", (name) => {
    const document = documentOf(`v1.${minor}/${name}`);
    const text = readFileSync(new URL(`v1.${minor}/${name}.anrf.txt`, ROOT), "utf8");
    expect(print(document)).toBe(text);
    const parsed = parse(text);
    expect(parsed.ok && moduleBytes(parsed.program.module)).toEqual(document.moduleBytes);
  });
});
