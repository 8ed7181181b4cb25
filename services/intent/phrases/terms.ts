import { BOOL, type Type } from "#anrf/program/type.ts";
import { stem } from "#platform/words/stem.ts";
import type { Place } from "./tokens.ts";

/** An ANRF expression, and how far it is from the words, in bits. */
export interface Term {
  readonly text: string;
  readonly type: Type;
  readonly bits: number;
}

/** A term with the piece of text that it reads. */
export interface Reading extends Term, Place {}

/** A value that words can speak of by a name. */
export interface Variable {
  readonly text: string;
  readonly type: Type;
  /** Stems of its names. */
  readonly names: ReadonlySet<string>;
}

/** What stands within reach of a condition or an amount. */
export interface View {
  /** What it speaks of first: parameters, or the parts of one item of a list. */
  readonly variables: readonly Variable[];
  /** What it may be measured against beside numbers: the other parameters. */
  readonly given: readonly Variable[];
  /** The collection that the variables are parts of one item of; undefined: they are parameters. */
  readonly list?: string;
  /** Quoted texts are what comes out, rather than what something is compared with. */
  readonly givesTexts: boolean;
  /** The words of the task ask to ignore upper and lower case. */
  readonly isCaseless: boolean;
}

/** Words that people use for one another, a group a line. */
const SYNONYMS: readonly ReadonlySet<string>[] = [
  "price cost fee charge rate fare",
  "quantity amount count number piece unit copies",
  "age old year",
  "weight heavy gram kilogram kg",
  "height tall high metre",
  "length long",
  "speed fast km kilometre",
  "temperature warm cold hot degree",
  "salary income pay wage earnings",
  "total sum bill value",
  "name person people player",
  "score point grade mark",
  "distance far kilometre km mile",
  "hour time",
].map((line) => new Set(line.split(" ").map(stem)));

/** The stems by which words may call a parameter or a field: those of its name, and their synonyms. */
export function namesOf(name: string): ReadonlySet<string> {
  const parts = name
    .replaceAll("`", "")
    .replace(/([a-z])([A-Z])/gu, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/u)
    .filter((part) => part !== "");
  return new Set(parts.map(stem));
}

/** How near a word is to a name: 0 the name itself, 1 a synonym, undefined neither. */
export function nearness(names: ReadonlySet<string>, word: string): number | undefined {
  if (names.has(word)) return 0;
  const isSynonym = SYNONYMS.some((group) => group.has(word) && [...names].some((name) => group.has(name)));
  return isSynonym ? 1 : undefined;
}

/** Whether the type is a number. */
export function isNumber(type: Type): boolean {
  return type.kind === "int" || type.kind === "float";
}

/** A condition. */
export function truth(text: string, bits: number): Term {
  return { text, type: BOOL, bits };
}

/** The text as an operand: in parentheses unless it stands for itself. */
export function operand(text: string): string {
  return /^(?:[\w.`]+|"[^"]*"|[\w.`]+\([\w.`, "]*\))$/u.test(text) ? text : `(${text})`;
}

/** The opposite, by the opposite sign where there is one. */
export function negation({ text, type, bits }: Term): Term {
  const comparison = /^([\w.`()]+) (==|!=|<|<=|>|>=) ([\w.`"()-]+)$/u.exec(text);
  const sign = comparison === null ? undefined : OPPOSITE.get(comparison[2] ?? "");
  const negated =
    sign === undefined ? `not ${operand(text)}` : `${comparison?.[1] ?? ""} ${sign} ${comparison?.[3] ?? ""}`;
  return { text: negated, type, bits };
}

const OPPOSITE = new Map([
  ["==", "!="],
  ["!=", "=="],
  ["<", ">="],
  [">=", "<"],
  [">", "<="],
  ["<=", ">"],
]);

/** A number as a literal of a type: `2.0` where a float is asked for. */
export function numberText(value: number, type: Type): string {
  return type.kind === "float" && Number.isInteger(value) ? `${value}.0` : `${value}`;
}

/** A string literal. */
export function quoted(value: string): string {
  return JSON.stringify(value);
}

/** The cheapest terms, each text once. */
export function nearest<T extends Term>(terms: Iterable<T>, most: number): readonly T[] {
  const known = new Map<string, T>();
  for (const term of terms) {
    const other = known.get(term.text);
    if (other === undefined || other.bits > term.bits) known.set(term.text, term);
  }
  return [...known.values()].sort((a, b) => a.bits - b.bits).slice(0, most);
}
