import { INT } from "#anrf/program/type.ts";
import { amountsOf, ratesOf } from "./amounts.ts";
import { type Condition, conditionsOf } from "./conditions.ts";
import { decisionsOf, labelled, sumsOf } from "./decisions.ts";
import { joined } from "./logic.ts";
import { patternsOf } from "./patterns.ts";
import { selectionsOf } from "./selections.ts";
import { formatsOf, formedRows, partsOf } from "./templates.ts";
import { isNumber, nearest, type Term, truth, type View } from "./terms.ts";
import type { Token } from "./tokens.ts";
import { outerView, rowsOf, type Shown, type Target } from "./views.ts";

/** The most fragments of one text: whole programs first, then parts. */
const MOST_WHOLE = 90;
const MOST_PARTS = 60;
/** Longer texts are read so far: what asks for one function rarely takes a page. */
const MOST_WORDS = 600;

/** Characters of an expression: a longer one explains nothing. */
const LONGEST = 1000;
/** Bits of a condition that an answer leaves out. */
const OMITTED = 1.5;
/** Amounts that a decision may change. */
const MOST_BASES = 12;
/** Decisions between bounds. */
const MOST_BOUNDS = 6;

const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * What pieces of the text say as typed expressions over the parameters: conditions, decisions with their outcomes,
 * amounts, selections from collections, orders, forms of texts. A reading is a guess with its distance from the words;
 * examples choose. Words that say nothing of the parameters give none.
 */
export function fragmentsOf(all: readonly Token[], target: Target, shown: Shown): readonly Term[] {
  const words = all.slice(0, MOST_WORDS);
  const { params, returns } = target;
  const { isCaseless } = outerView(target, words);
  const rows = [...rowsOf(target, words), ...formedRows(words, target, shown, isCaseless)];
  const found = [
    ...outerReadings(words, target, shown),
    ...rows.flatMap((row) => selectionsOf(words, row, target)),
  ];
  const isParameter = new Set(params.map((param) => param.name));
  const telling = found.filter(({ text }) => !isParameter.has(text) && text.length <= LONGEST);
  const whole = telling.filter(({ type }) => type.text === returns.text);
  const parts = telling.filter(({ type }) => type.text !== returns.text);
  return [...nearest(whole, MOST_WHOLE), ...nearest(parts, MOST_PARTS)];
}

/** What the words say of the parameters themselves. */
function outerReadings(words: readonly Token[], target: Target, shown: Shown): readonly Term[] {
  const { returns } = target;
  const plain = outerView(target, words);
  const pieces = partsOf(words, plain, shown.inputs);
  const numbers = pieces.filter(({ type }) => type.kind === "int");
  const named = numbers.map(({ text, type }) => ({ text, type, names: NO_NAMES }));
  const view = { ...plain, variables: [...plain.variables, ...named] };
  const conditions = conditionsOf(words, view);
  const found = [...pieces, ...truthsOf(conditions, words, view, returns.kind === "bool")];
  if (returns.kind === "bool") {
    // "In town 50 is allowed, outside 100": what is compared may be a decision itself.
    const bounds = decisionsOf(words, conditions, view, INT, []).slice(0, MOST_BOUNDS);
    return [...found, ...patternsOf(words, view), ...fittings(view), ...bounds];
  }
  if (returns.kind === "string") {
    const samples = words.flatMap((word) => (word.kind === "string" ? [word.text.slice(1, -1)] : []));
    const bases = view.variables
      .filter(({ type }) => type.kind === "int" || type.kind === "string")
      .map(({ text, type }): Term => ({ text, type, bits: 0.5 }));
    return [
      ...found,
      ...formatsOf(words, view, [...samples, ...shown.outputs]),
      ...labelled(words, view),
      ...decisionsOf(words, conditions, view, returns, bases),
    ];
  }
  const amounts =
    returns.kind === "int" || returns.kind === "float" ? amountsOf(words, view, returns.kind) : [];
  const numbersOnly = view.variables.filter(({ type }) => type.text === returns.text);
  return [
    ...found,
    ...amounts,
    ...decisionsOf(words, conditions, view, returns, amounts.slice(0, MOST_BASES)),
    ...sumsOf(words, conditions, view, returns, ratesOf(words, view, numbersOnly)),
  ];
}

/** Parameters that others bound by their names: a width and a `max_width`; all of them have to fit. */
function fittings({ variables }: View): readonly Term[] {
  const tests = variables.flatMap((one) =>
    variables.flatMap((other) => {
      const rest = [...other.names].filter((name) => !one.names.has(name));
      const isBound =
        isNumber(one.type) &&
        one.type.text === other.type.text &&
        rest.length === other.names.size - one.names.size;
      const [bound = ""] = rest.length === 1 ? rest : [];
      if (!isBound || !/^(?:max|maximum|limit|most|allow|min|minimum|least)/u.test(bound)) return [];
      return [`${one.text} ${/^(?:min|least)/u.test(bound) ? ">=" : "<="} ${other.text}`];
    }),
  );
  return tests.length === 0 ? [] : [truth(tests.join(" and "), 0.5)];
}

/**
 * Each condition, all of them together, and neighbours where there are more than two. Where they are the whole answer,
 * a reading that leaves some out is further from the words.
 */
function truthsOf(
  conditions: readonly Condition[],
  words: readonly Token[],
  view: View,
  isAnswer: boolean,
): readonly Term[] {
  const telling = conditions.filter((one) => one.read(view).length > 0);
  const without = (terms: readonly Term[], used: number): readonly Term[] =>
    terms.map((term) => ({ ...term, bits: term.bits + (isAnswer ? OMITTED * (telling.length - used) : 0) }));
  const neighbours = telling.length < 3 ? [] : telling.slice(1).map((_, at) => telling.slice(at, at + 2));
  return [
    ...telling.flatMap((one) => without(one.read(view), 1)),
    ...joined(telling, words, view),
    ...neighbours.flatMap((pair) => without(joined(pair, words, view).slice(0, 2), 2)),
  ];
}
