import type { Type } from "#anrf/program/type.ts";

/** Two floats count as equal within this, absolute or relative. */
export const FLOAT_TOLERANCE = 1e-6;

/**
 * Whether two plain JSON values mean the same value of the type (anrf.md §6): floats within the tolerance, ints at
 * any spelling, maps in any order of their entries. A value that is none of the type equals nothing.
 */
export function sameOutput(type: Type, expected: unknown, actual: unknown): boolean {
  switch (type.kind) {
    case "float":
      return sameFloat(expected, actual);
    case "int":
      return sameInt(expected, actual);
    case "list":
      return sameItems(expected, actual, () => type.item);
    case "tuple":
      return sameItems(expected, actual, (index) => type.items[index]);
    case "option":
      return sameOption(type.item, expected, actual);
    case "map":
      return sameMap(type.key, type.value, expected, actual);
    default:
      return expected !== undefined && expected === actual;
  }
}

function sameFloat(expected: unknown, actual: unknown): boolean {
  const a = floatOf(expected);
  const b = floatOf(actual);
  if (a === undefined || b === undefined) return false;
  if (Object.is(a, b) || a === b) return true;
  return Number.isFinite(a - b) && Math.abs(a - b) <= FLOAT_TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}

function floatOf(raw: unknown): number | undefined {
  if (typeof raw === "number") return raw;
  return typeof raw === "string" && /^(NaN|-?Infinity|-0)$/.test(raw) ? Number(raw) : undefined;
}

function sameInt(expected: unknown, actual: unknown): boolean {
  const a = intOf(expected);
  return a !== undefined && a === intOf(actual);
}

function intOf(raw: unknown): bigint | undefined {
  if (typeof raw === "number") return Number.isInteger(raw) ? BigInt(raw) : undefined;
  return typeof raw === "string" && /^-?[0-9]+$/.test(raw) ? BigInt(raw) : undefined;
}

function sameItems(expected: unknown, actual: unknown, typeOf: (index: number) => Type | undefined): boolean {
  if (!Array.isArray(expected) || !Array.isArray(actual) || expected.length !== actual.length) return false;
  return expected.every((item, index) => {
    const type = typeOf(index);
    return type !== undefined && sameOutput(type, item, actual[index]);
  });
}

function sameOption(item: Type, expected: unknown, actual: unknown): boolean {
  if (expected === null || actual === null) return expected === actual;
  if (item.kind !== "option" && item.kind !== "unit") return sameOutput(item, expected, actual);
  return sameOutput(item, someOf(expected), someOf(actual));
}

function someOf(raw: unknown): unknown {
  return typeof raw === "object" && raw !== null && "some" in raw ? raw.some : undefined;
}

function sameMap(key: Type, value: Type, expected: unknown, actual: unknown): boolean {
  const left = entriesOf(expected);
  const right = entriesOf(actual);
  if (left === undefined || right === undefined || left.length !== right.length) return false;
  return left.every(([k, v]) =>
    right.some(([otherKey, other]) => sameOutput(key, k, otherKey) && sameOutput(value, v, other)),
  );
}

function entriesOf(raw: unknown): readonly (readonly [unknown, unknown])[] | undefined {
  if (Array.isArray(raw)) {
    const pairs = raw.every((entry) => Array.isArray(entry) && entry.length === 2);
    return pairs ? raw.map((entry) => [entry[0], entry[1]]) : undefined;
  }
  return typeof raw === "object" && raw !== null ? Object.entries(raw) : undefined;
}
