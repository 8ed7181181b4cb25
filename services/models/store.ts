import { fromJson, type JsonValue, toJson as messageToJson } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { type ReportCard, ReportCardSchema } from "#gen/anrf/models/v1/models_service_pb.ts";
import { type Queries, toJson } from "#platform/data/database.ts";
import type { Page } from "#platform/rpc/paging.ts";

/** A model. */
export interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly clientId: string;
  readonly description: string;
}

/** One version of a model. */
export interface VersionRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly clientId: string;
  readonly manifest: Uint8Array;
  readonly manifestSha256: string;
  readonly files: readonly string[];
  readonly format: string;
  readonly license: string;
  readonly notation: string;
  readonly size: bigint;
  readonly signature: Uint8Array | undefined;
  readonly report: ReportCard | undefined;
  readonly createTime: Date;
}

/** An alias of a model. */
export interface AliasRow {
  readonly alias: string;
  readonly version: number;
  readonly etag: string;
}

/** An upload that is not finished, or was finished not long ago. */
export interface UploadRow {
  readonly id: string;
  readonly sha256: string;
  readonly size: bigint;
  readonly reached: bigint;
  readonly lengths: readonly number[];
}

// Any number will do, as long as it never changes: it names the lock under which files are claimed and swept.
const FILES_LOCK = 7_243_900_612;

/** Nobody else claims or sweeps files until this transaction ends. */
export async function lockFiles(trx: Queries): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(FILES_LOCK)})`.execute(trx);
}

/** A model by its name; models are readable by all. */
export async function findModel(db: Queries, name: string): Promise<ModelRow | undefined> {
  const row = await db.selectFrom("models").selectAll().where("name", "=", name).executeTakeFirst();
  return row === undefined
    ? undefined
    : { id: row.id, name: row.name, clientId: row.client_id, description: row.description };
}

/** Makes a model unless there is one of that name. */
export async function insertModel(
  db: Queries,
  row: {
    readonly id: string;
    readonly name: string;
    readonly clientId: string;
    readonly description: string;
  },
): Promise<void> {
  await db
    .insertInto("models")
    .values({ id: row.id, name: row.name, client_id: row.clientId, description: row.description })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
}

/** Changes the description of a model of this client. */
export async function describeModel(
  db: Queries,
  clientId: string,
  name: string,
  description: string,
): Promise<void> {
  await db
    .updateTable("models")
    .set({ description })
    .where("name", "=", name)
    .where("client_id", "=", clientId)
    .execute();
}

/** Takes the next number of a model of this client, for good; undefined if it has no such model. */
export async function takeVersion(db: Queries, clientId: string, name: string): Promise<number | undefined> {
  const row = await db
    .updateTable("models")
    .set((eb) => ({ next_version: eb("next_version", "+", 1) }))
    .where("name", "=", name)
    .where("client_id", "=", clientId)
    .returning("next_version")
    .executeTakeFirst();
  return row === undefined ? undefined : row.next_version - 1;
}

/** What `insertVersion` stores. */
export type NewVersion = Omit<VersionRow, "createTime">;

/** Makes a version visible. */
export async function insertVersion(db: Queries, row: NewVersion): Promise<void> {
  await db
    .insertInto("model_versions")
    .values({
      id: row.id,
      model_name: row.name,
      version: row.version,
      client_id: row.clientId,
      manifest: row.manifest,
      manifest_sha256: row.manifestSha256,
      file_sha256s: [...row.files],
      format: row.format,
      license: row.license,
      notation: row.notation,
      size: row.size,
      signature: row.signature ?? null,
      report: row.report === undefined ? null : reportJson(row.report),
    })
    .execute();
}

/** Adds what a version lacks: a signature, a report card. */
export async function completeVersion(
  db: Queries,
  row: VersionRow,
  signature: Uint8Array | undefined,
  report: ReportCard | undefined,
): Promise<void> {
  if (signature === undefined && report === undefined) return;
  await db
    .updateTable("model_versions")
    .set({
      ...(signature === undefined ? {} : { signature }),
      ...(report === undefined ? {} : { report: reportJson(report) }),
    })
    .where("id", "=", row.id)
    .where("client_id", "=", row.clientId)
    .execute();
}

function reportJson(report: ReportCard): string {
  return toJson(messageToJson(ReportCardSchema, report, { alwaysEmitImplicit: true }));
}

function living(db: Queries) {
  return db.selectFrom("model_versions").selectAll().where("delete_time", "is", null);
}

type Selected = Awaited<ReturnType<ReturnType<typeof living>["execute"]>>[number];

function versionRow(row: Selected): VersionRow {
  return {
    id: row.id,
    name: row.model_name,
    version: row.version,
    clientId: row.client_id,
    manifest: row.manifest,
    manifestSha256: row.manifest_sha256,
    files: row.file_sha256s,
    format: row.format,
    license: row.license,
    notation: row.notation,
    size: row.size,
    signature: row.signature ?? undefined,
    report:
      row.report === null
        ? undefined
        : fromJson(ReportCardSchema, row.report as JsonValue, { ignoreUnknownFields: true }),
    createTime: row.create_time,
  };
}

/** One version, or the newest for 0. */
export async function findVersion(
  db: Queries,
  name: string,
  version: number,
): Promise<VersionRow | undefined> {
  const all = living(db).where("model_name", "=", name);
  const query = version === 0 ? all.orderBy("version", "desc").limit(1) : all.where("version", "=", version);
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : versionRow(row);
}

/** The living version of a model with this manifest. */
export async function findByManifest(
  db: Queries,
  name: string,
  sha256: string,
): Promise<VersionRow | undefined> {
  const row = await living(db)
    .where("model_name", "=", name)
    .where("manifest_sha256", "=", sha256)
    .executeTakeFirst();
  return row === undefined ? undefined : versionRow(row);
}

/** Versions of a model, newest first, one more than the page holds. */
export async function listVersions(db: Queries, name: string, page: Page): Promise<readonly VersionRow[]> {
  let query = living(db).where("model_name", "=", name);
  if (page.after !== undefined) query = query.where("id", "<", page.after);
  return (
    await query
      .orderBy("id", "desc")
      .limit(page.limit + 1)
      .execute()
  ).map(versionRow);
}

/** Models that have a version, the last made first, one more than the page holds. */
export async function listModels(db: Queries, page: Page): Promise<readonly ModelRow[]> {
  let query = db
    .selectFrom("models")
    .selectAll()
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("model_versions")
          .select("model_versions.id")
          .whereRef("model_versions.model_name", "=", "models.name")
          .where("model_versions.delete_time", "is", null),
      ),
    );
  if (page.after !== undefined) query = query.where("id", "<", page.after);
  const rows = await query
    .orderBy("id", "desc")
    .limit(page.limit + 1)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    clientId: row.client_id,
    description: row.description,
  }));
}

/** The newest living version of each of these models, by name. */
export async function newestOf(
  db: Queries,
  names: readonly string[],
): Promise<ReadonlyMap<string, VersionRow>> {
  if (names.length === 0) return new Map();
  const rows = await living(db)
    .distinctOn("model_name")
    .where("model_name", "in", names)
    .orderBy("model_name")
    .orderBy("version", "desc")
    .execute();
  return new Map(rows.map((row) => [row.model_name, versionRow(row)]));
}

/** Where the aliases of these models point, by name. */
export async function aliasesOf(
  db: Queries,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly AliasRow[]>> {
  if (names.length === 0) return new Map();
  const rows = await db
    .selectFrom("model_aliases")
    .select(["model_name", "alias", "version", "etag"])
    .where("model_name", "in", names)
    .orderBy("alias")
    .execute();
  return Map.groupBy(
    rows.map(({ model_name, ...row }) => ({ ...row, name: model_name })),
    ({ name }) => name,
  );
}

/** Where the aliases of a model point. */
export async function aliases(db: Queries, name: string): Promise<readonly AliasRow[]> {
  return db
    .selectFrom("model_aliases")
    .select(["alias", "version", "etag"])
    .where("model_name", "=", name)
    .orderBy("alias")
    .execute();
}

/** Lets an alias of a client's model point to a version. */
export async function putAlias(db: Queries, clientId: string, name: string, row: AliasRow): Promise<void> {
  const { alias, version, etag } = row;
  await db
    .insertInto("model_aliases")
    .values({ model_name: name, client_id: clientId, alias, version, etag })
    .onConflict((conflict) =>
      conflict.columns(["model_name", "alias"]).doUpdateSet({ version, etag, update_time: sql`now()` }),
    )
    .execute();
}

/** Removes an alias of a client's model; false if there is none. */
export async function removeAlias(
  db: Queries,
  clientId: string,
  name: string,
  alias: string,
): Promise<boolean> {
  const gone = await db
    .deleteFrom("model_aliases")
    .where("model_name", "=", name)
    .where("alias", "=", alias)
    .where("client_id", "=", clientId)
    .executeTakeFirst();
  return gone.numDeletedRows === 1n;
}

/** Locks a model of this client until the transaction ends; false if it has none of that name. */
export async function lockModel(db: Queries, clientId: string, name: string): Promise<boolean> {
  const row = await db
    .selectFrom("models")
    .select("id")
    .where("name", "=", name)
    .where("client_id", "=", clientId)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** Hides a version of a client's model. */
export async function hideVersion(
  db: Queries,
  clientId: string,
  name: string,
  version: number,
): Promise<void> {
  await db
    .updateTable("model_versions")
    .set({ delete_time: sql`now()` })
    .where("model_name", "=", name)
    .where("version", "=", version)
    .where("client_id", "=", clientId)
    .where("delete_time", "is", null)
    .execute();
}

/** An upload of this client. */
export async function findUpload(db: Queries, clientId: string, id: string): Promise<UploadRow | undefined> {
  return db
    .selectFrom("model_uploads")
    .select(["id", "sha256", "size", "reached", "lengths"])
    .where("id", "=", id)
    .where("client_id", "=", clientId)
    .executeTakeFirst();
}

/** Begins an upload unless the id is known already. */
export async function insertUpload(
  db: Queries,
  clientId: string,
  row: { readonly id: string; readonly sha256: string; readonly size: bigint },
): Promise<void> {
  await db
    .insertInto("model_uploads")
    .values({ id: row.id, client_id: clientId, sha256: row.sha256, size: row.size })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}

/** Notes a piece that begins where the last one ended; false if another came first. */
export async function addPiece(
  db: Queries,
  clientId: string,
  id: string,
  offset: bigint,
  length: number,
): Promise<boolean> {
  const changed = await db
    .updateTable("model_uploads")
    .set({ reached: offset + BigInt(length), lengths: sql<number[]>`lengths || ${length}::integer` })
    .where("id", "=", id)
    .where("client_id", "=", clientId)
    .where("reached", "=", offset)
    .executeTakeFirst();
  return changed.numUpdatedRows === 1n;
}

/** Forgets an upload of this client. */
export async function removeUpload(db: Queries, clientId: string, id: string): Promise<void> {
  await db.deleteFrom("model_uploads").where("id", "=", id).where("client_id", "=", clientId).execute();
}

/** Uploads that began longer ago than this, for the sweep. */
export async function oldUploads(
  db: Queries,
  hours: number,
  limit: number,
): Promise<readonly (UploadRow & { readonly clientId: string })[]> {
  const rows = await db
    .selectFrom("model_uploads")
    .select(["id", "client_id", "sha256", "size", "reached", "lengths"])
    .where("create_time", "<", sql<Date>`now() - make_interval(hours => ${hours})`)
    .limit(limit)
    .execute();
  return rows.map(({ client_id, ...row }) => ({ ...row, clientId: client_id }));
}

/** Versions hidden longer ago than this, for the sweep. */
export async function erasable(db: Queries, days: number, limit: number): Promise<readonly VersionRow[]> {
  const rows = await db
    .selectFrom("model_versions")
    .selectAll()
    .where("delete_time", "<", sql<Date>`now() - make_interval(days => ${days})`)
    .limit(limit)
    .execute();
  return rows.map(versionRow);
}

/** Removes the row of a hidden version. */
export async function eraseVersion(db: Queries, id: string): Promise<void> {
  await db.deleteFrom("model_versions").where("id", "=", id).where("delete_time", "is not", null).execute();
}

/** Whether a version, hidden or not, has this file or this manifest. */
export async function isUsed(db: Queries, sha256: string): Promise<boolean> {
  const row = await db
    .selectFrom("model_versions")
    .select("id")
    .where((eb) =>
      eb.or([sql<boolean>`file_sha256s @> array[${sha256}]::text[]`, eb("manifest_sha256", "=", sha256)]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
