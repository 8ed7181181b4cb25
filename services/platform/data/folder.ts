import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, readFile, rm, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "./folder-layout.ts";
import { ObjectError, type ObjectStore, sameBytes, validKey } from "./objects.ts";

/** How a folder store behaves. */
export interface FolderStoreOptions {
  /** False for tests: files are not forced to the disk. */
  readonly durable?: boolean;
}

const STALE_MS = 60 * 60 * 1000;

/**
 * Objects as files of one folder: `<first two digits of the key's SHA-256>/<key, "+" for "/">`. Keys that are folders
 * of each other ("a" and "a/b") live side by side, as in S3. An object that was created survives a power cut, and no
 * reader ever sees half of one.
 */
export async function openFolderStore(root: string, options: FolderStoreOptions = {}): Promise<ObjectStore> {
  const durable = options.durable ?? true;
  const staging = join(root, "staging");
  await mkdir(staging, { recursive: true, mode: 0o700 });
  await removeStale(staging);
  return {
    create: (key, bytes) =>
      create(
        root,
        staging,
        durable,
        key,
        (file) => file.writeFile(bytes),
        async () => {
          if (!sameBytes(await get(root, key), bytes)) throw new ObjectError("EXISTS", key);
        },
      ),
    createFrom: (key, pieces, size) =>
      create(
        root,
        staging,
        durable,
        key,
        (file) => writePieces(file, key, pieces, size),
        async () => {},
      ),
    get: (key) => get(root, key),
    read: (key) => read(root, key),
    has: (key) => has(root, key),
    list: (prefix) => list(root, prefix),
    remove: (key) => remove(root, key),
    ping: async () => {
      await stat(staging).catch((cause) => {
        throw new ObjectError("UNAVAILABLE", root, { cause });
      });
    },
  };
}

async function create(
  root: string,
  staging: string,
  durable: boolean,
  key: string,
  write: (file: FileHandle) => Promise<void>,
  onExists: () => Promise<void>,
): Promise<void> {
  const path = pathOf(root, key);
  const temporary = join(staging, randomUUID());
  try {
    await writeWhole(temporary, write, durable);
    const folder = join(root, shardOf(key));
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    // `link` fails where a file is, so it is the one atomic step that decides who wins.
    await link(temporary, path);
    if (durable) await syncFolder(folder);
    if (durable && made !== undefined) await syncFolder(root);
  } catch (error) {
    if (hasCode(error, "ENOSPC") || hasCode(error, "EDQUOT"))
      throw new ObjectError("FULL", key, { cause: error });
    if (!hasCode(error, "EEXIST")) throw error;
    await onExists();
  } finally {
    await rm(temporary, { force: true });
  }
}

async function get(root: string, key: string): Promise<Uint8Array> {
  try {
    const found = await readFile(pathOf(root, key));
    return new Uint8Array(found.buffer, found.byteOffset, found.byteLength);
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new ObjectError("MISSING", key, { cause: error });
    throw error;
  }
}

const PIECE = 4 * 1024 * 1024;

async function* read(root: string, key: string): AsyncIterable<Uint8Array> {
  try {
    for await (const piece of createReadStream(pathOf(root, key), { highWaterMark: PIECE })) yield piece;
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new ObjectError("MISSING", key, { cause: error });
    throw error;
  }
}

async function has(root: string, key: string): Promise<boolean> {
  try {
    await stat(pathOf(root, key));
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

async function* list(root: string, prefix: string): AsyncIterable<string> {
  const keys: string[] = [];
  for (const shard of await readdir(root)) {
    if (!/^[0-9a-f]{2}$/.test(shard)) continue;
    for (const name of await readdir(join(root, shard))) {
      const key = name.replaceAll("+", "/");
      if (key.startsWith(prefix)) keys.push(key);
    }
  }
  // Keys are ASCII, so the order of UTF-16 units is the order of bytes.
  yield* keys.sort();
}

async function remove(root: string, key: string): Promise<void> {
  try {
    await unlink(pathOf(root, key));
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

async function writeWhole(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  durable: boolean,
): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await write(file);
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
}

async function writePieces(
  file: FileHandle,
  key: string,
  pieces: AsyncIterable<Uint8Array>,
  size: number,
): Promise<void> {
  let written = 0;
  for await (const piece of pieces) {
    await file.writeFile(piece);
    written += piece.length;
  }
  if (written !== size) throw new Error(`cannot store ${key}: ${written} of ${size} bytes came`);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

// What a killed process left half written; younger files may still belong to a process at work.
async function removeStale(staging: string): Promise<void> {
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { force: true });
  }
}

function pathOf(root: string, key: string): string {
  return join(root, shardOf(key), validKey(key).replaceAll("/", "+"));
}

function shardOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 2);
}
