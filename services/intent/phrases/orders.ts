import { listOf, optionOf } from "#anrf/program/type.ts";
import { stem } from "#platform/words/stem.ts";
import { numeralAt } from "./numerals.ts";
import { isNumber, nearest, nearness, type Term, type Variable } from "./terms.ts";
import type { Token } from "./tokens.ts";
import type { Row } from "./views.ts";

/** One part of a sort key. */
interface Key {
  readonly text: string;
  /** What it orders by, whichever way. */
  readonly part: string;
  /** Where the words speak of it. */
  readonly place: number;
  readonly isDescending: boolean;
  readonly bits: number;
}

const ASKS = /^(?:sort|order|arrang|rank|first|alphabet|alphabetical|alphabetically|ascend|descend|top)/u;
/** Adjectives that say which way a part is ordered: the second ones come last. */
const DOWN =
  /^(?:largest|highest|biggest|longest|oldest|most|best|latest|newest|descending|decreasing|heaviest|tallest|richest|greatest|fastest|expensive|dearest)$/u;
const UP =
  /^(?:smallest|lowest|shortest|youngest|least|worst|earliest|ascending|increasing|cheapest|lightest|alphabetical|alphabetically|poorest|slowest|fewest)$/u;

/** Sorted forms of a list whose items are those of a row, where the words ask for an order at all. */
export function ordersOf(words: readonly Token[], row: Row, lists: readonly Term[]): readonly Term[] {
  const ways = new Set(words.flatMap((word) => superlativeOf(word.lower)?.isDown ?? []));
  // "from the highest to the lowest" asks without a verb.
  if (ways.size < 2 && !words.some((word) => ASKS.test(word.lower))) return [];
  const keys = keysOf(words, row);
  const found: Term[] = [];
  for (const list of lists.slice(0, 3)) {
    for (const first of keys) {
      found.push(sorted(list, row.binder, [first], keys));
      for (const second of keys) {
        if (second.part !== first.part) found.push(sorted(list, row.binder, [first, second], keys));
      }
    }
  }
  return nearest(found, 16);
}

/** "the three highest scores", "the n names with the highest scores": so many from the front of a list in order. */
export function frontsOf(words: readonly Token[], row: Row, ordered: readonly Term[]): readonly Term[] {
  const counts = words.flatMap((_, at): string[] => {
    const near = words.slice(at + 1, at + 6).some((word) => superlativeOf(word.lower) !== undefined);
    if (!near) return [];
    const numeral = numeralAt(words, at);
    if (numeral !== undefined && numeral.value > 1) return [`${numeral.value}`];
    const named = row.view.given.find(({ type, text }) => type.kind === "int" && text === words[at]?.text);
    return named === undefined ? [] : [named.text];
  });
  const isUp = words.some((word) => superlativeOf(word.lower)?.isDown === false);
  const plain: Term = {
    text: `${row.list}.${isUp ? "sort" : "sort_desc"}()`,
    type: listOf(row.item),
    bits: 0.5,
  };
  const lists = isNumber(row.item) ? [plain, ...ordered] : ordered;
  return [...new Set(counts)].slice(0, 2).flatMap((count) =>
    lists.slice(0, 6).flatMap((list): Term[] => {
      const front = { text: `${list.text}.take(${count})`, type: list.type, bits: list.bits + 0.5 };
      const isNumbers = list.type.kind === "list" && isNumber(list.type.item);
      const item = list.type.kind === "list" ? list.type.item : list.type;
      return isNumbers
        ? [front, { text: `${front.text}.sum()`, type: item, bits: front.bits + 0.7 }]
        : [front];
    }),
  );
}

function sorted(list: Term, binder: string, keys: readonly Key[], all: readonly Key[]): Term {
  const parts = keys.map(({ text, isDescending }) => (isDescending ? `-${text}` : text));
  const key = parts.length === 1 ? parts[0] : `(${parts.join(", ")})`;
  const [first, second] = keys;
  // Parts said later in the words come later in the key; a part that is said and not used is missed.
  const isTurned = first !== undefined && second !== undefined && second.place < first.place;
  const said = new Set(all.filter((one) => one.place < UNSAID).map((one) => one.part));
  for (const one of keys) said.delete(one.part);
  const bits = keys.reduce((sum, one) => sum + one.bits, 0) + (isTurned ? 1.2 : 0) + 0.8 * said.size;
  return { text: `${list.text}.sort_by((${binder}) => ${key})`, type: list.type, bits: list.bits + 1 + bits };
}

const UNSAID = 1_000_000;

function keysOf(words: readonly Token[], { view }: Row): readonly Key[] {
  const keys: Key[] = [];
  for (const { text, type, names } of view.variables) {
    if (type.kind === "int" || type.kind === "float") {
      const { way, place } = evidenceOf(words, names);
      const bits = place < UNSAID ? 0 : 1;
      const key = { text, part: text, place };
      keys.push({ ...key, isDescending: false, bits: bits + (way === "down" ? 1 : 0) });
      keys.push({ ...key, isDescending: true, bits: bits + (way === "down" ? 0 : 1) });
    }
    if (type.kind !== "string") continue;
    const own = placeOf(
      words,
      (word) => names.has(word.stem) || /^(?:alphabet|alphabetical|alphabetically)$/u.test(word.lower),
    );
    const key = { part: text, place: own, isDescending: false, bits: own < UNSAID ? 0 : 0.8 };
    keys.push({ ...key, text });
    if (view.isCaseless) keys.push({ ...key, text: `${text}.to_lower()` });
    const long = placeOf(words, (word) =>
      /^(?:length|long|longest|shortest|letters|characters)$/u.test(word.lower),
    );
    if (long === UNSAID) continue;
    const way = wayAt(words, long);
    const length = { text: `${text}.length()`, part: `${text}.length()`, place: long };
    keys.push({ ...length, isDescending: false, bits: way === "down" ? 1 : 0 });
    keys.push({ ...length, isDescending: true, bits: way === "down" ? 0 : 1 });
  }
  return keys;
}

/** Where the words order by a number, and which way: "oldest first" of an age, "by score, highest first". */
function evidenceOf(
  words: readonly Token[],
  names: Variable["names"],
): { readonly way: "up" | "down" | undefined; readonly place: number } {
  const meant = placeOf(words, (word) =>
    (superlativeOf(word.lower)?.stems ?? []).some((one) => nearness(names, one) !== undefined),
  );
  const named = placeOf(words, (word) => names.has(word.stem));
  const place = Math.min(meant, named);
  return { place, way: wayAt(words, place) };
}

/** The first place of such a word outside a list of field names. */
function placeOf(words: readonly Token[], isIt: (word: Token) => boolean): number {
  let depth = 0;
  for (const [at, word] of words.entries()) {
    if (word.text === "(") depth++;
    else if (word.text === ")") depth--;
    else if (depth === 0 && isIt(word)) return at;
  }
  return UNSAID;
}

/** Which way the words order near a place: by the adjective nearest to it. */
function wayAt(words: readonly Token[], place: number): "up" | "down" | undefined {
  let best: { readonly way: "up" | "down"; readonly distance: number } | undefined;
  words.forEach(({ lower }, at) => {
    const found = superlativeOf(lower);
    const way = found?.isDown ?? (DOWN.test(lower) ? true : UP.test(lower) ? false : undefined);
    const distance = place >= UNSAID ? at : Math.abs(at - place);
    if (way !== undefined && (best === undefined || distance < best.distance))
      best = { way: way ? "down" : "up", distance };
  });
  return best?.way;
}

/** Superlatives: whether they ask for the largest, and what they measure. */
const SUPERLATIVES: readonly (readonly [RegExp, boolean, string])[] = [
  [/^(?:highest|largest|biggest|greatest|most|maximum|max|best|top)$/u, true, ""],
  [/^(?:lowest|smallest|least|fewest|minimum|min|worst)$/u, false, ""],
  [/^(?:oldest|eldest)$/u, true, "age"],
  [/^youngest$/u, false, "age"],
  [/^(?:dearest|priciest|costliest)$/u, true, "price"],
  [/^cheapest$/u, false, "price"],
  [/^(?:heaviest)$/u, true, "weight"],
  [/^(?:lightest)$/u, false, "weight"],
  [/^(?:tallest)$/u, true, "height"],
  [/^(?:longest)$/u, true, "length"],
  [/^(?:shortest)$/u, false, "length"],
  [/^(?:farthest|furthest)$/u, true, "distance"],
  [/^(?:nearest|closest)$/u, false, "distance"],
  [/^(?:fastest)$/u, true, "speed"],
  [/^(?:slowest)$/u, false, "speed"],
  [/^(?:warmest|hottest)$/u, true, "temperature"],
  [/^(?:coldest)$/u, false, "temperature"],
  [/^(?:latest|newest)$/u, true, "year"],
  [/^(?:earliest)$/u, false, "year"],
];

/** What a superlative says; undefined where the word is none. */
export function superlativeOf(
  word: string,
): { readonly isDown: boolean; readonly stems: readonly string[] } | undefined {
  const found = SUPERLATIVES.find(([pattern]) => pattern.test(word));
  if (found === undefined) return undefined;
  return { isDown: found[1], stems: found[2] === "" ? [] : [stem(found[2])] };
}

/** "Who has the highest score?": the item of a list with the largest or smallest part, and each of its parts. */
export function extremesOf(words: readonly Token[], row: Row, lists: readonly Term[]): readonly Term[] {
  const { binder, item, view } = row;
  const found: Term[] = [];
  const isGuarded = words.some((word) => /^(?:empty|none|nothing|nobody|no)$/u.test(word.lower));
  for (const word of words) {
    if (item.kind === "tuple" && superlativeOf(word.lower) !== undefined) {
      // Tuples are in order by their first parts, then by the next: versions, dates.
      const method = superlativeOf(word.lower)?.isDown === true ? "max" : "min";
      for (const list of lists.slice(0, 2)) {
        found.push({ text: `${list.text}.${method}()`, type: optionOf(item), bits: list.bits + 1.5 });
        found.push({ text: `${list.text}.${method}().unwrap()`, type: item, bits: list.bits + 1.5 });
      }
    }
    const superlative = superlativeOf(word.lower);
    if (superlative === undefined) continue;
    const method = superlative.isDown ? "max_by" : "min_by";
    for (const { text, bits } of measuresOf(words, row, superlative.stems)) {
      for (const list of lists) {
        const best = `${list.text}.${method}((${binder}) => ${text})`;
        const cost = list.bits + bits + 1;
        found.push({ text: best, type: optionOf(item), bits: cost });
        if (item.kind !== "tuple") {
          if (item.kind === "string") found.push({ text: `${best} ?? ""`, type: item, bits: cost + 0.5 });
          continue;
        }
        for (const one of view.variables) {
          if (one.text === text) continue;
          // Who has the highest score is asked more often than the score of the highest bid.
          const crossing = isNumber(one.type) ? 1.5 : 0;
          const part = `${best}.map((${binder}) => ${one.text})`;
          found.push({ text: part, type: optionOf(one.type), bits: cost + crossing + 0.3 });
          const none = one.type.kind === "string" ? '""' : one.type.kind === "int" ? "0" : undefined;
          if (none !== undefined)
            found.push({
              text: `${part} ?? ${none}`,
              type: one.type,
              bits: cost + crossing + (isGuarded ? 0.4 : 1.2),
            });
        }
      }
    }
  }
  return found;
}

/** Numbers of an item that a superlative may measure: the part that the words name, else any; of a text its length. */
function measuresOf(words: readonly Token[], { view }: Row, stems: readonly string[]): readonly Term[] {
  return view.variables.flatMap(({ text, type, names }): Term[] => {
    if (type.kind === "string") {
      const isLength = stems.includes(stem("length"));
      return isLength ? [{ text: `${text}.length()`, type, bits: 0.2 }] : [];
    }
    if (!isNumber(type) || view.variables.length === 1) return [];
    const isMeant = stems.some((one) => nearness(names, one) !== undefined);
    const isSaid = words.some((word) => names.has(word.stem));
    // Among several numbers without a name none is meant more than another.
    const isLone = view.variables.filter((one) => isNumber(one.type)).length === 1;
    if (!isMeant && !isSaid && !isLone) return [];
    return [{ text, type, bits: isMeant ? 0 : isSaid ? 0.4 : 2 }];
  });
}
