import { create, type JsonValue } from "@bufbuild/protobuf";
import {
  ListValueSchema,
  NullValue,
  type Value as ProtoJson,
  ValueSchema as ProtoJsonSchema,
  StructSchema,
} from "@bufbuild/protobuf/wkt";
import { isArray, type Json, JsonNumber, JsonObject } from "./json.ts";
import { MAX_VALUE_DEPTH } from "./value-json.ts";

/** Containers that a request may nest around a value: the object of inputs, and pairs of maps. */
const DEPTH_LIMIT = MAX_VALUE_DEPTH + 1;

/** JSON of a `google.protobuf.Value`; undefined where it nests more than an input may. Its numbers are doubles. */
export function jsonFromProto(value: ProtoJson, maxDepth: number = DEPTH_LIMIT): Json | undefined {
  const kind = value.kind;
  switch (kind.case) {
    case "nullValue":
    case undefined:
      return null;
    case "boolValue":
    case "stringValue":
      return kind.value;
    case "numberValue":
      return Object.is(kind.value, -0) ? new JsonNumber("-0") : kind.value;
    case "listValue":
      return maxDepth === 0
        ? undefined
        : whole(kind.value.values.map((item) => jsonFromProto(item, maxDepth - 1)));
    case "structValue": {
      if (maxDepth === 0) return undefined;
      const keys = Object.keys(kind.value.fields);
      const values = whole(keys.map((key) => fieldOf(kind.value.fields, key, maxDepth - 1)));
      return values === undefined ? undefined : new JsonObject(keys, values);
    }
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

function fieldOf(
  fields: Readonly<Record<string, ProtoJson>>,
  key: string,
  maxDepth: number,
): Json | undefined {
  const field = fields[key];
  return field === undefined ? null : jsonFromProto(field, maxDepth);
}

function whole(items: readonly (Json | undefined)[]): readonly Json[] | undefined {
  return items.includes(undefined) ? undefined : (items as readonly Json[]);
}

/** A `google.protobuf.Value` of JSON. A number that doubles cannot hold keeps only its nearest double. */
export function jsonToProto(json: Json): ProtoJson {
  return create(ProtoJsonSchema, { kind: protoKind(json) });
}

function protoKind(json: Json): ProtoJson["kind"] {
  if (json === null) return { case: "nullValue", value: NullValue.NULL_VALUE };
  if (typeof json === "boolean") return { case: "boolValue", value: json };
  if (typeof json === "string") return { case: "stringValue", value: json };
  if (typeof json === "number") return { case: "numberValue", value: json };
  if (json instanceof JsonNumber) return { case: "numberValue", value: Number(json.text) };
  if (isArray(json))
    return { case: "listValue", value: create(ListValueSchema, { values: json.map(jsonToProto) }) };
  if (!(json instanceof JsonObject)) throw new Error("a JSON value has an unknown form");
  const fields = Object.fromEntries(
    json.keys.map((key, index) => [key, jsonToProto(json.values[index] ?? null)]),
  );
  return { case: "structValue", value: create(StructSchema, { fields }) };
}

/** JSON of what `JSON.parse` or protobuf's `JsonValue` holds; undefined where it nests more than an input may. */
export function jsonFromPlain(value: JsonValue, maxDepth: number = DEPTH_LIMIT): Json | undefined {
  if (typeof value === "number") return Object.is(value, -0) ? new JsonNumber("-0") : value;
  if (value === null || typeof value !== "object") return value;
  if (maxDepth === 0) return undefined;
  if (Array.isArray(value)) return whole(value.map((item) => jsonFromPlain(item, maxDepth - 1)));
  const keys = Object.keys(value);
  const values = whole(keys.map((key) => jsonFromPlain(value[key] ?? null, maxDepth - 1)));
  return values === undefined ? undefined : new JsonObject(keys, values);
}

/** Plain JavaScript of JSON, as protobuf's `JsonValue`; a number that doubles cannot hold keeps its nearest double. */
export function jsonToPlain(json: Json): JsonValue {
  if (json instanceof JsonNumber) return Number(json.text);
  if (json === null || typeof json !== "object") return json;
  if (isArray(json)) return json.map(jsonToPlain);
  if (!(json instanceof JsonObject)) throw new Error("a JSON value has an unknown form");
  return Object.fromEntries(json.keys.map((key, index) => [key, jsonToPlain(json.values[index] ?? null)]));
}
