import { fromBinary } from "@bufbuild/protobuf";
import { CHECKS, type CheckName, isCheck } from "#anrf/verify/verify.ts";
import { type CheckResult, CheckResult_Status } from "#gen/anrf/api/v1/check_result_pb.ts";
import { GetAnrfRequest_View, type RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { VerifyResponseSchema } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import type { Database } from "#platform/data/database.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Call } from "#platform/rpc/call.ts";
import { dataLoss, invalidField } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import type { Sandbox } from "#platform/sandbox/pool.ts";
import { SandboxError } from "#platform/sandbox/sandbox-error.ts";
import { encodeJob } from "./job.ts";
import { sandboxFailure } from "./sandbox-failure.ts";
import { insertVerification, type VerificationRow } from "./store.ts";

/** What verifying needs. */
export interface VerifyDeps {
  readonly registry: Client<typeof RegistryService>;
  readonly sandbox: Sandbox;
  readonly database: Database;
  /** Milliseconds that all checks may take together. */
  readonly wallMs: number;
}

/** Which version, and by which checks; none means all of this build. */
export interface VerifySource {
  readonly anrfId: string;
  readonly version: number;
  readonly checks: readonly string[];
}

/** Runs checks over one version, in the sandbox, and keeps what they say. */
export async function verify(source: VerifySource, deps: VerifyDeps, call: Call): Promise<VerificationRow> {
  const checks = checkNames(source.checks);
  const { anrfId } = source;
  const loaded = await deps.registry.getAnrf(
    { anrfId, version: source.version, view: GetAnrfRequest_View.FULL },
    call,
  );
  if (loaded.artifact === undefined)
    throw dataLoss(`the registry sent no file for ${anrfId}@${loaded.version}`);
  const results = await runChecks(loaded.artifact, loaded.digest, checks, deps, call);
  const row = {
    id: uuidv7(),
    clientId: call.client.clientId,
    anrfId,
    version: loaded.version,
    digest: loaded.digest,
    checks,
    results,
    verdict: worstStatus(results),
    createTime: new Date(),
  };
  await insertVerification(deps.database.db, row);
  return row;
}

/** Names as they come through URLs: repeated, and each may be a list with commas. */
function checkNames(asked: readonly string[]): readonly CheckName[] {
  const names = asked
    .flatMap((item) => item.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const unknown = names.find((name) => !isCheck(name));
  if (unknown !== undefined) {
    throw invalidField(
      "checks",
      `there is no check ${JSON.stringify(unknown.slice(0, 80))}; there are ${CHECKS.join(", ")}`,
    );
  }
  return names.length === 0 ? CHECKS : CHECKS.filter((name) => names.includes(name));
}

async function runChecks(
  artifact: Uint8Array,
  digest: string,
  checks: readonly CheckName[],
  deps: VerifyDeps,
  call: Call,
): Promise<readonly CheckResult[]> {
  const payload = encodeJob({ artifact, checks });
  const job = {
    kind: "verify",
    payload,
    clientId: call.client.clientId,
    wallMs: deps.wallMs,
    affinity: digest,
  };
  try {
    return fromBinary(VerifyResponseSchema, await deps.sandbox.run(job, call.signal)).results;
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    if (error.code === "TIME" || error.code === "MEMORY") {
      // A check that ran out is a doubt, never a failure of the program.
      return checks.map((check) => undecided(check, error.code === "TIME" ? "time" : "memory"));
    }
    throw sandboxFailure(error);
  }
}

function undecided(check: string, what: "time" | "memory"): CheckResult {
  return {
    $typeName: "anrf.api.v1.CheckResult",
    check,
    status: CheckResult_Status.WARN,
    details: `the checks ran out of ${what} before this one settled`,
    obligations: [],
  };
}

function worstStatus(results: readonly CheckResult[]): CheckResult_Status {
  const all = results.map((one) => one.status);
  if (all.includes(CheckResult_Status.FAIL)) return CheckResult_Status.FAIL;
  return all.includes(CheckResult_Status.WARN) ? CheckResult_Status.WARN : CheckResult_Status.PASS;
}
