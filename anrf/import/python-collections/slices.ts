import type { Expr } from "#anrf/build/expr.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import {
  INTEGER,
  isMutable,
  languageType,
  list,
  option,
  prune,
  TEXT,
  type Ty,
  tyText,
} from "#anrf/import/lowering/types.ts";
import {
  b,
  call,
  intExpr,
  intVal,
  noneExpr,
  someExpr,
  tupleVal,
  union,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { asTupleList, fieldVal, intArgument, unwrapped } from "#anrf/import/python-meaning/base.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { fromStart, items } from "./items.ts";

interface Bounds {
  readonly from?: Val;
  readonly to?: Val;
  readonly step?: Val;
}

/** `xs[a:b:c]` of a list, text or tuple. */
export function slice(low: Lowering, target: Val, given: Bounds, at: Place): Val {
  const source = unwrapped(target);
  const ty = low.need(source.ty, at);
  const kindOf = (one: Val | undefined): string => (one === undefined ? "none" : low.need(one.ty, at).k);
  if (kindOf(given.step) === "option") refuse("types", at, "a slice whose step may be None");
  // A bound that may be None is one that may be left out.
  const isOpen = kindOf(given.from) === "option" || kindOf(given.to) === "option";
  const read = (one: Val | undefined): Val | undefined => {
    if (one === undefined || kindOf(one) === "none") return undefined;
    return kindOf(one) === "option" ? coerce(low, one, option(INTEGER), at) : intArgument(low, one, at);
  };
  const [from, to, step] = [read(given.from), read(given.to), read(given.step)];
  if (isOpen && ty.k === "tuple") return slice(low, asTupleList(low, source, at), given, at);
  if (ty.k === "tuple") return tupleSlice(low, source, ty.items, { from, to, step }, at);
  if (ty.k !== "list" && ty.k !== "str") return refuse("types", at, `${tyText(ty)} cannot be sliced`);
  if (ty.k === "list") low.observe(source, at);
  const isText = ty.k === "str";
  const isTuple = ty.k === "list" && ty.flavour === "tuple";
  const more: Partial<Val> = isText
    ? {}
    : {
        top: isTuple ? new Set<string>() : low.newObject(`[:]${at.line}:${at.column}:${low.frame.key}`),
        inner: source.inner,
        ...(source.shared === true ? { shared: true } : {}),
      };
  const flavour: Ty = ty.k === "list" && ty.flavour === "iter" ? { ...ty, flavour: "list" } : ty;
  if (!isOpen && (step === undefined || step.literal === 1n)) {
    return { ...val(flavour, slicer(low, source, from, to, isText)), ...more };
  }
  if (step?.literal === -1n && from === undefined && to === undefined) {
    return { ...b(isText ? "string.reverse" : "list.reverse", flavour, source), ...more };
  }
  const bound = (one: Val | undefined): Expr =>
    one === undefined
      ? noneExpr(languageType(INTEGER))
      : prune(one.ty).k === "option"
        ? one.emit()
        : someExpr(one.emit());
  const by = step ?? intVal(1);
  const emit = (): Expr => {
    const items0 = isText ? call("string.chars", [source.emit()]) : source.emit();
    const item = isText ? "string" : languageType(ty.k === "list" ? ty.item : TEXT).text;
    const made = low.prelude("take_step", [items0, bound(from), bound(to), by.emit()], { T: item });
    return isText
      ? call("string.join", [made, { kind: "literal", value: "", type: languageType(TEXT) }])
      : made;
  };
  return { ...val(flavour, emit), ...more };
}

function slicer(
  low: Lowering,
  source: Val,
  from: Val | undefined,
  to: Val | undefined,
  isText: boolean,
): () => Expr {
  const family = isText ? "string" : "list";
  const isStart = from === undefined || from.literal === 0n;
  const isNegative = (one: Val | undefined): one is Val =>
    typeof one?.literal === "bigint" && one.literal < 0n;
  const isPlain = (one: Val | undefined): one is Val => one?.nonneg === true;
  if (isStart && to === undefined) return source.emit;
  if (isPlain(from) && to === undefined) return () => call(`${family}.drop`, [source.emit(), from.emit()]);
  if (isStart && isPlain(to)) return () => call(`${family}.take`, [source.emit(), to.emit()]);
  if (isPlain(from) && isPlain(to))
    return () => call(`${family}.slice`, [source.emit(), from.emit(), to.emit()]);
  if (isText && isNegative(from) && to === undefined)
    return () => call("string.take_end", [source.emit(), intExpr(-(from.literal as bigint))]);
  if (isText && isStart && isNegative(to))
    return () => call("string.drop_end", [source.emit(), intExpr(-(to.literal as bigint))]);
  const whole = once(low, source);
  const length = (): Expr => call(`${family}.length`, [whole.emit()]);
  const place = (one: Val): Expr => fromStart(low, one, length)();
  if (to === undefined && from !== undefined)
    return () => call(`${family}.drop`, [whole.emit(), place(from)]);
  if (isStart && to !== undefined) return () => call(`${family}.take`, [whole.emit(), place(to)]);
  return () =>
    call(`${family}.slice`, [
      whole.emit(),
      from === undefined ? intExpr(0) : place(from),
      to === undefined ? length() : place(to),
    ]);
}

function tupleSlice(
  low: Lowering,
  source: Val,
  types: readonly Ty[],
  { from, to, step }: { from: Val | undefined; to: Val | undefined; step: Val | undefined },
  at: Place,
): Val {
  const bounds = [from, to, step].map((one) => (one === undefined ? undefined : one.literal));
  const isConstant = [from, to, step].every((one, i) => one === undefined || typeof bounds[i] === "bigint");
  const list0 = (): Val => {
    const given = Object.fromEntries(
      Object.entries({ from, to, step }).filter(([, one]) => one !== undefined),
    );
    return slice(low, asTupleList(low, source, at), given, at);
  };
  if (!isConstant) return list0();
  const [a, z, s] = bounds.map((one) => (one === undefined ? undefined : Number(one)));
  const places = pythonSlice(types.length, a, z, s ?? 1);
  if (places.length < 2) return list0();
  const whole = once(low, source);
  return tupleVal(places.map((i) => whole.items?.[i] ?? fieldVal(whole, i, types[i] ?? INTEGER)));
}

function pythonSlice(
  length: number,
  from: number | undefined,
  to: number | undefined,
  step: number,
): number[] {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? length : length - 1;
  const bound = (i: number): number => (i < 0 ? Math.max(i + length, low) : Math.min(i, high));
  const start = from === undefined ? (step > 0 ? low : high) : bound(from);
  const stop = to === undefined ? (step > 0 ? high : low) : bound(to);
  const places: number[] = [];
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) places.push(i);
  return places;
}

/** `xs[a:b] = ys`. */
export function setSlice(low: Lowering, target: Val, { from, to, step }: Bounds, value: Val, at: Place): Val {
  const ty = low.need(target.ty, at);
  if (ty.k !== "list") return refuse("types", at, `${tyText(ty)} takes no slice`);
  const given = items(low, value, at);
  low.observe(given, at);
  const joined = low.join(
    list(ty.item),
    { ...list(ty.item), ...(prune(given.ty) as object), flavour: "list" } as Ty,
    at,
  );
  const [whole, part] = [
    once(low, coerce(low, target, joined, at)),
    coerce(low, { ...given, ty: asList(given.ty) }, joined, at),
  ];
  const length = (): Expr => call("list.length", [whole.emit()]);
  const start =
    from === undefined ? (): Expr => intExpr(0) : fromStart(low, intArgument(low, from, at), length);
  const end = to === undefined ? length : fromStart(low, intArgument(low, to, at), length);
  const bound = (one: Val | undefined): Expr =>
    one === undefined ? noneExpr(languageType(INTEGER)) : someExpr(one.emit());
  const emit = (): Expr => {
    if (step === undefined || step.literal === 1n)
      return call("list.splice", [whole.emit(), start(), end(), part.emit()]);
    const item = prune(joined);
    const type = languageType(item.k === "list" ? item.item : INTEGER);
    return low.prelude("set_step", [whole.emit(), bound(from), bound(to), step.emit(), part.emit()], {
      T: type.text,
    });
  };
  const { top, inner } = target;
  return {
    ty: joined,
    emit,
    top,
    inner: union(inner, given.inner),
    ...(target.shared === true || given.shared === true ? { shared: true } : {}),
  };
}

const asList = (ty: Ty): Ty => {
  const at = prune(ty);
  return at.k === "list" ? { ...at, flavour: "list" } : ty;
};

/** `xs * n` of a list, tuple or text. */
export function repeated(low: Lowering, source: Val, times: Val, at: Place): Val {
  const count = intArgument(low, times, at);
  const ty = low.need(source.ty, at);
  const n = (): Expr => (count.nonneg === true ? count.emit() : call("max", [count.emit(), intExpr(0)]));
  if (ty.k === "str") return val(TEXT, () => call("string.repeat", [source.emit(), n()]));
  const listed = asTupleList(low, source, at);
  const item = low.need(listed.ty, at);
  if (item.k !== "list") return refuse("types", at, `${tyText(ty)} cannot be repeated`);
  const [only] = source.items ?? [];
  const isOne = ty.k === "list" && source.items?.length === 1 && only !== undefined;
  const emit = (): Expr => {
    if (isOne) return call("list.repeat", [only.emit(), n()]);
    return low.prelude("repeat_list", [listed.emit(), count.emit()], { T: languageType(item.item).text });
  };
  const isObject = isMutable(item.item);
  return {
    ty: listed.ty,
    emit,
    top: item.flavour === "tuple" ? new Set() : low.newObject(`*${at.line}:${at.column}:${low.frame.key}`),
    inner: listed.inner,
    ...(isObject || source.shared === true ? { shared: true } : {}),
  };
}
