import type { Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import { NO_NOMINALS, type NominalTypes, substitute, type Type } from "#anrf/program/type.ts";
import { type Builtin, knownBuiltin } from "#anrf/std/catalogue.ts";
import { instantiate, isMisfit } from "#anrf/std/unify.ts";
import { DERIVED_BODIES } from "./derived-bodies.ts";
import { inferenceContext } from "./infer.ts";
import { inferLambda } from "./infer-forms.ts";
import { tokenize } from "./lexer.ts";
import { parseExpression } from "./parse-file.ts";

/** A derived builtin with its meaning in the language; the types hold the variables of its signature. */
export interface Derived {
  readonly builtin: Builtin;
  readonly params: readonly Local[];
  readonly result: Type;
  /** Calls core and earlier derived builtins only; a lazy parameter is used at most once on each path. */
  readonly body: Expr;
}

/** Every derived builtin that has a body, by number; read and checked once, when this file is loaded. */
export const DERIVED: ReadonlyMap<number, Derived> = new Map(
  Object.keys(DERIVED_BODIES).map((id) => {
    const derived = readDerived(id);
    return [derived.builtin.number, derived];
  }),
);

/**
 * The body of a derived builtin at those argument types, as a function of its own without variables; undefined where
 * the builtin has no body. Throws where the types do not fit: the caller has checked the call.
 */
export function derivedFunction(
  number: number,
  args: readonly Type[],
  result: Type,
  nominals: NominalTypes = NO_NOMINALS,
): FunctionExpr | undefined {
  const derived = DERIVED.get(number);
  if (derived === undefined) return undefined;
  const { builtin } = derived;
  const instance = instantiate(builtin.signature, args, result, nominals);
  if (isMisfit(instance)) throw new Error(`${builtin.id} takes ${instance.expected}, not ${instance.found}`);
  const locals = new Map<Local, Local>();
  const params = derived.params.map((local) => renewed(local, instance.bindings, locals));
  const body = specialised(derived.body, instance.bindings, locals);
  return { name: builtin.id.replace(".", "_"), params, result: instance.result, body };
}

function readDerived(id: string): Derived {
  const builtin = knownBuiltin(id);
  const { vars, params, result } = builtin.signature;
  const remarks: string[] = [];
  const context = inferenceContext({
    functions: new Map(),
    extensions: new Map(),
    nominals: NO_NOMINALS,
    remark: (_code, _at, message) => remarks.push(message),
  });
  const syntax = parseExpression(tokenize(DERIVED_BODIES[id] ?? ""), vars);
  if (syntax.kind !== "lambda") throw new Error(`the body of ${id} is no lambda`);
  const lambda = inferLambda(context, syntax, undefined, {
    params: params.map((param) => param.type),
    result,
  });
  if (lambda.kind !== "lambda" || remarks.length > 0)
    throw new Error(`the body of ${id}: ${remarks[0] ?? "no lambda"}`);
  return { builtin, params: lambda.params, result, body: lambda.body };
}

function renewed(local: Local, bindings: ReadonlyMap<string, Type>, locals: Map<Local, Local>): Local {
  const known = locals.get(local);
  if (known !== undefined) return known;
  const made = { name: local.name, type: substitute(local.type, bindings) };
  locals.set(local, made);
  return made;
}

/** The expression with its variables replaced and its locals renewed, so that no two uses share a slot. */
function specialised(expr: Expr, bindings: ReadonlyMap<string, Type>, locals: Map<Local, Local>): Expr {
  const go = (part: Expr): Expr => specialised(part, bindings, locals);
  const local = (one: Local): Local => renewed(one, bindings, locals);
  const type = substitute(expr.type, bindings);
  switch (expr.kind) {
    case "literal":
    case "fail":
    case "hole":
      return { ...expr, type };
    case "local":
      return { ...expr, type, local: local(expr.local) };
    case "let":
      return { ...expr, type, local: local(expr.local), value: go(expr.value), body: go(expr.body) };
    case "if":
      return {
        ...expr,
        type,
        condition: go(expr.condition),
        whenTrue: go(expr.whenTrue),
        whenFalse: go(expr.whenFalse),
      };
    case "match": {
      const arms = expr.arms.map((arm) => ({ ...arm, binders: arm.binders.map(local), body: go(arm.body) }));
      return { ...expr, type, subject: go(expr.subject), arms };
    }
    case "lambda":
      return { ...expr, type, params: expr.params.map(local), body: go(expr.body) };
    case "builtin":
    case "call":
    case "variant":
    case "extension":
      return { ...expr, type, args: expr.args.map(go) };
    case "apply":
      return { ...expr, type, callee: go(expr.callee), args: expr.args.map(go) };
    case "list":
    case "map":
    case "tuple":
    case "record":
      return { ...expr, type, items: expr.items.map(go) };
    case "option":
      return expr.some === undefined ? { ...expr, type } : { ...expr, type, some: go(expr.some) };
    case "field":
      return { ...expr, type, target: go(expr.target) };
    case "loop": {
      const measure = expr.decreases === undefined ? {} : { decreases: go(expr.decreases) };
      const parts = { init: go(expr.init), condition: go(expr.condition), step: go(expr.step) };
      return {
        ...expr,
        type,
        state: local(expr.state),
        ...parts,
        invariants: expr.invariants.map(go),
        ...measure,
      };
    }
    default:
      throw new Error(`unreachable: ${expr satisfies never}`);
  }
}
