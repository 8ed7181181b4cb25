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
  typeParts,
} from "#anrf/program/type.ts";
import type { Weights } from "./guide.ts";

/** The types that terms may have, each with the bits that making such a term costs on top. */
export type Universe = ReadonlyMap<string, { readonly type: Type; readonly extra: number }>;

/** The types of a task: those of its signature, their parts, and those that the words ask for. */
export function universeOf(params: readonly Type[], result: Type, weights: Weights): Universe {
  const found = new Map<string, { type: Type; extra: number }>();
  const add = (type: Type, extra: number): void => {
    const known = found.get(type.text);
    if (known !== undefined && known.extra <= extra) return;
    found.set(type.text, { type, extra });
    for (const part of typeParts(type)) add(part, extra);
  };
  for (const type of [...params, result]) add(type, 0);
  const base = [...found.values()].map((one) => one.type);
  const has = (type: Type): boolean => found.has(type.text);
  const hinted = (...ids: readonly string[]): boolean => ids.some((id) => weights.hint(id) > 0.2);
  const hintedFamily = (family: string): boolean =>
    FAMILY_PROBES[family]?.some((id) => weights.hint(id) > 0.2) ?? false;

  add(BOOL, 0);
  add(INT, 0);
  if (!has(STRING) && hintedFamily("string")) add(STRING, 1);
  if (!has(FLOAT) && hintedFamily("float")) add(FLOAT, 1);
  if (has(STRING)) add(listOf(STRING), 1);
  const needsIntList = base.some((type) => type.kind === "int") || hinted("list.range", "int.digits");
  if (needsIntList) add(listOf(INT), 1);
  if (has(FLOAT) && base.some((type) => type.kind === "list")) add(listOf(FLOAT), 1);
  addPairs(params, add, hinted);
  for (const type of [...found.values()].map((one) => one.type)) addContainers(type, add, hinted);
  return found;
}

const FAMILY_PROBES: Readonly<Record<string, readonly string[]>> = {
  string: [
    "int.to_string",
    "string.join",
    "string.concat",
    "string.reverse",
    "string.length",
    "string.pad_start",
    "float.to_fixed",
    "string.repeat",
  ],
  float: [
    "float.div",
    "int.to_float",
    "float.sqrt",
    "float.round_to",
    "float.floor",
    "float.ceil",
    "float.round_even",
  ],
};

type Add = (type: Type, extra: number) => void;
type Hinted = (...ids: readonly string[]) => boolean;

/** Two lists can be walked together. */
function addPairs(params: readonly Type[], add: Add, hinted: Hinted): void {
  const lists = params.filter((type) => type.kind === "list");
  const [first, second] = lists;
  if (
    first?.kind === "list" &&
    second?.kind === "list" &&
    (hinted("list.zip") || lists.length === params.length)
  ) {
    add(listOf(tupleOf([first.item, second.item])), 1);
  }
}

function addContainers(type: Type, add: Add, hinted: Hinted): void {
  if (type.kind === "list") {
    const { item } = type;
    const isKey = item.kind === "int" || item.kind === "string" || item.kind === "bool";
    if (hinted("list.windows", "list.chunks", "list.combinations")) add(listOf(type), 1);
    if (hinted("list.enumerate")) add(listOf(tupleOf([INT, item])), 1);
    if (isKey && hinted("list.tally", "map.entries")) {
      add(mapOf(item, INT), 1);
      if (hinted("map.entries", "list.max_by", "list.sort_by")) add(listOf(tupleOf([item, INT])), 2);
    }
    if (isKey && hinted("list.group_by")) add(mapOf(item, type), 1);
    if (item.kind === "tuple" && hinted("list.group_by", "map.from_entries", "list.fold")) {
      const [key, value] = item.items;
      if (key !== undefined && value !== undefined && (key.kind === "string" || key.kind === "int")) {
        add(mapOf(key, value), 1);
        if (hinted("list.group_by")) add(mapOf(key, type), 1);
      }
    }
  }
  if (type.kind === "map") {
    add(listOf(type.key), 1);
    add(listOf(type.value), 1);
    add(listOf(tupleOf([type.key, type.value])), 1);
  }
  if (hinted("option.is_some", "option.map") && (type.kind === "int" || type.kind === "string"))
    add(optionOf(type), 1);
}
