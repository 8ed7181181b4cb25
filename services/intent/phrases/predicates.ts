import { nounsAround } from "./comparisons.ts";
import type { Condition, ConditionRule } from "./conditions.ts";
import { numeralAt } from "./numerals.ts";
import { numbersOf, textsOf } from "./subjects.ts";
import {
  isNumber,
  nearness,
  negation,
  operand,
  quoted,
  type Term,
  truth,
  type Variable,
  type View,
} from "./terms.ts";
import type { Token } from "./tokens.ts";

/** Conditions without a bound: signs, divisors, what a text starts with or holds, flags, membership. */
export const predicateAt: ConditionRule = (words, at, view) => {
  for (const rule of RULES) {
    const found = rule(words, at, view);
    if (found !== undefined) return found;
  }
  return undefined;
};

const lower = (words: readonly Token[], at: number): string => words[at]?.lower ?? "";

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/^(?:non-?negative)$/u, ">= 0"],
  [/^positive$/u, "> 0"],
  [/^negative$/u, "< 0"],
  [/^zero$/u, "== 0"],
  [/^even$/u, "% 2 == 0"],
  [/^odd$/u, "% 2 != 0"],
];

/** "positive", "even": of a whole number where a remainder is asked. */
const signAt: ConditionRule = (words, at) => {
  const found = SIGNS.find(([pattern]) => pattern.test(lower(words, at)));
  if (found === undefined || /^(?:if|though|when|so)$/u.test(lower(words, at + 1))) return undefined;
  const nouns = nounsAround(words, at, at + 1);
  return {
    first: at,
    last: at + 1,
    read: (view) =>
      numbersOf(view, nouns, undefined).map(({ text, bits }) => truth(`${text} ${found[1]}`, bits + 0.2)),
  };
};

/** "divisible by 4", "a multiple of 3", and "by 100" alone after one of them. */
const divisorAt: ConditionRule = (words, at, view) => {
  const isFull =
    (/^divisible|divides$/u.test(lower(words, at)) && lower(words, at + 1) === "by") ||
    (/^multiples?$/u.test(lower(words, at)) && lower(words, at + 1) === "of");
  const isShort =
    lower(words, at) === "by" &&
    words.slice(Math.max(0, at - 8), at).some((word) => word.lower === "divisible");
  if (!isFull && !isShort) return undefined;
  const from = isFull ? at + 2 : at + 1;
  const numeral = numeralAt(words, from);
  const named = view.given.find(({ type, text }) => type.kind === "int" && text === words[from]?.text);
  const divisor = numeral === undefined ? named?.text : `${numeral.value}`;
  if (divisor === undefined || divisor === "0") return undefined;
  const last = numeral?.next ?? from + 1;
  const nouns = nounsAround(words, at, last);
  return {
    first: at,
    last,
    read: (seen) =>
      numbersOf(seen, nouns, named?.text).map(({ text, bits }) => truth(`${text} % ${divisor} == 0`, bits)),
  };
};

const ENDS: readonly (readonly [RegExp, string])[] = [
  [/^(?:starts?|begins?|starting|beginning) with /u, "starts_with"],
  [/^(?:ends?|ending) (?:with|in|on) /u, "ends_with"],
  [/^(?:contains?|containing|includes?|including|holds?|has|have) /u, "contains"],
];

/** "starts with 'SAVE'", "ends in the suffix", "contains the word". */
const partAt: ConditionRule = (words, at, view) => {
  const ahead = `${lower(words, at)} ${lower(words, at + 1)} `;
  const found = ENDS.find(([pattern]) => pattern.test(ahead));
  if (found === undefined) return undefined;
  let from = at + (found[1] === "contains" ? 1 : 2);
  while (/^(?:the|a|an|given|letters?|word|text|prefix|suffix)$/u.test(lower(words, from)) && from < at + 6) {
    if (partNamed(words, from, view) !== undefined) break;
    from++;
  }
  const part = textAt(words, from) ?? partNamed(words, from, view)?.text;
  if (part === undefined) {
    const noun = lower(words, from - 1);
    const given = /^(?:letters?|word|text|prefix|suffix)$/u.test(noun)
      ? partNamed(words, from - 1, view)
      : undefined;
    return given === undefined ? undefined : partCondition(words, at, from, found[1], given.text);
  }
  const parts = [part];
  let last = from + 1;
  // "ends with '.com' or '.org'"
  for (
    let next = textAt(words, last + 1);
    next !== undefined && /^(?:or|,)$/u.test(lower(words, last));
    next = textAt(words, last + 1)
  ) {
    parts.push(next);
    last += 2;
  }
  return parts.length === 1
    ? partCondition(words, at, last, found[1], part)
    : partsCondition(words, at, last, found[1], parts);
};

function partsCondition(
  words: readonly Token[],
  first: number,
  last: number,
  method: string,
  parts: readonly string[],
): Condition {
  const each = parts.map((part) => partCondition(words, first, last, method, part));
  return {
    first,
    last,
    read: (view) => {
      const terms = each.flatMap((one) => one.read(view)[0] ?? []);
      const text = terms.map((term) => term.text).join(" or ");
      return terms.length === parts.length ? [truth(text, terms[0]?.bits ?? 0)] : [];
    },
  };
}

function partCondition(
  words: readonly Token[],
  first: number,
  last: number,
  method: string,
  part: string,
): Condition {
  const nouns = nounsAround(words, first, last);
  return {
    first,
    last,
    read: (view) =>
      textsOf(view, nouns)
        .filter(({ text }) => text !== part)
        .flatMap(({ text, bits }): Term[] => {
          const exact = truth(`${operand(text)}.${method}(${part})`, bits + (view.isCaseless ? 1 : 0));
          const caseless = truth(`${operand(text)}.to_lower().${method}(${operand(part)}.to_lower())`, bits);
          return view.isCaseless ? [caseless, exact] : [exact];
        }),
  };
}

/** A quoted text, or a lone sign, as a literal. */
function textAt(words: readonly Token[], at: number): string | undefined {
  const word = words[at];
  if (word?.kind === "string") return quoted(word.text.slice(1, -1));
  if (word?.kind === "code" && !/^`\w+`$/u.test(word.text)) return quoted(word.text.slice(1, -1));
  return word?.kind === "mark" && /^[#@&$*+/|~^_]$/u.test(word.text) ? quoted(word.text) : undefined;
}

function partNamed(words: readonly Token[], at: number, view: View): Variable | undefined {
  const word = words[at];
  if (word === undefined) return undefined;
  const known = view.given.filter(({ type }) => type.kind === "string");
  return (
    known.find(({ text }) => text.replaceAll("`", "") === word.text.replaceAll("`", "")) ??
    known.find(({ names }) => word.kind === "word" && names.has(word.stem) && view.list !== undefined)
  );
}

/** "I is 1, V is 5": a letter that stands for itself. */
function letterAt(words: readonly Token[], at: number): string | undefined {
  const word = words[at];
  const isLetter = word?.kind === "word" && /^\p{Lu}$/u.test(word.text);
  return isLetter && /^(?:is|=|means|counts|stands|gives)$/u.test(lower(words, at + 1))
    ? quoted(word.text)
    : undefined;
}

/** Kinds of characters, and how one is told. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:letters? and digits|digits and letters|alphanumeric(?: characters)?|letters? or digits?) /u,
    "is_alnum",
  ],
  [/^(?:upper-? ?case|capital|big)(?: (?:letters?|characters?))? /u, "is_upper"],
  [/^(?:capitals) /u, "is_upper"],
  [/^(?:lower-? ?case|small)(?: (?:letters?|characters?))? /u, "is_lower"],
  [/^(?:digits?|numbers?|figures?|numerals?) /u, "is_digit"],
  [/^(?:letters?) /u, "is_alpha"],
  [/^(?:spaces?|blanks?|whitespace) /u, "is_space"],
];

/** Which kind of character the words name at a place, and where they end. */
export function characterKindAt(
  words: readonly Token[],
  at: number,
): { readonly test: string; readonly next: number } | undefined {
  // "upper-case" is three tokens.
  const parts: string[] = [];
  const ends: number[] = [];
  for (let next = at; next < Math.min(words.length, at + 5); next++) {
    const word = words[next];
    if (word === undefined || word.kind === "line") break;
    if (word.text === "-" && parts.length > 0) {
      parts[parts.length - 1] += "-";
      ends[ends.length - 1] = next + 1;
    } else if (parts.at(-1)?.endsWith("-") === true) {
      parts[parts.length - 1] += word.lower;
      ends[ends.length - 1] = next + 1;
    } else {
      parts.push(word.lower);
      ends.push(next + 1);
    }
  }
  const ahead = `${parts.join(" ")} `;
  for (const [pattern, test] of KINDS) {
    const match = pattern.exec(ahead);
    if (match === null) continue;
    const count = match[0].trim().split(" ").length;
    return { test, next: ends[count - 1] ?? at + 1 };
  }
  return undefined;
}

/** "contains a digit", "and an upper-case letter": at least one; "only letters": all. */
const holdsAt: ConditionRule = (words, at) => {
  const isOnly = /^(?:only|nothing)$/u.test(lower(words, at));
  const isNone = lower(words, at) === "no";
  const isOne = isNone || /^(?:an?|one|any)$/u.test(lower(words, at));
  if (!isOnly && !isOne) return undefined;
  let from = at + 1;
  while (isOnly && /^(?:of|contains?|has|have|made|up|but|from)$/u.test(lower(words, from)) && from < at + 4)
    from++;
  const kind = characterKindAt(words, from);
  if (kind === undefined) return undefined;
  const isHeld = words
    .slice(Math.max(0, at - 9), at)
    .some((word) => /^(?:contain|has|have|includ|hold|with|need)/u.test(word.stem));
  if (isOne && !isHeld) return undefined;
  const nouns = nounsAround(words, at, kind.next);
  return {
    first: at,
    last: kind.next,
    read: (view) =>
      textsOf(view, nouns).map(({ text, bits }) => {
        if (isOnly) return truth(`${operand(text)}.${kind.test}()`, bits);
        const some = truth(`${operand(text)}.chars().any((c) => c.${kind.test}())`, bits);
        return isNone ? negation(some) : some;
      }),
  };
};

/** "is empty", "left blank". */
const emptyAt: ConditionRule = (words, at) => {
  if (!/^(?:empty|blank)$/u.test(lower(words, at))) return undefined;
  const nouns = nounsAround(words, at, at + 1);
  return {
    first: at,
    last: at + 1,
    read: (view) =>
      view.variables
        .filter(({ type }) => type.kind === "list" || type.kind === "string")
        .map(({ text, names }, index) => {
          const isNamed = nouns.some((noun) => nearness(names, noun) !== undefined);
          return truth(`${operand(text)}.is_empty()`, (isNamed ? 0 : 0.8) + index * 0.3);
        }),
  };
};

/** A flag by its name: "citizens", "at night", "while it charges". */
const flagAt: ConditionRule = (words, at, view) => {
  const word = words[at];
  if (word?.kind !== "word") return undefined;
  const flag = view.variables.find(({ type, names }) => type.kind === "bool" && isCalled(names, word.stem));
  if (flag === undefined) return undefined;
  return {
    first: at,
    last: at + 1,
    read: ({ variables }) =>
      variables.includes(flag) ? [truth(flag.text, 0), truth(`not ${operand(flag.text)}`, 1)] : [],
  };
};

function isCalled(names: ReadonlySet<string>, word: string): boolean {
  if (names.has(word)) return true;
  return (
    word.length >= 4 &&
    [...names].some((name) => name.length >= 4 && (name.startsWith(word) || word.startsWith(name)))
  );
}

/** "is blocked", "in the given department", "of that item": a part of an item that another parameter names or holds. */
const memberAt: ConditionRule = (words, at, view) => {
  const word = words[at];
  if (word?.kind !== "word") return undefined;
  if (view.list === undefined) return heldAt(words, at, view);
  const found: Term[] = [];
  for (const other of view.given) {
    if (!other.names.has(word.stem) && !isCalled(other.names, word.stem)) continue;
    for (const one of view.variables) {
      if (other.type.kind === "list" && other.type.item.text === one.type.text)
        found.push(truth(`${other.text}.contains(${one.text})`, 0.3));
      if (other.type.kind === "map" && other.type.key.text === one.type.text)
        found.push(truth(`${other.text}.contains_key(${one.text})`, 0.3));
      if (other.type.text !== one.type.text || isNumber(one.type)) continue;
      const isNamesake = one.names.size === 0 || [...one.names].some((name) => isCalled(other.names, name));
      found.push(truth(`${one.text} == ${other.text}`, isNamesake ? 0 : 1.2));
    }
  }
  const [first] = found;
  if (first === undefined) return undefined;
  return { first: at, last: at + 1, read: (seen) => (seen === view ? found : []) };
};

/** "is busy at that hour": a parameter that lists hold; several lists of that name are asked together. */
function heldAt(words: readonly Token[], at: number, view: View): Condition | undefined {
  const word = words[at];
  if (word === undefined || word.stem.length < 4) return undefined;
  const lists = view.variables.filter(({ type, names }) => type.kind === "list" && names.has(word.stem));
  const found = view.variables.flatMap(({ text, type }): Term[] => {
    const tests = lists.flatMap((list) =>
      list.type.kind === "list" && list.type.item.text === type.text
        ? [`${list.text}.contains(${text})`]
        : [],
    );
    return tests.length === 0 ? [] : [truth(tests.join(" or "), 0.8)];
  });
  if (found.length === 0) return undefined;
  return { first: at, last: at + 1, read: (seen) => (seen.list === undefined ? found : []) };
}

/** "the code 'TEN'", "is 'x'": a text equal to a quoted one. */
const quotedAt: ConditionRule = (words, at, view) => {
  const literal = textAt(words, at) ?? letterAt(words, at);
  if (literal === undefined) return undefined;
  const before = nounsAround(words, at, at).slice(0, 2);
  const named = view.variables.filter(
    ({ type, names }) => type.kind === "string" && before.some((noun) => names.has(noun)),
  );
  const texts = view.variables.filter(({ type }) => type.kind === "string");
  const bits = named.length > 0 ? 0 : texts.length === 1 ? 0.6 : 1.5;
  const meant = named.length > 0 ? named : texts;
  // "such as 'a=1'" shows a form.
  const isSample = words
    .slice(Math.max(0, at - 2), at)
    .some(({ lower: word }) => /^(?:as|like|example|e\.g)$/u.test(word));
  if (meant.length === 0 || ((view.givesTexts || isSample) && named.length === 0)) return undefined;
  return {
    first: at,
    last: at + 1,
    read: (seen) =>
      meant
        .filter((one) => seen.variables.includes(one))
        .map(({ text }) => truth(`${text} == ${literal}`, bits)),
  };
};

const RULES: readonly ConditionRule[] = [
  signAt,
  divisorAt,
  partAt,
  holdsAt,
  emptyAt,
  flagAt,
  memberAt,
  quotedAt,
];
