import type { Expr } from "#anrf/build/expr.ts";
import { functionOf, optionOf, substitute, type Type } from "#anrf/program/type.ts";
import { type Builtin, builtinsByAlias, builtinsByText, CATALOGUE } from "#anrf/std/catalogue.ts";
import { variablesOf } from "#anrf/std/signature.ts";
import { type Bindings, matchType } from "#anrf/std/unify.ts";
import { FixSafety } from "#gen/anrf/v1/diagnostic_pb.ts";
import { type Context, refuseType } from "./context.ts";
import { inferArgs } from "./infer-data.ts";
import { inferLambda } from "./infer-forms.ts";
import { nearest } from "./nearest.ts";
import { leftExpectation, operators } from "./operators.ts";
import { type Instead, type Place, refuse, refuseName } from "./problems.ts";
import { lookUp, namesIn, type Scope } from "./scope.ts";
import { aliasPatch, foreignCall, foreignMethod, operatorPatch, withMixedNumbers } from "./slips/calls.ts";
import type { Syntax, SyntaxOf } from "./syntax.ts";

/** `a + b` and `xs[i]`: the builtin is chosen by the type of the left operand. */
export function inferBinary(
  context: Context,
  syntax: SyntaxOf<"binary">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  const candidates = operators(syntax.op, 2);
  // Where an int is wanted, `/` is the division of other languages: `//` is offered, not a conversion.
  const isWhole = syntax.op === "/" && expected?.kind === "int";
  const first = isWhole ? undefined : leftType(syntax.op, candidates, expected);
  const left = context.infer(syntax.left, scope, first);
  const chosen = candidates.find((one) => takes(one, left.type));
  if (chosen === undefined)
    refuseOperator(syntax.op, left.type, candidates, syntax.at, operatorPatch(syntax, left.type));
  return withMixedNumbers(syntax, left.type, () =>
    applyBuiltin(context, chosen, left, [syntax.right], scope, expected, syntax),
  );
}

/** `-a`, `~a`, `not a`. */
export function inferUnary(
  context: Context,
  syntax: SyntaxOf<"unary">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  const candidates = operators(syntax.op, 1);
  const operand = context.infer(syntax.operand, scope, leftType(syntax.op, candidates, expected));
  const chosen = candidates.find((one) => takes(one, operand.type));
  if (chosen === undefined) refuseOperator(syntax.op, operand.type, candidates, syntax.at);
  return applyBuiltin(context, chosen, operand, [], scope, expected, syntax);
}

function leftType(op: string, candidates: readonly Builtin[], expected: Type | undefined): Type | undefined {
  switch (leftExpectation(op, candidates)) {
    case "none":
      return undefined;
    case "whole":
      return expected;
    case "option":
      return expected === undefined ? undefined : optionOf(expected);
    case "own":
      return candidates[0]?.signature.params[0]?.type;
    default:
      throw new Error(`unreachable: ${op}`);
  }
}

function refuseOperator(
  op: string,
  found: Type,
  candidates: readonly Builtin[],
  at: Place,
  instead?: Instead,
): never {
  const operands = candidates.map((one) => one.signature.params[0]?.type.text ?? "");
  const message = `the operator ${op} does not take a value of type ${found.text}`;
  return refuse("P11", at, message, operands, instead, FixSafety.NEEDS_REVIEW);
}

/** `x.name(args)`: the builtin is chosen by the type of the receiver. */
export function inferMethod(
  context: Context,
  syntax: SyntaxOf<"method">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  const target = context.infer(syntax.target, scope);
  const other = foreignMethod(context, syntax, target.type);
  if (other !== undefined) return context.infer(other, scope, expected);
  const chosen = methodOf(context, target.type, syntax.name, syntax.at);
  return applyBuiltin(context, chosen, target, syntax.args, scope, expected, syntax);
}

/** `x.name`: a field of a record; `x.length` is read as a call. */
export function inferMember(
  context: Context,
  syntax: SyntaxOf<"member">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  const target = context.infer(syntax.target, scope);
  const fields = target.type.kind === "record" ? (context.nominals.records.get(target.type.name) ?? []) : [];
  const field = fields.findIndex((one) => one.name === syntax.name);
  const type = fields[field]?.type;
  if (type !== undefined) return { kind: "field", target, field, type };
  if (fields.length > 0) {
    const names = fields.map((one) => one.name);
    const message = `${target.type.text} has no field "${syntax.name}"`;
    refuseName(syntax.at, message, nearest(syntax.name, names), names);
  }
  const chosen = methodOf(context, target.type, syntax.name, syntax.at);
  context.remark("P50", syntax.at, `"${syntax.name}" is read as a call`, `${syntax.name}()`);
  return applyBuiltin(context, chosen, target, [], scope, expected, syntax);
}

function methodOf(context: Context, receiver: Type, name: string, at: Place): Builtin {
  const chosen = builtinsByText(`.${name}`).find((one) => takes(one, receiver));
  if (chosen !== undefined) return chosen;
  const alias = builtinsByAlias(name).find((one) => takes(one, receiver));
  if (alias !== undefined) {
    const instead = alias.text.startsWith(".") ? alias.text.slice(1) : undefined;
    context.remark("P50", at, `"${name}" is read as "${alias.text}"`, instead);
    return alias;
  }
  const methods = CATALOGUE.filter((one) => one.text.startsWith(".") && takes(one, receiver)).map((one) =>
    one.text.slice(1),
  );
  const message = `a value of type ${receiver.text} has no function "${name}"`;
  const near = nearest(name, methods);
  return refuseName(at, message, near, near, "P11");
}

/** `Family.name(args)` and `Ext.name(args)`. */
export function inferFamily(
  context: Context,
  syntax: SyntaxOf<"family">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  const full = `${syntax.family}.${syntax.name}`;
  const other = foreignCall(context, syntax, full);
  if (other !== undefined) return context.infer(other, scope, expected);
  const [chosen] = builtinsByText(full);
  if (chosen !== undefined)
    return applyBuiltin(context, chosen, undefined, syntax.args, scope, expected, syntax);
  const extension = syntax.family === "Ext" ? context.extensions.get(syntax.name) : undefined;
  if (extension !== undefined) {
    const args = inferArgs(context, syntax.args, extension.params, scope, syntax, full);
    return { kind: "extension", extension: syntax.name, args, type: extension.result };
  }
  const inFamily = builtinsByText(`.${syntax.name}`).filter(
    (one) => one.family === syntax.family.toLowerCase(),
  );
  return inferAlias(context, syntax, full, [...builtinsByAlias(full), ...inFamily], scope, expected);
}

/** `min(a, b)` and its like. */
export function inferPlain(
  context: Context,
  syntax: SyntaxOf<"plain">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  const other = foreignCall(context, syntax, syntax.name);
  if (other !== undefined) return context.infer(other, scope, expected);
  const [chosen] = builtinsByText(syntax.name);
  if (chosen === undefined) throw new Error(`builtin "${syntax.name}" is not in the catalogue`);
  return applyBuiltin(context, chosen, undefined, syntax.args, scope, expected, syntax);
}

/** `f(args)`: a function value, a function of the program, or a builtin as another language calls it. */
export function inferCall(
  context: Context,
  syntax: SyntaxOf<"call">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  const { callee, args } = syntax;
  if (callee.kind === "name" && lookUp(scope, callee.name) === undefined) {
    const called = context.functions.get(callee.name);
    if (called !== undefined) {
      const values = inferArgs(context, args, called.params, scope, syntax, `"${callee.name}"`);
      return { kind: "call", function: callee.name, args: values, type: called.result };
    }
    const other = foreignCall(context, syntax, callee.name);
    if (other !== undefined) return context.infer(other, scope, expected);
    const others = [...builtinsByAlias(callee.name), ...builtinsByText(`.${callee.name}`)];
    if (others.length === 0) {
      const methods = CATALOGUE.filter((one) => one.text.startsWith(".")).map((one) => one.text.slice(1));
      const known = [...namesIn(scope), ...context.functions.keys(), ...methods];
      refuseName(callee, `the name "${callee.name}" is not in scope`, nearest(callee.name, known));
    }
    return inferAlias(context, syntax, callee.name, others, scope, expected);
  }
  const value = context.infer(callee, scope);
  if (value.type.kind !== "function")
    refuse("P12", callee, `a value of type ${value.type.text} cannot be called`);
  const values = inferArgs(context, args, value.type.params, scope, syntax, "the function");
  return { kind: "apply", callee: value, args: values, type: value.type.result };
}

/** A builtin under another language's name; several are told apart by the first argument. */
function inferAlias(
  context: Context,
  syntax: SyntaxOf<"call" | "family">,
  name: string,
  candidates: readonly Builtin[],
  scope: Scope | undefined,
  expected: Type | undefined,
): Expr {
  const [only, another] = candidates;
  if (only === undefined) {
    const texts = CATALOGUE.map((one) => one.text).filter((text) => /^\p{Lu}/u.test(text));
    return refuse("P11", syntax, `there is no function ${name}`, nearest(name, texts));
  }
  const [source, ...rest] = syntax.args;
  if (source === undefined || (another === undefined && !only.text.startsWith("."))) {
    remarkAlias(context, syntax, name, only);
    return applyBuiltin(context, only, undefined, syntax.args, scope, expected, syntax);
  }
  const first = context.infer(source, scope);
  const chosen = candidates.find((one) => takes(one, first.type));
  if (chosen === undefined) refuse("P11", syntax, `${name} does not take a value of type ${first.type.text}`);
  remarkAlias(context, syntax, name, chosen);
  return applyBuiltin(context, chosen, first, rest, scope, expected, syntax);
}

function remarkAlias(
  context: Context,
  syntax: SyntaxOf<"call" | "family">,
  name: string,
  chosen: Builtin,
): void {
  const written = chosen.text.startsWith(".") ? `x${chosen.text}(…)` : chosen.text;
  context.remark("P50", syntax, `"${name}" is read as "${written}"`, aliasPatch(syntax, chosen.text));
}

function takes(builtin: Builtin, type: Type): boolean {
  const first = builtin.signature.params[0]?.type;
  return first !== undefined && matchType(first, type, new Map());
}

/**
 * A call of a builtin: its variables are bound by the first operand, then by the expected type, then by the
 * arguments from left to right.
 */
function applyBuiltin(
  context: Context,
  builtin: Builtin,
  first: Expr | undefined,
  rest: readonly Syntax[],
  scope: Scope | undefined,
  expected: Type | undefined,
  at: Place,
): Expr {
  const { params, result } = builtin.signature;
  const offset = first === undefined ? 0 : 1;
  if (rest.length + offset !== params.length) {
    refuse("P13", at, `${builtin.id} takes ${params.length - offset} arguments, not ${rest.length}`, [
      builtin.signature.text,
    ]);
  }
  let bindings: Bindings = new Map();
  const args: Expr[] = [];
  if (first !== undefined && params[0] !== undefined) {
    matchType(params[0].type, first.type, bindings);
    args.push(first);
  }
  if (expected !== undefined) {
    const bound: Bindings = new Map(bindings);
    if (matchType(result, expected, bound)) bindings = bound;
  }
  rest.forEach((source, index) => {
    const param = params[index + offset]?.type;
    if (param === undefined) throw new Error(`${builtin.id} has no parameter ${index + offset}`);
    const arg = inferArgument(context, source, param, bindings, scope);
    if (!matchType(param, arg.type, bindings)) refuseType(arg.type, substitute(param, bindings), source);
    args.push(arg);
  });
  return { kind: "builtin", builtin: builtin.number as never, args, type: substitute(result, bindings) };
}

function inferArgument(
  context: Context,
  source: Syntax,
  param: Type,
  bindings: Bindings,
  scope: Scope | undefined,
): Expr {
  const isBound = (type: Type): boolean => variablesOf(type).every((name) => bindings.has(name));
  if (isBound(param)) return context.infer(source, scope, substitute(param, bindings));
  if (source.kind === "lambda" && param.kind === "function" && param.params.every(isBound)) {
    const types = param.params.map((one) => substitute(one, bindings));
    const result = isBound(param.result) ? { result: substitute(param.result, bindings) } : {};
    return inferLambda(context, source, scope, { params: types, ...result });
  }
  const named =
    source.kind === "name" && lookUp(scope, source.name) === undefined
      ? context.functions.get(source.name)
      : undefined;
  if (named === undefined) return context.infer(source, scope);
  return context.infer(source, scope, functionOf(named.params, named.result));
}
