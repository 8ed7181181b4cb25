import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { uuidv7 } from "#platform/process/ids.ts";

/** A key in its parts. Its text is `anrf_<key id>_<secret>`. */
export interface Key {
  /** UUID: names the key in lists and logs. */
  readonly keyId: string;
  /** 256 random bits, base64url. */
  readonly secret: string;
}

const KEY = /^anrf_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

/** A new key; nobody can guess its secret. */
export function newKey(): Key {
  return { keyId: uuidv7(), secret: randomBytes(32).toString("base64url") };
}

/** The text of a key, as people keep it. */
export function keyText(key: Key): string {
  return `anrf_${key.keyId}_${key.secret}`;
}

/** The parts of a key, or undefined for a text that is none. */
export function parseKey(text: string): Key | undefined {
  const [, keyId, secret] = KEY.exec(text) ?? [];
  return keyId === undefined || secret === undefined ? undefined : { keyId, secret };
}

/** What is stored of a secret. It has 256 random bits, so a slow hash would add nothing. */
export function secretHash(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}

/** Whether this is the secret, in a time that does not tell where it differs. */
export function isSecret(secret: string, hash: Uint8Array): boolean {
  return timingSafeEqual(secretHash(secret), hash);
}
