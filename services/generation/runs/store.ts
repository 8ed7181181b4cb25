import { fromJson, type JsonValue, toJson as messageToJson } from "@bufbuild/protobuf";
import { sql } from "kysely";
import {
  type GenerateResponse,
  GenerateResponseSchema,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { type Queries, toJson } from "#platform/data/database.ts";
import { errorFromStatusBytes, type RpcError, statusBytes } from "#platform/rpc/error.ts";
import type { Page } from "#platform/rpc/paging.ts";
import type { Unflushed } from "./event-log.ts";

/** How far a generation is. */
export type GenerationState = "QUEUED" | "RUNNING" | "COMPLETED" | "FAILED";

/** A generation as it is kept. */
export interface GenerationRow {
  readonly id: string;
  readonly clientId: string;
  readonly keyId: string;
  readonly analysisId: string;
  readonly state: GenerationState;
  readonly seed: bigint;
  readonly response: GenerateResponse | undefined;
  readonly error: RpcError | undefined;
  readonly createTime: Date;
  readonly endTime: Date | undefined;
}

/** What `insertGeneration` stores. */
export interface NewGeneration {
  readonly id: string;
  readonly clientId: string;
  readonly keyId: string;
  readonly analysisId: string;
  readonly owner: string;
  readonly leaseMs: number;
  readonly seed: bigint;
  /** Settings, without texts. */
  readonly params: unknown;
}

const inMs = (ms: number) => sql<Date>`now() + make_interval(secs => ${ms / 1000})`;

/** Makes the row of a generation that waits; its process holds the lease. */
export async function insertGeneration(db: Queries, row: NewGeneration): Promise<void> {
  await db
    .insertInto("generations")
    .values({
      id: row.id,
      client_id: row.clientId,
      key_id: row.keyId === "" ? null : row.keyId,
      intent_id: row.analysisId === "" ? null : row.analysisId,
      state: "QUEUED",
      owner: row.owner,
      lease_time: inMs(row.leaseMs),
      // The column is signed; the seed's 64 bits are kept.
      seed: BigInt.asIntN(64, row.seed),
      params: toJson(row.params),
    })
    .execute();
}

/** It has begun. */
export async function markRunning(db: Queries, clientId: string, id: string): Promise<void> {
  await db
    .updateTable("generations")
    .set({ state: "RUNNING", start_time: sql`now()` })
    .where("id", "=", id)
    .where("client_id", "=", clientId)
    .where("end_time", "is", null)
    .execute();
}

/** How a generation ended. */
export interface Ending {
  readonly usage: unknown;
  readonly evidence: unknown;
  readonly result: { readonly response: GenerateResponse } | { readonly error: RpcError };
}

/** Ends a generation of this owner; false if somebody else has ended it, such as the sweeper. */
export async function endGeneration(
  db: Queries,
  clientId: string,
  id: string,
  owner: string,
  ending: Ending,
): Promise<boolean> {
  const { result } = ending;
  const stored = "response" in result && result.response.anrfId !== "" ? result.response : undefined;
  const changed = await db
    .updateTable("generations")
    .set({
      state: "response" in result ? "COMPLETED" : "FAILED",
      end_time: sql`now()`,
      usage: toJson(ending.usage),
      evidence: toJson(ending.evidence),
      ...("response" in result
        ? {
            response: toJson(messageToJson(GenerateResponseSchema, result.response)),
            outcome: result.response.abstainReason === undefined ? "ACCEPTED" : "ABSTAINED",
            confidence_score: result.response.confidenceScore,
          }
        : { error: toJson(errorJson(result.error)) }),
      ...(stored === undefined ? {} : { anrf_id: stored.anrfId, version: stored.version }),
    })
    .where("id", "=", id)
    .where("client_id", "=", clientId)
    .where("owner", "=", owner)
    .where("end_time", "is", null)
    .executeTakeFirst();
  return changed.numUpdatedRows === 1n;
}

/** Stores a piece of a log. A longer piece with the same beginning, as the end of a run writes it, takes its place. */
export async function insertLog(db: Queries, clientId: string, id: string, piece: Unflushed): Promise<void> {
  await db
    .insertInto("generation_logs")
    .values({
      generation_id: id,
      client_id: clientId,
      first_sequence: piece.first,
      last_sequence: piece.last,
      events: piece.events,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["generation_id", "first_sequence"])
        .doUpdateSet({ last_sequence: piece.last, events: piece.events })
        .where("generation_logs.last_sequence", "<", piece.last),
    )
    .execute();
}

/** Pieces of a log that hold events after a sequence, in order. */
export async function readLogs(
  db: Queries,
  clientId: string,
  id: string,
  after: number,
): Promise<readonly Uint8Array[]> {
  const rows = await db
    .selectFrom("generation_logs")
    .select("events")
    .where("generation_id", "=", id)
    .where("client_id", "=", clientId)
    .where("last_sequence", ">", after)
    .orderBy("first_sequence")
    .execute();
  return rows.map((row) => row.events);
}

/** The last stored sequence of a log; 0 without any. */
export async function lastSequence(db: Queries, clientId: string, id: string): Promise<number> {
  const row = await db
    .selectFrom("generation_logs")
    .select((eb) => eb.fn.max("last_sequence").as("last"))
    .where("generation_id", "=", id)
    .where("client_id", "=", clientId)
    .executeTakeFirst();
  return Number(row?.last ?? 0);
}

/** One generation of this client. */
export async function findGeneration(
  db: Queries,
  clientId: string,
  id: string,
): Promise<GenerationRow | undefined> {
  const row = await select(db).where("id", "=", id).where("client_id", "=", clientId).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Generations of this client, newest first. */
export async function listGenerations(
  db: Queries,
  clientId: string,
  analysisId: string,
  page: Page,
): Promise<readonly GenerationRow[]> {
  let query = select(db).where("client_id", "=", clientId);
  if (analysisId !== "") query = query.where("intent_id", "=", analysisId);
  if (page.after !== undefined) query = query.where("id", "<", page.after);
  return (
    await query
      .orderBy("id", "desc")
      .limit(page.limit + 1)
      .execute()
  ).map(fromRow);
}

/** Asks the process that runs a generation to end it. */
export async function askCancel(db: Queries, clientId: string, id: string): Promise<void> {
  await db
    .updateTable("generations")
    .set({ cancel_time: sql`now()` })
    .where("id", "=", id)
    .where("client_id", "=", clientId)
    .where("cancel_time", "is", null)
    .where("end_time", "is", null)
    .execute();
}

/** Generations of this owner, among these, that somebody asked to end. */
export async function cancelledOf(
  db: Queries,
  owner: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("generations")
    .select("id")
    .where("id", "in", [...ids])
    .where("owner", "=", owner)
    .where("cancel_time", "is not", null)
    .where("end_time", "is", null)
    .execute();
  return rows.map((row) => row.id);
}

/** Holds the leases of this owner's generations for longer; answers with those that are still its own. */
export async function renewLeases(
  db: Queries,
  owner: string,
  ids: readonly string[],
  leaseMs: number,
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .updateTable("generations")
    .set({ lease_time: inMs(leaseMs) })
    .where("id", "in", [...ids])
    .where("owner", "=", owner)
    .where("end_time", "is", null)
    .returning("id")
    .execute();
  return rows.map((row) => row.id);
}

/** Generations whose process has not been heard of in time, locked until the transaction ends. */
export async function lockOrphans(
  db: Queries,
  limit: number,
): Promise<readonly { readonly id: string; readonly clientId: string; readonly owner: string }[]> {
  const rows = await db
    .selectFrom("generations")
    .select(["id", "client_id", "owner"])
    .where("end_time", "is", null)
    .where("lease_time", "<", sql<Date>`now()`)
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map((row) => ({ id: row.id, clientId: row.client_id, owner: row.owner ?? "" }));
}

const select = (db: Queries) =>
  db
    .selectFrom("generations")
    .select([
      "id",
      "client_id",
      "key_id",
      "intent_id",
      "state",
      "seed",
      "response",
      "error",
      "create_time",
      "end_time",
    ]);

type Selected = Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number];

function fromRow(row: Selected): GenerationRow {
  return {
    id: row.id,
    clientId: row.client_id,
    keyId: row.key_id ?? "",
    analysisId: row.intent_id ?? "",
    state: row.state as GenerationState,
    seed: BigInt.asUintN(64, row.seed),
    response: row.response === null ? undefined : fromJson(GenerateResponseSchema, row.response as JsonValue),
    error: row.error === null ? undefined : errorOfJson(row.error),
    createTime: row.create_time,
    endTime: row.end_time ?? undefined,
  };
}

// Details are of any type, which JSON could write only with a registry of all of them.
function errorJson(error: RpcError) {
  const status = Buffer.from(statusBytes(error)).toString("base64");
  return { code: error.code, message: error.message, status };
}

function errorOfJson(json: unknown): RpcError {
  return errorFromStatusBytes(Buffer.from((json as { readonly status: string }).status, "base64"));
}
