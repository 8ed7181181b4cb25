/** What waits: whose it is and how big. */
export interface Queued {
  readonly clientId: string;
  readonly bytes: number;
}

/** First come, first served within a client; clients take turns. Bounded by count and bytes. */
export class FairQueue<T extends Queued> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  /** In the order of turns: the first client is served next, then goes to the end. */
  readonly #clients = new Map<string, T[]>();
  #items = 0;
  #bytes = 0;

  constructor(maxItems: number, maxBytes: number) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
  }

  /** How many wait. */
  get size(): number {
    return this.#items;
  }

  /** Adds at the client's end; false, and nothing changes, if the queue is full. */
  push(item: T): boolean {
    if (this.#items >= this.#maxItems || this.#bytes + item.bytes > this.#maxBytes) return false;
    const items = this.#clients.get(item.clientId) ?? [];
    items.push(item);
    this.#clients.set(item.clientId, items);
    this.#items++;
    this.#bytes += item.bytes;
    return true;
  }

  /** Takes the next item of the client whose turn it is. */
  take(): T | undefined {
    const [first] = this.#clients;
    if (first === undefined) return undefined;
    const [clientId, items] = first;
    const item = items.shift();
    this.#clients.delete(clientId);
    if (items.length > 0) this.#clients.set(clientId, items);
    if (item !== undefined) this.#forget(item);
    return item;
  }

  /** Takes out one that no longer waits; false if it is not here. */
  remove(item: T): boolean {
    const items = this.#clients.get(item.clientId);
    const at = items?.indexOf(item) ?? -1;
    if (items === undefined || at < 0) return false;
    items.splice(at, 1);
    if (items.length === 0) this.#clients.delete(item.clientId);
    this.#forget(item);
    return true;
  }

  #forget(item: T): void {
    this.#items--;
    this.#bytes -= item.bytes;
  }
}
