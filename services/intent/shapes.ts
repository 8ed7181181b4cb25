import {
  BOOL,
  FLOAT,
  hasClass,
  INT,
  listOf,
  mapOf,
  optionOf,
  STRING,
  type Type,
  tupleOf,
  typeParts,
  typeVar,
} from "#anrf/program/type.ts";
import type { Literal } from "./literals.ts";

/** Stands where the values do not say: the items of [], what a null hides. */
export const UNKNOWN: Type = typeVar("?");

/** What the words say of values whose plain form leaves it open. */
export interface Cue {
  /** The value as a whole is a tuple. */
  readonly tuple?: boolean;
  /** Its rows are tuples. */
  readonly rows?: boolean;
  /** Its pairs are the entries of a map. */
  readonly map?: boolean;
  /** Sequences inside it are tuples too. */
  readonly deep?: boolean;
  /** Its numbers are real. */
  readonly real?: boolean;
}

type Items = readonly Literal[];

/**
 * The least type that holds all the values (generation.md §2.4): int below float, null makes an option, mixed items of
 * one length a tuple, else a list. Gives undefined for mixed data that no type holds.
 */
export function leastType(values: Items): Type | undefined {
  const present = values.filter((value) => value.kind !== "null");
  if (present.length < values.length) {
    const inner = present.length === 0 ? UNKNOWN : leastType(present);
    return inner === undefined ? undefined : optionOf(inner);
  }
  const kinds = new Set(present.map((value) => value.kind));
  if (kinds.size === 0) return UNKNOWN;
  if (kinds.size === 1 && kinds.has("bool")) return BOOL;
  if (kinds.size === 1 && kinds.has("string")) return STRING;
  if (kinds.has("number")) return numberType(present);
  if (kinds.has("map")) return mapType(present);
  return kinds.has("bool") || kinds.has("string") ? undefined : sequenceType(present);
}

/** Ints beyond 2^53 travel as strings of digits beside numbers. */
function numberType(values: Items): Type | undefined {
  let real = false;
  for (const value of values) {
    if (value.kind === "number") real ||= value.fraction;
    else if (value.kind !== "string" || !/^-?\d{16,}$|^-?Infinity$|^NaN$/u.test(value.value))
      return undefined;
    else real ||= !/\d/u.test(value.value);
  }
  return real ? FLOAT : INT;
}

function mapType(values: Items): Type | undefined {
  const maps = values.flatMap((value) => (value.kind === "map" ? [value] : []));
  if (
    maps.length < values.length &&
    !values.every((value) => value.kind === "map" || itemsOf(value)?.length === 0)
  ) {
    return undefined;
  }
  const key = leastType(maps.flatMap((value) => value.entries.map((entry) => entry[0])));
  const held = leastType(maps.flatMap((value) => value.entries.map((entry) => entry[1])));
  return key === undefined || held === undefined || !hasClass(key, "key") ? undefined : mapOf(key, held);
}

function sequenceType(values: Items): Type | undefined {
  const length = commonLength(values);
  const written = values.every((value) => value.kind === "tuple");
  if (written && length !== undefined) return columnsType(values, length);
  const item = leastType(values.flatMap((value) => itemsOf(value) ?? []));
  if (item !== undefined) return listOf(item);
  return length === undefined ? undefined : columnsType(values, length);
}

function columnsType(values: Items, length: number): Type | undefined {
  const columns: Type[] = [];
  for (let at = 0; at < length; at += 1) {
    const column = leastType(values.flatMap((value) => itemsOf(value)?.[at] ?? []));
    if (column === undefined) return undefined;
    columns.push(column);
  }
  return tupleOf(columns);
}

function itemsOf(value: Literal): Items | undefined {
  return "items" in value ? value.items : undefined;
}

/** The length that all these sequences share, if it can be a tuple's. */
function commonLength(values: Items): number | undefined {
  const lengths = new Set(values.map((value) => itemsOf(value)?.length));
  const [length] = lengths;
  return lengths.size === 1 && length !== undefined && length >= 2 && length <= 16 ? length : undefined;
}

/** leastType(), then what the words say where the plain form of the values leaves it open. */
export function shapeOf(values: Items, cue: Cue): Type | undefined {
  const base = leastType(values);
  if (base === undefined) return undefined;
  let type = base;
  const present = values.filter((value) => value.kind !== "null");
  if (cue.map === true && type.kind === "list") type = entriesType(present) ?? type;
  if (cue.rows === true && type.kind === "list" && type.item.kind === "list")
    type = rowsType(present, 2) ?? type;
  if (cue.tuple === true && type.kind === "list" && type.item.kind !== "tuple") {
    const length = commonLength(present);
    if (length !== undefined) type = columnsType(present, length) ?? type;
  }
  if (cue.deep === true && type.kind !== "map") type = leastType(present.map(asTuples)) ?? type;
  return cue.real === true ? real(type) : type;
}

/** The innermost rows as tuples, where all have one length: a list of points, a grid of pairs. */
function rowsType(values: Items, levels: number): Type | undefined {
  const rows = values.flatMap((value) => itemsOf(value) ?? []);
  if (levels > 0 && leastType(rows)?.kind === "list") {
    const inner = rows.every((row) => itemsOf(row)?.every((item) => itemsOf(item) !== undefined) ?? false);
    const deeper = inner ? rowsType(rows, levels - 1) : undefined;
    if (inner) return deeper === undefined ? undefined : listOf(deeper);
  }
  const length = commonLength(rows);
  const columns = length === undefined || length > 6 ? undefined : columnsType(rows, length);
  // Points with a fraction in one coordinate have floats in all of them.
  const cells = leastType(rows.flatMap((row) => itemsOf(row) ?? []));
  const row = columns !== undefined && cells?.kind === "float" ? real(columns) : columns;
  return row === undefined ? undefined : listOf(row);
}

function asTuples(value: Literal): Literal {
  const items = itemsOf(value);
  return items === undefined || items.length < 2 ? value : { kind: "tuple", items: items.map(asTuples) };
}

/** A map written as pairs: [[1, 2], [3, 4]] with distinct keys. */
function entriesType(values: Items): Type | undefined {
  const keys: Literal[] = [];
  const held: Literal[] = [];
  for (const value of values) {
    const seen = new Set<string>();
    for (const entry of itemsOf(value) ?? []) {
      const [key, content, more] = itemsOf(entry) ?? [];
      if (key === undefined || content === undefined || more !== undefined) return undefined;
      const text = JSON.stringify(key);
      if (seen.has(text)) return undefined;
      seen.add(text);
      keys.push(key);
      held.push(content);
    }
  }
  const keyType = shapeOf(keys, { tuple: true });
  const heldType = leastType(held);
  if (keyType === undefined || heldType === undefined || !hasClass(keyType, "key")) return undefined;
  return mapOf(keyType, heldType);
}

/** The same type with each int a float; map keys stay. */
export function real(type: Type): Type {
  switch (type.kind) {
    case "int":
      return FLOAT;
    case "list":
      return listOf(real(type.item));
    case "option":
      return optionOf(real(type.item));
    case "map":
      return mapOf(type.key, real(type.value));
    case "tuple":
      return tupleOf(type.items.map(real));
    default:
      return type;
  }
}

/** True while some part of the type is unknown. */
export function isOpen(type: Type): boolean {
  return type.kind === "var" || typeParts(type).some(isOpen);
}

/** The type with its unknown parts taken from `other` where the two fit, else from `fallback`. */
export function closed(type: Type, other: Type | undefined, fallback: Type): Type {
  if (type.kind === "var") return other === undefined || isOpen(other) ? fallback : other;
  if (type.kind === "list")
    return listOf(closed(type.item, other?.kind === "list" ? other.item : undefined, fallback));
  if (type.kind === "option") {
    return optionOf(closed(type.item, other?.kind === "option" ? other.item : other, fallback));
  }
  if (type.kind === "map") {
    const same = other?.kind === "map" ? other : undefined;
    return mapOf(closed(type.key, same?.key, STRING), closed(type.value, same?.value, fallback));
  }
  if (type.kind === "tuple") {
    return tupleOf(
      type.items.map((item, at) =>
        closed(item, other?.kind === "tuple" ? other.items[at] : undefined, fallback),
      ),
    );
  }
  return type;
}

/** True if a value of this literal can be read as the type: an int as float, a list as tuple, pairs as a map. */
export function fits(value: Literal, type: Type): boolean {
  switch (type.kind) {
    case "bool":
      return value.kind === "bool";
    case "int":
      return (
        (value.kind === "number" && !(value.fraction && !Number.isInteger(Number(value.text)))) ||
        digits(value)
      );
    case "float":
      return (
        value.kind === "number" || (value.kind === "string" && /^(?:NaN|-?Infinity|-0)$/u.test(value.value))
      );
    case "decimal":
      return value.kind === "number" || (value.kind === "string" && /^-?\d+(?:\.\d+)?$/u.test(value.value));
    case "string":
    case "date":
      return value.kind === "string";
    case "unit":
      return value.kind === "null";
    case "option":
      return value.kind === "null" || fits(value, type.item);
    case "list":
      return itemsOf(value)?.every((item) => fits(item, type.item)) ?? false;
    case "tuple":
      return tupleFits(itemsOf(value), type.items);
    case "map":
      return entriesOf(value)?.every(([key, held]) => fits(key, type.key) && fits(held, type.value)) ?? false;
    default:
      // Records and variants are judged where their declarations are known.
      return true;
  }
}

function digits(value: Literal): boolean {
  return value.kind === "string" && /^-?\d+$/u.test(value.value);
}

function tupleFits(items: Items | undefined, types: readonly Type[]): boolean {
  return (
    items?.length === types.length &&
    types.every((type, at) => items[at] !== undefined && fits(items[at], type))
  );
}

function entriesOf(value: Literal): readonly (readonly [Literal, Literal])[] | undefined {
  if (value.kind === "map") return value.entries;
  const pairs: [Literal, Literal][] = [];
  for (const item of itemsOf(value) ?? [value]) {
    const [key, held, more] = itemsOf(item) ?? [];
    if (key === undefined || held === undefined || more !== undefined) return undefined;
    pairs.push([key, held]);
  }
  return pairs;
}
