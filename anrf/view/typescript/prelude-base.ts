/**
 * Helpers of the TypeScript view: values, ints, floats, options, promises. Each stands between empty lines and begins
 * with its name; what a helper uses of the others is found by their names. A program's own names hold no `$`.
 */
export const BASE: string = String.raw`
/** Ends a run without a value: OVERFLOW, DIV_ZERO, INDEX, NONE, INVALID, DECIMAL, DATE, FAIL, CONTRACT or HOLE. */
export class Trap extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(code + ": " + message);
    this.name = "Trap";
    this.code = code;
  }
}

/** A value that may be missing. */
export type Option<T> = { readonly some: T } | null;

/** A map: its entries in ascending order of their keys. */
export type Dict<K, V> = readonly (readonly [K, V])[];

/** Days since 1970-01-01. */
export type Day = number;

/** A decimal number, as a whole number of 10^-18: the text "19.9" is $decimal("19.9"). */
export type Decimal = bigint;

function $trap(code: string, message: string): never {
  throw new Trap(code, message);
}

/** Traps where an int leaves 64 bits. */
function $int(value: bigint): bigint {
  if (value < -9223372036854775808n || value > 9223372036854775807n) $trap("OVERFLOW", "a result needs more than 64 bits");
  return value;
}

/** One order for all values: NaN last, texts by code point, lists item by item, nothing first, cases as declared. */
function $compare(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return $compareTexts(a, b);
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const order = $compare(a[i], b[i]);
      if (order !== 0) return order;
    }
    return Math.sign(a.length - b.length);
  }
  if (typeof a === "object") return $compare(Object.values(a), Object.values(b as object));
  const [x, y] = [a as number, b as number];
  return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number(Number.isNaN(x)) - Number(Number.isNaN(y));
}

function $compareTexts(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const order = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (order !== 0) return Math.sign(order);
  }
  return Math.sign(x.length - y.length);
}

/** Equal in every part; a NaN equals nothing. */
function $equal(a: unknown, b: unknown): boolean {
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
  const [x, y] = [Object.values(a), Object.values(b)];
  return x.length === y.length && x.every((part, i) => $equal(part, y[i]));
}

function $min<A>(a: A, b: A): A {
  return $compare(b, a) < 0 ? b : a;
}

function $max<A>(a: A, b: A): A {
  return $compare(b, a) > 0 ? b : a;
}

/** A promise of the program; a trap while it is asked counts as false. */
function $claim(what: string, holds: () => boolean): void {
  let isTrue = false;
  try {
    isTrue = holds();
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
  }
  if (!isTrue) $trap("CONTRACT", "does not hold: " + what);
}

function $isMeasure(value: unknown): boolean {
  return Array.isArray(value) ? value.every($isMeasure) : typeof value === "bigint" && value >= 0n;
}

/** The measure of a loop, which shrinks from test to test and is never below 0. */
function $shrinks<M>(before: M | undefined, measure: () => M): M {
  let now: M | undefined;
  $claim("what the loop decreases shrinks", () => {
    now = measure();
    return before === undefined || ($isMeasure(before) && $compare(now, before) < 0);
  });
  return now as M;
}

const $measures = new Map<string, unknown>();

/** Enters a function whose measure shrinks from call to call inside it; gives the measure of the call around. */
function $enter(name: string, measure: () => unknown): unknown {
  const open = $measures.get(name);
  let now: unknown;
  $claim("what " + name + " decreases shrinks", () => {
    now = measure();
    return $isMeasure(now) && (open === undefined || $compare(now, open) < 0);
  });
  $measures.set(name, now);
  return open;
}

function $leave(name: string, open: unknown): void {
  if (open === undefined) $measures.delete(name);
  else $measures.set(name, open);
}

function $divisor(value: bigint): bigint {
  return value === 0n ? $trap("DIV_ZERO", "a number is divided by zero") : value;
}

/** Division that rounds down. */
function $div(a: bigint, b: bigint): bigint {
  const quotient = a / $divisor(b);
  return $int(a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient);
}

/** The remainder of division that rounds down: it has the sign of b. */
function $mod(a: bigint, b: bigint): bigint {
  const rest = a % $divisor(b);
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

function $quot(a: bigint, b: bigint): bigint {
  return $int(a / $divisor(b));
}

function $rem(a: bigint, b: bigint): bigint {
  return a % $divisor(b);
}

function $pow(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) $trap("INVALID", "the exponent is negative");
  if (base >= -1n && base <= 1n) return base === -1n ? (exponent % 2n === 0n ? 1n : -1n) : exponent === 0n ? 1n : base;
  return exponent > 63n ? $trap("OVERFLOW", "a power needs more than 64 bits") : $int(base ** exponent);
}

function $shift(value: bigint, places: bigint, isLeft: boolean): bigint {
  if (places < 0n || places > 63n) $trap("INVALID", "a shift goes over 0 to 63 places");
  return BigInt.asIntN(64, isLeft ? value << places : value >> places);
}

function $abs(value: bigint): bigint {
  return value < 0n ? $int(-value) : value;
}

function $sign(value: bigint): bigint {
  return value < 0n ? -1n : value > 0n ? 1n : 0n;
}

function $gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return $abs(x);
}

function $isqrt(value: bigint): bigint {
  if (value < 0n) $trap("INVALID", "a negative number has no root");
  let root = BigInt(Math.floor(Math.sqrt(Number(value))));
  while (root * root > value) root--;
  while ((root + 1n) * (root + 1n) <= value) root++;
  return root;
}

function $bitCount(value: bigint): bigint {
  let count = 0n;
  for (let rest = BigInt.asUintN(64, value); rest !== 0n; rest >>= 1n) count += rest & 1n;
  return count;
}

function $powMod(base: bigint, exponent: bigint, modulus: bigint): bigint {
  if (modulus < 1n || exponent < 0n) $trap("INVALID", "a modulus is at least 1, an exponent at least 0");
  let square = $mod(base, modulus);
  let result = 1n % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** Decimal digits, highest first, without the sign. */
function $digits(value: bigint): bigint[] {
  return Array.from(String(value < 0n ? -value : value), BigInt);
}

function $base(base: bigint): number {
  return base < 2n || base > 36n ? $trap("INVALID", "a base goes from 2 to 36") : Number(base);
}

function $toBase(value: bigint, base: bigint): string {
  return value.toString($base(base));
}

function $parseBase(text: string, base: bigint): Option<bigint> {
  const width = BigInt($base(base));
  const digits = text.replace(/^[+-]/, "");
  if (!/^[0-9a-zA-Z]+$/.test(digits)) return null;
  let value = 0n;
  for (const digit of digits) {
    const next = BigInt(Number.parseInt(digit, 36));
    if (next >= width) return null;
    if (value < 2n ** 64n) value = value * width + next;
  }
  return $fitting(text.startsWith("-") ? -value : value);
}

function $fitting(value: bigint): Option<bigint> {
  return value < -9223372036854775808n || value > 9223372036854775807n ? null : { some: value };
}

function $parseInt(text: string): Option<bigint> {
  return /^[+-]?[0-9]+$/.test(text) ? $fitting(text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text.replace("+", ""))) : null;
}

/** The int that a whole number is. */
function $whole(value: number): bigint {
  if (Number.isNaN(value)) $trap("INVALID", "NaN is no whole number");
  return Number.isFinite(value) ? $int(BigInt(value)) : $trap("OVERFLOW", "infinity is no whole number");
}

function $roundEven(value: number): bigint {
  const below = Math.floor(value);
  const rest = value - below;
  return $whole(rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : rest >= 0.5 ? below + 1 : below);
}

function $places(digits: bigint): number {
  return digits < 0n || digits > 18n ? $trap("INVALID", "digits after the point go from 0 to 18") : Number(digits);
}

/** So many digits after the point, halves to even. */
function $toFixed(value: number, digits: bigint): string {
  const count = $places(digits);
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (size >= 1e21) return BigInt(value) + (count > 0 ? "." + "0".repeat(count) : "");
  const up = value.toFixed(count);
  const last = Number(up.at(-1));
  const isTie = (size * 2 ** (count + 1)) % 2 === 1;
  return isTie && last % 2 === 1 ? up.slice(0, -1) + (last - 1) : up;
}

function $roundTo(value: number, digits: bigint): number {
  const count = $places(digits);
  return Number.isInteger(value) || !Number.isFinite(value) ? value : Number($toFixed(value, BigInt(count)));
}

function $parseFloat(text: string): Option<number> {
  const isNumber = /^(?:NaN|[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))$/.test(text);
  return isNumber ? { some: Number(text) } : null;
}

function $unwrap<A>(option: Option<A>): A {
  return option === null ? $trap("NONE", "there is no value") : option.some;
}

function $getOr<A>(option: Option<A>, other: () => A): A {
  return option === null ? other() : option.some;
}

function $orElse<A>(option: Option<A>, other: () => Option<A>): Option<A> {
  return option ?? other();
}

function $mapOption<A, B>(option: Option<A>, f: (value: A) => B): Option<B> {
  return option === null ? null : { some: f(option.some) };
}

function $flatMapOption<A, B>(option: Option<A>, f: (value: A) => Option<B>): Option<B> {
  return option === null ? null : f(option.some);
}

function $toList<A>(option: Option<A>): A[] {
  return option === null ? [] : [option.some];
}
`;
