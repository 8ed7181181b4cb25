import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import type { Authorization } from "#gen/envoy/service/auth/v3/external_auth_pb.ts";
import { isUuid } from "#platform/process/ids.ts";
import { notFound } from "#platform/rpc/error.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import { cutPage, readPage } from "#platform/rpc/paging.ts";
import { type CheckDeps, check } from "./check.ts";
import { type CreateKeyDeps, createKey } from "./create-key.ts";
import type { KeyCache } from "./key-cache.ts";
import { apiKeyFromRow, tierToEnum } from "./message.ts";
import * as store from "./store.ts";

/** What the RPCs of auth need. */
export interface AuthDeps extends CreateKeyDeps, CheckDeps {
  readonly keys: Pick<KeyCache, "get" | "forget">;
}

/** The RPCs that manage keys. The scope ADMIN stands before all but GetSelf, so they see every client's keys. */
export function routes(deps: AuthDeps): Handlers<typeof AuthService> {
  const { db } = deps.database;
  return {
    createApiKey: (request, call) => createKey(request, deps, call),

    listApiKeys: async (request) => {
      const binding = [`${AuthService.typeName}/ListApiKeys`, request.clientId];
      const page = readPage(request, binding);
      const found = await store.listKeys(db, request.clientId === "" ? undefined : request.clientId, page);
      const { rows, nextPageToken } = cutPage(found, page, binding, (row) => row.keyId);
      return { apiKeys: rows.map(apiKeyFromRow), nextPageToken };
    },

    revokeApiKey: async ({ keyId }) => {
      const isKnown = isUuid(keyId) && (await store.revokeKey(db, keyId));
      const row = isKnown ? await store.findKey(db, keyId) : undefined;
      if (row === undefined) throw notFound("key", keyId);
      deps.keys.forget(row.keyId);
      return { apiKey: apiKeyFromRow(row) };
    },

    getSelf: async (_request, call) => {
      const { clientId, keyId, scopes, tier, limits } = call.client;
      return {
        clientId,
        keyId,
        scopes: [...scopes].sort((a, b) => a - b),
        tier: tierToEnum(tier),
        ...(limits === undefined ? {} : { limits }),
      };
    },
  };
}

/** The RPC by which gateways find out who asks. */
export function authorization(deps: AuthDeps): Handlers<typeof Authorization> {
  return { check: (request) => check(request, deps) };
}
