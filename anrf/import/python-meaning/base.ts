import { boolAsInt, coerce } from "#anrf/import/lowering/coerce.ts";
import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import { isNumeric, isReal, list, prune, REAL, TEXT, type Ty, tyText } from "#anrf/import/lowering/types.ts";
import { call, floatVal, part, type Val, val } from "#anrf/import/lowering/value.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";

/** A bool counts as an int in arithmetic. */
export function asNumber(value: Val): Val {
  return prune(value.ty).k === "bool" ? boolAsInt(value) : value;
}

/** As a float, for arithmetic with one: rounded as the source rounds it. */
export function asFloat(value: Val): Val {
  const { literal } = value;
  if (isReal(prune(value.ty))) return value;
  const int = asNumber(value);
  if (typeof literal === "bigint") return floatVal(Number(literal));
  return val(REAL, () => call("int.to_float", [int.emit()]));
}

/** The value where the source wants an int: a bool counts as one, and what cannot be one is refused. */
export function intArgument(low: Lowering, given: Val, at: Place): Val {
  const value = asNumber(unwrapped(given));
  const ty = low.need(value.ty, at);
  return ty.k === "int" ? value : refuse("types", at, `${tyText(ty)} stands where an int is needed`);
}

/** The value where the source wants a float: an int or bool is rounded to one, and what cannot be one is refused. */
export function realArgument(low: Lowering, given: Val, at: Place): Val {
  const value = unwrapped(given);
  const ty = low.need(value.ty, at);
  return isNumeric(ty)
    ? asFloat(value)
    : refuse("types", at, `${tyText(ty)} stands where a number is needed`);
}

/** The value where the source wants a text; what cannot be one is refused. */
export function textArgument(low: Lowering, given: Val, at: Place): Val {
  const value = unwrapped(given);
  const ty = prune(low.tryJoin(value.ty, TEXT) ?? value.ty);
  return ty.k === "str" ? value : refuse("types", at, `${tyText(ty)} stands where a text is needed`);
}

/** A tuple of one type of items, as one of any length. */
export function asTupleList(low: Lowering, value: Val, at: Place): Val {
  const ty = prune(value.ty);
  if (ty.k !== "tuple") return value;
  const item = ty.items.reduce((x: Ty, y) => low.join(x, y, at));
  return coerce(low, value, list(item, "tuple"), at);
}

/** A part of a tuple that is simple. */
export function fieldVal(whole: Val, index: number, ty: Ty): Val {
  return val(ty, () => part(whole.emit, index), { simple: true, top: whole.inner, inner: whole.inner });
}

/** A value of a function of the prelude that has no type names. */
export function preludeVal(low: Lowering, id: string, ty: Ty, ...args: readonly Val[]): Val {
  return val(ty, () =>
    low.prelude(
      id,
      args.map((one) => one.emit()),
    ),
  );
}

/** The first argument, or a refusal. */
export function first(asked: KnownCall): Val {
  return asked.args[0] ?? refuse("call", asked.at, `${asked.name} takes more arguments`);
}

/** The second argument, or a refusal. */
export function second(asked: KnownCall): Val {
  return asked.args[1] ?? refuse("call", asked.at, `${asked.name} takes more arguments`);
}

/** What may be None where it cannot be: None ends the program there, as it does in Python. */
export function unwrapped(value: Val): Val {
  const ty = prune(value.ty);
  if (ty.k !== "option") return value;
  return {
    ...val(ty.item, () => call("option.unwrap", [value.emit()]), { top: value.top, inner: value.inner }),
    ...(value.shared === true ? { shared: true } : {}),
  };
}

/** What is said wherever a function of the C library is answered by one of the language. */
export const LIBRARY =
  "sin, cos, tan, atan2, log2, log10 and hypot are those of the language: the last digit may differ from the C library's";

/** What is said wherever floats are raised to a power. */
export const POWER =
  "floats to a power are those of the language: the last digit may differ from the C library's";
