import type { Expr } from "#anrf/build/expr.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Changed, Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import { INTEGER, isMutable, languageType, prune, type Ty } from "#anrf/import/lowering/types.ts";
import {
  call,
  intExpr,
  intVal,
  lambda,
  noneVal,
  Slot,
  union,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { intArgument } from "#anrf/import/python-meaning/base.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { fromStart, items } from "./items.ts";
import { keep } from "./lists.ts";
import { sorted } from "./sort.ts";

/** The type of a tuple as a list, where its items have one type. */
export function tupleAsList(low: Lowering, ty: Ty & { k: "tuple" }, at: Place): Ty & { k: "list" } {
  const item = ty.items.reduce((a: Ty, c) => low.join(a, c, at));
  return { k: "list", item, flavour: "tuple" };
}

/** The methods of lists, deques and tuples. */
export function listMethod(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Changed {
  const { target, name, at } = asked;
  low.observe(target, at);
  return (
    changingMethod(low, asked, ty) ??
    askingMethod(low, asked, ty) ??
    refuse("call", at, `lists have no method ${name} here`)
  );
}

/** What every method of a list needs: its arguments, an item of the list's type, the list after a change. */
function asking(low: Lowering, { target, name, at }: MethodCall, ty: Ty & { k: "list" }) {
  const need = (value: Val | undefined): Val => value ?? refuse("call", at, `${name} takes more arguments`);
  const taken = (value: Val): { wide: Ty & { k: "list" }; whole: Val; item: Val } => {
    low.observe(value, at);
    const joined = low.join(ty.item, value.ty, at);
    const wide = { ...ty, item: keep(ty.item, joined) };
    return { wide, whole: coerce(low, target, wide, at), item: coerce(low, value, joined, at) };
  };
  const changed = (wide: Ty, emit: () => Expr, more: readonly Val[] = []): Changed => {
    if (ty.flavour === "tuple") refuse("types", at, "a tuple cannot be changed");
    const inner = union(target.inner, ...more.flatMap((one) => [one.top, one.inner]));
    const isShared =
      target.shared === true ||
      more.some((one) => one.shared === true || [...one.top].some((id) => target.inner.has(id)));
    return {
      result: noneVal,
      changed: { ty: wide, emit, top: target.top, inner, ...(isShared ? { shared: true } : {}) },
    };
  };
  return { need, taken, changed };
}

function changingMethod(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Changed | undefined {
  const { target, name, args, at } = asked;
  const [first, second] = args;
  const { need, taken, changed } = asking(low, asked, ty);
  const removed = (place: Val): Changed => {
    const whole = once(low, target);
    const index0 = once(low, place);
    const isObject = isMutable(ty.item);
    const result = val(
      ty.item,
      () =>
        call("list.get", [whole.emit(), fromStart(low, index0, () => call("list.length", [whole.emit()]))()]),
      { top: isObject ? target.inner : new Set(), inner: target.inner },
    );
    const made = changed(target.ty, () =>
      call("list.remove_at", [
        whole.emit(),
        fromStart(low, index0, () => call("list.length", [whole.emit()]))(),
      ]),
    );
    return { ...made, result };
  };
  switch (name) {
    case "append": {
      const { wide, whole, item } = taken(need(first));
      return changed(wide, () => call("list.append", [whole.emit(), item.emit()]), [need(first)]);
    }
    case "appendleft": {
      const { wide, whole, item } = taken(need(first));
      return changed(wide, () => call("list.prepend", [item.emit(), whole.emit()]), [need(first)]);
    }
    case "extend":
    case "extendleft": {
      const given = items(low, need(first), at);
      low.observe(given, at);
      const other = prune(given.ty);
      const joined = low.join(ty.item, other.k === "list" ? other.item : given.ty, at);
      const wide = { ...ty, item: keep(ty.item, joined) };
      const whole = coerce(low, target, wide, at);
      const rest = coerce(
        low,
        { ...given, ty: other.k === "list" ? { ...other, flavour: ty.flavour } : given.ty },
        wide,
        at,
      );
      const isLeft = name === "extendleft";
      const emit = (): Expr =>
        isLeft
          ? call("list.concat", [call("list.reverse", [rest.emit()]), whole.emit()])
          : call("list.concat", [whole.emit(), rest.emit()]);
      return changed(wide, emit, [{ ...given, top: new Set(given.inner) }]);
    }
    case "insert": {
      const { wide, whole, item } = taken(need(second));
      const place = need(first);
      const emit = (): Expr => {
        if (place.literal === 0n) return call("list.prepend", [item.emit(), whole.emit()]);
        return low.prelude("insert_at", [whole.emit(), place.emit(), item.emit()], {
          T: languageType(wide.item).text,
        });
      };
      return changed(wide, emit, [need(second)]);
    }
    case "pop":
      if (second !== undefined) refuse("call", at, "pop of a list takes one argument");
      return removed(first === undefined ? intVal(-1) : intArgument(low, first, at));
    case "popleft":
      return removed(intVal(0));
    case "remove": {
      const { wide, whole, item } = taken(need(first));
      return changed(wide, () =>
        low.prelude("remove_first", [whole.emit(), item.emit()], { T: languageType(wide.item).text }),
      );
    }
    default:
      return undefined;
  }
}

function askingMethod(low: Lowering, asked: MethodCall, ty: Ty & { k: "list" }): Changed | undefined {
  const { target, name, args, named, at } = asked;
  const [first] = args;
  const { need, taken, changed } = asking(low, asked, ty);
  switch (name) {
    case "clear":
      return changed(target.ty, () => ({ kind: "list", items: [], type: languageType(target.ty) }));
    case "reverse":
      return changed(target.ty, () => call("list.reverse", [target.emit()]));
    case "sort": {
      const made = sorted(low, target, named.get("key"), named.get("reverse"), at, asked.site);
      return changed(target.ty, made.emit);
    }
    case "rotate": {
      const steps = once(low, first ?? intVal(1));
      const whole = once(low, target);
      return changed(target.ty, () => {
        const length = call("list.length", [whole.emit()]);
        const cut = call("int.mod_floor", [
          call("int.neg", [steps.emit()]),
          call("max", [length, intExpr(1)]),
        ]);
        const again = call("int.mod_floor", [
          call("int.neg", [steps.emit()]),
          call("max", [call("list.length", [whole.emit()]), intExpr(1)]),
        ]);
        return call("list.concat", [
          call("list.drop", [whole.emit(), cut]),
          call("list.take", [whole.emit(), again]),
        ]);
      });
    }
    case "copy":
      return { result: { ...target, top: low.newObject(asked.site) } };
    case "index": {
      const { wide, whole, item } = taken(need(first));
      const [from, to] = [args[1], args[2]];
      if (from === undefined)
        return {
          result: val(
            INTEGER,
            () => call("option.unwrap", [call("list.index_of", [whole.emit(), item.emit()])]),
            { nonneg: true },
          ),
        };
      const end = to ?? val(INTEGER, () => intExpr(2n ** 62n));
      return {
        result: val(
          INTEGER,
          () =>
            low.prelude("index_from", [whole.emit(), item.emit(), from.emit(), end.emit()], {
              T: languageType(wide.item).text,
            }),
          { nonneg: true },
        ),
      };
    }
    case "count": {
      const { wide, whole, item } = taken(need(first));
      const wanted = once(low, item);
      const slot = new Slot("item", wide.item);
      return {
        result: val(
          INTEGER,
          () =>
            call("list.count", [whole.emit(), lambda([slot], () => call("eq", [slot.use(), wanted.emit()]))]),
          { nonneg: true, small: true },
        ),
      };
    }
    default:
      return undefined;
  }
}
