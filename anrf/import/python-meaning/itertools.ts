import type { Expr } from "#anrf/build/expr.ts";
import { applyFunction } from "#anrf/import/expressions/call.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { emitAs, once } from "#anrf/import/lowering/lets.ts";
import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import { INTEGER, languageType, list, prune, type Ty, tuple } from "#anrf/import/lowering/types.ts";
import {
  call,
  intExpr,
  intVal,
  lambda,
  noneVal,
  part,
  Slot,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { items } from "#anrf/import/python-collections/items.ts";
import { slice } from "#anrf/import/python-collections/slices.ts";
import { overItems } from "#anrf/import/python-collections/sort.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { insideLambda } from "#anrf/import/statements/comprehension.ts";
import { first, intArgument, second } from "./base.ts";
import { binary, truth } from "./operators.ts";

/** The type of the items of a list. */
export function itemTy(low: Lowering, source: Val, at: Place): Ty {
  const ty = low.need(source.ty, at);
  if (ty.k !== "list") throw new Error("items are no list");
  return ty.item;
}

/** Calls of the module itertools, whose iterators are lists here. */
export function itertoolsCall(low: Lowering, fn: string, asked: KnownCall): Val {
  const { at } = asked;
  return (
    combining(low, fn, asked) ??
    running(low, fn, asked) ??
    picking(low, fn, asked) ??
    longest(low, fn, asked) ??
    refuse("call", at, `itertools.${fn} is not supported`)
  );
}

function combining(low: Lowering, fn: string, asked: KnownCall): Val | undefined {
  const { at, args } = asked;
  const read = (one: Val): Val => {
    const source = one.literal === "*" ? one : items(low, one, at);
    low.observe(source, at);
    return source;
  };
  const picked = (source: Val, places: () => Expr): Val => {
    const item = itemTy(low, source, at);
    const whole = once(low, source);
    const [row, place] = [new Slot("places", list(INTEGER)), new Slot("i", INTEGER)];
    return val(
      list(list(item, "tuple"), "iter"),
      () =>
        call("list.map", [
          places(),
          lambda([row], () =>
            call("list.map", [
              row.use(),
              lambda([place], () => call("list.get", [whole.emit(), place.use()])),
            ]),
          ),
        ]),
      { inner: source.inner },
    );
  };
  switch (fn) {
    case "chain":
    case "chain.from_iterable": {
      if (args.length === 1 && (fn !== "chain" || args[0]?.literal === "*")) {
        const rows = read(first(asked));
        const row = itemTy(low, rows, at);
        const slot = new Slot("row", row);
        const body = insideLambda(low, slot, rows, undefined, at, (one) => read(one));
        const item = itemTy(low, body, at);
        const isList = prune(row).k === "list";
        return val(
          list(item, "iter"),
          () =>
            isList
              ? call("list.flatten", [rows.emit()])
              : call("list.flat_map", [rows.emit(), lambda([slot], () => emitAs(body, body.ty))]),
          { inner: rows.inner },
        );
      }
      const parts = args.map(read);
      const item = parts.map((one) => itemTy(low, one, at)).reduce((a, c) => low.join(a, c, at));
      const made = parts.map((one) =>
        coerce(low, { ...one, ty: list(itemTy(low, one, at)) }, list(item), at),
      );
      return val(
        list(item, "iter"),
        () => made.map((one) => one.emit()).reduce((a, c) => call("list.concat", [a, c])),
        { inner: new Set(parts.flatMap((one) => [...one.inner])) },
      );
    }
    case "combinations": {
      const source = read(first(asked));
      const item = itemTy(low, source, at);
      const size = intArgument(low, second(asked), at);
      if (size.literal === 2n || size.literal === 3n)
        return tuplesOf(
          list(item),
          item,
          Number(size.literal),
          () => call("list.combinations", [source.emit(), size.emit()]),
          source,
        );
      return val(
        list(list(item, "tuple"), "iter"),
        () => call("list.combinations", [source.emit(), size.emit()]),
        { inner: source.inner },
      );
    }
    case "combinations_with_replacement": {
      const source = once(low, read(first(asked)));
      const size = intArgument(low, second(asked), at);
      return picked(source, () =>
        low.prelude("combine_again", [call("list.length", [source.emit()]), size.emit()]),
      );
    }
    case "permutations": {
      const source = once(low, read(first(asked)));
      const length = (): Expr => call("list.length", [source.emit()]);
      const size = args[1] === undefined ? length : intArgument(low, args[1], at).emit;
      return picked(source, () => low.prelude("permutations", [length(), size()]));
    }
    case "product":
      return productOf(low, asked, read);
    default:
      return undefined;
  }
}

function running(low: Lowering, fn: string, asked: KnownCall): Val | undefined {
  const { at, args, site, named } = asked;
  const read = (one: Val): Val => {
    const source = one.literal === "*" ? one : items(low, one, at);
    low.observe(source, at);
    return source;
  };
  switch (fn) {
    case "accumulate": {
      const source = read(first(asked));
      const item = itemTy(low, source, at);
      const fn0 = args[1]?.fn ?? named.get("func")?.fn;
      const [a, c] = [new Slot("total", item), new Slot("item", item)];
      const body = insideLambda(low, a, source, undefined, at, (total) => {
        const one = c.val();
        return fn0 === undefined
          ? binary(low, "+", total, one, at)
          : applyFunction(low, fn0, [total, one], new Map(), { at, site });
      });
      const made = coerce(low, body, low.join(item, body.ty, at), at);
      if (named.has("initial"))
        return refuse("call", at, "accumulate with an initial value is not supported");
      return val(
        list(item, "iter"),
        () =>
          low.prelude("accumulate", [source.emit(), lambda([a, c], made.emit)], {
            T: languageType(item).text,
          }),
        { inner: source.inner },
      );
    }
    case "groupby": {
      const source = once(low, read(first(asked)));
      const item = itemTy(low, source, at);
      const key = args[1] ?? named.get("key");
      const hasKey = key !== undefined && prune(key.ty).k !== "none";
      const body = hasKey ? overItems(low, key, source, at, site) : undefined;
      const keyTy = body === undefined ? item : body.body.ty;
      const keys = (): Expr =>
        body === undefined
          ? source.emit()
          : call("list.map", [source.emit(), lambda([body.slot], () => emitAs(body.body, keyTy))]);
      return val(
        list(tuple([keyTy, list(item, "iter")]), "iter"),
        () =>
          low.prelude("group_runs", [source.emit(), keys()], {
            K: languageType(keyTy).text,
            V: languageType(item).text,
          }),
        { inner: source.inner },
      );
    }
    case "repeat": {
      const times = args[1];
      if (times === undefined) return refuse("call", at, "an endless repeat is not supported");
      return val(
        list(first(asked).ty, "iter"),
        () => call("list.repeat", [first(asked).emit(), call("max", [times.emit(), intExpr(0)])]),
        { inner: new Set([...first(asked).top, ...first(asked).inner]), shared: true },
      );
    }
    default:
      return undefined;
  }
}

function picking(low: Lowering, fn: string, asked: KnownCall): Val | undefined {
  const { at, args, site } = asked;
  const read = (one: Val): Val => {
    const source = one.literal === "*" ? one : items(low, one, at);
    low.observe(source, at);
    return source;
  };
  switch (fn) {
    case "islice": {
      const source = read(first(asked));
      const [, a, z, step] = args;
      const isNone = (one: Val | undefined): boolean => one === undefined || prune(one.ty).k === "none";
      const ends =
        z === undefined
          ? { ...(isNone(a) ? {} : { to: a as Val }) }
          : {
              ...(isNone(a) ? {} : { from: a as Val }),
              ...(isNone(z) ? {} : { to: z }),
              ...(isNone(step) ? {} : { step: step as Val }),
            };
      return slice(low, { ...source, ty: list(itemTy(low, source, at)) }, ends, at);
    }
    case "takewhile":
    case "dropwhile":
    case "filterfalse": {
      const source = read(second(asked));
      const { slot, body } = overItems(low, first(asked), source, at, site);
      const test = insideTruth(low, body, at);
      const id =
        fn === "takewhile" ? "list.take_while" : fn === "dropwhile" ? "list.drop_while" : "list.filter";
      const emit = (): Expr =>
        call(id, [
          source.emit(),
          lambda([slot], () => (fn === "filterfalse" ? call("bool.not", [test.emit()]) : test.emit())),
        ]);
      return val(list(itemTy(low, source, at), "iter"), emit, { inner: source.inner });
    }
    case "starmap": {
      const rows = read(second(asked));
      const row = low.need(itemTy(low, rows, at), at);
      const called = first(asked).fn;
      if (row.k !== "tuple" || called === undefined) return refuse("types", at, "starmap takes tuples");
      const slot = new Slot("row", row);
      const body = insideLambda(low, slot, rows, undefined, at, (one) =>
        applyFunction(
          low,
          called,
          row.items.map((ty, i) => val(ty, () => part(one.emit, i), { simple: true })),
          new Map(),
          { at, site },
        ),
      );
      return val(list(body.ty, "iter"), () =>
        call("list.map", [rows.emit(), lambda([slot], () => emitAs(body, body.ty))]),
      );
    }
    case "pairwise": {
      const source = once(low, read(first(asked)));
      const item = itemTy(low, source, at);
      return val(
        list(tuple([item, item]), "iter"),
        () => call("list.zip", [source.emit(), call("list.drop", [source.emit(), intExpr(1)])]),
        { inner: source.inner },
      );
    }
    default:
      return undefined;
  }
}

function longest(low: Lowering, fn: string, asked: KnownCall): Val | undefined {
  const { at, args, named } = asked;
  const read = (one: Val): Val => {
    const source = one.literal === "*" ? one : items(low, one, at);
    low.observe(source, at);
    return source;
  };
  switch (fn) {
    case "zip_longest": {
      const [a, c] = args.map(read);
      const fill = named.get("fillvalue") ?? noneVal;
      if (a === undefined || c === undefined || args.length !== 2)
        return refuse("call", at, "zip_longest of more or less than two lists");
      const ty = [itemTy(low, a, at), itemTy(low, c, at)].map((one) => low.join(one, fill.ty, at));
      const [x, y] = [
        once(low, coerce(low, a, list(ty[0] ?? INTEGER), at)),
        once(low, coerce(low, c, list(ty[1] ?? INTEGER), at)),
      ];
      const fills = ty.map((one) => once(low, coerce(low, fill, one, at)));
      return val(list(tuple(ty), "iter"), () => {
        const length = (one: Val): Expr => call("list.length", [one.emit()]);
        const padded = (one: Val, other: Val, by: Val | undefined): Expr =>
          call("list.concat", [
            one.emit(),
            call("list.repeat", [
              (by ?? noneVal).emit(),
              call("max", [call("int.sub", [length(other), length(one)]), intExpr(0)]),
            ]),
          ]);
        return call("list.zip", [padded(x, y, fills[0]), padded(y, x, fills[1])]);
      });
    }
    default:
      return undefined;
  }
}

function insideTruth(low: Lowering, body: Val, at: Place): Val {
  return prune(body.ty).k === "bool" ? body : truth(low, body, at);
}

/** Lists of a known size as tuples. */
function tuplesOf(row: Ty, item: Ty, size: number, rows: () => Expr, source: Val): Val {
  const slot = new Slot("row", row);
  const types = Array.from({ length: size }, () => item);
  return val(
    list(tuple(types), "iter"),
    () =>
      call("list.map", [
        rows(),
        lambda([slot], () => ({
          kind: "tuple",
          items: types.map((_, i) => call("list.get", [slot.use(), intExpr(i)])),
          type: languageType(tuple(types)),
        })),
      ]),
    { inner: source.inner },
  );
}

function productOf(low: Lowering, asked: KnownCall, read: (one: Val) => Val): Val {
  const { args, named, at } = asked;
  const times = named.get("repeat");
  if (times !== undefined || args[0]?.literal === "*") {
    const source = once(low, read(first(asked)));
    const isRows = args[0]?.literal === "*";
    const item = isRows
      ? itemTy(low, items(low, new Slot("row", itemTy(low, source, at)).val(), at), at)
      : itemTy(low, source, at);
    const rows = isRows
      ? source.emit
      : (): Expr =>
          call("list.repeat", [source.emit(), call("max", [(times ?? intVal(1)).emit(), intExpr(0)])]);
    if (isRows && prune(itemTy(low, source, at)).k !== "list")
      return refuse("types", at, "product of rows that are no lists");
    return val(
      list(list(item, "tuple"), "iter"),
      () => low.prelude("product_rows", [rows()], { T: languageType(item).text }),
      { inner: source.inner },
    );
  }
  const sources = args.map((one) => once(low, read(one)));
  const types = sources.map((one) => itemTy(low, one, at));
  if (sources.length < 2 || sources.length > 16) return refuse("call", at, "product of fewer than two lists");
  const slots = types.map((ty, i) => new Slot(`item${i + 1}`, ty));
  const emit = (): Expr => {
    const build = (i: number): Expr => {
      const [source, slot] = [sources[i], slots[i]];
      if (source === undefined || slot === undefined) throw new Error("a product has no such list");
      const isLast = i === sources.length - 1;
      const body = (): Expr =>
        isLast
          ? { kind: "tuple", items: slots.map((one) => one.use()), type: languageType(tuple(types)) }
          : build(i + 1);
      return call(isLast ? "list.map" : "list.flat_map", [source.emit(), lambda([slot], body)]);
    };
    return build(0);
  };
  return val(list(tuple(types), "iter"), emit, { inner: new Set(sources.flatMap((one) => [...one.inner])) });
}
