import { compareValues, type FunctionValue, Some, SortedMap, type Value } from "#anrf/program/value.ts";
import type { BuiltinTable } from "./function.ts";

/** Maps, core and derived: two columns in ascending key order. */
export const MAPS: BuiltinTable = {
  "map.size": (map: SortedMap) => map.keys.length,
  "map.get": (map: SortedMap, key: Value) => {
    const at = map.find(key);
    return at < 0 ? null : new Some(map.values[at] as Value);
  },
  "map.contains_key": (map: SortedMap, key: Value) => map.find(key) >= 0,
  "map.put": putEntry,
  "map.remove": (map: SortedMap, key: Value) => {
    const at = map.find(key);
    return at < 0 ? map : new SortedMap(map.keys.toSpliced(at, 1), map.values.toSpliced(at, 1));
  },
  "map.entries": (map: SortedMap) => map.keys.map((key, i) => [key, map.values[i] as Value]),
  "map.from_entries": (entries: readonly (readonly [Value, Value])[]) => SortedMap.fromEntries(entries),
  "map.get_or": (map: SortedMap, key: Value, other: Value) => {
    const at = map.find(key);
    return at < 0 ? other : (map.values[at] as Value);
  },
  "map.update": (map: SortedMap, key: Value, other: Value, f: FunctionValue) => {
    const at = map.find(key);
    return putEntry(map, key, f(at < 0 ? other : (map.values[at] as Value)));
  },
  "map.keys": (map: SortedMap) => map.keys,
  "map.values": (map: SortedMap) => map.values,
  "map.map_values": (map: SortedMap, f: FunctionValue) =>
    new SortedMap(
      map.keys,
      map.values.map((value) => f(value)),
    ),
  "map.filter": filterEntries,
  "map.merge": mergeMaps,
};

function putEntry(map: SortedMap, key: Value, value: Value): SortedMap {
  const at = map.find(key);
  if (at >= 0) return new SortedMap(map.keys, map.values.with(at, value));
  return new SortedMap(map.keys.toSpliced(-1 - at, 0, key), map.values.toSpliced(-1 - at, 0, value));
}

function filterEntries(map: SortedMap, f: FunctionValue): SortedMap {
  const keys: Value[] = [];
  const values: Value[] = [];
  for (let i = 0; i < map.keys.length; i++) {
    const key = map.keys[i] as Value;
    const value = map.values[i] as Value;
    if (f(key, value) !== true) continue;
    keys.push(key);
    values.push(value);
  }
  return new SortedMap(keys, values);
}

function mergeMaps(first: SortedMap, second: SortedMap): SortedMap {
  if (second.keys.length === 0) return first;
  if (first.keys.length === 0) return second;
  const keys: Value[] = [];
  const values: Value[] = [];
  let at = 0;
  for (let i = 0; i < second.keys.length; i++) {
    const key = second.keys[i] as Value;
    let order = -1;
    while (at < first.keys.length) {
      order = compareValues(first.keys[at] as Value, key);
      if (order >= 0) break;
      keys.push(first.keys[at] as Value);
      values.push(first.values[at] as Value);
      at++;
    }
    if (order === 0) at++;
    keys.push(key);
    values.push(second.values[i] as Value);
  }
  for (; at < first.keys.length; at++) {
    keys.push(first.keys[at] as Value);
    values.push(first.values[at] as Value);
  }
  return new SortedMap(keys, values);
}
