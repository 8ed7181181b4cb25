import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { type ImportModelResponse, ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import type { Platform } from "../client.ts";
import { rpcFailure } from "../rpc-failure.ts";
import type { HashedFile } from "./files.ts";
import type { Progress } from "./progress.ts";

const PIECE = 4 * 1024 * 1024;
const TRIES = 5;

/** Uploads what the platform does not have yet; an upload that broke off goes on where it was, also in a later run. */
export async function uploadFiles(
  files: readonly HashedFile[],
  platform: Platform,
  progress: Progress,
): Promise<void> {
  for (const file of files) await uploadFile(file, platform, progress);
}

async function uploadFile(file: HashedFile, platform: Platform, progress: Progress): Promise<void> {
  const models = platform.client(ModelService);
  const whole = {
    uploadId: uploadIdOf(file, platform.settings.key),
    sha256: file.sha256,
    size: BigInt(file.size),
  };
  const step = progress.begin(`uploading ${file.path}`, file.size);
  const handle = await open(file.source, "r");
  try {
    let reached = await models.uploadBlobPart(whole, platform.options());
    step(Number(reached.offset));
    for (let tries = 0; !reached.complete; ) {
      const { offset } = reached;
      const data = await pieceAt(handle, Number(offset));
      try {
        reached = await models.uploadBlobPart({ ...whole, offset, data }, platform.options());
        tries = 0;
      } catch (error) {
        // The platform was away for a moment: what it has of the file, it has.
        if (!isPassing(error) || ++tries >= TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** tries));
        reached = await models.uploadBlobPart(whole, platform.options());
      }
      step(Number(reached.offset - offset));
    }
  } catch (error) {
    throw rpcFailure(`cannot upload ${file.path}`, error);
  } finally {
    await handle.close();
  }
}

async function pieceAt(handle: FileHandle, at: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(PIECE), 0, PIECE, at);
  return buffer.subarray(0, bytesRead);
}

function isPassing(error: unknown): boolean {
  return error instanceof ConnectError && (error.code === Code.Unavailable || error.code === Code.Aborted);
}

/** The same for the same file and key, so that a later run finds what this one has sent. */
function uploadIdOf(file: HashedFile, key: string): string {
  const hex = createHash("sha256").update(`${file.sha256} ${file.size} ${key}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Such as `qwen@1  sha256:9f86…  unsigned`. */
export function importedText(done: ImportModelResponse, signature: string): string {
  return `${done.name}@${done.version}  ${done.digest}  ${signature}${done.existed ? "  (was here before)" : ""}`;
}
