import type { Place } from "#anrf/import/source/source.ts";
import {
  BOOL,
  FLOAT,
  INT,
  listOf,
  mapOf,
  optionOf,
  STRING,
  type Type,
  tupleOf,
  UNIT,
} from "#anrf/program/type.ts";
import type { Val } from "./value.ts";

/**
 * Types while a program is imported. `number` is a float that may have been an int in the source, so its text is not
 * known; `never` is the type of what gives no value. A variable stands for what an empty list or dict will hold.
 */
export type Ty =
  | { readonly k: "none" | "bool" | "float" | "number" | "str" | "never" | "match" | "fn" }
  /** Mixed: it may have been a bool in the source, so its text is not known. */
  | { readonly k: "int"; readonly mixed?: boolean }
  | { readonly k: "list"; readonly item: Ty; readonly flavour: Flavour }
  | { readonly k: "tuple"; readonly items: readonly Ty[] }
  | { readonly k: "dict"; readonly key: Ty; readonly value: Ty; readonly cell: DictCell }
  | { readonly k: "set"; readonly item: Ty }
  | { readonly k: "option"; readonly item: Ty }
  | { readonly k: "var"; readonly cell: VarCell };

/** What the source calls a list: `seq` is a parameter of a signature, which does not say. */
export type Flavour = "list" | "tuple" | "seq" | "deque" | "iter";

/** A variable of the inference; once bound it stands for `ref`. */
export interface VarCell {
  ref?: Ty;
  readonly sites: Set<string>;
}

/** What is known of a dict beside its types; dicts that meet share one cell. */
export interface DictCell {
  same?: DictCell;
  /** Its order is seen somewhere: there. */
  seen: boolean;
  at?: Place;
  /** Its order is not the one in which this program puts its keys in. */
  foreign: boolean;
  /** What a missing key gives: of a defaultdict it is put in, of a Counter it is not. */
  missing?: { readonly kind: "counter" | "default"; readonly make: (site: string) => Val };
  /** Reads may have put in keys that this program does not put in, and someone looks which keys there are. */
  read?: Place;
  looked?: Place;
}

/** The type of None. */
export const NONE: Ty = { k: "none" };

/** bool. */
export const BOOLEAN: Ty = { k: "bool" };

/** int. */
export const INTEGER: Ty = { k: "int" };

/** An int that may have been a bool. */
export const MIXED: Ty = { k: "int", mixed: true };

/** float. */
export const REAL: Ty = { k: "float" };

/** A float that may have been an int. */
export const NUMBER: Ty = { k: "number" };

/** str. */
export const TEXT: Ty = { k: "str" };

/** The type of what gives no value. */
export const NEVER: Ty = { k: "never" };

/** Functions, which are applied while a program is imported. */
export const FUNCTION: Ty = { k: "fn" };

/** A list, tuple of any length, deque or iterator. */
export const list = (item: Ty, flavour: Flavour = "list"): Ty => ({ k: "list", item, flavour });

/** A tuple of those items. */
export const tuple = (items: readonly Ty[]): Ty => ({ k: "tuple", items });

/** A set. */
export const set = (item: Ty): Ty => ({ k: "set", item });

/** The value or None. */
export const option = (item: Ty): Ty => ({ k: "option", item });

/** A dict with an order of its own. */
export const dict = (key: Ty, value: Ty, cell: DictCell = { seen: false, foreign: false }): Ty => ({
  k: "dict",
  key,
  value,
  cell,
});

/** The type behind bound variables; its parts may still be variables. */
export function prune(type: Ty): Ty {
  let at = type;
  while (at.k === "var" && at.cell.ref !== undefined) at = at.cell.ref;
  return at;
}

/** The cell that stands for a dict and all that it has met. */
export function rootCell(cell: DictCell): DictCell {
  let at = cell;
  while (at.same !== undefined) at = at.same;
  return at;
}

/** Makes two dicts share what is known of their order. */
export function mergeCells(a: DictCell, b: DictCell): void {
  const left = rootCell(a);
  const right = rootCell(b);
  if (left === right) return;
  right.same = left;
  left.seen ||= right.seen;
  left.foreign ||= right.foreign;
  if (left.missing === undefined && right.missing !== undefined) left.missing = right.missing;
  if (left.at === undefined && right.at !== undefined) left.at = right.at;
  if (left.read === undefined && right.read !== undefined) left.read = right.read;
  if (left.looked === undefined && right.looked !== undefined) left.looked = right.looked;
}

/** What a join needs besides the types: it hears of variables whose items turned out to be of several types. */
export type Widen = (sites: ReadonlySet<string>, to: Ty) => void;

/**
 * The least type that holds the values of both, or undefined. Variables are bound; where a bound variable would have
 * to hold more, `widen` is told and the wider type is the answer, so that the next pass begins with it.
 */
export function join(a: Ty, b: Ty, widen: Widen): Ty | undefined {
  const left = prune(a);
  const right = prune(b);
  if (left === right) return left;
  if (left.k === "never") return right;
  if (right.k === "never") return left;
  if (left.k === "var") return bind(left.cell, right);
  if (right.k === "var") return bind(right.cell, left);
  const joined = joinKnown(left, right, widen);
  if (joined === undefined) return undefined;
  for (const [source, from] of [
    [a, left],
    [b, right],
  ] as const) {
    if (source.k === "var" && !sameTy(from, joined)) widen(sitesOf(source), joined);
  }
  return joined;
}

function joinKnown(left: Ty, right: Ty, widen: Widen): Ty | undefined {
  if (left.k === "option" || right.k === "option" || left.k === "none" || right.k === "none") {
    if (left.k === "none" && right.k === "none") return NONE;
    if (left.k === "none") return right.k === "option" ? right : option(right);
    if (right.k === "none") return left.k === "option" ? left : option(left);
    const item = join(
      left.k === "option" ? left.item : left,
      right.k === "option" ? right.item : right,
      widen,
    );
    return item === undefined ? undefined : option(item);
  }
  if (isNumeric(left) && isNumeric(right)) {
    if (left.k === "int" && right.k === "int") return left.mixed === true ? left : right;
    if (left.k === right.k) return left;
    if (isReal(left) || isReal(right)) return left.k === "bool" || right.k === "bool" ? undefined : NUMBER;
    return MIXED;
  }
  if (left.k === "list" && right.k === "list") {
    const flavour = joinFlavours(left.flavour, right.flavour);
    const item = join(left.item, right.item, widen);
    return item === undefined || flavour === undefined ? undefined : list(keepVar(left.item, item), flavour);
  }
  if (left.k === "tuple" && right.k === "tuple") return joinTuples(left.items, right.items, widen);
  if (left.k === "tuple" && right.k === "list" && isTupleLike(right))
    return joinMixed(left.items, right, widen);
  if (right.k === "tuple" && left.k === "list" && isTupleLike(left))
    return joinMixed(right.items, left, widen);
  if (left.k === "dict" && right.k === "dict") {
    const key = join(left.key, right.key, widen);
    const value = join(left.value, right.value, widen);
    if (key === undefined || value === undefined) return undefined;
    mergeCells(left.cell, right.cell);
    return dict(keepVar(left.key, key), keepVar(left.value, value), left.cell);
  }
  if (left.k === "set" && right.k === "set") {
    const item = join(left.item, right.item, widen);
    return item === undefined ? undefined : set(keepVar(left.item, item));
  }
  return left.k === right.k && left.k !== "fn" ? left : undefined;
}

/** A variable stays in its place, so that what is learnt of it later is seen by all who hold it. */
function keepVar(part: Ty, joined: Ty): Ty {
  return part.k === "var" && sameTy(prune(part), joined) ? part : joined;
}

function joinTuples(left: readonly Ty[], right: readonly Ty[], widen: Widen): Ty | undefined {
  if (left.length === right.length) {
    const items = left.map((one, i) => join(one, right[i] ?? NEVER, widen));
    return items.every((one) => one !== undefined) ? tuple(items) : undefined;
  }
  const item = joinAll([...left, ...right], widen);
  return item === undefined ? undefined : list(item, "tuple");
}

function joinMixed(items: readonly Ty[], other: Ty & { k: "list" }, widen: Widen): Ty | undefined {
  const item = joinAll([...items, other.item], widen);
  return item === undefined ? undefined : list(item, other.flavour);
}

/** The least type that holds the values of all; never of none. */
export function joinAll(types: readonly Ty[], widen: Widen): Ty | undefined {
  let joined: Ty | undefined = NEVER;
  for (const type of types) joined = joined === undefined ? undefined : join(joined, type, widen);
  return joined;
}

function isTupleLike(type: Ty & { k: "list" }): boolean {
  return type.flavour === "tuple" || type.flavour === "seq";
}

function joinFlavours(a: Flavour, b: Flavour): Flavour | undefined {
  if (a === b) return a;
  if (a === "seq") return b;
  return b === "seq" ? a : undefined;
}

function bind(cell: VarCell, type: Ty): Ty {
  if (type.k === "var") {
    if (type.cell === cell) return type;
    for (const site of cell.sites) type.cell.sites.add(site);
    cell.ref = type;
    return type;
  }
  if (occurs(cell, type)) return type;
  cell.ref = type;
  return type;
}

function occurs(cell: VarCell, type: Ty): boolean {
  const at = prune(type);
  if (at.k === "var") return at.cell === cell;
  return partsOf(at).some((part) => occurs(cell, part));
}

function sitesOf(type: Ty & { k: "var" }): ReadonlySet<string> {
  const sites = new Set<string>();
  for (let at: Ty = type; at.k === "var" && at.cell.ref !== undefined; at = at.cell.ref) {
    for (const site of at.cell.sites) sites.add(site);
  }
  return sites;
}

/** Whether a part of the type may be a bool or an int. */
export function isMixed(type: Ty): boolean {
  const at = prune(type);
  return (at.k === "int" && at.mixed === true) || partsOf(at).some(isMixed);
}

/** The direct parts of a type. */
export function partsOf(type: Ty): readonly Ty[] {
  switch (type.k) {
    case "list":
    case "set":
    case "option":
      return [type.item];
    case "tuple":
      return type.items;
    case "dict":
      return [type.key, type.value];
    default:
      return [];
  }
}

/** The cells of all dicts in a type. */
export function cellsOf(type: Ty): readonly DictCell[] {
  const at = prune(type);
  const inner = partsOf(at).flatMap(cellsOf);
  return at.k === "dict" ? [rootCell(at.cell), ...inner] : inner;
}

/** True when both are one type; flavours and order do not count. */
export function sameTy(a: Ty, b: Ty): boolean {
  return a === b || tyText(a) === tyText(b);
}

/** The type as people read it. */
export function tyText(type: Ty): string {
  const at = prune(type);
  switch (at.k) {
    case "list":
      return `${at.flavour === "tuple" ? "tuple" : "list"}[${tyText(at.item)}${at.flavour === "tuple" ? ", ..." : ""}]`;
    case "tuple":
      return `tuple[${at.items.map(tyText).join(", ")}]`;
    case "dict":
      return `dict[${tyText(at.key)}, ${tyText(at.value)}]`;
    case "set":
      return `set[${tyText(at.item)}]`;
    case "option":
      return `Optional[${tyText(at.item)}]`;
    case "none":
      return "None";
    case "var":
      return "unknown";
    case "int":
      return at.mixed === true ? "int or bool" : "int";
    default:
      return at.k;
  }
}

/** bool, int, float and what may be either. */
export function isNumeric(type: Ty): boolean {
  return type.k === "bool" || type.k === "int" || type.k === "float" || type.k === "number";
}

/** float or number: what is a float in the language. */
export function isReal(type: Ty): boolean {
  return type.k === "float" || type.k === "number";
}

/** A list, dict or set, or something that holds one: what can be changed in place. */
export function isMutable(type: Ty): boolean {
  const at = prune(type);
  if (at.k === "list") return at.flavour !== "tuple" || isMutable(at.item);
  if (at.k === "dict" || at.k === "set") return true;
  return partsOf(at).some(isMutable);
}

/** Whether a container of the type holds objects that can be changed. */
export function holdsObjects(type: Ty): boolean {
  return partsOf(prune(type)).some(isMutable);
}

/** Whether the source takes values of the type as keys: nothing that can be changed. */
export function isHashable(type: Ty): boolean {
  const at = prune(type);
  if (at.k === "dict" || at.k === "set" || at.k === "fn" || at.k === "match") return false;
  if (at.k === "list" && at.flavour !== "tuple" && at.flavour !== "seq") return false;
  return partsOf(at).every(isHashable);
}

/** Whether values of the type can be keys of a map of the language: those of the source but floats. */
export function isKey(type: Ty): boolean {
  return isHashable(type) && !holdsReals(type);
}

function holdsReals(type: Ty): boolean {
  const at = prune(type);
  return isReal(at) || partsOf(at).some(holdsReals);
}

/** The type of the language. A variable that nothing bound stands for the item of what is always empty. */
export function languageType(type: Ty): Type {
  const at = prune(type);
  switch (at.k) {
    case "none":
    case "never":
    case "fn":
      return UNIT;
    case "var":
      return INT;
    case "bool":
      return BOOL;
    case "int":
      return INT;
    case "float":
    case "number":
      return FLOAT;
    case "str":
      return STRING;
    case "list":
      return listOf(languageType(at.item));
    case "option":
      return optionOf(languageType(at.item));
    case "tuple":
      return tupleOf(at.items.map(languageType));
    case "set":
      return mapOf(languageType(at.item), UNIT);
    case "dict": {
      const [key, value] = [languageType(at.key), languageType(at.value)];
      return rootCell(at.cell).seen ? listOf(tupleOf([key, value])) : mapOf(key, value);
    }
    case "match":
      return listOf(optionOf(STRING));
    default:
      throw new Error(`unreachable: ${at satisfies never}`);
  }
}

/** The importer's type for one of a signature, or undefined where the importer has none. */
export function typeFrom(type: Type): Ty | undefined {
  switch (type.kind) {
    case "unit":
      return NONE;
    case "bool":
      return BOOLEAN;
    case "int":
      return INTEGER;
    case "float":
      return REAL;
    case "string":
      return TEXT;
    case "list":
    case "option": {
      const item = typeFrom(type.item);
      if (item === undefined) return undefined;
      return type.kind === "list" ? list(item, "seq") : option(item);
    }
    case "map": {
      const key = typeFrom(type.key);
      if (key === undefined) return undefined;
      if (type.value.kind === "unit") return set(key);
      const value = typeFrom(type.value);
      return value === undefined ? undefined : dict(key, value, { seen: false, foreign: true });
    }
    case "tuple": {
      const items = type.items.map(typeFrom);
      return items.every((one) => one !== undefined) ? tuple(items) : undefined;
    }
    default:
      return undefined;
  }
}
