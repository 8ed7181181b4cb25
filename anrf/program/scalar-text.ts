import { DecimalNumber, INT_MAX, INT_MIN, type Int, intFromBigint } from "./value.ts";

/** Most digits after the point of a decimal. */
export const MAX_SCALE = 18;

/** The int of `[+-]?[0-9]+`, or undefined where the text is none or leaves the signed 64-bit range. */
export function parseInt64(text: string): Int | undefined {
  if (!/^[+-]?[0-9]{1,400}$/.test(text)) return undefined;
  const small = text.length <= 15 ? Number(text) : undefined;
  if (small !== undefined) return small === 0 ? 0 : small;
  return intFromBigint(BigInt(text.startsWith("+") ? text.slice(1) : text));
}

/** The decimal of `[+-]?digits[.digits]`; undefined where the text is none, the scale is above 18 or it does not fit. */
export function parseDecimal(text: string): DecimalNumber | undefined {
  const match = /^([+-]?)([0-9]{1,400})(?:\.([0-9]{1,400}))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = match[3] ?? "";
  return decimalOf(BigInt(`${match[2]}${fraction}`) * (match[1] === "-" ? -1n : 1n), fraction.length);
}

/** The decimal coefficient × 10^−scale without trailing zeros, or undefined where it does not fit. */
export function decimalOf(coefficient: bigint, scale: number): DecimalNumber | undefined {
  let digits = coefficient;
  let places = scale;
  while (places > 0 && digits % 10n === 0n) {
    digits /= 10n;
    places--;
  }
  if (places < 0) {
    digits *= 10n ** BigInt(-places);
    places = 0;
  }
  return places > MAX_SCALE || digits < INT_MIN || digits > INT_MAX
    ? undefined
    : new DecimalNumber(digits, places);
}

/** The decimal that a double's shortest text spells, at most 15 significant digits; undefined otherwise. */
export function decimalFromNumber(value: number): DecimalNumber | undefined {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:e([+-][0-9]+))?$/.exec(String(value));
  if (match === null) return undefined;
  const fraction = match[3] ?? "";
  const digits = `${match[2]}${fraction}`;
  if (digits.replace(/^0+/, "").replace(/0+$/, "").length > 15) return undefined;
  const scale = fraction.length - Number(match[4] ?? "0");
  if (Math.abs(scale) > 60) return undefined;
  return decimalOf(BigInt(digits) * (match[1] === "-" ? -1n : 1n), scale);
}

/** `19.9`: all digits, no exponent, no trailing zeros. */
export function decimalText(value: DecimalNumber): string {
  const negative = value.coefficient < 0n;
  const digits = (negative ? -value.coefficient : value.coefficient)
    .toString()
    .padStart(value.scale + 1, "0");
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = value.scale === 0 ? "" : `.${digits.slice(-value.scale)}`;
  return `${negative ? "-" : ""}${whole}${fraction}`;
}

const DAY_MS = 86_400_000;
/** Days of 0001-01-01 and 9999-12-31, counted from 1970-01-01. */
export const DATE_MIN = -719_162;
/** The last day of the language. */
export const DATE_MAX = 2_932_896;

/** Days since 1970-01-01 of `YYYY-MM-DD`, or undefined for any other form or a day that does not exist. */
export function parseDate(text: string): number | undefined {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time)) return undefined;
  const days = time / DAY_MS;
  return days >= DATE_MIN && days <= DATE_MAX && dateText(days) === text ? days : undefined;
}

/** `YYYY-MM-DD` of days since 1970-01-01. */
export function dateText(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}
