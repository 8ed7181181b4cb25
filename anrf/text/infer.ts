import type { Expr } from "#anrf/build/expr.ts";
import { parseDate, parseDecimal } from "#anrf/program/scalar-text.ts";
import {
  BOOL,
  DATE,
  DECIMAL,
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
import { intFromBigint, type Value } from "#anrf/program/value.ts";
import { type Context, commented, demand, placed, refuseOpen } from "./context.ts";
import {
  inferBinary,
  inferCall,
  inferFamily,
  inferMember,
  inferMethod,
  inferPlain,
  inferUnary,
} from "./infer-call.ts";
import { inferCase, inferPart, inferRecord } from "./infer-data.ts";
import { inferBlock, inferIf, inferLambda, inferLoop, inferMatch } from "./infer-forms.ts";
import { nearest } from "./nearest.ts";
import { type Place, refuse, refuseName } from "./problems.ts";
import { lookUp, namesIn, type Scope } from "./scope.ts";
import { foreignName } from "./slips/calls.ts";
import type { Syntax, SyntaxOf } from "./syntax.ts";

/** A context whose `infer` is this one; the rules are those of anrf.md §5.3, left to right, without look-ahead. */
export function inferenceContext(declared: Omit<Context, "infer">): Context {
  const context: Context = {
    ...declared,
    infer: (syntax, scope, expected) => infer(context, syntax, scope, expected),
  };
  return context;
}

function infer(context: Context, syntax: Syntax, scope: Scope | undefined, expected?: Type): Expr {
  const expr = demand(inferKind(context, syntax, scope, expected), expected, syntax);
  return commented(placed(expr, syntax), syntax.comment);
}

function inferKind(
  context: Context,
  syntax: Syntax,
  scope: Scope | undefined,
  expected: Type | undefined,
): Expr {
  switch (syntax.kind) {
    case "int":
    case "float":
    case "decimal":
    case "string":
    case "date":
    case "bool":
    case "unit":
      return inferLiteral(syntax, expected);
    case "name":
      return inferName(context, syntax, scope, expected);
    case "result":
      return inferResult(context, syntax, scope);
    case "as":
      return context.infer(syntax.open, scope, syntax.type);
    case "none":
    case "fail":
    case "hole":
      return inferOpen(context, syntax, expected);
    case "some": {
      const item = expected?.kind === "option" ? expected.item : undefined;
      const some = context.infer(syntax.value, scope, item);
      return { kind: "option", some, type: optionOf(some.type) };
    }
    case "list":
      return inferList(context, syntax, scope, expected);
    case "map":
      return inferMap(context, syntax, scope, expected);
    case "tuple": {
      const types =
        expected?.kind === "tuple" && expected.items.length === syntax.items.length ? expected.items : [];
      const items = syntax.items.map((item, index) => context.infer(item, scope, types[index]));
      return { kind: "tuple", items, type: tupleOf(items.map((item) => item.type)) };
    }
    case "record":
      return inferRecord(context, syntax, scope);
    case "case":
      return inferCase(context, syntax, scope);
    case "part":
      return inferPart(context, syntax, scope);
    case "member":
      return inferMember(context, syntax, scope, expected);
    case "family":
      return inferFamily(context, syntax, scope, expected);
    case "plain":
      return inferPlain(context, syntax, scope, expected);
    case "call":
      return inferCall(context, syntax, scope, expected);
    case "method":
      return inferMethod(context, syntax, scope, expected);
    case "unary":
      return inferUnary(context, syntax, scope, expected);
    case "binary":
      return inferBinary(context, syntax, scope, expected);
    case "lambda":
      return inferLambda(context, syntax, scope, expected?.kind === "function" ? expected : undefined);
    case "if":
      return inferIf(context, syntax, scope, expected);
    case "match":
      return inferMatch(context, syntax, scope, expected);
    case "block":
      return inferBlock(context, syntax, scope, expected);
    case "loop":
      return inferLoop(context, syntax, scope);
    default:
      throw new Error(`unreachable: ${syntax satisfies never}`);
  }
}

function inferLiteral(
  syntax: SyntaxOf<"int" | "float" | "decimal" | "string" | "date" | "bool" | "unit">,
  expected: Type | undefined,
): Expr {
  switch (syntax.kind) {
    case "int":
      return intLiteral(syntax.value, syntax, expected);
    case "float":
      return literal(syntax.value, FLOAT);
    case "bool":
      return literal(syntax.value, BOOL);
    case "string":
      return literal(syntax.text, STRING);
    case "unit":
      return literal(null, UNIT);
    case "decimal":
      return literal(
        parseDecimal(syntax.text) ??
          refuse("P04", syntax, `${syntax.text}m is no decimal of at most 18 places`),
        DECIMAL,
      );
    case "date":
      return literal(
        parseDate(syntax.text) ?? refuse("P04", syntax, "a date is a day that exists, as YYYY-MM-DD"),
        DATE,
      );
    default:
      throw new Error(`unreachable: ${syntax satisfies never}`);
  }
}

/** An int literal where a float or decimal is expected becomes one. */
function intLiteral(value: bigint, at: Place, expected: Type | undefined): Expr {
  if (expected?.kind === "float") return literal(Number(value), FLOAT);
  if (expected?.kind === "decimal") {
    return literal(parseDecimal(String(value)) ?? refuse("P04", at, `${value} is no decimal`), DECIMAL);
  }
  return literal(intFromBigint(value) ?? refuse("P04", at, `${value} leaves the signed 64-bit range`), INT);
}

function literal(value: Value, type: Type): Expr {
  return { kind: "literal", value, type };
}

function inferResult(context: Context, at: Place, scope: Scope | undefined): Expr {
  const named = context.result === undefined ? lookUp(scope, "result") : undefined;
  if (named !== undefined) {
    context.remark("P50", at, '"result" is a reserved word: in backticks it is a name', "`result`");
    return named;
  }
  if (context.result === undefined) refuse("P24", at, "result stands for the value of the function");
  const local = context.result();
  return { kind: "local", local, type: local.type };
}

function inferName(
  context: Context,
  syntax: SyntaxOf<"name">,
  scope: Scope | undefined,
  expected: Type | undefined,
): Expr {
  const found = lookUp(scope, syntax.name);
  if (found !== undefined) return found;
  const called = context.functions.get(syntax.name);
  if (called === undefined) {
    const none = foreignName(context, syntax, expected);
    if (none !== undefined) return none;
    const known = [...namesIn(scope), ...context.functions.keys()];
    refuseName(syntax, `the name "${syntax.name}" is not in scope`, nearest(syntax.name, known));
  }
  if (expected?.kind !== "function")
    refuse("P12", syntax, `"${syntax.name}" is a function and has to be called`);
  context.remark("P50", syntax, `the function "${syntax.name}" is read as a lambda that calls it`);
  const params = called.params.map((type) => ({ name: "", type }));
  const args = params.map((local): Expr => ({ kind: "local", local, type: local.type }));
  const body: Expr = { kind: "call", function: syntax.name, args, type: called.result };
  const type = functionOf(called.params, called.result);
  return { kind: "lambda", params, body, type };
}

function inferOpen(
  context: Context,
  syntax: SyntaxOf<"none" | "fail" | "hole">,
  expected: Type | undefined,
): Expr {
  if (expected === undefined)
    refuseOpen(context, syntax, syntax.kind, syntax.kind === "none" ? ["option"] : []);
  if (syntax.kind !== "none") return { kind: syntax.kind, message: syntax.message, type: expected };
  if (expected.kind !== "option")
    refuse("P12", syntax, `expected ${expected.text}, but this is an option`, [expected.text]);
  return { kind: "option", type: expected };
}

function inferList(
  context: Context,
  syntax: SyntaxOf<"list">,
  scope: Scope | undefined,
  expected: Type | undefined,
): Expr {
  let item = expected?.kind === "list" ? expected.item : undefined;
  const items = syntax.items.map((one) => {
    const found = context.infer(one, scope, item);
    item ??= found.type;
    return found;
  });
  if (item === undefined && expected === undefined) refuseOpen(context, syntax, "[]", ["list"]);
  if (item === undefined) return refuse("P14", syntax, `expected ${expected?.text}, but this is a list`);
  return { kind: "list", items, type: listOf(item) };
}

function inferMap(
  context: Context,
  syntax: SyntaxOf<"map">,
  scope: Scope | undefined,
  expected: Type | undefined,
): Expr {
  const types: (Type | undefined)[] =
    expected?.kind === "map" ? [expected.key, expected.value] : [undefined, undefined];
  const items = syntax.items.map((one, index) => {
    const found = context.infer(one, scope, types[index % 2]);
    types[index % 2] ??= found.type;
    return found;
  });
  const [key, value] = types;
  if (key === undefined || value === undefined) {
    if (expected === undefined) refuseOpen(context, syntax, "{}", ["map"]);
    return refuse("P14", syntax, `expected ${expected.text}, but this is a map`);
  }
  return { kind: "map", items, type: mapOf(key, value) };
}
