import type { Expr as CelExpr } from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import type { Expr, Local } from "#anrf/build/expr.ts";
import type { Type } from "#anrf/program/type.ts";
import * as e from "#anrf/testing/exprs.ts";
import { unmapped } from "./values.ts";

/** The translation of any expression; `want` types what is empty. It travels in the scope, so that no file imports in a circle. */
export type Translate = (expr: CelExpr | undefined, scope: Scope, want?: Type) => Expr;

/** What names mean at a place: each an expression to stand for it. */
export interface Scope {
  readonly translate: Translate;
  readonly names: ReadonlyMap<string, Expr>;
  /** `google.rpc`: names are looked up inside it and then outside, as in protobuf. */
  readonly container: string;
}

/** Translates a part of an expression. */
export const translate: Translate = (expr, scope, want) => scope.translate(expr, scope, want);

/** The scope with more names, which hide those of before. */
export function inner(scope: Scope, more: Readonly<Record<string, Expr>>): Scope {
  return { ...scope, names: new Map([...scope.names, ...Object.entries(more)]) };
}

/** What a name stands for, looked up from the container outwards; undefined where nothing bears it. */
export function lookUp({ names, container }: Scope, name: string): Expr | undefined {
  const parts = container === "" ? [] : container.split(".");
  for (let length = parts.length; length >= 0; length--) {
    const found = names.get([...parts.slice(0, length), name].join("."));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A binder whose printed name is that of CEL where it is an identifier. */
export function binder(name: string, type: Type): Local {
  return e.slot(/^[a-z][a-z0-9_]*$/.test(name) ? name : "", type);
}

/** `a.b.c` where an expression is nothing but names and selections. */
export function dottedName({ exprKind: kind }: CelExpr): string | undefined {
  if (kind.case === "identExpr") return kind.value.name;
  if (kind.case !== "selectExpr" || kind.value.testOnly || kind.value.operand === undefined) return undefined;
  const head = dottedName(kind.value.operand);
  return head === undefined ? undefined : `${head}.${kind.value.field}`;
}

/** The name that a macro binds: an identifier, or `cel.iterVar(depth, index)`. */
export function boundName(expr: CelExpr | undefined): string {
  const kind = expr?.exprKind;
  if (kind?.case === "identExpr") return kind.value.name;
  if (kind?.case === "callExpr" && /^(iterVar|accuVar)$/.test(kind.value.function)) {
    return slotName(kind.value.function, kind.value.args);
  }
  return unmapped("macros that are no macros");
}

/** `@iterVar 0 1`, the name behind `cel.iterVar(0, 1)`. */
export function slotName(what: string, args: readonly CelExpr[]): string {
  const numbers = args.map(({ exprKind: { case: kind, value } }) =>
    kind === "constExpr" ? String(value.constantKind.value) : unmapped("block slots that are computed"),
  );
  return `@${what} ${numbers.join(" ")}`;
}
