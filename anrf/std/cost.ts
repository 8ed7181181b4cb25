import type { Type } from "#anrf/program/type.ts";
import { compareValues, type Int, SortedMap, type Value } from "#anrf/program/value.ts";
import type { Builtin, Cost } from "./catalogue.ts";
import { choiceCount } from "./derived-lists.ts";
import { lengthOf } from "./strings.ts";

/** The fuel of a call with these arguments, known before its work; the arguments fit the signature. */
export type CostFunction = { call(...args: Value[]): number }["call"];

/** The fuel of a call as a function of its arguments, chosen once for each place that calls the builtin. */
export function costFunction({ id, cost }: Builtin): CostFunction {
  const { base, perItem, linearithmic, sizedArg } = cost;
  if (COMPARISONS.has(id)) return (a, b) => base - 1 + leavesMet(a as Value, b as Value);
  if (perItem === 0) return () => base;
  const size = cost.sizedResult
    ? resultSize(id, cost)
    : (...args: Value[]) => sizeOf(args[sizedArg] as Value);
  return linearithmic
    ? (...args) => base + perItem * linearithmicSize(size(...args))
    : (...args) => base + perItem * size(...args);
}

/** The fuel of every call at an instance with these parameter types, or undefined where the arguments decide. */
export function fixedCost({ id, cost }: Builtin, params: readonly Type[]): number | undefined {
  if (cost.perItem > 0) return undefined;
  const kind = params[0]?.kind;
  const isOneLeaf =
    kind === "int" || kind === "float" || kind === "bool" || kind === "decimal" || kind === "date";
  return isOneLeaf || !COMPARISONS.has(id) ? cost.base : undefined;
}

/** Items of a list, entries of a map, started blocks of 16 code points of a string, the value of a count. */
export function sizeOf(value: Value): number {
  if (typeof value === "string") return blocks(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof SortedMap) return value.keys.length;
  return typeof value === "number" || typeof value === "bigint" ? Math.max(0, Number(value)) : 1;
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

/**
 * 1 for each leaf that a comparison meets up to the first difference; a string 1 and a sixteenth of the shorter
 * one's code points. Two values without parts in common count as one leaf.
 */
function leavesMet(a: Value, b: Value): number {
  if (typeof a === "string" && typeof b === "string") {
    return 1 + (a.length < 16 || b.length < 16 ? 0 : Math.floor(Math.min(lengthOf(a), lengthOf(b)) / 16));
  }
  if (a === null || b === null || typeof a !== "object") return 1;
  const left = partsOf(a);
  const right = partsOf(b);
  let leaves = 0;
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [x, y] = [left[i] as Value, right[i] as Value];
    leaves += leavesMet(x, y);
    if (compareValues(x, y) !== 0) break;
  }
  return Math.max(1, leaves);
}

function partsOf(value: Value): readonly Value[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) return value;
  if (value instanceof SortedMap) return [...value.keys, ...value.values];
  if ("payload" in value) return value.payload;
  return "value" in value ? [value.value] : [];
}

function linearithmicSize(size: number): number {
  return size < 2 ? size : size * Math.ceil(Math.log2(size));
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
      return (from: Int, to: Int) => Math.max(0, Number(to) - Number(from));
    case "list.range_step":
      return (from: Int, to: Int, step: Int) =>
        step === 0 ? 0 : Math.max(0, Math.ceil((Number(to) - Number(from)) / Number(step)));
    case "list.windows":
      return (list: readonly Value[], width: Int) =>
        Math.max(0, list.length - Number(width) + 1) * Math.max(0, Number(width));
    case "list.combinations":
      return (list: readonly Value[], k: Int) =>
        choiceCount(list.length, Math.max(0, Number(k))) * Math.max(1, Number(k));
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
