import type { Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import type { Builtin } from "#gen/anrf/v1/builtins_pb.ts";

/** A slot for one value: a parameter or a binder. Its identity is the object. */
export interface Local {
  /** What people call it; empty for none. */
  readonly name: string;
  readonly type: Type;
}

/** What an arm of a match accepts. */
export type PatternExpr =
  | { readonly kind: "case"; readonly caseIndex: number }
  | { readonly kind: "some" }
  | { readonly kind: "none" }
  | { readonly kind: "literal"; readonly value: Value; readonly type: Type }
  | { readonly kind: "wildcard" };

/** One arm. */
export interface ArmExpr {
  readonly pattern: PatternExpr;
  readonly binders: readonly Local[];
  readonly body: Expr;
}

/** A typed expression tree: what text, search and tests write, before it becomes a table. */
export type Expr = { readonly type: Type; readonly note?: ExprNote } & (
  | { readonly kind: "literal"; readonly value: Value }
  | { readonly kind: "local"; readonly local: Local }
  | { readonly kind: "let"; readonly local: Local; readonly value: Expr; readonly body: Expr }
  | { readonly kind: "if"; readonly condition: Expr; readonly whenTrue: Expr; readonly whenFalse: Expr }
  | { readonly kind: "match"; readonly subject: Expr; readonly arms: readonly ArmExpr[] }
  | { readonly kind: "lambda"; readonly params: readonly Local[]; readonly body: Expr }
  | { readonly kind: "builtin"; readonly builtin: Builtin; readonly args: readonly Expr[] }
  | { readonly kind: "apply"; readonly callee: Expr; readonly args: readonly Expr[] }
  | { readonly kind: "call"; readonly function: string; readonly args: readonly Expr[] }
  | { readonly kind: "list" | "map" | "tuple" | "record"; readonly items: readonly Expr[] }
  | { readonly kind: "variant"; readonly caseIndex: number; readonly args: readonly Expr[] }
  | { readonly kind: "option"; readonly some?: Expr }
  | { readonly kind: "field"; readonly target: Expr; readonly field: number }
  | {
      readonly kind: "loop";
      readonly state: Local;
      readonly init: Expr;
      readonly condition: Expr;
      readonly step: Expr;
      readonly invariants: readonly Expr[];
      readonly decreases?: Expr;
    }
  | { readonly kind: "fail" | "hole"; readonly message: string }
  | { readonly kind: "extension"; readonly extension: string; readonly args: readonly Expr[] }
);

/** The direct parts of an expression, in the order of evaluation. */
export function exprParts(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "literal":
    case "local":
    case "fail":
    case "hole":
      return [];
    case "let":
      return [expr.value, expr.body];
    case "if":
      return [expr.condition, expr.whenTrue, expr.whenFalse];
    case "match":
      return [expr.subject, ...expr.arms.map((arm) => arm.body)];
    case "lambda":
      return [expr.body];
    case "builtin":
    case "call":
    case "variant":
    case "extension":
      return expr.args;
    case "apply":
      return [expr.callee, ...expr.args];
    case "list":
    case "map":
    case "tuple":
    case "record":
      return expr.items;
    case "option":
      return expr.some === undefined ? [] : [expr.some];
    case "field":
      return [expr.target];
    case "loop": {
      const measure = expr.decreases === undefined ? [] : [expr.decreases];
      return [expr.init, expr.condition, expr.step, ...expr.invariants, ...measure];
    }
    default:
      throw new Error(`unreachable: ${expr satisfies never}`);
  }
}

/** What is known of a node beside its meaning. */
export interface ExprNote {
  /** Half-open range of the intent text, in code points. */
  readonly span?: { readonly start: number; readonly end: number };
  /** 0 to 1. */
  readonly confidence?: number;
  readonly comment?: string;
  /** Half-open range of the text of the program that spells it, in UTF-16 units; never stored. */
  readonly place?: { readonly start: number; readonly end: number };
}

/** One clause with what it says. */
export interface ClauseExpr {
  readonly expr: Expr;
  readonly label: string;
}

/** One function, before it becomes a table. */
export interface FunctionExpr {
  readonly name: string;
  readonly doc?: string;
  readonly params: readonly Local[];
  readonly result: Type;
  readonly requires?: readonly ClauseExpr[];
  readonly ensures?: readonly ClauseExpr[];
  /** The local that stands for the result inside `ensures`. */
  readonly resultLocal?: Local;
  readonly decreases?: Expr;
  readonly body: Expr;
}

/** A whole program; the entry is one of the functions, by name. */
export interface ProgramExpr {
  readonly entry: string;
  readonly functions: readonly FunctionExpr[];
  readonly records?: readonly {
    readonly name: string;
    readonly fields: readonly { readonly name: string; readonly type: Type }[];
  }[];
  readonly variants?: readonly {
    readonly name: string;
    readonly cases: readonly { readonly name: string; readonly payload: readonly Type[] }[];
  }[];
  readonly extensions?: readonly {
    readonly name: string;
    readonly urn: string;
    readonly version: string;
    readonly params: readonly Type[];
    readonly result: Type;
  }[];
}
