import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, stat, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fromJsonString } from "@bufbuild/protobuf";
import {
  type ModelFile,
  type ModelManifest,
  ModelManifestSchema,
} from "#gen/anrf/models/v1/models_service_pb.ts";
import {
  blobKey,
  checkSignature,
  objectFailure,
  readIfThere,
  sha256Of,
  signatureKey,
  type Trust,
} from "#platform/data/blobs.ts";
import { hasCode } from "#platform/data/folder-layout.ts";
import { ObjectError, type ObjectStore } from "#platform/data/objects.ts";
import { createMessageValidator } from "#platform/rpc/decode.ts";
import { exhausted, failedPrecondition, notFound, type RpcError } from "#platform/rpc/error.ts";

/** Where models come from and where their files are kept. */
export interface FetchDeps {
  readonly objects: ObjectStore;
  readonly cacheFolder: string;
  /** Bytes that copies may take together; 0: as many as there are. */
  readonly cacheBytes: number;
  readonly trust: Trust;
}

/** The manifest behind a digest, whose bytes and signature are right; else NOT_FOUND or FAILED_PRECONDITION. */
export async function readManifest(digest: string, deps: FetchDeps): Promise<ModelManifest> {
  const sha256 = digest.replace(/^sha256:/, "");
  const what = `read the model ${digest}`;
  try {
    const bytes = await readIfThere(deps.objects, blobKey(sha256));
    if (bytes === undefined) throw notFound("model", digest);
    if (sha256Of(bytes) !== sha256) {
      throw refused(digest, "its manifest does not match its digest", "import it again");
    }
    const signature = await readIfThere(deps.objects, signatureKey(sha256));
    checkTrust(digest, bytes, signature, deps.trust);
    return parsed(digest, bytes);
  } catch (error) {
    if (error instanceof SyntaxError) throw refused(digest, "its manifest is no JSON", "import it again");
    throw objectFailure(error, what);
  }
}

const validator = createMessageValidator();

// The registry has checked it before; here its paths and digests become names of files.
function parsed(digest: string, bytes: Uint8Array): ModelManifest {
  const text = new TextDecoder().decode(bytes);
  const manifest = fromJsonString(ModelManifestSchema, text, { ignoreUnknownFields: true });
  const [first] = validator.violations(ModelManifestSchema, manifest);
  if (first === undefined) return manifest;
  throw refused(digest, `${first.field} of its manifest ${first.description}`, "import it again");
}

function checkTrust(
  digest: string,
  manifest: Uint8Array,
  signature: Uint8Array | undefined,
  trust: Trust,
): void {
  const verdict = checkSignature(manifest, signature, trust);
  if (verdict === "WRONG") {
    throw refused(
      digest,
      "its signature is by none of the keys of ANRF_MODELS_KEYS_FILE",
      "add the key that signed it, or sign the model with a trusted one",
    );
  }
  if (verdict !== "TRUSTED" && !trust.allowUnsigned) {
    const why = verdict === "NONE" ? "it is not signed" : "there is no key to check its signature by";
    throw refused(
      digest,
      why,
      "sign it with `anrf model sign` and name the public key in ANRF_MODELS_KEYS_FILE, or set ANRF_MODELS_UNSIGNED=allow",
    );
  }
}

/**
 * Brings the files of a model to this machine and gives the path of the first. Each is hashed while it is copied, and
 * a copy from before is hashed again: what is loaded is what the manifest names, byte for byte.
 */
export async function fetchFiles(
  digest: string,
  manifest: ModelManifest,
  deps: FetchDeps,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const first = manifest.files[0];
  if (manifest.format !== "gguf" || first === undefined)
    throw refused(digest, `its format is ${manifest.format}`, "only gguf runs here");
  const total = manifest.files.reduce((sum, file) => sum + Number(file.size), 0);
  let done = 0;
  const count = (bytes: number): void => {
    signal.throwIfAborted();
    done += bytes;
    onProgress(done, total);
  };
  await mkdir(deps.cacheFolder, { recursive: true, mode: 0o700 });
  for (const file of manifest.files) await bring(digest, file, deps, count);
  if (manifest.files.length === 1) return cached(deps, first);
  // llama.cpp finds the parts of a split model by their names beside the first.
  const folder = join(deps.cacheFolder, digest.replace(":", "-"));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const file of manifest.files) {
    await symlink(cached(deps, file), join(folder, file.path)).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
  }
  return join(folder, first.path);
}

const cached = (deps: FetchDeps, file: ModelFile): string => join(deps.cacheFolder, `${file.sha256}.gguf`);

async function bring(
  digest: string,
  file: ModelFile,
  deps: FetchDeps,
  count: (bytes: number) => void,
): Promise<void> {
  const path = cached(deps, file);
  if (await isWhole(path, file, count)) return;
  const temporary = `${path}.${randomUUID()}`;
  try {
    await makeRoom(deps, Number(file.size));
    const found = await copy(temporary, file, deps, count);
    if (found !== file.sha256) {
      throw refused(
        digest,
        `the stored bytes of ${file.path} have the SHA-256 ${found} instead of ${file.sha256}`,
        "import the model again from its source",
      );
    }
    await rename(temporary, path);
  } catch (error) {
    if (error instanceof ObjectError && error.code === "MISSING")
      throw refused(digest, `its file ${file.path} is not in the object store`, "import the model again");
    if (hasCode(error, "ENOSPC") || hasCode(error, "EDQUOT")) {
      throw exhausted(
        "STORAGE_FULL",
        `cannot copy the model ${digest} to ${deps.cacheFolder}: the disk is full; free ${file.size} bytes, or set ANRF_INFERENCE_CACHE to another disk`,
        { cause: error },
      );
    }
    throw objectFailure(error, `copy the model ${digest}`);
  } finally {
    await rm(temporary, { force: true });
  }
}

const STALE_MS = 60 * 60 * 1000;

/** Removes what killed processes left half copied, and the copies that were not loaded for longest, as far as needed. */
async function makeRoom(deps: FetchDeps, wanted: number): Promise<void> {
  const copies: { readonly path: string; readonly size: number; readonly time: number }[] = [];
  for (const name of await readdir(deps.cacheFolder)) {
    const path = join(deps.cacheFolder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined || !found.isFile()) continue;
    if (name.endsWith(".gguf")) copies.push({ path, size: found.size, time: found.mtimeMs });
    else if (Date.now() - found.mtimeMs > STALE_MS) await rm(path, { force: true });
  }
  if (deps.cacheBytes === 0) return;
  let used = copies.reduce((sum, { size }) => sum + size, wanted);
  for (const { path, size } of copies.sort((a, b) => a.time - b.time)) {
    if (used <= deps.cacheBytes) return;
    // Who has it loaded keeps it: a file that is mapped stays until it is let go.
    await rm(path, { force: true });
    used -= size;
  }
}

async function isWhole(path: string, file: ModelFile, count: (bytes: number) => void): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size !== Number(file.size)) return false;
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 4 * 1024 * 1024 })) {
    hash.update(piece);
    count(0);
  }
  if (hash.digest("hex") !== file.sha256) return false;
  const now = new Date();
  await utimes(path, now, now);
  count(found.size);
  return true;
}

async function copy(
  path: string,
  file: ModelFile,
  deps: FetchDeps,
  count: (bytes: number) => void,
): Promise<string> {
  const hash = createHash("sha256");
  const target = await open(path, "wx", 0o600);
  try {
    for await (const piece of deps.objects.read(blobKey(file.sha256))) {
      hash.update(piece);
      await target.writeFile(piece);
      count(piece.length);
    }
  } finally {
    await target.close();
  }
  return hash.digest("hex");
}

/** FAILED_PRECONDITION for a model that must not be loaded. */
export function refused(digest: string, why: string, advice: string): RpcError {
  return failedPrecondition("MODEL_REFUSED", `cannot load the model ${digest}: ${why}; ${advice}`, {
    metadata: { model: digest },
  });
}
