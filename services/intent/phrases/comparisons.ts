import type { Condition, ConditionRule } from "./conditions.ts";
import { numeralAt } from "./numerals.ts";
import { comparative, numbersOf } from "./subjects.ts";
import { isNumber, nearness, type Term, truth, type View } from "./terms.ts";
import type { Token } from "./tokens.ts";

type Sign = "<" | "<=" | ">" | ">=" | "==";

/** Words before a bound, longest first. */
const LEADS: readonly (readonly [RegExp, Sign])[] = [
  [/^(?:no|not) (?:less|fewer|lower|younger|smaller|shorter) than /u, ">="],
  [/^(?:no|not|never) (?:more|greater|higher|larger|older|longer|bigger) than /u, "<="],
  [/^(?:no|not|never) (?:above|over|beyond) /u, "<="],
  [/^(?:no|not|never) (?:below|under) /u, ">="],
  [/^(?:at least|a minimum of|minimum|starting (?:at|from|with)|from|>=|≥) /u, ">="],
  [/^(?:at most|up to(?: and including)?|a maximum of|maximum|within|until|<=|≤) /u, "<="],
  [/^(?:over|above|beyond|exceed|exceeds|exceeding|past|after|>) /u, ">"],
  [/^(?:under|below|before|<) /u, "<"],
  [/^(?:exactly|equal to|equals|precisely|==) /u, "=="],
];
/** Weaker: any number may follow these. */
const WEAK_LEAD = /^(?:is|are|at|of|has|have|costs?) $/u;

/** "at least 18", "fewer than limit pieces", "10 or more people", "between 0 and 100", "6 or 7". */
export const comparisonAt: ConditionRule = (words, at, view) =>
  rangeAt(words, at, view) ?? ledAt(words, at, view) ?? trailedAt(words, at) ?? choiceAt(words, at);

interface Bound {
  readonly text: string;
  /** The parameter that bounds, not itself to be compared. */
  readonly variable: string | undefined;
  readonly next: number;
}

function ledAt(words: readonly Token[], at: number, view: View): Condition | undefined {
  const ahead = textFrom(words, at, 4);
  for (const [pattern, sign] of LEADS) {
    const match = pattern.exec(ahead);
    if (match !== null) return compared(words, at, at + match[0].trim().split(" ").length, sign, view, []);
  }
  const lead = comparative(words[at]?.lower ?? "");
  if (lead !== undefined && words[at + 1]?.lower === "than")
    return compared(words, at, at + 2, lead.isLess ? "<" : ">", view, lead.stems);
  return undefined;
}

function compared(
  words: readonly Token[],
  first: number,
  from: number,
  sign: Sign,
  view: View,
  stems: readonly string[],
): Condition | undefined {
  const bound = boundAt(words, from, view);
  if (bound === undefined) return undefined;
  const half = trailing(words, bound.next);
  const nouns = [...stems, ...nounsAround(words, first, bound.next)];
  const meant = half === undefined ? sign : half.sign;
  const isCount =
    /^(?:is|are|were|was)$/u.test(words[first - 1]?.lower ?? "") && words[first - 2]?.lower === "there";
  return {
    first,
    last: half?.next ?? bound.next,
    bound: { sign: meant, text: bound.text },
    read: (seen) => (isCount ? counted(seen, bound, meant) : readings(seen, nouns, bound, meant)),
  };
}

/** "there are fewer than three": of a collection as a whole, not of what it holds. */
function counted(view: View, bound: Bound, sign: Sign): readonly Term[] {
  if (view.list !== undefined) return [];
  return view.variables.flatMap(({ text, type }) =>
    type.kind === "list" ? [truth(`${text}.length() ${sign} ${bound.text}`, 1)] : [],
  );
}

function readings(view: View, nouns: readonly string[], bound: Bound, sign: Sign): readonly Term[] {
  // "more than half of them" counts: what it counts, another condition says.
  if (bound.text === "half") return [];
  if (bound.text === "mean") return againstMean(view, sign);
  return numbersOf(view, nouns, bound.variable).map((subject) =>
    truth(`${subject.text} ${sign} ${bound.text}`, subject.bits),
  );
}

/** "above the average": of all items, without rounding. */
function againstMean({ variables, list }: View, sign: Sign): readonly Term[] {
  const [one] = variables;
  if (list === undefined || one === undefined || variables.length > 1) return [];
  if (one.type.kind === "int") return [truth(`${one.text} * ${list}.length() ${sign} ${list}.sum()`, 0.3)];
  return one.type.kind === "float"
    ? [truth(`${one.text} ${sign} ${list}.sum() / ${list}.length().to_float()`, 0.3)]
    : [];
}

/** A number, or a parameter that holds one: "the limit", "n". */
function boundAt(words: readonly Token[], from: number, view: View): Bound | undefined {
  let at = from;
  if (words[at]?.lower === "half") return { text: "half", variable: undefined, next: at + 1 };
  const isMean = /^(?:average|mean)$/u.test(words[words[at]?.lower === "the" ? at + 1 : at]?.lower ?? "");
  if (isMean)
    return { text: "mean", variable: undefined, next: words[at]?.lower === "the" ? at + 2 : at + 1 };
  while (/^(?:the|a|an|given|of|its|our|my|their|first|some)$/u.test(words[at]?.lower ?? "") && at < from + 3)
    at++;
  const numeral = numeralAt(words, at);
  if (numeral !== undefined) return { text: `${numeral.value}`, variable: undefined, next: numeral.next };
  const word = words[at];
  if (word === undefined || (word.kind !== "word" && word.kind !== "code")) return undefined;
  const name = word.text.replaceAll("`", "");
  const known = [...view.given, ...view.variables].filter(({ type }) => isNumber(type));
  const same = known.find(({ text }) => text.replaceAll("`", "") === name);
  const near = same ?? known.find(({ names }) => nearness(names, word.stem) === 0);
  return near === undefined ? undefined : { text: near.text, variable: near.text, next: at + 1 };
}

/** "… or more", "… or younger", "… and up", with at most two nouns before it. */
function trailing(
  words: readonly Token[],
  from: number,
): { readonly sign: Sign; readonly next: number } | undefined {
  for (let at = from; at < from + 3; at++) {
    const word = words[at];
    if (word === undefined || (word.kind !== "word" && word.text !== "%")) return undefined;
    if (!/^(?:or|and)$/u.test(word.lower)) continue;
    const end = words[at + 1]?.lower ?? "";
    // "above 7 or more than 100": the next comparison begins there.
    if (/^(?:than|that|this)$/u.test(words[at + 2]?.lower ?? "")) return undefined;
    if (/^(?:more|above|over|up|upwards?|later|greater)$/u.test(end) || comparative(end)?.isLess === false)
      return { sign: ">=", next: at + 2 };
    if (/^(?:below|under|earlier|down)$/u.test(end) || comparative(end)?.isLess === true)
      return { sign: "<=", next: at + 2 };
    return undefined;
  }
  return undefined;
}

function trailedAt(words: readonly Token[], at: number): Condition | undefined {
  const numeral = numeralAt(words, at);
  const half = numeral === undefined ? undefined : trailing(words, numeral.next);
  if (numeral === undefined || half === undefined) return undefined;
  const bound = { text: `${numeral.value}`, variable: undefined, next: numeral.next };
  const nouns = nounsAround(words, at, half.next, words.slice(numeral.next, half.next));
  return { first: at, last: half.next, read: (view) => readings(view, nouns, bound, half.sign) };
}

/** "between 3 and 12", "from 13 to 19", "3 to 12 characters". */
function rangeAt(words: readonly Token[], at: number, view: View): Condition | undefined {
  const lead = words[at]?.lower ?? "";
  const isLed = lead === "between" || lead === "from";
  // Parameters bound only where a word says that a range begins.
  const edgeAt = (from: number): Bound | undefined =>
    isLed || numeralAt(words, from) !== undefined ? boundAt(words, from, view) : undefined;
  const low = edgeAt(isLed ? at + 1 : at);
  if (low === undefined) return undefined;
  const link = words[low.next];
  const isLinked =
    lead === "between" ? link?.lower === "and" : /^(?:to|through|-|–)$/u.test(link?.lower ?? "");
  const isOpen = words[low.next + 1]?.lower === "before";
  const high = isLinked ? edgeAt(low.next + (isOpen ? 2 : 1)) : undefined;
  if (high === undefined || high.text === low.text || Number(high.text) <= Number(low.text)) return undefined;
  const nouns = nounsAround(words, at, high.next);
  return {
    first: at,
    last: high.next,
    read: (seen) =>
      numbersOf(seen, nouns, low.variable)
        .filter(({ text }) => text !== high.variable)
        .map(({ text, bits }) =>
          truth(`${text} >= ${low.text} and ${text} ${isOpen ? "<" : "<="} ${high.text}`, bits),
        ),
  };
}

/** "is 6 or 7", "exactly one of 1, 2 or 3", "is 0": equal to a number. */
function choiceAt(words: readonly Token[], at: number): Condition | undefined {
  if (!WEAK_LEAD.test(`${words[at]?.lower ?? ""} `)) return undefined;
  const values: number[] = [];
  let next = at + 1;
  for (let numeral = numeralAt(words, next); numeral !== undefined; numeral = numeralAt(words, next)) {
    values.push(numeral.value);
    next = numeral.next;
    const link = words[next]?.lower ?? "";
    if (link !== "or" && link !== ",") break;
    const after = link === "," && words[next + 1]?.lower === "or" ? next + 2 : next + 1;
    if (numeralAt(words, after) === undefined) break;
    next = after;
  }
  const isSure = words[at]?.lower === "is" || words[at]?.lower === "are";
  if (values.length === 0 || (values.length === 1 && words[at]?.lower !== "at")) return undefined;
  const nouns = nounsAround(words, at, next);
  return {
    first: at,
    last: next,
    read: (view) =>
      numbersOf(view, nouns, undefined).map(({ text, bits }) =>
        truth(values.map((value) => `${text} == ${value}`).join(" or "), bits + (isSure ? 0 : 1)),
      ),
  };
}

/** The next words, each followed by a blank. */
function textFrom(words: readonly Token[], at: number, count: number): string {
  let text = "";
  for (const word of words.slice(at, at + count)) {
    if (word.kind === "line") break;
    text += `${word.lower} `;
  }
  return text;
}

const NO_NOUN =
  /^(?:the|a|an|of|in|on|for|and|or|to|is|are|was|it|its|with|who|that|which|has|have|be|as|at|by|than|more|less|all|any|each|every|if|when|this|from|were|only|they|those|we|you|one|people|there|then|must|get|not|no)$/u;

/** Stems of the nouns around a piece of the text, nearest first: those after it up to the next stop, then those before. */
export function nounsAround(
  words: readonly Token[],
  first: number,
  last: number,
  inside: readonly Token[] = [],
): readonly string[] {
  const nouns = inside.filter(isNoun).map((word) => word.stem);
  for (const word of words.slice(last, last + 3)) {
    if (word.kind !== "word" || /^(?:and|or|but)$/u.test(word.lower)) break;
    if (isNoun(word)) nouns.push(word.stem);
  }
  for (let at = first - 1; at >= Math.max(0, first - 8); at--) {
    const word = words[at];
    if (word === undefined || word.kind === "line" || /^[.;!?]$/u.test(word.text)) break;
    if (isNoun(word)) nouns.push(word.stem);
  }
  return nouns;
}

function isNoun(word: Token): boolean {
  return word.kind === "word" && !NO_NOUN.test(word.lower);
}
