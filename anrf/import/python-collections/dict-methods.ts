import type { Expr } from "#anrf/build/expr.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { eager, once } from "#anrf/import/lowering/lets.ts";
import type { Changed, Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import {
  INTEGER,
  isMutable,
  languageType,
  list,
  option,
  prune,
  rootCell,
  type Ty,
  tuple,
} from "#anrf/import/lowering/types.ts";
import {
  call,
  ifExpr,
  intExpr,
  lambda,
  noneVal,
  Slot,
  union,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { entriesAs, items, keysOf } from "./items.ts";
import { kv, lookUp, removeKey, withoutKey } from "./keys.ts";
import { keep, put } from "./lists.ts";

/** The methods of dicts, Counters and defaultdicts. */
export function dictMethod(low: Lowering, asked: MethodCall, ty: Ty & { k: "dict" }): Changed {
  const { name, at } = asked;
  return (
    readingMethod(low, asked, ty) ??
    changingMethod(low, asked, ty) ??
    countingMethod(low, asked, ty) ??
    refuse("call", at, `dicts have no method ${name} here`)
  );
}

/** What every method of a dict needs: its arguments, a key of the dict's type, what is known of values, the dict after a change. */
function asking(low: Lowering, { target, name, at }: MethodCall, ty: Ty & { k: "dict" }) {
  const need = (value: Val | undefined): Val => value ?? refuse("call", at, `${name} takes more arguments`);
  const keyed = (value: Val): Val => coerce(low, value, low.join(ty.key, value.ty, at), at);
  const isObject = isMutable(ty.value);
  const facts = {
    top: isObject ? target.inner : new Set<string>(),
    inner: target.inner,
    ...(target.shared === true ? { shared: true } : {}),
  };
  const changed = (wide: Ty, emit: () => Expr, more: readonly Val[] = []): Val => ({
    ty: wide,
    emit,
    top: target.top,
    inner: union(target.inner, ...more.flatMap((one) => [one.top, one.inner])),
    ...(target.shared === true ||
    more.some((one) => one.shared === true || [...one.top].some((id) => target.inner.has(id)))
      ? { shared: true }
      : {}),
  });
  return { need, keyed, facts, changed };
}

function readingMethod(low: Lowering, asked: MethodCall, ty: Ty & { k: "dict" }): Changed | undefined {
  const { target, name, args, at } = asked;
  const [first, second] = args;
  const { need, keyed, facts, changed } = asking(low, asked, ty);
  switch (name) {
    case "get": {
      const key = keyed(need(first));
      const fallback = second ?? noneVal;
      const valueTy = low.join(ty.value, fallback.ty, at);
      const found = val(option(ty.value), () => lookUp(low, target, ty, key, at), facts);
      if (prune(fallback.ty).k === "none") {
        const whole = prune(ty.value).k === "option" ? valueTy : option(ty.value);
        if (prune(ty.value).k === "option")
          return {
            result: val(
              whole,
              () => call("option.get_or", [found.emit(), coerce(low, fallback, whole, at).emit()]),
              facts,
            ),
          };
        return { result: { ...found, ty: whole } };
      }
      const other = eager(low, coerce(low, fallback, valueTy, at));
      const wideFound = coerce(low, found, option(valueTy), at);
      return {
        result: val(valueTy, () => call("option.get_or", [wideFound.emit(), other.emit()]), {
          top: union(facts.top, fallback.top),
          inner: union(facts.inner, fallback.inner),
        }),
      };
    }
    case "keys":
      return { result: keysOf(low, target, at) };
    case "values":
      return { result: entriesAs(low, target, "values", ty.value, at) };
    case "items":
      return { result: entriesAs(low, target, "entries", tuple([ty.key, ty.value]), at) };
    case "setdefault": {
      const key = keyed(need(first));
      const fallback = second ?? noneVal;
      const valueTy = keep(ty.value, low.join(ty.value, fallback.ty, at));
      const full = { ...ty, key: keep(ty.key, key.ty), value: valueTy };
      low.watch(full, at);
      const whole = once(low, coerce(low, target, full, at));
      const [k, other] = [once(low, key), coerce(low, fallback, valueTy, at)];
      const kept = once(low, other);
      const result = val(
        valueTy,
        () => call("option.get_or", [lookUp(low, whole, full, k, at), kept.emit()]),
        facts,
      );
      const emit = (): Expr => {
        const has = call("option.is_some", [lookUp(low, whole, full, k, at)]);
        return ifExpr(has, whole.emit(), put(low, whole.emit(), full, k.emit(), kept.emit()));
      };
      return { result, changed: changed(full, emit, [fallback]) };
    }
    default:
      return undefined;
  }
}

function changingMethod(low: Lowering, asked: MethodCall, ty: Ty & { k: "dict" }): Changed | undefined {
  const { target, name, args, at, site } = asked;
  const [first, second] = args;
  const cell = rootCell(ty.cell);
  const { need, keyed, facts, changed } = asking(low, asked, ty);
  switch (name) {
    case "pop": {
      const key = keyed(need(first));
      const [whole, k] = [once(low, target), once(low, key)];
      cell.looked ??= at;
      const found = val(option(ty.value), () => lookUp(low, whole, ty, k, at), facts);
      const rest =
        second === undefined
          ? removeKey(low, whole, ty, k, at)
          : (): Expr => withoutKey(low, whole, ty, k, at);
      if (second === undefined)
        return {
          result: val(ty.value, () => call("option.unwrap", [found.emit()]), facts),
          changed: changed(ty, rest),
        };
      const valueTy = low.join(ty.value, second.ty, at);
      const isNone = prune(second.ty).k === "none";
      const other = isNone ? second : eager(low, coerce(low, second, valueTy, at));
      const result =
        isNone && prune(ty.value).k !== "option"
          ? { ...found, ty: option(ty.value) }
          : val(
              valueTy,
              () =>
                call("option.get_or", [
                  coerce(low, found, option(valueTy), at).emit(),
                  coerce(low, other, valueTy, at).emit(),
                ]),
              facts,
            );
      return { result, changed: changed(ty, rest) };
    }
    case "popitem": {
      low.seeOrder(ty.cell, at);
      const whole = once(low, target);
      const isFirst = asked.named.get("last")?.literal === false;
      const pair = (): Expr =>
        call("option.unwrap", [call(isFirst ? "list.first" : "list.last", [whole.emit()])]);
      const rest = (): Expr =>
        isFirst
          ? call("list.drop", [whole.emit(), intExpr(1)])
          : call("list.take", [
              whole.emit(),
              call("int.sub", [call("list.length", [whole.emit()]), intExpr(1)]),
            ]);
      return {
        result: val(tuple([ty.key, ty.value]), pair, { inner: target.inner }),
        changed: changed(ty, rest),
      };
    }
    case "update": {
      if (first === undefined) return { result: noneVal };
      if (cell.missing?.kind === "counter")
        return { result: noneVal, changed: counted(low, target, ty, first, at) };
      return { result: noneVal, changed: updated(low, target, ty, first, at) };
    }
    case "copy":
      return { result: { ...target, top: low.newObject(site) } };
    default:
      return undefined;
  }
}

function countingMethod(low: Lowering, asked: MethodCall, ty: Ty & { k: "dict" }): Changed | undefined {
  const { target, name, args, at } = asked;
  const [first] = args;
  const changed = (wide: Ty, emit: () => Expr, more: readonly Val[] = []): Val => ({
    ty: wide,
    emit,
    top: target.top,
    inner: union(target.inner, ...more.flatMap((one) => [one.top, one.inner])),
    ...(target.shared === true ||
    more.some((one) => one.shared === true || [...one.top].some((id) => target.inner.has(id)))
      ? { shared: true }
      : {}),
  });
  switch (name) {
    case "clear":
      return {
        result: noneVal,
        changed: changed(ty, () =>
          languageType(ty).kind === "map"
            ? { kind: "map", items: [], type: languageType(ty) }
            : { kind: "list", items: [], type: languageType(ty) },
        ),
      };
    case "most_common": {
      const entries = entriesAs(low, target, "entries", tuple([ty.key, ty.value]), at);
      low.observe(entries, at);
      const slot = new Slot("entry", tuple([ty.key, ty.value]));
      const byCount = (): Expr =>
        call("list.sort_by", [
          entries.emit(),
          lambda([slot], () =>
            call("int.neg", [{ kind: "field", target: slot.use(), field: 1, type: languageType(INTEGER) }]),
          ),
        ]);
      const made = list(tuple([ty.key, ty.value]));
      if (first === undefined || prune(first.ty).k === "none") return { result: val(made, byCount) };
      return { result: val(made, () => call("list.take", [byCount(), first.emit()])) };
    }
    case "elements": {
      const entries = entriesAs(low, target, "entries", tuple([ty.key, ty.value]), at);
      const slot = new Slot("(key, count)", tuple([ty.key, ty.value]));
      const field = (index: number, one: Ty): Expr => ({
        kind: "field",
        target: slot.use(),
        field: index,
        type: languageType(one),
      });
      const { ordered } = entries;
      return {
        result: val(
          list(ty.key, "iter"),
          () =>
            call("list.flat_map", [
              entries.emit(),
              lambda([slot], () =>
                call("list.repeat", [field(0, ty.key), call("max", [field(1, ty.value), intExpr(0)])]),
              ),
            ]),
          {
            ...(ordered === undefined ? {} : { ordered }),
          },
        ),
      };
    }
    case "move_to_end":
      return refuse("call", at, "move_to_end is not supported");
    default:
      return undefined;
  }
}

/** The dict with the entries of another, or of pairs. */
function updated(low: Lowering, target: Val, ty: Ty & { k: "dict" }, other: Val, at: Place): Val {
  const given = prune(other.ty);
  const entries =
    given.k === "dict"
      ? entriesAs(low, other, "entries", tuple([given.key, given.value]), at)
      : items(low, other, at);
  const listed = prune(entries.ty);
  const entry = listed.k === "list" ? low.need(listed.item, at) : undefined;
  if (entry?.k !== "tuple" || entry.items.length !== 2)
    return refuse("types", at, "a dict is updated with pairs");
  const [k, v] = entry.items;
  const keyTy = low.join(ty.key, k ?? INTEGER, at);
  const valueTy = low.join(ty.value, v ?? INTEGER, at);
  const wide = { ...ty, key: keep(ty.key, keyTy), value: keep(ty.value, valueTy) };
  low.watch(wide, at);
  const [whole, rest] = [
    coerce(low, target, wide, at),
    coerce(low, entries, list(tuple([keyTy, valueTy])), at),
  ];
  if (entries.ordered !== undefined) low.linkOrder(ty.cell, entries.ordered);
  const emit = (): Expr => {
    const source = whole.emit();
    const pairs = rest.emit();
    if (!rootCell(ty.cell).seen) return call("map.merge", [source, call("map.from_entries", [pairs])]);
    return low.prelude("pairs_of", [call("list.concat", [source, pairs])], kv(wide));
  };
  return {
    ty: wide,
    emit,
    top: target.top,
    inner: union(target.inner, other.inner),
    ...(target.shared === true ? { shared: true } : {}),
  };
}

/** A Counter counts what it is updated with. */
function counted(low: Lowering, target: Val, ty: Ty & { k: "dict" }, other: Val, at: Place): Val {
  const listed = items(low, other, at);
  low.observe(listed, at);
  if (prune(other.ty).k === "dict")
    return refuse("call", at, "a Counter updated with a dict is not supported");
  const item = low.need(listed.ty, at);
  const keyTy = low.join(ty.key, item.k === "list" ? item.item : INTEGER, at);
  const wide = { ...ty, key: keep(ty.key, keyTy) };
  low.watch(wide, at);
  const [state, one] = [new Slot("counts", wide), new Slot("item", keyTy)];
  const emit = (): Expr =>
    call("list.fold", [
      listed.emit(),
      target.emit(),
      lambda([state, one], () => {
        const now = call("option.get_or", [lookUp(low, state.val(), wide, one.val(), at), intExpr(0)]);
        return put(low, state.use(), wide, one.use(), call("int.add", [now, intExpr(1)]));
      }),
    ]);
  return { ty: wide, emit, top: target.top, inner: target.inner };
}
