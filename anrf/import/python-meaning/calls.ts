import type { Expr } from "#anrf/build/expr.ts";
import { setFrom } from "#anrf/import/expressions/literals.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { emitAs, once } from "#anrf/import/lowering/lets.ts";
import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import {
  BOOLEAN,
  INTEGER,
  isReal,
  languageType,
  list,
  NUMBER,
  prune,
  rootCell,
  TEXT,
  type Ty,
  tuple,
  tyText,
} from "#anrf/import/lowering/types.ts";
import {
  b,
  boolVal,
  call,
  floatVal,
  intExpr,
  intVal,
  lambda,
  Slot,
  textVal,
  tupleVal,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { items } from "#anrf/import/python-collections/items.ts";
import { iterOf, mapped, nextOf, truthOf, zipped } from "#anrf/import/python-collections/iterate.ts";
import { extreme, overItems, sorted } from "#anrf/import/python-collections/sort.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { insideLambda } from "#anrf/import/statements/comprehension.ts";
import { asNumber, intArgument, preludeVal, textArgument, unwrapped } from "./base.ts";
import { asDict, asInt, asReal, emptySet, isInstance, listOf, prefixed, rounded } from "./convert.ts";
import { format, representation, textOf } from "./format.ts";
import { moduleCall } from "./modules.ts";
import { binary, truth } from "./operators.ts";

/** A call of a builtin function or of a known module. */
export function knownCall(low: Lowering, asked: KnownCall): Val {
  const { name, args, at } = asked;
  const star = args.find((one) => one.literal === "*");
  if (
    star !== undefined &&
    !["max", "min", "zip", "itertools.chain", "itertools.product", "itertools.zip_longest"].includes(name)
  ) {
    refuse("call", at, "star arguments are not supported here");
  }
  return (
    valueCall(low, asked) ?? iteratingCall(low, asked) ?? numberCall(low, asked) ?? moduleCall(low, asked)
  );
}

function valueCall(low: Lowering, asked: KnownCall): Val | undefined {
  const { name, args, named, at, site } = asked;
  const [first, second] = args;
  const need = (value: Val | undefined): Val => value ?? refuse("call", at, `${name} takes more arguments`);
  switch (name) {
    case "%is_int":
    case "%is_float":
      return val(BOOLEAN, () =>
        low.prelude(name === "%is_int" ? "is_int_text" : "is_float_text", [need(first).emit()]),
      );
    case "len":
      return lengthOf(low, need(first), at);
    case "range":
      return rangeOf(low, args, at);
    case "abs": {
      const value = asNumber(unwrapped(need(first)));
      const ty = low.need(value.ty, at);
      if (ty.k === "int") return { ...b("int.abs", INTEGER, value), nonneg: true };
      return isReal(ty) ? b("float.abs", ty, value) : refuse("types", at, `abs of ${tyText(ty)}`);
    }
    case "int":
      return asInt(low, first ?? intVal(0), second ?? named.get("base"), at);
    case "float":
      return asReal(low, first ?? floatVal(0), at);
    case "str":
      return first === undefined ? textVal("") : textOf(low, first, at);
    case "repr":
      return representation(low, need(first), at);
    case "bool":
      return first === undefined ? boolVal(false) : truth(low, first, at);
    case "format":
      return format(low, need(first), "", typeof second?.literal === "string" ? second.literal : "", at);
    case "list":
    case "tuple":
      return listOf(low, first, name, site, at);
    case "set":
    case "frozenset": {
      if (first === undefined) return emptySet(low, site);
      const source = items(low, first, at);
      const ty = low.need(source.ty, at);
      return setFrom(low, source, ty.k === "list" ? ty.item : TEXT, site, at);
    }
    case "dict":
      return asDict(low, first, named, site, at);
    case "sorted":
      return sorted(low, need(first), named.get("key"), named.get("reverse"), at, site);
    case "reversed": {
      const source = items(low, need(first), at);
      low.observe(source, at);
      const ty = low.need(source.ty, at);
      return val(
        list(ty.k === "list" ? ty.item : TEXT, "iter"),
        () => call("list.reverse", [source.emit()]),
        { inner: source.inner },
      );
    }
    case "sum":
      return sumOf(low, need(first), second ?? named.get("start"), at);
    case "min":
    case "max":
      return extreme(low, name, args, named, at, site);
    case "any":
    case "all": {
      const source = items(low, need(first), at);
      const ty = low.need(source.ty, at);
      if (ty.k !== "list") throw new Error("items are no list");
      const slot = new Slot("item", ty.item);
      const body = insideLambda(low, slot, source, undefined, at, (item) => truth(low, item, at));
      return val(BOOLEAN, () => call(`list.${name}`, [source.emit(), lambda([slot], body.emit)]));
    }
    default:
      return undefined;
  }
}

function iteratingCall(low: Lowering, asked: KnownCall): Val | undefined {
  const { name, args, named, at, site } = asked;
  const [first, second] = args;
  const need = (value: Val | undefined): Val => value ?? refuse("call", at, `${name} takes more arguments`);
  switch (name) {
    case "enumerate": {
      const source = items(low, need(first), at);
      low.observe(source, at);
      const ty = low.need(source.ty, at);
      const given = second ?? named.get("start");
      const start = given === undefined ? undefined : intArgument(low, given, at);
      const made = list(tuple([INTEGER, ty.k === "list" ? ty.item : TEXT]), "iter");
      const facts = { inner: source.inner, ...(source.shared === true ? { shared: true } : {}) };
      if (start === undefined || start.literal === 0n)
        return val(made, () => call("list.enumerate", [source.emit()]), facts);
      const [whole, from] = [once(low, source), once(low, start)];
      return val(
        made,
        () =>
          call("list.zip", [
            call("list.range", [
              from.emit(),
              call("int.add", [from.emit(), call("list.length", [whole.emit()])]),
            ]),
            whole.emit(),
          ]),
        facts,
      );
    }
    case "zip":
      return zipped(low, args, at);
    case "map":
      return mapped(low, asked);
    case "filter": {
      const fn = need(first);
      const source = items(low, need(second), at);
      const isPlain = prune(fn.ty).k === "none";
      const ty = low.need(source.ty, at);
      if (ty.k !== "list") throw new Error("items are no list");
      const slot0 = new Slot("item", ty.item);
      const { slot, body } = isPlain
        ? {
            slot: slot0,
            body: insideLambda(low, slot0, source, undefined, at, (item) => truth(low, item, at)),
          }
        : overItems(low, truthOf(low, fn, at), source, at, site);
      const { inner, bag, ordered, shared } = source;
      return val(
        list(ty.item, "iter"),
        () => call("list.filter", [source.emit(), lambda([slot], () => emitAs(body, BOOLEAN))]),
        {
          inner,
          ...(shared && { shared }),
          ...(bag && { bag }),
          ...(ordered && { ordered }),
        },
      );
    }
    case "round":
      return rounded(low, need(first), second ?? named.get("ndigits"), at);
    default:
      return undefined;
  }
}

function numberCall(low: Lowering, asked: KnownCall): Val | undefined {
  const { name, args, at } = asked;
  const [first, second, third] = args;
  const need = (value: Val | undefined): Val => value ?? refuse("call", at, `${name} takes more arguments`);
  switch (name) {
    case "pow":
      if (third === undefined) return binary(low, "**", need(first), need(second), at);
      return preludeVal(
        low,
        "pow_mod",
        INTEGER,
        intArgument(low, need(first), at),
        intArgument(low, need(second), at),
        intArgument(low, third, at),
      );
    case "divmod": {
      const [x, y] = [once(low, need(first)), once(low, need(second))];
      return tupleVal([binary(low, "//", x, y, at), binary(low, "%", x, y, at)]);
    }
    case "ord": {
      const char = textArgument(low, need(first), at);
      if (typeof char.literal === "string" && [...char.literal].length === 1)
        return intVal(char.literal.codePointAt(0) ?? 0);
      return val(INTEGER, () => low.prelude("code_point", [char.emit()]), { nonneg: true, small: true });
    }
    case "chr": {
      const code = intArgument(low, need(first), at);
      return val(TEXT, () =>
        call("string.from_code_points", [
          { kind: "list", items: [code.emit()], type: languageType(list(INTEGER)) },
        ]),
      );
    }
    case "bin":
    case "oct":
    case "hex":
      return prefixed(low, asNumber(unwrapped(need(first))), name, at);
    case "isinstance":
      return isInstance(low, need(first), need(second), at);
    case "callable":
      return boolVal(need(first).fn !== undefined);
    case "iter":
      return { ...items(low, need(first), at), ty: iterOf(low, items(low, need(first), at), at) };
    case "next":
      return nextOf(low, asked);
    case "slice":
    case "print":
    case "input":
    case "open":
      return refuse("print", at, `${name} has an effect on the outside`);
    case "id":
    case "hash":
    case "type":
    case "eval":
    case "exec":
    case "getattr":
    case "setattr":
    case "hasattr":
    case "globals":
    case "locals":
    case "vars":
    case "dir":
      return refuse("call", at, `${name} is not supported`);
    default:
      return undefined;
  }
}

/** len(value). */
export function lengthOf(low: Lowering, value: Val, at: Place): Val {
  const source = unwrapped(value);
  const ty = low.need(source.ty, at);
  const facts = { nonneg: true, small: true };
  switch (ty.k) {
    case "str":
      if (typeof source.literal === "string") return intVal([...source.literal].length);
      return { ...b("string.length", INTEGER, source), ...facts };
    case "list":
      if (ty.flavour === "iter") refuse("iterator", at, "an iterator has no length");
      return { ...b("list.length", INTEGER, source), ...facts };
    case "tuple":
      return intVal(ty.items.length);
    case "set":
      return { ...b("map.size", INTEGER, source), ...facts };
    case "dict":
      rootCell(ty.cell).looked ??= at;
      return val(
        INTEGER,
        () => call(rootCell(ty.cell).seen ? "list.length" : "map.size", [source.emit()]),
        facts,
      );
    default:
      return refuse("types", at, `${tyText(ty)} has no length`);
  }
}

function rangeOf(low: Lowering, args: readonly Val[], at: Place): Val {
  const read = (one: Val): Val => {
    return once(low, intArgument(low, one, at));
  };
  const [a, z, s] = args.map(read);
  const from = z === undefined ? intVal(0) : (a ?? intVal(0));
  const to = z ?? a ?? intVal(0);
  const step = s ?? intVal(1);
  const stepOf = step.literal;
  const emit = (): Expr => {
    if (stepOf === 1n) return call("list.range", [from.emit(), to.emit()]);
    if (stepOf === -1n) {
      const plus = (one: Val): Expr =>
        typeof one.literal === "bigint"
          ? intExpr(one.literal + 1n)
          : call("int.add", [one.emit(), intExpr(1)]);
      return call("list.reverse", [call("list.range", [plus(to), plus(from)])]);
    }
    return call("list.range_step", [from.emit(), to.emit(), step.emit()]);
  };
  return val(list(INTEGER), emit, { range: { from, to, step } });
}

function sumOf(low: Lowering, given: Val, start: Val | undefined, at: Place): Val {
  const source = items(low, given, at);
  const ty = low.need(source.ty, at);
  if (ty.k !== "list") throw new Error("items are no list");
  if (start !== undefined && ["option", "none", "str"].includes(low.need(start.ty, at).k))
    refuse("types", at, `a sum that begins with ${tyText(start.ty)}`);
  const item = prune(ty.item).k === "var" && source.empty === true ? INTEGER : low.need(ty.item, at);
  let made: Val;
  if (item.k === "bool") {
    const slot = new Slot("item", item);
    made = val(INTEGER, () => call("list.count", [source.emit(), lambda([slot], () => slot.use())]), {
      nonneg: true,
      small: true,
    });
  } else if (item.k === "int") {
    made = val(
      INTEGER,
      () => call("list.sum_int", [source.emit()]),
      source.range?.from.nonneg === true || source.nonneg === true ? { nonneg: true } : {},
    );
  } else if (isReal(item)) {
    low.observe(source, at);
    made = val(NUMBER, () => call("list.sum_float", [source.emit()]));
    if (start !== undefined && start.literal !== 0n) return foldSum(low, source, ty.item, start, at);
  } else {
    return foldSum(low, source, ty.item, start ?? refuse("types", at, `the sum of ${tyText(ty)}`), at);
  }
  return start === undefined || start.literal === 0n ? made : binary(low, "+", start, made, at);
}

function foldSum(low: Lowering, source: Val, item: Ty, start: Val, at: Place): Val {
  low.observe(source, at);
  const ty = low.join(start.ty, isReal(prune(item)) ? NUMBER : item, at);
  const [state, one] = [new Slot("total", ty), new Slot("item", item)];
  const body = binary(low, "+", state.val(), one.val({ inner: source.inner }), at);
  const made = coerce(low, body, ty, at);
  const init = coerce(low, start, ty, at);
  return val(
    ty,
    () => call("list.fold", [source.emit(), init.emit(), lambda([state, one], () => made.emit())]),
    { inner: source.inner },
  );
}
