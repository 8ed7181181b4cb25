import type { Condition } from "./conditions.ts";
import { nearest, type Term, truth, type View } from "./terms.ts";
import type { Token } from "./tokens.ts";

type Link = "and" | "or";

/** So many conditions are joined at most: each doubles the ways to read the links. */
const MOST_JOINED = 4;
/** Readings of each condition that take part where several are joined. */
const READINGS = 2;
/** Bits of a link that the words do not say. */
const OTHER_LINK = 0.7;

/** Conditions that follow each other, joined by what stands between them; other ways to join them cost bits. */
export function joined(
  conditions: readonly Condition[],
  words: readonly Token[],
  view: View,
): readonly Term[] {
  const telling = distinct(conditions, view);
  const parts = telling.map((one) => one.read(view).slice(0, READINGS));
  const [only] = parts;
  if (only === undefined || parts.length > MOST_JOINED) return [];
  if (parts.length === 1) return only;
  const spoken = telling.slice(1).map((one, at) => linkBetween(words, telling[at]?.last ?? 0, one.first));
  const ways: Term[] = [];
  for (const choice of choicesOf(parts)) {
    if (new Set(choice.map((term) => term.text)).size < choice.length) continue;
    for (let mask = 0; mask < 2 ** (parts.length - 1); mask++) {
      const links = choice.slice(1).map((_, at): Link => (((mask >> at) & 1) === 1 ? "or" : "and"));
      const strange = links.filter((link, at) => spoken[at] !== undefined && spoken[at] !== link).length;
      const useless = links.filter((link, at) => isUseless(choice[at], link, choice[at + 1])).length;
      const bits =
        choice.reduce((sum, term) => sum + term.bits, 0) +
        OTHER_LINK * strange +
        1.5 * useless +
        0.3 * (parts.length - 1);
      ways.push(truth(chained(choice, links, "or"), bits));
      // "a and (b or c)"
      if (new Set(links).size > 1) ways.push(truth(chained(choice, links, "and"), bits + OTHER_LINK));
    }
  }
  return nearest(ways, 24);
}

/** Those that say something in a view; of two that say the same, the first. */
function distinct(conditions: readonly Condition[], view: View): readonly Condition[] {
  const known = new Set<string>();
  return conditions.filter((one) => {
    const text = one.read(view)[0]?.text;
    return text !== undefined && !known.has(text) && known.add(text) !== undefined;
  });
}

/** "unless" and "but not" join like "or" and "and": the negation stands in the condition. */
function linkBetween(words: readonly Token[], from: number, to: number): Link | undefined {
  const between = words.slice(from, to).map((word) => word.lower);
  if (between.includes("or") || between.includes("unless") || between.includes("again")) return "or";
  return between.includes("and") || between.includes("but") ? "and" : undefined;
}

const COMPARISON = /^([^<>=]+) (<=?|>=?) (-?\d+(?:\.\d+)?)$/u;

/** Two bounds of one value where the link makes one of them say nothing: above 30 and from 100 on, from 1 on or up to 5. */
function isUseless(one: Term | undefined, link: Link, other: Term | undefined): boolean {
  const [a, b] = [COMPARISON.exec(one?.text ?? ""), COMPARISON.exec(other?.text ?? "")];
  if (a === null || b === null || a[1] !== b[1]) return false;
  const [isAbove, isOtherAbove] = [a[2]?.startsWith(">") === true, b[2]?.startsWith(">") === true];
  if (isAbove === isOtherAbove) return true;
  const [low, high] = isAbove ? [Number(a[3]), Number(b[3])] : [Number(b[3]), Number(a[3])];
  return low <= high ? link === "or" : link === "and";
}

/** Terms with links, where `outer` is the link that binds less. */
function chained(terms: readonly Term[], links: readonly Link[], outer: Link): string {
  const inner: Link = outer === "or" ? "and" : "or";
  const groups: string[][] = [[]];
  terms.forEach((term, at) => {
    if (at > 0 && links[at - 1] === outer) groups.push([]);
    groups.at(-1)?.push(isLoose(term.text) ? `(${term.text})` : term.text);
  });
  return groups
    .map((group) =>
      group.length === 1 || outer === "or" ? group.join(` ${inner} `) : `(${group.join(` ${inner} `)})`,
    )
    .join(` ${outer} `);
}

function isLoose(text: string): boolean {
  return / (?:and|or) /u.test(text) || text.startsWith("not ");
}

function* choicesOf(parts: readonly (readonly Term[])[]): Generator<readonly Term[]> {
  const [first, ...rest] = parts;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const term of first) for (const others of choicesOf(rest)) yield [term, ...others];
}
