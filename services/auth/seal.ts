import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** Closes bytes so that only this process can open them, as long as it lives. */
export interface Seal {
  close(bytes: Uint8Array): Uint8Array;
  /** The bytes, or undefined if another process closed them. */
  open(sealed: Uint8Array): Uint8Array | undefined;
}

const NONCE = 12;
const TAG = 16;

/**
 * Makes a seal with a secret of its own (AES-256-GCM). The answer to a repeated CreateApiKey is kept for a day, and a
 * key must not lie in the database readable: it is kept sealed, and after a restart the answer comes without it.
 */
export function createSeal(): Seal {
  const secret = randomBytes(32);
  return {
    close: (bytes) => {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv("aes-256-gcm", secret, nonce);
      return new Uint8Array(
        Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]),
      );
    },
    open: (sealed) => {
      try {
        const decipher = createDecipheriv("aes-256-gcm", secret, sealed.subarray(0, NONCE));
        decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
        const body = decipher.update(sealed.subarray(NONCE, sealed.length - TAG));
        return new Uint8Array(Buffer.concat([body, decipher.final()]));
      } catch {
        return undefined;
      }
    },
  };
}
