import type { Type } from "#anrf/program/type.ts";
import { Some, SortedMap, type Value } from "#anrf/program/value.ts";

/** The id of "no value": the term traps there. */
export const ERR = 0;
/** The id of false. */
export const FALSE = 1;
/** The id of true. */
export const TRUE = 2;
/** The id of none, and of the unit. */
export const NONE = 3;
/** Small ints stand in their id: id = INT_ZERO + value for |value| < 2^28. Ids below INT_LEAST are table rows. */
export const INT_ZERO = 0x30000000;
/** The least id that holds an int. */
export const INT_LEAST = 0x20000001;
const INT_SPAN = 0x0fffffff;

const LIST = 1;
const SOME = 2;
const MAP = 3;
const NO_ITEMS = new Int32Array(0);

/** How large a value may be before it counts as a trap: keeps the search away from runaway growth. */
export interface SizeLimits {
  /** Most items of a list or map. */
  readonly items: number;
  /** Most UTF-16 units of a string. */
  readonly units: number;
}

/**
 * Values by number: equal values have equal ids, so a term's meaning is a vector of ids. Types are known from
 * outside: the empty lists of all types share one id, and a list and a tuple of the same items do too.
 */
export class Store {
  /** What larger values count as traps. */
  readonly limits: SizeLimits;
  readonly #values: Value[] = [null, false, true, null];
  readonly #items: Int32Array[] = [NO_ITEMS, NO_ITEMS, NO_ITEMS, NO_ITEMS];
  readonly #kinds: number[] = [0, 0, 0, 0];
  readonly #strings = new Map<string, number>();
  readonly #ints = new Map<number | bigint, number>();
  readonly #floats = new Map<number, number>();
  #negativeZero = -1;
  #slots = new Int32Array(1 << 12);
  #composites = 0;
  #bytes = 0;

  /** An empty store. */
  constructor(limits: SizeLimits) {
    this.limits = limits;
  }

  /** An estimate of the memory held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The id of an int inside the 64-bit range; the caller has checked the range. */
  int(value: number | bigint): number {
    if (typeof value === "number" && value >= -INT_SPAN && value <= INT_SPAN) return INT_ZERO + value;
    const known = this.#ints.get(value);
    if (known !== undefined) return known;
    const id = this.#push(value, NO_ITEMS, 0, 48);
    this.#ints.set(value, id);
    return id;
  }

  /** The id of a float. */
  float(value: number): number {
    if (Object.is(value, -0)) {
      if (this.#negativeZero < 0) this.#negativeZero = this.#push(value, NO_ITEMS, 0, 32);
      return this.#negativeZero;
    }
    const known = this.#floats.get(value);
    if (known !== undefined) return known;
    const id = this.#push(value, NO_ITEMS, 0, 48);
    this.#floats.set(value, id);
    return id;
  }

  /** The id of a string, or ERR where it is too long. */
  string(value: string): number {
    const known = this.#strings.get(value);
    if (known !== undefined) return known;
    if (value.length > this.limits.units) return ERR;
    const id = this.#push(value, NO_ITEMS, 0, 64 + value.length * 2);
    this.#strings.set(value, id);
    return id;
  }

  /** The id of a list or tuple of these items; ERR where it is too long or an item is ERR. */
  list(items: ArrayLike<number>): number {
    if (items.length > this.limits.items) return ERR;
    return this.#composite(LIST, items);
  }

  /** The id of some(item). */
  some(item: number): number {
    return item === ERR ? ERR : this.#composite(SOME, [item]);
  }

  /** The id of a value of that type. */
  of(value: Value, type: Type): number {
    switch (type.kind) {
      case "bool":
        return value === true ? TRUE : FALSE;
      case "int":
        return this.int(value as number | bigint);
      case "float":
        return this.float(value as number);
      case "string":
        return this.string(value as string);
      case "list": {
        const items = value as readonly Value[];
        if (items.length > this.limits.items) return ERR;
        return this.list(items.map((item) => this.of(item, type.item)));
      }
      case "tuple":
        return this.list((value as readonly Value[]).map((item, i) => this.of(item, type.items[i] ?? type)));
      case "option":
        return value instanceof Some ? this.some(this.of(value.value, type.item)) : NONE;
      case "map": {
        const map = value as SortedMap;
        if (map.keys.length > this.limits.items) return ERR;
        const keys = this.list(map.keys.map((key) => this.of(key, type.key)));
        const values = this.list(map.values.map((item) => this.of(item, type.value)));
        return keys === ERR || values === ERR ? ERR : this.#composite(MAP, [keys, values]);
      }
      default:
        return NONE;
    }
  }

  /** The value of an id; ERR has none and gives null. */
  value(id: number): Value {
    return id >= INT_LEAST ? id - INT_ZERO : (this.#values[id] ?? null);
  }

  /** The item ids of a list or tuple; [item] of a some; [keys, values] of a map. */
  items(id: number): Int32Array {
    return this.#items[id] ?? NO_ITEMS;
  }

  #push(value: Value, items: Int32Array, kind: number, bytes: number): number {
    this.#bytes += bytes;
    this.#items.push(items);
    this.#kinds.push(kind);
    return this.#values.push(value) - 1;
  }

  #composite(kind: number, items: ArrayLike<number>): number {
    let hash = kind;
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as number;
      if (item === ERR) return ERR;
      hash = Math.imul(hash ^ item, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 11)) & mask;
    for (;;) {
      const id = this.#slots[slot] as number;
      if (id === 0) break;
      if (this.#kinds[id] === kind && sameItems(this.#items[id] ?? NO_ITEMS, items)) return id;
      slot = (slot + 1) & mask;
    }
    const copy = Int32Array.from(items);
    const id = this.#push(this.#make(kind, copy), copy, kind, 120 + items.length * 12);
    this.#slots[slot] = id;
    if (++this.#composites * 2 > this.#slots.length) this.#grow();
    return id;
  }

  #make(kind: number, items: Int32Array): Value {
    if (kind === SOME) return new Some(this.value(items[0] as number));
    if (kind === LIST) return Array.from(items, (item) => this.value(item));
    const keys = this.value(items[0] as number) as readonly Value[];
    return new SortedMap(keys, this.value(items[1] as number) as readonly Value[]);
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let id = 4; id < this.#values.length; id++) {
      const kind = this.#kinds[id] as number;
      if (kind === 0) continue;
      let hash = kind;
      for (const item of this.#items[id] ?? NO_ITEMS) {
        hash = Math.imul(hash ^ item, 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      let slot = (hash ^ (hash >>> 11)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

function sameItems(known: Int32Array, items: ArrayLike<number>): boolean {
  if (known.length !== items.length) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== items[i]) return false;
  return true;
}
