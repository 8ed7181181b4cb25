/**
 * Types as plain immutable objects. Two types are equal exactly when their `text` is equal; `text` is the
 * spelling of the language (`list<(int, string)>`).
 */

/** The type classes of anrf.md §4: `eq` and `ord` exclude functions; `key` excludes floats too. */
export type TypeClass = "any" | "eq" | "ord" | "key";

/** The scalar kinds by their spelling. */
export const SCALARS = ["unit", "bool", "int", "float", "string", "decimal", "date"] as const;
/** One scalar kind. */
export type Scalar = (typeof SCALARS)[number];

/** A type; `var` occurs in signatures of the catalogue only. */
export type Type =
  | { readonly kind: Scalar; readonly text: string }
  | { readonly kind: "list" | "option"; readonly item: Type; readonly text: string }
  | { readonly kind: "map"; readonly key: Type; readonly value: Type; readonly text: string }
  | { readonly kind: "tuple"; readonly items: readonly Type[]; readonly text: string }
  | {
      readonly kind: "function";
      readonly params: readonly Type[];
      readonly result: Type;
      readonly text: string;
    }
  | { readonly kind: "record" | "variant"; readonly name: string; readonly text: string }
  | { readonly kind: "var"; readonly name: string; readonly class: TypeClass; readonly text: string };

const scalar = (kind: Scalar): Type => ({ kind, text: kind });

/** The one value `()`. */
export const UNIT: Type = scalar("unit");
/** Truth values. */
export const BOOL: Type = scalar("bool");
/** Signed 64-bit integers. */
export const INT: Type = scalar("int");
/** IEEE 754 binary64. */
export const FLOAT: Type = scalar("float");
/** Sequences of Unicode scalar values. */
export const STRING: Type = scalar("string");
/** Exact decimals. */
export const DECIMAL: Type = scalar("decimal");
/** Calendar days. */
export const DATE: Type = scalar("date");

const BY_NAME: Readonly<Record<Scalar, Type>> = {
  unit: UNIT,
  bool: BOOL,
  int: INT,
  float: FLOAT,
  string: STRING,
  decimal: DECIMAL,
  date: DATE,
};

/** The scalar type of that spelling, or undefined. */
export function scalarType(name: string): Type | undefined {
  return Object.hasOwn(BY_NAME, name) ? BY_NAME[name as Scalar] : undefined;
}

/** `list<item>`. */
export const listOf = (item: Type): Type => ({ kind: "list", item, text: `list<${item.text}>` });
/** `option<item>`. */
export const optionOf = (item: Type): Type => ({ kind: "option", item, text: `option<${item.text}>` });
/** `map<key, value>`. */
export const mapOf = (key: Type, value: Type): Type => ({
  kind: "map",
  key,
  value,
  text: `map<${key.text}, ${value.text}>`,
});
/** `(a, b, …)`, 2 to 16 parts. */
export const tupleOf = (items: readonly Type[]): Type => ({
  kind: "tuple",
  items,
  text: `(${items.map((t) => t.text).join(", ")})`,
});
/** `(a, …) -> result`. */
export const functionOf = (params: readonly Type[], result: Type): Type => ({
  kind: "function",
  params,
  result,
  text: `(${params.map((t) => t.text).join(", ")}) -> ${result.text}`,
});
/** A nominal record, by its name in the module. */
export const recordOf = (name: string): Type => ({ kind: "record", name, text: name });
/** A nominal variant, by its name in the module. */
export const variantOf = (name: string): Type => ({ kind: "variant", name, text: name });
/** A type variable of a signature. */
export const typeVar = (name: string, cls: TypeClass = "any"): Type => ({
  kind: "var",
  name,
  class: cls,
  text: name,
});

/** True when both spell the same type. */
export function sameType(a: Type, b: Type): boolean {
  return a === b || a.text === b.text;
}

/** The direct parts of a type, in the order in which they are written. */
export function typeParts(type: Type): readonly Type[] {
  switch (type.kind) {
    case "list":
    case "option":
      return [type.item];
    case "map":
      return [type.key, type.value];
    case "tuple":
      return type.items;
    case "function":
      return [...type.params, type.result];
    default:
      return [];
  }
}

/** The same type with each variable replaced where `bindings` has it. */
export function substitute(type: Type, bindings: ReadonlyMap<string, Type>): Type {
  switch (type.kind) {
    case "var":
      return bindings.get(type.name) ?? type;
    case "list":
      return listOf(substitute(type.item, bindings));
    case "option":
      return optionOf(substitute(type.item, bindings));
    case "map":
      return mapOf(substitute(type.key, bindings), substitute(type.value, bindings));
    case "tuple":
      return tupleOf(type.items.map((t) => substitute(t, bindings)));
    case "function":
      return functionOf(
        type.params.map((t) => substitute(t, bindings)),
        substitute(type.result, bindings),
      );
    default:
      return type;
  }
}

/** What a record or variant holds, by its name: needed to decide classes of nominal types. */
export interface NominalTypes {
  readonly records: ReadonlyMap<string, readonly { readonly name: string; readonly type: Type }[]>;
  readonly variants: ReadonlyMap<
    string,
    readonly { readonly name: string; readonly payload: readonly Type[] }[]
  >;
}

/** A program without nominal types. */
export const NO_NOMINALS: NominalTypes = { records: new Map(), variants: new Map() };

/** True when the type belongs to the class; recursive variants are taken as members while they are open. */
export function hasClass(type: Type, cls: TypeClass, nominals: NominalTypes = NO_NOMINALS): boolean {
  return (
    cls === "any" ||
    (!mentions(type, "function", nominals) && (cls !== "key" || !mentions(type, "float", nominals)))
  );
}

function mentions(type: Type, kind: "function" | "float", nominals: NominalTypes): boolean {
  const seen = new Set<string>();
  const pending: Type[] = [type];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === kind) return true;
    if (next.kind === "var" && next.class === "any" && kind === "function") return true;
    if (next.kind === "var" && next.class !== "key" && kind === "float") return true;
    if (next.kind === "record" || next.kind === "variant") {
      if (seen.has(next.text)) continue;
      seen.add(next.text);
      for (const field of nominals.records.get(next.name) ?? []) pending.push(field.type);
      for (const one of nominals.variants.get(next.name) ?? []) pending.push(...one.payload);
    }
    pending.push(...typeParts(next));
  }
  return false;
}

/** Levels of nesting: a scalar has depth 1, `list<int>` 2. */
export function typeDepth(type: Type): number {
  let deepest = 0;
  for (const part of typeParts(type)) deepest = Math.max(deepest, typeDepth(part));
  return deepest + 1;
}
