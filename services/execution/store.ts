import { type Queries, toJson } from "#platform/data/database.ts";
import type { Page } from "#platform/rpc/paging.ts";
import type { Limits } from "./limits.ts";

/** The record of a run. */
export interface ExecutionRow {
  readonly id: string;
  readonly clientId: string;
  readonly anrfId: string;
  readonly version: number;
  readonly digest: string;
  readonly function: string;
  readonly engine: string;
  readonly outcome: "VALUE" | "TRAP";
  readonly trapCode: string;
  readonly fuelUsed: bigint;
  readonly memoryBytes: bigint;
  readonly depthUsed: number;
  readonly durationMs: number;
  readonly limits: Limits;
  readonly inputsSha256: Uint8Array;
  /** Plain JSON, if it was to be kept. */
  readonly inputs: unknown;
  readonly output: unknown;
  readonly createTime: Date;
}

/** Version of the engine, kept with each record. */
export const ENGINE_VERSION = "interpreter-1";

/** Keeps a record. */
export async function insertExecution(db: Queries, row: Omit<ExecutionRow, "createTime">): Promise<void> {
  await db
    .insertInto("executions")
    .values({
      id: row.id,
      client_id: row.clientId,
      anrf_id: row.anrfId,
      version: row.version,
      digest: row.digest,
      function: row.function,
      engine: row.engine,
      compiler_version: ENGINE_VERSION,
      outcome: row.outcome,
      trap_code: row.trapCode === "" ? null : row.trapCode,
      fuel_used: row.fuelUsed,
      memory_bytes: row.memoryBytes,
      depth_used: row.depthUsed,
      duration_ms: row.durationMs,
      limits: toJson(row.limits),
      inputs_sha256: row.inputsSha256,
      inputs: row.inputs === undefined ? null : toJson(row.inputs),
      output: row.output === undefined ? null : toJson(row.output),
    })
    .execute();
}

/** One record of this client. */
export async function findExecution(
  db: Queries,
  clientId: string,
  id: string,
): Promise<ExecutionRow | undefined> {
  const row = await db
    .selectFrom("executions")
    .selectAll()
    .where("id", "=", id)
    .where("client_id", "=", clientId)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Records of this client, newest first. */
export async function listExecutions(
  db: Queries,
  clientId: string,
  anrfId: string,
  page: Page,
): Promise<readonly ExecutionRow[]> {
  let query = db.selectFrom("executions").selectAll().where("client_id", "=", clientId);
  if (anrfId !== "") query = query.where("anrf_id", "=", anrfId);
  if (page.after !== undefined) query = query.where("id", "<", page.after);
  return (
    await query
      .orderBy("id", "desc")
      .limit(page.limit + 1)
      .execute()
  ).map(fromRow);
}

type Selected = Awaited<ReturnType<ReturnType<typeof selectAll>["execute"]>>[number];
const selectAll = (db: Queries) => db.selectFrom("executions").selectAll();

function fromRow(row: Selected): ExecutionRow {
  return {
    id: row.id,
    clientId: row.client_id,
    anrfId: row.anrf_id ?? "",
    version: row.version ?? 0,
    digest: row.digest,
    function: row.function,
    engine: row.engine,
    outcome: row.outcome === "TRAP" ? "TRAP" : "VALUE",
    trapCode: row.trap_code ?? "",
    fuelUsed: row.fuel_used,
    memoryBytes: row.memory_bytes ?? 0n,
    depthUsed: row.depth_used ?? 0,
    durationMs: row.duration_ms,
    limits: row.limits as Limits,
    inputsSha256: row.inputs_sha256,
    inputs: row.inputs ?? undefined,
    output: row.output ?? undefined,
    createTime: row.create_time,
  };
}
