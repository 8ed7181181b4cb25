import type { Expr } from "#anrf/build/expr.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { list, rootCell, TEXT, type Ty, tyText } from "#anrf/import/lowering/types.ts";
import { call, intExpr, lambda, Slot, type Val, val } from "#anrf/import/lowering/value.ts";
import { asTupleList, unwrapped } from "#anrf/import/python-meaning/base.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";

/** What a loop walks: the items of a list, the characters of a text, the keys of a dict. */
export function items(low: Lowering, value: Val, at: Place): Val {
  const source = unwrapped(value);
  const ty = low.need(source.ty, at);
  switch (ty.k) {
    case "list":
      return source;
    case "str":
      return val(list(TEXT), () => call("string.chars", [source.emit()]));
    case "tuple":
      return asTupleList(low, source, at);
    case "dict":
      return keysOf(low, source, at);
    case "set":
      return val(list(ty.item), () => call("map.keys", [source.emit()]), { bag: true, inner: source.inner });
    case "match":
      return refuse("types", at, "a match cannot be walked");
    default:
      return refuse("types", at, `${tyText(ty)} cannot be walked`);
  }
}

/** The keys of a dict as a list; who depends on their order has it seen. */
export function keysOf(low: Lowering, value: Val, at: Place): Val {
  const ty = low.need(value.ty, at);
  if (ty.k !== "dict") throw new Error("keys of what is no dict");
  rootCell(ty.cell).looked ??= at;
  return { ...entriesAs(low, value, "keys", ty.key, at), inner: new Set(), itemsOf: ty.cell };
}

/** Keys, values or entries of a dict. */
export function entriesAs(
  low: Lowering,
  value: Val,
  what: "keys" | "values" | "entries",
  item: Ty,
  at: Place,
): Val {
  const ty = low.need(value.ty, at);
  if (ty.k !== "dict") throw new Error("entries of what is no dict");
  rootCell(ty.cell).looked ??= at;
  const emit = (): Expr => {
    const source = value.emit();
    if (!rootCell(ty.cell).seen) return call(`map.${what}`, [source]);
    if (what === "entries") return source;
    const slot = new Slot("entry", { k: "tuple", items: [ty.key, ty.value] });
    return call("list.map", [source, lambda([slot], () => partOf(slot, what === "keys" ? 0 : 1))]);
  };
  return val(list(item), emit, {
    inner: what === "keys" ? new Set() : value.inner,
    ordered: () => low.seeOrder(ty.cell, at),
    ...(value.shared === true ? { shared: true } : {}),
  });
}

function partOf(slot: Slot, index: number): Expr {
  const target = slot.use();
  const type = target.type.kind === "tuple" ? target.type.items[index] : undefined;
  if (type === undefined) throw new Error("an entry is no pair");
  return { kind: "field", target, field: index, type };
}

/** An index as one from the start. */
export function fromStart(low: Lowering, index: Val, length: () => Expr): () => Expr {
  const { literal } = index;
  if (index.nonneg === true) return index.emit;
  if (typeof literal === "bigint") return () => call("int.sub", [length(), intExpr(-literal)]);
  return () => low.prelude("wrap", [index.emit(), length()]);
}
