import type { ClauseExpr, Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import { BOOL, NO_NOMINALS, type Type } from "#anrf/program/type.ts";
import { parseType } from "#anrf/program/type-text.ts";
import { mapParts } from "#anrf/search/rewrite.ts";
import type { Fragment } from "#anrf/search/words.ts";
import { inferenceContext } from "#anrf/text/infer.ts";
import { tokenize } from "#anrf/text/lexer.ts";
import { parseExpression } from "#anrf/text/parse-file.ts";
import { TextError } from "#anrf/text/problems.ts";
import type { Scope } from "#anrf/text/scope.ts";
import type { Fragment as FragmentMessage } from "#gen/anrf/api/v1/structured_intent_pb.ts";

/** One clause of an intent, as text. */
export interface Clause {
  /** What callers respect, or what the result satisfies. */
  readonly kind: "requires" | "ensures";
  /** ANRF text over the parameters and, in an ensures, `result`. */
  readonly text: string;
  /** The words that it came from. */
  readonly label: string;
  /** It says what comes out where a condition holds: a program may not trap there. */
  readonly isCase?: boolean;
}

/** The locals that a clause may speak of; the program's own, since a local is known by its identity. */
export interface ClauseLocals {
  readonly params: readonly Local[];
  /** Stands for the result inside an ensures. */
  readonly result: Local;
}

/** A clause as an expression, or why its text is none. */
export function compileClause(clause: Clause, locals: ClauseLocals): ClauseExpr | { readonly error: string } {
  const result = clause.kind === "ensures" ? locals.result : undefined;
  const made = compile(clause.text, BOOL, locals.params, result);
  return "error" in made ? made : { expr: made.expr, label: clause.label };
}

/** An expression of a type over locals and, where there is one, `result`; or why the text is none. */
function compile(
  text: string,
  type: Type,
  params: readonly Local[],
  result?: Local,
): { readonly expr: Expr } | { readonly error: string } {
  let scope: Scope | undefined;
  for (const local of params) scope = { outer: scope, source: local.name, name: local.name, local };
  const context = inferenceContext({
    functions: new Map(),
    extensions: new Map(),
    nominals: NO_NOMINALS,
    remark: () => {},
    ...(result === undefined ? {} : { result: () => result }),
  });
  try {
    return { expr: context.infer(parseExpression(tokenize(text), new Map()), scope, type) };
  } catch (error) {
    if (error instanceof TextError) return { error: error.problem.message };
    throw error;
  }
}

/** What pieces of the words say, over locals of their own. A reading that does not fit the types is no mistake: it is left out. */
export function readFragments(
  fragments: readonly FragmentMessage[],
  params: readonly { readonly name: string; readonly type: Type }[],
): readonly Fragment[] {
  const locals = params.map(({ name, type }): Local => ({ name, type }));
  return fragments.flatMap(({ expression, type, bits }) => {
    const wanted = parseType(type);
    const made = "error" in wanted ? wanted : compile(expression, wanted, locals);
    return "error" in made ? [] : [{ params: locals, body: withoutNotes(made.expr), bits }];
  });
}

/** Places in a fragment's text say nothing in the program that it becomes a part of. */
function withoutNotes(expr: Expr): Expr {
  const { note: _, ...bare } = mapParts(expr, withoutNotes);
  return bare;
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
