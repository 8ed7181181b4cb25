import { invalid } from "#anrf/program/trap.ts";
import {
  compareValues,
  equalValues,
  type FunctionValue,
  type Int,
  Some,
  SortedMap,
  type Value,
} from "#anrf/program/value.ts";
import { type BuiltinTable, reserveItems } from "./function.ts";
import { clampPlace, mulInts, validCount } from "./ints.ts";
import {
  findPlace,
  flatten,
  type List,
  mapItems,
  orderOf,
  placeOfItem,
  rangeOf,
  sliceList,
  somePlace,
  sortedPlaces,
  sortItems,
  validPlace,
} from "./lists.ts";

/** The derived builtins of lists, native for speed; each equals its body in the language. */
export const DERIVED_LISTS: BuiltinTable = {
  "list.is_empty": (list: List) => list.length === 0,
  "list.first": (list: List) => someItem(list, 0),
  "list.last": (list: List) => someItem(list, list.length - 1),
  "list.insert": (list: List, place: Int, item: Value) => {
    const at = place === list.length ? list.length : validPlace(list, place, "list.insert");
    return list.toSpliced(at, 0, item);
  },
  "list.remove_at": (list: List, place: Int) => list.toSpliced(validPlace(list, place, "list.remove_at"), 1),
  "list.prepend": (item: Value, list: List) => [item, ...list],
  "list.take": (list: List, count: Int) => sliceList(list, 0, count),
  "list.drop": (list: List, count: Int) => sliceList(list, count, list.length),
  "list.step": stepThrough,
  "list.swap": swap,
  "list.repeat": (item: Value, count: Int) => {
    const length = validCount(count, 0, "list.repeat");
    reserveItems(length);
    return new Array<Value>(length).fill(item);
  },
  "list.range_step": (from: Int, to: Int, step: Int) => {
    if (step === 0) invalid("list.range_step: the step is 0");
    return rangeOf(from, to, step);
  },
  "list.map_indexed": (list: List, f: FunctionValue) => {
    const results: Value[] = [];
    for (let i = 0; i < list.length; i++) results.push(f(i, list[i] as Value));
    return results;
  },
  "list.flat_map": (list: List, f: FunctionValue) => flatten(mapItems(list, f) as List[]),
  "list.filter_map": filterMap,
  "list.scan": (list: List, start: Value, f: FunctionValue) => {
    const states: Value[] = [];
    let state = start;
    for (let i = 0; i < list.length; i++) {
      state = f(state, list[i] as Value);
      states.push(state);
    }
    return states;
  },
  "list.find": (list: List, f: FunctionValue) => someItem(list, findPlace(list, f)),
  "list.index_of": (list: List, item: Value) => somePlace(placeOfItem(list, item)),
  "list.count": (list: List, f: FunctionValue) => {
    let count = 0;
    for (let i = 0; i < list.length; i++) if (f(list[i] as Value) === true) count++;
    return count;
  },
  "list.take_while": (list: List, f: FunctionValue) => list.slice(0, runLength(list, f)),
  "list.drop_while": (list: List, f: FunctionValue) => list.slice(runLength(list, f)),
  "list.partition": partition,
  "list.enumerate": (list: List) => list.map((item, i) => [i, item]),
  "list.windows": windows,
  "list.chunks": chunks,
  "list.combinations": combinations,
  "list.sort_desc": (list: List) => {
    const order = orderOf(list);
    return sortItems(list, (a, b) => order(b, a));
  },
  "list.min": (list: List) => extreme(list, list, -1),
  "list.max": (list: List) => extreme(list, list, 1),
  "list.min_by": (list: List, f: FunctionValue) => extreme(list, mapItems(list, f), -1),
  "list.max_by": (list: List, f: FunctionValue) => extreme(list, mapItems(list, f), 1),
  "list.product_int": (list: readonly Int[]) => {
    let product: Int = 1;
    for (let i = 0; i < list.length; i++) product = mulInts(product, list[i] as Int);
    return product;
  },
  "list.distinct": distinct,
  "list.remove": (list: List, item: Value) => {
    const at = placeOfItem(list, item);
    return at < 0 ? list : list.toSpliced(at, 1);
  },
  "list.intersect": (a: List, b: List) => {
    const isInSecond = membership(b);
    return a.filter(isInSecond);
  },
  "list.difference": (a: List, b: List) => {
    const isInSecond = membership(b);
    return a.filter((item) => !isInSecond(item));
  },
  "list.group_by": groupBy,
  "list.tally": tally,
  "list.fold_until": (list: List, start: Value, stop: FunctionValue, f: FunctionValue) => {
    let state = start;
    for (let i = 0; i < list.length && stop(state) !== true; i++) state = f(state, list[i] as Value);
    return state;
  },
  "list.filter_indexed": (list: List, f: FunctionValue) => {
    const kept: Value[] = [];
    for (let i = 0; i < list.length; i++) if (f(i, list[i] as Value) === true) kept.push(list[i] as Value);
    return kept;
  },
  "list.splice": (list: List, from: Int, to: Int, by: List) => {
    const start = clampPlace(from, list.length);
    const end = Math.max(start, clampPlace(to, list.length));
    reserveItems(list.length + by.length);
    return list.slice(0, start).concat(by, list.slice(end));
  },
};

function someItem(list: List, place: number): Some | null {
  return place >= 0 && place < list.length ? new Some(list[place] as Value) : null;
}

function stepThrough(list: List, start: Int, step: Int): List {
  if (step === 0) invalid("list.step: the step is 0");
  const items: Value[] = [];
  if (typeof start !== "number") return items;
  for (let i = start; i >= 0 && i < list.length; i += Number(step)) items.push(list[i] as Value);
  return items;
}

function swap(list: List, first: Int, second: Int): List {
  const a = validPlace(list, first, "list.swap");
  const b = validPlace(list, second, "list.swap");
  const swapped = list.slice();
  swapped[a] = list[b] as Value;
  swapped[b] = list[a] as Value;
  return swapped;
}

function filterMap(list: List, f: FunctionValue): List {
  const kept: Value[] = [];
  for (let i = 0; i < list.length; i++) {
    const made = f(list[i] as Value) as Some | null;
    if (made !== null) kept.push(made.value);
  }
  return kept;
}

function runLength(list: List, f: FunctionValue): number {
  let length = 0;
  while (length < list.length && f(list[length] as Value) === true) length++;
  return length;
}

function partition(list: List, f: FunctionValue): [List, List] {
  const yes: Value[] = [];
  const no: Value[] = [];
  for (let i = 0; i < list.length; i++) {
    const item = list[i] as Value;
    (f(item) === true ? yes : no).push(item);
  }
  return [yes, no];
}

function windows(list: List, size: Int): List {
  const width = validCount(size, 1, "list.windows");
  const runs: Value[] = [];
  reserveItems(Math.max(0, list.length - width + 1) * width || 0);
  for (let i = 0; i + width <= list.length; i++) runs.push(list.slice(i, i + width));
  return runs;
}

function chunks(list: List, size: Int): List {
  const width = validCount(size, 1, "list.chunks");
  const groups: Value[] = [];
  for (let i = 0; i < list.length; i += width) groups.push(list.slice(i, i + width));
  return groups;
}

/** n over k; exact up to 2^53, then close enough to refuse. */
export function choiceCount(n: number, k: number): number {
  let count = k > n ? 0 : 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) count = (count * (n - i + 1)) / i;
  return count;
}

function combinations(list: List, size: Int): List {
  const k = validCount(size, 0, "list.combinations");
  if (k > list.length) return [];
  reserveItems(choiceCount(list.length, k) * Math.max(1, k));
  const places = Array.from({ length: k }, (_, i) => i);
  const choices: Value[] = [];
  for (;;) {
    choices.push(places.map((place) => list[place] as Value));
    let moved = k - 1;
    while (moved >= 0 && places[moved] === list.length - k + moved) moved--;
    if (moved < 0) return choices;
    for (let next = (places[moved] as number) + 1; moved < k; moved++) places[moved] = next++;
  }
}

/** The item with the least (sign −1) or greatest (1) key, the first of equals. */
function extreme(list: List, keys: List, sign: number): Some | null {
  if (list.length === 0) return null;
  const order = orderOf(keys);
  let best = 0;
  for (let i = 1; i < list.length; i++) if (order(keys[i] as Value, keys[best] as Value) === sign) best = i;
  return new Some(list[best] as Value);
}

/** Scalars go through a Set, but for NaN, which equals nothing. Others are sorted once; of equal ones the first stays. */
function distinct(list: List): List {
  if (list.length <= 12) return distinctFew(list);
  if (typeof list[0] !== "object") {
    const seen = new Set<Value>();
    return list.filter((item) => {
      if (!Number.isNaN(item) && seen.has(item)) return false;
      seen.add(item);
      return true;
    });
  }
  const isFirst = new Uint8Array(list.length);
  for (const [first = 0, ...others] of groupPlaces(list).groups) {
    isFirst[first] = 1;
    if (others.length === 0 || isEqualToItself(list[first] as Value)) continue;
    for (const place of others) isFirst[place] = 1;
  }
  return list.filter((_, place) => isFirst[place] === 1);
}

/** Two values that compare as 0 are equal, unless a NaN is inside: such a value equals nothing. */
function isEqualToItself(value: Value): boolean {
  return equalValues(value, value);
}

function distinctFew(list: List): List {
  const kept: Value[] = [];
  for (let i = 0; i < list.length; i++) {
    const item = list[i] as Value;
    if (placeOfItem(kept, item) < 0) kept.push(item);
  }
  return kept;
}

function membership(list: List): (item: Value) => boolean {
  if (typeof list[0] !== "object") {
    const known = new Set(list);
    return (item) => !Number.isNaN(item) && known.has(item);
  }
  const sorted = new SortedMap(list.toSorted(compareValues), []);
  return (item) => sorted.find(item) >= 0 && isEqualToItself(item);
}

/** The places of equal keys together: keys ascending, places in order within each. */
function groupPlaces(keys: List): { readonly keys: Value[]; readonly groups: number[][] } {
  const order = orderOf(keys);
  const distinctKeys: Value[] = [];
  const groups: number[][] = [];
  for (const place of sortedPlaces(keys)) {
    const key = keys[place] as Value;
    const group = groups.at(-1);
    if (group !== undefined && order(distinctKeys.at(-1) as Value, key) === 0) group.push(place);
    else {
      distinctKeys.push(key);
      groups.push([place]);
    }
  }
  return { keys: distinctKeys, groups };
}

function groupBy(list: List, f: FunctionValue): SortedMap {
  const { keys, groups } = groupPlaces(mapItems(list, f));
  return new SortedMap(
    keys,
    groups.map((group) => group.map((place) => list[place] as Value)),
  );
}

function tally(list: List): SortedMap {
  const { keys, groups } = groupPlaces(list);
  return new SortedMap(
    keys,
    groups.map((group) => group.length),
  );
}
