import { INT, STRING, type Type, tupleOf } from "#anrf/program/type.ts";
import { stem } from "#platform/words/stem.ts";
import { namesOf, type Variable, type View } from "./terms.ts";
import type { Token } from "./tokens.ts";

/** The parameters and the result that words speak of; names as clauses write them. */
export interface Target {
  readonly params: readonly { readonly name: string; readonly type: Type }[];
  readonly returns: Type;
}

/** Texts of the shown examples: forms are read from them. */
export interface Shown {
  readonly inputs: readonly string[];
  /** Those that stand in lists of texts. */
  readonly items: readonly string[];
  readonly outputs: readonly string[];
}

/** One collection among the parameters, seen from one of its items. */
export interface Row {
  /** The collection, as a list. */
  readonly list: string;
  /** The item's name inside a lambda. */
  readonly binder: string;
  readonly item: Type;
  readonly view: View;
  /** The parameter itself. */
  readonly source: { readonly name: string; readonly type: Type };
}

/** The parameters, as a condition on the whole input sees them. */
export function outerView({ params, returns }: Target, words: readonly Token[]): View {
  const variables = params.map(variableOf);
  return {
    variables,
    given: variables,
    givesTexts: returns.kind === "string",
    isCaseless: isCaseless(words),
  };
}

/** A parameter as words may speak of it. */
export function variableOf({ name, type }: Target["params"][number]): Variable {
  return { text: name, type, names: namesOf(name) };
}

/** Each list and map among the parameters, from within. */
export function rowsOf({ params, returns }: Target, words: readonly Token[]): readonly Row[] {
  const taken = new Set(params.map((param) => param.name.replaceAll("`", "")));
  const binder = ["item", "one", "each_item"].find((name) => !taken.has(name)) ?? "some_item";
  return params.flatMap((source): Row[] => {
    const { name, type } = source;
    const others = params.filter((param) => param !== source).map(variableOf);
    const shared = { binder, source };
    const common = {
      given: others,
      givesTexts: returns.kind === "list" && returns.item.kind === "string" && !isTextList(type),
      isCaseless: isCaseless(words),
    };
    if (type.kind === "list") {
      const variables = partsOf(binder, type.item, namesOf(name), words);
      return [
        {
          ...shared,
          list: name,
          item: type.item,
          view: { ...common, variables: [...variables, ...lookUps(variables, others)], list: name },
        },
        ...countedRows(shared, type.item, words, common),
      ];
    }
    if (type.kind === "string")
      return [...textRows(name, source, words, { ...common, givesTexts: false }, binder)];
    if (type.kind !== "map") return [];
    const item = tupleOf([type.key, type.value]);
    const key: Variable = { text: `${binder}.0`, type: type.key, names: new Set(["key", "nam"]) };
    const value: Variable = {
      text: `${binder}.1`,
      type: type.value,
      names: new Set([...namesOf(name), "valu", "amount"]),
    };
    const variables = [value, key, ...lookUps([key], others)];
    return [
      {
        ...shared,
        list: `${name}.entries()`,
        item,
        view: { ...common, variables, list: `${name}.entries()` },
      },
    ];
  });
}

/** What an item is called where it has no name of its own. */
const ITEM_NAMES: readonly string[] = "number value element item integer entry".split(" ").map(stem);

function partsOf(
  binder: string,
  item: Type,
  names: ReadonlySet<string>,
  words: readonly Token[],
): readonly Variable[] {
  if (item.kind !== "tuple") return [{ text: binder, type: item, names: new Set([...names, ...ITEM_NAMES]) }];
  const spoken = spokenFields(words, item.items.length);
  return item.items.map((type, at) => ({
    text: `${binder}.${at}`,
    type,
    names: namesOf(spoken?.[at] ?? ""),
  }));
}

/** "(name, age)": how the words call the parts of a tuple of so many. */
export function spokenFields(words: readonly Token[], arity: number): readonly string[] | undefined {
  for (let at = 0; at < words.length; at++) {
    if (words[at]?.text !== "(") continue;
    const names: string[] = [""];
    let next = at + 1;
    for (; next < at + 4 * arity; next++) {
      const word = words[next];
      if (word?.text === ",") names.push("");
      else if (word?.kind === "word") names[names.length - 1] += ` ${word.text}`;
      else break;
    }
    if (names.length === arity && words[next]?.text === ")") return names;
  }
  // "the smallest x, the largest y": the parts of a point need no declaration.
  const axes = ["x", "y", "z"].slice(0, arity);
  return axes.length === arity && arity > 1 && axes.every((axis) => words.some((word) => word.lower === axis))
    ? axes
    : undefined;
}

function isCaseless(words: readonly Token[]): boolean {
  return words.some(
    ({ lower }, at) =>
      /^(?:cases?|capitals?)$/u.test(lower) &&
      words
        .slice(Math.max(0, at - 6), at + 5)
        .some((near) =>
          /^(?:ignor|insensitiv|regardless|matter|differenc|either|upper)/u.test(stem(near.lower)),
        ),
  );
}

/** What other parameters hold for a part of an item: its price in a map of prices. */
function lookUps(parts: readonly Variable[], others: readonly Variable[]): readonly Variable[] {
  return others.flatMap(({ text, type, names }) => {
    if (type.kind !== "map" || (type.value.kind !== "int" && type.value.kind !== "float")) return [];
    const { key, value } = type;
    const none = value.kind === "int" ? "0" : "0.0";
    return parts
      .filter((part) => part.type.text === key.text)
      .map((part) => ({ text: `${text}.get_or(${part.text}, ${none})`, type: value, names }));
  });
}

/** Each different item with how often it is there, or with the sum of the numbers beside it, where words speak of that. */
function countedRows(
  { binder, source }: Pick<Row, "binder" | "source">,
  item: Type,
  words: readonly Token[],
  common: Omit<View, "variables">,
): readonly Row[] {
  const { name } = source;
  const says = (pattern: RegExp): boolean => words.some((word) => pattern.test(word.lower));
  const row = (
    list: string,
    key: Type,
    value: Type,
    keyNames: ReadonlySet<string>,
    names: readonly string[],
  ): Row => {
    const variables: readonly Variable[] = [
      { text: `${binder}.0`, type: key, names: keyNames },
      { text: `${binder}.1`, type: value, names: new Set(names.map(stem)) },
    ];
    return { list, binder, source, item: tupleOf([key, value]), view: { ...common, variables, list } };
  };
  const isKey = item.kind === "string" || item.kind === "int";
  if (
    isKey &&
    says(/^(?:most|often|times|frequent|frequently|common|popular|count|occurs?|appears?|twice|once)$/u)
  )
    return [
      row(`${name}.tally().entries()`, item, INT, namesOf(name), [
        "time",
        "often",
        "vote",
        "count",
        "frequent",
        "common",
        "occur",
        "appear",
      ]),
    ];
  const [key, value] = item.kind === "tuple" ? item.items : [];
  if (item.kind !== "tuple" || item.items.length !== 2 || key === undefined || value?.kind !== "int")
    return [];
  if (
    (key.kind !== "string" && key.kind !== "int") ||
    !says(/^(?:all|total|together|sum|each|every|per|most|overall|altogether)$/u)
  )
    return [];
  const [keyName, valueName] = spokenFields(words, 2) ?? [];
  const totals = `${name}.group_by((row) => row.0).map_values((rows) => rows.map((row) => row.1).sum()).entries()`;
  return [row(totals, key, value, namesOf(keyName ?? ""), [valueName ?? "amount", "total", "sum"])];
}

/** A text seen from its words, lines, characters or separated parts, where the words of the task speak of them. */
function textRows(
  name: string,
  source: Row["source"],
  words: readonly Token[],
  common: Omit<View, "variables">,
  binder: string,
): readonly Row[] {
  const says = (pattern: RegExp): boolean => words.some((word) => pattern.test(word.lower));
  const found: Row[] = [];
  const add = (list: string, item: Type, names: readonly string[]): void => {
    const variables = [{ text: binder, type: item, names: new Set(names.map(stem)) }];
    found.push({ list, binder, item, source, view: { ...common, variables, list } });
  };
  if (says(/^words?$/u)) add(`${name}.split_whitespace()`, STRING, ["word"]);
  if (says(/^lines?$/u)) add(`${name}.lines()`, STRING, ["line"]);
  if (says(/^(?:characters?|letters?|digits?|signs?)$/u))
    add(`${name}.chars()`, STRING, ["character", "letter", "digit", "sign"]);
  for (const [pattern, separator] of SEPARATORS) {
    if (!says(pattern)) continue;
    const parts = `${name}.split("${separator}")`;
    add(`${parts}.map((part) => part.trim())`, STRING, ["part", "entry", "field", "item", "value"]);
    if (says(/^(?:numbers?|integers?|digits?|amounts?|values?|sum|total)$/u))
      add(`${parts}.map((part) => Int.parse(part.trim()).unwrap())`, INT, ["number", "value", "amount"]);
  }
  return found;
}

const SEPARATORS: readonly (readonly [RegExp, string])[] = [
  [/^commas?$/u, ","],
  [/^semicolons?$/u, ";"],
  [/^(?:hyphens?|dash|dashes)$/u, "-"],
  [/^colons?$/u, ":"],
  [/^slash(?:es)?$/u, "/"],
  [/^(?:pipes?|bars?)$/u, "|"],
];

function isTextList(type: Type): boolean {
  return type.kind === "list" && type.item.kind === "string";
}
