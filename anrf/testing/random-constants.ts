import type { Type } from "#anrf/program/type.ts";
import { DecimalNumber, INT_MAX, INT_MIN, type Value } from "#anrf/program/value.ts";
import { DATE_MAX, DATE_MIN } from "#anrf/std/dates.ts";
import { ROUNDINGS } from "#anrf/std/decimals.ts";
import type { Random } from "./random.ts";
import { randomScalar } from "./random-value.ts";

/** The ends of what a decimal holds. */
const DECIMALS = [
  new DecimalNumber(INT_MAX, 0),
  new DecimalNumber(INT_MIN, 0),
  new DecimalNumber(INT_MAX, 18),
  new DecimalNumber(1n, 18),
];
const PATTERNS = ["a+", "", "(a)|(b)", "[^ab]*", "^b|c$", "(?i)A{2}", "\\d+(\\w)?", ".", "(a*)(b?)"];

/** A value of a scalar type; the ends of decimals and dates are common. */
export function cornerScalar(random: Random, type: Type): Value {
  if (type.kind === "decimal" && random.chance(0.2)) return random.pick(DECIMALS);
  if (type.kind === "date" && random.chance(0.2)) return random.pick([DATE_MIN, DATE_MAX]);
  return randomScalar(random, type);
}

/** A constant argument of a builtin of that family: a pattern or a rounding. */
export function randomConstant(random: Random, family: string): string {
  return family === "regex" ? random.pick(PATTERNS) : random.pick(ROUNDINGS);
}

/** The same without a choice. */
export function plainConstant(family: string): string {
  return family === "regex" ? "a+" : "half_up";
}
