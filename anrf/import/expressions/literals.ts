import type { Expr } from "#anrf/build/expr.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { languageType, list, prune, set, type Ty } from "#anrf/import/lowering/types.ts";
import { call, tupleVal, union, type Val } from "#anrf/import/lowering/value.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Source, SourceOf } from "#anrf/import/source/source.ts";

/** The dict of the pairs of a list; a later pair wins. */
export function dictFrom(
  low: Lowering,
  pairs: Val,
  site: string,
  at: Source | { line: number; column: number },
): Val {
  const ty = prune(pairs.ty);
  const entry = ty.k === "list" ? low.need(ty.item, at) : undefined;
  if (entry?.k !== "tuple" || entry.items.length !== 2) return refuse("types", at, "a dict is made of pairs");
  const [key, value] = entry.items;
  if (key === undefined || value === undefined) throw new Error("a pair has no parts");
  const made = low.dict(key, value, at, pairs.bag === true ? { foreign: true } : {});
  const emit = (): Expr => {
    const type = languageType(made);
    if (type.kind === "map") return call("map.from_entries", [pairs.emit()]);
    pairs.ordered?.();
    return low.prelude("pairs_of", [pairs.emit()], {
      K: languageType(key).text,
      V: languageType(value).text,
    });
  };
  const { inner, shared, ordered } = pairs;
  if (ordered !== undefined) low.linkOrder(made.cell, ordered);
  return { ty: made, emit, top: low.newObject(site), inner, ...(shared && { shared }) };
}

/** A dict with nothing in it. */
export function emptyDict(low: Lowering, ty: Ty & { k: "dict" }, site: string): Val {
  const emit = (): Expr => {
    const type = languageType(ty);
    return type.kind === "map" ? { kind: "map", items: [], type } : { kind: "list", items: [], type };
  };
  return { ty, emit, top: low.newObject(site), inner: new Set(), empty: true };
}

function spreadItems(low: Lowering, items: readonly Source[]): { val: Val; star: boolean }[] {
  return items.map((item) =>
    item.kind === "star"
      ? { val: low.meaning.items(low, low.walk.expression(low, item.value), item), star: true }
      : { val: low.walk.expression(low, item), star: false },
  );
}

/** `[a, b, *xs]`; its item type is a variable, so that what is appended later can widen it. */
export function listLiteral(
  low: Lowering,
  source: SourceOf<"list" | "tuple">,
  flavour: "list" | "tuple",
): Val {
  const site = low.site(source);
  const items = spreadItems(low, source.items);
  let item: Ty = low.variable(site);
  for (const one of items) {
    const ty = prune(one.val.ty);
    item = low.join(item, one.star && ty.k === "list" ? ty.item : one.val.ty, source);
    low.observe(one.val, source);
  }
  // The variable goes on standing for the item, so that what is appended later can widen it.
  const own = prune(item).k === "never" ? low.variable(site) : kept(low.variable(site), item);
  const made = items.map((one) =>
    one.star ? coerce(low, one.val, list(own), source) : coerce(low, one.val, own, source),
  );
  const ids = made.flatMap((one) => [one.top, one.inner]);
  const inner = union(...ids);
  const isShared = made.some(
    (one, i) => one.shared === true || made.slice(0, i).some((two) => shares(one, two)),
  );
  const hasStar = items.some((one) => one.star);
  const type = () => languageType(list(own));
  const emit = () => {
    if (!hasStar) return { kind: "list" as const, items: made.map((one) => one.emit()), type: type() };
    const pieces = made.map((one, i) =>
      items[i]?.star === true ? one.emit() : { kind: "list" as const, items: [one.emit()], type: type() },
    );
    return pieces.reduce((a, c) => call("list.concat", [a, c]));
  };
  const top = flavour === "list" ? low.newObject(site) : new Set<string>();
  return {
    ty: list(own, flavour),
    emit,
    top,
    inner,
    ...(isShared ? { shared: true } : {}),
    ...(items.length === 0 ? { empty: true } : {}),
    ...(hasStar ? {} : { items: made }),
  };
}

function shares(a: Val, b: Val): boolean {
  for (const id of [...a.top, ...a.inner]) if (b.top.has(id) || b.inner.has(id)) return true;
  return false;
}

/** The variable itself where it stands for the type: who learns of it later is seen by all. */
export function kept(variable: Ty, item: Ty): Ty {
  return prune(variable) === prune(item) ? variable : item;
}

/** `(a, b)`: a tuple where its length is one of the language, else a list. */
export function tupleLiteral(low: Lowering, source: SourceOf<"tuple">): Val {
  if (
    source.items.length < 2 ||
    source.items.length > 16 ||
    source.items.some((one) => one.kind === "star")
  ) {
    return listLiteral(low, source, "tuple");
  }
  const items = source.items.map((one) => low.walk.expression(low, one));
  for (const one of items) {
    if (one.fn !== undefined) refuse("expression", source, "a function inside a tuple is not supported");
    low.observe(one, source);
  }
  return tupleVal(items);
}

/** `{a, b}`. */
export function setLiteral(low: Lowering, source: SourceOf<"set">): Val {
  const made = listLiteral(low, { ...source, kind: "list" }, "list");
  const ty = prune(made.ty);
  if (ty.k !== "list") throw new Error("a list literal is no list");
  return setFrom(low, made, ty.item, low.site(source, "set"), source);
}

/** The set of the items of a list. */
export function setFrom(
  low: Lowering,
  source: Val,
  item: Ty,
  site: string,
  at: Source | { line: number; column: number },
): Val {
  low.asKey(item, "an item of a set", at);
  const emit = () => {
    const type = languageType(item);
    return low.prelude("set_of", [source.emit()], { K: type.text });
  };
  return {
    ty: set(item),
    emit,
    top: low.newObject(site),
    inner: source.inner,
    ...(source.empty && { empty: true }),
  };
}

/** `{a: b}`; how it is held is settled when all is known of its order. */
export function dictLiteral(low: Lowering, source: SourceOf<"dict">): Val {
  const site = low.site(source);
  let key = low.variable(`${site}k`);
  let value = low.variable(`${site}v`);
  const pairs = source.items.map((one) => ({
    key: low.walk.expression(low, one.key),
    value: low.walk.expression(low, one.value),
  }));
  for (const one of pairs) {
    key = low.join(key, one.key.ty, source);
    value = low.join(value, one.value.ty, source);
  }
  const keyTy = kept(low.variable(`${site}k`), key);
  const valueTy = kept(low.variable(`${site}v`), value);
  const ty = low.dict(keyTy, valueTy, source);
  const made = pairs.map((one) => ({
    key: coerce(low, one.key, keyTy, source),
    value: coerce(low, one.value, valueTy, source),
  }));
  const emit = () => {
    const type = languageType(ty);
    if (type.kind === "map") {
      return { kind: "map" as const, items: made.flatMap((one) => [one.key.emit(), one.value.emit()]), type };
    }
    const entries = made.map((one) => {
      const [k, v] = [one.key.emit(), one.value.emit()];
      return { kind: "tuple" as const, items: [k, v], type: type.kind === "list" ? type.item : k.type };
    });
    const all = { kind: "list" as const, items: entries, type };
    const isPlain =
      new Set(made.map((one) => one.key.literal)).size === made.length &&
      made.every((one) => one.key.literal !== undefined);
    if (made.length < 2 || isPlain) return all;
    return low.prelude("pairs_of", [all], { K: languageType(keyTy).text, V: languageType(valueTy).text });
  };
  const inner = union(...made.flatMap((one) => [one.value.top, one.value.inner, one.key.inner]));
  const isShared = made.some((one, i) => made.slice(0, i).some((two) => shares(one.value, two.value)));
  return {
    ty,
    emit,
    top: low.newObject(site),
    inner,
    ...(isShared ? { shared: true } : {}),
    ...(made.length === 0 ? { empty: true } : {}),
  };
}
