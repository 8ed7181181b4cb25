import type { Type } from "#anrf/program/type.ts";
import { type Int, SortedMap, type Value } from "#anrf/program/value.ts";
import type { Builtin, Cost } from "./catalogue.ts";
import { choiceCount } from "./derived-lists.ts";
import { type Gauge, leavesMet, leavesMetByAll, leavesOfAll, moreLeavesOf, UNGAUGED } from "./leaves.ts";
import { rangeCount } from "./lists.ts";
import { lengthOf } from "./strings.ts";

/** The fuel of a call with these arguments, known before its work; the arguments fit the signature. */
export type CostFunction = { call(...args: Value[]): number }["call"];

/**
 * The fuel of a call as a function of its arguments, chosen once for each place that calls the builtin. Where a call
 * compares, an item or key counts for its leaves. The parameter types, where they are known, only save the counting.
 */
export function costFunction(
  { id, cost }: Builtin,
  gauge: Gauge = UNGAUGED,
  params: readonly Type[] = [],
): CostFunction {
  const { base, perItem, linearithmic } = cost;
  if (COMPARISONS.has(id)) return (a, b) => base - 1 + leavesMet(gauge, a as Value, b as Value);
  const compares = isOneLeaf(comparedType(id, params[0])) ? undefined : comparingSize(id, gauge);
  if (compares === undefined && perItem === 0) return () => base;
  const size = compares ?? plainSize(id, cost);
  const factor = compares === undefined ? perItem : 1;
  if (!linearithmic) return (...args) => base + factor * size(...args);
  const items = plainSize(id, cost);
  return (...args) => base + factor * size(...args) * levels(items(...args));
}

/** The fuel of every call at an instance with these parameter types, or undefined where the arguments decide. */
export function fixedCost({ id, cost }: Builtin, params: readonly Type[]): number | undefined {
  if (cost.perItem > 0) return undefined;
  if (COMPARISONS.has(id)) return isOneLeaf(params[0]) ? cost.base : undefined;
  return KEYED.has(id) && !isOneLeaf(comparedType(id, params[0])) ? undefined : cost.base;
}

/**
 * What a result of a function argument costs on top, where the work that follows is decided by it: a key counts for
 * its leaves above the first, for each comparison; the list of a flat_map for its items; the text of a map_chars
 * for its blocks. Undefined for the other builtins. `count` is the number of items.
 */
export function resultCost(
  id: string,
  gauge: Gauge = UNGAUGED,
  result?: Type,
): ((result: Value, count: number) => number) | undefined {
  if (isOneLeaf(result)) return undefined;
  switch (id) {
    case "list.sort_by":
    case "list.group_by":
      return (key, count) => moreLeavesOf(gauge, key) * levels(count);
    case "list.min_by":
    case "list.max_by":
      return (key) => moreLeavesOf(gauge, key);
    case "list.flat_map":
      return (items) => (items as readonly Value[]).length;
    case "string.map_chars":
      return (text) => blocks(text as string);
    default:
      return undefined;
  }
}

/** Items of a list, entries of a map, started blocks of 16 code points of a string, the value of a count. */
export function sizeOf(value: Value): number {
  if (typeof value === "string") return blocks(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof SortedMap) return value.keys.length;
  return typeof value === "number" || typeof value === "bigint" ? Math.max(0, Number(value)) : 1;
}

/** ⌈log2 n⌉, at least 1: the comparisons of one item in a sort of n, or of a search in n. */
export function levels(count: number): number {
  return count < 2 ? 1 : Math.ceil(Math.log2(count));
}

/** True for types whose values are one leaf each, whatever they are. */
export function isOneLeaf(type: Type | undefined): boolean {
  switch (type?.kind) {
    case "unit":
    case "bool":
    case "int":
    case "float":
    case "decimal":
    case "date":
      return true;
    default:
      return false;
  }
}

const COMPARISONS: ReadonlySet<string> = new Set([
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "min",
  "max",
  "compare",
]);

/** These look for one key in a map. */
const KEYED: ReadonlySet<string> = new Set([
  "map.get",
  "map.contains_key",
  "map.get_or",
  "map.put",
  "map.remove",
  "map.update",
]);

/** What a call compares, by the type of its first parameter: items or keys. */
function comparedType(id: string, first: Type | undefined): Type | undefined {
  if (first?.kind === "map") return first.key;
  if (first?.kind !== "list") return undefined;
  return id === "map.from_entries" && first.item.kind === "tuple" ? first.item.items[0] : first.item;
}

/** Their result can be longer than all they read. */
const GROWING: ReadonlySet<string> = new Set(["string.replace", "string.replace_first"]);

function plainSize(id: string, cost: Cost): CostFunction {
  return cost.sizedResult || GROWING.has(id)
    ? resultSize(id, cost)
    : (...args: Value[]) => sizeOf(args[cost.sizedArg] as Value);
}

/**
 * The size of a call that compares: leaves in place of items. A merge of two runs pays for each item at most the
 * leaves of the one it takes, so a sort pays for all leaves once a level.
 */
function comparingSize(id: string, gauge: Gauge): CostFunction | undefined {
  switch (id) {
    case "list.contains":
    case "list.index_of":
    case "list.remove":
      return (list: readonly Value[], item: Value) => leavesMetByAll(gauge, list, item);
    case "list.sort":
    case "list.sort_desc":
    case "list.distinct":
    case "list.tally":
    case "list.min":
    case "list.max":
      return (list: readonly Value[]) => leavesOfAll(gauge, list);
    case "list.intersect":
    case "list.difference":
      return (a: readonly Value[], b: readonly Value[]) => leavesOfAll(gauge, a) + leavesOfAll(gauge, b);
    case "map.from_entries":
      return (entries: readonly (readonly Value[])[]) =>
        leavesOfAll(
          gauge,
          entries.map((entry) => entry[0] as Value),
        );
    case "map.merge":
      return (a: SortedMap, b: SortedMap) => leavesOfAll(gauge, a.keys) + leavesOfAll(gauge, b.keys);
    case "map.get":
    case "map.contains_key":
    case "map.get_or":
      return (map: SortedMap, key: Value) => moreLeavesOf(gauge, key) * levels(map.keys.length + 1);
    case "map.put":
    case "map.remove":
    case "map.update":
      return (map: SortedMap, key: Value) =>
        map.keys.length + moreLeavesOf(gauge, key) * levels(map.keys.length + 1);
    default:
      return undefined;
  }
}

function blocks(text: string): number {
  return blocksOf(text.length <= 16 ? text.length : lengthOf(text));
}

function blocksOf(codePoints: number): number {
  return Math.ceil(codePoints / 16);
}

/** The size of what a call makes, by id; for the rest the sizes of its first two arguments together. */
function resultSize(id: string, { sizedArg }: Cost): CostFunction {
  switch (id) {
    case "string.join":
      return joinedSize;
    case "string.repeat":
      return (text: string, count: Int) =>
        text === "" ? 0 : blocksOf(lengthOf(text) * Math.max(0, Number(count)));
    case "string.pad_start":
    case "string.pad_end":
      return (text: string, width: Int) => blocksOf(Math.max(lengthOf(text), Number(width)));
    case "list.flatten":
      return (lists: readonly (readonly Value[])[]) =>
        lists.reduce((sum, list) => sum + list.length, lists.length);
    case "list.range":
      return (from: Int, to: Int) => rangeCount(from, to);
    case "list.range_step":
      return (from: Int, to: Int, step: Int) => (step === 0 ? 0 : rangeCount(from, to, step));
    case "list.windows":
      return (list: readonly Value[], width: Int) =>
        Math.max(0, list.length - Number(width) + 1) * Math.max(0, Number(width));
    case "list.combinations":
      return (list: readonly Value[], k: Int) =>
        choiceCount(list.length, Math.max(0, Number(k))) * Math.max(1, Number(k));
    case "string.replace":
      return replacedSize;
    case "string.replace_first":
      return (text: string, _part: string, by: string) => blocks(text) + blocks(by);
    case "list.splice":
      return (list: readonly Value[], _from: Int, _to: Int, by: readonly Value[]) => list.length + by.length;
    default:
      return (...args: Value[]) => sizeOf(args[sizedArg] as Value) + sizeOf(args[sizedArg + 1] as Value);
  }
}

function joinedSize(texts: readonly string[], separator: string): number {
  let codePoints = lengthOf(separator) * Math.max(0, texts.length - 1);
  for (const text of texts) codePoints += lengthOf(text);
  return texts.length + blocksOf(codePoints);
}

/** The text that is read, and what the result has more than it. */
function replacedSize(text: string, part: string, by: string): number {
  const length = lengthOf(text);
  const growth = lengthOf(by) - lengthOf(part);
  if (growth <= 0) return blocksOf(length);
  const count = part === "" ? length + 1 : text.split(part).length - 1;
  return blocksOf(length) + blocksOf(count * growth);
}
