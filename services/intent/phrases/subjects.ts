import { stem } from "#platform/words/stem.ts";
import { isNumber, nearness, operand, type Variable, type View } from "./terms.ts";

/** What a comparison may speak of. */
export interface Subject {
  readonly text: string;
  readonly bits: number;
}

/** Nouns that count the characters of a text, and the items of a list. */
const CHARACTERS = /^(?:char|letter|sign|symbol|long|length|digit)$/u;
const WORDS = /^word$/u;
const ITEMS =
  /^(?:item|element|entry|valu|thing|piec|number|row|lin|peopl|person|member|long|length|siz|product|article)$/u;

/** Comparatives, by what they measure; the second says that less is meant. */
const COMPARATIVES: readonly (readonly [RegExp, readonly string[], boolean])[] = [
  [/^(?:older|elder)$/u, ["age"], false],
  [/^younger$/u, ["age"], true],
  [/^heavier$/u, ["weight"], false],
  [/^lighter$/u, ["weight"], true],
  [/^(?:longer)$/u, ["length", "long", "duration"], false],
  [/^shorter$/u, ["length", "long", "duration"], true],
  [/^(?:taller|higher)$/u, ["height", "high"], false],
  [/^lower$/u, ["height", "high"], true],
  [/^(?:dearer|pricier)$/u, ["price"], false],
  [/^cheaper$/u, ["price"], true],
  [/^(?:faster|quicker)$/u, ["speed"], false],
  [/^slower$/u, ["speed"], true],
  [/^(?:warmer|hotter)$/u, ["temperature"], false],
  [/^(?:colder|cooler)$/u, ["temperature"], true],
  [/^(?:later|newer)$/u, ["date", "time", "year", "day"], false],
  [/^earlier$/u, ["date", "time", "year", "day"], true],
  [/^(?:smaller|less|fewer|worse)$/u, [], true],
  [/^(?:more|greater|larger|bigger|better|farther|further)$/u, [], false],
];

/** What a comparative measures, and whether it means less; undefined where the word is none. */
export function comparative(
  word: string,
): { readonly stems: readonly string[]; readonly isLess: boolean } | undefined {
  const found = COMPARATIVES.find(([pattern]) => pattern.test(word));
  return found === undefined ? undefined : { stems: found[1].map(stem), isLess: found[2] };
}

/** Words of an excess: "ten too fast" compares a difference. */
const EXCESS = /^(?:too|exces|overtim|lat|apart)$/u;
/** Bits where no word names what is compared. */
const UNNAMED = 1.6;

/** What numbers the nouns around a comparison may mean, nearest first. */
export function numbersOf(
  view: View,
  nouns: readonly string[],
  except: string | undefined,
): readonly Subject[] {
  const found: Subject[] = [];
  const add = (text: string, bits: number): void => {
    if (text !== except) found.push({ text, bits });
  };
  const numbers = view.variables.filter(({ type }) => isNumber(type));
  nouns.forEach((noun, distance) => {
    for (const { text, names } of numbers) {
      const near = nearness(names, noun);
      if (near !== undefined) add(text, near * 0.7 + Math.min(distance, 6) * 0.2);
    }
    for (const one of view.variables)
      for (const text of measuresOf(one, noun, view.list)) add(text, 0.2 + Math.min(distance, 6) * 0.2);
  });
  if (nouns.some((noun) => EXCESS.test(noun))) {
    for (const one of numbers)
      for (const other of numbers) if (one !== other) add(`${one.text} - ${other.text}`, 0.5);
  }
  const lone = numbers.length === 1 ? UNNAMED : UNNAMED + 1;
  for (const { text } of numbers) add(text, lone);
  if (numbers.length === 0 && view.list?.endsWith(".chars()") !== true)
    for (const { text, type } of view.variables) {
      if (type.kind === "string" || type.kind === "list") add(`${operand(text)}.length()`, 2);
    }
  const known = new Set<string>();
  return found
    .sort((a, b) => a.bits - b.bits)
    .filter(({ text }) => !known.has(text) && known.add(text) !== undefined)
    .slice(0, 3);
}

/** The size of a text or a collection, where the noun counts what it holds. */
function measuresOf(
  { text, type, names }: Variable,
  noun: string,
  list: string | undefined,
): readonly string[] {
  // A character has no length worth asking for.
  if (list?.endsWith(".chars()") === true) return [];
  if (type.kind === "string") {
    if (CHARACTERS.test(noun)) return [`${operand(text)}.length()`];
    return WORDS.test(noun) && !names.has(noun) ? [`${operand(text)}.split_whitespace().length()`] : [];
  }
  if (type.kind === "list") return ITEMS.test(noun) || names.has(noun) ? [`${operand(text)}.length()`] : [];
  if (type.kind === "map") return ITEMS.test(noun) || names.has(noun) ? [`${operand(text)}.size()`] : [];
  return [];
}

/** The texts that nouns may mean, nearest first. */
export function textsOf(view: View, nouns: readonly string[]): readonly Subject[] {
  const texts = view.variables.filter(({ type }) => type.kind === "string");
  return texts
    .map(({ text, names }, at) => {
      const distance = nouns.findIndex((noun) => nearness(names, noun) !== undefined);
      return {
        text,
        bits: distance >= 0 ? Math.min(distance, 5) * 0.2 : texts.length === 1 ? 0.5 : 1.5 + 0.3 * at,
      };
    })
    .sort((a, b) => a.bits - b.bits)
    .slice(0, 2);
}
