import { sql } from "kysely";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { type Database, type Queries, transact } from "#platform/data/database.ts";
import { readOrMake } from "#platform/data/folder-layout.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Tier } from "#platform/rpc/call.ts";
import { DEFAULT_SCOPES } from "./create-key.ts";
import { type Key, keyText, newKey, parseKey, secretHash } from "./keys.ts";
import * as store from "./store.ts";

/**
 * The key of whoever runs the platform on their own machine: read from the file, or made and written there, readable
 * by its owner alone. It may do everything, as often as the machine can.
 */
export async function ensureFirstKey(file: string, database: Database): Promise<void> {
  const key = parsed(await readOrMake(file, () => keyText(newKey())), file);
  await transact(database.db, async (trx) => {
    await serialize(trx);
    if ((await store.findKey(trx, key.keyId)) !== undefined) return;
    await insert(trx, key, "first key", [...DEFAULT_SCOPES, Scope.ADMIN], "unlimited");
  });
}

/**
 * The key by which the first administrator makes all others. It counts only while no other valid key may manage keys;
 * at the next start after that it is revoked. Says which of both.
 */
export async function ensureBootstrapKey(text: string, file: string, database: Database): Promise<boolean> {
  const key = parsed(text, file);
  return transact(database.db, async (trx) => {
    await serialize(trx);
    const known = await store.findKey(trx, key.keyId);
    if (await store.hasOtherAdmin(trx, key.keyId)) {
      if (known !== undefined) await store.revokeKey(trx, key.keyId);
      return false;
    }
    if (known === undefined) await insert(trx, key, "bootstrap key", [Scope.ADMIN], "basic");
    else if (known.revokeTime !== undefined) await store.reinstateKey(trx, key.keyId);
    return true;
  });
}

// Two processes that start at once must not make two clients.
async function serialize(trx: Queries): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(7_243_900_612)})`.execute(trx);
}

async function insert(
  trx: Queries,
  key: Key,
  name: string,
  scopes: readonly Scope[],
  tier: Tier,
): Promise<void> {
  const clientId = uuidv7();
  await store.insertClient(trx, clientId, "operator");
  await store.insertKey(trx, {
    keyId: key.keyId,
    clientId,
    name,
    secretSha256: secretHash(key.secret),
    scopes: new Set(scopes),
    tier,
    limits: undefined,
    expireTime: undefined,
  });
}

function parsed(text: string, file: string): Key {
  const key = parseKey(text);
  if (key !== undefined) return key;
  throw new Error(
    `cannot use the key in ${file}: it is not of the form anrf_<uuid>_<43 letters>; make one by "anrf keys new"`,
  );
}
