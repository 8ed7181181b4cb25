import { invalid, overflow } from "#anrf/program/trap.ts";
import { type Int, intFromBigint, Some } from "#anrf/program/value.ts";
import { FLOATS_MATH } from "./floats-math.ts";
import type { BuiltinTable } from "./function.ts";

/** Floats: IEEE 754 binary64. */
export const FLOATS: BuiltinTable = {
  "float.add": (a: number, b: number) => a + b,
  "float.sub": (a: number, b: number) => a - b,
  "float.mul": (a: number, b: number) => a * b,
  "float.div": (a: number, b: number) => a / b,
  "float.pow": FLOATS_MATH.pow,
  "float.neg": (a: number) => -a,
  "float.abs": (a: number) => Math.abs(a),
  "float.sqrt": (a: number) => Math.sqrt(a),
  "float.exp": FLOATS_MATH.exp,
  "float.ln": FLOATS_MATH.ln,
  "float.sin": FLOATS_MATH.sin,
  "float.cos": FLOATS_MATH.cos,
  "float.atan2": FLOATS_MATH.atan2,
  "float.floor": (a: number) => intFromFloat(Math.floor(a), "float.floor"),
  "float.ceil": (a: number) => intFromFloat(Math.ceil(a), "float.ceil"),
  "float.trunc": (a: number) => intFromFloat(Math.trunc(a), "float.trunc"),
  "float.round_even": (a: number) => intFromFloat(roundEven(a), "float.round_even"),
  "float.is_nan": (a: number) => Number.isNaN(a),
  "float.to_string": (a: number) => String(a),
  "float.to_fixed": (a: number, digits: Int) => toFixed(a, validDigits(digits, "float.to_fixed")),
  "float.parse": parseFloatText,
  "float.round_to": (a: number, digits: Int) => {
    const count = validDigits(digits, "float.round_to");
    return Number.isInteger(a) || !Number.isFinite(a) ? a : Number(toFixed(a, count));
  },
  "float.is_finite": (a: number) => Number.isFinite(a),
};

/** Digits after the point, 0 to 18, or trap INVALID. */
export function validDigits(digits: Int, operation: string): number {
  if (digits < 0 || digits > 18) invalid(`${operation}: ${digits} digits are outside 0 to 18`);
  return Number(digits);
}

/** The int that a whole double is; INVALID for NaN, OVERFLOW outside the range. */
function intFromFloat(whole: number, operation: string): Int {
  if (Number.isSafeInteger(whole)) return whole + 0;
  if (Number.isNaN(whole)) invalid(`${operation}: NaN has no int`);
  const value = Number.isFinite(whole) ? intFromBigint(BigInt(whole)) : undefined;
  return value ?? overflow(operation);
}

function roundEven(a: number): number {
  const below = Math.floor(a);
  const rest = a - below;
  if (rest < 0.5) return below;
  return rest > 0.5 || below % 2 !== 0 ? below + 1 : below;
}

/**
 * Exactly so many digits, the exact value of the double rounded half to even. ECMAScript's toFixed works on the
 * exact value too and differs in ties alone, which it takes upwards. a is a tie exactly when |a| × 2^(digits + 1)
 * is an odd integer: 2 × 10^digits is that power of two times an odd number, and scaling by it is exact.
 */
function toFixed(a: number, digits: number): string {
  const size = Math.abs(a);
  if (!Number.isFinite(a)) return String(a);
  if (size >= 1e21) return `${BigInt(a)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`;
  const up = a.toFixed(digits);
  return (size * 2 ** (digits + 1)) % 2 === 1 && isOdd(up) ? lowerLastDigit(up) : up;
}

/** Whether the last digit is odd: what half to even does not keep. */
function isOdd(text: string): boolean {
  return text.charCodeAt(text.length - 1) % 2 === 1;
}

// The last digit is odd, so at least 1: taking one away never borrows.
function lowerLastDigit(text: string): string {
  return text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) - 1);
}

const FLOAT_TEXT = /^(?:NaN|[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))$/;

function parseFloatText(text: string): Some | null {
  return FLOAT_TEXT.test(text) ? new Some(Number(text)) : null;
}
