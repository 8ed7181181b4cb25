import type { Expr } from "#anrf/build/expr.ts";
import { applyFunction } from "#anrf/import/expressions/call.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Changed, Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import {
  BOOLEAN,
  INTEGER,
  isMutable,
  isReal,
  languageType,
  list,
  option,
  prune,
  TEXT,
  type Ty,
  tuple,
  tyText,
} from "#anrf/import/lowering/types.ts";
import {
  call,
  intExpr,
  intVal,
  isSpread,
  lambda,
  noneVal,
  Slot,
  textVal,
  tupleVal,
  union,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { keep } from "#anrf/import/python-collections/lists.ts";
import { method as pythonMethod } from "#anrf/import/python-collections/methods.ts";
import { slice } from "#anrf/import/python-collections/slices.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import { insideLambda } from "#anrf/import/statements/comprehension.ts";
import { callback, orderOf, over } from "./callbacks.ts";
import { items, textOfItems } from "./items.ts";

/** The methods of arrays. */
export function listMethod(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Changed {
  low.observe(asked.target, asked.at);
  const made =
    changing(low, asked, ty) ??
    copying(low, asked, ty) ??
    calling(low, asked, ty) ??
    searching(low, asked, ty) ??
    reading(low, asked, ty);
  return made ?? refuse("call", asked.at, `${asked.name} of an array is not supported here`);
}

function need(value: Val | undefined, asked: MethodCall): Val {
  return value ?? refuse("call", asked.at, `${asked.name} takes more arguments`);
}

/** Methods that change the array. */
function changing(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Changed | undefined {
  const { target, name, args, at } = asked;
  const isObject = isMutable(ty.item);
  const facts = { top: isObject ? target.inner : new Set<string>(), inner: target.inner };
  const changed = (wide: Ty, emit: () => Expr, more: readonly Val[] = []): Val => {
    const isShared =
      target.shared === true ||
      more.some((one) => one.shared === true || [...one.top].some((id) => target.inner.has(id)));
    const inner = union(target.inner, ...more.flatMap((one) => [one.top, one.inner]));
    return { ty: wide, emit, top: target.top, inner, ...(isShared ? { shared: true } : {}) };
  };
  switch (name) {
    case "%push":
    case "%unshift": {
      const [only] = args;
      if (only !== undefined && isSpread(only)) {
        if (args.length > 1) return refuse("call", at, "push of spread items among others");
        const { literal: _mark, ...rest } = only;
        return pythonMethod(low, { ...asked, name: "extend", args: [rest] });
      }
      let item = ty.item;
      for (const one of args) {
        low.observe(one, at);
        item = keep(ty.item, low.join(item, one.ty, at));
      }
      const wide = { ...ty, item };
      const whole = coerce(low, target, wide, at);
      const given = args.map((one) => coerce(low, one, item, at));
      const emit = (): Expr => {
        if (name === "%push" && given.length === 1)
          return call("list.append", [whole.emit(), ...given.map((one) => one.emit())]);
        const more: Expr = { kind: "list", items: given.map((one) => one.emit()), type: languageType(wide) };
        return call("list.concat", name === "%push" ? [whole.emit(), more] : [more, whole.emit()]);
      };
      return { result: noneVal, changed: changed(wide, emit, args) };
    }
    case "pop": {
      const whole = once(low, target);
      const rest = (): Expr =>
        call("list.take", [
          whole.emit(),
          call("max", [call("int.sub", [call("list.length", [whole.emit()]), intExpr(1)]), intExpr(0)]),
        ]);
      return {
        result: val(option(ty.item), () => call("list.last", [whole.emit()]), facts),
        changed: changed(ty, rest),
      };
    }
    case "shift": {
      const whole = once(low, target);
      const rest = (): Expr => call("list.drop", [whole.emit(), intExpr(1)]);
      return {
        result: val(option(ty.item), () => call("list.first", [whole.emit()]), facts),
        changed: changed(ty, rest),
      };
    }
    case "reverse": {
      const made = once(
        low,
        val(target.ty, () => call("list.reverse", [target.emit()])),
      );
      const value = changed(target.ty, made.emit);
      return { result: { ...value, simple: true }, changed: value };
    }
    case "sort": {
      const made = once(low, sorted(low, asked, ty));
      const value = changed(target.ty, made.emit);
      return { result: { ...value, simple: true }, changed: value };
    }
    case "fill":
    case "splice":
    case "copyWithin":
      return refuse("call", at, `${name} is not supported: build a new array`);
    default:
      return undefined;
  }
}

/** Methods that give a sorted or turned copy. */
function copying(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Changed | undefined {
  const { target, name } = asked;
  const more = {
    top: low.newObject(asked.site),
    inner: target.inner,
    ...(target.shared === true ? { shared: true } : {}),
  };
  if (name === "toSorted") return { result: { ...sorted(low, asked, ty), ...more } };
  if (name === "toReversed")
    return { result: { ...val(list(ty.item), () => call("list.reverse", [target.emit()])), ...more } };
  return undefined;
}

/** Without a comparator only texts are put in the order of their characters; numbers would be compared as texts. */
function sorted(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Val {
  const { target, args, at, site } = asked;
  const [fn] = args;
  if (fn === undefined) {
    if (low.need(ty.item, at).k !== "str")
      return refuse("call", at, "sort without a comparator compares texts: give (a, b) => a - b");
    return val(target.ty, () => call("list.sort", [target.emit()]));
  }
  const called = fn.fn;
  const order = called === undefined ? undefined : orderOf(called);
  if (called?.kind !== "lambda" || order === undefined) {
    return refuse("call", at, "a comparator of another form than (a, b) => a.key - b.key");
  }
  const slot = new Slot(order.name, ty.item);
  const [param] = called.params;
  const body = insideLambda(low, slot, target, undefined, at, (item) => {
    const keys = order.keys.map(({ key, isDown }) => {
      const one = applyFunction(
        low,
        { ...called, params: param === undefined ? [] : [param], body: key },
        [item],
        new Map(),
        { at, site },
      );
      return isDown ? low.meaning.unary(low, "-", one, at) : one;
    });
    for (const one of keys) {
      const known = low.need(one.ty, at);
      if (known.k !== "int" && !isReal(known))
        refuse("types", at, `a comparator takes numbers, not ${tyText(known)}`);
    }
    const [only] = keys;
    return keys.length === 1 && only !== undefined ? only : tupleVal(keys);
  });
  const isItself = order.keys.length === 1 && order.keys[0]?.key.kind === "name";
  if (isItself)
    return val(target.ty, () =>
      call(order.keys[0]?.isDown === true ? "list.sort_desc" : "list.sort", [target.emit()]),
    );
  return val(target.ty, () => over("list.sort_by", { items: target, slot, body }));
}

/** Methods that call back. */
function calling(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Changed | undefined {
  const { target, name, args, at, site } = asked;
  const [first, second] = args;
  const back = (): ReturnType<typeof callback> => callback(low, first, target, at, site);
  const itemFacts = { top: isMutable(ty.item) ? target.inner : new Set<string>(), inner: target.inner };
  const kept = { inner: target.inner, ...(target.shared === true ? { shared: true } : {}) };
  switch (name) {
    case "map": {
      const made = back();
      const { body } = made;
      const known = heldIds(low, target);
      const ids = [...body.top, ...body.inner];
      // What is made anew for each item are many objects: none of them is the most recent one.
      const inner = new Set(ids.map((id) => (known.has(id) || id.endsWith("~") ? id : `${id}~`)));
      const shared = body.shared === true || ids.some((id) => known.has(id) && !target.inner.has(id));
      return {
        result: {
          ...val(list(body.ty), () => over("list.map", made), { inner, ...(shared ? { shared } : {}) }),
          top: low.newObject(site),
        },
      };
    }
    case "flatMap": {
      const made = back();
      const part = low.need(made.body.ty, at);
      if (part.k !== "list") return refuse("types", at, "flatMap of what is no array");
      return {
        result: {
          ...val(list(part.item), () => over("list.flat_map", made), { inner: made.body.inner }),
          top: low.newObject(site),
        },
      };
    }
    case "filter": {
      const made = truthful(low, back(), asked);
      const isPair = made.items !== target;
      const emit = (): Expr => {
        const found = over("list.filter", made, BOOLEAN);
        if (!isPair) return found;
        const slot = new Slot("entry", tuple([INTEGER, ty.item]));
        const entry = slot.use();
        return call("list.map", [
          found,
          lambda([slot], () => ({ kind: "field", target: entry, field: 1, type: languageType(ty.item) })),
        ]);
      };
      return { result: { ...val(list(ty.item), emit, kept), top: low.newObject(site) } };
    }
    case "some":
    case "every": {
      const made = truthful(low, back(), asked);
      return { result: val(BOOLEAN, () => over(name === "some" ? "list.any" : "list.all", made, BOOLEAN)) };
    }
    case "find": {
      const made = truthful(low, back(), asked);
      if (made.items !== target) return refuse("call", at, "find by the index");
      return { result: val(option(ty.item), () => over("list.find", made, BOOLEAN), itemFacts) };
    }
    case "findIndex": {
      const made = truthful(low, back(), asked);
      return {
        result: val(
          INTEGER,
          () => call("option.get_or", [over("list.find_index", made, BOOLEAN), intExpr(-1)]),
          { small: true },
        ),
      };
    }
    case "reduce":
      return { result: reduced(low, asked, ty, second) };
    default:
      return undefined;
  }
}

/** The objects that were there before the callback ran. */
function heldIds(low: Lowering, target: Val): ReadonlySet<string> {
  const found = new Set([...target.top, ...target.inner]);
  for (const { val: held } of low.frame.env.values()) {
    for (const id of [...held.top, ...held.inner]) found.add(id);
  }
  return found;
}

function truthful(
  low: Lowering,
  made: ReturnType<typeof callback>,
  { at }: MethodCall,
): ReturnType<typeof callback> {
  return { ...made, body: low.meaning.truth(low, made.body, at) };
}

function reduced(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }, start: Val | undefined): Val {
  const { target, args, at, site } = asked;
  const [fn] = args;
  const called = fn?.fn;
  if (called === undefined) return refuse("call", at, "a function is expected");
  const isLong =
    (called.kind === "lambda" && called.params.length > 2) ||
    (called.kind === "source" && called.fn.params.length > 2);
  if (isLong) return refuse("call", at, "the third parameter of reduce");
  const whole = once(low, target);
  const first =
    start ?? val(ty.item, () => call("list.get", [whole.emit(), intExpr(0)]), { inner: target.inner });
  const rest =
    start === undefined ? val(target.ty, () => call("list.drop", [whole.emit(), intExpr(1)])) : whole;
  const memory = `${site}state`;
  const known = low.memory.type(memory);
  const stateTy = known === undefined ? first.ty : low.join(first.ty, known, at);
  if (isMutable(stateTy)) return refuse("effect", at, "reduce to an array, map or set: write for … of");
  const params = called.kind === "lambda" ? called.params : called.kind === "source" ? called.fn.params : [];
  const [state, item] = [
    new Slot(params[0]?.name ?? "state", stateTy),
    new Slot(params[1]?.name ?? "item", ty.item),
  ];
  const body = insideLambda(low, item, withoutRange(target), undefined, at, (one) =>
    applyFunction(low, called, [state.val(), one], new Map(), { at, site }),
  );
  const made = low.join(stateTy, body.ty, at);
  low.memory.learn(memory, made);
  const [begin, next] = [coerce(low, first, made, at), coerce(low, body, made, at)];
  return val(made, () => call("list.fold", [rest.emit(), begin.emit(), lambda([state, item], next.emit)]));
}

/** A list without what is known of its bounds: its items are walked from elsewhere. */
function withoutRange(value: Val): Val {
  const { range: _, ...rest } = value;
  return rest;
}

/** Methods that look for an item. */
function searching(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Changed | undefined {
  const { target, name, args, at } = asked;
  const [first, second] = args;
  const wanted = (): Val => {
    const item = need(first, asked);
    if (prune(item.ty).k === "option" && low.need(ty.item, at).k !== "option")
      refuse("types", at, `${name} of what may be undefined`);
    return coerce(low, item, low.join(ty.item, item.ty, at), at);
  };
  if (["includes", "indexOf", "lastIndexOf"].includes(name) && isMutable(ty.item)) {
    return refuse("alias", at, `${name} compares which object it is`);
  }
  switch (name) {
    case "includes":
      if (second !== undefined) return refuse("call", at, "includes from a place");
      return { result: included(low, target, ty, wanted()) };
    case "indexOf": {
      if (second !== undefined) return refuse("call", at, "indexOf from a place");
      const item = wanted();
      return {
        result: val(
          INTEGER,
          () => call("option.get_or", [call("list.index_of", [target.emit(), item.emit()]), intExpr(-1)]),
          { small: true },
        ),
      };
    }
    default:
      return undefined;
  }
}

/** includes finds NaN too, which equals nothing. */
function included(low: Lowering, target: Val, ty: Ty & { k: "list" }, item: Val): Val {
  if (!isReal(low.need(item.ty, low.at)))
    return val(BOOLEAN, () => call("list.contains", [target.emit(), item.emit()]));
  const [whole, wanted] = [once(low, target), once(low, item)];
  const slot = new Slot("item", ty.item);
  return val(BOOLEAN, () =>
    call("bool.or", [
      call("list.contains", [whole.emit(), wanted.emit()]),
      call("bool.and", [
        call("float.is_nan", [wanted.emit()]),
        call("list.any", [whole.emit(), lambda([slot], () => call("float.is_nan", [slot.use()]))]),
      ]),
    ]),
  );
}

/** Methods that only read. */
function reading(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Changed | undefined {
  const { target, name, args, at, site } = asked;
  const [first, second] = args;
  const fresh = (value: Val): Changed => ({ result: { ...value, top: low.newObject(site) } });
  switch (name) {
    case "slice":
      // Undefined and null are both none here, and are not the same bound.
      if (args.some((one) => prune(one.ty).k === "option"))
        return refuse("types", at, "slice to a place that may be undefined");
      return fresh(slice(low, target, { ...(first && { from: first }), ...(second && { to: second }) }, at));
    case "concat": {
      let joined: Ty = ty;
      const others = args.map((one) =>
        prune(one.ty).k === "list" ? one : refuse("call", at, "concat of single items"),
      );
      for (const one of others) joined = low.join(joined, one.ty, at);
      const parts = [target, ...others].map((one) => coerce(low, one, joined, at));
      const inner = union(...parts.map((one) => one.inner));
      return fresh(
        val(joined, () => parts.map((one) => one.emit()).reduce((a, c) => call("list.concat", [a, c])), {
          inner,
        }),
      );
    }
    case "join": {
      const separator = first ?? textVal(",");
      if (low.need(separator.ty, at).k !== "str")
        return refuse("types", at, `join by ${tyText(separator.ty)}`);
      return {
        result: val(TEXT, () => call("string.join", [textOfItems(low, target, ty, at)(), separator.emit()])),
      };
    }
    case "flat": {
      const inner = low.need(ty.item, at);
      if (inner.k !== "list") return refuse("types", at, "flat of what holds no arrays");
      if (first !== undefined && first.literal !== 1n) return refuse("call", at, "flat of several levels");
      return fresh(
        val(list(inner.item), () => call("list.flatten", [target.emit()]), {
          inner: target.inner,
          ...(target.shared === true ? { shared: true } : {}),
        }),
      );
    }
    case "at": {
      const place = need(first, asked);
      if (low.need(place.ty, at).k !== "int") return refuse("types", at, `at of ${tyText(place.ty)}`);
      const whole = once(low, target);
      const emit = (): Expr => {
        if (place.nonneg === true) return call("list.at", [whole.emit(), place.emit()]);
        return call("list.at", [
          whole.emit(),
          low.prelude("wrap", [place.emit(), call("list.length", [whole.emit()])]),
        ]);
      };
      return {
        result: val(option(ty.item), emit, {
          top: isMutable(ty.item) ? target.inner : new Set(),
          inner: target.inner,
        }),
      };
    }
    case "entries":
    case "%indexed":
      return {
        result: val(list(tuple([INTEGER, ty.item]), "iter"), () => call("list.enumerate", [target.emit()]), {
          inner: target.inner,
          ...(target.shared === true ? { shared: true } : {}),
        }),
      };
    case "keys": {
      const length = val(INTEGER, () => call("list.length", [target.emit()]), { nonneg: true, small: true });
      return {
        result: val(list(INTEGER, "iter"), () => call("list.range", [intExpr(0), length.emit()]), {
          range: { from: intVal(0), to: once(low, length), step: intVal(1) },
        }),
      };
    }
    case "values":
    case "%each":
      return { result: items(low, target, at) };
    default:
      return undefined;
  }
}
