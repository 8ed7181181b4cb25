/** A seeded source of choices: equal seeds give equal choices, on every machine. */
export class Random {
  #state: number;

  /** Any integer. */
  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0;
    for (let round = 0; round < 4; round++) this.next();
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer from 0 to count − 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** True with that chance. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of the items; throws on none. */
  pick<T>(items: readonly T[]): T {
    const found = items[this.below(items.length)];
    if (found === undefined) throw new Error("cannot pick from an empty list");
    return found;
  }

  /** So many results of a function, up to but not including `most`. */
  some<T>(most: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.below(most) }, (_, index) => make(index));
  }
}
