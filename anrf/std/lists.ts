import { outOfRange } from "#anrf/program/trap.ts";
import {
  compareStrings,
  compareValues,
  equalValues,
  type FunctionValue,
  type Int,
  Some,
  type Value,
} from "#anrf/program/value.ts";
import { type BuiltinTable, reserveItems } from "./function.ts";
import { addInts, clampPlace } from "./ints.ts";

/** A list value. */
export type List = readonly Value[];

/** Lists. Loops count by hand: they are the inner loops of every run. */
export const LISTS: BuiltinTable = {
  "list.length": (list: List) => list.length,
  "list.get": (list: List, place: Int) => list[validPlace(list, place, "list.get")] as Value,
  "list.at": (list: List, place: Int) =>
    typeof place === "number" && place >= 0 && place < list.length ? new Some(list[place] as Value) : null,
  "list.set": (list: List, place: Int, item: Value) => list.with(validPlace(list, place, "list.set"), item),
  "list.append": (list: List, item: Value) => {
    reserveItems(list.length + 1);
    return [...list, item];
  },
  "list.concat": (a: List, b: List) => {
    if (b.length === 0) return a;
    reserveItems(a.length + b.length);
    return a.length === 0 ? b : a.concat(b);
  },
  "list.flatten": flatten,
  "list.reverse": (list: List) => list.toReversed(),
  "list.slice": sliceList,
  "list.range": (from: Int, to: Int) => rangeOf(from, to),
  "list.map": mapItems,
  "list.filter": filterItems,
  "list.fold": (list: List, start: Value, f: FunctionValue) => {
    let state = start;
    for (let i = 0; i < list.length; i++) state = f(state, list[i] as Value);
    return state;
  },
  "list.find_index": (list: List, f: FunctionValue) => somePlace(findPlace(list, f)),
  "list.any": (list: List, f: FunctionValue) => findPlace(list, f) >= 0,
  "list.all": (list: List, f: FunctionValue) => {
    for (let i = 0; i < list.length; i++) if (f(list[i] as Value) !== true) return false;
    return true;
  },
  "list.contains": (list: List, item: Value) => placeOfItem(list, item) >= 0,
  "list.zip": (a: List, b: List) => {
    const pairs: Value[] = [];
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) pairs.push([a[i] as Value, b[i] as Value]);
    return pairs;
  },
  "list.sort": (list: List) => sortItems(list, orderOf(list)),
  "list.sort_by": sortBy,
  "list.sum_int": (list: readonly Int[]) => {
    let sum: Int = 0;
    for (let i = 0; i < list.length; i++) sum = addInts(sum, list[i] as Int);
    return sum;
  },
  "list.sum_float": (list: readonly number[]) => {
    let sum = 0;
    for (let i = 0; i < list.length; i++) sum += list[i] as number;
    return sum;
  },
};

/** The place as an array index, or trap INDEX. */
export function validPlace(list: List, place: Int, operation: string): number {
  if (typeof place === "number" && place >= 0 && place < list.length) return place;
  return outOfRange(operation, place, list.length);
}

/** The items from one place up to another, both moved into the list; the list itself where that is all of it. */
export function sliceList(list: List, from: Int, to: Int): List {
  const start = clampPlace(from, list.length);
  const end = clampPlace(to, list.length);
  return start === 0 && end === list.length ? list : list.slice(start, end);
}

/** How many ints `rangeOf` makes. */
export function rangeCount(from: Int, to: Int, step: Int = 1): number {
  if (typeof from === "number" && typeof to === "number" && typeof step === "number") {
    return Math.max(0, Math.ceil((to - from) / step));
  }
  const [span, width] = [BigInt(to) - BigInt(from), BigInt(step)];
  const isEmpty = width > 0n ? span <= 0n : span >= 0n;
  return isEmpty ? 0 : Number((span - (width > 0n ? 1n : -1n)) / width) + 1;
}

/** The ints from the first up to the second, `step` apart; the step is not 0 and may be negative. */
export function rangeOf(from: Int, to: Int, step: Int = 1): Int[] {
  reserveItems(rangeCount(from, to, step));
  const items: Int[] = [];
  if (typeof from === "number" && typeof to === "number" && typeof step === "number") {
    if (step > 0) for (let item = from; item < to; item += step) items.push(item);
    else for (let item = from; item > to; item += step) items.push(item);
    return items;
  }
  return bigRange(BigInt(from), BigInt(to), BigInt(step));
}

/** The results of a function on each item. */
export function mapItems(list: List, f: FunctionValue): Value[] {
  const results: Value[] = [];
  for (let i = 0; i < list.length; i++) results.push(f(list[i] as Value));
  return results;
}

/** The items for which a function says true. */
export function filterItems(list: List, f: FunctionValue): Value[] {
  const kept: Value[] = [];
  for (let i = 0; i < list.length; i++) {
    const item = list[i] as Value;
    if (f(item) === true) kept.push(item);
  }
  return kept;
}

/** The place of the first item for which a function says true, or −1. */
export function findPlace(list: List, f: FunctionValue): number {
  for (let i = 0; i < list.length; i++) if (f(list[i] as Value) === true) return i;
  return -1;
}

/** The place of the first equal item, or −1. */
export function placeOfItem(list: List, item: Value): number {
  if (typeof item !== "object") return list.indexOf(item);
  for (let i = 0; i < list.length; i++) if (equalValues(list[i] as Value, item)) return i;
  return -1;
}

/** A place as an option; −1 is none. */
export function somePlace(place: number): Some | null {
  return place < 0 ? null : new Some(place);
}

/** The items of all inner lists in order. */
export function flatten(lists: readonly List[]): Value[] {
  let count = 0;
  for (const inner of lists) count += inner.length;
  reserveItems(count);
  const items: Value[] = [];
  for (const inner of lists) for (let i = 0; i < inner.length; i++) items.push(inner[i] as Value);
  return items;
}

/** The one order, by the shortest way for the type of the items. */
export function orderOf(list: List): (a: Value, b: Value) => number {
  switch (typeof list[0]) {
    case "number":
    case "bigint":
      return compareNumeric as (a: Value, b: Value) => number;
    case "string":
      return compareStrings as (a: Value, b: Value) => number;
    default:
      return compareValues;
  }
}

/** A sorted copy; equal items keep their order. Short lists are sorted by insertion: it beats the set-up of the other. */
export function sortItems<T>(list: readonly T[], order: (a: T, b: T) => number): T[] {
  if (list.length > 20) return list.toSorted(order);
  const sorted = list.slice();
  for (let i = 1; i < sorted.length; i++) {
    const item = sorted[i] as T;
    let at = i;
    for (; at > 0 && order(sorted[at - 1] as T, item) > 0; at--) sorted[at] = sorted[at - 1] as T;
    sorted[at] = item;
  }
  return sorted;
}

/** The places of the keys in the order of the keys; equal keys keep their order. */
export function sortedPlaces(keys: List): number[] {
  const order = orderOf(keys);
  const places = keys.map((_, i) => i);
  return sortItems(places, (a, b) => order(keys[a] as Value, keys[b] as Value));
}

/** The items in the order of their keys, each key computed once, from left to right. */
function sortBy(list: List, f: FunctionValue): List {
  return sortedPlaces(mapItems(list, f)).map((place) => list[place] as Value);
}

// The last comparison is reached with NaN alone, which comes last and equals itself.
function compareNumeric(a: Int, b: Int): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function bigRange(from: bigint, to: bigint, step: bigint): Int[] {
  const items: Int[] = [];
  for (let item = from; step > 0n ? item < to : item > to; item += step) {
    items.push(item >= -9007199254740991n && item <= 9007199254740991n ? Number(item) : item);
  }
  return items;
}
