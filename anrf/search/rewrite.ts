import { type Expr, exprParts, type FunctionExpr, type Local } from "#anrf/build/expr.ts";
import type { Functions } from "./evaluate.ts";

/** `target.index` of a tuple. */
export function field(target: Expr, index: number): Expr {
  const type = target.type.kind === "tuple" ? target.type.items[index] : undefined;
  if (type === undefined) throw new Error(`${target.type.text} has no field ${index}`);
  return { kind: "field", target, field: index, type };
}

/** The expression with locals replaced; the binders inside keep their identity. */
export function replaceLocals(expr: Expr, by: ReadonlyMap<Local, Expr>): Expr {
  if (expr.kind === "local") return by.get(expr.local) ?? expr;
  return mapParts(expr, (part) => replaceLocals(part, by));
}

/** The expression with each direct part replaced. */
export function mapParts(expr: Expr, f: (part: Expr) => Expr): Expr {
  switch (expr.kind) {
    case "let":
      return { ...expr, value: f(expr.value), body: f(expr.body) };
    case "if":
      return {
        ...expr,
        condition: f(expr.condition),
        whenTrue: f(expr.whenTrue),
        whenFalse: f(expr.whenFalse),
      };
    case "lambda":
      return { ...expr, body: f(expr.body) };
    case "builtin":
    case "call":
    case "variant":
    case "extension":
      return { ...expr, args: expr.args.map(f) };
    case "apply":
      return { ...expr, callee: f(expr.callee), args: expr.args.map(f) };
    case "list":
    case "tuple":
    case "map":
    case "record":
      return { ...expr, items: expr.items.map(f) };
    case "option":
      return expr.some === undefined ? expr : { ...expr, some: f(expr.some) };
    case "field":
      return { ...expr, target: f(expr.target) };
    case "loop":
      return { ...expr, init: f(expr.init), condition: f(expr.condition), step: f(expr.step) };
    case "match":
      return {
        ...expr,
        subject: f(expr.subject),
        arms: expr.arms.map((arm) => ({ ...arm, body: f(arm.body) })),
      };
    default:
      return expr;
  }
}

/** The same expression with a new local for each binder, so that no slot is bound twice where a part stands in two places. */
export function freshLocals(expr: Expr, by: ReadonlyMap<Local, Local> = new Map()): Expr {
  switch (expr.kind) {
    case "local":
      return { ...expr, local: by.get(expr.local) ?? expr.local };
    case "lambda": {
      const params = expr.params.map((param) => ({ ...param }));
      return { ...expr, params, body: freshLocals(expr.body, withLocals(by, expr.params, params)) };
    }
    case "let": {
      const local = { ...expr.local };
      const body = freshLocals(expr.body, withLocals(by, [expr.local], [local]));
      return { ...expr, local, value: freshLocals(expr.value, by), body };
    }
    case "loop": {
      const state = { ...expr.state };
      const inner = withLocals(by, [expr.state], [state]);
      const condition = freshLocals(expr.condition, inner);
      return {
        ...expr,
        state,
        init: freshLocals(expr.init, by),
        condition,
        step: freshLocals(expr.step, inner),
      };
    }
    case "match": {
      const arms = expr.arms.map((arm) => {
        const binders = arm.binders.map((binder) => ({ ...binder }));
        return { ...arm, binders, body: freshLocals(arm.body, withLocals(by, arm.binders, binders)) };
      });
      return { ...expr, subject: freshLocals(expr.subject, by), arms };
    }
    default:
      return mapParts(expr, (part) => freshLocals(part, by));
  }
}

function withLocals(
  by: ReadonlyMap<Local, Local>,
  from: readonly Local[],
  to: readonly Local[],
): ReadonlyMap<Local, Local> {
  const all = new Map(by);
  from.forEach((local, i) => {
    const fresh = to[i];
    if (fresh !== undefined) all.set(local, fresh);
  });
  return all;
}

/** The functions that an expression calls, each once, in the order of their names. */
export function calleesOf(expr: Expr, functions: Functions): readonly FunctionExpr[] {
  const names = new Set<string>();
  const visit = (one: Expr): void => {
    if (one.kind === "call") names.add(one.function);
    exprParts(one).forEach(visit);
  };
  visit(expr);
  return [...names].sort().flatMap((name) => functions.get(name) ?? []);
}

/** A body that is a call and nothing else becomes the body of what it calls. */
export function inlined(body: Expr, functions: Functions): Expr {
  const fn = body.kind === "call" ? functions.get(body.function) : undefined;
  return body.kind === "call" && fn !== undefined ? applied(fn, body.args) : body;
}

/** The body of a function on arguments, with binders of its own: an argument that is more than a name or a literal is bound by a let. */
function applied(fn: FunctionExpr, args: readonly Expr[]): Expr {
  const plain = new Map<Local, Expr>();
  const bound: { readonly local: Local; readonly value: Expr }[] = [];
  fn.params.forEach((param, i) => {
    const value = args[i];
    if (value === undefined) throw new Error(`${fn.name} has no argument ${i}`);
    if (value.kind === "local" || value.kind === "literal") plain.set(param, value);
    else {
      const local = { ...param };
      bound.push({ local, value });
      plain.set(param, { kind: "local", local, type: local.type });
    }
  });
  return bound.reduceRight<Expr>(
    (body, { local, value }) => ({ kind: "let", local, value, body, type: body.type }),
    replaceLocals(freshLocals(fn.body), plain),
  );
}
