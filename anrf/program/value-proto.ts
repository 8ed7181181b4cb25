import { create } from "@bufbuild/protobuf";
import { type Value as ProtoValue, ValueSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { type Literal, LiteralSchema } from "#gen/anrf/v1/ir_pb.ts";
import { DATE_MAX, DATE_MIN, decimalOf } from "./scalar-text.ts";
import { NO_NOMINALS, type NominalTypes, type Type } from "./type.ts";
import { DecimalNumber, intFromBigint, Some, SortedMap, type Value, Variant } from "./value.ts";
import { MAX_VALUE_DEPTH, type ValueProblem, type ValueReading } from "./value-json.ts";

/** Reads an `anrf.v1.Value` as a value of that type; `path` begins the place of a problem. */
export function valueFromProto(
  message: ProtoValue,
  type: Type,
  nominals: NominalTypes = NO_NOMINALS,
  path = "args",
): ValueReading {
  try {
    return { value: read(message, type, nominals, path, 1) };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.problem };
    throw error;
  }
}

/** The `anrf.v1.Value` of a value of that type; a value of a function type is the caller's bug. */
export function valueToProto(value: Value, type: Type, nominals: NominalTypes = NO_NOMINALS): ProtoValue {
  return create(ValueSchema, { kind: protoKind(value, type, nominals) });
}

/** The value of a literal that fits its type (V08, V18): what engines and views start from. */
export function literalValue(literal: Literal): Value {
  const arm = literal.value;
  switch (arm.case) {
    case "unit":
    case undefined:
      return null;
    case "int":
      return intFromBigint(arm.value) ?? 0;
    case "decimal":
      return new DecimalNumber(arm.value.coefficient, arm.value.scale);
    case "bool":
    case "float":
    case "string":
    case "days":
      return arm.value;
    default:
      throw new Error(`unreachable: ${arm satisfies never}`);
  }
}

/** Which scalar type a literal has, or undefined for an unknown kind. */
export function literalKind(literal: Literal): Type["kind"] | undefined {
  return literal.value.case === "days" ? "date" : literal.value.case;
}

class Refused {
  readonly problem: ValueProblem;

  constructor(path: string, message: string, tooDeep = false) {
    this.problem = { path, message, tooDeep };
  }
}

function read(message: ProtoValue, type: Type, nominals: NominalTypes, path: string, level: number): Value {
  if (level > MAX_VALUE_DEPTH + 1) {
    throw new Refused(path, `the value nests more than ${MAX_VALUE_DEPTH} levels`, true);
  }
  const go = (part: ProtoValue | undefined, partType: Type, place: string): Value =>
    part === undefined ? mismatch(type, "nothing", place) : read(part, partType, nominals, place, level + 1);
  const kind = message.kind;
  switch (type.kind) {
    case "list":
      return readList(kind, type, path, go);
    case "tuple":
      return kind.case === "tuple"
        ? readParts(kind.value.items, type.items, type.text, path, go)
        : mismatch(type, kind.case, path);
    case "record": {
      const fields = nominals.records.get(type.name) ?? [];
      const types = fields.map((field) => field.type);
      return kind.case === "record"
        ? readParts(kind.value.items, types, type.text, path, go)
        : mismatch(type, kind.case, path);
    }
    case "map":
      return kind.case === "map"
        ? readMap(kind.value.entries, type, path, go)
        : mismatch(type, kind.case, path);
    case "option":
      if (kind.case !== "option") return mismatch(type, kind.case, path);
      return kind.value.some === undefined ? null : new Some(go(kind.value.some, type.item, path));
    case "variant": {
      if (kind.case !== "variant") return mismatch(type, kind.case, path);
      const { caseIndex, payload } = kind.value;
      const found = nominals.variants.get(type.name)?.[caseIndex];
      if (found === undefined) throw new Refused(path, `${type.name} has no case ${caseIndex}`);
      return new Variant(
        caseIndex,
        readParts(payload, found.payload, `${type.name}.${found.name}`, path, go),
      );
    }
    case "function":
    case "var":
      throw new Refused(path, `a value of type ${type.text} cannot be sent`);
    default:
      return kind.case === "scalar" ? readScalar(kind.value, type, path) : mismatch(type, kind.case, path);
  }
}

type Go = (part: ProtoValue | undefined, type: Type, path: string) => Value;

function readList(
  kind: ProtoValue["kind"],
  type: Extract<Type, { kind: "list" | "option" }>,
  path: string,
  go: Go,
): Value {
  if (kind.case === "ints" && type.item.kind === "int")
    return kind.value.items.map((item) => intFromBigint(item) ?? 0);
  if (kind.case === "floats" && type.item.kind === "float") return kind.value.items;
  if (kind.case !== "list") return mismatch(type, kind.case, path);
  return kind.value.items.map((item, index) => go(item, type.item, `${path}[${index}]`));
}

function readParts(
  items: readonly ProtoValue[],
  types: readonly Type[],
  what: string,
  path: string,
  go: Go,
): readonly Value[] {
  if (items.length !== types.length) {
    throw new Refused(path, `${what} has ${types.length} parts, found ${items.length}`);
  }
  return types.map((type, index) => go(items[index], type, `${path}[${index}]`));
}

function readMap(
  entries: readonly { readonly key?: ProtoValue | undefined; readonly value?: ProtoValue | undefined }[],
  type: Extract<Type, { kind: "map" }>,
  path: string,
  go: Go,
): Value {
  const map = SortedMap.fromEntries(
    entries.map((entry, index): readonly [Value, Value] => {
      const place = `${path}[${index}]`;
      return [go(entry.key, type.key, `${place}[0]`), go(entry.value, type.value, `${place}[1]`)];
    }),
  );
  if (map.keys.length !== entries.length) throw new Refused(path, "the map has two equal keys");
  return map;
}

function readScalar(literal: Literal, type: Type, path: string): Value {
  if (literalKind(literal) !== type.kind) return mismatch(type, literalKind(literal), path);
  const arm = literal.value;
  if (arm.case === "decimal") {
    const made = arm.value.scale > 400 ? undefined : decimalOf(arm.value.coefficient, arm.value.scale);
    if (made === undefined) throw new Refused(path, "the decimal has more than 18 digits after the point");
    return made;
  }
  if (arm.case === "days" && (arm.value < DATE_MIN || arm.value > DATE_MAX)) {
    throw new Refused(path, "the day lies outside 0001-01-01 to 9999-12-31");
  }
  return literalValue(literal);
}

function mismatch(type: Type, found: string | undefined, path: string): never {
  throw new Refused(path, `expected a value of type ${type.text}, found ${found ?? "an unknown kind"}`);
}

function protoKind(value: Value, type: Type, nominals: NominalTypes): ProtoValue["kind"] {
  const go = (part: Value, partType: Type): ProtoValue => valueToProto(part, partType, nominals);
  switch (type.kind) {
    case "list": {
      const items = value as readonly Value[];
      if (type.item.kind === "int") {
        const ints = items.map((item) => BigInt(item as number | bigint));
        return { case: "ints", value: { $typeName: "anrf.v1.IntsValue", items: ints } };
      }
      if (type.item.kind === "float") {
        return {
          case: "floats",
          value: { $typeName: "anrf.v1.FloatsValue", items: [...(items as readonly number[])] },
        };
      }
      return {
        case: "list",
        value: { $typeName: "anrf.v1.ListValue", items: items.map((item) => go(item, type.item)) },
      };
    }
    case "tuple":
      return {
        case: "tuple",
        value: { $typeName: "anrf.v1.ListValue", items: parts(value, type.items, go) },
      };
    case "record": {
      const types = (nominals.records.get(type.name) ?? []).map((field) => field.type);
      return { case: "record", value: { $typeName: "anrf.v1.ListValue", items: parts(value, types, go) } };
    }
    case "map": {
      if (!(value instanceof SortedMap))
        throw new Error(`a ${typeof value} is no value of type ${type.text}`);
      const entries = value.keys.map((key, index) => ({
        $typeName: "anrf.v1.MapEntry" as const,
        key: go(key, type.key),
        value: go(value.values[index] ?? null, type.value),
      }));
      return { case: "map", value: { $typeName: "anrf.v1.MapValue", entries } };
    }
    case "option":
      return {
        case: "option",
        value: {
          $typeName: "anrf.v1.OptionValue",
          ...(value instanceof Some ? { some: go(value.value, type.item) } : {}),
        },
      };
    case "variant": {
      if (!(value instanceof Variant)) throw new Error(`a ${typeof value} is no value of type ${type.text}`);
      const types = nominals.variants.get(type.name)?.[value.caseIndex]?.payload ?? [];
      const payload = parts(value.payload, types, go);
      return {
        case: "variant",
        value: { $typeName: "anrf.v1.VariantValue", caseIndex: value.caseIndex, payload },
      };
    }
    case "function":
    case "var":
      throw new Error(`a value of type ${type.text} cannot be sent`);
    default:
      return { case: "scalar", value: create(LiteralSchema, { value: scalarArm(value, type) }) };
  }
}

function parts(
  value: Value,
  types: readonly Type[],
  go: (part: Value, type: Type) => ProtoValue,
): ProtoValue[] {
  const items = value as readonly Value[];
  return types.map((type, index) => go(items[index] ?? null, type));
}

function scalarArm(value: Value, type: Type): Literal["value"] {
  switch (type.kind) {
    case "unit":
      return { case: "unit", value: true };
    case "bool":
      return { case: "bool", value: value === true };
    case "int":
      return { case: "int", value: BigInt(value as number | bigint) };
    case "float":
      return { case: "float", value: value as number };
    case "string":
      return { case: "string", value: value as string };
    case "date":
      return { case: "days", value: value as number };
    case "decimal": {
      const { coefficient, scale } = value as DecimalNumber;
      return { case: "decimal", value: { $typeName: "anrf.v1.DecimalValue", coefficient, scale } };
    }
    default:
      throw new Error(`${type.text} is no scalar type`);
  }
}
