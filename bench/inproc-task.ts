import { create } from "@bufbuild/protobuf";
import { jsonFromPlain, jsonFromProto, jsonToProto } from "#anrf/program/proto-json.ts";
import type { Type } from "#anrf/program/type.ts";
import { parseType } from "#anrf/program/type-text.ts";
import type { Value } from "#anrf/program/value.ts";
import { argsFromJson, valueFromJson } from "#anrf/program/value-json.ts";
import type { SearchTask } from "#anrf/search/search.ts";
import { type Example, Example_Origin, ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import type { StructuredIntent } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { analyze } from "../services/intent/analyze.ts";
import type { TaskCase } from "../training/load-tasks.ts";
import type { ShownTask } from "./solve.ts";

/** Examples read out of the words count as given from this certainty on. */
const HARD = 0.8;
const PROGRAMS = 2 ** 31;
const MEMORY_BYTES = 2 ** 30;

/** What the search is asked to do: the analysis of the words and examples, made typed. */
export function searchTaskOf(task: ShownTask): SearchTask {
  const params = task.params.map(({ name, type }) => ({ name, type: readType(type) }));
  const result = readType(task.returns);
  const intent = analyze(task.text, {
    signature: { params: task.params.map(({ name, type }) => ({ name, type })), returns: task.returns },
    examples: task.shown.map((shown) => exampleOf(shown)),
  });
  return {
    signature: { params, result },
    examples: intent.examples.flatMap((example) => caseOf(example, params, result)),
    hints: (intent.goal?.hints ?? []).map(({ builtin, weight }) => ({ builtin, weight })),
    constants: constantsOf(intent),
    seed: task.seed,
    limits: { programs: PROGRAMS, memoryBytes: MEMORY_BYTES },
  };
}

function exampleOf({ inputs, output }: TaskCase): Example {
  return create(ExampleSchema, {
    inputs: jsonToProto(readJson(inputs)),
    expected: { case: "output", value: jsonToProto(readJson(output)) },
    origin: Example_Origin.REQUEST,
  });
}

function caseOf(
  example: Example,
  params: readonly { readonly name: string; readonly type: Type }[],
  result: Type,
): SearchTask["examples"] {
  const isGiven = example.origin === Example_Origin.REQUEST || (example.certainty ?? 0) >= HARD;
  if (!isGiven || example.inputs === undefined || example.expected.case !== "output") return [];
  const { args } = argsFromJson(jsonFromProto(example.inputs) ?? null, params);
  const reading = valueFromJson(jsonFromProto(example.expected.value) ?? null, result);
  if (args === undefined || reading.problem !== undefined) return [];
  return [{ args, result: reading.value }];
}

function constantsOf(intent: StructuredIntent): SearchTask["constants"] {
  return intent.constants.flatMap(({ value, type: text }) => {
    const type = parseType(text);
    if (value === undefined || "error" in type) return [];
    const reading = valueFromJson(jsonFromProto(value) ?? null, type);
    return reading.problem === undefined ? [{ value: reading.value, type, weight: 1 }] : [];
  });
}

/** The type of that text. */
export function readType(text: string): Type {
  const type = parseType(text);
  if ("error" in type) throw new Error(`could not read the type ${text}: ${type.error}`);
  return type;
}

/** The value of plain JSON. */
export function readValue(raw: unknown, type: Type): Value {
  const reading = valueFromJson(readJson(raw), type);
  if (reading.problem === undefined) return reading.value;
  throw new Error(`could not read a value of type ${type.text}: ${reading.problem.message}`);
}

function readJson(raw: unknown) {
  const json = jsonFromPlain(raw as Parameters<typeof jsonFromPlain>[0]);
  if (json === undefined) throw new Error("could not read a value: it nests too deep");
  return json;
}
