import type { Expr } from "#anrf/build/expr.ts";
import { applyFunction } from "#anrf/import/expressions/call.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { eager, emitAs, once } from "#anrf/import/lowering/lets.ts";
import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import {
  isMutable,
  languageType,
  list,
  option,
  prune,
  TEXT,
  type Ty,
  tuple,
  tyText,
} from "#anrf/import/lowering/types.ts";
import { call, ifExpr, intExpr, lambda, Slot, type Val, val } from "#anrf/import/lowering/value.ts";
import { truth } from "#anrf/import/python-meaning/operators.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { insideLambda, older } from "#anrf/import/statements/comprehension.ts";
import { items } from "./items.ts";
import { overItems } from "./sort.ts";

/** The type of an iterator over the value. */
export function iterOf(low: Lowering, value: Val, at: Place): Ty {
  const ty = low.need(value.ty, at);
  return ty.k === "list" ? { ...ty, flavour: "iter" } : ty;
}

/** The function, with the truth of what it gives. */
export function truthOf(low: Lowering, fn: Val, at: Place): Val {
  const called = fn.fn;
  if (called === undefined) return refuse("call", at, "a function is expected");
  return {
    ...fn,
    fn: {
      kind: "wrapped",
      apply: (value, where) => truth(low, applyFunction(low, called, [value], new Map(), where), at),
    },
  };
}

/** zip: pairs; of three and more, and of *rows, tuples or lists. */
export function zipped(low: Lowering, args: readonly Val[], at: Place): Val {
  const [only] = args;
  if (only !== undefined && args.length === 1 && only.literal === "*") return transposed(low, only, at);
  const sources = args.map((one) => {
    const source = items(low, one, at);
    low.observe(source, at);
    return source;
  });
  const types = sources.map((one) => {
    const ty = low.need(one.ty, at);
    return ty.k === "list" ? ty.item : TEXT;
  });
  const [first, second, ...rest] = sources;
  const inner = new Set(sources.flatMap((one) => [...one.inner]));
  const shared = sources.some((one) => one.shared === true) ? { shared: true } : {};
  if (first === undefined) return refuse("call", at, "zip takes arguments");
  if (second === undefined) {
    return val(list(list(types[0] ?? TEXT, "tuple"), "iter"), () => {
      const slot = new Slot("item", types[0] ?? TEXT);
      return call("list.map", [
        first.emit(),
        lambda([slot], () => ({
          kind: "list",
          items: [slot.use()],
          type: languageType(list(types[0] ?? TEXT)),
        })),
      ]);
    });
  }
  if (rest.length === 0)
    return val(list(tuple(types), "iter"), () => call("list.zip", [first.emit(), second.emit()]), {
      inner,
      ...shared,
    });
  return val(
    list(tuple(types), "iter"),
    () => {
      const nested = sources.map((one) => one.emit()).reduceRight((z, one) => call("list.zip", [one, z]));
      const type = nested.type.kind === "list" ? nested.type.item : nested.type;
      const local = { name: "row", type };
      const pick = (index: number): Expr => {
        let at0: Expr = { kind: "local", local, type };
        for (let i = 0; i < index; i++) at0 = field(at0, 1);
        return index === types.length - 1 ? at0 : field(at0, 0);
      };
      const made: Expr[] = types.map((_, i) => pick(i));
      const body: Expr = { kind: "tuple", items: made, type: languageType(tuple(types)) };
      const fn: Expr = {
        kind: "lambda",
        params: [local],
        body,
        type: {
          kind: "function",
          params: [type],
          result: body.type,
          text: `(${type.text}) -> ${body.type.text}`,
        },
      };
      return call("list.map", [nested, fn]);
    },
    { inner, ...shared },
  );
}

function field(target: Expr, index: number): Expr {
  const type = target.type.kind === "tuple" ? target.type.items[index] : undefined;
  if (type === undefined) throw new Error("a row of zip has no such part");
  return { kind: "field", target, field: index, type };
}

/** zip(*rows): the columns, as long as the shortest row. */
function transposed(low: Lowering, rows: Val, at: Place): Val {
  low.observe(rows, at);
  const ty = low.need(rows.ty, at);
  const row = ty.k === "list" ? low.need(ty.item, at) : undefined;
  if (row?.k === "tuple") {
    const whole = once(low, rows);
    const columns = row.items.map((item, i) => {
      const slot = new Slot("row", row);
      return val(
        list(item, "tuple"),
        () => call("list.map", [whole.emit(), lambda([slot], () => field(slot.use(), i))]),
        { inner: rows.inner },
      );
    });
    const made = columns.reduce((a: Ty, c) => low.join(a, c.ty, at), columns[0]?.ty ?? list(TEXT));
    const parts = columns.map((one) => coerce(low, one, made, at));
    return val(
      list(made, "iter"),
      () =>
        ifExpr(
          call("list.is_empty", [whole.emit()]),
          { kind: "list", items: [], type: languageType(list(made)) },
          { kind: "list", items: parts.map((one) => one.emit()), type: languageType(list(made)) },
        ),
      { inner: rows.inner },
    );
  }
  const columns = row?.k === "str" ? mapChars(rows) : rows;
  const item: Ty =
    row?.k === "list" ? row.item : row?.k === "str" ? TEXT : refuse("types", at, "zip of what has no items");
  return val(
    list(list(item, "tuple"), "iter"),
    () => low.prelude("columns", [columns.emit()], { T: languageType(item).text }),
    { inner: rows.inner },
  );
}

function mapChars(rows: Val): Val {
  const slot = new Slot("row", TEXT);
  return val(list(list(TEXT)), () =>
    call("list.map", [rows.emit(), lambda([slot], () => call("string.chars", [slot.use()]))]),
  );
}

/** `map(f, xs, …)`. */
export function mapped(low: Lowering, { args, at, site }: KnownCall): Val {
  const [fn, first, second] = args;
  if (fn?.fn === undefined || first === undefined)
    return refuse("call", at, "map takes a function and lists");
  if (second !== undefined) {
    const all = zipped(low, args.slice(1), at);
    const ty = low.need(all.ty, at);
    const row = ty.k === "list" ? low.need(ty.item, at) : undefined;
    if (row?.k !== "tuple") throw new Error("zip gives no tuples");
    const called = fn.fn;
    const names = called.kind === "lambda" ? called.params.map((param) => param.name) : [];
    const slot = new Slot(names.length === row.items.length ? `(${names.join(", ")})` : "row", row);
    const body = insideLambda(low, slot, all, undefined, at, (item) =>
      applyFunction(
        low,
        called,
        row.items.map((one, i) =>
          val(one, () => field(item.emit(), i), {
            simple: true,
            top: isMutable(one) ? all.inner : new Set(),
            inner: all.inner,
          }),
        ),
        new Map(),
        { at, site },
      ),
    );
    return val(
      list(body.ty, "iter"),
      () => call("list.map", [all.emit(), lambda([slot], () => emitAs(body, body.ty))]),
      { inner: body.inner },
    );
  }
  const source = items(low, first, at);
  const { slot, body } = overItems(low, fn, source, at, site);
  const { bag, ordered } = source;
  return val(
    list(body.ty, "iter"),
    () => call("list.map", [source.emit(), lambda([slot], () => emitAs(body, body.ty))]),
    {
      inner: older(low, new Set([...body.top, ...body.inner]), source),
      ...(body.shared === true ? { shared: true } : {}),
      ...(bag && { bag }),
      ...(ordered && { ordered }),
    },
  );
}

/** `next(iterator, fallback)`: the iterator goes on behind its name. */
export function nextOf(low: Lowering, { args, at, store }: KnownCall): Val {
  const [first, second] = args;
  if (first === undefined) return refuse("call", at, "next takes an iterator");
  const ty = low.need(first.ty, at);
  if (ty.k !== "list" || ty.flavour !== "iter") return refuse("types", at, `next of ${tyText(ty)}`);
  low.observe(first, at);
  const facts = { top: isMutable(ty.item) ? first.inner : new Set<string>(), inner: first.inner };
  const whole = first.simple === true ? first : once(low, first);
  if (first.simple === true)
    store(0, { ...first, simple: false, emit: () => call("list.drop", [whole.emit(), intExpr(1)]) });
  const found = val(option(ty.item), () => call("list.first", [whole.emit()]), facts);
  if (second === undefined) return val(ty.item, () => call("option.unwrap", [found.emit()]), facts);
  const joined = low.join(ty.item, second.ty, at);
  if (prune(second.ty).k === "none")
    return prune(ty.item).k === "option"
      ? refuse("types", at, "next of what may be None")
      : { ...found, ty: joined };
  const other = eager(low, coerce(low, second, joined, at));
  const wide = coerce(low, found, option(joined), at);
  return val(joined, () => call("option.get_or", [wide.emit(), other.emit()]), facts);
}
