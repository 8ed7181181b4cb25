import type { JsonObject } from "@bufbuild/protobuf";
import type { Queries } from "#platform/data/database.ts";
import type { Page } from "#platform/rpc/paging.ts";

/** What a module knows of a function. */
export interface ContextRow {
  readonly id: string;
  readonly clientId: string;
  readonly module: string;
  readonly function: string;
  readonly content: JsonObject;
  readonly etag: string;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** What somebody said of a version. */
export interface FeedbackRow {
  readonly id: string;
  readonly clientId: string;
  readonly anrfId: string;
  readonly version: number;
  readonly generationId: string;
  /** Name of the kind, such as THUMB_UP. */
  readonly kind: string;
  readonly score: number | undefined;
  readonly comment: string;
  readonly node: string | undefined;
  readonly correctedExample: JsonObject | undefined;
  readonly createTime: Date;
}

/** Makes a context; false if the client has a living one of that name. */
export async function insertContext(
  db: Queries,
  row: Omit<ContextRow, "createTime" | "updateTime">,
): Promise<boolean> {
  const made = await db
    .insertInto("contexts")
    .values({
      id: row.id,
      client_id: row.clientId,
      module: row.module,
      function: row.function,
      content: JSON.stringify(row.content),
      etag: row.etag,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return made !== undefined;
}

/** The client's living context of that id, or of that name. */
export async function findContext(
  db: Queries,
  clientId: string,
  key: { readonly id: string } | { readonly module: string; readonly function: string },
): Promise<ContextRow | undefined> {
  const query = living(db, clientId);
  const found =
    "id" in key
      ? query.where("id", "=", key.id)
      : query.where("module", "=", key.module).where("function", "=", key.function);
  const row = await found.executeTakeFirst();
  return row === undefined ? undefined : contextRow(row);
}

/** The client's living contexts, newest first, one more than the page; of one module unless it is "". */
export async function listContexts(
  db: Queries,
  clientId: string,
  module: string,
  page: Page,
): Promise<ContextRow[]> {
  let query = living(db, clientId);
  if (module !== "") query = query.where("module", "=", module);
  if (page.after !== undefined) query = query.where("id", "<", page.after);
  const rows = await query
    .orderBy("id", "desc")
    .limit(page.limit + 1)
    .execute();
  return rows.map(contextRow);
}

/** Replaces the content of a living context whose etag is still the given one ("" for any); false if there is none. */
export async function updateContext(
  db: Queries,
  clientId: string,
  change: { readonly id: string; readonly from: string; readonly to: string; readonly content: JsonObject },
): Promise<boolean> {
  let query = db
    .updateTable("contexts")
    .set({ content: JSON.stringify(change.content), etag: change.to, update_time: new Date() })
    .where("id", "=", change.id)
    .where("client_id", "=", clientId)
    .where("delete_time", "is", null);
  if (change.from !== "") query = query.where("etag", "=", change.from);
  return (await query.executeTakeFirst()).numUpdatedRows === 1n;
}

/** Hides a living context whose etag is still the given one ("" for any); false if there is none. */
export async function deleteContext(
  db: Queries,
  clientId: string,
  id: string,
  etag: string,
): Promise<boolean> {
  let query = db
    .updateTable("contexts")
    .set({ delete_time: new Date() })
    .where("id", "=", id)
    .where("client_id", "=", clientId)
    .where("delete_time", "is", null);
  if (etag !== "") query = query.where("etag", "=", etag);
  return (await query.executeTakeFirst()).numUpdatedRows === 1n;
}

/** True if the version exists and the client may read it: its own, or one of a PUBLIC program. */
export async function isReadable(
  db: Queries,
  clientId: string,
  anrfId: string,
  version: number,
): Promise<boolean> {
  const row = await db
    .selectFrom("anrf_versions")
    .innerJoin("anrfs", "anrfs.id", "anrf_versions.anrf_id")
    .select("anrf_versions.version")
    .where("anrf_versions.anrf_id", "=", anrfId)
    .where("anrf_versions.version", "=", version)
    .where("anrfs.delete_time", "is", null)
    .where((eb) => eb.or([eb("anrfs.client_id", "=", clientId), eb("anrfs.visibility", "=", "PUBLIC")]))
    .executeTakeFirst();
  return row !== undefined;
}

/** True if the generation is the client's. */
export async function isOwnGeneration(db: Queries, clientId: string, id: string): Promise<boolean> {
  const row = await db
    .selectFrom("generations")
    .select("id")
    .where("id", "=", id)
    .where("client_id", "=", clientId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Keeps what somebody said; it never changes. */
export async function insertFeedback(db: Queries, row: Omit<FeedbackRow, "createTime">): Promise<void> {
  await db
    .insertInto("feedback")
    .values({
      id: row.id,
      client_id: row.clientId,
      anrf_id: row.anrfId,
      version: row.version,
      generation_id: row.generationId === "" ? null : row.generationId,
      kind: row.kind,
      score: row.score ?? null,
      comment: row.comment,
      node: row.node ?? null,
      corrected_example: row.correctedExample === undefined ? null : JSON.stringify(row.correctedExample),
    })
    .execute();
}

/** The client's feedback of that id. */
export async function findFeedback(
  db: Queries,
  clientId: string,
  id: string,
): Promise<FeedbackRow | undefined> {
  const row = await said(db, clientId).where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : feedbackRow(row);
}

/** The client's feedback, newest first, one more than the page; of one program unless it is "". */
export async function listFeedback(
  db: Queries,
  clientId: string,
  anrfId: string,
  page: Page,
): Promise<FeedbackRow[]> {
  let query = said(db, clientId);
  if (anrfId !== "") query = query.where("anrf_id", "=", anrfId);
  if (page.after !== undefined) query = query.where("id", "<", page.after);
  const rows = await query
    .orderBy("id", "desc")
    .limit(page.limit + 1)
    .execute();
  return rows.map(feedbackRow);
}

function living(db: Queries, clientId: string) {
  return db
    .selectFrom("contexts")
    .selectAll()
    .where("client_id", "=", clientId)
    .where("delete_time", "is", null);
}

function said(db: Queries, clientId: string) {
  return db.selectFrom("feedback").selectAll().where("client_id", "=", clientId);
}

type Context = Awaited<ReturnType<ReturnType<typeof living>["execute"]>>[number];
type Said = Awaited<ReturnType<ReturnType<typeof said>["execute"]>>[number];

function contextRow(row: Context): ContextRow {
  return {
    id: row.id,
    clientId: row.client_id,
    module: row.module,
    function: row.function,
    content: row.content as JsonObject,
    etag: row.etag,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}

function feedbackRow(row: Said): FeedbackRow {
  return {
    id: row.id,
    clientId: row.client_id,
    anrfId: row.anrf_id ?? "",
    version: row.version ?? 0,
    generationId: row.generation_id ?? "",
    kind: row.kind,
    score: row.score ?? undefined,
    comment: row.comment,
    node: row.node ?? undefined,
    correctedExample: (row.corrected_example ?? undefined) as JsonObject | undefined,
    createTime: row.create_time,
  };
}
