import type { Expr } from "#anrf/build/expr.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, INTEGER, isReal, prune, REAL, TEXT, type Ty, tyText } from "#anrf/import/lowering/types.ts";
import {
  b,
  boolVal,
  call,
  floatExpr,
  floatVal,
  intExpr,
  intVal,
  lambda,
  Slot,
  textExpr,
  textVal,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { index as pythonIndex, setItem as pythonSetItem } from "#anrf/import/python-collections/lists.ts";
import { asFloat, unwrapped } from "#anrf/import/python-meaning/base.ts";
import { compare as pythonCompare } from "#anrf/import/python-meaning/compare.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";

const INT_OPS: Readonly<Record<string, string>> = {
  "+": "int.add",
  "-": "int.sub",
  "*": "int.mul",
  "%": "int.rem",
};
const FLOAT_OPS: Readonly<Record<string, string>> = {
  "+": "float.add",
  "-": "float.sub",
  "*": "float.mul",
  "/": "float.div",
  "**": "float.pow",
};
const BIT_OPS: ReadonlySet<string> = new Set(["&", "|", "^", "<<", ">>", ">>>"]);
const TWO_31 = 2n ** 31n;
const TWO_32 = 2n ** 32n;

/** `a op b` of TypeScript: an int is a number without a fraction; `/` gives a float. */
export function binary(low: Lowering, op: string, a: Val, c: Val, at: Place): Val {
  const left = unwrapped(a);
  const right = unwrapped(c);
  const [l, r] = [low.need(left.ty, at), low.need(right.ty, at)];
  if (op === "+" && (l.k === "str" || r.k === "str")) return joinedText(low, left, right, at);
  if (BIT_OPS.has(op)) return bits(low, op, left, right, at);
  if (!isNumber(l) || !isNumber(r))
    return refuse("types", at, `${tyText(l)} ${op} ${tyText(r)} is not supported`);
  if (l.k === "int" && r.k === "int") {
    const made = ints(op, left, right);
    if (made !== undefined) return made;
  }
  if (op === "%")
    return val(REAL, () => low.prelude("float_rem", [asFloat(left).emit(), asFloat(right).emit()]));
  const builtin = FLOAT_OPS[op];
  if (builtin === undefined) return refuse("expression", at, `the operator ${op} is not supported`);
  const isOpen = op === "/" && r.k === "int" && right.literal === undefined && right.small !== true;
  if (isOpen) return val(REAL, () => low.prelude("quotient", [asFloat(left).emit(), right.emit()]));
  return b(builtin, REAL, asFloat(left), asFloat(right));
}

const isNumber = (ty: Ty): boolean => ty.k === "int" || isReal(ty);

function ints(op: string, a: Val, c: Val): Val | undefined {
  const isPower = op === "**" && (c.nonneg === true || (typeof c.literal === "bigint" && c.literal >= 0n));
  if (isPower) return { ...b("int.pow", INTEGER, a, c), ...(a.nonneg === true ? { nonneg: true } : {}) };
  const builtin = INT_OPS[op];
  if (builtin === undefined) return undefined;
  const isNonneg = op === "%" ? a.nonneg === true : op !== "-" && a.nonneg === true && c.nonneg === true;
  return { ...b(builtin, INTEGER, a, c), ...(isNonneg ? { nonneg: true } : {}) };
}

function joinedText(low: Lowering, a: Val, c: Val, at: Place): Val {
  const [left, right] = [textOf(low, a, at), textOf(low, c, at)];
  if (typeof left.literal === "string" && typeof right.literal === "string")
    return textVal(left.literal + right.literal);
  return b("string.concat", TEXT, left, right);
}

/** What a template or String() writes. */
export function textOf(low: Lowering, given: Val, at: Place): Val {
  const ty = low.need(given.ty, at);
  switch (ty.k) {
    case "str":
      return given;
    case "int":
      return typeof given.literal === "bigint"
        ? textVal(String(given.literal))
        : b("int.to_string", TEXT, given);
    case "float":
    case "number":
      return b("float.to_string", TEXT, given);
    case "bool":
      return val(TEXT, () => ({
        kind: "if",
        condition: given.emit(),
        whenTrue: textExpr("true"),
        whenFalse: textExpr("false"),
        type: textExpr("").type,
      }));
    default:
      return refuse("format", at, `the text of ${tyText(ty)} is not supported`);
  }
}

/** Bit operators work on 32 bits, whatever they are given. */
function bits(low: Lowering, op: string, a: Val, c: Val, at: Place): Bits {
  const [left, right] = [wholeOf(low, a, at), wholeOf(low, c, at)];
  if (op === "&") {
    const mask = [left, right].find((one) => isSmallBits(one));
    // A mask of at most 31 bits takes off all that 32 bits would.
    if (mask !== undefined)
      return { ...b("int.bit_and", INTEGER, left, right), nonneg: true, small: true, is32: true };
  }
  const facts = { small: true, is32: true };
  if (op === "<<" || op === ">>" || op === ">>>") {
    const places =
      typeof right.literal === "bigint"
        ? intVal(BigInt.asUintN(5, right.literal))
        : b("int.bit_and", INTEGER, right, intVal(31));
    if (op === ">>>")
      return { ...b("int.shift_right", INTEGER, unsigned(left), places), nonneg: true, small: true };
    const moved = b(op === "<<" ? "int.shift_left" : "int.shift_right", INTEGER, signed(low, left), places);
    return {
      ...(op === "<<" ? signed(low, moved) : moved),
      ...facts,
      ...(op === ">>" && isSmallBits(left) ? { nonneg: true } : {}),
    };
  }
  const names: Readonly<Record<string, string>> = {
    "&": "int.bit_and",
    "|": "int.bit_or",
    "^": "int.bit_xor",
  };
  return { ...b(names[op] ?? "", INTEGER, signed(low, left), signed(low, right)), ...facts };
}

function wholeOf(low: Lowering, value: Val, at: Place): Val {
  const ty = low.need(value.ty, at);
  if (ty.k === "int") return value;
  if (isReal(ty)) return b("float.trunc", INTEGER, value);
  return refuse("types", at, `bits of ${tyText(ty)} are not supported`);
}

const isSmallBits = ({ literal }: Val): boolean =>
  typeof literal === "bigint" && literal >= 0n && literal < TWO_31;

/** An int that is known to fit 32 bits. */
type Bits = Val & { readonly is32?: boolean };

/** The low 32 bits as a signed int. */
function signed(low: Lowering, value: Bits): Bits {
  if (typeof value.literal === "bigint") return intVal(BigInt.asIntN(32, value.literal));
  if (value.is32 === true) return value;
  return { ...val(INTEGER, () => low.prelude("int32", [value.emit()])), small: true, is32: true };
}

function unsigned(value: Val): Val {
  if (typeof value.literal === "bigint") return intVal(BigInt.asUintN(32, value.literal));
  return val(INTEGER, () => call("int.mod_floor", [value.emit(), intExpr(TWO_32)]), { nonneg: true });
}

/** An operator before its operand. */
export function unary(low: Lowering, op: string, operand: Val, at: Place): Val {
  const value = unwrapped(operand);
  const ty = low.need(value.ty, at);
  if (op === "~") return b("int.bit_not", INTEGER, signed(low, wholeOf(low, value, at)));
  if (!isNumber(ty)) return refuse("types", at, `${op}${tyText(ty)} is not supported`);
  if (op === "+") return value;
  if (ty.k === "int")
    return typeof value.literal === "bigint" ? intVal(-value.literal) : b("int.neg", INTEGER, value);
  return typeof value.literal === "number" ? floatVal(-value.literal) : b("float.neg", ty, value);
}

/** What counts as true: all but false, 0, NaN, "" and nothing; an empty array does. */
export function truth(low: Lowering, value: Val, at: Place): Val {
  if (value.fn !== undefined) return boolVal(true);
  const ty = low.need(value.ty, at);
  switch (ty.k) {
    case "bool":
      return value;
    case "int":
      if (typeof value.literal === "bigint") return boolVal(value.literal !== 0n);
      return val(BOOLEAN, () => call("ne", [value.emit(), intExpr(0)]));
    case "float":
    case "number": {
      const whole = once(low, value);
      return val(BOOLEAN, () =>
        call("bool.and", [
          call("ne", [whole.emit(), floatExpr(0)]),
          call("eq", [whole.emit(), whole.emit()]),
        ]),
      );
    }
    case "str":
      return val(BOOLEAN, () => call("ne", [value.emit(), textExpr("")]));
    case "none":
      return boolVal(false);
    case "option": {
      const slot = new Slot("value", ty.item);
      const inner = truth(low, slot.val(), at);
      if (inner.literal === true) return b("option.is_some", BOOLEAN, value);
      return val(BOOLEAN, () =>
        call("list.any", [call("option.to_list", [value.emit()]), lambda([slot], inner.emit)]),
      );
    }
    case "list":
    case "tuple":
    case "dict":
    case "set":
      return boolVal(true);
    default:
      return refuse("types", at, `the truth of ${tyText(ty)} is not supported`);
  }
}

const isPlain = (ty: Ty): boolean => {
  const at = prune(ty);
  return at.k === "option"
    ? isPlain(at.item)
    : ["int", "float", "number", "bool", "str", "none"].includes(at.k);
};

/** `===` and order: objects are compared by identity, which values do not have. */
export function compare(low: Lowering, op: string, a: Val, c: Val, at: Place): Val {
  const [l, r] = [low.need(a.ty, at), low.need(c.ty, at)];
  if (op === "is" || op === "is not") return pythonCompare(low, op, a, c, at);
  if (!isPlain(l) || !isPlain(r))
    return refuse("alias", at, `${op} of ${tyText(l)} compares which object it is`);
  if (op === "==" || op === "!=") {
    const kinds = [kindOf(l), kindOf(r)];
    if (kinds[0] !== kinds[1] && !kinds.includes("none")) {
      return refuse("types", at, `${tyText(l)} and ${tyText(r)} are never equal`);
    }
    return pythonCompare(low, op, a, c, at);
  }
  const [left, right] = [unwrapped(a), unwrapped(c)];
  if (kindOf(left.ty) !== kindOf(right.ty) || kindOf(left.ty) === "bool") {
    return refuse("types", at, `${tyText(l)} ${op} ${tyText(r)} converts its operands`);
  }
  return pythonCompare(low, op, left, right, at);
}

function kindOf(ty: Ty): string {
  const at = prune(ty);
  if (at.k === "option") return kindOf(at.item);
  return at.k === "float" || at.k === "number" || at.k === "int" ? "number" : at.k;
}

/** An index of the language counts from the start only. */
function fromStart(low: Lowering, index: Val, at: Place): Val {
  const value = unwrapped(index);
  const ty = low.need(value.ty, at);
  if (isReal(ty)) return { ...val(INTEGER, () => low.prelude("whole", [value.emit()])), nonneg: true };
  if (ty.k !== "int") refuse("types", at, `${tyText(ty)} is no index`);
  return { ...value, nonneg: true };
}

/** `xs[i]`; what is outside ends the program, where the language gives undefined. */
export function index(low: Lowering, target: Val, place: Val, at: Place): Val {
  const ty = low.need(unwrapped(target).ty, at);
  if (ty.k === "dict") return pythonIndex(low, target, place, at);
  if (typeof place.literal === "bigint" && place.literal < 0n)
    return refuse("expression", at, "an index below zero");
  return pythonIndex(low, target, fromStart(low, place, at), at);
}

/** `xs[i]` where undefined is asked for: an option. */
export function itemOrNone(low: Lowering, target: Val, place: Val, at: Place): Val {
  const source = unwrapped(target);
  const ty = low.need(source.ty, at);
  if (ty.k === "dict") {
    return low.meaning.method(low, {
      target: source,
      name: "get",
      args: [place],
      named: new Map(),
      at,
      site: "",
    }).result;
  }
  const where = fromStart(low, place, at);
  if (ty.k === "str")
    return val({ k: "option", item: TEXT }, () => call("string.at", [source.emit(), where.emit()]));
  if (ty.k !== "list") return refuse("types", at, `${tyText(ty)} has no such items`);
  const { inner, shared } = source;
  return val({ k: "option", item: ty.item }, (): Expr => call("list.at", [source.emit(), where.emit()]), {
    top: inner,
    inner,
    ...(shared === true ? { shared } : {}),
  });
}

/** The container with one item put in; only what is inside can be replaced. */
export function setItem(low: Lowering, target: Val, place: Val, value: Val, at: Place): Val {
  const ty = low.need(unwrapped(target).ty, at);
  if (ty.k === "tuple") return refuse("types", at, "a part of a tuple is changed");
  return pythonSetItem(low, target, ty.k === "dict" ? place : fromStart(low, place, at), value, at);
}
