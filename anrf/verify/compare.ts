import { NO_NOMINALS, type NominalTypes, type Type } from "#anrf/program/type.ts";
import { compareValues, Some, SortedMap, type Value, Variant } from "#anrf/program/value.ts";

/** How far floats may be apart; 0 asks for equal ones. */
export interface Tolerance {
  readonly absolute: number;
  /** Share of the expected value. */
  readonly relative: number;
}

/** Nothing may differ. */
export const EXACT: Tolerance = { absolute: 0, relative: 0 };

/**
 * True when a value is the expected one as examples mean it: NaN matches NaN, −0 matches 0, and floats anywhere
 * inside may be apart by the tolerance.
 */
export function isWithin(
  got: Value,
  expected: Value,
  type: Type,
  nominals: NominalTypes = NO_NOMINALS,
  tolerance: Tolerance = EXACT,
): boolean {
  if (tolerance.absolute === 0 && tolerance.relative === 0) return compareValues(got, expected) === 0;
  const all = (
    a: readonly Value[],
    b: readonly Value[],
    typeAt: (index: number) => Type | undefined,
  ): boolean =>
    a.length === b.length &&
    a.every((item, index) => {
      const part = typeAt(index);
      return part !== undefined && isWithin(item, b[index] ?? null, part, nominals, tolerance);
    });
  switch (type.kind) {
    case "float":
      return isClose(got as number, expected as number, tolerance);
    case "list":
      return all(got as readonly Value[], expected as readonly Value[], () => type.item);
    case "tuple":
      return all(got as readonly Value[], expected as readonly Value[], (index) => type.items[index]);
    case "record": {
      const fields = nominals.records.get(type.name) ?? [];
      return all(got as readonly Value[], expected as readonly Value[], (index) => fields[index]?.type);
    }
    case "option":
      if (!(got instanceof Some) || !(expected instanceof Some)) return got === expected;
      return isWithin(got.value, expected.value, type.item, nominals, tolerance);
    case "map":
      if (!(got instanceof SortedMap) || !(expected instanceof SortedMap)) return false;
      return (
        compareValues(got.keys, expected.keys) === 0 && all(got.values, expected.values, () => type.value)
      );
    case "variant": {
      if (!(got instanceof Variant) || !(expected instanceof Variant)) return false;
      const payload = nominals.variants.get(type.name)?.[got.caseIndex]?.payload ?? [];
      return (
        got.caseIndex === expected.caseIndex && all(got.payload, expected.payload, (index) => payload[index])
      );
    }
    default:
      return compareValues(got, expected) === 0;
  }
}

function isClose(got: number, expected: number, { absolute, relative }: Tolerance): boolean {
  if (compareValues(got, expected) === 0) return true;
  if (!Number.isFinite(got) || !Number.isFinite(expected)) return false;
  return Math.abs(got - expected) <= Math.max(absolute, relative * Math.abs(expected));
}
