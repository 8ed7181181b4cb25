import type { Expr } from "#anrf/build/expr.ts";
import { dictFrom, emptyDict, setFrom } from "#anrf/import/expressions/literals.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import {
  BOOLEAN,
  INTEGER,
  isMutable,
  isReal,
  languageType,
  list,
  option,
  prune,
  REAL,
  set,
  TEXT,
  type Ty,
  tyText,
} from "#anrf/import/lowering/types.ts";
import {
  b,
  call,
  floatExpr,
  ifExpr,
  intExpr,
  intVal,
  lambda,
  Slot,
  textVal,
  union,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { keysOf } from "#anrf/import/python-collections/items.ts";
import { asFloat, unwrapped } from "#anrf/import/python-meaning/base.ts";
import { lengthOf, knownCall as pythonCall } from "#anrf/import/python-meaning/calls.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { items } from "./items.ts";
import { itemOrNone, textOf, truth } from "./operators.ts";

/** A call of a function of the language, or of one of the reader's own names for a form. */
export function knownCall(low: Lowering, asked: KnownCall): Val {
  const { name, args, at, site } = asked;
  const [first, second] = args;
  const need = (value: Val | undefined): Val => value ?? refuse("call", at, `${name} takes more arguments`);
  if (name.startsWith("Math.")) return mathCall(low, asked);
  switch (name) {
    // A loop over an array that its body changes asks for its length at each turn.
    case "len":
      return lengthOf(low, need(first), at);
    case "%range":
      return pythonCall(low, {
        ...asked,
        name: "range",
        args: args.map((one, index) => rangeEnd(low, one, index, args, at)),
      });
    case "%past":
      return past(low, need(first), need(second), at);
    case "%at":
      return itemOrNone(low, need(first), need(second), at);
    case "!":
      return unwrapped(need(first));
    case "??":
      return orElse(low, need(first), need(second), at);
    case "%distinct": {
      const source = items(low, need(first), at);
      low.observe(source, at);
      const ty = low.need(source.ty, at);
      if (ty.k !== "list") throw new Error("items are no list");
      if (isMutable(ty.item)) return refuse("alias", at, "a set of arrays, maps or sets");
      return {
        ...val(list(ty.item), () => call("list.distinct", [source.emit()])),
        top: low.newObject(site),
      };
    }
    case "%filled":
      return filled(low, need(first), need(second), at, site);
    case "new Set":
      return newSet(low, first, at, site);
    case "new Map": {
      if (first !== undefined) return dictFrom(low, items(low, first, at), site, at);
      return emptyDict(low, low.dict(low.variable(`${site}k`), low.variable(`${site}v`), at), site);
    }
    case "new Array":
      return args.length === 0
        ? low.freshList(
            low.variable(site),
            site,
            () => ({ kind: "list", items: [], type: languageType(list(low.variable(site))) }),
            { empty: true },
          )
        : refuse("call", at, "new Array of a length: write Array.from or fill");
    case "Array.from": {
      const source = items(low, need(first), at);
      const ty = low.need(source.ty, at);
      return { ...source, ty: ty.k === "list" ? list(ty.item) : ty, top: low.newObject(site) };
    }
    case "Object.keys":
    case "Object.values":
    case "Object.entries": {
      const ty = low.need(need(first).ty, at);
      if (ty.k !== "dict") return refuse("types", at, `${name} of ${tyText(ty)}`);
      // The keys of an object that look like ints come first, whenever they were put in.
      const isText = low.need(ty.key, at).k === "str";
      if (name === "Object.keys" && isText) return { ...keysOf(low, need(first), at), bag: true };
      return refuse("order", at, `${name} depends on the order of keys: use a Map`);
    }
    default:
      return converted(low, asked);
  }
}

/** Functions from one scalar to another. */
function converted(low: Lowering, { name, args, at }: KnownCall): Val {
  const [first, second] = args;
  const need = (value: Val | undefined): Val => value ?? refuse("call", at, `${name} takes more arguments`);
  switch (name) {
    case "String":
      return first === undefined ? textVal("") : textOf(low, first, at);
    case "Boolean":
      return truth(low, need(first), at);
    case "Number":
    case "parseFloat":
      return toNumber(low, need(first), at, name);
    case "parseInt":
    case "Number.parseInt":
      return parsedInt(low, need(first), second, at);
    case "Number.isInteger": {
      const ty = low.need(need(first).ty, at);
      if (ty.k === "int") return val(BOOLEAN, () => call("eq", [intExpr(0), intExpr(0)]), { literal: true });
      if (!isReal(ty)) return refuse("types", at, `Number.isInteger of ${tyText(ty)}`);
      const whole = once(low, need(first));
      return val(BOOLEAN, () => call("eq", [low.prelude("float_floor", [whole.emit()]), whole.emit()]));
    }
    case "isNaN":
    case "Number.isNaN":
      if (!isReal(low.need(need(first).ty, at)))
        return refuse("types", at, `${name} of ${tyText(need(first).ty)}`);
      return b("float.is_nan", BOOLEAN, need(first));
    case "String.fromCharCode":
    case "String.fromCodePoint": {
      const codes = args.map((one) => unwrapped(one));
      for (const one of codes)
        if (low.need(one.ty, at).k !== "int") refuse("types", at, `${name} takes ints`);
      return val(TEXT, () =>
        call("string.from_code_points", [
          { kind: "list", items: codes.map((one) => one.emit()), type: languageType(list(INTEGER)) },
        ]),
      );
    }
    default:
      return refuse("call", at, `${name} is not supported`);
  }
}

/** `i < n` with a float n: the first int that is not below it. */
function rangeEnd(low: Lowering, given: Val, index: number, all: readonly Val[], at: Place): Val {
  const value = unwrapped(given);
  if (!isReal(low.need(value.ty, at))) return value;
  const isEnd = index === 1 || all.length === 1;
  if (!isEnd) return val(INTEGER, () => low.prelude("whole", [value.emit()]));
  const step = all[2]?.literal;
  return b(typeof step === "bigint" && step < 0n ? "float.floor" : "float.ceil", INTEGER, value);
}

/** The end of a range that includes its bound. */
function past(low: Lowering, bound: Val, step: Val, at: Place): Val {
  const value = unwrapped(bound);
  const isUp = typeof step.literal === "bigint" && step.literal > 0n;
  const whole = isReal(low.need(value.ty, at))
    ? b(isUp ? "float.floor" : "float.ceil", INTEGER, value)
    : value;
  if (typeof whole.literal === "bigint") return intVal(isUp ? whole.literal + 1n : whole.literal - 1n);
  return {
    ...b(isUp ? "int.add" : "int.sub", INTEGER, whole, intVal(1)),
    ...(isUp && value.nonneg === true ? { nonneg: true } : {}),
  };
}

/** `a ?? b`. */
function orElse(low: Lowering, left: Val, right: Val, at: Place): Val {
  const ty = low.need(left.ty, at);
  if (ty.k === "none") return right;
  if (ty.k !== "option") return left;
  const isOption = prune(right.ty).k === "option";
  const joined = low.join(isOption ? left.ty : ty.item, right.ty, at);
  const [a, c] = [coerce(low, left, isOption ? joined : option(joined), at), coerce(low, right, joined, at)];
  return val(joined, () => call(isOption ? "option.or_else" : "option.get_or", [a.emit(), c.emit()]), {
    top: union(left.top, right.top),
    inner: union(left.inner, right.inner),
    ...(left.shared === true || right.shared === true ? { shared: true } : {}),
  });
}

function filled(low: Lowering, length: Val, item: Val, at: Place, site: string): Val {
  if (low.need(length.ty, at).k !== "int") return refuse("types", at, "a length that is no int");
  const ty = list(item.ty);
  return {
    ty,
    emit: () => call("list.repeat", [item.emit(), length.emit()]),
    top: low.newObject(site),
    inner: union(item.top, item.inner),
    ...(isMutable(item.ty) ? { shared: true } : {}),
  };
}

function newSet(low: Lowering, given: Val | undefined, at: Place, site: string): Val {
  if (given !== undefined) {
    const source = items(low, given, at);
    const ty = low.need(source.ty, at);
    if (ty.k !== "list") throw new Error("items are no list");
    if (isMutable(ty.item) || prune(ty.item).k === "tuple")
      return refuse("alias", at, "a set of arrays, maps or sets");
    return setFrom(low, source, ty.item, site, at);
  }
  const item = low.variable(site);
  low.asKey(item, "an item of a set", at);
  const emit = (): Expr => ({ kind: "map", items: [], type: languageType(set(item)) });
  return { ty: set(item), emit, top: low.newObject(site), inner: new Set(), empty: true };
}

function toNumber(low: Lowering, given: Val, at: Place, name: string): Val {
  const value = unwrapped(given);
  const ty = low.need(value.ty, at);
  if (ty.k === "int" || isReal(ty)) return value;
  if (ty.k === "bool" && name === "Number")
    return val(INTEGER, () => ifExpr(value.emit(), intExpr(1), intExpr(0)), { nonneg: true, small: true });
  if (ty.k !== "str" || name !== "Number") return refuse("call", at, `${name} of ${tyText(ty)}`);
  // What is no decimal number ends the program, where the language gives NaN.
  const plain = once(low, b("string.trim", TEXT, value));
  return val(REAL, () =>
    ifExpr(
      call("eq", [plain.emit(), { kind: "literal", value: "", type: languageType(TEXT) }]),
      floatExpr(0),
      call("option.unwrap", [call("float.parse", [plain.emit()])]),
    ),
  );
}

/** The digits at the start of a text; where there are none the program ends. */
function parsedInt(low: Lowering, given: Val, base: Val | undefined, at: Place): Val {
  if (base !== undefined && base.literal !== 10n)
    return refuse("call", at, "parseInt to another base than 10");
  const value = unwrapped(given);
  const ty = low.need(value.ty, at);
  if (ty.k === "int") return value;
  if (ty.k !== "str") return refuse("call", at, `parseInt of ${tyText(ty)}`);
  return val(INTEGER, () =>
    low.prelude(base === undefined ? "leading_number" : "leading_int", [value.emit()]),
  );
}

const ON_FLOATS: Readonly<Record<string, string>> = {
  "Math.sqrt": "float.sqrt",
  "Math.exp": "float.exp",
  "Math.log": "float.ln",
};

function mathCall(low: Lowering, { name, args, at }: KnownCall): Val {
  const given = args.map((one) => (one.literal === "*" ? one : unwrapped(one)));
  const [first, second] = given;
  if (first === undefined) return refuse("call", at, `${name} takes more arguments`);
  const floats = ON_FLOATS[name];
  if (floats !== undefined) {
    const ty = low.need(first.ty, at);
    return ty.k === "int" || isReal(ty)
      ? b(floats, REAL, asFloat(first))
      : refuse("types", at, `${name} of ${tyText(ty)}`);
  }
  switch (name) {
    case "Math.max":
    case "Math.min":
      return extreme(low, name === "Math.max" ? "max" : "min", given, at);
    case "Math.pow":
      return low.meaning.binary(low, "**", first, second ?? first, at);
    default:
  }
  const ty = low.need(first.ty, at);
  if (ty.k !== "int" && !isReal(ty)) return refuse("types", at, `${name} of ${tyText(ty)}`);
  const isInt = ty.k === "int";
  switch (name) {
    case "Math.abs":
      return isInt ? { ...b("int.abs", INTEGER, first), nonneg: true } : b("float.abs", REAL, first);
    case "Math.sign":
      return isInt ? b("int.sign", INTEGER, first) : refuse("call", at, "Math.sign of a float");
    case "Math.floor":
    case "Math.ceil":
    case "Math.trunc":
      return isInt ? first : b(`float.${name.slice(5)}`, INTEGER, first);
    case "Math.round": {
      if (isInt) return first;
      const whole = once(low, first);
      return val(INTEGER, () => {
        const floor = (): Expr => call("float.floor", [whole.emit()]);
        const isUp = call("ge", [
          call("float.sub", [whole.emit(), call("int.to_float", [floor()])]),
          floatExpr(0.5),
        ]);
        return call("int.add", [floor(), ifExpr(isUp, intExpr(1), intExpr(0))]);
      });
    }
    case "Math.floor/":
    case "Math.trunc/":
    case "Math.ceil/":
      return divided(
        low,
        name.slice(5, -1),
        first,
        second ?? refuse("call", at, "a division of one number"),
        at,
      );
    default:
      return refuse("call", at, `${name} is not supported`);
  }
}

/** Math.floor(a / b): on ints the quotient itself, without a float in between. */
function divided(low: Lowering, how: string, a: Val, c: Val, at: Place): Val {
  const [l, r] = [low.need(a.ty, at), low.need(c.ty, at)];
  if (l.k !== "int" || r.k !== "int")
    return b(`float.${how}`, INTEGER, low.meaning.binary(low, "/", a, c, at));
  const facts = a.nonneg === true && c.nonneg === true ? { nonneg: true } : {};
  if (how === "ceil") return b("int.neg", INTEGER, b("int.div_floor", INTEGER, b("int.neg", INTEGER, a), c));
  return { ...b(how === "floor" ? "int.div_floor" : "int.quot", INTEGER, a, c), ...facts };
}

function extreme(low: Lowering, name: "min" | "max", args: readonly Val[], at: Place): Val {
  const [first] = args;
  if (first?.literal === "*") {
    if (args.length > 1) return refuse("call", at, `Math.${name} of a spread and more`);
    const ty = low.need(first.ty, at);
    if (ty.k !== "list") throw new Error("items are no list");
    const item = low.need(ty.item, at);
    if (item.k !== "int" && !isReal(item)) return refuse("types", at, `Math.${name} of ${tyText(item)}`);
    const whole = once(low, first);
    const found = (): Expr => call("option.unwrap", [call(`list.${name}`, [whole.emit()])]);
    if (item.k === "int" || name === "max") return val(ty.item, found);
    // NaN comes last in the order of the language, and wins in this one.
    const slot = new Slot("item", ty.item);
    const hasNaN = (): Expr =>
      call("list.any", [whole.emit(), lambda([slot], () => call("float.is_nan", [slot.use()]))]);
    return val(ty.item, () => ifExpr(hasNaN(), floatExpr(Number.NaN), found()));
  }
  const ty = args.map((one) => one.ty).reduce((a: Ty, c) => low.join(a, c, at));
  const known = low.need(ty, at);
  if (known.k !== "int" && !isReal(known)) return refuse("types", at, `Math.${name} of ${tyText(known)}`);
  const isNonneg =
    name === "max" ? args.some((one) => one.nonneg === true) : args.every((one) => one.nonneg === true);
  const made = args
    .map((one) => coerce(low, one, ty, at))
    .reduce((a, c) => smallerOrLarger(low, name, a, c, ty));
  return known.k === "int" && isNonneg ? { ...made, nonneg: true } : made;
}

function smallerOrLarger(low: Lowering, name: "min" | "max", a: Val, c: Val, ty: Ty): Val {
  if (name === "max" || !isReal(prune(ty))) return val(ty, () => call(name, [a.emit(), c.emit()]));
  return val(ty, () => low.prelude("lesser", [a.emit(), c.emit()]));
}
