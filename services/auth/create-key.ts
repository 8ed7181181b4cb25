import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import {
  AuthService,
  type CreateApiKeyRequest,
  CreateApiKeyRequestSchema,
  type CreateApiKeyResponse,
  CreateApiKeyResponseSchema,
} from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { type Database, type Queries, transact } from "#platform/data/database.ts";
import { once } from "#platform/data/idempotency.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Call } from "#platform/rpc/call.ts";
import { invalid, notFound } from "#platform/rpc/error.ts";
import { keyText, newKey, secretHash } from "./keys.ts";
import { apiKeyFromRow, tierFromEnum } from "./message.ts";
import type { Seal } from "./seal.ts";
import * as store from "./store.ts";

/** What making a key needs. */
export interface CreateKeyDeps {
  readonly database: Database;
  readonly seal: Seal;
  readonly now: () => Date;
}

/** What a key may do unless it is told: all but managing keys. */
export const DEFAULT_SCOPES: readonly Scope[] = Object.values(Scope).filter(
  (scope) => scope !== Scope.SCOPE_UNSPECIFIED && scope !== Scope.ADMIN && scope !== Scope.ANY_KEY,
);

/** Makes a key, and its client if one is asked for. A repeat gets the first answer; after a restart without the key. */
export async function createKey(
  request: CreateApiKeyRequest,
  deps: CreateKeyDeps,
  call: Call,
): Promise<CreateApiKeyResponse> {
  refuse(request, deps.now());
  const keyed = {
    clientId: call.client.clientId,
    rpc: `${AuthService.typeName}/CreateApiKey`,
    key: request.idempotencyKey,
    body: toBinary(
      CreateApiKeyRequestSchema,
      create(CreateApiKeyRequestSchema, { ...request, idempotencyKey: "" }),
    ),
  };
  const kept = await once(
    deps.database.db,
    keyed,
    (settle) => make(request, deps, call, settle),
    call.signal,
  );
  return openAnswer(kept, deps.seal);
}

async function make(
  request: CreateApiKeyRequest,
  deps: CreateKeyDeps,
  call: Call,
  settle: (db: Queries, answer: Uint8Array) => Promise<void>,
): Promise<Uint8Array> {
  const key = newKey();
  return transact(deps.database.db, async (trx) => {
    const clientId = await clientOf(trx, request, call);
    await store.insertKey(trx, {
      keyId: key.keyId,
      clientId,
      name: request.name,
      secretSha256: secretHash(key.secret),
      scopes: new Set(request.scopes.length === 0 ? DEFAULT_SCOPES : (request.scopes as Scope[])),
      tier: tierFromEnum(request.tier),
      limits: request.limits,
      expireTime: request.expireTime === undefined ? undefined : timestampDate(request.expireTime),
    });
    const row = await store.findKey(trx, key.keyId);
    if (row === undefined) throw new Error(`key ${key.keyId} is gone within its own transaction`);
    const answer = closeAnswer(apiKeyFromRow(row), keyText(key), deps.seal);
    await settle(trx, answer);
    return answer;
  });
}

async function clientOf(trx: Queries, request: CreateApiKeyRequest, call: Call): Promise<string> {
  if (request.newClient !== "") {
    const id = uuidv7();
    await store.insertClient(trx, id, request.newClient);
    return id;
  }
  const id = request.clientId === "" ? call.client.clientId : request.clientId.toLowerCase();
  if ((await store.clientName(trx, id)) === undefined) throw notFound("client", id);
  return id;
}

function refuse(request: CreateApiKeyRequest, now: Date): void {
  if (request.newClient !== "" && request.clientId !== "") {
    throw invalid([{ field: "newClient", description: "give either clientId or newClient, not both" }]);
  }
  if (request.expireTime !== undefined && timestampDate(request.expireTime) <= now) {
    throw invalid([{ field: "expireTime", description: "has passed already" }]);
  }
}

// The two parts of an answer: what may lie in the database as it is, length first, and the key, sealed.
function closeAnswer(apiKey: CreateApiKeyResponse["apiKey"], key: string, seal: Seal): Uint8Array {
  const open = toBinary(
    CreateApiKeyResponseSchema,
    create(CreateApiKeyResponseSchema, apiKey === undefined ? {} : { apiKey }),
  );
  const sealed = seal.close(new TextEncoder().encode(key));
  const bytes = new Uint8Array(4 + open.length + sealed.length);
  new DataView(bytes.buffer).setUint32(0, open.length);
  bytes.set(open, 4);
  bytes.set(sealed, 4 + open.length);
  return bytes;
}

function openAnswer(bytes: Uint8Array, seal: Seal): CreateApiKeyResponse {
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const answer = fromBinary(CreateApiKeyResponseSchema, bytes.subarray(4, end));
  const key = seal.open(bytes.subarray(end));
  return { ...answer, key: key === undefined ? "" : new TextDecoder().decode(key) };
}
