import type { Type } from "#anrf/program/type.ts";

/**
 * The kept terms of one type in one scope, as columns: production, operands, cost, parameters used, and the vector
 * of value ids over the scope's columns. No two rows have the same vector. Rows of equal cost are contiguous.
 */
export class Bank {
  /** Position among the banks of its scope. */
  readonly index: number;
  /** What its terms are. */
  readonly type: Type;
  /** Ids in each vector. */
  readonly width: number;
  /** Rows kept. */
  size = 0;
  /** Production of each row, by its index in the scope. */
  production: Uint16Array<ArrayBufferLike>;
  /** Operands of each row: rows of the banks that the production names. */
  operands: Int32Array<ArrayBufferLike>;
  /** Vectors, row after row. */
  vectors: Int32Array<ArrayBufferLike>;
  /** Cost in bits. */
  cost: Uint8Array<ArrayBufferLike>;
  /** Bits of the parameters and binders that the term mentions; 0: a constant. */
  uses: Int32Array<ArrayBufferLike>;
  #hashes: Int32Array<ArrayBufferLike>;
  #slots: Int32Array<ArrayBufferLike>;
  readonly #starts: number[] = [0];
  #level = 0;

  /** An empty bank. */
  constructor(index: number, type: Type, width: number) {
    this.index = index;
    this.type = type;
    this.width = width;
    const rows = 256;
    this.production = new Uint16Array(rows);
    this.operands = new Int32Array(rows * 3);
    this.vectors = new Int32Array(rows * width);
    this.cost = new Uint8Array(rows);
    this.uses = new Int32Array(rows);
    this.#hashes = new Int32Array(rows);
    this.#slots = new Int32Array(1024);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.cost.length * (2 + 12 + 4 * this.width + 1 + 4 + 4) + this.#slots.length * 4;
  }

  /** From here on rows have that cost. Levels only rise. */
  open(level: number): void {
    while (this.#level < level) this.#starts[++this.#level] = this.size;
  }

  /** First row of that cost, or the end where there is none yet. */
  start(cost: number): number {
    if (cost <= 0) return 0;
    return cost > this.#level ? this.size : (this.#starts[cost] as number);
  }

  /** One past the last row of that cost. */
  end(cost: number): number {
    return this.start(cost + 1);
  }

  /** The row with that vector, or −1. */
  find(vector: Int32Array, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = (this.#slots[slot] as number) - 1;
      if (row < 0) return -1;
      if (this.#hashes[row] === hash && this.#same(row, vector)) return row;
    }
  }

  /** Adds a row unless its vector is known: its number, or −1. */
  add(
    vector: Int32Array,
    hash: number,
    production: number,
    a: number,
    b: number,
    c: number,
    uses: number,
  ): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const known = (this.#slots[slot] as number) - 1;
      if (known < 0) break;
      if (this.#hashes[known] === hash && this.#same(known, vector)) return -1;
    }
    if (this.size === this.cost.length) this.#grow();
    const row = this.size++;
    this.#slots[slot] = row + 1;
    this.#hashes[row] = hash;
    this.production[row] = production;
    const at = row * 3;
    this.operands[at] = a;
    this.operands[at + 1] = b;
    this.operands[at + 2] = c;
    this.cost[row] = this.#level;
    this.uses[row] = uses;
    const base = row * this.width;
    for (let i = 0; i < this.width; i++) this.vectors[base + i] = vector[i] as number;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return row;
  }

  #same(row: number, vector: Int32Array): boolean {
    const base = row * this.width;
    for (let i = 0; i < this.width; i++) if (this.vectors[base + i] !== vector[i]) return false;
    return true;
  }

  #grow(): void {
    const rows = this.cost.length * 2;
    this.production = copyInto(new Uint16Array(rows), this.production);
    this.operands = copyInto(new Int32Array(rows * 3), this.operands);
    this.vectors = copyInto(new Int32Array(rows * this.width), this.vectors);
    this.cost = copyInto(new Uint8Array(rows), this.cost);
    this.uses = copyInto(new Int32Array(rows), this.uses);
    this.#hashes = copyInto(new Int32Array(rows), this.#hashes);
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let row = 0; row < this.size; row++) {
      let slot = (this.#hashes[row] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = row + 1;
    }
    this.#slots = slots;
  }
}

function copyInto<T extends { set(from: T): void }>(to: T, from: T): T {
  to.set(from);
  return to;
}

/** The hash of a vector of ids. */
export function hashVector(vector: Int32Array, width: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < width; i++) {
    hash = Math.imul(hash ^ (vector[i] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash ^ (hash >>> 13);
}
