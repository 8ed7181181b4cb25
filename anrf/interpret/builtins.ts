import type { Type } from "#anrf/program/type.ts";
import { type FunctionValue, SortedMap, type Value } from "#anrf/program/value.ts";
import { builtinByNumber, type Builtin as Entry } from "#anrf/std/catalogue.ts";
import { type CostFunction, costFunction, fixedCost, resultCost, sizeOf } from "#anrf/std/cost.ts";
import type { BuiltinFunction } from "#anrf/std/function.ts";
import { implementation } from "#anrf/std/supported.ts";
import { Builtin } from "#gen/anrf/v1/builtins_pb.ts";
import type { BuiltinCall, Node } from "#gen/anrf/v1/ir_pb.ts";
import { type Code, charged, codeAt, type Site } from "./code.ts";
import { fastCode } from "./fast.ts";

/** A call of a builtin: its own closure where the call is hot, else one by the number of arguments. */
export function builtinCode(site: Site, node: Node, { builtin, args }: BuiltinCall, id: number): Code {
  const entry = builtinByNumber(builtin);
  const run = implementation(builtin);
  if (entry === undefined || run === undefined) {
    throw new Error(`builtin ${entry?.id ?? builtin} is not run by this engine`);
  }
  const lazy = lazyCode(site, entry, args, id);
  if (lazy !== undefined) return lazy;
  const types = args.map((arg) => typeOf(site, site.fn.nodes[arg]));
  const cost = fixedCost(entry, types);
  const codes = args.map((arg) => codeAt(site, arg));
  if (cost !== undefined) {
    const fast = fastCode(site, builtin, codes, types, cost, id);
    if (fast !== undefined) return fast;
  }
  const paying = payingRun(site, entry, run, types, id);
  const call =
    cost === undefined
      ? sizedCall(site, codes, paying, costFunction(entry, site.meter, types), id)
      : fixedCall(site, codes, paying, cost, id);
  return metered(site, call, typeOf(site, node), entry, id);
}

/**
 * A builtin whose work is decided by what its function argument gives: each result is paid for when it is there.
 */
function payingRun(
  { meter, base }: Site,
  entry: Entry,
  run: BuiltinFunction,
  types: readonly Type[],
  id: number,
): BuiltinFunction {
  const f = types[1];
  const extra = f?.kind === "function" ? resultCost(entry.id, meter, f.result) : undefined;
  if (extra === undefined) return run;
  const place = base + id;
  return (items, made) => {
    const count = sizeOf(items as Value);
    const paid: FunctionValue = (item) => {
      const result = (made as FunctionValue)(item as Value);
      meter.site = place;
      meter.fuel -= extra(result, count);
      if (meter.fuel < 0) meter.outOfFuel(place);
      return result;
    };
    return run(items as Value, paid);
  };
}

function typeOf(site: Site, node: Node | undefined): Type {
  const type = site.program.types[node?.type ?? 0];
  if (type === undefined) throw new Error(`type ${node?.type} is out of range`);
  return type;
}

/** `and`, `or`, `get_or`, `or_else`: the second argument is a straight line of its own. */
function lazyCode(site: Site, entry: Entry, args: readonly number[], id: number): Code | undefined {
  const [first, second] = args;
  if (first === undefined || second === undefined || entry.signature.params[1]?.mark !== "lazy")
    return undefined;
  const { meter, base } = site;
  const place = base + id;
  const cost = entry.cost.base;
  const left = codeAt(site, first);
  const right = charged(site, second);
  const settle: BuiltinFunction | undefined = implementation(entry.number);
  switch (entry.number) {
    case Builtin.BOOL_AND:
      return (frame) => {
        const value = left(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return value === true ? right(frame) : false;
      };
    case Builtin.BOOL_OR:
      return (frame) => {
        const value = left(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return value === true ? true : right(frame);
      };
    default:
      return (frame) => {
        const value = left(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return settle === undefined ? value : settle(value, () => right(frame));
      };
  }
}

function fixedCall(
  { meter, base }: Site,
  codes: readonly Code[],
  run: BuiltinFunction,
  cost: number,
  id: number,
): Code {
  const place = base + id;
  const [first, second] = codes;
  if (first !== undefined && codes.length === 1) {
    return (frame) => {
      const a = first(frame);
      meter.fuel -= cost;
      if (meter.fuel < 0) meter.outOfFuel(place);
      meter.site = place;
      return run(a);
    };
  }
  if (first !== undefined && second !== undefined && codes.length === 2) {
    return (frame) => {
      const a = first(frame);
      const b = second(frame);
      meter.fuel -= cost;
      if (meter.fuel < 0) meter.outOfFuel(place);
      meter.site = place;
      return run(a, b);
    };
  }
  return (frame) => {
    const args = codes.map((code) => code(frame));
    meter.fuel -= cost;
    if (meter.fuel < 0) meter.outOfFuel(place);
    meter.site = place;
    return run(...args);
  };
}

function sizedCall(
  { meter, base }: Site,
  codes: readonly Code[],
  run: BuiltinFunction,
  cost: CostFunction,
  id: number,
): Code {
  const place = base + id;
  const [first, second] = codes;
  if (first !== undefined && codes.length === 1) {
    return (frame) => {
      const a = first(frame);
      meter.site = place;
      meter.fuel -= cost(a);
      if (meter.fuel < 0) meter.outOfFuel(place);
      return run(a);
    };
  }
  if (first !== undefined && second !== undefined && codes.length === 2) {
    return (frame) => {
      const a = first(frame);
      const b = second(frame);
      meter.site = place;
      meter.fuel -= cost(a, b);
      if (meter.fuel < 0) meter.outOfFuel(place);
      return run(a, b);
    };
  }
  return (frame) => {
    const args = codes.map((code) => code(frame));
    meter.site = place;
    meter.fuel -= cost(...args);
    if (meter.fuel < 0) meter.outOfFuel(place);
    return run(...args);
  };
}

/** Bytes beside the slots of a list, map or string. */
const HEADER_BYTES = 24;
/** One item of a list: a slot, or a slot and a small tuple or list of its own. */
const SLOT_BYTES = 8;
const PART_BYTES = 56;
/** An edit of one place: the old version is nearly always dropped at once, so only the edit counts. */
const EDIT_BYTES = 64;

/** These give back a part of what they got, or a state that other nodes made and paid for. */
const MAKES_NOTHING: ReadonlySet<string> = new Set([
  "list.get",
  "list.fold",
  "list.fold_until",
  "option.unwrap",
  "map.get_or",
  "min",
  "max",
]);
const EDITS: ReadonlySet<string> = new Set([
  "list.set",
  "list.append",
  "list.insert",
  "list.remove_at",
  "list.prepend",
  "list.swap",
  "map.put",
  "map.remove",
  "map.update",
  "string.concat",
]);
/** What these make is known when it is made, and is paid for then. */
const PAYS_AFTER: ReadonlySet<string> = new Set(["regex.replace"]);
const MAKES_PARTS: ReadonlySet<string> = new Set([
  "list.zip",
  "list.enumerate",
  "list.windows",
  "list.chunks",
  "list.combinations",
  "map.entries",
  "list.group_by",
  "list.scan",
]);

/** Subtracts what the result takes, where the builtin makes one whose size is not fixed. */
function metered({ meter, base }: Site, call: Code, type: Type, { id }: Entry, nodeId: number): Code {
  const grows = type.kind === "list" || type.kind === "map" || type.kind === "string";
  if (!grows || MAKES_NOTHING.has(id)) return call;
  const place = base + nodeId;
  if (EDITS.has(id) && type.kind !== "string") {
    return (frame) => {
      const result = call(frame);
      meter.memory -= EDIT_BYTES;
      if (meter.memory < 0) meter.outOfMemory(place);
      return result;
    };
  }
  const slot = MAKES_PARTS.has(id) ? PART_BYTES : SLOT_BYTES;
  if (PAYS_AFTER.has(id)) {
    return (frame) => {
      const result = call(frame);
      meter.fuel -= sizeOf(result);
      if (meter.fuel < 0) meter.outOfFuel(place);
      meter.memory -= bytesOf(result, slot);
      if (meter.memory < 0) meter.outOfMemory(place);
      return result;
    };
  }
  return (frame) => {
    const result = call(frame);
    meter.memory -= bytesOf(result, slot);
    if (meter.memory < 0) meter.outOfMemory(place);
    return result;
  };
}

function bytesOf(value: Value, slot: number): number {
  if (typeof value === "string") return HEADER_BYTES + value.length;
  if (Array.isArray(value)) return HEADER_BYTES + slot * value.length;
  return value instanceof SortedMap ? HEADER_BYTES + 2 * slot * value.keys.length : 0;
}
