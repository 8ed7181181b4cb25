import { compareValues, Some, SortedMap, type Value, Variant } from "#anrf/program/value.ts";
import { lengthOf } from "#anrf/std/strings.ts";
import { ACTIVATION_WEIGHT, type Meter } from "./meter.ts";

/**
 * The fuel of a comparison, known before its work: 1 for each leaf up to the first difference, a string 1 and a
 * sixteenth of the shorter one's code points, a structure at least 1. Levels of variants weigh on the depth.
 */
export function leavesMet(meter: Meter, a: Value, b: Value, site: number): number {
  const count = { leaves: 0 };
  meet(meter, a, b, site, count);
  return count.leaves;
}

/** True where the two are equal in order, so that what follows them is met too. */
function meet(meter: Meter, a: Value, b: Value, site: number, count: { leaves: number }): boolean {
  if (typeof a === "string" && typeof b === "string") {
    count.leaves +=
      1 + (a.length < 16 || b.length < 16 ? 0 : Math.floor(Math.min(lengthOf(a), lengthOf(b)) / 16));
    return a === b;
  }
  if (Array.isArray(a) && Array.isArray(b)) return meetAll(meter, a, b, site, count);
  if (a instanceof Some && b instanceof Some) return meet(meter, a.value, b.value, site, count);
  if (a instanceof SortedMap && b instanceof SortedMap)
    return meetAll(meter, entriesOf(a), entriesOf(b), site, count);
  if (a instanceof Variant && b instanceof Variant && a.caseIndex === b.caseIndex) {
    meter.depth -= ACTIVATION_WEIGHT;
    if (meter.depth < 0) meter.outOfDepth(site);
    if (meter.depth < meter.lowest) meter.lowest = meter.depth;
    const same = meetAll(meter, a.payload, b.payload, site, count);
    meter.depth += ACTIVATION_WEIGHT;
    return same;
  }
  count.leaves++;
  return compareValues(a, b) === 0;
}

function meetAll(
  meter: Meter,
  a: readonly Value[],
  b: readonly Value[],
  site: number,
  count: { leaves: number },
): boolean {
  const shared = Math.min(a.length, b.length);
  if (shared === 0) count.leaves++;
  for (let i = 0; i < shared; i++) {
    if (!meet(meter, a[i] as Value, b[i] as Value, site, count)) return false;
  }
  return a.length === b.length;
}

/** Keys and values by turns, as the order compares them. */
function entriesOf(map: SortedMap): readonly Value[] {
  return map.keys.flatMap((key, index) => [key, map.values[index] as Value]);
}
