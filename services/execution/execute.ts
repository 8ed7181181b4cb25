import { createHash } from "node:crypto";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { ContractMode } from "#anrf/interpret/code.ts";
import type { Database } from "#platform/data/database.ts";
import { charge, secondsToNextDay, spent } from "#platform/data/usage.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Metrics } from "#platform/process/metrics.ts";
import { SECONDS_BUCKETS } from "#platform/process/metrics.ts";
import type { Call } from "#platform/rpc/call.ts";
import {
  exhausted,
  failedPrecondition,
  invalidField,
  notFound,
  quotaExceeded,
  unavailable,
} from "#platform/rpc/error.ts";
import type { Sandbox } from "#platform/sandbox/pool.ts";
import { SandboxError } from "#platform/sandbox/sandbox-error.ts";
import type { Limits } from "./limits.ts";
import type { LoadedProgram, Programs } from "./programs.ts";
import {
  decodeAnswer,
  encodeMessage,
  type RunAnswer,
  type RunLog,
  type RunTrap,
  type RunUsage,
} from "./run-message.ts";
import { insertExecution } from "./store.ts";

/** What is to be run. */
export interface Execution {
  readonly anrfId: string;
  readonly version: number;
  readonly function: string | undefined;
  /** An encoded google.protobuf.Value, or undefined beside typed arguments. */
  readonly inputs: Uint8Array | undefined;
  readonly args: readonly Uint8Array[];
  readonly contracts: ContractMode;
  readonly limits: Limits;
  readonly recordIo: boolean;
  readonly validateOnly: boolean;
}

/** What came out. */
export interface Executed {
  readonly executionId: string;
  readonly program: LoadedProgram;
  /** An encoded google.protobuf.Value; undefined beside a trap. */
  readonly output: Uint8Array | undefined;
  readonly trap: RunTrap | undefined;
  readonly logs: readonly RunLog[];
  readonly usage: RunUsage;
  readonly queueMs: number;
  readonly warnings: readonly string[];
}

/** What executing needs. */
export interface ExecuteDeps {
  readonly programs: Programs;
  readonly sandbox: Sandbox;
  readonly database: Database;
  readonly metrics: Metrics;
}

const NO_USAGE: RunUsage = { fuelUsed: 0, depthUsed: 0, memoryBytes: 0, prepareMs: 0, runMs: 0 };

/** Runs one version in the sandbox and keeps a record. While the database is down, programs run without one. */
export async function execute(source: Execution, deps: ExecuteDeps, call: Call): Promise<Executed> {
  const warnings: string[] = [];
  await checkQuota(deps, call, warnings);
  const program = await deps.programs.load(source.anrfId, source.version, call);
  const begin = performance.now();
  let started = begin;
  const payload = encodeMessage({
    artifact: program.artifact,
    digest: program.digest,
    function: source.function,
    inputs: source.inputs,
    args: source.args,
    contracts: source.contracts,
    limits: source.limits,
    validateOnly: source.validateOnly,
  });
  const job = {
    kind: "run",
    payload,
    clientId: call.client.clientId,
    wallMs: source.limits.wallMs,
    affinity: program.digest,
    onStart: () => {
      started = performance.now();
    },
  };
  const answer = await runJob(deps.sandbox, job, call);
  const durationMs = performance.now() - started;
  const executed = executedOf(answer, program, started - begin, warnings);
  if (source.validateOnly) return executed;
  observe(deps.metrics, executed, durationMs);
  await keep(source, executed, durationMs, deps, call, warnings);
  return executed;
}

/** TIME and MEMORY of the sandbox end a program; what else it throws is the platform's. */
async function runJob(sandbox: Sandbox, job: Parameters<Sandbox["run"]>[0], call: Call): Promise<RunAnswer> {
  try {
    return decodeAnswer(await sandbox.run(job, call.signal));
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    const trap = { function: "", node: undefined, span: undefined };
    switch (error.code) {
      case "TIME":
        return {
          kind: "trap",
          trap: { ...trap, code: "TIME", message: `the run took longer than ${job.wallMs} ms` },
          logs: [],
          usage: NO_USAGE,
        };
      case "MEMORY":
        return {
          kind: "trap",
          trap: { ...trap, code: "MEMORY", message: "the run took more memory than its worker has" },
          logs: [],
          usage: NO_USAGE,
        };
      case "BUSY":
        throw exhausted("EXECUTOR_BUSY", "the sandbox has no room for another run", {
          retrySeconds: error.retryAfterMs / 1000,
          cause: error,
        });
      case "LOST":
      case "CLOSED":
        throw unavailable("the run was lost twice; try again", { reason: "EXECUTOR_LOST", cause: error });
      case "FAILED":
        throw error;
      default:
        throw new Error(`unreachable: ${error.code satisfies never}`);
    }
  }
}

function executedOf(
  answer: RunAnswer,
  program: LoadedProgram,
  queueMs: number,
  warnings: readonly string[],
): Executed {
  const base = { executionId: uuidv7(), program, queueMs, warnings };
  switch (answer.kind) {
    case "value":
      return { ...base, output: answer.output, trap: undefined, logs: answer.logs, usage: answer.usage };
    case "trap":
      return { ...base, output: undefined, trap: answer.trap, logs: answer.logs, usage: answer.usage };
    case "valid":
      return { ...base, executionId: "", output: undefined, trap: undefined, logs: [], usage: NO_USAGE };
    case "input":
      throw invalidField(
        answer.path,
        answer.message,
        answer.tooDeep ? "INPUT_TOO_DEEP" : "INPUT_TYPE_MISMATCH",
      );
    case "function":
      throw notFound("function", answer.message);
    case "program":
      throw failedPrecondition(
        answer.reason,
        `cannot run ${program.anrfId}@${program.version}: ${answer.message}`,
        { metadata: answer.metadata },
      );
    default:
      throw new Error(`unreachable: ${answer satisfies never}`);
  }
}

/** A key that has spent its fuel of the day is refused before anything runs. */
async function checkQuota(deps: ExecuteDeps, call: Call, warnings: string[]): Promise<void> {
  const perDay = call.client.limits?.fuelPerDay;
  if (perDay === undefined) return;
  const now = new Date();
  try {
    const used = await spent(deps.database.db, spender(call), "fuel", now);
    if (used < perDay) return;
  } catch (error) {
    call.log.warn({ err: error }, "the quota could not be read");
    warnings.push("the quota of the day could not be checked: the database does not answer");
    return;
  }
  throw quotaExceeded(`key:${call.client.keyId}`, `${perDay} fuel a day`, secondsToNextDay(now));
}

const spender = (call: Call) => ({ clientId: call.client.clientId, keyId: call.client.keyId });

async function keep(
  source: Execution,
  executed: Executed,
  durationMs: number,
  deps: ExecuteDeps,
  call: Call,
  warnings: string[],
): Promise<void> {
  const { program, usage, trap } = executed;
  const hashed = createHash("sha256");
  for (const part of source.inputs === undefined ? source.args : [source.inputs]) hashed.update(part);
  try {
    await insertExecution(deps.database.db, {
      id: executed.executionId,
      clientId: call.client.clientId,
      anrfId: program.anrfId,
      version: program.version,
      digest: program.digest,
      function: source.function ?? "",
      engine: "INTERPRETER",
      outcome: trap === undefined ? "VALUE" : "TRAP",
      trapCode: trap?.code ?? "",
      fuelUsed: BigInt(usage.fuelUsed),
      memoryBytes: BigInt(usage.memoryBytes),
      depthUsed: usage.depthUsed,
      durationMs,
      limits: source.limits,
      inputsSha256: hashed.digest(),
      inputs: source.recordIo && source.inputs !== undefined ? plain(source.inputs) : undefined,
      output: source.recordIo && executed.output !== undefined ? plain(executed.output) : undefined,
    });
    await charge(deps.database.db, spender(call), { fuel: BigInt(usage.fuelUsed) }, new Date());
  } catch (error) {
    call.log.warn({ err: error }, "an execution could not be recorded");
    warnings.push("the execution was not recorded: the database does not answer");
  }
}

function plain(bytes: Uint8Array): unknown {
  return toJson(ValueSchema, fromBinary(ValueSchema, bytes));
}

function observe(metrics: Metrics, executed: Executed, durationMs: number): void {
  metrics
    .histogram("anrf_execution_duration_seconds", "Time of a run in the sandbox.", SECONDS_BUCKETS, [
      "engine",
    ])
    .observe({ engine: "interpreter" }, durationMs / 1000);
  metrics.counter("anrf_execution_fuel_total", "Fuel that runs used.").inc(executed.usage.fuelUsed);
  const code = executed.trap?.code ?? "";
  if (["FUEL", "MEMORY", "DEPTH", "TIME", "OUTPUT"].includes(code)) {
    metrics
      .counter("anrf_execution_limit_hits_total", "Runs that a limit ended.", ["limit"])
      .inc({ limit: code.toLowerCase() });
  }
}
