import type { Expr } from "#anrf/build/expr.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { isMutable, list, rootCell, TEXT, type Ty, tyText } from "#anrf/import/lowering/types.ts";
import { call, intExpr, union, type Val, val } from "#anrf/import/lowering/value.ts";
import { asTupleList, fieldVal, intArgument, unwrapped } from "#anrf/import/python-meaning/base.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { fromStart } from "./items.ts";
import { kv, lookUp, removeKey } from "./keys.ts";

/** `xs[i]`, `s[i]`, `t[0]`, `d[k]`. */
export function index(low: Lowering, target: Val, place: Val, at: Place): Val {
  const source = unwrapped(target);
  const ty = low.need(source.ty, at);
  switch (ty.k) {
    case "list": {
      low.observe(source, at);
      const at0 = intArgument(low, place, at);
      const whole = at0.nonneg === true ? source : once(low, source);
      const emit = (): Expr =>
        call("list.get", [whole.emit(), fromStart(low, at0, () => call("list.length", [whole.emit()]))()]);
      const isObject = isMutable(ty.item);
      if (!isObject) return val(ty.item, emit);
      return val(ty.item, emit, {
        top: source.inner,
        inner: source.inner,
        ...(source.shared === true ? { shared: true } : {}),
      });
    }
    case "str": {
      const at0 = intArgument(low, place, at);
      if (at0.nonneg === true)
        return val(TEXT, () => call("option.unwrap", [call("string.at", [source.emit(), at0.emit()])]));
      if (typeof at0.literal === "bigint") {
        const whole = once(low, source);
        return val(TEXT, () =>
          call("option.unwrap", [
            call("string.at", [
              whole.emit(),
              fromStart(low, at0, () => call("string.length", [whole.emit()]))(),
            ]),
          ]),
        );
      }
      return val(TEXT, () => low.prelude("char_at", [source.emit(), at0.emit()]));
    }
    case "tuple":
      return tupleItem(low, source, ty.items, place, at);
    case "dict":
      return entry(low, source, ty, place, at);
    case "match":
      return low.meaning.method(low, {
        target: source,
        name: "group",
        args: [place],
        named: new Map(),
        at,
        site: "",
      }).result;
    default:
      return refuse("types", at, `${tyText(ty)} has no items`);
  }
}

function tupleItem(low: Lowering, source: Val, types: readonly Ty[], place: Val, at: Place): Val {
  const { literal } = place;
  if (typeof literal !== "bigint") return index(low, asTupleList(low, source, at), place, at);
  const i = Number(literal < 0n ? literal + BigInt(types.length) : literal);
  const ty = types[i];
  if (ty === undefined) return refuse("types", at, `a tuple of ${types.length} has no item ${literal}`);
  const known = source.items?.[i];
  if (known !== undefined) return known;
  const whole = once(low, source);
  return { ...fieldVal(whole, i, ty), ...(isMutable(ty) ? {} : { top: new Set<string>() }) };
}

function entry(low: Lowering, source: Val, ty: Ty & { k: "dict" }, place: Val, at: Place): Val {
  const key = coerce(low, place, low.join(ty.key, place.ty, at), at);
  const { missing } = rootCell(ty.cell);
  const isObject = isMutable(ty.value);
  const more = isObject
    ? { top: source.inner, inner: source.inner, ...(source.shared === true ? { shared: true } : {}) }
    : {};
  if (missing?.kind === "counter") {
    return val(ty.value, () => call("option.get_or", [lookUp(low, source, ty, key, at), intExpr(0)]), more);
  }
  if (missing?.kind === "default") {
    const made = missing.make(`default${at.line}:${at.column}`);
    const valueTy = low.join(ty.value, made.ty, at);
    const fallback = coerce(low, made, valueTy, at);
    return val(
      ty.value,
      () => call("option.get_or", [lookUp(low, source, ty, key, at), fallback.emit()]),
      more,
    );
  }
  return val(ty.value, () => call("option.unwrap", [lookUp(low, source, ty, key, at)]), more);
}

/** The container with one item put in. */
export function setItem(low: Lowering, target: Val, place: Val, value: Val, at: Place): Val {
  const source = unwrapped(target);
  const ty = low.need(source.ty, at);
  const inner = isMutable(value.ty) ? union(source.inner, value.top, value.inner) : source.inner;
  // The same object at two places: it was in the container before.
  const isShared =
    source.shared === true || value.shared === true || [...value.top].some((id) => source.inner.has(id));
  const more = { top: source.top, inner, ...(isShared ? { shared: true } : {}) };
  low.observe(value, at);
  if (ty.k === "list") {
    if (ty.flavour === "tuple") refuse("types", at, "a tuple cannot be changed");
    low.observe(source, at);
    const joined = low.join(ty.item, value.ty, at);
    const [container, item] = [
      coerce(low, source, list(keep(ty.item, joined), ty.flavour), at),
      coerce(low, value, joined, at),
    ];
    const at0 = intArgument(low, place, at);
    const whole = at0.nonneg === true ? container : once(low, container);
    return {
      ty: container.ty,
      emit: () => {
        const source0 = whole.emit();
        const index0 = fromStart(low, at0, () => call("list.length", [whole.emit()]))();
        return call("list.set", [source0, index0, item.emit()]);
      },
      ...more,
    };
  }
  if (ty.k !== "dict") return refuse("types", at, `${tyText(ty)} takes no items`);
  const keyTy = low.join(ty.key, place.ty, at);
  const valueTy = low.join(ty.value, value.ty, at);
  const wide: Ty & { k: "dict" } = { ...ty, key: keep(ty.key, keyTy), value: keep(ty.value, valueTy) };
  low.watch(wide, at);
  const container = coerce(low, source, wide, at);
  const [key, item] = [coerce(low, place, keyTy, at), coerce(low, value, valueTy, at)];
  return { ty: wide, emit: () => put(low, container.emit(), wide, key.emit(), item.emit()), ...more };
}

/** The dict with a key put in; a key that it has keeps its place. */
export function put(low: Lowering, container: Expr, ty: Ty & { k: "dict" }, key: Expr, value: Expr): Expr {
  if (!rootCell(ty.cell).seen) return call("map.put", [container, key, value]);
  return low.prelude("pairs_put", [container, key, value], kv(ty));
}

/** A type variable stays where it is, so that later items can widen it. */
export function keep(own: Ty, joined: Ty): Ty {
  return own.k === "var" && tyText(own) === tyText(joined) ? own : joined;
}

/** `del xs[i]` and `del d[k]`. */
export function removeItem(low: Lowering, target: Val, place: Val, at: Place): Val {
  const ty = low.need(target.ty, at);
  const { top, inner, shared } = target;
  const more = { top, inner, ...(shared && { shared }) };
  if (ty.k === "list") {
    const at0 = intArgument(low, place, at);
    const emit = (): Expr =>
      call("list.remove_at", [
        target.emit(),
        fromStart(low, at0, () => call("list.length", [target.emit()]))(),
      ]);
    return { ty: target.ty, emit, ...more };
  }
  if (ty.k !== "dict") return refuse("types", at, `nothing can be deleted from ${tyText(ty)}`);
  const key = coerce(low, place, low.join(ty.key, place.ty, at), at);
  return { ty: target.ty, emit: removeKey(low, target, ty, key, at), ...more };
}
