import type { NominalTypes, Type } from "#anrf/program/type.ts";
import { Some, SortedMap, type Value, Variant } from "#anrf/program/value.ts";
import { scalarText } from "#anrf/text/print-value.ts";
import { listed } from "./english.ts";

/** A constant without the marks of the language: 4.9, 2026-11-22. */
export function plainScalar(value: Value, type: Type): string {
  if (typeof value === "number" && type.kind === "float" && Number.isNaN(value)) return "not a number";
  const text = scalarText(value, type);
  if (type.kind === "decimal") return text.replace(/m$/, "");
  if (type.kind === "unit") return "nothing";
  if (type.kind === "date") return text.slice('Date("'.length, -'")'.length);
  return text.replace("Float.inf", "infinity");
}

/** A value without the marks of the language: "(Line with sku "A" and qty 10)", "nothing" for what is missing. */
export function plainValue(value: Value, type: Type, nominals: NominalTypes): string {
  const go = (part: Value | undefined, partType: Type | undefined): string => {
    if (partType === undefined) throw new Error(`a value of type ${type.text} has too many parts`);
    return plainValue(part ?? null, partType, nominals);
  };
  const parts = (): readonly Value[] => {
    if (!Array.isArray(value)) throw new Error(`a value of type ${type.text} is no array`);
    return value;
  };
  switch (type.kind) {
    case "list":
      return parts().length === 0
        ? "the empty list"
        : `[${parts()
            .map((item) => go(item, type.item))
            .join(", ")}]`;
    case "tuple":
      return `(${type.items.map((item, index) => go(parts()[index], item)).join(", ")})`;
    case "record": {
      const fields = nominals.records.get(type.name) ?? [];
      return made(
        type.name,
        fields.map((field, index) => `${field.name} ${go(parts()[index], field.type)}`),
      );
    }
    case "map": {
      if (!(value instanceof SortedMap)) throw new Error("a map is no SortedMap");
      const entries = value.keys.map(
        (key, index) => `${go(key, type.key)}: ${go(value.values[index], type.value)}`,
      );
      return entries.length === 0 ? "the empty map" : `{${entries.join(", ")}}`;
    }
    case "option":
      return value instanceof Some ? go(value.value, type.item) : "nothing";
    case "variant": {
      if (!(value instanceof Variant)) throw new Error("a variant is no Variant");
      const found = nominals.variants.get(type.name)?.[value.caseIndex];
      return made(
        found?.name ?? String(value.caseIndex),
        (found?.payload ?? []).map((item, index) => go(value.payload[index], item)),
      );
    }
    case "function":
    case "var":
      throw new Error(`a value of type ${type.text} has no words`);
    default:
      return plainScalar(value, type);
  }
}

function made(name: string, parts: readonly string[]): string {
  return parts.length === 0 ? name : `(${name} with ${listed(parts)})`;
}
