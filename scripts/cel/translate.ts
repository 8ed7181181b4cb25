import type {
  Expr as CelExpr,
  Constant,
  Expr_Comprehension,
  Expr_CreateStruct,
  Expr_Select,
} from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import type { Expr } from "#anrf/build/expr.ts";
import { BOOL, FLOAT, INT, listOf, mapOf, STRING, sameType, type Type } from "#anrf/program/type.ts";
import { intFromBigint } from "#anrf/program/value.ts";
import * as e from "#anrf/testing/exprs.ts";
import { translateCall } from "./calls.ts";
import { translateComprehension } from "./macros.ts";
import { isOpen } from "./parts.ts";
import { dottedName, lookUp, type Scope, translate } from "./scope.ts";
import { unmapped } from "./values.ts";

/** The expression of the language that means what CEL's means; `want` types what is empty. Throws Unmapped. */
export function translateAny(expr: CelExpr | undefined, scope: Scope, want?: Type): Expr {
  const kind = expr?.exprKind;
  switch (kind?.case) {
    case "constExpr":
      return constant(kind.value);
    case "identExpr":
      return (
        lookUp(scope, kind.value.name) ??
        unmapped(kind.value.name === "optional" ? "optional values" : "unknown names")
      );
    case "selectExpr":
      return select(expr as CelExpr, kind.value, scope);
    case "callExpr":
      return translateCall(kind.value, scope, want);
    case "listExpr":
      if (kind.value.optionalIndices.length > 0) return unmapped("optional values");
      return list(kind.value.elements, scope, want);
    case "structExpr":
      return map(kind.value, scope, want);
    case "comprehensionExpr":
      return translateComprehension(kind.value as Expr_Comprehension, scope, want);
    case undefined:
      return unmapped("empty expressions");
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

function constant({ constantKind: kind }: Constant): Expr {
  switch (kind.case) {
    case "boolValue":
      return e.bool(kind.value);
    case "int64Value":
      return e.int(intFromBigint(kind.value) ?? unmapped("ints beyond 64 bits"));
    case "doubleValue":
      return { kind: "literal", type: FLOAT, value: kind.value };
    case "stringValue":
      return kind.value.isWellFormed() ? e.text(kind.value) : unmapped("texts with lone surrogates");
    case "uint64Value":
      return unmapped("unsigned ints");
    case "bytesValue":
      return unmapped("bytes");
    case "nullValue":
      return unmapped("null");
    default:
      return unmapped("times");
  }
}

function select(expr: CelExpr, { operand, field, testOnly }: Expr_Select, scope: Scope): Expr {
  const name = dottedName(expr);
  const found = name === undefined ? undefined : lookUp(scope, name);
  if (found !== undefined) return found;
  const target = translate(operand, scope, mapOf(STRING, INT));
  if (target.type.kind !== "map" || target.type.key.kind !== "string") return unmapped("a type error there");
  const args = [target, e.text(field)];
  if (testOnly) return e.call("map.contains_key", args);
  return e.call("option.unwrap", [e.call("map.get", args)]);
}

function list(elements: readonly CelExpr[], scope: Scope, want: Type | undefined): Expr {
  const hint = want?.kind === "list" ? want.item : undefined;
  const first = elements.find((one) => !isOpen(one));
  const type = first === undefined ? hint : translate(first, scope, hint).type;
  const items = elements.map((one) => translate(one, scope, type));
  const item = items[0]?.type ?? type ?? INT;
  if (items.some((one) => !sameType(one.type, item))) unmapped("mixed types");
  return { kind: "list", type: listOf(item), items };
}

function map({ entries, messageName }: Expr_CreateStruct, scope: Scope, want: Type | undefined): Expr {
  if (messageName !== "") return unmapped("messages");
  if (entries.length === 0) {
    return { kind: "map", type: want?.kind === "map" ? want : mapOf(STRING, INT), items: [] };
  }
  let [key, value]: (Type | undefined)[] = want?.kind === "map" ? [want.key, want.value] : [];
  const items = entries.flatMap((one) => {
    if (one.optionalEntry) return unmapped("optional values");
    if (one.keyKind.case !== "mapKey") return unmapped("messages");
    const [k, v] = [translate(one.keyKind.value, scope, key), translate(one.value, scope, value)];
    [key, value] = [key ?? k.type, value ?? v.type];
    if (!sameType(k.type, key) || !sameType(v.type, value)) unmapped("mixed types");
    return [k, v];
  });
  if (key === undefined || value === undefined) throw new Error("a map of entries has no type");
  if (![INT, STRING, BOOL].some((one) => sameType(one, key as Type))) unmapped("a type error there");
  return { kind: "map", type: mapOf(key, value), items };
}
