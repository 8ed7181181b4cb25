import { TrapSignal } from "#anrf/program/trap.ts";
import type { Value } from "#anrf/program/value.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";

/**
 * What a builtin does: arguments by position, the value back, or a TrapSignal thrown. A lazy argument comes as a
 * function without parameters. The table that pairs it with a signature answers for the types of the arguments, so
 * the parameters of an implementation may be narrower than Value (the method form makes TypeScript accept that).
 */
export type BuiltinFunction = { call(...args: Value[]): Value }["call"];

/** Implementations by catalogue id. */
export type BuiltinTable = Readonly<Record<string, BuiltinFunction>>;

/** Most items that one call may make; beyond it the run ends with MEMORY before anything is allocated. */
export const MAX_ITEMS = 1 << 24;
/** Most UTF-16 units that one call may make. */
export const MAX_UNITS = 1 << 27;

/** Throws MEMORY when a list of that length is too large to make. */
export function reserveItems(count: number): void {
  if (count > MAX_ITEMS) throw new TrapSignal(TrapCode.MEMORY, `a list of ${count} items is too large`);
}

/** Throws MEMORY when a text of that length is too large to make. */
export function reserveUnits(count: number): void {
  if (count > MAX_UNITS) throw new TrapSignal(TrapCode.MEMORY, `a text of ${count} units is too large`);
}
