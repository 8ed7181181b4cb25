import type { Expr } from "#anrf/build/expr.ts";
import { setFrom } from "#anrf/import/expressions/literals.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { inBlock, once, wrapped } from "#anrf/import/lowering/lets.ts";
import type { Changed, Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import {
  BOOLEAN,
  isNumeric,
  isReal,
  languageType,
  prune,
  rootCell,
  set,
  type Ty,
  tyText,
} from "#anrf/import/lowering/types.ts";
import {
  b,
  boolVal,
  call,
  intExpr,
  isSpread,
  lambda,
  noneVal,
  Slot,
  union,
  unitExpr,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { asNumber, asTupleList, textArgument, unwrapped } from "#anrf/import/python-meaning/base.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { items } from "./items.ts";
import { hasKey, removeKey, withoutKey } from "./keys.ts";
import { keep } from "./lists.ts";

/** `x in xs`. */
export function contains(low: Lowering, item: Val, container: Val, at: Place): Val {
  const source = unwrapped(container);
  const ty = low.need(source.ty, at);
  switch (ty.k) {
    case "str":
      return b("string.contains", BOOLEAN, source, textArgument(low, item, at));
    case "tuple":
      if (ty.items.length === 0) return boolVal(false);
      return inList(low, item, asTupleList(low, source, at), at);
    case "list":
      return inRange(low, item, source) ?? inList(low, item, source, at);
    case "set": {
      const key = coerce(low, item, low.join(ty.item, item.ty, at), at);
      return val(BOOLEAN, () => hasKey(low, source, ty, key, at));
    }
    case "dict": {
      rootCell(ty.cell).looked ??= at;
      const key = coerce(low, item, low.join(ty.key, item.ty, at), at);
      return val(BOOLEAN, () => hasKey(low, source, ty, key, at));
    }
    default:
      return refuse("types", at, `${tyText(ty)} holds no items`);
  }
}

function inRange(low: Lowering, item: Val, source: Val): Val | undefined {
  const { range } = source;
  if (range === undefined || range.step.literal !== 1n || prune(item.ty).k !== "int") return undefined;
  const value = once(low, item);
  const [from, to] = [range.from, range.to];
  return val(BOOLEAN, () =>
    call("bool.and", [call("ge", [value.emit(), from.emit()]), call("lt", [value.emit(), to.emit()])]),
  );
}

function inList(low: Lowering, item: Val, source: Val, at: Place): Val {
  const ty = prune(source.ty);
  if (ty.k !== "list") throw new Error("a list is no list");
  const [x, y] = [prune(item.ty), prune(ty.item)];
  if (x.k === "bool" && y.k === "int") return inList(low, asNumber(item), source, at);
  const joined = low.tryJoin(ty.item, item.ty);
  if (joined === undefined) return refuse("types", at, `${tyText(item.ty)} is never in ${tyText(ty)}`);
  if (isNumeric(x) && isReal(prune(joined)) && !isReal(y)) {
    return refuse("types", at, "a float is looked for among ints");
  }
  const list = coerce(low, source, { ...ty, item: joined }, at);
  return b("list.contains", BOOLEAN, list, coerce(low, item, joined, at));
}

const key = (item: Ty): { K: string } => ({ K: languageType(item).text });

function merged(low: Lowering, a: Val, c: Val, at: Place): { left: Val; right: Val; item: Ty } {
  const joined = low.join(a.ty, c.ty, at);
  const ty = prune(joined);
  if (ty.k !== "set") return refuse("types", at, `${tyText(a.ty)} is no set`);
  return { left: coerce(low, a, joined, at), right: coerce(low, c, joined, at), item: ty.item };
}

const fresh = (low: Lowering, at: Place): ReadonlySet<string> =>
  low.newObject(`set${at.line}:${at.column}:${low.frame.key}`);

/** `a | b`. */
export function unionOf(low: Lowering, a: Val, c: Val, at: Place): Val {
  const { left, right, item } = merged(low, a, c, at);
  return {
    ty: set(item),
    emit: () => call("map.merge", [left.emit(), right.emit()]),
    top: fresh(low, at),
    inner: union(a.inner, c.inner),
  };
}

/** `a & b`. */
export function intersectionOf(low: Lowering, a: Val, c: Val, at: Place): Val {
  const { left, right, item } = merged(low, a, c, at);
  return {
    ty: set(item),
    emit: () => low.prelude("set_common", [left.emit(), right.emit()], key(item)),
    top: fresh(low, at),
    inner: a.inner,
  };
}

/** `a - b`. */
export function differenceOf(low: Lowering, a: Val, c: Val, at: Place): Val {
  const { left, right, item } = merged(low, a, c, at);
  return {
    ty: set(item),
    emit: () => low.prelude("set_without", [left.emit(), right.emit()], key(item)),
    top: fresh(low, at),
    inner: a.inner,
  };
}

/** `a <= b`. */
export function subset(low: Lowering, a: Val, c: Val, at: Place): Val {
  const { left, right, item } = merged(low, a, c, at);
  const whole = once(low, right);
  const slot = new Slot("item", item);
  return val(BOOLEAN, () =>
    call("list.all", [
      call("map.keys", [left.emit()]),
      lambda([slot], () => call("map.contains_key", [whole.emit(), slot.use()])),
    ]),
  );
}

/** `s.union(*rows)` and its like: a fold over the rows. */
function overRows(low: Lowering, target: Val, rows: Val, run: (all: Val, row: Val) => Val, at: Place): Val {
  const ty = low.need(rows.ty, at);
  if (ty.k !== "list") throw new Error("spread rows are no list");
  const [state, row] = [new Slot("all", target.ty), new Slot("row", ty.item)];
  const body = wrapped(inBlock(low, () => run(state.val(), row.val())));
  const step = coerce(low, body, target.ty, at);
  return {
    ...val(target.ty, () =>
      call("list.fold", [rows.emit(), target.emit(), lambda([state, row], () => step.emit())]),
    ),
    top: fresh(low, at),
    inner: union(target.inner, rows.inner),
  };
}

type Combine = (low: Lowering, a: Val, c: Val, at: Place) => Val;

const GIVEN: Readonly<Record<string, Combine>> = {
  union: unionOf,
  intersection: intersectionOf,
  difference: differenceOf,
};

const TAKEN: Readonly<Record<string, Combine>> = {
  update: unionOf,
  intersection_update: intersectionOf,
  difference_update: differenceOf,
};

/** The methods of sets. */
export function setMethod(low: Lowering, asked: MethodCall): Changed {
  const { target, name, args, at, site } = asked;
  const ty = low.need(target.ty, at);
  if (ty.k !== "set") throw new Error("a set method of what is no set");
  const [first] = args;
  const asSet = (value: Val): Val => {
    if (prune(value.ty).k === "set") return value;
    const listed = items(low, value, at);
    const item = low.need(listed.ty, at);
    return item.k === "list" ? setFrom(low, listed, item.item, `${site}arg`, at) : value;
  };
  const folded = (run: Combine): Val =>
    first !== undefined && isSpread(first)
      ? overRows(low, target, first, (all, row) => run(low, all, asSet(row), at), at)
      : args.map(asSet).reduce((all, one) => run(low, all, one, at), target);
  const [given, taken] = [GIVEN[name], TAKEN[name]];
  if (given !== undefined) return { result: folded(given) };
  if (taken !== undefined) return { result: noneVal, changed: { ...folded(taken), top: target.top } };
  switch (name) {
    case "symmetric_difference":
      return { result: low.meaning.binary(low, "^", target, asSet(first ?? noneVal), at) };
    case "issubset":
      return { result: low.meaning.compare(low, "<=", target, asSet(first ?? noneVal), at) };
    case "issuperset":
      return { result: low.meaning.compare(low, ">=", target, asSet(first ?? noneVal), at) };
    case "isdisjoint": {
      const common = intersectionOf(low, target, asSet(first ?? noneVal), at);
      return { result: val(BOOLEAN, () => call("eq", [call("map.size", [common.emit()]), intExpr(0)])) };
    }
    case "copy":
      return { result: { ...target, top: fresh(low, at) } };
    case "clear": {
      const emit = (): Expr => ({ kind: "map", items: [], type: languageType(target.ty) });
      return { result: noneVal, changed: { ...target, simple: false, emit } };
    }
    case "pop":
      return refuse("order", at, "pop takes any item of a set");
    default:
      return itemMethod(low, asked, ty);
  }
}

/** Methods that put one item in, or take it out. */
function itemMethod(low: Lowering, { target, name, args, at }: MethodCall, ty: Ty & { k: "set" }): Changed {
  if (!["add", "discard", "remove"].includes(name))
    return refuse("call", at, `sets have no method ${name} here`);
  const [first] = args;
  if (first === undefined) return refuse("call", at, `${name} takes an argument`);
  const joined = low.join(ty.item, first.ty, at);
  const key = once(low, coerce(low, first, joined, at));
  const { top, inner } = target;
  if (name === "add") {
    low.asKey(joined, "an item of a set", at);
    const wide = { ...ty, item: keep(ty.item, joined) };
    const whole = once(low, coerce(low, target, wide, at));
    const emit = (): Expr => call("map.put", [whole.emit(), key.emit(), unitExpr]);
    return { result: noneVal, changed: { ty: wide, emit, top, inner: union(inner, first.inner) } };
  }
  const whole = once(low, target);
  const emit =
    name === "remove" ? removeKey(low, whole, ty, key, at) : (): Expr => withoutKey(low, whole, ty, key, at);
  return { result: noneVal, changed: { ty, emit, top, inner } };
}
