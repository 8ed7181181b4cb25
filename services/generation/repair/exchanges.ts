import type { Type } from "#anrf/program/type.ts";
import { type Builtin, knownBuiltin } from "#anrf/std/catalogue.ts";

/** Builtins of one type each: where one stands, another may have been meant. */
const GROUPS: readonly string[] = [
  "lt le gt ge",
  "eq ne",
  "min max",
  "bool.and bool.or",
  "int.add int.sub int.mul int.div_floor int.mod_floor int.pow int.gcd int.bit_and int.bit_or int.bit_xor",
  "int.neg int.abs int.isqrt int.sign",
  "float.add float.sub float.mul float.div float.pow",
  "float.neg float.abs float.sqrt",
  "float.floor float.ceil float.trunc float.round_even",
  "string.trim string.trim_start string.trim_end string.to_lower string.to_upper string.capitalize string.title string.swap_case string.reverse",
  "string.is_alpha string.is_digit string.is_upper string.is_lower string.is_space string.is_alnum",
  "string.starts_with string.ends_with string.contains",
  "string.index_of string.last_index_of",
  "string.take string.drop string.take_end string.drop_end",
  "string.before string.after string.before_last string.after_last",
  "string.pad_start string.pad_end",
  "list.any list.all",
  "list.min list.max",
  "list.first list.last",
  "list.sort list.sort_desc",
  "list.take list.drop",
  "list.take_while list.drop_while list.filter",
  "list.min_by list.max_by",
  "list.intersect list.difference",
  "list.sum_int list.product_int",
];

const EXCHANGES: ReadonlyMap<number, readonly Builtin[]> = (() => {
  const found = new Map<number, Builtin[]>();
  for (const group of GROUPS) {
    const all = group.split(" ").map(knownBuiltin);
    for (const one of all) {
      const known = found.get(one.number) ?? [];
      found.set(one.number, [...known, ...all.filter((other) => other !== one && !known.includes(other))]);
    }
  }
  return found;
})();

const EQUALITIES = ["eq", "ne"].map(knownBuiltin);
const ORDERS = ["lt", "le", "gt", "ge"].map(knownBuiltin);
const ORDERED: ReadonlySet<Type["kind"]> = new Set(["int", "float", "string"]);

/** What may stand in the place of a builtin, with the same arguments; `type` is that of the first. */
export function exchangesOf(number: number, type: Type | undefined): readonly Builtin[] {
  const same = EXCHANGES.get(number) ?? [];
  if (ORDERS.some((one) => one.number === number)) return [...same, ...EQUALITIES];
  const isEquality = EQUALITIES.some((one) => one.number === number);
  return isEquality && type !== undefined && ORDERED.has(type.kind) ? [...same, ...ORDERS] : same;
}
