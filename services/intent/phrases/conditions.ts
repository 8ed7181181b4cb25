import { comparisonAt } from "./comparisons.ts";
import { predicateAt } from "./predicates.ts";
import { negation, type Term, truth, type View } from "./terms.ts";
import type { Token } from "./tokens.ts";

/** A piece of the text that says a condition; what it means depends on where it is asked. */
export interface Condition {
  /** Tokens, half-open. */
  readonly first: number;
  readonly last: number;
  /** Where it compares: with what. */
  readonly bound?: { readonly sign: string; readonly text: string };
  /** Its readings among the values of a view, nearest first; none where it speaks of nothing there. */
  readonly read: (view: View) => readonly Term[];
}

/** Finds conditions of one kind that begin at a token. */
export type ConditionRule = (words: readonly Token[], at: number, view: View) => Condition | undefined;

const RULES: readonly ConditionRule[] = [comparisonAt, predicateAt];

/** All conditions of a text in order, none of which overlap. The view tells which words name values. */
export function conditionsOf(words: readonly Token[], view: View): readonly Condition[] {
  const found: Condition[] = [];
  for (let at = 0; at < words.length; ) {
    let best: Condition | undefined = bothAt(words, at, found);
    for (const rule of RULES) {
      const made = rule(words, at, view);
      if (made !== undefined && (best === undefined || made.last > best.last)) best = made;
    }
    if (best === undefined) {
      at++;
      continue;
    }
    found.push(isNegated(words, best.first) ? negated(best) : best);
    at = Math.max(best.last, at + 1);
  }
  return found;
}

/** "if both": the two conditions before it at once. */
function bothAt(words: readonly Token[], at: number, before: readonly Condition[]): Condition | undefined {
  const [one, other] = before.slice(-2);
  const isPointing = /^(?:if|when|for|by|to|are|is)$/u.test(words[at - 1]?.lower ?? "");
  if (words[at]?.lower !== "both" || one === undefined || other === undefined || !isPointing)
    return undefined;
  return {
    first: at,
    last: at + 1,
    read: (view) => {
      const [a, b] = [one.read(view)[0], other.read(view)[0]];
      return a === undefined || b === undefined ? [] : [truth(`${a.text} and ${b.text}`, a.bits + b.bits)];
    },
  };
}

function negated(condition: Condition): Condition {
  return { ...condition, read: (view) => condition.read(view).map(negation) };
}

/** "not", "no", "isn't" shortly before, with nothing between that ends its reach. */
function isNegated(words: readonly Token[], first: number): boolean {
  for (let at = first - 1; at >= Math.max(0, first - 5); at--) {
    const word = words[at];
    if (word === undefined || word.kind !== "word" || /^(?:and|or|but|if|when)$/u.test(word.lower))
      return false;
    if (/^(?:not|no|never|without|neither|nor|cannot|missing|absent|lacks?)$|n['’]t$/u.test(word.lower))
      return true;
  }
  return false;
}
