import { compareValues, equalValues, type Value } from "#anrf/program/value.ts";
import type { BuiltinTable } from "./function.ts";

/** Truth values, and the comparisons that every type shares. */
export const BOOLS: BuiltinTable = {
  eq: (a: Value, b: Value) => equalValues(a, b),
  ne: (a: Value, b: Value) => !equalValues(a, b),
  lt: (a: Value, b: Value) => (isNumeric(a) && isNumeric(b) ? a < b : compareValues(a, b) < 0),
  le: (a: Value, b: Value) => (isNumeric(a) && isNumeric(b) ? a <= b : compareValues(a, b) <= 0),
  gt: (a: Value, b: Value) => (isNumeric(a) && isNumeric(b) ? a > b : compareValues(a, b) > 0),
  ge: (a: Value, b: Value) => (isNumeric(a) && isNumeric(b) ? a >= b : compareValues(a, b) >= 0),
  min: (a: Value, b: Value) => (compareValues(b, a) < 0 ? b : a),
  max: (a: Value, b: Value) => (compareValues(b, a) > 0 ? b : a),
  compare: (a: Value, b: Value) => compareValues(a, b),
  "bool.and": (a: boolean, b: () => boolean) => a && b(),
  "bool.or": (a: boolean, b: () => boolean) => a || b(),
  "bool.not": (a: boolean) => !a,
  "bool.xor": (a: boolean, b: boolean) => a !== b,
};

/** Ints and floats: JavaScript's own comparison of them is exact, also between number and bigint, and IEEE for NaN. */
function isNumeric(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
