import type { ImportModelRequest, ModelFile, ModelManifest } from "#gen/anrf/models/v1/models_service_pb.ts";
import {
  blobKey,
  checkSignature,
  objectFailure,
  readIfThere,
  sha256Of,
  signatureKey,
  type Trust,
} from "#platform/data/blobs.ts";
import { type Database, type Queries, transact } from "#platform/data/database.ts";
import { ObjectError, type ObjectStore } from "#platform/data/objects.ts";
import { appendEvents } from "#platform/data/outbox.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Call } from "#platform/rpc/call.ts";
import {
  alreadyExists,
  failedPrecondition,
  invalidField,
  notFound,
  permissionDenied,
} from "#platform/rpc/error.ts";
import { versionCreated } from "./events.ts";
import { GgufError, type GgufHeader, readGguf } from "./gguf.ts";
import { makeManifest, parseManifest } from "./manifest.ts";
import * as store from "./store.ts";

/** What the verbs of the registry of models need. */
export interface ModelsDeps {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly trust: Trust;
}

/** What was stored. */
export interface Imported {
  readonly row: store.NewVersion;
  readonly existed: boolean;
}

/**
 * Stores a version: manifest and signature as blobs, so that inference finds them by digest, then its row. Its files
 * must be here. The same manifest is the same version; what a repeat brings beyond it is added.
 */
export async function importModel(
  request: ImportModelRequest,
  deps: ModelsDeps,
  call: Call,
  settle: (trx: Queries, done: Imported) => Promise<void> = async () => {},
): Promise<Imported> {
  await ownModel(request, deps, call);
  const { manifest, bytes } = await manifestOf(request, deps);
  const sha256 = sha256Of(bytes);
  checkSigned(request.signature, bytes, deps.trust);
  try {
    await storeManifest(sha256, bytes, request.signature, deps);
  } catch (error) {
    throw objectFailure(error, `store the manifest of ${request.name}`);
  }
  return publish(request, manifest, bytes, sha256, deps, call, settle);
}

/** Makes the model where there is none; another client's is not written. */
async function ownModel(request: ImportModelRequest, deps: ModelsDeps, call: Call): Promise<void> {
  const { db } = deps.database;
  const { clientId } = call.client;
  const { name, description } = request;
  await store.insertModel(db, { id: uuidv7(), name, clientId, description });
  const model = await store.findModel(db, name);
  if (model?.clientId !== clientId) throw notOwner(name);
  if (description !== "") await store.describeModel(db, clientId, name, description);
}

/** PERMISSION_DENIED for a model that is another client's. */
export function notOwner(name: string): Error {
  return permissionDenied("NOT_OWNER", `the model ${name} is another client's: choose another name`);
}

async function manifestOf(
  request: ImportModelRequest,
  deps: ModelsDeps,
): Promise<{ readonly manifest: ModelManifest; readonly bytes: Uint8Array }> {
  if (request.manifest.length > 0) {
    if (request.files.length > 0 || request.card !== undefined)
      throw invalidField("manifest", "says which files and card there are: leave out files and card");
    const manifest = parseManifest(request.manifest);
    await checkBlobs(manifest.files, deps);
    if (manifest.format === "gguf") await headerOf(manifest.files, deps);
    return { manifest, bytes: request.manifest };
  }
  await checkBlobs(request.files, deps);
  const isTfjs = request.files.some(({ path }) => path === "model.json");
  const header = request.files.length === 0 || isTfjs ? undefined : await headerOf(request.files, deps);
  return makeManifest(request.files, request.card, header);
}

async function checkBlobs(files: readonly ModelFile[], deps: ModelsDeps): Promise<void> {
  for (const { path, sha256 } of files) {
    const isThere = await deps.objects.has(blobKey(sha256)).catch((error: unknown) => {
      throw objectFailure(error, `look for ${path}`);
    });
    if (!isThere) {
      throw failedPrecondition(
        "BLOB_MISSING",
        `the file ${path} with the SHA-256 ${sha256} is not here: upload it whole, then import again`,
        { metadata: { path, sha256 } },
      );
    }
  }
}

async function headerOf(files: readonly ModelFile[], deps: ModelsDeps): Promise<GgufHeader> {
  const [first] = files;
  if (first === undefined) throw invalidField("files", "there is none");
  try {
    const header = await readGguf(deps.objects.read(blobKey(first.sha256)));
    if (header.files === files.length) return header;
    throw new GgufError(`it is split into ${header.files} files, and ${files.length} were given`);
  } catch (error) {
    if (!(error instanceof GgufError)) throw objectFailure(error, `read ${first.path}`);
    const safetensors = first.path.endsWith(".safetensors") ? "; safetensors have to be converted first" : "";
    throw invalidField(
      "files[0]",
      `${first.path} is no model in GGUF form: ${error.message}${safetensors}`,
      "MODEL_UNREADABLE",
    );
  }
}

function checkSigned(signature: Uint8Array, manifest: Uint8Array, trust: Trust): void {
  if (checkSignature(manifest, signature, trust) !== "WRONG") return;
  throw failedPrecondition(
    "MODEL_REFUSED",
    "the signature is by none of the keys of ANRF_MODELS_KEYS_FILE: sign with a trusted key, or add its public key",
  );
}

async function storeManifest(
  sha256: string,
  bytes: Uint8Array,
  signature: Uint8Array,
  { objects }: ModelsDeps,
): Promise<void> {
  await objects.create(blobKey(sha256), bytes);
  if (signature.length === 0) return;
  try {
    await objects.create(signatureKey(sha256), signature);
  } catch (error) {
    if (!(error instanceof ObjectError) || error.code !== "EXISTS") throw error;
    throw alreadyExists(
      "RESOURCE_EXISTS",
      `the manifest ${sha256} is signed already, and a signature is never replaced`,
    );
  }
}

async function publish(
  request: ImportModelRequest,
  manifest: ModelManifest,
  bytes: Uint8Array,
  sha256: string,
  deps: ModelsDeps,
  call: Call,
  settle: (trx: Queries, done: Imported) => Promise<void>,
): Promise<Imported> {
  const { name, report } = request;
  const { clientId } = call.client;
  const version = await store
    .findByManifest(deps.database.db, name, sha256)
    .then((known) => known?.version ?? store.takeVersion(deps.database.db, clientId, name));
  if (version === undefined) throw notFound("model", name);
  await copyToVersion(name, version, sha256, bytes, deps);
  return transact(deps.database.db, async (trx) => {
    // A sweep that found the files unused would take them while the row is being made.
    await store.lockFiles(trx);
    await checkBlobs(manifest.files, deps);
    const known = await store.findByManifest(trx, name, sha256);
    if (known !== undefined) {
      const signature = request.signature.length > 0 ? request.signature : known.signature;
      await store.completeVersion(trx, known, signature, report);
      const done = { row: { ...known, signature, report: report ?? known.report }, existed: true };
      await settle(trx, done);
      return done;
    }
    const row: store.NewVersion = {
      id: uuidv7(),
      name,
      version,
      clientId,
      manifest: bytes,
      manifestSha256: sha256,
      files: manifest.files.map((file) => file.sha256),
      format: manifest.format,
      license: manifest.card?.license ?? "",
      notation: manifest.card?.notation ?? "",
      size: manifest.files.reduce((sum, file) => sum + file.size, 0n),
      signature: request.signature.length > 0 ? request.signature : undefined,
      report,
    };
    await store.insertVersion(trx, row);
    await appendEvents(trx, [versionCreated(clientId, name, version, `sha256:${sha256}`)]);
    const done = { row, existed: false };
    await settle(trx, done);
    return done;
  });
}

/** The same bytes by name, for people and for tools that walk the store. */
async function copyToVersion(
  name: string,
  version: number,
  sha256: string,
  bytes: Uint8Array,
  { objects }: ModelsDeps,
): Promise<void> {
  try {
    await objects.create(`models/${name}/${version}/manifest.json`, bytes);
    const signature = await readIfThere(objects, signatureKey(sha256));
    if (signature !== undefined) await objects.create(`models/${name}/${version}/model.sig`, signature);
  } catch (error) {
    throw objectFailure(error, `store version ${version} of ${name}`);
  }
}
