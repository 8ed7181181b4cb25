import { INT, STRING, type Type } from "#anrf/program/type.ts";
import { stem } from "#platform/words/stem.ts";
import type { Condition } from "./conditions.ts";
import { numeralAt } from "./numerals.ts";
import { isNumber, numberText, operand, quoted, type Term } from "./terms.ts";
import type { Token } from "./tokens.ts";

/** A piece of the text that says what comes out: "80 cents", "half of the price", "'gold'", "nothing". */
export interface Outcome {
  /** Tokens, half-open. */
  readonly first: number;
  readonly last: number;
  /** What comes out where the unchanged result would be `base`. */
  readonly read: (base: Term | undefined) => Term | undefined;
  /** It is added to what comes out otherwise: "a bonus of 100". */
  readonly isAdded: boolean;
  /** Its own number, where it is one and no share. */
  readonly amount: number | undefined;
  /** A number of percent, and what is done with it. */
  readonly percent: { readonly value: number; readonly way: Way } | undefined;
}

/** A share itself, what a share off leaves, or the whole with a share on top. */
export type Way = "share" | "off" | "more";

/** So many percent of an amount in one of these ways, rounded down where it is a whole number. */
export function percentOf(base: Term, percent: string, way: Way): Term {
  const share =
    way === "share"
      ? percent
      : /^\d+$/u.test(percent)
        ? `${way === "off" ? 100 - Number(percent) : 100 + Number(percent)}`
        : `(100 ${way === "off" ? "-" : "+"} ${percent})`;
  const text =
    base.type.kind === "float"
      ? `${operand(base.text)} * ${share} / 100`
      : `${operand(base.text)} * ${share} // 100`;
  return {
    text: base.type.kind === "float" ? text.replace(/ \/ 100$/u, " / 100.0") : text,
    type: base.type,
    bits: base.bits + 0.5,
  };
}

/** The outcomes of a text, none of which overlap each other or a condition. */
export function outcomesOf(
  words: readonly Token[],
  conditions: readonly Condition[],
  result: Type,
): readonly Outcome[] {
  const found: Outcome[] = [];
  for (let at = 0; at < words.length; ) {
    const inside = conditions.find((one) => one.first <= at && at < one.last);
    if (inside !== undefined) {
      at = inside.last;
      continue;
    }
    const made = isNumber(result)
      ? numberAt(words, at, result)
      : result.kind === "string"
        ? textAt(words, at)
        : undefined;
    if (made === undefined || conditions.some((one) => one.first < made.last && made.first < one.last)) at++;
    else {
      found.push(made);
      at = Math.max(made.last, at + 1);
    }
  }
  return found;
}

function numberAt(words: readonly Token[], at: number, type: Type): Outcome | undefined {
  const word = words[at];
  const simple = (last: number, read: Outcome["read"], more: Partial<Outcome> = {}): Outcome => ({
    first: at,
    last,
    read,
    isAdded: false,
    amount: undefined,
    percent: undefined,
    ...more,
  });
  const literal = (value: number): Term => ({ text: numberText(value, type), type, bits: 0.2 });
  if (word?.kind === "word") {
    const isKept = word.lower === "nothing" && words[at + 1]?.stem === stem("changes");
    if (isKept || (word.stem === stem("changes") && words[at + 1]?.lower === "nothing"))
      return simple(at + 2, (base) => base);
    if (/^(?:free|nothing|none)$/u.test(word.lower)) return simple(at + 1, () => literal(0), { amount: 0 });
    if (/^(?:half)$/u.test(word.lower)) return simple(at + 1, (base) => base && divided(base, 2));
    if (/^(?:double|twice|doubled|doubles)$/u.test(word.lower))
      return simple(at + 1, (base) => base && { ...base, text: `2 * ${operand(base.text)}` });
    if (/^(?:full|fully|unchanged|same|itself|everything|unaltered|normal|regular|usual)$/u.test(word.lower))
      return simple(at + 1, (base) => base);
  }
  const numeral = numeralAt(words, at);
  if (numeral === undefined) return undefined;
  const { value, next } = numeral;
  if (/^(?:%|percent)$/u.test(words[next]?.lower ?? "")) {
    const way = wayOf(words, at, next + 1);
    return simple(next + 1, (base) => base && percentOf(base, `${value}`, way), { percent: { value, way } });
  }
  const before = words.slice(Math.max(0, at - 4), at).map((one) => one.lower);
  const isAdded =
    before.some((one) => /^(?:bonus|extra|additional|plus|surcharge|another|top)$/u.test(one)) ||
    /^(?:more|extra|additional)$/u.test(words[next]?.lower ?? "");
  return simple(next, () => literal(value), { amount: value, isAdded });
}

function divided(base: Term, by: number): Term {
  const text =
    base.type.kind === "float" ? `${operand(base.text)} / ${by}.0` : `${operand(base.text)} // ${by}`;
  return { text, type: base.type, bits: base.bits + 0.2 };
}

/** "10 % off", "a discount of 10 percent", "19 percent on top". */
function wayOf(words: readonly Token[], at: number, next: number): Way {
  const near = [...words.slice(Math.max(0, at - 5), at), ...words.slice(next, next + 4)];
  const says = (pattern: RegExp): boolean => near.some((word) => pattern.test(word.lower));
  if (says(/^(?:off|less|discounts?|reductions?|reduced|cheaper|deducted|subtracted|rebate|lower)$/u))
    return "off";
  return says(
    /^(?:raise|more|extra|surcharge|top|increase[sd]?|increased|added|add|adds|plus|higher|tax|vat|tip)$/u,
  )
    ? "more"
    : "share";
}

function textAt(words: readonly Token[], at: number): Outcome | undefined {
  const word = words[at];
  if (word === undefined) return undefined;
  const simple = (text: string | undefined): Outcome => ({
    first: at,
    last: at + 1,
    read: (base) => {
      if (text !== undefined) return { text, type: STRING, bits: 0 };
      if (base === undefined || base.type.kind === "string") return base;
      return base.type.text === INT.text
        ? { text: `${operand(base.text)}.to_string()`, type: STRING, bits: base.bits }
        : undefined;
    },
    isAdded: false,
    amount: undefined,
    percent: undefined,
  });
  if (word.kind === "string") return simple(quoted(word.text.slice(1, -1)));
  if (/^(?:itself|unchanged)$/u.test(word.lower)) return simple(undefined);
  const after = words[at + 1]?.lower ?? "";
  const before = words[at - 1]?.lower ?? "";
  const isCapital = /^\p{Lu}[\p{L}]*$/u.test(word.text) && word.kind === "word";
  const isNamed =
    /^(?:from|for|if|when|above|below|otherwise|until|at|on|up|under|over)$/u.test(after) &&
    (word.text.length === 1 || /^(?:,|and|or|;|is|return|say|give)$/u.test(before));
  return isCapital && isNamed ? simple(quoted(word.text)) : undefined;
}
