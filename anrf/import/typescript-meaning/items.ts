import type { Expr } from "#anrf/build/expr.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { type Ty, tuple } from "#anrf/import/lowering/types.ts";
import { call, lambda, Slot, type Val } from "#anrf/import/lowering/value.ts";
import { entriesAs, items as pythonItems } from "#anrf/import/python-collections/items.ts";
import { unwrapped } from "#anrf/import/python-meaning/base.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { textOf } from "./operators.ts";

/** What `for … of` and spreading walk: of a map its entries. */
export function items(low: Lowering, value: Val, at: Place): Val {
  const source = unwrapped(value);
  const ty = low.need(source.ty, at);
  if (ty.k === "dict") return entriesAs(low, source, "entries", tuple([ty.key, ty.value]), at);
  return pythonItems(low, source, at);
}

/** The items of a list as texts, as `join` writes them. */
export function textOfItems(low: Lowering, source: Val, ty: Ty & { k: "list" }, at: Place): () => Expr {
  if (low.need(ty.item, at).k === "str") return source.emit;
  const slot = new Slot("item", ty.item);
  const text = textOf(low, slot.val(), at);
  return () => call("list.map", [source.emit(), lambda([slot], text.emit)]);
}
