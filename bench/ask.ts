import { create } from "@bufbuild/protobuf";
import { interpret } from "#anrf/interpret/interpret.ts";
import type { Plan } from "#anrf/interpret/plan.ts";
import { jsonFromPlain, jsonToPlain, jsonToProto } from "#anrf/program/proto-json.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import { argsFromJson, type InputParam, valueToJson } from "#anrf/program/value-json.ts";
import { Example_Origin, ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import { RpcError } from "#platform/rpc/error.ts";
import type { Source } from "../services/generation/artifact.ts";
import { readTask, type SynthTask } from "../services/generation/task.ts";
import { analyze } from "../services/intent/analyze.ts";
import type { TaskCase } from "../training/load-tasks.ts";
import type { Ran, ShownTask } from "./solve.ts";

/** A task as the generator gets it, by the platform's own analysis of its words and shown cases. */
export interface Asked {
  readonly synth: SynthTask;
  readonly source: Source;
}

const FUEL = 1_000_000;

/** What a request for this task comes to; undefined where the platform would refuse it, such as for its types. */
export function ask(shown: Pick<ShownTask, "text" | "params" | "returns" | "shown">): Asked | undefined {
  const signature = {
    params: shown.params.map(({ name, type }) => ({ name, type })),
    returns: shown.returns,
  };
  try {
    const intent = analyze(shown.text, { signature, examples: shown.shown.map(exampleOf) });
    const { constraints } = intent;
    const { task: synth } = readTask(intent, constraints);
    return synth && { synth, source: { intent, constraints, analysisId: "", text: shown.text } };
  } catch (error) {
    if (error instanceof RpcError) return undefined;
    throw error;
  }
}

function exampleOf({ inputs, output }: TaskCase) {
  return create(ExampleSchema, {
    inputs: jsonToProto(jsonOf(inputs)),
    expected: { case: "output", value: jsonToProto(jsonOf(output)) },
    origin: Example_Origin.REQUEST,
  });
}

/** Runs a program on plain JSON inputs by position; inputs that do not have the types count as INVALID. */
export function runPlain(
  plan: Plan,
  inputs: readonly unknown[],
  params: readonly InputParam[],
  result: Type,
): Ran {
  const { args } = argsFromJson(jsonOf(inputs), params);
  if (args === undefined) return { trap: "INVALID" };
  const outcome = interpret(plan, args, { fuel: FUEL });
  if (outcome.trap !== undefined) return { trap: trapName(outcome.trap.code) };
  const written = valueToJson(outcome.value, result);
  return written.problem === undefined ? { output: jsonToPlain(written.json) } : { trap: "OUTPUT" };
}

function jsonOf(raw: unknown) {
  return jsonFromPlain(raw as Parameters<typeof jsonFromPlain>[0]) ?? null;
}

/** CPU seconds of all threads of this process. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
