import { type BuiltProgram, buildProgram } from "#anrf/build/builder.ts";
import type { ArmExpr, Expr, FunctionExpr, Local, ProgramExpr } from "#anrf/build/expr.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import {
  BOOL,
  FLOAT,
  functionOf,
  INT,
  listOf,
  mapOf,
  optionOf,
  STRING,
  type Type,
  tupleOf,
  UNIT,
} from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { knownBuiltin } from "#anrf/std/catalogue.ts";
import { instantiate, isMisfit } from "#anrf/std/unify.ts";

/** An int literal. */
export const int = (value: number | bigint): Expr => ({ kind: "literal", type: INT, value });
/** A float literal. */
export const float = (value: number): Expr => ({ kind: "literal", type: FLOAT, value });
/** A bool literal. */
export const bool = (value: boolean): Expr => ({ kind: "literal", type: BOOL, value });
/** A string literal. */
export const text = (value: string): Expr => ({ kind: "literal", type: STRING, value });
/** `()`. */
export const unit: Expr = { kind: "literal", type: UNIT, value: null };

/** A slot. */
export const slot = (name: string, type: Type): Local => ({ name, type });
/** The value of a slot. */
export const use = (local: Local): Expr => ({ kind: "local", type: local.type, local });

/** A call of the builtin with that id; its type is worked out from the arguments, or given where they leave it open. */
export function call(id: string, args: readonly Expr[], type?: Type): Expr {
  const entry = knownBuiltin(id);
  const types = args.map((arg) => arg.type);
  const instance = instantiate(entry.signature, types, type);
  if (isMisfit(instance)) throw new Error(`${id}: expected ${instance.expected}, found ${instance.found}`);
  return { kind: "builtin", type: instance.result, builtin: entry.number, args };
}

/** `(params) => body`. */
export function lambda(params: readonly Local[], body: Expr): Expr {
  const types = params.map((param) => param.type);
  return { kind: "lambda", type: functionOf(types, body.type), params, body };
}

/** A lambda of one parameter, its body made from the use of it. */
export function each(type: Type, body: (item: Expr) => Expr): Expr {
  const item = slot("item", type);
  return lambda([item], body(use(item)));
}

/** `let local = value; body`. */
export const bind = (local: Local, value: Expr, body: Expr): Expr => ({
  kind: "let",
  type: body.type,
  local,
  value,
  body,
});
/** `if condition { a } else { b }`. */
export const branch = (condition: Expr, whenTrue: Expr, whenFalse: Expr): Expr => ({
  kind: "if",
  type: whenTrue.type,
  condition,
  whenTrue,
  whenFalse,
});
/** A match with its arms. */
export const match = (subject: Expr, arms: readonly ArmExpr[]): Expr => ({
  kind: "match",
  type: arms[0]?.body.type ?? UNIT,
  subject,
  arms,
});
/** A call of a function of the program. */
export const invoke = (name: string, type: Type, args: readonly Expr[]): Expr => ({
  kind: "call",
  type,
  function: name,
  args,
});
/** A list of items of one type. */
export const list = (type: Type, items: readonly Expr[]): Expr => ({
  kind: "list",
  type: listOf(type),
  items,
});
/** A tuple. */
export const tuple = (items: readonly Expr[]): Expr => ({
  kind: "tuple",
  type: tupleOf(items.map((item) => item.type)),
  items,
});
/** A map of keys and values by turns. */
export const map = (key: Type, value: Type, items: readonly Expr[]): Expr => ({
  kind: "map",
  type: mapOf(key, value),
  items,
});
/** `some(value)`. */
export const some = (value: Expr): Expr => ({ kind: "option", type: optionOf(value.type), some: value });
/** `none`. */
export const none = (content: Type): Expr => ({ kind: "option", type: optionOf(content) });

/** Part of a tuple. */
export function part(target: Expr, field: number): Expr {
  const type = target.type.kind === "tuple" ? target.type.items[field] : undefined;
  if (type === undefined) throw new Error(`${target.type.text} has no part ${field}`);
  return { kind: "field", type, target, field };
}

/** `loop state = init while condition { step }`. */
export function loop(
  state: Local,
  init: Expr,
  condition: Expr,
  step: Expr,
  more: { readonly invariants?: readonly Expr[]; readonly decreases?: Expr } = {},
): Expr {
  const { invariants = [], ...measure } = more;
  return { kind: "loop", type: state.type, state, init, condition, step, invariants, ...measure };
}

/** A function of that body. */
export function fn(
  name: string,
  params: readonly Local[],
  body: Expr,
  more: Partial<FunctionExpr> = {},
): FunctionExpr {
  return { name, params, result: body.type, body, ...more };
}

/** A built program whose entry is the first function. */
export function programOf(functions: readonly FunctionExpr[], more: Partial<ProgramExpr> = {}): BuiltProgram {
  return buildProgram({ entry: functions[0]?.name ?? "", functions, ...more });
}

/** The same, opened. */
export function openedOf(functions: readonly FunctionExpr[], more: Partial<ProgramExpr> = {}): Program {
  return openProgram(programOf(functions, more).module);
}

/** Shorthand of values in tables of tests. */
export type Args = readonly Value[];

/** Opens a module. */
export const opened = (module: BuiltProgram["module"]): Program => openProgram(module);
