import type { Expr, FunctionExpr } from "#anrf/build/expr.ts";
import { SCRIPT_PRELUDE } from "#anrf/import/typescript-meaning/prelude.ts";
import { parse } from "#anrf/text/parse.ts";
import { PRELUDE } from "./prelude-text.ts";
import { unbuild } from "./unbuild.ts";

const ALL: Readonly<Record<string, string>> = { ...PRELUDE, ...SCRIPT_PRELUDE };

const READ = new Map<string, readonly FunctionExpr[]>();

/**
 * The functions behind a meaning of the source language that the catalogue does not have, callees first; the last one
 * is the function itself. `types` are put for the type names T, K and V of its text.
 */
export function preludeFunctions(
  name: string,
  types: Readonly<Record<string, string>> = {},
): readonly FunctionExpr[] {
  const key = `${name} ${JSON.stringify(types)}`;
  const known = READ.get(key);
  if (known !== undefined) return known;
  const text = textOf(name, new Set());
  const spelled = text.replace(/\b[TKV]\b/g, (word) => types[word] ?? word);
  const parsed = parse(spelled);
  if (!parsed.ok)
    throw new Error(`the prelude's ${name} cannot be read: ${parsed.diagnostics[0]?.message ?? ""}`);
  const functions = unbuild(parsed.program);
  READ.set(key, functions);
  return functions;
}

/** The text of a function and of those that it calls, each once, callees first. */
function textOf(name: string, seen: Set<string>): string {
  const own = ALL[name];
  if (own === undefined) throw new Error(`the prelude has no ${name}`);
  if (seen.has(name)) return "";
  seen.add(name);
  const called = Object.keys(ALL).filter(
    (one) => one !== name && new RegExp(`(?<![.\\w])${one}\\(`).test(own),
  );
  return [...called.map((one) => textOf(one, seen)), own].join("\n");
}

/** The functions under other names, in their calls of each other too. */
export function renamedFunctions(
  functions: readonly FunctionExpr[],
  nameOf: (name: string) => string,
): readonly FunctionExpr[] {
  return functions.map((fn) => ({ ...fn, name: nameOf(fn.name), body: renamedCalls(fn.body, nameOf) }));
}

function renamedCalls(expr: Expr, nameOf: (name: string) => string): Expr {
  const go = (one: Expr): Expr => renamedCalls(one, nameOf);
  switch (expr.kind) {
    case "call":
      return { ...expr, function: nameOf(expr.function), args: expr.args.map(go) };
    case "literal":
    case "local":
    case "fail":
    case "hole":
      return expr;
    case "let":
      return { ...expr, value: go(expr.value), body: go(expr.body) };
    case "if":
      return {
        ...expr,
        condition: go(expr.condition),
        whenTrue: go(expr.whenTrue),
        whenFalse: go(expr.whenFalse),
      };
    case "match":
      return {
        ...expr,
        subject: go(expr.subject),
        arms: expr.arms.map((arm) => ({ ...arm, body: go(arm.body) })),
      };
    case "lambda":
      return { ...expr, body: go(expr.body) };
    case "builtin":
    case "variant":
    case "extension":
      return { ...expr, args: expr.args.map(go) };
    case "apply":
      return { ...expr, callee: go(expr.callee), args: expr.args.map(go) };
    case "list":
    case "map":
    case "tuple":
    case "record":
      return { ...expr, items: expr.items.map(go) };
    case "option":
      return expr.some === undefined ? expr : { ...expr, some: go(expr.some) };
    case "field":
      return { ...expr, target: go(expr.target) };
    case "loop":
      return { ...expr, init: go(expr.init), condition: go(expr.condition), step: go(expr.step) };
    default:
      throw new Error(`unreachable: ${expr satisfies never}`);
  }
}
