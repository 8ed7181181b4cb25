import { type Expr, exprParts, type FunctionExpr, type Local } from "#anrf/build/expr.ts";
import { BOOL, functionOf, INT, listOf, optionOf, STRING, type Type } from "#anrf/program/type.ts";
import { Some, type SortedMap, type Value } from "#anrf/program/value.ts";
import { knownBuiltin } from "#anrf/std/catalogue.ts";
import { instantiate, isMisfit } from "#anrf/std/unify.ts";
import type { Builtin } from "#gen/anrf/v1/builtins_pb.ts";
import type { Bank } from "./bank.ts";
import type { Scope } from "./scope.ts";

/** A call of a builtin; its type follows from the arguments, or is given where they leave it open. */
export function call(id: string, args: readonly Expr[], type?: Type): Expr {
  const builtin = knownBuiltin(id);
  const known = type ?? resultType(id, args);
  return { kind: "builtin", builtin: builtin.number as Builtin, args, type: known };
}

function resultType(id: string, args: readonly Expr[]): Type {
  const found = instantiate(
    knownBuiltin(id).signature,
    args.map((arg) => arg.type),
  );
  if (isMisfit(found) || found.free.length > 0) throw new Error(`call of ${id} does not fit its arguments`);
  return found.result;
}

/** A call of a function. */
export function callOf(fn: FunctionExpr, args: readonly Expr[]): Expr {
  return { kind: "call", function: fn.name, args, type: fn.result };
}

/** A reference to a local. */
export function ref(local: Local): Expr {
  return { kind: "local", local, type: local.type };
}

/** An int literal. */
export function int(value: number): Expr {
  return { kind: "literal", value, type: INT };
}

/** A string literal. */
export function text(value: string): Expr {
  return { kind: "literal", value, type: STRING };
}

/** A lambda. */
export function lambda(params: readonly Local[], body: Expr): Expr {
  return {
    kind: "lambda",
    params,
    body,
    type: functionOf(
      params.map((param) => param.type),
      body.type,
    ),
  };
}

/** `if condition { whenTrue } else { whenFalse }`. */
export function branch(condition: Expr, whenTrue: Expr, whenFalse: Expr): Expr {
  return { kind: "if", condition, whenTrue, whenFalse, type: whenTrue.type };
}

/** The negation, without a double one. */
export function negate(condition: Expr): Expr {
  const not = knownBuiltin("bool.not").number;
  const inner = condition.kind === "builtin" && condition.builtin === not ? condition.args[0] : undefined;
  return inner ?? call("bool.not", [condition], BOOL);
}

/** The expression that makes a value: literals, and lists, tuples, options and maps of them. */
export function literal(value: Value, type: Type): Expr {
  switch (type.kind) {
    case "list":
      return {
        kind: "list",
        items: (value as readonly Value[]).map((item) => literal(item, type.item)),
        type,
      };
    case "tuple": {
      const items = (value as readonly Value[]).map((item, i) => literal(item, type.items[i] ?? type));
      return { kind: "tuple", items, type };
    }
    case "option":
      return value instanceof Some
        ? { kind: "option", some: literal(value.value, type.item), type }
        : { kind: "option", type };
    case "map": {
      const map = value as SortedMap;
      const items = map.keys.flatMap((key, i) => [
        literal(key, type.key),
        literal(map.values[i] ?? null, type.value),
      ]);
      return { kind: "map", items, type };
    }
    default:
      return { kind: "literal", value, type };
  }
}

/** Which locals stand for the binders of each open scope. */
export type Environment = ReadonlyMap<Scope, readonly Local[]>;

/** The expression of a kept term. */
export function express(scope: Scope, bank: Bank, row: number, env: Environment): Expr {
  const production = scope.productions[bank.production[row] as number];
  if (production === undefined) throw new Error(`row ${row} has no production`);
  const { leaf, args, lambda: position, inner } = production;
  if (leaf?.kind === "binder") {
    const local = env.get(scope)?.[leaf.position];
    if (local === undefined) throw new Error("a binder is used outside its scope");
    return ref(local);
  }
  if (leaf?.kind === "outer") {
    const parent = scope.nesting?.parent;
    if (parent === undefined) throw new Error("an outer term without an outer scope");
    return express(parent, leaf.bank, leaf.row, env);
  }
  const operands = args.map((arg, i): Expr => {
    const operand = bank.operands[row * 3 + i] as number;
    if (i !== position || inner === undefined) return express(scope, arg, operand, env);
    const locals = inner.locals.map(({ name, type }) => ({ name: nameIn(name, env), type }));
    return lambda(locals, express(inner, arg, operand, new Map(env).set(inner, locals)));
  });
  return production.build(operands);
}

/** A name that no open binder has. */
function nameIn(name: string, env: Environment): string {
  const taken = new Set([...env.values()].flat().map((local) => local.name));
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}${n}`;
  return free;
}

/** How many nodes the table of an expression has. */
export function sizeOf(expr: Expr): number {
  let size = 1;
  for (const part of exprParts(expr)) size += sizeOf(part);
  return size;
}

/** Types that the templates name often. */
export const LIST_INT: Type = listOf(INT);
/** `list<string>`. */
export const LIST_STRING: Type = listOf(STRING);
/** `option<int>`. */
export const OPTION_INT: Type = optionOf(INT);
