import type { KeyRow } from "./store.ts";

/** How long answers of the database are believed; milliseconds. */
export interface KeyCacheOptions {
  /** Reads one key; throws while the database is away. */
  readonly find: (keyId: string) => Promise<KeyRow | undefined>;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** So long an answer is simply used: the time that a revocation takes. */
  readonly freshMs?: number;
  /** So long it serves while the database does not answer. */
  readonly staleMs?: number;
  /** So long a caller waits for the database if there is an older answer. */
  readonly patienceMs?: number;
  readonly capacity?: number;
}

interface Entry {
  readonly row: KeyRow | undefined;
  readonly at: number;
}

// With the two seconds for which a gateway may remember a key it makes the ten that are promised.
const FRESH_MS = 8_000;
const STALE_MS = 5 * 60_000;
const PATIENCE_MS = 250;
const CAPACITY = 10_000;

/** Keys by id, unknown ones too. There is one read of a key at a time, however many ask for it. */
export class KeyCache {
  readonly #options: KeyCacheOptions;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #reads = new Map<string, Promise<Entry>>();

  constructor(options: KeyCacheOptions) {
    this.#options = options;
  }

  /** The key, or undefined if there is none; throws what the database says when no older answer may stand in. */
  async get(keyId: string): Promise<KeyRow | undefined> {
    const { now, freshMs = FRESH_MS, staleMs = STALE_MS, patienceMs = PATIENCE_MS } = this.#options;
    const known = this.#entries.get(keyId);
    const age = known === undefined ? Number.POSITIVE_INFINITY : now() - known.at;
    if (known !== undefined && age < freshMs) {
      this.#keep(keyId, known);
      return known.row;
    }
    const read = this.#read(keyId);
    if (known === undefined || age >= staleMs) return (await read).row;
    // The database may hang instead of failing: the older answer is given in time for the caller.
    const older = Promise.withResolvers<Entry>();
    const timer = setTimeout(older.resolve, patienceMs, known);
    const answer = await Promise.race([read.catch(() => known), older.promise]);
    clearTimeout(timer);
    return answer.row;
  }

  /** Forgets a key that has changed, so that this process feels the change at once. */
  forget(keyId: string): void {
    this.#entries.delete(keyId);
    // A read under way may have seen the state before: its answer is not kept.
    this.#reads.delete(keyId);
  }

  #read(keyId: string): Promise<Entry> {
    const running = this.#reads.get(keyId);
    if (running !== undefined) return running;
    const read = this.#load(keyId, () => this.#reads.get(keyId) === read);
    this.#reads.set(keyId, read);
    return read;
  }

  async #load(keyId: string, isCurrent: () => boolean): Promise<Entry> {
    try {
      const at = this.#options.now();
      const entry = { row: await this.#options.find(keyId), at };
      if (isCurrent()) this.#keep(keyId, entry);
      return entry;
    } finally {
      if (isCurrent()) this.#reads.delete(keyId);
    }
  }

  #keep(keyId: string, entry: Entry): void {
    this.#entries.delete(keyId);
    this.#entries.set(keyId, entry);
    if (this.#entries.size <= (this.#options.capacity ?? CAPACITY)) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
