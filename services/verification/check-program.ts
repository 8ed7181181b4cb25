import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { CheckResult_Status, CheckResultSchema } from "#gen/anrf/api/v1/check_result_pb.ts";
import {
  type CheckProgramRequest,
  CheckProgramRequestSchema,
  type CheckProgramResponse,
  CheckProgramResponseSchema,
} from "#gen/anrf/verification/v1/verification_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { exhausted, invalidField } from "#platform/rpc/error.ts";
import type { Sandbox } from "#platform/sandbox/pool.ts";
import { SandboxError } from "#platform/sandbox/sandbox-error.ts";
import { decodeAnswer } from "./job.ts";
import { sandboxFailure } from "./sandbox-failure.ts";

/** Most milliseconds of one check of a source, and of its reading alone. */
const WALL_MS = 20_000;

/** What checking a source needs. */
export interface CheckDeps {
  readonly sandbox: Pick<Sandbox, "run">;
  /** Milliseconds that the examples may take together. */
  readonly wallMs: number;
}

/**
 * Says all that is wrong with a program that somebody sent, in the sandbox, since it is read and run. Nothing is kept.
 * Where the examples spend the time, they are a doubt, and all the rest is told without them.
 */
export async function checkProgram(
  request: CheckProgramRequest,
  deps: CheckDeps,
  call: Call,
): Promise<CheckProgramResponse> {
  const wallMs = Math.min(deps.wallMs, WALL_MS);
  const whole = await ask("check", request, wallMs, deps, call);
  if (whole !== undefined) return whole;
  const read = await ask("read", request, WALL_MS, deps, call);
  if (read === undefined) {
    const message = `the program cannot be checked within ${WALL_MS / 1000} s: make it smaller`;
    throw exhausted("EXECUTOR_BUSY", message);
  }
  const details = `the examples ran out of time before they settled: they have ${wallMs / 1000} s together`;
  const doubt = { check: "examples", status: CheckResult_Status.WARN, details };
  return create(CheckProgramResponseSchema, { ...read, results: [create(CheckResultSchema, doubt)] });
}

/** What a job of that kind says; undefined where it spent its time or memory. */
async function ask(
  kind: "check" | "read",
  request: CheckProgramRequest,
  wallMs: number,
  { sandbox }: CheckDeps,
  call: Call,
): Promise<CheckProgramResponse | undefined> {
  const payload = toBinary(CheckProgramRequestSchema, request);
  try {
    const job = { kind, payload, clientId: call.client.clientId, wallMs };
    const answer = decodeAnswer(await sandbox.run(job, call.signal));
    if ("response" in answer) return fromBinary(CheckProgramResponseSchema, answer.response);
    const { field, description, reason } = answer.fault;
    throw invalidField(field, description, reason);
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    if (error.code === "TIME" || error.code === "MEMORY") return undefined;
    throw sandboxFailure(error);
  }
}
