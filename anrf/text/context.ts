import type { Expr, Local } from "#anrf/build/expr.ts";
import { BOOL, type NominalTypes, sameType, type Type } from "#anrf/program/type.ts";
import { type Place, type Problem, refuse } from "./problems.ts";
import type { Scope } from "./scope.ts";
import type { ExtensionSyntax, Syntax } from "./syntax.ts";

/** The type of a function or extension. */
export interface Callable {
  readonly params: readonly Type[];
  readonly result: Type;
}

/** What the finding of types knows besides the expression: the declarations, and each other. */
export interface Context {
  readonly functions: ReadonlyMap<string, Callable>;
  readonly extensions: ReadonlyMap<string, ExtensionSyntax>;
  readonly nominals: NominalTypes;
  /** Gives the local behind `result`, where the expression stands in an ensures clause. */
  readonly result?: () => Local;
  /** An expression with its types; the expected type, where there is one, is demanded. */
  readonly infer: (syntax: Syntax, scope: Scope | undefined, expected?: Type) => Expr;
  /** Notes a spelling that is read but never written. */
  readonly remark: (code: Problem["code"], at: Place, message: string, instead?: string) => void;
}

/** A condition or clause: the same with the type bool expected. */
export function inferBool(context: Context, syntax: Syntax, scope: Scope | undefined): Expr {
  return context.infer(syntax, scope, BOOL);
}

/** Refuses an expression of another type than its place needs. */
export function demand(expr: Expr, expected: Type | undefined, at: Place): Expr {
  if (expected === undefined || sameType(expr.type, expected)) return expr;
  const isMixed = expr.type.kind === "int" && expected.kind === "float";
  return refuse(isMixed ? "P17" : "P12", at, `expected ${expected.text}, but this is ${expr.type.text}`, [
    expected.text,
  ]);
}

/** The expression with a comment put before the one that it has. */
export function commented(expr: Expr, comment: string | undefined): Expr {
  if (comment === undefined) return expr;
  const inner = expr.note?.comment;
  return { ...expr, note: { ...expr.note, comment: inner === undefined ? comment : `${comment}\n${inner}` } };
}
