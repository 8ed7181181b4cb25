import { STRING, type Type } from "#anrf/program/type.ts";
import type { Condition } from "./conditions.ts";
import { joined } from "./logic.ts";
import { type Outcome, outcomesOf, percentOf } from "./outcomes.ts";
import { predicateAt } from "./predicates.ts";
import { isNumber, nearest, numberText, operand, quoted, type Term, type View } from "./terms.ts";
import { type Token, tokens } from "./tokens.ts";

/** Conditions side by side that lead to one outcome, or an outcome, or "otherwise", in the order of the text. */
type Event =
  | {
      readonly kind: "if";
      readonly conditions: readonly Condition[];
      readonly first: number;
      readonly last: number;
    }
  | { readonly kind: "out"; readonly outcome: Outcome; readonly first: number; readonly last: number }
  | { readonly kind: "else"; readonly first: number; readonly last: number };

/** Which outcome belongs to each condition, and what comes out beyond all of them. */
interface Plan {
  readonly branches: readonly { readonly conditions: readonly Condition[]; readonly outcome: Outcome }[];
  readonly otherwise: Outcome | undefined;
  readonly bits: number;
}

const MOST_BRANCHES = 6;
const MOST_PLANS = 12;
const MOST_DECISIONS = 40;
/** Bits of each branch. */
const BRANCH_BITS = 0.7;

/**
 * The decisions that a text says: "Up to 20 grams it is 80 cents, up to 50 grams 95 and above that 160." Conditions
 * take the outcome before or after them; examples choose between the ways to read it. Amounts that the text says
 * (`bases`) are what "half", "full" and "10 % off" speak of.
 */
export function decisionsOf(
  words: readonly Token[],
  conditions: readonly Condition[],
  view: View,
  result: Type,
  bases: readonly Term[],
): readonly Term[] {
  const outcomes = outcomesOf(words, conditions, result);
  const events = eventsOf(
    words,
    conditions.filter((one) => one.read(view).length > 0),
    outcomes,
  );
  const found: Term[] = [];
  for (const plan of plansOf(events, words)) {
    for (const decision of built(plan, words, view, result, bases)) found.push(decision);
  }
  return nearest(found, MOST_DECISIONS);
}

/** "400 a year, 200 more for drivers under 25 and 100 more for each accident": what is paid in any case, by condition and by rate, in one sum. */
export function sumsOf(
  words: readonly Token[],
  conditions: readonly Condition[],
  view: View,
  result: Type,
  rates: readonly Term[],
): readonly Term[] {
  const outcomes = outcomesOf(words, conditions, result);
  if (!outcomes.some(({ isAdded }) => isAdded) || outcomes.length > 5) return [];
  const parts: string[] = [];
  let bits = 1.5;
  for (const { amount, first, last, isAdded } of outcomes) {
    if (amount === undefined) return [];
    const rate = rates.find(({ text, bits }) => text.endsWith(` * ${amount}`) && bits < 1);
    const following = conditions.find((one) => one.first >= last && !endsBetween(words, last, one.first));
    const isNext =
      following !== undefined &&
      !outcomes.some((other) => other.first > first && other.first < following.first);
    const test = isAdded && isNext ? following.read(view)[0] : undefined;
    if (test !== undefined) parts.push(`(if ${test.text} { ${amount} } else { 0 })`);
    else parts.push(rate?.text ?? `${amount}`);
    bits += (test?.bits ?? rate?.bits ?? 0.3) + 0.3;
  }
  return parts.length < 2 ? [] : [{ text: parts.join(" + "), type: result, bits }];
}

function eventsOf(
  words: readonly Token[],
  conditions: readonly Condition[],
  outcomes: readonly Outcome[],
): readonly Event[] {
  const marks: Event[] = [
    ...conditions.map((one): Event => ({ kind: "if", conditions: [one], first: one.first, last: one.last })),
    ...outcomes.map((outcome): Event => ({ kind: "out", outcome, first: outcome.first, last: outcome.last })),
    ...elsesOf(words, conditions).map((first): Event => ({ kind: "else", first, last: first + 1 })),
  ].sort((a, b) => a.first - b.first);
  const events: Event[] = [];
  for (const mark of marks) {
    const before = events.at(-1);
    if (mark.kind !== "if" || before?.kind !== "if" || endsBetween(words, before.last, mark.first))
      events.push(mark);
    else
      events[events.length - 1] = {
        ...mark,
        conditions: [...before.conditions, ...mark.conditions],
        first: before.first,
      };
  }
  return events;
}

/** "otherwise", "else", "everybody else", "above that", "anything more", "later". */
function elsesOf(words: readonly Token[], conditions: readonly Condition[]): readonly number[] {
  const found: number[] = [];
  words.forEach(({ lower }, at) => {
    if (conditions.some((one) => one.first <= at && at < one.last)) return;
    const before = words[at - 1]?.lower ?? "";
    const after = words[at + 1]?.lower ?? "";
    const isRest = /^(?:otherwise|else|rest|remaining|later|afterwards|others?)$/u.test(lower);
    const isBeyond =
      /^(?:above|below|beyond|over|under|after)$/u.test(lower) && /^(?:that|this|it|those)$/u.test(after);
    const isAny =
      /^(?:anything|everything|anyone|everyone|everybody|any|all)$/u.test(before) &&
      /^(?:more|less|below|above|other|over|under|heavier|older|longer)$/u.test(lower);
    if (isRest || isBeyond || isAny) found.push(at);
  });
  return found.filter((at, index) => index === 0 || at - (found[index - 1] ?? 0) > 3);
}

function endsBetween(words: readonly Token[], from: number, to: number): boolean {
  return words.slice(from, to).some((word) => word.kind === "line" || /^[.;!?]$/u.test(word.text));
}

/** The ways to pair conditions with outcomes. */
function plansOf(events: readonly Event[], words: readonly Token[]): readonly Plan[] {
  const places = events.flatMap((event, at) => (event.kind === "if" ? [at] : []));
  if (places.length === 0 || places.length > MOST_BRANCHES) return [];
  const plans: Plan[] = [];
  const visit = (index: number, taken: ReadonlyMap<number, number>, bits: number): void => {
    const place = places[index];
    if (place === undefined) {
      for (const plan of completed(events, taken, bits)) plans.push(plan);
      return;
    }
    for (const step of [1, -1]) {
      let other = place + step;
      if (step === -1 && events[other]?.kind === "else") continue;
      // "above 100 there is, for members, 10 % off": what stands between belongs to the other side.
      if (step === 1 && events[other]?.kind === "else") continue;
      if (events[other]?.kind !== "out") other = -1;
      if (other < 0 || taken.has(other)) continue;
      const [left, right] = step === 1 ? [place, other] : [other, place];
      const gap = gapBits(words, events[left]?.last ?? 0, events[right]?.first ?? 0);
      visit(index + 1, new Map([...taken, [other, place]]), bits + gap + (step === -1 ? 0.2 : 0));
    }
  };
  visit(0, new Map(), 0);
  return plans.sort((a, b) => a.bits - b.bits).slice(0, MOST_PLANS);
}

/** What stands between a condition and its outcome: the end of a sentence parts them. */
function gapBits(words: readonly Token[], from: number, to: number): number {
  const between = words.slice(from, to);
  if (endsBetween(words, from, to)) return 2.5;
  const commas = between.filter((word) => word.text === ",").length;
  const ands = between.filter((word) => /^(?:and|but)$/u.test(word.lower)).length;
  return 0.3 * commas + 0.6 * ands + 0.02 * between.length;
}

function completed(
  events: readonly Event[],
  taken: ReadonlyMap<number, number>,
  bits: number,
): readonly Plan[] {
  const branches = [...taken]
    .sort((a, b) => a[1] - b[1])
    .flatMap(([out, place]) => {
      const [outcome, condition] = [events[out], events[place]];
      return outcome?.kind === "out" && condition?.kind === "if"
        ? [{ conditions: condition.conditions, outcome: outcome.outcome }]
        : [];
    });
  const free = events.flatMap((event, at) =>
    event.kind === "out" && !taken.has(at) ? [{ at, outcome: event.outcome }] : [],
  );
  const afterElse = free.find(({ at }) => events[at - 1]?.kind === "else" || events[at + 1]?.kind === "else");
  const chosen = afterElse === undefined ? free : [afterElse];
  const spare = Math.max(0, free.length - 1) * 1.2;
  if (chosen.length === 0) return [{ branches, otherwise: undefined, bits: bits + 0.5 }];
  return [
    ...chosen.map(({ outcome }) => ({ branches, otherwise: outcome, bits: bits + spare })),
    { branches, otherwise: undefined, bits: bits + 1.5 + spare },
  ];
}

/** A plan with its pieces read: every amount that the unchanged result may be, the branches in two orders. */
function* built(
  { branches, otherwise, bits }: Plan,
  words: readonly Token[],
  view: View,
  result: Type,
  bases: readonly Term[],
): Generator<Term> {
  const conditions = branches.map(({ conditions }) => joined(conditions, words, view));
  if (conditions.some((terms) => terms.length === 0)) return;
  const outs = branches.map(({ outcome }) => outcome);
  for (const base of [undefined, ...bases]) {
    const values = outs.map((outcome) => outcome.read(base));
    const rests = restsOf(otherwise, base, result).filter(({ type }) => type.text === result.text);
    if (values.some((value) => value === undefined)) continue;
    for (const rest of rests) {
      for (const chain of chains(conditions, values as readonly Term[], rest)) {
        const cost = chain.bits + bits + BRANCH_BITS * branches.length + (base?.bits ?? 0);
        yield { text: chain.text, type: result, bits: cost };
      }
    }
    if (base !== undefined && isNumber(result))
      yield* rates({ branches, otherwise, bits }, conditions, base, result);
  }
}

function restsOf(otherwise: Outcome | undefined, base: Term | undefined, result: Type): readonly Term[] {
  if (otherwise !== undefined) {
    const rest = otherwise.read(base);
    return rest === undefined ? [] : [rest];
  }
  if (base !== undefined) return [base];
  return isNumber(result) ? [{ text: numberText(0, result), type: result, bits: 1 }] : [];
}

/** `if … { } else if … { } else { }`, in the order of the text, and from its end. */
function* chains(
  conditions: readonly (readonly Term[])[],
  values: readonly Term[],
  rest: Term,
): Generator<Term> {
  // Readings of one rank are taken together: a text that means the age once means it again.
  const ranks = Math.min(3, Math.max(...conditions.map((terms) => terms.length)));
  const variants = conditions.length === 1 ? Math.min(12, conditions[0]?.length ?? 0) : ranks;
  for (let rank = 0; rank < variants; rank++) {
    const steps = conditions.map((terms, at) => ({
      condition: terms[Math.min(rank, terms.length - 1)] as Term,
      value: values[at] as Term,
    }));
    if (steps.every(({ value }) => value.text === rest.text)) continue;
    if (!isDead(steps)) yield chain(steps, rest, 0);
    if (steps.length > 1) yield chain(steps.toReversed(), rest, 1);
    // "if both" comes last in words and first in a program.
    if (steps.length > 2) yield chain([...steps.slice(-1), ...steps.slice(0, -1)], rest, 1);
  }
}

/** A later condition that holds only where an earlier one does is never asked. */
function isDead(steps: readonly { readonly condition: Term }[]): boolean {
  return steps.some(({ condition }, at) =>
    steps.slice(0, at).some((earlier) => condition.text.startsWith(`${earlier.condition.text} and `)),
  );
}

function chain(
  steps: readonly { readonly condition: Term; readonly value: Term }[],
  rest: Term,
  bits: number,
): Term {
  let text = rest.text;
  let cost = rest.bits + bits;
  for (const { condition, value } of steps.toReversed()) {
    text = `if ${condition.text} { ${value.text} } else { ${text} }`;
    cost += condition.bits + value.bits;
  }
  return { text, type: rest.type, bits: cost };
}

/** Numbers of a decision as rates: so much for each, so many percent of an amount. */
function* rates(
  { branches, otherwise, bits }: Plan,
  conditions: readonly (readonly Term[])[],
  base: Term,
  result: Type,
): Generator<Term> {
  const outs = [...branches.map(({ outcome }) => outcome), ...(otherwise === undefined ? [] : [otherwise])];
  const values = outs.map((outcome) => outcome.amount);
  if (values.every((value) => value !== undefined)) {
    const terms = values.map(
      (value): Term => ({ text: numberText(value ?? 0, result), type: result, bits: 0 }),
    );
    const rest =
      otherwise === undefined ? { text: numberText(0, result), type: result, bits: 1 } : terms.at(-1);
    if (rest === undefined) return;
    for (const rate of chains(conditions, terms, rest)) {
      const cost = rate.bits + bits + base.bits + BRANCH_BITS * branches.length + 1;
      yield { text: `${operand(base.text)} * (${rate.text})`, type: result, bits: cost };
    }
  }
  const zeros = outs.map((outcome) => outcome.percent?.value ?? (outcome.amount === 0 ? 0 : undefined));
  const way = outs.find((outcome) => outcome.percent !== undefined)?.percent?.way;
  if (way === undefined || zeros.some((value) => value === undefined)) return;
  const terms = zeros.map((value): Term => ({ text: numberText(value ?? 0, result), type: result, bits: 0 }));
  const rest =
    otherwise === undefined ? { text: numberText(0, result), type: result, bits: 0.5 } : terms.at(-1);
  if (rest === undefined) return;
  for (const rate of chains(conditions, terms, rest)) {
    const whole = percentOf(base, `(${rate.text})`, way);
    yield { ...whole, bits: rate.bits + bits + whole.bits + BRANCH_BITS * branches.length + 0.5 };
  }
}

/** "Return 'positive', 'negative' or 'zero'": labels that say themselves when they are meant. */
export function labelled(words: readonly Token[], view: View): readonly Term[] {
  const labels = words.filter((word) => word.kind === "string").map((word) => word.text.slice(1, -1));
  const readings = labels.map((label) => ({
    label,
    term: predicateAt(tokens(label), 0, view)?.read(view)[0],
  }));
  const last = readings.at(-1);
  if (last === undefined || labels.length < 2 || labels.length > 4) return [];
  if (readings.slice(0, -1).some(({ term }) => term === undefined)) return [];
  let text = quoted(last.label);
  let bits = 1;
  for (const { label, term } of readings.slice(0, -1).toReversed()) {
    text = `if ${term?.text ?? ""} { ${quoted(label)} } else { ${text} }`;
    bits += 1;
  }
  return [{ text, type: STRING, bits }];
}
