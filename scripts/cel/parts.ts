import type { Expr as CelExpr } from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import { type Expr, exprParts } from "#anrf/build/expr.ts";
import { sameType, type Type } from "#anrf/program/type.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { type Scope, translate } from "./scope.ts";
import { unmapped } from "./values.ts";

/** Two expressions of one type; the one that is empty takes the type of the other. */
export function pair(
  a: CelExpr | undefined,
  b: CelExpr | undefined,
  scope: Scope,
  want?: Type,
): [Expr, Expr] {
  const [left, right] = isOpen(a)
    ? ((other) => [translate(a, scope, other.type), other] as const)(translate(b, scope, want))
    : ((one) => [one, translate(b, scope, one.type)] as const)(translate(a, scope, want));
  if (!sameType(left.type, right.type)) unmapped("mixed types");
  return [left, right];
}

/** True for a list or map without contents, whose type its surroundings tell. */
export function isOpen(expr: CelExpr | undefined): boolean {
  const kind = expr?.exprKind;
  if (kind?.case === "listExpr") return kind.value.elements.every(isOpen);
  if (kind?.case === "callExpr" && kind.value.function === "dyn") return isOpen(kind.value.args[0]);
  return kind?.case === "structExpr" && kind.value.messageName === "" && kind.value.entries.length === 0;
}

/** True where an evaluation can end in a trap: then CEL's order of `&&` and `||` matters. */
export function canTrap(expr: Expr): boolean {
  if (expr.kind === "fail" || expr.kind === "hole") return true;
  if (expr.kind === "builtin" && (builtinByNumber(expr.builtin)?.traps.length ?? 0) > 0) return true;
  return exprParts(expr).some(canTrap);
}
