import type { Expr as CelExpr, Expr_Call } from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import type { Expr } from "#anrf/build/expr.ts";
import { BOOL, INT, listOf, STRING, sameType, type Type } from "#anrf/program/type.ts";
import * as e from "#anrf/testing/exprs.ts";
import { translateBlock, translateMacro } from "./macros.ts";
import { translateMath } from "./math.ts";
import { canTrap, pair } from "./parts.ts";
import { type Scope, translate } from "./scope.ts";
import { translateText } from "./text.ts";
import { unmapped } from "./values.ts";

/** A call of CEL: an operator, a macro, a conversion or a function. */
export function translateCall(call: Expr_Call, scope: Scope, want?: Type): Expr {
  const { function: name, target, args } = call;
  const special = translateBlock(call, scope) ?? translateMacro(call, scope) ?? translateMath(call, scope);
  if (special !== undefined) return special;
  const operator = OPERATORS[name];
  if (operator !== undefined) return operator(args, scope, want);
  const all = (target === undefined ? args : [target, ...args]).map((one) => translate(one, scope));
  const made = FUNCTIONS[name]?.(all) ?? translateText(name, all);
  return made ?? unmapped(reasonOf(name));
}

function reasonOf(name: string): string {
  if (/^(timestamp|duration|get[A-Z].*)$/.test(name)) return "times";
  if (/^(uint)$/.test(name)) return "unsigned ints";
  if (/^(bytes|encode|decode)$/.test(name)) return "bytes";
  if (name === "type") return "types as values";
  if (name === "format") return "formatting";
  if (/^(of|none|or|orValue|optMap|optFlatMap|hasValue|value|ofNonZeroValue)$/.test(name))
    return "optional values";
  if (/Enum$/.test(name)) return "enums";
  if (/Ext$/.test(name)) return "messages";
  return "functions without a counterpart";
}

type Operator = (args: readonly CelExpr[], scope: Scope, want?: Type) => Expr;

/** The builtin of that name in the family of the operands, or a type error there. */
function ofFamily(builtins: Readonly<Record<string, string>>): Operator {
  return ([a, b], scope, want) => {
    const [left, right] = pair(a, b, scope, want);
    const id = builtins[left.type.kind];
    return id === undefined ? unmapped("a type error there") : e.call(id, [left, right]);
  };
}

function comparison(id: string): Operator {
  return ([a, b], scope) => {
    const operands = pair(a, b, scope);
    const isOrdered = ["int", "float", "string", "bool"].includes(operands[0].type.kind);
    return isOrdered ? e.call(id, operands) : unmapped("a type error there");
  };
}

const equality =
  (id: string): Operator =>
  ([a, b], scope) =>
    e.call(id, pair(a, b, scope));

/** `&&` and `||` of CEL know no order: what cannot trap is asked first, so that it decides where it can. */
function logic(id: "bool.and" | "bool.or"): Operator {
  return ([a, b], scope) => {
    const operands = [bool(a, scope), bool(b, scope)] as const;
    const isTurned = canTrap(operands[0]) && !canTrap(operands[1]);
    return e.call(id, isTurned ? [operands[1], operands[0]] : operands);
  };
}

function bool(expr: CelExpr | undefined, scope: Scope): Expr {
  const made = translate(expr, scope, BOOL);
  return sameType(made.type, BOOL) ? made : unmapped("a type error there");
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  "_+_": ofFamily({ int: "int.add", float: "float.add", string: "string.concat", list: "list.concat" }),
  "_-_": ofFamily({ int: "int.sub", float: "float.sub" }),
  "_*_": ofFamily({ int: "int.mul", float: "float.mul" }),
  "_/_": ofFamily({ int: "int.quot", float: "float.div" }),
  "_%_": ofFamily({ int: "int.rem" }),
  "_==_": equality("eq"),
  "_!=_": equality("ne"),
  "_<_": comparison("lt"),
  "_<=_": comparison("le"),
  "_>_": comparison("gt"),
  "_>=_": comparison("ge"),
  "_&&_": logic("bool.and"),
  "_||_": logic("bool.or"),
  "!_": ([a], scope) => e.call("bool.not", [bool(a, scope)]),
  "@not_strictly_false": ([a], scope) => bool(a, scope),
  "_?_:_": ([condition, a, b], scope, want) => e.branch(bool(condition, scope), ...pair(a, b, scope, want)),
  "-_": ([a], scope, want) => {
    const operand = translate(a, scope, want);
    const id = { int: "int.neg", float: "float.neg" }[operand.type.kind as "int" | "float"];
    return id === undefined ? unmapped("a type error there") : e.call(id, [operand]);
  },
  "_[_]": ([target, index], scope) => {
    const [from, at] = [translate(target, scope), translate(index, scope)];
    if (from.type.kind === "list") {
      return sameType(at.type, INT) ? e.call("list.get", [from, at]) : unmapped("mixed types");
    }
    if (from.type.kind !== "map") return unmapped("a type error there");
    if (!sameType(from.type.key, at.type)) return unmapped("mixed types");
    return e.call("option.unwrap", [e.call("map.get", [from, at])]);
  },
  "@in": ([item, within], scope) => {
    const sought = translate(item, scope);
    const from = translate(within, scope, listOf(sought.type));
    const inside =
      from.type.kind === "map" ? from.type.key : from.type.kind === "list" ? from.type.item : undefined;
    if (inside === undefined) return unmapped("a type error there");
    if (!sameType(inside, sought.type)) {
      const isEmpty = from.kind === "map" && from.items.length === 0;
      return isEmpty ? e.bool(false) : unmapped("mixed types");
    }
    return from.type.kind === "map"
      ? e.call("map.contains_key", [from, sought])
      : e.call("list.contains", [from, sought]);
  },
  dyn: ([a], scope, want) => translate(a, scope, want),
};

const unwrap = (option: Expr): Expr => e.call("option.unwrap", [option]);

/** Functions by name; undefined where the types of the arguments are of another overload. */
const FUNCTIONS: Readonly<Record<string, (args: readonly Expr[]) => Expr | undefined>> = {
  size: ([a]) => {
    const id = { string: "string.length", list: "list.length", map: "map.size" }[a?.type.kind as "list"];
    return a === undefined || id === undefined ? undefined : e.call(id, [a]);
  },
  int: ([a]) => {
    if (a?.type.kind === "int") return a;
    if (a?.type.kind === "float") return e.call("float.trunc", [a]);
    return a?.type.kind === "string" ? unwrap(e.call("int.parse", [a])) : undefined;
  },
  double: ([a]) => {
    if (a?.type.kind === "float") return a;
    if (a?.type.kind === "int") return e.call("int.to_float", [a]);
    return a?.type.kind === "string" ? unwrap(e.call("float.parse", [a])) : undefined;
  },
  string: ([a]) => {
    if (a?.type.kind === "string") return a;
    if (a?.type.kind === "int") return e.call("int.to_string", [a]);
    if (a?.type.kind === "float") return e.call("float.to_string", [a]);
    return a?.type.kind === "bool" ? e.branch(a, e.text("true"), e.text("false")) : undefined;
  },
  bool: ([a]) => {
    if (a?.type.kind === "bool") return a;
    return a?.type.kind === "string" ? boolOfText(a) : undefined;
  },
};

function boolOfText(text: Expr): Expr {
  const word = (value: string, body: Expr) => ({
    pattern: { kind: "literal" as const, value, type: STRING },
    binders: [],
    body,
  });
  return e.match(text, [
    ...["true", "True", "TRUE", "t", "1"].map((one) => word(one, e.bool(true))),
    ...["false", "False", "FALSE", "f", "0"].map((one) => word(one, e.bool(false))),
    {
      pattern: { kind: "wildcard" },
      binders: [],
      body: { kind: "fail", type: BOOL, message: "the text is no bool" },
    },
  ]);
}
