import { compareValues, Some, SortedMap, type Value, Variant } from "#anrf/program/value.ts";
import { lengthOf } from "./strings.ts";

/** What counting leaves may use, and is told: the meter of a run. */
export interface Gauge {
  /**
   * Above it the count stops and is infinite: values share parts, so a small one can have more leaves than any run
   * could pay for.
   */
  readonly fuel: number;
  /** Called before the parts of a structure are met, with the leaves so far; may trap. */
  enter(leaves: number): void;
  /** Called after the parts of a structure were met. */
  leave(): void;
}

/** A gauge without limits: for tests and tools. */
export const UNGAUGED: Gauge = { fuel: Number.POSITIVE_INFINITY, enter() {}, leave() {} };

/**
 * The leaves that a comparison of the two meets, at least 1, known before its work: 1 for each up to the first
 * difference, a string 1 and a sixteenth of the shorter one's code points, a structure without parts 1.
 */
export function leavesMet(gauge: Gauge, a: Value, b: Value): number {
  const count = { leaves: 0, gauge };
  meet(count, a, b);
  return total(count);
}

/** The leaves that comparing each of the values with one other meets. */
export function leavesMetByAll(gauge: Gauge, values: readonly Value[], other: Value): number {
  const count = { leaves: 0, gauge };
  for (let i = 0; i < values.length && count.leaves <= gauge.fuel; i++)
    meet(count, values[i] as Value, other);
  return total(count);
}

/** The leaves of a value above the first: no comparison with it meets more than those and that one. */
export function moreLeavesOf(gauge: Gauge, value: Value): number {
  const count = { leaves: -1, gauge };
  visit(count, value);
  return total(count);
}

/** All leaves of several values together, but for so many that are free. */
export function leavesOfAll(gauge: Gauge, values: readonly Value[], free = 0): number {
  const count = { leaves: -free, gauge };
  for (let i = 0; i < values.length && count.leaves <= gauge.fuel; i++) visit(count, values[i] as Value);
  return total(count);
}

interface Count {
  leaves: number;
  readonly gauge: Gauge;
}

function total({ leaves, gauge }: Count): number {
  return leaves > gauge.fuel ? Number.POSITIVE_INFINITY : leaves;
}

/** True where the two are equal in order, so that what follows them is met too. */
function meet(count: Count, a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string") {
    count.leaves += textLeaves(a.length <= b.length ? a : b);
    return a === b;
  }
  if (Array.isArray(a) && Array.isArray(b)) return meetAll(count, a, b);
  if (a instanceof Some && b instanceof Some) {
    count.gauge.enter(count.leaves);
    const isSame = meet(count, a.value, b.value);
    count.gauge.leave();
    return isSame;
  }
  if (a instanceof SortedMap && b instanceof SortedMap) return meetAll(count, entriesOf(a), entriesOf(b));
  if (a instanceof Variant && b instanceof Variant && a.caseIndex === b.caseIndex)
    return meetAll(count, a.payload, b.payload);
  count.leaves++;
  return isUneven(a, b) ? false : compareValues(a, b) === 0;
}

/** Two cases of a variant, or none and some: they differ before their parts are met. */
function isUneven(a: Value, b: Value): boolean {
  return a instanceof Variant || (a === null) !== (b === null);
}

function meetAll(count: Count, a: readonly Value[], b: readonly Value[]): boolean {
  const shared = Math.min(a.length, b.length);
  if (shared === 0) {
    count.leaves++;
    return a.length === b.length;
  }
  const { gauge } = count;
  gauge.enter(count.leaves);
  let isSame = a.length === b.length;
  for (let i = 0; i < shared; i++) {
    if (count.leaves <= gauge.fuel && meet(count, a[i] as Value, b[i] as Value)) continue;
    isSame = false;
    break;
  }
  gauge.leave();
  return isSame;
}

function visit(count: Count, value: Value): void {
  if (typeof value === "string") count.leaves += textLeaves(value);
  else if (Array.isArray(value)) visitAll(count, value);
  else if (value instanceof Some) visitAll(count, [value.value]);
  else if (value instanceof SortedMap) visitAll(count, entriesOf(value));
  else if (value instanceof Variant) visitAll(count, value.payload);
  else count.leaves++;
}

function visitAll(count: Count, parts: readonly Value[]): void {
  if (parts.length === 0) {
    count.leaves++;
    return;
  }
  const { gauge } = count;
  gauge.enter(count.leaves);
  for (let i = 0; i < parts.length && count.leaves <= gauge.fuel; i++) visit(count, parts[i] as Value);
  gauge.leave();
}

function textLeaves(text: string): number {
  return 1 + (text.length < 16 ? 0 : Math.floor(lengthOf(text) / 16));
}

/** Keys and values by turns, as the order compares them. */
function entriesOf(map: SortedMap): readonly Value[] {
  return map.keys.flatMap((key, index) => [key, map.values[index] as Value]);
}
