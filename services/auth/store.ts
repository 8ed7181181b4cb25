import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { type KeyLimits, KeyLimitsSchema } from "#gen/anrf/api/v1/key_limits_pb.ts";
import type { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { type Queries, toJson as toJsonText } from "#platform/data/database.ts";
import type { Tier } from "#platform/rpc/call.ts";
import type { Page } from "#platform/rpc/paging.ts";
import { scopeFromName, scopeName } from "#platform/rpc/peer.ts";

/** A key as it is stored, with its client. */
export interface KeyRow {
  readonly keyId: string;
  readonly clientId: string;
  readonly clientName: string;
  /** Set when the client was switched off. */
  readonly disableTime: Date | undefined;
  readonly name: string;
  readonly secretSha256: Uint8Array;
  readonly scopes: ReadonlySet<Scope>;
  readonly tier: Tier;
  readonly limits: KeyLimits | undefined;
  readonly createTime: Date;
  readonly expireTime: Date | undefined;
  readonly revokeTime: Date | undefined;
  readonly lastUsedTime: Date | undefined;
}

/** A key that is to be stored. */
export type NewKeyRow = Pick<
  KeyRow,
  "keyId" | "clientId" | "name" | "secretSha256" | "scopes" | "tier" | "limits" | "expireTime"
>;

/** The name of a client, or undefined if there is none. */
export async function clientName(db: Queries, clientId: string): Promise<string | undefined> {
  const row = await db.selectFrom("clients").select("name").where("id", "=", clientId).executeTakeFirst();
  return row?.name;
}

/** Makes a client. */
export async function insertClient(db: Queries, id: string, name: string): Promise<void> {
  await db.insertInto("clients").values({ id, name }).execute();
}

/** Makes a key; false if its id is taken. */
export async function insertKey(db: Queries, row: NewKeyRow): Promise<boolean> {
  const made = await db
    .insertInto("api_keys")
    .values({
      id: row.keyId,
      client_id: row.clientId,
      name: row.name,
      secret_sha256: row.secretSha256,
      scopes: [...row.scopes].map(scopeName),
      tier: row.tier,
      limits: toJsonText(row.limits === undefined ? {} : toJson(KeyLimitsSchema, row.limits)),
      expire_time: row.expireTime ?? null,
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  return made !== undefined;
}

/** A key by its id, whoever owns it: here the key is what tells who asks. */
export async function findKey(db: Queries, keyId: string): Promise<KeyRow | undefined> {
  const row = await selectKeys(db).where("api_keys.id", "=", keyId).executeTakeFirst();
  return row === undefined ? undefined : keyFromRow(row);
}

/** Keys, newest first: of one client, or of all for an administrator. */
export async function listKeys(
  db: Queries,
  clientId: string | undefined,
  page: Page,
): Promise<readonly KeyRow[]> {
  let query = selectKeys(db)
    .orderBy("api_keys.id", "desc")
    .limit(page.limit + 1);
  if (clientId !== undefined) query = query.where("api_keys.client_id", "=", clientId);
  if (page.after !== undefined) query = query.where("api_keys.id", "<", page.after);
  return (await query.execute()).map(keyFromRow);
}

/** Ends a key now; one that has ended keeps its time. False if there is none. */
export async function revokeKey(db: Queries, keyId: string): Promise<boolean> {
  const changed = await db
    .updateTable("api_keys")
    .set({ revoke_time: sql<Date>`coalesce(revoke_time, now())` })
    .where("id", "=", keyId)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

/** Makes a revoked key valid again. */
export async function reinstateKey(db: Queries, keyId: string): Promise<void> {
  await db.updateTable("api_keys").set({ revoke_time: null }).where("id", "=", keyId).execute();
}

/** Whether a valid key other than this one may manage keys. */
export async function hasOtherAdmin(db: Queries, keyId: string): Promise<boolean> {
  const row = await db
    .selectFrom("api_keys")
    .innerJoin("clients", "clients.id", "api_keys.client_id")
    .select("api_keys.id")
    .where("api_keys.id", "!=", keyId)
    .where(sql<boolean>`'admin' = any(api_keys.scopes)`)
    .where("api_keys.revoke_time", "is", null)
    .where("clients.disable_time", "is", null)
    .where(sql<boolean>`coalesce(api_keys.expire_time > now(), true)`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes when keys were last used; a later time that is known already stands. */
export async function touchKeys(db: Queries, used: ReadonlyMap<string, Date>): Promise<void> {
  if (used.size === 0) return;
  const ids = [...used.keys()];
  const times = [...used.values()].map((time) => time.toISOString());
  await sql`update api_keys set last_used_time = greatest(api_keys.last_used_time, seen.time)
    from unnest(${ids}::uuid[], ${times}::timestamptz[]) as seen(id, time) where api_keys.id = seen.id`.execute(
    db,
  );
}

function selectKeys(db: Queries) {
  return db
    .selectFrom("api_keys")
    .innerJoin("clients", "clients.id", "api_keys.client_id")
    .selectAll("api_keys")
    .select(["clients.name as client_name", "clients.disable_time"]);
}

type SelectedKey = NonNullable<Awaited<ReturnType<ReturnType<typeof selectKeys>["executeTakeFirst"]>>>;

function keyFromRow(row: SelectedKey): KeyRow {
  const limits = row.limits as JsonValue;
  const isLimited = typeof limits === "object" && limits !== null && Object.keys(limits).length > 0;
  return {
    keyId: row.id,
    clientId: row.client_id,
    clientName: row.client_name,
    disableTime: row.disable_time ?? undefined,
    name: row.name,
    secretSha256: row.secret_sha256,
    scopes: new Set(row.scopes.flatMap((name) => scopeFromName(name) ?? [])),
    tier: row.tier === "standard" || row.tier === "unlimited" ? row.tier : "basic",
    limits: isLimited ? fromJson(KeyLimitsSchema, limits, { ignoreUnknownFields: true }) : undefined,
    createTime: row.create_time,
    expireTime: row.expire_time ?? undefined,
    revokeTime: row.revoke_time ?? undefined,
    lastUsedTime: row.last_used_time ?? undefined,
  };
}
