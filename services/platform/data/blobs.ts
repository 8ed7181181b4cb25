import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { dataLoss, exhausted, unavailable } from "../rpc/error.ts";
import { ObjectError, type ObjectStore } from "./objects.ts";

/** Where bytes stand that are named by their SHA-256 (64 hexadecimal digits). */
export function blobKey(sha256: string): string {
  return `blobs/sha256/${sha256}`;
}

/** Where the signature over a blob stands. */
export function signatureKey(sha256: string): string {
  return `${blobKey(sha256)}.sig`;
}

/** The SHA-256 of bytes in hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A small blob whose bytes match its name; undefined if there is none, DATA_LOSS if they do not match. */
export async function readBlob(objects: ObjectStore, sha256: string): Promise<Uint8Array | undefined> {
  const bytes = await readIfThere(objects, blobKey(sha256));
  if (bytes !== undefined && sha256Of(bytes) !== sha256)
    throw dataLoss(`the blob ${sha256} does not match its digest: store it again from its source`);
  return bytes;
}

/** All bytes of a key, or undefined if it holds none. */
export async function readIfThere(objects: ObjectStore, key: string): Promise<Uint8Array | undefined> {
  try {
    return await objects.get(key);
  } catch (error) {
    if (error instanceof ObjectError && error.code === "MISSING") return undefined;
    throw error;
  }
}

/** Whose signatures count, and whether bytes without one are let in. */
export interface Trust {
  readonly keys: readonly KeyObject[];
  readonly allowUnsigned: boolean;
}

/** What a signature says: NONE; UNCHECKED: there is no key to check it by; TRUSTED; WRONG: none of the keys made it. */
export type SignatureVerdict = "NONE" | "UNCHECKED" | "TRUSTED" | "WRONG";

/** Checks an ECDSA P-256 signature (DER) over the SHA-256 of bytes. */
export function checkSignature(
  bytes: Uint8Array,
  signature: Uint8Array | undefined,
  trust: Trust,
): SignatureVerdict {
  if (signature === undefined || signature.length === 0) return "NONE";
  if (trust.keys.length === 0) return "UNCHECKED";
  const isTrusted = trust.keys.some((key) => {
    try {
      return verify("sha256", bytes, key, signature);
    } catch {
      return false;
    }
  });
  return isTrusted ? "TRUSTED" : "WRONG";
}

/** Public P-256 keys of a PEM text, one after the other; throws with what is wrong. */
export function readPublicKeys(pem: string): readonly KeyObject[] {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0) throw new Error("holds no PUBLIC KEY in PEM form");
  return blocks.map((block, at) => {
    const key = createPublicKey(block);
    if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
      throw new Error(`key ${at + 1} is not on the curve P-256`);
    return key;
  });
}

/** What a failure of the object store means to a caller; other errors are given back as they are. */
export function objectFailure(error: unknown, what: string): unknown {
  if (!(error instanceof ObjectError)) return error;
  switch (error.code) {
    case "FULL":
      return exhausted("STORAGE_FULL", `cannot ${what}: the disk is full`, { cause: error });
    case "UNAVAILABLE":
      return unavailable(`cannot ${what}: the object store does not answer`, { cause: error });
    case "EXISTS":
      return dataLoss(`cannot ${what}: ${error.key} holds other bytes`, { cause: error });
    case "MISSING":
      return dataLoss(`cannot ${what}: ${error.key} is not there any more`, { cause: error });
    default:
      throw new Error(`unreachable: ${error.code satisfies never}`);
  }
}
