import { dictFrom, emptyDict } from "#anrf/import/expressions/literals.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import {
  INTEGER,
  isNumeric,
  isReal,
  languageType,
  list,
  NUMBER,
  prune,
  REAL,
  rootCell,
  set,
  TEXT,
  tyText,
} from "#anrf/import/lowering/types.ts";
import { b, boolVal, floatVal, intExpr, type Val, val } from "#anrf/import/lowering/value.ts";
import { items } from "#anrf/import/python-collections/items.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { asFloat, asNumber, intArgument, unwrapped } from "./base.ts";

/** `int(value, base)`. */
export function asInt(low: Lowering, given: Val, base: Val | undefined, at: Place): Val {
  const value = unwrapped(given);
  const ty = low.need(value.ty, at);
  if (base !== undefined && ty.k !== "str") refuse("types", at, `int of ${tyText(ty)} with a base`);
  switch (ty.k) {
    case "int":
      return value;
    case "bool":
      return asNumber(value);
    case "float":
    case "number":
      return b("float.trunc", INTEGER, value);
    case "str":
      if (base !== undefined && base.literal !== 10n) {
        const radix = intArgument(low, base, at);
        return val(INTEGER, () => low.prelude("parse_int_base", [value.emit(), radix.emit()]));
      }
      return val(INTEGER, () => low.prelude("parse_int", [value.emit()]));
    default:
      return refuse("types", at, `int of ${tyText(ty)}`);
  }
}

/** `float(value)`. */
export function asReal(low: Lowering, given: Val, at: Place): Val {
  const value = unwrapped(given);
  const ty = low.need(value.ty, at);
  if (typeof value.literal === "string") {
    const text = value.literal.trim().toLowerCase();
    const size = text.replace(/^[+-]/, "");
    const known =
      size === "inf" || size === "infinity"
        ? Number.POSITIVE_INFINITY
        : size === "nan"
          ? Number.NaN
          : undefined;
    // An infinity often stands for no int yet: it goes together with ints.
    if (known !== undefined)
      return val(NUMBER, () => floatVal(text.startsWith("-") ? -known : known).emit(), {
        simple: true,
        literal: text.startsWith("-") ? -known : known,
      });
  }
  if (ty.k === "str") return val(REAL, () => low.prelude("parse_float", [value.emit()]));
  if (isNumeric(ty)) return { ...asFloat(value), ty: REAL };
  return refuse("types", at, `float of ${tyText(ty)}`);
}

/** `set()`. */
export function emptySet(low: Lowering, site: string): Val {
  const item = low.variable(site);
  low.asKey(item, "an item of a set", low.at);
  return {
    ty: set(item),
    emit: () => ({ kind: "map", items: [], type: languageType(set(item)) }),
    top: low.newObject(site),
    inner: new Set(),
    empty: true,
  };
}

/** `list(value)` and `tuple(value)`. */
export function listOf(
  low: Lowering,
  given: Val | undefined,
  name: "list" | "tuple",
  site: string,
  at: Place,
): Val {
  const flavour = name === "list" ? "list" : "tuple";
  const top = flavour === "list" ? low.newObject(site) : new Set<string>();
  if (given === undefined) {
    const item = low.variable(site);
    return {
      ty: list(item, flavour),
      emit: () => ({ kind: "list", items: [], type: languageType(list(item)) }),
      top,
      inner: new Set(),
      empty: true,
    };
  }
  const source0 = unwrapped(given);
  if (prune(source0.ty).k === "tuple" && name === "tuple") return source0;
  const source = items(low, source0, at);
  const ty = low.need(source.ty, at);
  if (ty.k !== "list") throw new Error("items are no list");
  const { inner, bag, ordered, shared, range, empty } = source;
  return {
    ty: list(ty.item, flavour),
    emit: source.emit,
    ...(source.simple === true ? { simple: true } : {}),
    top,
    inner,
    ...(shared && { shared }),
    ...(bag && { bag }),
    ...(ordered && { ordered }),
    ...(range && { range }),
    ...(empty && { empty }),
  };
}

/** `dict(value)`. */
export function asDict(
  low: Lowering,
  given: Val | undefined,
  named: ReadonlyMap<string, Val>,
  site: string,
  at: Place,
): Val {
  if (given === undefined) {
    if (named.size > 0) return refuse("call", at, "dict with named arguments is not supported: write {…}");
    const [key, value] = [low.variable(`${site}k`), low.variable(`${site}v`)];
    return emptyDict(low, low.dict(key, value, at), site);
  }
  const ty = low.need(unwrapped(given).ty, at);
  if (ty.k === "dict") {
    const source = unwrapped(given);
    if (rootCell(ty.cell).missing === undefined) return { ...source, top: low.newObject(site) };
    // A plain dict knows nothing of what a missing key gives: it has a cell of its own.
    const plain = low.dict(ty.key, ty.value, at);
    low.linkOrder(plain.cell, () => low.seeOrder(ty.cell, at));
    return { ...coerce(low, source, plain, at), simple: false, top: low.newObject(site) };
  }
  return dictFrom(low, items(low, given, at), site, at);
}

/** `round(value, digits)`: half to even. */
export function rounded(low: Lowering, given: Val, digits: Val | undefined, at: Place): Val {
  const value = asNumber(unwrapped(given));
  const ty = low.need(value.ty, at);
  const isPlain = digits === undefined || prune(digits.ty).k === "none";
  if (digits !== undefined && prune(digits.ty).k === "option")
    refuse("types", at, "round to places that may be None");
  if (ty.k === "int") {
    if (isPlain || digits.nonneg === true) return value;
    const places = digits.literal;
    if (typeof places !== "bigint") return refuse("call", at, "round of an int to places that are not known");
    return val(INTEGER, () => low.prelude("round_down", [value.emit(), intExpr(-places)]));
  }
  if (!isReal(ty)) return refuse("types", at, `round of ${tyText(ty)}`);
  if (isPlain) return b("float.round_even", INTEGER, value);
  const places = digits.literal;
  const count = intArgument(low, digits, at);
  if (typeof places === "bigint" && places >= 0n && places <= 18n)
    return b("float.round_to", ty, value, count);
  if (typeof places === "bigint") return refuse("call", at, "round to a negative number of places");
  return val(ty, () => low.prelude("round_digits", [value.emit(), count.emit()]));
}

/** `bin`, `oct` and `hex`. */
export function prefixed(low: Lowering, value: Val, name: "bin" | "oct" | "hex", at: Place): Val {
  if (low.need(value.ty, at).k !== "int") refuse("types", at, `${name} of ${tyText(value.ty)}`);
  const [mark, base] = { bin: ["0b", 2], oct: ["0o", 8], hex: ["0x", 16] }[name] as [string, number];
  return val(TEXT, () =>
    low.prelude("prefixed", [
      value.emit(),
      { kind: "literal", value: mark, type: languageType(TEXT) },
      intExpr(base),
    ]),
  );
}

const INSTANCES: Readonly<Record<string, readonly string[]>> = {
  int: ["int", "bool"],
  float: ["float"],
  str: ["str"],
  bool: ["bool"],
  dict: ["dict"],
  set: ["set"],
};

/** `isinstance`, where the type decides it. */
export function isInstance(low: Lowering, value: Val, kinds: Val, at: Place): Val {
  const names = (kinds.items ?? [kinds]).map((one) =>
    one.fn?.kind === "known" ? one.fn.name : refuse("call", at, "isinstance of a type that is not known"),
  );
  const ty = low.need(value.ty, at);
  if (ty.k === "option" || ty.k === "number")
    return refuse("call", at, `isinstance of a value that may be of several types (${tyText(ty)})`);
  if (ty.k === "list" && ty.flavour === "seq" && names.includes("list") !== names.includes("tuple")) {
    return boolVal(names.includes("list"));
  }
  const is = (name: string): boolean => {
    if (ty.k === "tuple") return name === "tuple";
    if (ty.k === "list") return name === (ty.flavour === "seq" ? "list" : ty.flavour);
    return (INSTANCES[name] ?? []).includes(ty.k);
  };
  return boolVal(names.some(is));
}
