import { applyFunction } from "#anrf/import/expressions/call.ts";
import type { FunctionValue } from "#anrf/import/lowering/frame.ts";
import { emitAs } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { INTEGER, isMutable, list, type Ty, tuple } from "#anrf/import/lowering/types.ts";
import { call, lambda, part, Slot, type Val, val } from "#anrf/import/lowering/value.ts";
import { overItems } from "#anrf/import/python-collections/sort.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place, Source } from "#anrf/import/source/source.ts";
import { insideLambda } from "#anrf/import/statements/comprehension.ts";

/** A function over the items of a list, with what it is given: the items, or pairs of index and item. */
export interface Callback {
  readonly items: Val;
  readonly slot: Slot;
  readonly body: Val;
}

/** The callback of map, filter and their like: of the item, or of the item and its index. */
export function callback(low: Lowering, fn: Val | undefined, source: Val, at: Place, site: string): Callback {
  if (fn?.fn === undefined) return refuse("call", at, "a function is expected");
  const ty = low.need(source.ty, at);
  if (ty.k !== "list") throw new Error("items are no list");
  const count = paramCount(fn.fn);
  if (count <= 1) return { items: source, ...overItems(low, fn, source, at, site) };
  if (count > 2) return refuse("call", at, "the third parameter of a callback");
  low.observe(source, at);
  const pair = tuple([INTEGER, ty.item]);
  const names = paramNames(fn.fn);
  const slot = new Slot(names.length === 2 ? `(${names[1]}, ${names[0]})` : "entry", pair);
  const { inner, shared } = source;
  const entries = val(list(pair), () => call("list.enumerate", [source.emit()]), {
    inner,
    ...(shared === true ? { shared } : {}),
  });
  const called = fn.fn;
  const body = insideLambda(low, slot, entries, undefined, at, (entry) => {
    const index = val(INTEGER, () => part(entry.emit, 0), { simple: true, nonneg: true, small: true });
    const item = val(ty.item, () => part(entry.emit, 1), {
      simple: true,
      top: isMutable(ty.item) ? inner : new Set(),
      inner,
    });
    return applyFunction(low, called, [item, index], new Map(), { at, site });
  });
  return { items: entries, slot, body };
}

/** A call of a builtin with the callback over its items. */
export function over(builtin: string, { items, slot, body }: Callback, ty: Ty = body.ty) {
  return call(builtin, [items.emit(), lambda([slot], () => emitAs(body, ty))]);
}

function paramCount(fn: FunctionValue): number {
  if (fn.kind === "lambda") return fn.params.length;
  return fn.kind === "source" ? fn.fn.params.length : 1;
}

function paramNames(fn: FunctionValue): readonly string[] {
  if (fn.kind === "lambda") return fn.params.map((one) => one.name);
  return fn.kind === "source" ? fn.fn.params.map((one) => one.name) : [];
}

/** What a comparator orders by: keys of one item, each rising or falling. */
export interface Order {
  readonly name: string;
  readonly keys: readonly { readonly key: Source; readonly isDown: boolean }[];
}

/** `(a, b) => a.x - b.x || b.y - a.y` as keys; undefined where the comparator is another. */
export function orderOf(fn: FunctionValue): Order | undefined {
  if (fn.kind !== "lambda" || fn.params.length !== 2) return undefined;
  const [a, c] = fn.params.map((one) => one.name);
  if (a === undefined || c === undefined) return undefined;
  const keys = termsOf(fn.body).map((term) => keyOf(term, a, c));
  return keys.every((one) => one !== undefined) ? { name: a, keys } : undefined;
}

function termsOf(source: Source): readonly Source[] {
  return source.kind === "logic" && source.op === "or"
    ? [...termsOf(source.left), ...termsOf(source.right)]
    : [source];
}

function keyOf(term: Source, a: string, c: string): { key: Source; isDown: boolean } | undefined {
  if (term.kind !== "binary" || term.op !== "-") return undefined;
  const [left, right] = [shape(term.left, a, c), shape(term.right, c, a)];
  if (left === right && mentions(term.left, a) && !mentions(term.left, c))
    return { key: term.left, isDown: false };
  const [first, second] = [shape(term.right, a, c), shape(term.left, c, a)];
  if (first === second && mentions(term.right, a) && !mentions(term.right, c))
    return { key: term.right, isDown: true };
  return undefined;
}

/** The tree as text without its places, `own` and `other` by neutral names. */
function shape(source: Source, own: string, other: string): string {
  return JSON.stringify(source, (key, value: unknown) => {
    if (key === "id" || key === "line" || key === "column") return undefined;
    if (typeof value === "bigint") return `${value}n`;
    if (key !== "name") return value;
    if (value === own) return "%own";
    return value === other ? "%other" : value;
  });
}

function mentions(source: Source, name: string): boolean {
  return shape(source, name, "").includes('"%own"');
}
