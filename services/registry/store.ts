import { sql } from "kysely";
import type { Queries } from "#platform/data/database.ts";
import type { Page } from "#platform/rpc/paging.ts";
import type { Description } from "./describe.ts";

/** A program that the client may read: its own, or a PUBLIC one. */
export interface AnrfRow {
  readonly id: string;
  readonly clientId: string;
  readonly visibility: "PRIVATE" | "PUBLIC";
}

/** One version as the registry keeps it. */
export interface VersionRow {
  readonly anrfId: string;
  readonly version: number;
  readonly clientId: string;
  readonly visibility: "PRIVATE" | "PUBLIC";
  readonly digest: string;
  readonly objectKey: string;
  readonly size: number;
  readonly fileSha256: Uint8Array;
  readonly parentVersion: number | undefined;
  readonly generationId: string;
  readonly name: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly signature: {
    readonly params: readonly { name: string; type: string }[];
    readonly returns: string;
  };
  readonly nodeCount: number;
  readonly createTime: Date;
}

/** The living program, if this client may read it. */
export async function findAnrf(db: Queries, clientId: string, anrfId: string): Promise<AnrfRow | undefined> {
  const row = await db
    .selectFrom("anrfs")
    .select(["id", "client_id", "visibility"])
    .where("id", "=", anrfId)
    .where("delete_time", "is", null)
    .where((eb) => eb.or([eb("client_id", "=", clientId), eb("visibility", "=", "PUBLIC")]))
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { id: row.id, clientId: row.client_id, visibility: row.visibility === "PUBLIC" ? "PUBLIC" : "PRIVATE" };
}

/** Makes the row of a new program; it stays hidden until it has a version. */
export async function insertAnrf(
  db: Queries,
  row: { id: string; clientId: string; visibility: "PRIVATE" | "PUBLIC" },
): Promise<void> {
  await db
    .insertInto("anrfs")
    .values({ id: row.id, client_id: row.clientId, visibility: row.visibility })
    .execute();
}

/** Takes the next number, for good: a crash afterwards leaves a gap, never a number used twice. */
export async function takeVersion(
  db: Queries,
  clientId: string,
  anrfId: string,
): Promise<number | undefined> {
  const row = await db
    .updateTable("anrfs")
    .set((eb) => ({ next_version: eb("next_version", "+", 1) }))
    .where("id", "=", anrfId)
    .where("client_id", "=", clientId)
    .where("delete_time", "is", null)
    .returning("next_version")
    .executeTakeFirst();
  return row === undefined ? undefined : row.next_version - 1;
}

/** Locks the living program of its owner, and says which version is its newest; 0 without any. */
export async function lockNewest(db: Queries, clientId: string, anrfId: string): Promise<number | undefined> {
  const anrf = await db
    .selectFrom("anrfs")
    .select("id")
    .where("id", "=", anrfId)
    .where("client_id", "=", clientId)
    .where("delete_time", "is", null)
    .forUpdate()
    .executeTakeFirst();
  return anrf === undefined ? undefined : newestVersion(db, anrfId);
}

/** The greatest version of a program; 0 without any. */
export async function newestVersion(db: Queries, anrfId: string): Promise<number> {
  const row = await db
    .selectFrom("anrf_versions")
    .select((eb) => eb.fn.max("version").as("newest"))
    .where("anrf_id", "=", anrfId)
    .executeTakeFirst();
  return Number(row?.newest ?? 0);
}

/** What `insertVersion` stores. */
export interface NewVersion {
  readonly anrfId: string;
  readonly version: number;
  readonly clientId: string;
  readonly digest: string;
  readonly objectKey: string;
  readonly size: number;
  readonly fileSha256: Uint8Array;
  readonly minReaderMinor: number;
  readonly parentVersion: number | undefined;
  readonly generationId: string;
  readonly description: Description;
}

/** Makes the version visible. */
export async function insertVersion(db: Queries, row: NewVersion): Promise<void> {
  const { description } = row;
  await db
    .insertInto("anrf_versions")
    .values({
      anrf_id: row.anrfId,
      version: row.version,
      client_id: row.clientId,
      digest: row.digest,
      object_key: row.objectKey,
      size: row.size,
      file_sha256: row.fileSha256,
      min_reader_minor: row.minReaderMinor,
      parent_version: row.parentVersion ?? null,
      generation_id: row.generationId === "" ? null : row.generationId,
      name: description.name,
      summary: description.summary,
      tags: [],
      signature: JSON.stringify({ params: description.params, returns: description.returns }),
      signature_key: description.signatureKey,
      node_count: description.nodeCount,
      builtins: [...description.builtins],
    })
    .execute();
}

/** Changes who may read a program of this client. */
export async function setVisibility(
  db: Queries,
  clientId: string,
  anrfId: string,
  visibility: "PRIVATE" | "PUBLIC",
): Promise<void> {
  await db
    .updateTable("anrfs")
    .set({ visibility })
    .where("id", "=", anrfId)
    .where("client_id", "=", clientId)
    .execute();
}

/** Versions of living programs that this client may read, joined with what the program says of them. */
function readable(db: Queries, clientId: string) {
  return db
    .selectFrom("anrf_versions")
    .innerJoin("anrfs", "anrfs.id", "anrf_versions.anrf_id")
    .where("anrfs.delete_time", "is", null)
    .where((eb) => eb.or([eb("anrfs.client_id", "=", clientId), eb("anrfs.visibility", "=", "PUBLIC")]))
    .select([
      "anrf_versions.anrf_id",
      "anrf_versions.version",
      "anrfs.client_id",
      "anrfs.visibility",
      "anrf_versions.digest",
      "anrf_versions.object_key",
      "anrf_versions.size",
      "anrf_versions.file_sha256",
      "anrf_versions.parent_version",
      "anrf_versions.generation_id",
      "anrf_versions.name",
      "anrf_versions.summary",
      "anrf_versions.tags",
      "anrf_versions.signature",
      "anrf_versions.node_count",
      "anrf_versions.create_time",
    ]);
}

type Selected = Awaited<ReturnType<ReturnType<typeof readable>["execute"]>>[number];

function versionRow(row: Selected): VersionRow {
  return {
    anrfId: row.anrf_id,
    version: row.version,
    clientId: row.client_id,
    visibility: row.visibility === "PUBLIC" ? "PUBLIC" : "PRIVATE",
    digest: row.digest,
    objectKey: row.object_key,
    size: row.size,
    fileSha256: row.file_sha256,
    parentVersion: row.parent_version ?? undefined,
    generationId: row.generation_id ?? "",
    name: row.name,
    summary: row.summary,
    tags: row.tags,
    signature: JSON.parse(row.signature) as VersionRow["signature"],
    nodeCount: row.node_count,
    createTime: row.create_time,
  };
}

/** One version, or the newest one for 0. */
export async function findVersion(
  db: Queries,
  clientId: string,
  anrfId: string,
  version: number,
): Promise<VersionRow | undefined> {
  const base = readable(db, clientId).where("anrf_versions.anrf_id", "=", anrfId);
  const query =
    version === 0
      ? base.orderBy("anrf_versions.version", "desc").limit(1)
      : base.where("anrf_versions.version", "=", version);
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : versionRow(row);
}

/** Versions of a program, newest first, older than `before`. */
export async function listVersions(
  db: Queries,
  clientId: string,
  anrfId: string,
  before: number | undefined,
  limit: number,
): Promise<readonly VersionRow[]> {
  let query = readable(db, clientId).where("anrf_versions.anrf_id", "=", anrfId);
  if (before !== undefined) query = query.where("anrf_versions.version", "<", before);
  return (await query.orderBy("anrf_versions.version", "desc").limit(limit).execute()).map(versionRow);
}

/** Newest versions of programs, newest program first; words are all to be found, a signature is to be equal. */
export async function listAnrfs(
  db: Queries,
  clientId: string,
  filter: { readonly query: string; readonly signatureKey: string },
  page: Page,
): Promise<readonly VersionRow[]> {
  let query = readable(db, clientId).where(
    "anrf_versions.version",
    "=",
    sql<number>`(select max(v.version) from anrf_versions v where v.anrf_id = anrfs.id)`,
  );
  if (page.after !== undefined) query = query.where("anrfs.id", "<", page.after);
  if (filter.signatureKey !== "")
    query = query.where("anrf_versions.signature_key", "=", filter.signatureKey);
  if (filter.query.trim() !== "") {
    query = query.where(sql<boolean>`anrf_versions.search @@ plainto_tsquery('simple', ${filter.query})`);
  }
  return (
    await query
      .orderBy("anrfs.id", "desc")
      .limit(page.limit + 1)
      .execute()
  ).map(versionRow);
}

/** The chain of parents of a version, nearest first; at most 100. */
export async function lineage(db: Queries, anrfId: string, version: number): Promise<readonly number[]> {
  const rows = await sql<{ parent: number }>`
    with recursive chain (parent, depth) as (
      select parent_version, 1 from anrf_versions
        where anrf_id = ${anrfId} and version = ${version} and parent_version is not null
      union all
      select v.parent_version, chain.depth + 1 from chain
        join anrf_versions v on v.anrf_id = ${anrfId} and v.version = chain.parent
        where v.parent_version is not null and chain.depth < 100)
    select parent from chain order by depth`.execute(db);
  return rows.rows.map((row) => row.parent);
}

/** Names that point to versions of a program of this client, by version. */
export async function aliases(
  db: Queries,
  clientId: string,
  anrfId: string,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const rows = await db
    .selectFrom("anrf_aliases")
    .select(["alias", "version"])
    .where("anrf_id", "=", anrfId)
    .where("client_id", "=", clientId)
    .orderBy("alias")
    .execute();
  const found = new Map<number, string[]>();
  for (const { alias, version } of rows) found.set(version, [...(found.get(version) ?? []), alias]);
  return found;
}

/** Which version a name of this client points to, with its etag. */
export async function findAlias(
  db: Queries,
  clientId: string,
  anrfId: string,
  alias: string,
): Promise<{ readonly version: number; readonly etag: string } | undefined> {
  return db
    .selectFrom("anrf_aliases")
    .select(["version", "etag"])
    .where("anrf_id", "=", anrfId)
    .where("client_id", "=", clientId)
    .where("alias", "=", alias)
    .executeTakeFirst();
}

/** Lets a name of this client point to a version. */
export async function putAlias(
  db: Queries,
  clientId: string,
  anrfId: string,
  row: { readonly alias: string; readonly version: number; readonly etag: string },
): Promise<void> {
  const { alias, version, etag } = row;
  await db
    .insertInto("anrf_aliases")
    .values({ anrf_id: anrfId, client_id: clientId, alias, version, etag })
    .onConflict((conflict) =>
      conflict.columns(["anrf_id", "alias"]).doUpdateSet({ version, etag, update_time: sql`now()` }),
    )
    .execute();
}

/** Hides a program of this client; false if there is none. */
export async function hideAnrf(db: Queries, clientId: string, anrfId: string): Promise<boolean> {
  const changed = await db
    .updateTable("anrfs")
    .set({ delete_time: sql`now()` })
    .where("id", "=", anrfId)
    .where("client_id", "=", clientId)
    .where("delete_time", "is", null)
    .executeTakeFirst();
  return changed.numUpdatedRows === 1n;
}

/** Programs whose bytes may go: hidden for longer than `days`, or made without ever getting a version. */
export async function erasable(db: Queries, days: number, limit: number): Promise<readonly string[]> {
  const rows = await sql<{ id: string }>`
    select id from anrfs where delete_time < now() - make_interval(days => ${days})
    union all
    select id from anrfs where create_time < now() - interval '1 day'
      and not exists (select 1 from anrf_versions v where v.anrf_id = anrfs.id)
    limit ${limit}`.execute(db);
  return rows.rows.map((row) => row.id);
}

/** Removes a program's rows; executions and verifications keep theirs and lose the link. */
export async function eraseAnrf(db: Queries, anrfId: string): Promise<void> {
  await db.deleteFrom("anrf_aliases").where("anrf_id", "=", anrfId).execute();
  await db.deleteFrom("anrfs").where("id", "=", anrfId).execute();
}
