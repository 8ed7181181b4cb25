import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { Authorization } from "#gen/envoy/service/auth/v3/external_auth_pb.ts";
import { pingDatabase } from "#platform/data/database.ts";
import { retentionTask } from "#platform/data/retention.ts";
import { probe } from "#platform/process/readiness.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { type AuthConfig, readAuthConfig } from "./config.ts";
import { ensureBootstrapKey, ensureFirstKey } from "./first-key.ts";
import { KeyCache } from "./key-cache.ts";
import { type AuthDeps, authorization, routes } from "./routes.ts";
import { createSeal } from "./seal.ts";
import { findKey, touchKeys } from "./store.ts";

const TOUCH_MS = 60_000;

/** Keys, and who asks by them. */
export const target: Target = {
  name: "auth",
  start: async (host: Host): Promise<Started> => {
    const config = readAuthConfig(host.env);
    const database = await host.database();
    await ensureKeys(config, host);
    const used = new Map<string, Date>();
    const touch = async (): Promise<void> => {
      const seen = new Map(used);
      used.clear();
      await touchKeys(database.db, seen);
    };
    host.jobs({
      "auth-touch-keys": { everyMs: TOUCH_MS, run: touch },
      // Every service appends to these two, so none of them owns them; auth is a part of every platform.
      "auth-retention": retentionTask(database.db, { outbox: config.outboxDays }, ["idempotency", "outbox"]),
    });
    const deps: AuthDeps = {
      database,
      seal: createSeal(),
      keys: new KeyCache({ find: (keyId) => findKey(database.db, keyId), now: () => performance.now() }),
      used: (keyId) => used.set(keyId, new Date()),
      now: () => new Date(),
    };
    return {
      serves: [serve(AuthService, routes(deps)), serve(Authorization, authorization(deps))],
      ready: () => Promise.all([probe("database", () => pingDatabase(database))]),
      [Symbol.asyncDispose]: () => touch().catch(() => {}),
    };
  },
};

async function ensureKeys(config: AuthConfig, host: Host): Promise<void> {
  const database = await host.database();
  if (config.firstKeyFile !== undefined) await ensureFirstKey(config.firstKeyFile, database);
  if (config.bootstrapKey === undefined) return;
  const counts = await ensureBootstrapKey(config.bootstrapKey, "ANRF_BOOTSTRAP_KEY_FILE", database);
  if (!counts) host.log.info({}, "the bootstrap key does not count: another key may manage keys");
}
