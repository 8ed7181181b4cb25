import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type ImportModelRequest,
  ImportModelRequestSchema,
  ImportModelResponseSchema,
  ModelService,
  SignatureState,
} from "#gen/anrf/models/v1/models_service_pb.ts";
import { checkSignature, type SignatureVerdict } from "#platform/data/blobs.ts";
import { once, type Settle } from "#platform/data/idempotency.ts";
import type { Call } from "#platform/rpc/call.ts";
import { notFound } from "#platform/rpc/error.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import { cutPage, readPage } from "#platform/rpc/paging.ts";
import { deleteAlias, deleteVersion, resolveAlias, setAlias } from "./alias.ts";
import { type Imported, importModel, type ModelsDeps } from "./import.ts";
import { fromBytes } from "./manifest.ts";
import * as store from "./store.ts";
import { uploadPart } from "./upload.ts";

/** The RPCs of the registry of models. */
export function routes(deps: ModelsDeps): Handlers<typeof ModelService> {
  const { db } = deps.database;
  return {
    importModel: (request, call) => importOnce(request, deps, call),
    uploadBlobPart: (request, call) => uploadPart(request, deps, call),

    listModels: async (request, call) => {
      const binding = ["models"];
      const page = readPage(request, binding);
      const cut = cutPage(await store.listModels(db, page), page, binding, (row) => row.id);
      return { models: await modelsOf(cut.rows, deps, call), nextPageToken: cut.nextPageToken };
    },

    getModel: async ({ name }, call) => {
      const row = await store.findModel(db, name);
      if (row === undefined) throw notFound("model", name);
      const [model] = await modelsOf([row], deps, call);
      return model === undefined ? {} : { model };
    },

    listVersions: async (request) => {
      const { name } = request;
      if ((await store.findModel(db, name)) === undefined) throw notFound("model", name);
      const binding = ["model versions", name];
      const page = readPage(request, binding);
      const cut = cutPage(await store.listVersions(db, name, page), page, binding, (row) => row.id);
      const names = await store.aliases(db, name);
      return {
        versions: cut.rows.map((row) => versionOf(row, names, deps)),
        nextPageToken: cut.nextPageToken,
      };
    },

    getVersion: async ({ name, version }) => {
      const row = await store.findVersion(db, name, version);
      if (row === undefined) throw notFound("model version", `${name}@${version}`);
      return {
        version: versionOf(row, await store.aliases(db, name), deps),
        manifest: row.manifest,
        signature: row.signature ?? new Uint8Array(),
      };
    },

    deleteModelVersion: async ({ name, version }, call) => {
      await deleteVersion(name, version, deps, call);
      return {};
    },

    setAlias: async (request, call) => ({ alias: await setAlias(request, deps, call) }),

    deleteAlias: async ({ name, alias }, call) => {
      await deleteAlias(name, alias, deps, call);
      return {};
    },

    resolveAlias: async ({ name, alias }) => {
      const row = await resolveAlias(name, alias, deps);
      const { version, format, notation } = row;
      return { name, version, digest: digestOf(row), format, notation, signatureState: stateOf(row, deps) };
    },
  };
}

/** The first answer for a key stands for 24 hours. */
async function importOnce(request: ImportModelRequest, deps: ModelsDeps, call: Call) {
  const keyed = {
    clientId: call.client.clientId,
    rpc: `${ModelService.typeName}/ImportModel`,
    key: request.idempotencyKey,
    body: toBinary(
      ImportModelRequestSchema,
      create(ImportModelRequestSchema, { ...request, idempotencyKey: "" }),
    ),
  };
  const encoded = ({ row, existed }: Imported): Uint8Array =>
    toBinary(
      ImportModelResponseSchema,
      create(ImportModelResponseSchema, {
        name: row.name,
        version: row.version,
        digest: digestOf(row),
        signatureState: stateOf(row, deps),
        existed,
      }),
    );
  const work = async (settle: Settle): Promise<Uint8Array> =>
    encoded(await importModel(request, deps, call, (trx, done) => settle(trx, encoded(done))));
  return fromBinary(ImportModelResponseSchema, await once(deps.database.db, keyed, work, call.signal));
}

const digestOf = (row: { readonly manifestSha256: string }): string => `sha256:${row.manifestSha256}`;

const STATES: Readonly<Record<SignatureVerdict, SignatureState>> = {
  NONE: SignatureState.UNSIGNED,
  UNCHECKED: SignatureState.UNCHECKED,
  TRUSTED: SignatureState.TRUSTED,
  // The key that made it is trusted no more.
  WRONG: SignatureState.UNCHECKED,
};

function stateOf(row: Pick<store.VersionRow, "manifest" | "signature">, deps: ModelsDeps): SignatureState {
  return STATES[checkSignature(row.manifest, row.signature, deps.trust)];
}

async function modelsOf(rows: readonly store.ModelRow[], deps: ModelsDeps, call: Call) {
  const { db } = deps.database;
  const names = rows.map(({ name }) => name);
  const newest = await store.newestOf(db, names);
  const aliases = await store.aliasesOf(db, names);
  return rows.map((row) => ({
    name: row.name,
    description: row.description,
    aliases: (aliases.get(row.name) ?? []).map(({ alias, version, etag }) => ({ alias, version, etag })),
    owned: row.clientId === call.client.clientId,
    ...newestFields(newest.get(row.name), deps),
  }));
}

function newestFields(row: store.VersionRow | undefined, deps: ModelsDeps) {
  if (row === undefined) return {};
  return {
    version: row.version,
    digest: digestOf(row),
    format: row.format,
    size: row.size,
    license: row.license,
    notation: row.notation,
    signatureState: stateOf(row, deps),
    createTime: timestampFromDate(row.createTime),
  };
}

function versionOf(row: store.VersionRow, aliases: readonly store.AliasRow[], deps: ModelsDeps) {
  return {
    name: row.name,
    version: row.version,
    digest: digestOf(row),
    manifest: fromBytes(row.manifest),
    size: row.size,
    signatureState: stateOf(row, deps),
    ...(row.report === undefined ? {} : { report: row.report }),
    aliases: aliases.filter(({ version }) => version === row.version).map(({ alias }) => alias),
    createTime: timestampFromDate(row.createTime),
  };
}
