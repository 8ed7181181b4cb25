import { dateText, decimalText } from "#anrf/program/scalar-text.ts";
import { floatText, quoted } from "#anrf/program/show.ts";
import type { NominalTypes, Type } from "#anrf/program/type.ts";
import { DecimalNumber, Some, SortedMap, type Value, Variant } from "#anrf/program/value.ts";
import { bracketed, type Doc } from "./layout.ts";
import { nameText } from "./words.ts";

/** A value as program text, to be read where its type is expected. */
export function valueDoc(value: Value, type: Type, nominals: NominalTypes): Doc {
  const go = (part: Value | undefined, partType: Type | undefined): Doc => {
    if (partType === undefined) throw new Error(`a value of type ${type.text} has too many parts`);
    return valueDoc(part ?? null, partType, nominals);
  };
  switch (type.kind) {
    case "list":
      return bracketed(
        "[",
        parts(value).map((item) => go(item, type.item)),
        "]",
      );
    case "tuple":
      return bracketed(
        "(",
        type.items.map((item, index) => go(parts(value)[index], item)),
        ")",
      );
    case "record": {
      const fields = nominals.records.get(type.name) ?? [];
      const items = fields.map(
        (field, index): Doc => [nameText(field.name), "=", go(parts(value)[index], field.type)],
      );
      return bracketed(`${type.name}(`, items, ")");
    }
    case "map": {
      if (!(value instanceof SortedMap)) throw new Error("a map is no SortedMap");
      const entries = value.keys.map(
        (key, index): Doc => [go(key, type.key), ": ", go(value.values[index], type.value)],
      );
      return bracketed("{", entries, "}");
    }
    case "option":
      return value instanceof Some ? ["some(", go(value.value, type.item), ")"] : "none";
    case "variant": {
      if (!(value instanceof Variant)) throw new Error("a variant is no Variant");
      const found = nominals.variants.get(type.name)?.[value.caseIndex];
      const name = `${type.name}.${found?.name ?? value.caseIndex}`;
      const payload = found?.payload ?? [];
      return payload.length === 0
        ? name
        : bracketed(
            `${name}(`,
            payload.map((item, index) => go(value.payload[index], item)),
            ")",
          );
    }
    case "function":
    case "var":
      throw new Error(`a value of type ${type.text} has no text`);
    default:
      return scalarText(value, type);
  }
}

/** A scalar value as a literal of the language. */
export function scalarText(value: Value, type: Type): string {
  if (value === null) return "()";
  if (typeof value === "string") return quoted(value);
  if (value instanceof DecimalNumber) return `${decimalText(value)}m`;
  if (type.kind === "float") return floatText(Number(value));
  return type.kind === "date" ? `Date("${dateText(Number(value))}")` : String(value);
}

function parts(value: Value): readonly Value[] {
  if (!Array.isArray(value)) throw new Error("a value with parts is no array");
  return value;
}
