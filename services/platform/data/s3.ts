import { Readable } from "node:stream";
import { Client, S3Error } from "minio";
import { hasCode } from "./folder-layout.ts";
import { ObjectError, type ObjectStore, sameBytes, validKey } from "./objects.ts";
import { boundedTransport, type TransportLimits } from "./s3-transport.ts";

/** Where the bucket is and who we are there. */
export interface S3Options {
  /** Such as "https://s3.example.org" or "http://127.0.0.1:8333". */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** "us-east-1" by default. */
  readonly region?: string;
  /** False for servers that know no bucket host names, which is the default. */
  readonly virtualHost?: boolean;
  /**
   * How long one request may take before it counts as UNAVAILABLE: 3 s to connect, 10 s of silence (the first write to a
   * bucket may make volumes on the server), 30 s in all by default.
   */
  readonly limits?: TransportLimits;
}

const LIMITS: TransportLimits = { connectMs: 3_000, idleMs: 10_000, totalMs: 30_000 };

/**
 * Objects in a bucket of an S3 server; the bucket is made if it is missing. `If-None-Match: *` decides between
 * creators where the server honours it. Where it does not, callers stay correct: a key is allocated in the database
 * before its object is created.
 */
export async function openS3Store(options: S3Options): Promise<ObjectStore> {
  const client = clientOf(options);
  const region = options.region ?? "us-east-1";
  const bucket = options.bucket;
  try {
    if (!(await client.bucketExists(bucket))) await client.makeBucket(bucket, region);
  } catch (error) {
    // Another process made it in between.
    if (!isCode(error, "BucketAlreadyOwnedByYou", "BucketAlreadyExists")) throw translate(error, bucket);
  }
  return {
    create: (key, bytes) => create(client, bucket, key, bytes),
    createFrom: (key, pieces, size) => createFrom(client, bucket, key, pieces, size),
    get: (key) => get(client, bucket, key),
    read: (key) => read(client, bucket, key),
    has: (key) => has(client, bucket, key),
    list: (prefix) => list(client, bucket, prefix),
    remove: async (key) => {
      await client.removeObject(bucket, validKey(key)).catch((error: unknown) => {
        throw translate(error, key);
      });
    },
    ping: async () => {
      const found = await client.bucketExists(bucket).catch((error: unknown) => {
        throw translate(error, bucket);
      });
      if (!found) throw new ObjectError("UNAVAILABLE", bucket);
    },
  };
}

function clientOf(options: S3Options): Client {
  const url = new URL(options.endpoint);
  const useSSL = url.protocol === "https:";
  return new Client({
    endPoint: url.hostname,
    port: url.port === "" ? (useSSL ? 443 : 80) : Number(url.port),
    useSSL,
    accessKey: options.accessKey,
    secretKey: options.secretKey,
    region: options.region ?? "us-east-1",
    pathStyle: !(options.virtualHost ?? false),
    transport: boundedTransport(useSSL, options.limits ?? LIMITS),
    // Callers are told to come again; retries of the client would only hide for how long.
    retryOptions: { disableRetry: true },
  });
}

async function create(client: Client, bucket: string, key: string, bytes: Uint8Array): Promise<void> {
  validKey(key);
  try {
    // A server that ignores the condition would overwrite: look first, so that only a true race is left to it.
    if (!(await has(client, bucket, key))) {
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      await client.putObject(bucket, key, body, body.length, { "If-None-Match": "*" });
      return;
    }
  } catch (error) {
    if (!isCode(error, "PreconditionFailed", "ConditionalRequestConflict")) throw translate(error, key);
  }
  if (!sameBytes(await winner(client, bucket, key), bytes)) throw new ObjectError("EXISTS", key);
}

/** What another creator wrote; while that one is still at it, the store is to be asked again later. */
async function winner(client: Client, bucket: string, key: string): Promise<Uint8Array> {
  return get(client, bucket, key).catch((error: unknown) => {
    if (!(error instanceof ObjectError) || error.code !== "MISSING") throw error;
    throw new ObjectError("UNAVAILABLE", key, { cause: error });
  });
}

async function createFrom(
  client: Client,
  bucket: string,
  key: string,
  pieces: AsyncIterable<Uint8Array>,
  size: number,
): Promise<void> {
  if (await has(client, bucket, key)) return;
  const body = Readable.from(counted(pieces, key, size), { objectMode: false });
  // The client does not hear of a source that fails, and would wait for ever.
  const failed = new Promise<never>((_, reject) => body.once("error", reject));
  const put = client.putObject(bucket, key, body, size);
  put.catch(() => {});
  try {
    await Promise.race([put, failed]);
  } catch (error) {
    body.destroy();
    await client.removeIncompleteUpload(bucket, key).catch(() => {});
    throw error instanceof ObjectError || body.errored === error ? error : translate(error, key);
  }
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  key: string,
  size: number,
): AsyncIterable<Uint8Array> {
  let seen = 0;
  for await (const piece of pieces) {
    seen += piece.length;
    yield piece;
  }
  if (seen !== size) throw new Error(`cannot store ${key}: ${seen} of ${size} bytes came`);
}

const PIECE = 8 * 1024 * 1024;

// By ranges: a whole object may take longer than one request is given.
async function* read(client: Client, bucket: string, key: string): AsyncIterable<Uint8Array> {
  validKey(key);
  try {
    const { size } = await client.statObject(bucket, key);
    for (let at = 0; at < size; at += PIECE) {
      const stream = await client.getPartialObject(bucket, key, at, Math.min(PIECE, size - at));
      for await (const part of stream) yield part;
    }
  } catch (error) {
    throw translate(error, key);
  }
}

async function get(client: Client, bucket: string, key: string): Promise<Uint8Array> {
  validKey(key);
  try {
    const stream = await client.getObject(bucket, key);
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part);
    return new Uint8Array(Buffer.concat(parts));
  } catch (error) {
    throw translate(error, key);
  }
}

async function has(client: Client, bucket: string, key: string): Promise<boolean> {
  validKey(key);
  try {
    await client.statObject(bucket, key);
    return true;
  } catch (error) {
    if (isCode(error, "NotFound", "NoSuchKey")) return false;
    throw translate(error, key);
  }
}

async function* list(client: Client, bucket: string, prefix: string): AsyncIterable<string> {
  try {
    for await (const item of client.listObjectsV2(bucket, prefix, true)) {
      if (typeof item.name === "string") yield item.name;
    }
  } catch (error) {
    throw translate(error, prefix);
  }
}

function translate(error: unknown, key: string): Error {
  if (error instanceof ObjectError) return error;
  if (isCode(error, "NoSuchKey", "NotFound")) return new ObjectError("MISSING", key, { cause: error });
  if (isCode(error, "XMinioStorageFull", "InsufficientStorage", "507")) {
    return new ObjectError("FULL", key, { cause: error });
  }
  // What an S3 server refuses is a fault of ours or of the set-up; all else is the way to it.
  if (error instanceof S3Error && !isCode(error, "InternalError", "ServiceUnavailable", "SlowDown"))
    return error;
  if (error instanceof Error) return new ObjectError("UNAVAILABLE", key, { cause: error });
  return new Error(`cannot work on the object ${key}: ${String(error)}`);
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.some((code) => hasCode(error, code));
}
