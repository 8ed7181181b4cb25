import { describe, expect, it } from "vitest";
import { check } from "#anrf/check/check.ts";
import { runProgram } from "#anrf/interpret/interpret.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { moduleDigest } from "#anrf/program/digest.ts";
import { openProgram } from "#anrf/program/program.ts";
import { jsonFromPlain, jsonToPlain } from "#anrf/program/proto-json.ts";
import { trapName } from "#anrf/program/trap.ts";
import { valueFromJson, valueToJson } from "#anrf/program/value-json.ts";
import evaluation from "#anrf/testdata/cases/eval/core.json" with { type: "json" };
import canonical from "#anrf/testdata/cases/text/canonical.json" with { type: "json" };
import liberal from "#anrf/testdata/cases/text/liberal.json" with { type: "json" };
import refused from "#anrf/testdata/cases/text/refused.json" with { type: "json" };
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import { DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import { type Case, casesOf } from "./cases.ts";

function read(text: string | undefined) {
  const result = parse(text ?? "");
  if (!result.ok) throw new Error(result.diagnostics.map((one) => `${one.code} ${one.message}`).join("\n"));
  return result;
}

describe("canonical text", () => {
  it.each(casesOf(canonical))("%s", (_, { text, expect: expected }) => {
    const result = read(text);
    expect(print({ ...result.program, spec: result.spec })).toBe(text);
    expect(result.diagnostics).toEqual([]);
    expect(moduleDigest(moduleBytes(result.program.module))).toBe(expected.digest);
    const refusals = check(result.program.module).filter((one) => one.severity === DiagnosticSeverity.ERROR);
    expect(refusals.filter((one) => one.code !== "V22")).toEqual([]);
  });
});

describe("other spellings", () => {
  it.each(casesOf(liberal))("%s are read with a remark", (_, { text, expect: expected }) => {
    const result = read(text);
    expect(print({ ...result.program, spec: result.spec })).toBe(expected.text);
    expect(moduleDigest(moduleBytes(result.program.module))).toBe(expected.digest);
    expect(result.diagnostics.map((one) => one.code)).toContain("P50");
  });
});

describe("refused text", () => {
  it.each(casesOf(refused))("%s", (_, { text, expect: expected }) => {
    const result = parse(text ?? "");
    expect(result.ok).toBe(false);
    expect(result.diagnostics[0]?.code).toBe(expected.rule_id);
  });
});

describe("evaluation", () => {
  it.each(casesOf(evaluation))("%s", (_, one) => {
    expect(outcomeOf(one)).toEqual(one.expect);
  });
});

/** The value or trap of a case on the interpreter, in the form of an expectation. */
function outcomeOf({ text, args }: Case): object {
  const program = openProgram(read(text).program.module);
  const given = program.entry.params.map((type, index) => {
    const json = jsonFromPlain(args?.[index] as never);
    if (json === undefined) throw new Error(`argument ${index} is too deep`);
    const reading = valueFromJson(json, type, program.nominals);
    if (reading.problem !== undefined) throw new Error(reading.problem.message);
    return reading.value;
  });
  const outcome = runProgram(program, given);
  if (outcome.trap !== undefined) return { trap: trapName(outcome.trap.code) };
  const written = valueToJson(outcome.value, program.entry.result, program.nominals);
  if (written.problem !== undefined) throw new Error(written.problem.message);
  return { value: jsonToPlain(written.json) };
}
