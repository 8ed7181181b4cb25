// Which files a path means: a GGUF, all parts of a split one, a folder, a folder of the Hugging Face cache.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { usage } from "../failure.ts";
import type { Progress } from "./progress.ts";

/** A file of a model on this machine. */
export interface LocalFile {
  /** What the registry calls it. */
  readonly path: string;
  /** Where it is. */
  readonly source: string;
  readonly size: number;
}

/** A file with the SHA-256 of its bytes. */
export interface HashedFile extends LocalFile {
  readonly sha256: string;
}

const PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;

/** The files behind a path, the first part first. Throws a usage failure that says what is missing. */
export async function filesAt(path: string): Promise<readonly LocalFile[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw usage(`cannot import ${path}`, error instanceof Error ? error.message : String(error));
  });
  const files = found.isDirectory() ? await inFolder(path) : await withParts(path);
  const [first] = files;
  if (first === undefined) throw usage(`cannot import ${path}`, "it holds no model");
  if (first.path.endsWith(".gguf")) await checkMagic(first.source);
  return files;
}

async function inFolder(folder: string): Promise<readonly LocalFile[]> {
  const snapshot = await snapshotOf(folder);
  if (snapshot !== undefined) return inFolder(snapshot);
  const names = (await readdir(folder)).sort();
  const ggufs = names.filter((name) => name.endsWith(".gguf"));
  const [first] = ggufs;
  if (first !== undefined) {
    const parts = await withParts(join(folder, first));
    if (parts.length === ggufs.length) return parts;
    throw usage(
      `cannot tell which model of ${folder} is meant`,
      `it holds ${ggufs.join(", ")}`,
      "name the file itself",
    );
  }
  if (names.includes("model.json")) return tfjsFiles(folder);
  const isSafetensors = names.some((name) => name.endsWith(".safetensors"));
  throw usage(
    `cannot import ${folder}`,
    isSafetensors ? "safetensors alone are not run here" : "it holds neither a .gguf file nor a model.json",
    isSafetensors ? "convert it with llama.cpp's convert_hf_to_gguf.py, then import the .gguf file" : "",
  );
}

/** `models--org--name/{blobs,refs,snapshots/<commit>}`: the snapshot that `refs/main` names, else the only one. */
async function snapshotOf(folder: string): Promise<string | undefined> {
  const snapshots = join(folder, "snapshots");
  const names = await readdir(snapshots).catch(() => undefined);
  if (names === undefined) return undefined;
  const main = await readFile(join(folder, "refs", "main"), "utf8").catch(() => "");
  const name = names.includes(main.trim()) ? main.trim() : names.length === 1 ? names[0] : undefined;
  if (name !== undefined) return join(snapshots, name);
  throw usage(
    `cannot tell which snapshot of ${folder} is meant`,
    names.length === 0 ? "it holds none" : `refs/main names none of ${names.join(", ")}`,
    "name the folder of the snapshot itself",
  );
}

async function withParts(path: string): Promise<readonly LocalFile[]> {
  const match = PART.exec(basename(path));
  if (match === null) return [await fileAt(path)];
  const [, stem = "", , count = "0"] = match;
  const files: LocalFile[] = [];
  for (let at = 1; at <= Number(count); at++) {
    const part = join(dirname(path), `${stem}-${String(at).padStart(5, "0")}-of-${count}.gguf`);
    files.push(
      await fileAt(part).catch(() => {
        throw usage(
          `cannot import ${path}`,
          `its part ${basename(part)} is not beside it`,
          "bring all parts into one folder",
        );
      }),
    );
  }
  return files;
}

async function tfjsFiles(folder: string): Promise<readonly LocalFile[]> {
  const path = join(folder, "model.json");
  let shards: readonly string[];
  try {
    const { weightsManifest } = JSON.parse(await readFile(path, "utf8")) as {
      readonly weightsManifest: readonly { readonly paths: readonly string[] }[];
    };
    shards = weightsManifest.flatMap(({ paths }) => paths);
  } catch (error) {
    throw usage(
      `cannot read ${path}`,
      `it is no tfjs model: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return Promise.all([path, ...shards.map((shard) => join(folder, shard))].map((file) => fileAt(file)));
}

async function fileAt(path: string): Promise<LocalFile> {
  const { size } = await stat(path);
  return { path: basename(path).replaceAll(/[^A-Za-z0-9._-]/g, "-"), source: path, size };
}

// Found here, before half a gigabyte is sent.
async function checkMagic(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead === 4 && buffer.toString("latin1") === "GGUF") return;
  } finally {
    await file.close();
  }
  throw usage(`cannot import ${path}`, "it does not begin with GGUF, so it is no model in that form");
}

/** The files with their SHA-256. */
export async function hashed(
  files: readonly LocalFile[],
  progress: Progress,
): Promise<readonly HashedFile[]> {
  const done: HashedFile[] = [];
  for (const file of files) {
    const hash = createHash("sha256");
    const step = progress.begin(`hashing ${file.path}`, file.size);
    for await (const piece of createReadStream(file.source, { highWaterMark: 1 << 22 })) {
      hash.update(piece as Buffer);
      step((piece as Buffer).length);
    }
    done.push({ ...file, sha256: hash.digest("hex") });
  }
  return done;
}

/** Whether a text is an address to download from. */
export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** Downloads a file into a folder of its own, which disposing removes. */
export async function download(
  url: string,
  progress: Progress,
): Promise<AsyncDisposable & { readonly file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "anrf-model-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const response = await fetch(url);
    if (!response.ok || response.body === null)
      throw usage(`cannot download ${url}`, `the server answered ${response.status}`);
    const file = join(folder, basename(new URL(url).pathname) || "model.gguf");
    const step = progress.begin(
      `downloading ${basename(file)}`,
      Number(response.headers.get("content-length") ?? 0),
    );
    const counted = async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces) {
        step(piece.length);
        yield piece;
      }
    };
    await pipeline(Readable.fromWeb(response.body), counted, createWriteStream(file, { flags: "wx" }));
    return { file, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    if (error instanceof TypeError)
      throw usage(`cannot download ${url}`, String(error.cause ?? error.message));
    throw error;
  }
}
