import { openProgram, type Program } from "#anrf/program/program.ts";
import { jsonToProto } from "#anrf/program/proto-json.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { valueToJson } from "#anrf/program/value-json.ts";
import { CheckResult_Status, Obligation_Tier } from "#gen/anrf/api/v1/check_result_pb.ts";
import type { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { CheckOutcome, Counterexample, Obligation } from "./result.ts";

/** The opened program, or undefined for a module that the checker refuses: its results have no values to show. */
export function openOrNot(module: Parameters<typeof openProgram>[0]): Program | undefined {
  try {
    return openProgram(module);
  } catch {
    return undefined;
  }
}

/** An outcome as the API tells it. */
export function resultOf(outcome: CheckOutcome, program: Program | undefined) {
  return {
    check: outcome.check,
    status: CheckResult_Status[outcome.status],
    details: outcome.details,
    obligations: outcome.obligations.map((one) => obligationOf(one, program)),
  };
}

function obligationOf(one: Obligation, program: Program | undefined) {
  const { id, kind, node, reason, engine } = one;
  return {
    id,
    kind,
    function: one.function,
    ...(node === undefined ? {} : { node }),
    status: CheckResult_Status[one.status],
    tier: Obligation_Tier[one.tier],
    reason,
    engine,
    ...(one.counterexample === undefined || program === undefined
      ? {}
      : { counterexample: exampleOf(one.counterexample, program) }),
  };
}

/** The input that shows it, with what came out: an example as the API writes them. */
function exampleOf({ args, got }: Counterexample, program: Program) {
  const { entry, nominals } = program;
  const json = (value: Value, type: Type) => {
    const written = valueToJson(value, type, nominals);
    return jsonToProto(written.problem === undefined ? written.json : null);
  };
  const inputs = { values: args.map((value, index) => json(value, entry.params[index] ?? entry.result)) };
  return {
    inputs: { kind: { case: "listValue" as const, value: inputs } },
    expected:
      "value" in got ? { case: "output" as const, value: json(got.value, entry.result) } : trapped(got.trap),
  };
}

function trapped(code: TrapCode) {
  return { case: "trap" as const, value: trapName(code) };
}
