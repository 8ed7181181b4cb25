import type { Expr } from "#anrf/build/expr.ts";
import { applyFunction } from "#anrf/import/expressions/call.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { eager, emitAs, once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import {
  isNumeric,
  languageType,
  list,
  option,
  prune,
  type Ty,
  tyText,
} from "#anrf/import/lowering/types.ts";
import { call, ifExpr, lambda, Slot, type Val, val } from "#anrf/import/lowering/value.ts";
import { unwrapped } from "#anrf/import/python-meaning/base.ts";
import { isOrdered } from "#anrf/import/python-meaning/compare.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { insideLambda } from "#anrf/import/statements/comprehension.ts";
import { items } from "./items.ts";

/** A function as a lambda of the language over the items of a list. */
export function overItems(
  low: Lowering,
  fn: Val,
  source: Val,
  at: Place,
  site: string,
): { slot: Slot; body: Val } {
  if (fn.fn === undefined) return refuse("call", at, "a function is expected");
  const ty = low.need(source.ty, at);
  if (ty.k !== "list") throw new Error("items are no list");
  const { fn: called } = fn;
  const first = called.kind === "lambda" ? called.params[0] : undefined;
  const name = first?.name ?? (called.kind === "source" ? (called.fn.params[0]?.name ?? "") : "item");
  const slot = new Slot(name, ty.item);
  const body = insideLambda(low, slot, source, undefined, at, (item) =>
    applyFunction(low, called, [item], new Map(), { at, site }),
  );
  return { slot, body };
}

/** A key function: what it gives is compared, and None cannot be. */
function keyOver(low: Lowering, fn: Val, source: Val, at: Place, site: string): { slot: Slot; body: Val } {
  const { slot, body } = overItems(low, fn, source, at, site);
  return { slot, body: unwrapped(body) };
}

/** sorted(xs, key, reverse): stable, also where it is reversed. */
export function sorted(
  low: Lowering,
  value: Val,
  key: Val | undefined,
  reverse: Val | undefined,
  at: Place,
  site: string,
): Val {
  const source = items(low, value, at);
  const ty = low.need(source.ty, at);
  if (ty.k !== "list") throw new Error("items are no list");
  const hasKey = key !== undefined && prune(key.ty).k !== "none";
  // Items that a key puts at one place stay as they were; equal items cannot be told apart.
  if (hasKey) low.observe(source, at);
  const made = (from: () => Expr): Expr => {
    if (body === undefined) return call("list.sort", [from()]);
    return call("list.sort_by", [from(), lambda([body.slot], () => emitAs(body.body, body.body.ty))]);
  };
  const body = hasKey ? keyOver(low, key, source, at, site) : undefined;
  const sortedBy = body === undefined ? ty.item : body.body.ty;
  low.need(sortedBy, at);
  if (!isOrdered(sortedBy)) refuse("types", at, `${tyText(sortedBy)} has no order`);
  noteNan(low, sortedBy);
  const down = (): Expr =>
    body === undefined
      ? call("list.sort_desc", [source.emit()])
      : call("list.reverse", [made(() => call("list.reverse", [source.emit()]))]);
  const more = {
    top: low.newObject(site),
    inner: source.inner,
    ...(source.shared === true ? { shared: true } : {}),
  };
  const result = list(ty.item);
  if (reverse === undefined || reverse.literal === false || reverse.literal === 0n)
    return { ...val(result, () => made(source.emit)), ...more };
  if (reverse.literal === true || reverse.literal === 1n) return { ...val(result, down), ...more };
  const isDown = low.meaning.truth(low, reverse, at);
  const whole = once(low, source);
  if (body !== undefined) return refuse("call", at, "reverse that is not a constant beside a key");
  return {
    ...val(result, () =>
      ifExpr(isDown.emit(), call("list.sort_desc", [whole.emit()]), call("list.sort", [whole.emit()])),
    ),
    ...more,
  };
}

function noteNan(low: Lowering, ty: Ty): void {
  if (/\b(float|number)\b/.test(tyText(ty)))
    low.note("sorted, min and max put NaN last; Python's answer depends on where NaN stands");
}

/** What `max(*xs)` compares: numbers, of which there have to be several. */
function severalOf(low: Lowering, spread: Val, at: Place): Val {
  const ty = low.need(spread.ty, at);
  if (ty.k !== "list" || !isNumeric(low.need(ty.item, at)))
    return refuse("call", at, "the greatest or least of spread arguments that are no numbers");
  const emit = (): Expr => low.prelude("several", [spread.emit()], { T: languageType(ty.item).text });
  const { literal: _mark, ...rest } = spread;
  return { ...rest, simple: false, emit };
}

/** min and max of an iterable, or of the arguments. */
export function extreme(
  low: Lowering,
  name: "min" | "max",
  args: readonly Val[],
  named: ReadonlyMap<string, Val>,
  at: Place,
  site: string,
): Val {
  const key = named.get("key");
  const hasKey = key !== undefined && prune(key.ty).k !== "none";
  const fallback = named.get("default");
  const [first, ...rest] = args;
  if (first === undefined) return refuse("call", at, `${name} takes arguments`);
  const isStar = first.literal === "*" && rest.length === 0;
  if (rest.length > 0 && !hasKey) return extremeOfArgs(low, name, args, at);
  const source =
    rest.length > 0 ? listOfArgs(low, args, at) : isStar ? severalOf(low, first, at) : items(low, first, at);
  const ty = low.need(source.ty, at);
  if (ty.k !== "list") throw new Error("items are no list");
  if (hasKey) low.observe(source, at);
  const body = hasKey ? keyOver(low, key, source, at, site) : undefined;
  const by = body === undefined ? ty.item : body.body.ty;
  low.need(by, at);
  if (!isOrdered(by)) refuse("types", at, `${tyText(by)} has no order`);
  noteNan(low, by);
  const found = val(
    option(ty.item),
    () =>
      body === undefined
        ? call(`list.${name}`, [source.emit()])
        : call(`list.${name}_by`, [
            source.emit(),
            lambda([body.slot], () => emitAs(body.body, body.body.ty)),
          ]),
    { top: source.inner, inner: source.inner },
  );
  const facts: Partial<Val> = {
    top: source.inner,
    inner: source.inner,
    ...(source.range?.from.nonneg === true || source.nonneg === true ? { nonneg: true } : {}),
  };
  if (fallback === undefined) return val(ty.item, () => call("option.unwrap", [found.emit()]), facts);
  const joined = low.join(ty.item, fallback.ty, at);
  if (prune(fallback.ty).k === "none") return coerce(low, { ...found, ty: option(ty.item) }, joined, at);
  const other = eager(low, coerce(low, fallback, joined, at));
  const wide = coerce(low, found, option(joined), at);
  return val(joined, () => call("option.get_or", [wide.emit(), other.emit()]), {
    top: source.inner,
    inner: source.inner,
  });
}

function extremeOfArgs(low: Lowering, name: "min" | "max", args: readonly Val[], at: Place): Val {
  const values = args.map((one) => unwrapped(one));
  const ty = values.map((one) => one.ty).reduce((a: Ty, c) => low.join(a, c, at));
  low.need(ty, at);
  if (!isOrdered(ty)) refuse("types", at, `${tyText(ty)} has no order`);
  noteNan(low, ty);
  const isNonneg =
    name === "max" ? values.some((one) => one.nonneg === true) : values.every((one) => one.nonneg === true);
  return values
    .map((one) => coerce(low, one, ty, at))
    .reduce((a, c) =>
      val(ty, () => call(name, [a.emit(), c.emit()]), {
        top: new Set([...a.top, ...c.top]),
        inner: new Set([...a.inner, ...c.inner]),
        ...(isNonneg && prune(ty).k === "int" ? { nonneg: true } : {}),
      }),
    );
}

function listOfArgs(low: Lowering, args: readonly Val[], at: Place): Val {
  const ty = args.map((one) => one.ty).reduce((a: Ty, c) => low.join(a, c, at));
  const made = args.map((one) => coerce(low, one, ty, at));
  return val(
    list(ty),
    () => {
      return { kind: "list", items: made.map((one) => one.emit()), type: languageType(list(ty)) };
    },
    { inner: new Set(args.flatMap((one) => [...one.top, ...one.inner])) },
  );
}
