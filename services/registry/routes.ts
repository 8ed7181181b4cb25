import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  GetAnrfRequest_View,
  type PatchAnrfRequest,
  PatchAnrfRequestSchema,
  type PatchAnrfResponse,
  PatchAnrfResponseSchema,
  type PutAnrfRequest,
  PutAnrfRequestSchema,
  PutAnrfResponseSchema,
  RegistryService,
  Visibility,
} from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { IdempotencyConflict, once, type Settle } from "#platform/data/idempotency.ts";
import type { Call } from "#platform/rpc/call.ts";
import { alreadyExists } from "#platform/rpc/error.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import { setAlias } from "./alias.ts";
import { deleteAnrf } from "./delete.ts";
import { findAnrfs, findVersions } from "./find.ts";
import { find, load } from "./get.ts";
import { type Patched, patch } from "./patch.ts";
import { put, type RegistryDeps, type StoredAnrf } from "./put.ts";
import * as store from "./store.ts";

/** Media type of an .anrf file. */
const MEDIA_TYPE = "application/vnd.anrf.v1+protobuf";

/** The RPCs of the registry. */
export function routes(deps: RegistryDeps): Handlers<typeof RegistryService> {
  return {
    putAnrf: (request, call) => putOnce(request, deps, call),

    patchAnrf: (request, call) => patchOnce(request, deps, call),

    getAnrf: async (request, call) => {
      const row = await find(request, deps, call);
      const loaded = await load(row, deps);
      const names = await store.aliases(deps.database.db, row.clientId, row.anrfId);
      return {
        ...summaryOf(row, call),
        size: row.size,
        ...(loaded.header === undefined ? {} : { header: loaded.header }),
        lineage: [...(await store.lineage(deps.database.db, row.anrfId, row.version))],
        generationId: row.generationId,
        aliases: [...(names.get(row.version) ?? [])],
        ...(request.view === GetAnrfRequest_View.FULL ? { artifact: loaded.bytes } : {}),
      };
    },

    downloadAnrf: async (request, call) => {
      const { bytes } = await load(await find({ ...request, alias: "" }, deps, call), deps);
      return { file: { contentType: MEDIA_TYPE, data: bytes } };
    },

    listAnrfs: async (request, call) => {
      const { rows, nextPageToken } = await findAnrfs(request, deps, call);
      return { anrfs: rows.map((row) => ({ ...summaryOf(row, call), tags: [...row.tags] })), nextPageToken };
    },

    listVersions: async (request, call) => {
      const { rows, nextPageToken, aliases } = await findVersions(request, deps, call);
      const versions = rows.map((row) => ({
        version: row.version,
        digest: row.digest,
        size: row.size,
        ...(row.parentVersion === undefined ? {} : { parentVersion: row.parentVersion }),
        generationId: row.generationId,
        aliases: [...(aliases.get(row.version) ?? [])],
        createTime: timestampFromDate(row.createTime),
      }));
      return { versions, nextPageToken };
    },

    deleteAnrf: async (request, call) => {
      await deleteAnrf(request.anrfId, deps, call);
      return {};
    },

    setAnrfAlias: (request, call) => setAlias(request, deps, call),
  };
}

/** The first answer for a key stands for 24 hours. */
async function putOnce(request: PutAnrfRequest, deps: RegistryDeps, call: Call) {
  const keyed = {
    clientId: call.client.clientId,
    rpc: `${RegistryService.typeName}/PutAnrf`,
    key: request.idempotencyKey,
    body: toBinary(PutAnrfRequestSchema, create(PutAnrfRequestSchema, { ...request, idempotencyKey: "" })),
  };
  const encoded = (stored: StoredAnrf): Uint8Array =>
    toBinary(PutAnrfResponseSchema, create(PutAnrfResponseSchema, { ...stored }));
  const work = async (settle: Settle): Promise<Uint8Array> => {
    const source = {
      ...request,
      parentVersion: request.parentVersion,
      expectedVersion: request.expectedVersion,
      visibility: visibilityName(request.visibility),
    };
    return encoded(await put(source, deps, call, (trx, stored) => settle(trx, encoded(stored))));
  };
  try {
    return fromBinary(PutAnrfResponseSchema, await once(deps.database.db, keyed, work, call.signal));
  } catch (error) {
    if (error instanceof IdempotencyConflict) throw alreadyExists("IDEMPOTENCY_CONFLICT", error.message);
    throw error;
  }
}

/** The same: a repeat with the key gets what the first one came to. */
async function patchOnce(
  request: PatchAnrfRequest,
  deps: RegistryDeps,
  call: Call,
): Promise<PatchAnrfResponse> {
  const keyed = {
    clientId: call.client.clientId,
    rpc: `${RegistryService.typeName}/PatchAnrf`,
    key: request.idempotencyKey,
    body: toBinary(
      PatchAnrfRequestSchema,
      create(PatchAnrfRequestSchema, { ...request, idempotencyKey: "" }),
    ),
  };
  const encoded = (patched: Patched): Uint8Array =>
    toBinary(PatchAnrfResponseSchema, create(PatchAnrfResponseSchema, patched));
  const work = async (settle: Settle): Promise<Uint8Array> =>
    encoded(await patch(request, deps, call, (trx, patched) => settle(trx, encoded(patched))));
  return fromBinary(PatchAnrfResponseSchema, await once(deps.database.db, keyed, work, call.signal));
}

function visibilityName(value: Visibility): "PRIVATE" | "PUBLIC" | undefined {
  if (value === Visibility.PUBLIC) return "PUBLIC";
  return value === Visibility.PRIVATE ? "PRIVATE" : undefined;
}

function summaryOf(row: store.VersionRow, call: Call) {
  return {
    anrfId: row.anrfId,
    version: row.version,
    digest: row.digest,
    name: row.name,
    summary: row.summary,
    signature: { params: row.signature.params.map((one) => ({ ...one })), returns: row.signature.returns },
    nodeCount: row.nodeCount,
    visibility: row.visibility === "PUBLIC" ? Visibility.PUBLIC : Visibility.PRIVATE,
    owned: row.clientId === call.client.clientId,
    createTime: timestampFromDate(row.createTime),
  };
}
