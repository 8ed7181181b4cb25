import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type CheckResult, CheckResult_Status, CheckResultSchema } from "#gen/anrf/api/v1/check_result_pb.ts";
import { toJson as jsonText, type Queries } from "#platform/data/database.ts";

/** What the checks of one version said. */
export interface VerificationRow {
  readonly id: string;
  readonly clientId: string;
  readonly anrfId: string;
  readonly version: number;
  readonly digest: string;
  readonly checks: readonly string[];
  readonly results: readonly CheckResult[];
  readonly verdict: CheckResult_Status;
  readonly createTime: Date;
}

/** Version of the checks, kept with each result. */
export const VERIFIER_VERSION = "1";

/** Keeps a verification. */
export async function insertVerification(db: Queries, row: VerificationRow): Promise<void> {
  await db
    .insertInto("verifications")
    .values({
      id: row.id,
      client_id: row.clientId,
      anrf_id: row.anrfId,
      version: row.version,
      digest: row.digest,
      checks: [...row.checks],
      effort: "QUICK",
      verdict: statusName(row.verdict),
      results: jsonText(row.results.map((one) => toJson(CheckResultSchema, one))),
      seed: 0n,
      verifier_version: VERIFIER_VERSION,
      create_time: row.createTime,
    })
    .execute();
}

/** One verification of this client. */
export async function findVerification(
  db: Queries,
  clientId: string,
  id: string,
): Promise<VerificationRow | undefined> {
  const row = await db
    .selectFrom("verifications")
    .selectAll()
    .where("id", "=", id)
    .where("client_id", "=", clientId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    id: row.id,
    clientId: row.client_id,
    anrfId: row.anrf_id ?? "",
    version: row.version ?? 0,
    digest: row.digest,
    checks: row.checks,
    results: (row.results as JsonValue[]).map((one) => fromJson(CheckResultSchema, one)),
    verdict: statusOf(row.verdict),
    createTime: row.create_time,
  };
}

const NAMES = ["STATUS_UNSPECIFIED", "PASS", "FAIL", "WARN"] as const;

function statusName(status: CheckResult_Status): string {
  return NAMES[status] ?? "WARN";
}

function statusOf(name: string): CheckResult_Status {
  return name === "PASS" || name === "FAIL" ? CheckResult_Status[name] : CheckResult_Status.WARN;
}
