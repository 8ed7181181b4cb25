import { createHash } from "node:crypto";
import type { UploadBlobPartRequest } from "#gen/anrf/models/v1/models_service_pb.ts";
import { blobKey, objectFailure } from "#platform/data/blobs.ts";
import { ObjectError, type ObjectStore } from "#platform/data/objects.ts";
import type { Call } from "#platform/rpc/call.ts";
import { aborted, invalidField, outOfRange, type RpcError } from "#platform/rpc/error.ts";
import type { ModelsDeps } from "./import.ts";
import * as store from "./store.ts";

/** Pieces of one file at most: their lengths stand in one row. */
const MAX_PIECES = 50_000;

/** How far an upload is. */
export interface Reached {
  readonly offset: bigint;
  readonly complete: boolean;
}

/** Where a piece of an upload waits for the others. */
export function pieceKey(uploadId: string, offset: bigint): string {
  return `uploads/${uploadId}/at-${offset}`;
}

/**
 * Takes the next piece of a file. Pieces are objects of their own, so that any process takes the next one and a lost
 * answer costs one piece; when all are here they are put together and hashed, and only a right whole becomes a blob.
 */
export async function uploadPart(
  request: UploadBlobPartRequest,
  deps: ModelsDeps,
  call: Call,
): Promise<Reached> {
  const { uploadId, sha256, size, offset, data } = request;
  const { db } = deps.database;
  const { clientId } = call.client;
  try {
    // What is here already, whoever brought it, need not come again.
    if (await deps.objects.has(blobKey(sha256))) return { offset: size, complete: true };
    await store.insertUpload(db, clientId, { id: uploadId, sha256, size });
    const upload = await store.findUpload(db, clientId, uploadId);
    if (upload === undefined || upload.sha256 !== sha256 || upload.size !== size)
      throw invalidField("uploadId", "belongs to another upload: make a new UUID");
    if (data.length === 0) return await finish(upload, deps, call);
    if (offset !== upload.reached) return repeated(request, upload);
    if (offset + BigInt(data.length) > size)
      throw invalidField("data", `goes past the end: the file has ${size} bytes`);
    if (upload.lengths.length >= MAX_PIECES)
      throw invalidField(
        "data",
        `is piece ${MAX_PIECES + 1} of the file: make a new upload of larger pieces`,
      );
    await createPiece(deps.objects, pieceKey(uploadId, offset), data);
    if (!(await store.addPiece(db, clientId, uploadId, offset, data.length)))
      throw aborted("CONFLICT", "another piece came first: ask how far the upload is, and go on from there");
    const lengths = [...upload.lengths, data.length];
    return await finish({ ...upload, reached: offset + BigInt(data.length), lengths }, deps, call);
  } catch (error) {
    throw objectFailure(error, "store a piece of the file");
  }
}

/** A piece that came before is no error: its answer was lost. */
function repeated({ offset, data }: UploadBlobPartRequest, upload: store.UploadRow): Reached {
  let at = 0n;
  for (const length of upload.lengths) {
    if (at === offset && length === data.length) return { offset: upload.reached, complete: false };
    at += BigInt(length);
  }
  throw outOfRange(
    "UPLOAD_OFFSET_OUT_OF_RANGE",
    `the piece begins at ${offset}, and the upload is at ${upload.reached}: go on from there`,
    { metadata: { reached: String(upload.reached) } },
  );
}

// A process may have died between object and row: its piece may differ in length from the one that comes now.
async function createPiece(objects: ObjectStore, key: string, data: Uint8Array): Promise<void> {
  try {
    await objects.create(key, data);
  } catch (error) {
    if (!(error instanceof ObjectError) || error.code !== "EXISTS") throw error;
    await objects.remove(key);
    await objects.create(key, data);
  }
}

async function finish(upload: store.UploadRow, deps: ModelsDeps, call: Call): Promise<Reached> {
  if (upload.reached < upload.size) return { offset: upload.reached, complete: false };
  try {
    await deps.objects.createFrom(
      blobKey(upload.sha256),
      whole(upload, deps.objects, call.signal),
      Number(upload.size),
    );
  } catch (error) {
    if (!(error instanceof WrongDigest)) throw error;
    await dropPieces(upload, deps.objects);
    await store.removeUpload(deps.database.db, call.client.clientId, upload.id);
    throw wrongDigest(upload, error.found);
  }
  await dropPieces(upload, deps.objects);
  return { offset: upload.size, complete: true };
}

class WrongDigest extends Error {
  readonly found: string;

  constructor(found: string) {
    super("the digest is wrong");
    this.found = found;
  }
}

/** The pieces in order; throws after the last if their SHA-256 is not the one that was named. */
async function* whole(
  upload: store.UploadRow,
  objects: ObjectStore,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for (const key of pieceKeys(upload)) {
    signal.throwIfAborted();
    const piece = await objects.get(key);
    hash.update(piece);
    yield piece;
  }
  const found = hash.digest("hex");
  if (found !== upload.sha256) throw new WrongDigest(found);
}

function pieceKeys(upload: store.UploadRow): readonly string[] {
  let at = 0n;
  return upload.lengths.map((length) => {
    const key = pieceKey(upload.id, at);
    at += BigInt(length);
    return key;
  });
}

/** Removes the pieces of an upload, the one after the last noted among them. */
export async function dropPieces(upload: store.UploadRow, objects: ObjectStore): Promise<void> {
  for (const key of pieceKeys(upload)) await objects.remove(key);
  await objects.remove(pieceKey(upload.id, upload.reached));
}

function wrongDigest(upload: store.UploadRow, found: string): RpcError {
  return invalidField(
    "sha256",
    `is ${upload.sha256}, and the bytes that came have ${found}: the file changed or was damaged on its way; upload it again`,
    "MODEL_UNREADABLE",
  );
}
