import {
  type Type as CelType,
  type Decl,
  Type_PrimitiveType,
} from "@bufbuild/cel-spec/cel/expr/checked_pb.js";
import type { Value as CelValue } from "@bufbuild/cel-spec/cel/expr/value_pb.js";
import { BOOL, FLOAT, INT, listOf, mapOf, STRING, sameType, type Type } from "#anrf/program/type.ts";

/** Why a test of CEL has no counterpart: a category that the table of counts names. */
export class Unmapped extends Error {
  readonly category: string;

  constructor(category: string) {
    super(category);
    this.category = category;
  }
}

/** Ends the translation of a test. */
export function unmapped(category: string): never {
  throw new Unmapped(category);
}

/** The type of a declared variable; undefined where the declaration leaves it open. */
export function typeOfDecl({ declKind }: Decl): Type | undefined {
  return declKind.case === "ident" ? typeOfCel(declKind.value.type) : unmapped("declared functions");
}

function typeOfCel(type: CelType | undefined): Type | undefined {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case "primitive":
      return primitive(kind.value);
    case "listType": {
      const item = typeOfCel(kind.value.elemType);
      return item === undefined ? undefined : listOf(item);
    }
    case "mapType": {
      const key = typeOfCel(kind.value.keyType);
      const value = typeOfCel(kind.value.valueType);
      return key === undefined || value === undefined ? undefined : mapOf(key, value);
    }
    case "dyn":
    case undefined:
      return undefined;
    case "messageType":
      return unmapped("messages");
    case "wellKnown":
    case "wrapper":
      return unmapped("messages");
    case "null":
      return unmapped("null");
    default:
      return unmapped("types as values");
  }
}

function primitive(type: Type_PrimitiveType): Type {
  switch (type) {
    case Type_PrimitiveType.BOOL:
      return BOOL;
    case Type_PrimitiveType.INT64:
      return INT;
    case Type_PrimitiveType.DOUBLE:
      return FLOAT;
    case Type_PrimitiveType.STRING:
      return STRING;
    case Type_PrimitiveType.UINT64:
      return unmapped("unsigned ints");
    case Type_PrimitiveType.BYTES:
      return unmapped("bytes");
    default:
      return unmapped("types as values");
  }
}

/** The type of a value; undefined for an empty list or map. */
export function typeOfValue({ kind }: CelValue): Type | undefined {
  switch (kind.case) {
    case "int64Value":
      return INT;
    case "doubleValue":
      return FLOAT;
    case "stringValue":
      return STRING;
    case "boolValue":
      return BOOL;
    case "listValue": {
      const item = common(kind.value.values.map(typeOfValue));
      return item === undefined ? undefined : listOf(item);
    }
    case "mapValue": {
      const { entries } = kind.value;
      const key = common(entries.map((one) => (one.key === undefined ? undefined : typeOfValue(one.key))));
      const value = common(
        entries.map((one) => (one.value === undefined ? undefined : typeOfValue(one.value))),
      );
      return key === undefined || value === undefined ? undefined : mapOf(key, value);
    }
    case "uint64Value":
      return unmapped("unsigned ints");
    case "bytesValue":
      return unmapped("bytes");
    case "nullValue":
      return unmapped("null");
    case "typeValue":
      return unmapped("types as values");
    case "enumValue":
      return unmapped("enums");
    case "objectValue":
      return unmapped("messages");
    case undefined:
      return unmapped("messages");
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

/** The one type of several values, as far as they have one. */
function common(types: readonly (Type | undefined)[]): Type | undefined {
  const known = types.filter((one) => one !== undefined);
  const [first] = known;
  if (first !== undefined && known.some((one) => !sameType(one, first))) unmapped("mixed types");
  return first;
}

/** A value as JSON of the language, led by the type. */
export function jsonOfValue({ kind }: CelValue, type: Type): unknown {
  const fits = (expected: boolean): void => {
    if (!expected) unmapped("mixed types");
  };
  switch (kind.case) {
    case "int64Value":
      fits(type.kind === "int");
      return String(kind.value);
    case "doubleValue":
      fits(type.kind === "float");
      return floatJson(kind.value);
    case "stringValue":
    case "boolValue":
      fits(type.kind === (kind.case === "boolValue" ? "bool" : "string"));
      return kind.value;
    case "listValue":
      return type.kind === "list"
        ? kind.value.values.map((one) => jsonOfValue(one, type.item))
        : unmapped("mixed types");
    case "mapValue":
      if (type.kind !== "map") return unmapped("mixed types");
      return kind.value.entries.map(({ key, value }) => {
        if (key === undefined || value === undefined) return unmapped("messages");
        return [jsonOfValue(key, type.key), jsonOfValue(value, type.value)];
      });
    default:
      typeOfValue({ kind } as CelValue);
      return unmapped("mixed types");
  }
}

function floatJson(value: number): unknown {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : value;
  return String(value);
}
