/**
 * Run-time values. The type of a value is known from the program, never from the value:
 *
 *   unit, none   null                      list, tuple, record   a frozen-by-convention array
 *   bool         boolean                   map                   SortedMap
 *   int          number when safe, else    option                null or Some
 *                bigint (never a safe one) variant               Variant
 *   float        number                    function              FunctionValue
 *   string       string, well formed       decimal               DecimalNumber
 *   date         number of days since 1970-01-01
 *
 * No value is ever changed after it was made.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Value[]
  | SortedMap
  | Some
  | Variant
  | DecimalNumber
  | FunctionValue;

/** A function value: takes its arguments, gives its result or throws a TrapSignal. */
export type FunctionValue = (...args: Value[]) => Value;

/** An int: a number inside ±(2^53 − 1), else a bigint inside the signed 64-bit range. */
export type Int = number | bigint;

/** The content of an option. */
export class Some {
  /** The content. */
  readonly value: Value;

  /** some(value). */
  constructor(value: Value) {
    this.value = value;
  }
}

/** A case of a variant with its payload. */
export class Variant {
  /** Index of the case in the declaration. */
  readonly caseIndex: number;
  /** What it carries, in order. */
  readonly payload: readonly Value[];

  /** The case with that payload. */
  constructor(caseIndex: number, payload: readonly Value[]) {
    this.caseIndex = caseIndex;
    this.payload = payload;
  }
}

/** coefficient × 10^−scale, without trailing zeros, scale 0 to 18. */
export class DecimalNumber {
  /** All digits, inside the signed 64-bit range. */
  readonly coefficient: bigint;
  /** Digits after the point. */
  readonly scale: number;

  /** Takes the parts as they are: the caller has normalised them. */
  constructor(coefficient: bigint, scale: number) {
    this.coefficient = coefficient;
    this.scale = scale;
  }
}

/** A map: keys ascending by `compareValues`, no two equal, values beside them. */
export class SortedMap {
  /** The empty map. */
  static readonly EMPTY: SortedMap = new SortedMap([], []);
  /** Ascending. */
  readonly keys: readonly Value[];
  /** values[i] belongs to keys[i]. */
  readonly values: readonly Value[];

  /** Takes both columns as they are: the caller has sorted them. */
  constructor(keys: readonly Value[], values: readonly Value[]) {
    this.keys = keys;
    this.values = values;
  }

  /** A map of entries in any order; of equal keys the last wins. */
  static fromEntries(entries: readonly (readonly [Value, Value])[]): SortedMap {
    const order = entries.map((_, index) => index);
    order.sort((a, b) => compareValues(entries[a]?.[0] ?? null, entries[b]?.[0] ?? null) || a - b);
    const keys: Value[] = [];
    const values: Value[] = [];
    for (const index of order) {
      const entry = entries[index];
      if (entry === undefined) continue;
      const last = keys.length - 1;
      if (last >= 0 && compareValues(keys[last] ?? null, entry[0]) === 0) values[last] = entry[1];
      else {
        keys.push(entry[0]);
        values.push(entry[1]);
      }
    }
    return new SortedMap(keys, values);
  }

  /** Position of the key, or −1 − the place where it would stand. */
  find(key: Value): number {
    let low = 0;
    let high = this.keys.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = compareValues(this.keys[middle] ?? null, key);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1 - low;
  }
}

/** Least and greatest int. */
export const INT_MIN: bigint = -(2n ** 63n);
/** Greatest int. */
export const INT_MAX: bigint = 2n ** 63n - 1n;

/** The canonical int of a bigint, or undefined outside the signed 64-bit range. */
export function intFromBigint(value: bigint): Int | undefined {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  return value >= INT_MIN && value <= INT_MAX ? value : undefined;
}

/**
 * The one total order: −1, 0 or 1. NaN comes last and equals itself, −0 equals 0; strings by code point;
 * lists, tuples and records item by item, shorter first; none first; variants by case, then payload; maps as
 * sorted entries. Functions are never compared.
 */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === "number" || typeof a === "bigint") {
    return typeof b === "number" || typeof b === "bigint" ? compareNumbers(a, b) : fail(a, b);
  }
  if (typeof a === "string") return typeof b === "string" ? compareStrings(a, b) : fail(a, b);
  if (typeof a === "boolean") return typeof b === "boolean" ? Number(a) - Number(b) : fail(a, b);
  if (a === null) return b === null ? 0 : -1;
  if (b === null) return 1;
  if (Array.isArray(a)) return Array.isArray(b) ? compareLists(a, b) : fail(a, b);
  if (a instanceof Some) return b instanceof Some ? compareValues(a.value, b.value) : fail(a, b);
  if (a instanceof SortedMap) return b instanceof SortedMap ? compareMaps(a, b) : fail(a, b);
  if (a instanceof Variant && b instanceof Variant) {
    return Math.sign(a.caseIndex - b.caseIndex) || compareLists(a.payload, b.payload);
  }
  if (a instanceof DecimalNumber && b instanceof DecimalNumber) return compareDecimals(a, b);
  return fail(a, b);
}

/** Structural equality as the language means it: NaN differs from NaN, wherever it stands. */
export function equalValues(a: Value, b: Value): boolean {
  if (typeof a === "number" || typeof a === "string" || typeof a === "boolean") return a === b;
  if (a === null || b === null) return a === b;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equalValues(a[i] as Value, b[i] as Value)) return false;
    return true;
  }
  if (a instanceof Some) return b instanceof Some && equalValues(a.value, b.value);
  if (a instanceof SortedMap) {
    return b instanceof SortedMap && equalValues(a.keys, b.keys) && equalValues(a.values, b.values);
  }
  if (a instanceof Variant) {
    return b instanceof Variant && a.caseIndex === b.caseIndex && equalValues(a.payload, b.payload);
  }
  return compareValues(a, b) === 0;
}

function compareNumbers(a: Int, b: Int): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** By code point: UTF-16 order differs where surrogates meet U+E000 to U+FFFF. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x < y ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compareValues(a[i] as Value, b[i] as Value);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function compareMaps(a: SortedMap, b: SortedMap): number {
  const shared = Math.min(a.keys.length, b.keys.length);
  for (let i = 0; i < shared; i++) {
    const order =
      compareValues(a.keys[i] as Value, b.keys[i] as Value) ||
      compareValues(a.values[i] as Value, b.values[i] as Value);
    if (order !== 0) return order;
  }
  return Math.sign(a.keys.length - b.keys.length);
}

function compareDecimals(a: DecimalNumber, b: DecimalNumber): number {
  const scale = Math.max(a.scale, b.scale);
  const x = a.coefficient * 10n ** BigInt(scale - a.scale);
  const y = b.coefficient * 10n ** BigInt(scale - b.scale);
  return x < y ? -1 : Number(x > y);
}

function fail(a: Value, b: Value): never {
  throw new Error(`values of different types are compared: ${typeof a} and ${typeof b}`);
}
