import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { JsonValue } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { interpret } from "#anrf/interpret/interpret.ts";
import { planProgram } from "#anrf/interpret/plan.ts";
import { writeJson } from "#anrf/program/json.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import { jsonFromPlain } from "#anrf/program/proto-json.ts";
import { trapName } from "#anrf/program/trap.ts";
import { argsFromJson, valueToJson } from "#anrf/program/value-json.ts";
import { parse } from "#anrf/text/parse.ts";
import { firstSeed } from "./seeds.ts";

const CALLS = process.env["ANRF_FULL"] === "1" ? 300 : 12;
const SEED = firstSeed(1, Date.now() % 2 ** 31, process.env);

type Outcome = { readonly value: JsonValue } | { readonly trap: string };
type Programs = Readonly<Record<string, readonly (readonly [args: JsonValue, outcome: Outcome])[]>>;

const script = fileURLToPath(new URL("../testdata/make/random_calls.py", import.meta.url));
const made = spawnSync("python3", [script, String(SEED), String(CALLS)], {
  encoding: "utf8",
  maxBuffer: 2 ** 30,
});
const hasPython = made.error === undefined && made.status === 0;
const isOld = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).status !== 0;
if (!hasPython && isOld)
  console.log("skipped: random calls by the models, since there is no python3 from 3.11");

/** What differs from the models among the calls of one program. */
function differences(text: string, calls: Programs[string]): readonly string[] {
  const read = parse(text);
  if (!read.ok) return [`${text} is not read: ${read.diagnostics[0]?.message}`];
  const program = openProgram(read.program.module);
  const plan = planProgram(program);
  const params = program.entry.params.map((type, index) => ({ name: `p${index}`, type }));
  return calls.flatMap(([args, expected]) => {
    const json = jsonFromPlain(args);
    const reading = json === undefined ? undefined : argsFromJson(json, params, program.nominals);
    if (reading?.args === undefined) return [`${text} does not take ${JSON.stringify(args)}`];
    const found = outcomeOf(program, interpret(plan, reading.args));
    if (shown(found) === shown(expected)) return [];
    return [`${text} ${JSON.stringify(args)}: ${shown(found)}, the model says ${shown(expected)}`];
  });
}

function outcomeOf({ entry, nominals }: Program, { value, trap }: ReturnType<typeof interpret>): Outcome {
  if (trap !== undefined) return { trap: trapName(trap.code) };
  const written = valueToJson(value, entry.result, nominals);
  if (written.problem !== undefined) throw new Error(written.problem.message);
  return { value: JSON.parse(writeJson(written.json)) };
}

/** JSON with the members of objects in order: maps come in the order of their keys, and JavaScript moves some. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

describe.skipIf(!hasPython && isOld)(`${CALLS} random calls a model`, () => {
  it(`come to what CPython says (seed ${SEED})`, { timeout: 600_000 }, () => {
    expect(made.stderr).toBe("");
    const programs = JSON.parse(made.stdout) as Programs;
    const count = Object.values(programs).reduce((sum, calls) => sum + calls.length, 0);
    expect(count).toBeGreaterThan(300 * CALLS);
    const found = Object.entries(programs).flatMap(([text, calls]) => differences(text, calls));
    expect(found.slice(0, 20)).toEqual([]);
  });
});
