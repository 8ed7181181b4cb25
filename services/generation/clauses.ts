import type { ClauseExpr, Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import { NO_NOMINALS, type Type } from "#anrf/program/type.ts";
import { inferBool } from "#anrf/text/context.ts";
import { inferenceContext } from "#anrf/text/infer.ts";
import { tokenize } from "#anrf/text/lexer.ts";
import { parseExpression } from "#anrf/text/parse-file.ts";
import { TextError } from "#anrf/text/problems.ts";
import type { Scope } from "#anrf/text/scope.ts";

/** One clause of an intent, as text. */
export interface Clause {
  /** What callers respect, or what the result satisfies. */
  readonly kind: "requires" | "ensures";
  /** ANRF text over the parameters and, in an ensures, `result`. */
  readonly text: string;
  /** The words that it came from. */
  readonly label: string;
}

/** The locals that a clause may speak of; the program's own, since a local is known by its identity. */
export interface ClauseLocals {
  readonly params: readonly Local[];
  /** Stands for the result inside an ensures. */
  readonly result: Local;
}

/** A clause as an expression, or why its text is none. */
export function compileClause(clause: Clause, locals: ClauseLocals): ClauseExpr | { readonly error: string } {
  let scope: Scope | undefined;
  for (const local of locals.params) scope = { outer: scope, source: local.name, name: local.name, local };
  const context = inferenceContext({
    functions: new Map(),
    extensions: new Map(),
    nominals: NO_NOMINALS,
    remark: () => {},
    ...(clause.kind === "ensures" ? { result: () => locals.result } : {}),
  });
  try {
    return {
      expr: inferBool(context, parseExpression(tokenize(clause.text), new Map()), scope),
      label: clause.label,
    };
  } catch (error) {
    if (error instanceof TextError) return { error: error.problem.message };
    throw error;
  }
}

/** Clauses that were compiled before, with the locals of another program. */
export function boundClauses(clauses: readonly Clause[], locals: ClauseLocals): readonly ClauseExpr[] {
  return clauses.map((clause) => {
    const made = compileClause(clause, locals);
    if ("error" in made) throw new Error(`the clause ${clause.text} no longer compiles: ${made.error}`);
    return made;
  });
}

/** A function that says whether all the clauses hold; it takes the parameters and, for ensures, the result. */
export function predicateOf(
  clauses: readonly Clause[],
  params: readonly { readonly name: string; readonly type: Type }[],
  result: Type,
): FunctionExpr {
  const locals = {
    params: params.map(({ name, type }): Local => ({ name, type })),
    result: { name: "", type: result },
  };
  const bool = scalarBool(clauses, locals);
  return { name: "holds", params: [...locals.params, locals.result], result: bool.type, body: bool };
}

function scalarBool(clauses: readonly Clause[], locals: ClauseLocals): Expr {
  const yes: Expr = { kind: "literal", value: true, type: { kind: "bool", text: "bool" } };
  const no: Expr = { ...yes, value: false };
  return boundClauses(clauses, locals)
    .map((clause) => clause.expr)
    .reduceRight<Expr>(
      (rest, condition) => ({ kind: "if", condition, whenTrue: rest, whenFalse: no, type: yes.type }),
      yes,
    );
}
