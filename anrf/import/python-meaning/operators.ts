import type { Expr } from "#anrf/build/expr.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import {
  BOOLEAN,
  INTEGER,
  isNumeric,
  isReal,
  NUMBER,
  prune,
  REAL,
  rootCell,
  TEXT,
  type Ty,
  tyText,
} from "#anrf/import/lowering/types.ts";
import {
  b,
  boolExpr,
  boolVal,
  call,
  floatExpr,
  floatVal,
  intExpr,
  intVal,
  isInt64,
  lambda,
  Slot,
  textExpr,
  textVal,
  tupleVal,
  union,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { differenceOf, intersectionOf, unionOf } from "#anrf/import/python-collections/sets.ts";
import { repeated } from "#anrf/import/python-collections/slices.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { asFloat, asNumber, asTupleList, fieldVal, POWER, preludeVal, unwrapped } from "./base.ts";
import { percent } from "./format.ts";

/** `a op b` of Python. */
export function binary(low: Lowering, op: string, a: Val, c: Val, at: Place): Val {
  const left = unwrapped(a);
  if (op === "%" && low.need(left.ty, at).k === "str") return percent(low, left, c, at);
  const right = unwrapped(c);
  const [l, r] = [low.need(left.ty, at), low.need(right.ty, at)];
  if (isNumeric(l) && isNumeric(r)) return arithmetic(low, op, left, right, at);
  if (op === "+") return added(low, left, right, at);
  if (op === "*" && (isSequence(l) || isSequence(r)))
    return repeated(low, isSequence(l) ? left : right, isSequence(l) ? right : left, at);
  if (l.k === "set" && r.k === "set") {
    if (op === "|") return unionOf(low, left, right, at);
    if (op === "&") return intersectionOf(low, left, right, at);
    if (op === "-") return differenceOf(low, left, right, at);
    if (op === "^") {
      const [x, y] = [once(low, left), once(low, right)];
      return unionOf(low, differenceOf(low, x, y, at), differenceOf(low, y, x, at), at);
    }
  }
  if (l.k === "dict" && r.k === "dict" && op === "|")
    return (
      low.meaning.method(low, { target: left, name: "update", args: [right], named: new Map(), at, site: "" })
        .changed ?? left
    );
  if (l.k === "dict" && r.k === "dict" && (op === "-" || op === "+" || op === "&"))
    refuse("expression", at, "arithmetic of Counters is not supported");
  return refuse("types", at, `${tyText(l)} ${op} ${tyText(r)} is not supported`);
}

const isSequence = (ty: Ty): boolean => ty.k === "str" || ty.k === "list" || ty.k === "tuple";

const INT_OPS: Readonly<Record<string, string>> = {
  "+": "int.add",
  "-": "int.sub",
  "*": "int.mul",
  "//": "int.div_floor",
  "%": "int.mod_floor",
  "&": "int.bit_and",
  "|": "int.bit_or",
  "^": "int.bit_xor",
  ">>": "int.shift_right",
};

const FLOAT_OPS: Readonly<Record<string, string>> = { "+": "float.add", "-": "float.sub", "*": "float.mul" };

function arithmetic(low: Lowering, op: string, a: Val, c: Val, at: Place): Val {
  const [l, r] = [prune(a.ty), prune(c.ty)];
  if (l.k === "bool" && r.k === "bool" && (op === "&" || op === "|" || op === "^")) {
    return b(op === "&" ? "bool.and" : op === "|" ? "bool.or" : "bool.xor", BOOLEAN, a, c);
  }
  if (isReal(l) || isReal(r)) return floatArithmetic(low, op, a, c, at);
  const [left, right] = [asNumber(a), asNumber(c)];
  if (op === "/") return trueDivision(low, left, right);
  if (op === "**") return power(low, left, right);
  const builtin = INT_OPS[op];
  if (builtin === undefined && op !== "<<")
    return refuse("expression", at, `the operator ${op} is not supported`);
  const folded = foldInts(op, left.literal, right.literal);
  if (folded !== undefined) return intVal(folded);
  if (builtin === undefined)
    return { ...preludeVal(low, "shift_left", INTEGER, left, right), ...nonnegIf(left.nonneg) };
  if (op === ">>" && right.literal === undefined) {
    // Python shifts by any amount; the language by at most 63, where nothing but the sign is left.
    return val(
      INTEGER,
      () => call("int.shift_right", [left.emit(), call("min", [right.emit(), intExpr(63)])]),
      nonnegIf(left.nonneg),
    );
  }
  // A sum of what is small and a small literal is small: no run has the fuel to make it large.
  const isStep = (one: Val, by: Val): boolean =>
    one.small === true &&
    typeof by.literal === "bigint" &&
    by.literal < 1_000_000n &&
    by.literal > -1_000_000n;
  const isSmall = (op === "+" || op === "-") && (isStep(left, right) || isStep(right, left));
  return {
    ...b(builtin, INTEGER, left, right),
    ...nonnegIf(staysNonneg(op, left, right)),
    ...(isSmall ? { small: true } : {}),
  };
}

const nonnegIf = (is: boolean | undefined): Partial<Val> => (is === true ? { nonneg: true } : {});

function staysNonneg(op: string, a: Val, c: Val): boolean {
  const both = a.nonneg === true && c.nonneg === true;
  if (op === "%") return c.nonneg === true;
  if (op === "&") return a.nonneg === true || c.nonneg === true;
  if (op === ">>") return a.nonneg === true;
  return op !== "-" && both;
}

function foldInts(op: string, a: Val["literal"], c: Val["literal"]): bigint | undefined {
  if (typeof a !== "bigint" || typeof c !== "bigint") return undefined;
  const made = op === "+" ? a + c : op === "-" ? a - c : op === "*" ? a * c : undefined;
  return made !== undefined && isInt64(made) ? made : undefined;
}

function floatArithmetic(low: Lowering, op: string, a: Val, c: Val, at: Place): Val {
  const [left, right] = [asFloat(a), asFloat(c)];
  const isPure = prune(a.ty).k === "float" || prune(c.ty).k === "float";
  const ty = isPure ? REAL : NUMBER;
  const builtin = FLOAT_OPS[op];
  if (builtin !== undefined) return b(builtin, ty, left, right);
  const isSafe = typeof right.literal === "number" && right.literal !== 0;
  switch (op) {
    case "/":
      if (isSafe) return b("float.div", REAL, left, right);
      return val(REAL, () => low.prelude("float_div", [left.emit(), right.emit()]));
    case "//":
      return val(ty, () => low.prelude("float_floor_div", [left.emit(), right.emit()]));
    case "%":
      return val(ty, () => low.prelude("float_mod", [left.emit(), right.emit()]));
    case "**":
      if (right.literal === 2) return val(ty, () => low.prelude("float_square", [left.emit()]));
      low.note(POWER);
      return val(ty, () => low.prelude("float_pow", [left.emit(), right.emit()]));
    default:
      return refuse("types", at, `the operator ${op} does not take floats`);
  }
}

function trueDivision(low: Lowering, a: Val, c: Val): Val {
  const isSafe = typeof c.literal === "bigint" && c.literal !== 0n && c.small === true;
  if (isSafe && a.small === true) return b("float.div", REAL, asFloat(a), asFloat(c));
  return val(REAL, () => low.prelude("true_div", [a.emit(), c.emit()]));
}

function power(low: Lowering, a: Val, c: Val): Val {
  const exponent = c.literal;
  if (typeof exponent === "bigint" && exponent < 0n) {
    low.note(POWER);
    return val(REAL, () => low.prelude("float_pow", [asFloat(a).emit(), floatExpr(Number(exponent))]));
  }
  if (typeof exponent !== "bigint" && c.nonneg !== true)
    low.note("an int to a negative power traps INVALID, where Python gives a float");
  if (
    typeof a.literal === "bigint" &&
    typeof exponent === "bigint" &&
    exponent < 64n &&
    isInt64(a.literal ** exponent)
  ) {
    return intVal(a.literal ** exponent);
  }
  return {
    ...b("int.pow", INTEGER, a, c),
    ...nonnegIf(a.nonneg === true || (typeof exponent === "bigint" && exponent % 2n === 0n)),
  };
}

function added(low: Lowering, a: Val, c: Val, at: Place): Val {
  const [l, r] = [low.need(a.ty, at), low.need(c.ty, at)];
  if (l.k === "str" && r.k === "str") {
    if (typeof a.literal === "string" && typeof c.literal === "string") return textVal(a.literal + c.literal);
    return b("string.concat", TEXT, a, c);
  }
  if (l.k === "tuple" && r.k === "tuple" && l.items.length + r.items.length <= 16) {
    const [x, y] = [once(low, a), once(low, c)];
    const items = [
      ...l.items.map((ty, i) => x.items?.[i] ?? fieldVal(x, i, ty)),
      ...r.items.map((ty, i) => y.items?.[i] ?? fieldVal(y, i, ty)),
    ];
    return tupleVal(items);
  }
  const isTuple = l.k === "tuple" || r.k === "tuple";
  const [left, right] = [isTuple ? asTupleList(low, a, at) : a, isTuple ? asTupleList(low, c, at) : c];
  const [x, y] = [prune(left.ty), prune(right.ty)];
  if (x.k !== "list" || y.k !== "list")
    return refuse("types", at, `${tyText(l)} + ${tyText(r)} is not supported`);
  for (const one of [left, right]) low.observe(one, at);
  if (x.flavour !== y.flavour && x.flavour !== "seq" && y.flavour !== "seq") {
    refuse("types", at, `${x.flavour} + ${y.flavour} is an error in Python`);
  }
  const ty = low.join(left.ty, right.ty, at);
  const [p, q] = [coerce(low, left, ty, at), coerce(low, right, ty, at)];
  const emit = (): Expr => call("list.concat", [p.emit(), q.emit()]);
  const isOne = [...a.inner].some((id) => c.inner.has(id));
  return {
    ty,
    emit,
    top: x.flavour === "tuple" ? new Set() : low.newObject(`+${at.line}:${at.column}:${low.frame.key}`),
    inner: union(a.inner, c.inner),
    ...(isOne || a.shared === true || c.shared === true ? { shared: true } : {}),
  };
}

/** `-a`, `+a`, `~a`. */
export function unary(low: Lowering, op: string, operand: Val, at: Place): Val {
  const value = asNumber(unwrapped(operand));
  const ty = low.need(value.ty, at);
  if (op === "+" && isNumeric(ty)) return value;
  if (op === "-" && ty.k === "int")
    return typeof value.literal === "bigint" ? intVal(-value.literal) : b("int.neg", INTEGER, value);
  if (op === "-" && isReal(ty))
    return typeof value.literal === "number" ? floatVal(-value.literal) : b("float.neg", ty, value);
  if (op === "~" && ty.k === "int") return b("int.bit_not", INTEGER, value);
  return refuse("types", at, `${op}${tyText(ty)} is not supported`);
}

/** What counts as true: not 0, not empty, not None. */
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
    case "number":
      return val(BOOLEAN, () => call("ne", [value.emit(), floatExpr(0)]));
    case "str":
      return val(BOOLEAN, () => call("ne", [value.emit(), textExpr("")]));
    case "list":
      return val(BOOLEAN, () => call("bool.not", [call("list.is_empty", [value.emit()])]));
    case "tuple":
    case "match":
      return boolVal(true);
    case "dict":
      return val(BOOLEAN, () =>
        rootCell(ty.cell).seen
          ? call("bool.not", [call("list.is_empty", [value.emit()])])
          : call("gt", [call("map.size", [value.emit()]), intExpr(0)]),
      );
    case "set":
      return val(BOOLEAN, () => call("gt", [call("map.size", [value.emit()]), intExpr(0)]));
    case "none":
      return boolVal(false);
    case "option": {
      const slot = new Slot("value", ty.item);
      const { test } = value;
      if (test !== undefined) return val(BOOLEAN, test);
      const inner = truth(low, slot.val(), at);
      if (inner.literal === true) return b("option.is_some", BOOLEAN, value);
      return val(BOOLEAN, () =>
        call("option.get_or", [
          call("option.map", [value.emit(), lambda([slot], inner.emit)]),
          boolExpr(false),
        ]),
      );
    }
    default:
      return refuse("types", at, `the truth of ${tyText(ty)} is not supported`);
  }
}
