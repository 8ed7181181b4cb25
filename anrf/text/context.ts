import type { Expr, Local } from "#anrf/build/expr.ts";
import { BOOL, type NominalTypes, sameType, type Type } from "#anrf/program/type.ts";
import { FixSafety } from "#gen/anrf/v1/diagnostic_pb.ts";
import { asFloat, type Instead, type Place, type Problem, refuse, TextError } from "./problems.ts";
import type { Scope } from "./scope.ts";
import { conversion } from "./slips/conversion.ts";
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
  /** The type of the function's value: what an open form without a type may have been meant to be. */
  readonly hint?: Type;
  /** An expression with its types; the expected type, where there is one, is demanded. */
  readonly infer: (syntax: Syntax, scope: Scope | undefined, expected?: Type) => Expr;
  /** Notes a spelling that is read but never written. */
  readonly remark: (code: Problem["code"], at: Place, message: string, instead?: Instead) => void;
  /** Takes a problem, where the finding of types goes on after one; without it the first one ends it. */
  readonly report?: (problem: Problem) => void;
}

/** The result of the work, or undefined where it is refused: the problem is reported, and what stands beside it goes on. */
export function attempt<T>({ report }: Pick<Context, "report">, work: () => T): T | undefined {
  if (report === undefined) return work();
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    if (error.problem.isEcho !== true) report(error.problem);
    return undefined;
  }
}

/** A condition or clause: the same with the type bool expected. */
export function inferBool(context: Context, syntax: Syntax, scope: Scope | undefined): Expr {
  return context.infer(syntax, scope, BOOL);
}

/** Refuses an open form whose type cannot be found; the function's own type is offered where it is of that kind. */
export function refuseOpen(
  { hint }: Pick<Context, "hint">,
  at: Place,
  what: string,
  kinds: readonly Type["kind"][],
): never {
  const instead = hint !== undefined && kinds.includes(hint.kind) ? asType(at, hint) : undefined;
  return refuse("P14", at, `the type of ${what} cannot be found here`, [], instead, FixSafety.NEEDS_REVIEW);
}

function asType(at: Place, type: Type): Instead {
  return (source) => `(${source(at)} as ${type.text})`;
}

/** Refuses an expression of another type than its place needs. */
export function demand(expr: Expr, expected: Type | undefined, at: Place): Expr {
  if (expected === undefined || sameType(expr.type, expected)) return expr;
  return refuseType(expr.type, expected, at);
}

/** Refuses a type where another one is needed; a conversion that the language has is offered. */
export function refuseType(found: Type, expected: Type, at: Place): never {
  const message = `expected ${expected.text}, but this is ${found.text}`;
  if (found.kind === "int" && expected.kind === "float")
    return refuse("P17", at, message, [expected.text], asFloat(at));
  return refuse("P12", at, message, [expected.text], conversion(found, expected, at), FixSafety.NEEDS_REVIEW);
}

/** The expression with the place that spells it, where it has none. */
export function placed(expr: Expr, { start, end }: Place): Expr {
  if (expr.note?.place !== undefined) return expr;
  return { ...expr, note: { ...expr.note, place: { start, end } } };
}

/** The expression with a comment put before the one that it has. */
export function commented(expr: Expr, comment: string | undefined): Expr {
  if (comment === undefined) return expr;
  const inner = expr.note?.comment;
  return { ...expr, note: { ...expr.note, comment: inner === undefined ? comment : `${comment}\n${inner}` } };
}
