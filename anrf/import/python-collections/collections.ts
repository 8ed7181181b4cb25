import type { Expr } from "#anrf/build/expr.ts";
import { applyFunction } from "#anrf/import/expressions/call.ts";
import { emptyDict } from "#anrf/import/expressions/literals.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import {
  INTEGER,
  languageType,
  prune,
  rootCell,
  type Ty,
  tuple,
  tyText,
} from "#anrf/import/lowering/types.ts";
import { call, intVal, lambda, noneVal, part, Slot, type Val, val } from "#anrf/import/lowering/value.ts";
import { first, intArgument, second } from "#anrf/import/python-meaning/base.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import { items } from "./items.ts";
import { kv } from "./keys.ts";
import { sorted } from "./sort.ts";

/** Calls of the module collections. */
export function collectionCall(low: Lowering, fn: string, asked: KnownCall): Val {
  const { at, site, args } = asked;
  const [given] = args;
  switch (fn) {
    case "Counter": {
      if (given === undefined) {
        return emptyDict(
          low,
          low.dict(low.variable(`${site}k`), INTEGER, at, {
            missing: { kind: "counter", make: () => intVal(0) },
          }),
          site,
        );
      }
      if (prune(given.ty).k === "dict") {
        const known = low.need(given.ty, at);
        if (known.k === "dict" && rootCell(known.cell).missing?.kind === "counter")
          return { ...given, top: low.newObject(site) };
        return refuse("call", at, "a Counter of a dict is not supported");
      }
      if (prune(given.ty).k === "option") refuse("types", at, "a Counter of what may be None");
      const source = items(low, given, at);
      const ty = low.need(source.ty, at);
      const key = ty.k === "list" ? ty.item : INTEGER;
      const made = low.dict(key, INTEGER, at, {
        missing: { kind: "counter", make: () => intVal(0) },
        ...(source.bag === true ? { foreign: true } : {}),
      });
      if (source.ordered !== undefined) low.linkOrder(made.cell, source.ordered);
      const emit = (): Expr =>
        rootCell(made.cell).seen
          ? low.prelude("pairs_tally", [source.emit()], { K: kv(made).K, V: "int" })
          : call("list.tally", [source.emit()]);
      return { ty: made, emit, top: low.newObject(site), inner: new Set() };
    }
    case "defaultdict": {
      const fallback = given?.fn;
      if (args[1] !== undefined)
        refuse("call", at, "a defaultdict that begins with entries is not supported");
      if (fallback === undefined)
        return emptyDict(low, low.dict(low.variable(`${site}k`), low.variable(`${site}v`), at), site);
      const key = low.variable(`${site}k`);
      const make = (place: string): Val =>
        applyFunction(low, fallback, [], new Map(), { at, site: `${site}${place}` });
      const sample = make("sample");
      const value = low.join(low.variable(`${site}v`), sample.ty, at);
      const kept = prune(low.variable(`${site}v`)) === prune(value) ? low.variable(`${site}v`) : value;
      return emptyDict(low, low.dict(key, kept, at, { missing: { kind: "default", make } }), site);
    }
    case "OrderedDict":
      if (given === undefined)
        return emptyDict(low, low.dict(low.variable(`${site}k`), low.variable(`${site}v`), at), site);
      return low.meaning.call(low, { ...asked, name: "dict" });
    case "deque": {
      const made = low.meaning.call(low, {
        ...asked,
        name: "list",
        args: given === undefined ? [] : [given],
      });
      if (args[1] !== undefined || asked.named.has("maxlen"))
        return refuse("call", at, "a deque with a greatest length is not supported");
      const ty = prune(made.ty);
      return ty.k === "list" ? { ...made, ty: { ...ty, flavour: "deque" } } : made;
    }
    default:
      return refuse("call", at, `collections.${fn} is not supported`);
  }
}

/** `dict.fromkeys(keys, value)`. */
export function fromKeys(low: Lowering, asked: KnownCall): Val {
  const { at, site, args } = asked;
  const source = items(low, first(asked), at);
  const value = args[1] === undefined ? noneVal : once(low, args[1]);
  const ty = low.need(source.ty, at);
  const key = ty.k === "list" ? ty.item : INTEGER;
  const made = low.dict(key, value.ty, at, source.bag === true ? { foreign: true } : {});
  if (source.ordered !== undefined) low.linkOrder(made.cell, source.ordered);
  const slot = new Slot("key", key);
  const emit = (): Expr => {
    const pairs = call("list.map", [
      source.emit(),
      lambda([slot], () => ({
        kind: "tuple",
        items: [slot.use(), value.emit()],
        type: languageType(tuple([key, value.ty])),
      })),
    ]);
    return rootCell(made.cell).seen
      ? low.prelude("pairs_of", [pairs], kv(made))
      : call("map.from_entries", [pairs]);
  };
  return {
    ty: made,
    emit,
    top: low.newObject(site),
    inner: value.inner,
    ...(value.top.size > 0 ? { shared: true } : {}),
  };
}

/** Calls of the module heapq, on lists that hold the same items at the same places. */
export function heapCall(low: Lowering, fn: string, asked: KnownCall): Val {
  const { at, args, named, site, store } = asked;
  if (fn === "nlargest" || fn === "nsmallest") {
    const made = sorted(
      low,
      second(asked),
      args[2] ?? named.get("key"),
      fn === "nlargest" ? { ...intVal(1) } : undefined,
      at,
      site,
    );
    const count = intArgument(low, first(asked), at);
    return { ...made, emit: () => call("list.take", [made.emit(), count.emit()]) };
  }
  const heap = fn === "merge" ? first(asked) : once(low, first(asked));
  const ty = low.need(heap.ty, at);
  if (ty.k !== "list") return refuse("types", at, `${tyText(ty)} is no heap`);
  const push = (item: Val): { whole: Val; value: Val; wide: Ty & { k: "list" } } => {
    const joined = low.join(ty.item, item.ty, at);
    if (prune(joined).k === "option") refuse("types", at, "a heap of what may be None");
    const wide = { ...ty, item: joined };
    return { whole: coerce(low, heap, wide, at), value: coerce(low, item, joined, at), wide };
  };
  const types = (wide: Ty & { k: "list" }): { T: string } => ({ T: languageType(wide.item).text });
  switch (fn) {
    case "heappush": {
      const { whole, value, wide } = push(second(asked));
      store(0, {
        ...heap,
        simple: false,
        ty: wide,
        emit: () => low.prelude("heap_push", [whole.emit(), value.emit()], types(wide)),
      });
      return noneVal;
    }
    case "heapify":
      store(0, { ...heap, simple: false, emit: () => low.prelude("heapify", [heap.emit()], types(ty)) });
      return noneVal;
    case "heappop":
    case "heappushpop":
    case "heapreplace": {
      let from = heap;
      if (fn === "heappushpop") {
        const { whole, value, wide } = push(second(asked));
        from = {
          ...heap,
          simple: false,
          ty: wide,
          emit: () => low.prelude("heap_push", [whole.emit(), value.emit()], types(wide)),
        };
      }
      const wide = low.need(from.ty, at);
      if (wide.k !== "list") throw new Error("a heap is no list");
      const both = once(
        low,
        val(tuple([wide.item, wide]), () => low.prelude("heap_pop", [from.emit()], types(wide)), {
          inner: heap.inner,
        }),
      );
      const rest: Val = { ...heap, simple: false, ty: wide, emit: () => part(both.emit, 1) };
      if (fn === "heapreplace") {
        const { value } = push(second(asked));
        store(0, {
          ...rest,
          emit: () => low.prelude("heap_push", [part(both.emit, 1), value.emit()], types(wide)),
        });
      } else store(0, rest);
      return val(wide.item, () => part(both.emit, 0), { simple: true, inner: heap.inner });
    }
    default:
      return refuse("call", at, `heapq.${fn} is not supported`);
  }
}

/** Calls of the module bisect. */
export function bisectCall(low: Lowering, fn: string, asked: KnownCall): Val {
  const { at, args, store } = asked;
  if (args.length > 2 || asked.named.size > 0)
    return refuse("call", at, "bisect with bounds is not supported");
  const source = once(low, first(asked));
  const ty = low.need(source.ty, at);
  if (ty.k !== "list") return refuse("types", at, `bisect of ${tyText(ty)}`);
  const joined = low.join(ty.item, second(asked).ty, at);
  if (prune(joined).k === "option") refuse("types", at, "bisect of what may be None");
  const [whole, value] = [
    once(low, coerce(low, source, { ...ty, item: joined }, at)),
    once(low, coerce(low, second(asked), joined, at)),
  ];
  const isLeft = fn.endsWith("left");
  const place = (): Expr =>
    low.prelude(isLeft ? "bisect_left" : "bisect_right", [whole.emit(), value.emit()], {
      T: languageType(joined).text,
    });
  if (fn.startsWith("insort")) {
    store(0, {
      ...whole,
      simple: false,
      emit: () => call("list.insert", [whole.emit(), place(), value.emit()]),
    });
    return noneVal;
  }
  return val(INTEGER, place, { nonneg: true, small: true });
}
