import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { timestampFromDate, ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  Engine,
  type ExecuteRequest,
  ExecuteRequest_Contracts,
  ExecuteRequestSchema,
  ExecuteResponseSchema,
  Execution_Outcome,
  type ExecutionService,
} from "#gen/anrf/execution/v1/execution_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { failedPrecondition, invalidField, notFound } from "#platform/rpc/error.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import { opaqueBytes, setOpaque } from "#platform/rpc/opaque.ts";
import { cutPage, readPage } from "#platform/rpc/paging.ts";
import { type ExecuteDeps, type Executed, execute } from "./execute.ts";
import { limitsOf } from "./limits.ts";
import { type ExecutionRow, findExecution, listExecutions } from "./store.ts";

/** The RPCs of the execution service. */
export function routes(deps: ExecuteDeps): Handlers<typeof ExecutionService> {
  return {
    execute: async (request, call) => responseOf(await execute(executionOf(request, call), deps, call)),

    getExecution: async ({ executionId }, call) => {
      const row = await findExecution(deps.database.db, call.client.clientId, executionId);
      if (row === undefined) throw notFound("execution", executionId);
      return { execution: { ...recordOf(row), ...ioOf(row) } };
    },

    listExecutions: async (request, call) => {
      const binding = ["executions", call.client.clientId, request.anrfId];
      const page = readPage(request, binding);
      const rows = await listExecutions(deps.database.db, call.client.clientId, request.anrfId, page);
      const cut = cutPage(rows, page, binding, (row) => row.id);
      return { executions: cut.rows.map(recordOf), nextPageToken: cut.nextPageToken };
    },
  };
}

const INPUTS = ExecuteRequestSchema.field.inputs.number;
const ARGS = ExecuteRequestSchema.field.args.number;
const OUTPUT = ExecuteResponseSchema.field.output.number;

/** `inputs` and `args` stay bytes: decoding a stranger's values is the sandbox's work. */
function executionOf(request: ExecuteRequest, call: Call): Parameters<typeof execute>[0] {
  if (request.engine === Engine.WASM) {
    throw failedPrecondition(
      "ENGINE_UNAVAILABLE",
      "the WASM engine is not in this release; use AUTO or INTERPRETER",
      {
        metadata: { engine: "WASM" },
      },
    );
  }
  const inputs = opaqueBytes(request, INPUTS);
  const args = opaqueBytes(request, ARGS);
  if (inputs.length > 0 && args.length > 0)
    throw invalidField("args", "stand in place of inputs; give one of them");
  return {
    anrfId: request.anrfId,
    version: request.version,
    function: request.function,
    inputs: inputs.at(-1) ?? (args.length > 0 ? undefined : EMPTY_INPUTS),
    args,
    contracts: CONTRACTS[request.contracts] ?? "report",
    limits: limitsOf(request.limits, call.client.limits),
    recordIo: request.recordIo,
    validateOnly: request.validateOnly,
  };
}

/** An empty struct: what a function without parameters is called with. */
const EMPTY_INPUTS = Uint8Array.of(0x2a, 0x00);

const CONTRACTS: Readonly<Record<number, "report" | "enforce" | "off">> = {
  [ExecuteRequest_Contracts.REPORT]: "report",
  [ExecuteRequest_Contracts.ENFORCE]: "enforce",
  [ExecuteRequest_Contracts.OFF]: "off",
};

function responseOf(executed: Executed) {
  const { trap, usage, program } = executed;
  const response = create(ExecuteResponseSchema, {
    logs: executed.logs.map(({ node, ...log }) => ({ ...log, ...(node === undefined ? {} : { node }) })),
    executionId: executed.executionId,
    ...(trap === undefined ? {} : { trap: trapOf(trap) }),
    fuelUsed: BigInt(usage.fuelUsed),
    depthUsed: usage.depthUsed,
    memoryBytes: BigInt(usage.memoryBytes),
    engine: Engine.INTERPRETER,
    version: program.version,
    digest: program.digest,
    timings: { queueMs: executed.queueMs, prepareMs: usage.prepareMs, runMs: usage.runMs },
    warnings: [...executed.warnings],
  });
  if (executed.output !== undefined) setOpaque(response, OUTPUT, executed.output);
  return response;
}

function trapOf(trap: NonNullable<Executed["trap"]>) {
  const { code, function: name, node, message, span } = trap;
  return {
    code,
    function: name,
    message,
    ...(node === undefined ? {} : { node }),
    ...(span === undefined ? {} : { span: { ...span } }),
  };
}

function recordOf(row: ExecutionRow) {
  return {
    executionId: row.id,
    anrfId: row.anrfId,
    version: row.version,
    digest: row.digest,
    engine: Engine.INTERPRETER,
    outcome: row.outcome === "TRAP" ? Execution_Outcome.TRAP : Execution_Outcome.VALUE,
    trapCode: row.trapCode,
    fuelUsed: row.fuelUsed,
    memoryBytes: row.memoryBytes,
    inputsSha256: Buffer.from(row.inputsSha256).toString("hex"),
    createTime: timestampFromDate(row.createTime),
  };
}

function ioOf(row: ExecutionRow) {
  const value = (json: unknown) => fromJson(ValueSchema, json as JsonValue);
  return {
    ...(row.inputs === undefined ? {} : { inputs: value(row.inputs) }),
    ...(row.output === undefined ? {} : { output: value(row.output) }),
  };
}
