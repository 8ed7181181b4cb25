import { dateText, decimalText } from "./scalar-text.ts";
import { NO_NOMINALS, type NominalTypes, type Type } from "./type.ts";
import { DecimalNumber, Some, SortedMap, type Value, Variant } from "./value.ts";

/** Length after which a shown value is cut, in UTF-16 units. */
export const SHOW_LIMIT = 200;

/**
 * A value as short ANRF text for messages: `[1, 2]`, `some("a")`, `Line(sku="A", qty=10)`. Text past the limit is
 * replaced by `…`; deep values are cut too, so the text is for people and is never read back.
 */
export function showValue(
  value: Value,
  type: Type,
  nominals: NominalTypes = NO_NOMINALS,
  limit = SHOW_LIMIT,
): string {
  const showing = new Showing(nominals, limit);
  showing.add(value, type, 0);
  return showing.text();
}

/** A double as the language writes it: `1.0`, `Float.nan`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "Float.nan";
  if (!Number.isFinite(value)) return value > 0 ? "Float.inf" : "-Float.inf";
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** A string in quotes with everything escaped that could leave its place or reorder what is seen (anrf.md §5.4). */
export function quoted(text: string): string {
  return `"${text.replace(UNSAFE, (found) => escapeOf(found))}"`;
}

const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters that are escaped
  /["\\\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

function escapeOf(character: string): string {
  switch (character) {
    case '"':
      return '\\"';
    case "\\":
      return "\\\\";
    case "\n":
      return "\\n";
    case "\t":
      return "\\t";
    case "\r":
      return "\\r";
    default:
      return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  }
}

const MAX_DEPTH = 32;

/** The text so far; it lives for one call. */
class Showing {
  readonly #nominals: NominalTypes;
  readonly #limit: number;
  #text = "";

  constructor(nominals: NominalTypes, limit: number) {
    this.#nominals = nominals;
    this.#limit = limit;
  }

  text(): string {
    const short = this.#text.length <= this.#limit;
    return short ? this.#text : `${this.#text.slice(0, this.#limit).replace(/[\ud800-\udbff]$/, "")}…`;
  }

  add(value: Value, type: Type, depth: number): void {
    if (this.#text.length > this.#limit) return;
    if (depth > MAX_DEPTH) {
      this.#text += "…";
      return;
    }
    const go = (part: Value, partType: Type): void => this.add(part, partType, depth + 1);
    switch (type.kind) {
      case "list": {
        const items = value as readonly Value[];
        this.#sequence("[", "]", items.length, (i) => go(items[i] ?? null, type.item));
        return;
      }
      case "tuple":
        this.#fields("(", value as readonly Value[], type.items, [], go);
        return;
      case "record": {
        const fields = this.#nominals.records.get(type.name) ?? [];
        const names = fields.map((field) => `${field.name}=`);
        const types = fields.map((field) => field.type);
        this.#fields(`${type.name}(`, value as readonly Value[], types, names, go);
        return;
      }
      case "map":
        this.#map(value, type, go);
        return;
      case "option":
        if (!(value instanceof Some)) this.#text += "none";
        else this.#fields("some(", [value.value], [type.item], [], go);
        return;
      case "variant":
        this.#variant(value, type.name, go);
        return;
      case "function":
      case "var":
        this.#text += "<function>";
        return;
      default:
        this.#text += scalarText(value, type.kind, this.#limit);
    }
  }

  #sequence(open: string, close: string, count: number, item: (index: number) => void): void {
    this.#text += open;
    for (let index = 0; index < count && this.#text.length <= this.#limit; index++) {
      if (index > 0) this.#text += ", ";
      item(index);
    }
    this.#text += close;
  }

  #fields(
    open: string,
    values: readonly Value[],
    types: readonly Type[],
    names: readonly string[],
    go: (part: Value, type: Type) => void,
  ): void {
    this.#sequence(open, ")", types.length, (index) => {
      const type = types[index];
      this.#text += names[index] ?? "";
      if (type !== undefined) go(values[index] ?? null, type);
    });
  }

  #map(value: Value, type: Extract<Type, { kind: "map" }>, go: (part: Value, type: Type) => void): void {
    if (!(value instanceof SortedMap)) throw new Error("a map is no SortedMap");
    this.#sequence("{", "}", value.keys.length, (index) => {
      go(value.keys[index] ?? null, type.key);
      this.#text += ": ";
      go(value.values[index] ?? null, type.value);
    });
  }

  #variant(value: Value, name: string, go: (part: Value, type: Type) => void): void {
    if (!(value instanceof Variant)) throw new Error("a variant is no Variant");
    const found = this.#nominals.variants.get(name)?.[value.caseIndex];
    this.#text += `${name}.${found?.name ?? value.caseIndex}`;
    if (value.payload.length > 0) this.#fields("(", value.payload, found?.payload ?? [], [], go);
  }
}

function scalarText(value: Value, kind: string, limit: number): string {
  if (value === null) return "()";
  if (typeof value === "string") return quoted(value.length > limit ? value.slice(0, limit) : value);
  if (value instanceof DecimalNumber) return `${decimalText(value)}m`;
  if (kind === "float") return floatText(value as number);
  return kind === "date" ? `Date("${dateText(value as number)}")` : String(value);
}
