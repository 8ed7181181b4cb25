import type { Expr_Call } from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import type { Expr } from "#anrf/build/expr.ts";
import { BOOL, FLOAT, INT, sameType } from "#anrf/program/type.ts";
import * as e from "#anrf/testing/exprs.ts";
import { type Scope, translate } from "./scope.ts";
import { unmapped } from "./values.ts";

/** A function of CEL's math extension; undefined where the call is none. */
export function translateMath({ function: name, target, args }: Expr_Call, scope: Scope): Expr | undefined {
  if (target?.exprKind.case !== "identExpr" || target.exprKind.value.name !== "math") return undefined;
  const values = args.map((one) => translate(one, scope));
  const [first] = values;
  if (first === undefined) return unmapped("a type error there");
  if (name === "greatest" || name === "least")
    return extreme(name === "greatest" ? "max" : "min", values, first);
  const made = FUNCTIONS[name]?.(values);
  return made ?? unmapped("a type error there");
}

function extreme(which: "min" | "max", values: readonly Expr[], first: Expr): Expr {
  if (values.some((one) => !sameType(one.type, first.type))) return unmapped("mixed types");
  if (values.length === 1 && first.type.kind === "list") {
    return e.call("option.unwrap", [e.call(`list.${which}`, [first])]);
  }
  if (!["int", "float"].includes(first.type.kind)) return unmapped("a type error there");
  return values.slice(1).reduce((sofar, next) => e.call(which, [sofar, next]), first);
}

/** Rounds a float to a whole float: what is no number, or too large for a fraction, stays itself. */
function whole(value: Expr, round: (value: Expr) => Expr): Expr {
  const x = e.slot("x", FLOAT);
  const isSmall = e.call("lt", [e.call("float.abs", [e.use(x)]), e.float(2 ** 52)]);
  return e.bind(x, value, e.branch(isSmall, e.call("int.to_float", [round(e.use(x))]), e.use(x)));
}

/** Half away from zero. */
function rounded(x: Expr): Expr {
  const up = e.call("float.floor", [e.call("float.add", [e.call("float.abs", [x]), e.float(0.5)])]);
  return e.branch(e.call("lt", [x, e.float(0)]), e.call("int.neg", [up]), up);
}

/** A shift of CEL: by more than 63 places nothing is left, by less than none is an error. */
function shift(
  [value, places]: readonly Expr[],
  move: (value: Expr, places: Expr) => Expr,
): Expr | undefined {
  if (value === undefined || places === undefined || !sameType(value.type, INT)) return undefined;
  if (!sameType(places.type, INT)) return undefined;
  const [v, n] = [e.slot("value", INT), e.slot("places", INT)];
  const moved = e.branch(e.call("gt", [e.use(n), e.int(63)]), e.int(0), move(e.use(v), e.use(n)));
  return e.bind(v, value, e.bind(n, places, moved));
}

/** The bits without the sign's copies: CEL moves zeros in. */
function unsignedRight(value: Expr, places: Expr): Expr {
  const kept = e.call("int.bit_not", [
    e.call("int.shift_left", [e.int(-2), e.call("int.sub", [e.int(63), places])]),
  ]);
  return e.call("int.bit_and", [e.call("int.shift_right", [value, places]), kept]);
}

const ofKind =
  (kind: string, make: (...args: Expr[]) => Expr) =>
  (args: readonly Expr[]): Expr | undefined =>
    args.every((one) => one.type.kind === kind) ? make(...args) : undefined;

const FUNCTIONS: Readonly<Record<string, (args: readonly Expr[]) => Expr | undefined>> = {
  ceil: ofKind("float", (x) => whole(x, (v) => e.call("float.ceil", [v]))),
  floor: ofKind("float", (x) => whole(x, (v) => e.call("float.floor", [v]))),
  trunc: ofKind("float", (x) => whole(x, (v) => e.call("float.trunc", [v]))),
  round: ofKind("float", (x) => whole(x, rounded)),
  abs: ([x]) =>
    x?.type.kind === "int" ? e.call("int.abs", [x]) : ofKind("float", absolute)(x === undefined ? [] : [x]),
  sign: ([x]) =>
    x?.type.kind === "int" ? e.call("int.sign", [x]) : ofKind("float", sign)(x === undefined ? [] : [x]),
  isNaN: ofKind("float", (x) => e.call("float.is_nan", [x])),
  isFinite: ofKind("float", (x) => e.call("float.is_finite", [x])),
  isInf: ofKind("float", (value) => {
    const x = e.slot("x", FLOAT);
    const isNumber = e.call("bool.not", [e.call("float.is_nan", [e.use(x)])]);
    const isWide = e.call("bool.not", [e.call("float.is_finite", [e.use(x)])]);
    return e.bind(x, value, { ...e.call("bool.and", [isNumber, isWide]), type: BOOL });
  }),
  bitAnd: ofKind("int", (...args) => e.call("int.bit_and", args)),
  bitOr: ofKind("int", (...args) => e.call("int.bit_or", args)),
  bitXor: ofKind("int", (...args) => e.call("int.bit_xor", args)),
  bitNot: ofKind("int", (x) => e.call("int.bit_not", [x])),
  bitShiftLeft: (args) => shift(args, (value, places) => e.call("int.shift_left", [value, places])),
  bitShiftRight: (args) => shift(args, unsignedRight),
};

function absolute(x: Expr): Expr {
  return e.call("float.abs", [x]);
}

function sign(value: Expr): Expr {
  const x = e.slot("x", FLOAT);
  const at = (sense: "lt" | "gt") => e.call(sense, [e.use(x), e.float(0)]);
  return e.bind(x, value, e.branch(at("lt"), e.float(-1), e.branch(at("gt"), e.float(1), e.use(x))));
}
