/**
 * Bytes under keys, each created once and never overwritten. A key is up to 200 letters, digits, ".", "_" and "-" in
 * parts separated by "/"; each part starts with a letter or a digit; all of it is no number. Other keys are refused with
 * an error.
 */
export interface ObjectStore {
  /**
   * Stores the bytes for good. If the key holds the same bytes already (a repeat after a lost answer), that is
   * success; other bytes there are kept, and EXISTS is thrown. Of many creators at once exactly one wins.
   */
  create(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Stores bytes that are too many to hold at once, `size` of them in all. Only for keys made of the digest of their
   * bytes: what is there already is the same, and is kept. Nothing is stored if the pieces end early or throw.
   */
  createFrom(key: string, pieces: AsyncIterable<Uint8Array>, size: number): Promise<void>;
  /** All bytes of the key, or throws MISSING. */
  get(key: string): Promise<Uint8Array>;
  /** The bytes of the key in pieces of at most 8 MiB, or throws MISSING at the first. */
  read(key: string): AsyncIterable<Uint8Array>;
  /** Whether the key holds an object. */
  has(key: string): Promise<boolean>;
  /**
   * The keys that start with the prefix ("" for all), each once. In the order of their bytes, except that a server which
   * keeps folders may list "a/x" before "a-b/x".
   */
  list(prefix: string): AsyncIterable<string>;
  /** Removes the object; a key that holds none is no error. */
  remove(key: string): Promise<void>;
  /** Does nothing if the store can be reached, else throws UNAVAILABLE. */
  ping(): Promise<void>;
}

/** What can go wrong with an object, apart from faults of the caller. */
export type ObjectErrorCode = "EXISTS" | "MISSING" | "FULL" | "UNAVAILABLE";

/** An expected failure of an object store, by its code. */
export class ObjectError extends Error {
  readonly code: ObjectErrorCode;
  readonly key: string;

  constructor(code: ObjectErrorCode, key: string, options?: ErrorOptions) {
    super(`${MESSAGES[code]}: ${key}`, options);
    this.name = "ObjectError";
    this.code = code;
    this.key = key;
  }
}

const MESSAGES = {
  EXISTS: "cannot create an object: the key holds other bytes already",
  MISSING: "cannot read an object: there is none under this key",
  FULL: "cannot store an object: the disk is full",
  UNAVAILABLE: "cannot reach the object store",
} as const;

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** Returns the key if it may name an object, else throws. */
export function validKey(key: string): string {
  // The lists of an S3 server are read with numbers as numbers: "00" and "1e5" would come back as other keys.
  if (key.length > 200 || !KEY.test(key) || !Number.isNaN(Number(key))) {
    throw new Error(
      `cannot use ${JSON.stringify(key.slice(0, 300))} as an object key: letters, digits, ".", "_", "-" in parts separated by "/", not a number alone`,
    );
  }
  return key;
}

/** Whether two objects hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
