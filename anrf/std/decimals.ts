import { invalid, TrapSignal } from "#anrf/program/trap.ts";
import { DecimalNumber, INT_MAX, INT_MIN, type Int, Some } from "#anrf/program/value.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { validDigits } from "./floats.ts";
import type { BuiltinTable } from "./function.ts";
import { inRange } from "./ints.ts";

/** Decimals, core and derived: exact, or trap DECIMAL. */
export const DECIMALS: BuiltinTable = {
  "decimal.add": addDecimals,
  "decimal.sub": (a: DecimalNumber, b: DecimalNumber) =>
    addDecimals(a, new DecimalNumber(-b.coefficient, b.scale)),
  "decimal.mul": (a: DecimalNumber, b: DecimalNumber) =>
    decimalOf(a.coefficient * b.coefficient, a.scale + b.scale, "decimal.mul"),
  "decimal.neg": (a: DecimalNumber) => decimalOf(-a.coefficient, a.scale, "decimal.neg"),
  "decimal.div": (a: DecimalNumber, b: DecimalNumber, digits: Int, mode: string) => {
    const scale = validDigits(digits, "decimal.div");
    const rounding = roundingOf(mode);
    if (b.coefficient === 0n) throw new TrapSignal(TrapCode.DIV_ZERO, "decimal.div divides by zero");
    const shift = b.scale + scale - a.scale;
    const above = shift > 0 ? a.coefficient * tenTo(shift) : a.coefficient;
    const below = shift < 0 ? b.coefficient * tenTo(-shift) : b.coefficient;
    return decimalOf(divide(above, below, rounding), scale, "decimal.div");
  },
  "decimal.round": (a: DecimalNumber, digits: Int, mode: string) => {
    const scale = validDigits(digits, "decimal.round");
    return decimalOf(scaled(a, scale, roundingOf(mode)), scale, "decimal.round");
  },
  "decimal.from_int": (a: Int) => new DecimalNumber(BigInt(a), 0),
  "decimal.to_int": (a: DecimalNumber) => inRange(a.coefficient / tenTo(a.scale), "decimal.to_int"),
  "decimal.parse": parseDecimal,
  "decimal.to_string": (a: DecimalNumber) => plainText(a.coefficient, a.scale),
  "decimal.abs": (a: DecimalNumber) =>
    a.coefficient < 0n ? decimalOf(-a.coefficient, a.scale, "decimal.abs") : a,
  "decimal.to_float": (a: DecimalNumber) => Number(plainText(a.coefficient, a.scale)),
  "decimal.to_fixed": (a: DecimalNumber, digits: Int) => {
    const scale = validDigits(digits, "decimal.to_fixed");
    return plainText(scaled(a, scale, "half_even"), scale);
  },
  "list.sum_decimal": (list: readonly DecimalNumber[]) => {
    let sum = new DecimalNumber(0n, 0);
    for (const item of list) sum = addDecimals(sum, item);
    return sum;
  },
};

/** The rounding modes; half_up takes halves away from zero. */
export const ROUNDINGS = ["half_even", "half_up", "down", "up", "floor", "ceiling"] as const;
type Rounding = (typeof ROUNDINGS)[number];

function roundingOf(mode: string): Rounding {
  const found = ROUNDINGS.find((known) => known === mode);
  return found ?? invalid(`"${mode}" is no rounding mode: use ${ROUNDINGS.join(", ")}`);
}

/** The decimal without trailing zeros, or undefined where it does not fit. */
function normalised(coefficient: bigint, scale: number): DecimalNumber | undefined {
  let digits = coefficient;
  let places = scale;
  while (places > 0 && digits % 10n === 0n) {
    digits /= 10n;
    places--;
  }
  return places <= 18 && digits >= INT_MIN && digits <= INT_MAX
    ? new DecimalNumber(digits, places)
    : undefined;
}

function decimalOf(coefficient: bigint, scale: number, operation: string): DecimalNumber {
  const fits = normalised(coefficient, scale);
  if (fits === undefined)
    throw new TrapSignal(TrapCode.DECIMAL, `${operation}: the result does not fit a decimal`);
  return fits;
}

function addDecimals(a: DecimalNumber, b: DecimalNumber): DecimalNumber {
  const scale = Math.max(a.scale, b.scale);
  const sum = a.coefficient * tenTo(scale - a.scale) + b.coefficient * tenTo(scale - b.scale);
  return decimalOf(sum, scale, "decimal.add");
}

/** The coefficient at another scale. */
function scaled(a: DecimalNumber, scale: number, rounding: Rounding): bigint {
  if (a.scale <= scale) return a.coefficient * tenTo(scale - a.scale);
  return divide(a.coefficient, tenTo(a.scale - scale), rounding);
}

/** The quotient rounded to a whole number; the divisor is not 0. */
function divide(above: bigint, below: bigint, rounding: Rounding): bigint {
  const quotient = above / below;
  const rest = above % below;
  if (rest === 0n) return quotient;
  const isNegative = above < 0n !== below < 0n;
  const away = isNegative ? -1n : 1n;
  const twice = (rest < 0n ? -rest : rest) * 2n - (below < 0n ? -below : below);
  return movesAway(rounding, isNegative, twice, quotient) ? quotient + away : quotient;
}

/** Whether the quotient, cut towards zero, moves away from zero; `half` compares the rest with a half. */
function movesAway(rounding: Rounding, isNegative: boolean, half: bigint, quotient: bigint): boolean {
  switch (rounding) {
    case "down":
      return false;
    case "up":
      return true;
    case "floor":
      return isNegative;
    case "ceiling":
      return !isNegative;
    case "half_up":
      return half >= 0n;
    case "half_even":
      return half > 0n || (half === 0n && quotient % 2n !== 0n);
    default:
      throw new Error(`unreachable: ${rounding satisfies never}`);
  }
}

function parseDecimal(text: string): Some | null {
  const parts = /^([+-]?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  if (parts === null) return null;
  const [, sign, whole = "", written = ""] = parts;
  const fraction = written.replace(/0+$/, "");
  const digits = (whole + fraction).replace(/^0+/, "");
  if (fraction.length > 18 || digits.length > 19) return null;
  const fits = normalised(BigInt(`${sign === "-" ? "-" : ""}${digits || "0"}`), fraction.length);
  return fits === undefined ? null : new Some(fits);
}

function plainText(coefficient: bigint, scale: number): string {
  const digits = String(coefficient < 0n ? -coefficient : coefficient).padStart(scale + 1, "0");
  const sign = coefficient < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function tenTo(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
