import { fromBinary } from "@bufbuild/protobuf";
import { interpret, type Outcome } from "#anrf/interpret/interpret.ts";
import type { Plan } from "#anrf/interpret/plan.ts";
import { JsonObject } from "#anrf/program/json.ts";
import { readJsonWire, writeJsonWire } from "#anrf/program/json-wire.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Value } from "#anrf/program/value.ts";
import { argsFromJson, valueToJson } from "#anrf/program/value-json.ts";
import { valueFromProto } from "#anrf/program/value-proto.ts";
import { ValueSchema } from "#gen/anrf/v1/artifact_pb.ts";
import type { RunJob } from "#platform/sandbox/job.ts";
import { type Prepared, planOf, prepare } from "./prepare.ts";
import {
  decodeRequest,
  encodeMessage,
  type RunAnswer,
  type RunLog,
  type RunRequest,
  type RunTrap,
} from "./run-message.ts";

/** What runs inside the sandbox: read, check, decode the inputs, interpret, encode the output. */
export const run: RunJob = (_kind, payload) => encodeMessage(answer(decodeRequest(payload)));

/** One run from bytes to bytes. A program or an input that is wrong is an answer, not an exception. */
export function answer(request: RunRequest): RunAnswer {
  const begin = performance.now();
  const prepared = prepare(request.artifact, request.digest);
  if ("kind" in prepared) return prepared;
  const plan = planOf(prepared, request.function, request.contracts);
  if (plan === undefined)
    return { kind: "function", message: `the program has no function ${request.function}` };
  const args = readArgs(request, prepared, plan);
  if ("kind" in args) return args;
  if (request.validateOnly) return { kind: "valid" };
  const ready = performance.now();
  const outcome = interpret(plan, args, request.limits);
  const usage = {
    fuelUsed: outcome.fuelUsed,
    depthUsed: outcome.depthUsed,
    memoryBytes: outcome.memoryUsed,
    prepareMs: ready - begin,
    runMs: performance.now() - ready,
  };
  const logs = logsOf(outcome, prepared, request);
  if (outcome.trap !== undefined) {
    const { code, function: index, node, message } = outcome.trap;
    const trap = {
      code: trapName(code),
      function: functionName(prepared, index),
      node,
      message,
      span: spanOf(prepared, index, node),
    };
    return {
      kind: "trap",
      trap,
      logs: [...logs, { ...trap, code: "TRAP", message: `${trap.code}: ${message}` }],
      usage,
    };
  }
  const output = encodeOutput(outcome.value, plan, request.limits.outputBytes);
  return output instanceof Uint8Array
    ? { kind: "value", output, logs, usage }
    : { kind: "trap", trap: output, logs, usage };
}

function readArgs(request: RunRequest, prepared: Prepared, plan: Plan): readonly Value[] | RunAnswer {
  const { entry, nominals } = plan.program;
  const names = prepared.document.annotations.functions[entry.index]?.localNames ?? [];
  const params = entry.params.map((type, index) => ({ name: names[index] || `arg${index}`, type }));
  if (request.inputs === undefined) {
    if (request.args.length !== params.length) {
      return inputProblem("args", `expected ${params.length} arguments, found ${request.args.length}`);
    }
    const values: Value[] = [];
    for (const [index, param] of params.entries()) {
      const reading = valueFromProto(
        fromBinary(ValueSchema, request.args[index] ?? new Uint8Array()),
        param.type,
        nominals,
        `args[${index}]`,
      );
      if (reading.problem !== undefined) return { kind: "input", ...reading.problem };
      values.push(reading.value);
    }
    return values;
  }
  const read = readJsonWire(request.inputs);
  if (read.fault !== undefined) {
    if (read.fault === "TOO_DEEP")
      return { kind: "input", path: "inputs", message: "nests more than 32 levels", tooDeep: true };
    return inputProblem(
      "inputs",
      read.fault === "DUPLICATE_KEY" ? "one object holds two equal keys" : "cannot be read",
    );
  }
  const reading = argsFromJson(read.json, params, nominals);
  return reading.problem === undefined ? reading.args : { kind: "input", ...reading.problem };
}

function inputProblem(path: string, message: string): RunAnswer {
  return { kind: "input", path, message, tooDeep: false };
}

function encodeOutput(value: Value, plan: Plan, maxBytes: number): Uint8Array | RunTrap {
  const { entry, nominals } = plan.program;
  const place = { function: entry.def.name, node: entry.def.body, span: undefined };
  const written = valueToJson(value, entry.result, nominals);
  if (written.problem !== undefined)
    return { code: "OUTPUT", message: `the output ${written.problem.message}`, ...place };
  const bytes = writeJsonWire(JsonObject.of([["result", written.json]]));
  if (bytes.length <= maxBytes) return bytes;
  return {
    code: "OUTPUT",
    message: `the output has ${bytes.length} bytes; the limit is ${maxBytes}`,
    ...place,
  };
}

/** Share of a limit from which a run says that it came near. */
const NEAR = 0.8;

function logsOf(outcome: Outcome, prepared: Prepared, request: RunRequest): readonly RunLog[] {
  const logs: RunLog[] = outcome.reports.map((report) => ({
    code: "CONTRACT_VIOLATED",
    message: `${report.what}${report.trapped ? " (the clause trapped)" : ""}`,
    function: functionName(prepared, report.function),
    node: report.node,
  }));
  for (const [name, used, limit] of [
    ["fuel", outcome.fuelUsed, request.limits.fuel],
    ["depth", outcome.depthUsed, request.limits.depth],
  ] as const) {
    if (outcome.trap === undefined && used >= NEAR * limit) {
      logs.push({
        code: "LIMIT_NEAR",
        message: `${name}: ${used} of ${limit} used`,
        function: "",
        node: undefined,
      });
    }
  }
  if (logs.length <= request.limits.logLines) return logs;
  const shown = logs.slice(0, Math.max(0, request.limits.logLines - 1));
  const dropped = logs.length - shown.length;
  return [
    ...shown,
    {
      code: "CONTRACT_VIOLATED",
      message: `${dropped} more lines were left out`,
      function: "",
      node: undefined,
    },
  ];
}

function functionName(prepared: Prepared, index: number): string {
  return prepared.program.functions[index]?.def.name ?? "";
}

function spanOf(prepared: Prepared, index: number, node: number): RunTrap["span"] {
  const { annotations } = prepared.document;
  const number = annotations.functions[index]?.nodeSpan[node] ?? 0;
  const span = number === 0 ? undefined : annotations.spans[number - 1];
  return span === undefined ? undefined : { start: span.start, end: span.end };
}
