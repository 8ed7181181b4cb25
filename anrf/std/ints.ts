import { invalid, overflow, TrapSignal } from "#anrf/program/trap.ts";
import { type Int, intFromBigint, Some } from "#anrf/program/value.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { BuiltinTable } from "./function.ts";

const SAFE = Number.MAX_SAFE_INTEGER;

/**
 * Ints. A result computed in doubles counts only inside ±(2^53 − 1): a true sum or product outside rounds to
 * something outside. −0 is no int, so every path that may make one adds 0.
 */
export const INTS: BuiltinTable = {
  "int.add": addInts,
  "int.sub": (a: Int, b: Int) => {
    if (typeof a === "number" && typeof b === "number") {
      const fast = a - b;
      if (fast <= SAFE && fast >= -SAFE) return fast;
    }
    return inRange(BigInt(a) - BigInt(b), "int.sub");
  },
  "int.mul": mulInts,
  "int.div_floor": divFloor,
  "int.mod_floor": modFloor,
  "int.quot": (a: Int, b: Int) => {
    refuseZero(b, "int.quot");
    if (typeof a === "number" && typeof b === "number") return (a - (a % b)) / b + 0;
    return inRange(BigInt(a) / BigInt(b), "int.quot");
  },
  "int.rem": (a: Int, b: Int) => {
    refuseZero(b, "int.rem");
    if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
    return inRange(BigInt(a) % BigInt(b), "int.rem");
  },
  "int.pow": powInts,
  "int.shift_left": (a: Int, places: Int) => {
    const count = shiftCount(places, "int.shift_left");
    if (typeof a === "number") {
      const fast = a * 2 ** count;
      if (fast <= SAFE && fast >= -SAFE) return fast;
    }
    return wrapped(BigInt(a) << BigInt(count));
  },
  "int.shift_right": (a: Int, places: Int) => {
    const count = shiftCount(places, "int.shift_right");
    return typeof a === "number" ? Math.floor(a / 2 ** count) : wrapped(a >> BigInt(count));
  },
  "int.neg": negInt,
  "int.abs": (a: Int) => (a < 0 ? negInt(a) : a),
  "int.bit_and": (a: Int, b: Int) => (isWord(a) && isWord(b) ? a & b : wrapped(BigInt(a) & BigInt(b))),
  "int.bit_or": (a: Int, b: Int) => (isWord(a) && isWord(b) ? a | b : wrapped(BigInt(a) | BigInt(b))),
  "int.bit_xor": (a: Int, b: Int) => (isWord(a) && isWord(b) ? a ^ b : wrapped(BigInt(a) ^ BigInt(b))),
  "int.bit_not": (a: Int) => (typeof a === "number" && a < SAFE ? -1 - a : wrapped(~BigInt(a))),
  "int.to_float": (a: Int) => Number(a),
  "int.to_string": (a: Int) => String(a),
  "int.parse": (text: string) =>
    /^[+-]?[0-9]+$/.test(text) ? someInt(text.startsWith("-"), digitsOf(text), 10) : null,
  "int.gcd": gcd,
  "int.isqrt": isqrt,
  "int.sign": (a: Int) => (a > 0 ? 1 : a < 0 ? -1 : 0),
  "int.bit_count": (a: Int) => bitCount(a),
  "int.pow_mod": powMod,
  "int.digits": digitList,
  "int.to_base": (a: Int, base: Int) => a.toString(validBase(base)),
  "int.parse_base": (text: string, base: Int) => parseBase(text, validBase(base)),
};

/** The sum, or trap OVERFLOW. */
export function addInts(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const fast = a + b;
    if (fast <= SAFE && fast >= -SAFE) return fast;
  }
  return inRange(BigInt(a) + BigInt(b), "int.add");
}

/** The product, or trap OVERFLOW. */
export function mulInts(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const fast = a * b;
    if (fast <= SAFE && fast >= -SAFE) return fast + 0;
  }
  return inRange(BigInt(a) * BigInt(b), "int.mul");
}

/** A place moved into 0..length. */
export function clampPlace(place: Int, length: number): number {
  if (place <= 0) return 0;
  return typeof place === "number" && place < length ? place : length;
}

/** A count as a number; a bigint, always huge here, counts as infinite. Trap INVALID below the least. */
export function validCount(count: Int, least: number, operation: string): number {
  if (count < least) invalid(`${operation}: ${count} is less than ${least}`);
  return typeof count === "number" ? count : Number.POSITIVE_INFINITY;
}

/** The bigint as an int, or trap OVERFLOW. */
export function inRange(value: bigint, operation: string): Int {
  return intFromBigint(value) ?? overflow(operation);
}

function negInt(a: Int): Int {
  return typeof a === "number" ? 0 - a : inRange(-a, "int.neg");
}

// a − a % b is a multiple of b no larger than a, so its division by b is exact.
function divFloor(a: Int, b: Int): Int {
  refuseZero(b, "int.div_floor");
  if (typeof a === "number" && typeof b === "number") {
    const rest = a % b;
    const quotient = (a - rest) / b + 0;
    return rest !== 0 && rest < 0 !== b < 0 ? quotient - 1 : quotient;
  }
  const [x, y] = [BigInt(a), BigInt(b)];
  const rest = x % y;
  return inRange(rest !== 0n && rest < 0n !== y < 0n ? x / y - 1n : x / y, "int.div_floor");
}

function modFloor(a: Int, b: Int): Int {
  refuseZero(b, "int.mod_floor");
  if (typeof a === "number" && typeof b === "number") {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest + 0;
  }
  const y = BigInt(b);
  const rest = BigInt(a) % y;
  return inRange(rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest, "int.mod_floor");
}

function powInts(base: Int, exponent: Int): Int {
  if (exponent < 0) invalid(`int.pow: the exponent ${exponent} is negative`);
  if (base === 0 || base === 1) return exponent === 0 ? 1 : base;
  if (base === -1) return BigInt(exponent) % 2n === 0n ? 1 : -1;
  if (exponent > 63) overflow("int.pow");
  let result: Int = 1;
  for (let step = 0; step < exponent; step++) {
    const next: number = Number(result) * Number(base);
    if (next > SAFE || next < -SAFE) return inRange(BigInt(base) ** BigInt(exponent), "int.pow");
    result = next;
  }
  return result;
}

function gcd(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    let [x, y] = [Math.abs(a), Math.abs(b)];
    while (y !== 0) [x, y] = [y, x % y];
    return x;
  }
  let [x, y] = [BigInt(a), BigInt(b)];
  while (y !== 0n) [x, y] = [y, x % y];
  return inRange(x < 0n ? -x : x, "int.gcd");
}

// The double root of a safe int is off by less than one; beyond it, Newton's step from the double root corrects.
function isqrt(a: Int): Int {
  if (a < 0) invalid(`int.isqrt: ${a} is negative`);
  const guess = Math.floor(Math.sqrt(Number(a)));
  const square = BigInt(guess) * BigInt(guess);
  if (square > BigInt(a)) return guess - 1;
  return square + 2n * BigInt(guess) + 1n <= BigInt(a) ? guess + 1 : guess;
}

function bitCount(a: Int): number {
  let count = 0;
  for (let rest = BigInt.asUintN(64, BigInt(a)); rest !== 0n; rest &= rest - 1n) count++;
  return count;
}

function digitList(a: Int): number[] {
  if (typeof a === "bigint") return Array.from(String(a < 0n ? -a : a), (digit) => digit.charCodeAt(0) - 48);
  const digits: number[] = [];
  let rest = Math.abs(a);
  do {
    digits.push(rest % 10);
    rest = Math.floor(rest / 10);
  } while (rest > 0);
  return digits.reverse();
}

function powMod(base: Int, exponent: Int, modulus: Int): Int {
  if (modulus < 1) invalid(`int.pow_mod: the modulus ${modulus} is less than 1`);
  if (exponent < 0) invalid(`int.pow_mod: the exponent ${exponent} is negative`);
  const m = BigInt(modulus);
  let square = ((BigInt(base) % m) + m) % m;
  let result = 1n % m;
  for (let rest = BigInt(exponent); rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % m;
    square = (square * square) % m;
  }
  return inRange(result, "int.pow_mod");
}

function validBase(base: Int): number {
  if (base < 2 || base > 36) invalid(`a number is written in a base from 2 to 36, not ${base}`);
  return Number(base);
}

function parseBase(text: string, base: number): Some | null {
  const digits = digitsOf(text);
  if (!/^[0-9a-zA-Z]+$/.test(digits)) return null;
  for (let i = 0; i < digits.length; i++) if (Number.parseInt(digits.charAt(i), 36) >= base) return null;
  return someInt(text.startsWith("-"), digits, base);
}

/** The text after an optional sign. */
function digitsOf(text: string): string {
  return text.startsWith("-") || text.startsWith("+") ? text.slice(1) : text;
}

/** The int of valid digits, or none outside the range; long texts are cut short before any big arithmetic. */
function someInt(isNegative: boolean, digits: string, base: number): Some | null {
  if (digits.length <= 10) {
    const small = Number.parseInt(digits, base);
    return new Some(isNegative ? 0 - small : small);
  }
  const significant = digits.replace(/^0+/, "");
  if (significant.length > 64) return null;
  let magnitude = 0n;
  for (const digit of significant) magnitude = magnitude * BigInt(base) + BigInt(Number.parseInt(digit, 36));
  const value = intFromBigint(isNegative ? -magnitude : magnitude);
  return value === undefined ? null : new Some(value);
}

function shiftCount(places: Int, operation: string): number {
  if (places < 0 || places > 63) invalid(`${operation}: ${places} places are outside 0 to 63`);
  return Number(places);
}

/** True where JavaScript's 32-bit operators give the 64-bit result. */
function isWord(a: Int): a is number {
  return typeof a === "number" && (a | 0) === a;
}

function wrapped(value: bigint): Int {
  const signed = BigInt.asIntN(64, value);
  return signed >= -9007199254740991n && signed <= 9007199254740991n ? Number(signed) : signed;
}

function refuseZero(divisor: Int, operation: string): void {
  if (divisor === 0) throw new TrapSignal(TrapCode.DIV_ZERO, `${operation} divides by zero`);
}
