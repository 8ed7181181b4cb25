import type { Changed, Lowering, Meaning, MethodCall } from "#anrf/import/lowering/lower.ts";
import { FUNCTION, INTEGER, isMutable, isReal, TEXT, tyText } from "#anrf/import/lowering/types.ts";
import { call, floatVal, intVal, isSpread, type Val, val } from "#anrf/import/lowering/value.ts";
import { unwrapped } from "#anrf/import/python-meaning/base.ts";
import { lengthOf } from "#anrf/import/python-meaning/calls.ts";
import { unusable } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { annotation } from "#anrf/import/typescript-syntax/annotation.ts";
import { knownCall } from "./calls.ts";
import { items } from "./items.ts";
import { listMethod } from "./lists.ts";
import { mapMethod, scriptSetMethod } from "./maps.ts";
import { binary, compare, index, setItem, textOf, truth, unary } from "./operators.ts";
import { scriptTextMethod } from "./text.ts";

/** What TypeScript's operators, functions and methods mean (ECMAScript 2024). */
export const TYPESCRIPT: Meaning = {
  boolIsInt: false,
  tuplesAreKeys: false,
  binary,
  unary,
  compare,
  truth,
  index,
  setItem,
  items,
  slice: (_low, _target, _bounds, at) => refuse("expression", at, "a slice"),
  setSlice: (_low, _target, _bounds, _value, at) => refuse("expression", at, "a slice"),
  removeItem: (_low, _target, _index, at) => refuse("statement", at, "delete"),
  format: (low, value, _conversion, _spec, at) => textOf(low, value, at),
  call: knownCall,
  method,
  name: knownName,
  attribute,
  annotation,
};

const FUNCTIONS: ReadonlySet<string> = new Set(["String", "Number", "Boolean"]);
const NUMBERS: Readonly<Record<string, number>> = {
  Infinity: Number.POSITIVE_INFINITY,
  NaN: Number.NaN,
  "Number.POSITIVE_INFINITY": Number.POSITIVE_INFINITY,
  "Number.NEGATIVE_INFINITY": Number.NEGATIVE_INFINITY,
  "Math.PI": Math.PI,
  "Math.E": Math.E,
};
const INTS: Readonly<Record<string, number>> = {
  "Number.MAX_SAFE_INTEGER": Number.MAX_SAFE_INTEGER,
  "Number.MIN_SAFE_INTEGER": Number.MIN_SAFE_INTEGER,
};

function knownName(_low: Lowering, name: string, _at: Place): Val | undefined {
  const number = NUMBERS[name];
  if (number !== undefined) return floatVal(number);
  const int = INTS[name];
  if (int !== undefined) return intVal(int);
  const isKnown = FUNCTIONS.has(name) || name.startsWith("Math.");
  return isKnown ? val(FUNCTION, unusable, { fn: { kind: "known", name } }) : undefined;
}

/** `xs.length` and `m.size`. */
function attribute(low: Lowering, target: Val, name: string, at: Place): Val | undefined {
  if (name !== "length" && name !== "size") return undefined;
  const source = unwrapped(target);
  const ty = low.need(source.ty, at);
  const isSized =
    name === "size"
      ? ty.k === "dict" || ty.k === "set"
      : ty.k === "list" || ty.k === "str" || ty.k === "tuple";
  if (!isSized) return refuse("call", at, `${tyText(ty)} has no ${name}`);
  if (ty.k === "str")
    low.note(
      "strings are counted and indexed by characters, where TypeScript counts a character beyond the basic plane twice",
    );
  return lengthOf(low, source, at);
}

/** A method; an array that it makes is an object of its own. */
function method(low: Lowering, asked: MethodCall): Changed {
  const made = methodOf(low, asked);
  const { result } = made;
  const isUnheld = result.top.size === 0 && result.fn === undefined && isMutable(result.ty);
  return isUnheld ? { ...made, result: { ...result, top: low.newObject(asked.site) } } : made;
}

/** By the type of its target. */
function methodOf(low: Lowering, asked: MethodCall): Changed {
  const target = unwrapped(asked.target);
  const ty = low.need(target.ty, asked.at);
  const given = { ...asked, target };
  if (asked.args.some(isSpread) && (ty.k !== "list" || asked.name !== "%push"))
    return refuse("call", asked.at, `${asked.name.replace("%", "")} of spread items is not supported`);
  switch (ty.k) {
    case "str":
      return { result: scriptTextMethod(low, given) };
    case "list":
      return listMethod(low, given, ty);
    case "tuple":
      return listMethod(
        low,
        { ...given, target: items(low, target, asked.at) },
        asList(low, target, asked.at),
      );
    case "dict":
      return mapMethod(low, given, ty);
    case "set":
      return scriptSetMethod(low, given);
    case "int":
    case "float":
    case "number":
      return { result: numberMethod(low, given) };
    default:
      return refuse("call", asked.at, `${tyText(ty)} has no method ${asked.name} here`);
  }
}

function asList(low: Lowering, target: Val, at: Place) {
  const ty = low.need(items(low, target, at).ty, at);
  return ty.k === "list" ? ty : refuse("types", at, "a tuple of several types");
}

function numberMethod(low: Lowering, { target, name, args, at }: MethodCall): Val {
  const ty = low.need(target.ty, at);
  const [base] = args;
  if (name === "toString" && (base === undefined || base.literal === 10n)) return textOf(low, target, at);
  if (name === "toString" && ty.k === "int" && low.need(base?.ty ?? INTEGER, at).k === "int") {
    return val(TEXT, () => call("int.to_base", [target.emit(), (base ?? intVal(10)).emit()]));
  }
  if (name === "toFixed" && isReal(ty)) {
    const digits = base ?? intVal(0);
    if (typeof digits.literal !== "bigint" || digits.literal < 0n || digits.literal > 15n) {
      return refuse("call", at, "toFixed to digits that are not a constant of 0 to 15");
    }
    return val(TEXT, () => low.prelude("fixed_up", [target.emit(), digits.emit()]));
  }
  return refuse("call", at, `numbers have no method ${name} here`);
}
