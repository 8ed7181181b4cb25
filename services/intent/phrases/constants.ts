import { FLOAT, INT, STRING, type Type } from "#anrf/program/type.ts";
import { CARDINALS, clockAt, ORDINALS, SCALES } from "./numerals.ts";
import type { Place, Token } from "./tokens.ts";

/** Why a value was taken from the text (generation.md §2.1). */
export type Why = "NUMBER_WORD" | "QUOTED" | "NAMED_CHARACTER" | "CLASS";

/** A value that the text names; ints and floats are numbers, the rest strings. */
export interface Constant extends Place {
  readonly value: number | string;
  readonly type: Type;
  readonly why: Why;
  /** A percentage: what is left of 100 may matter as much. */
  readonly percent?: boolean;
}

/** Words that stand for numbers without being numerals; the first is the most likely. */
const SAID = new Map<string, readonly number[]>([
  ["dozen", [12]],
  ["twice", [2]],
  ["double", [2]],
  ["doubled", [2]],
  ["doubles", [2]],
  ["half", [2]],
  ["halve", [2]],
  ["square", [2]],
  ["squared", [2]],
  ["squares", [2]],
  ["cube", [3]],
  ["cubed", [3]],
  ["cubes", [3]],
  ["triple", [3]],
  ["thrice", [3]],
  ["quarter", [4]],
  ["even", [2, 0]],
  ["odd", [2, 1]],
  ["percent", [100]],
  ["percentage", [100]],
  ["%", [100]],
  ["midnight", [1440, 24]],
  ["clock", [12, 24]],
  ["week", [7]],
  ["weeks", [7]],
  ["weekday", [7]],
  ["hour", [60]],
  ["hours", [60, 3600]],
  ["minute", [60]],
  ["minutes", [60]],
  ["seconds", [60]],
  ["fahrenheit", [32, 9, 5]],
  ["celsius", [32, 9, 5]],
  ["kelvin", [273.15]],
  ["alphabet", [26]],
  ["century", [100]],
  ["leap", [4, 100, 400]],
  ["binary", [2]],
  ["octal", [8]],
  ["hexadecimal", [16]],
  ["hex", [16]],
  ["empty", [0]],
  ["positive", [0]],
  ["negative", [0]],
  ["prime", [2]],
  ["digits", [10]],
  ["digit", [10]],
  ["cents", [100]],
  ["km", [1000]],
  ["average", [2]],
]);
const CHARACTERS = new Map<string, string>([
  ["comma", ","],
  ["semicolon", ";"],
  ["colon", ":"],
  ["space", " "],
  ["blank", " "],
  ["whitespace", " "],
  ["hyphen", "-"],
  ["dash", "-"],
  ["underscore", "_"],
  ["newline", "\n"],
  ["tab", "\t"],
  ["dot", "."],
  ["period", "."],
  ["slash", "/"],
  ["backslash", "\\"],
  ["pipe", "|"],
  ["ampersand", "&"],
  ["hash", "#"],
  ["hashtag", "#"],
  ["asterisk", "*"],
  ["star", "*"],
  ["dollar", "$"],
  ["apostrophe", "'"],
  ["quote", '"'],
  ["csv", ","],
  ["e-mail", "@"],
  ["email", "@"],
  ["sentence", " "],
  ["words", " "],
  ["word", " "],
  ["decimal point", "."],
  ["full stop", "."],
  ["at sign", "@"],
  ["question mark", "?"],
  ["exclamation mark", "!"],
  ["plus sign", "+"],
  ["minus sign", "-"],
  ["equals sign", "="],
  ["equal sign", "="],
  ["percent sign", "%"],
  ["greater than sign", ">"],
  ["query string", "&"],
  ["line break", "\n"],
]);
/** Signs that come in kinds and pairs. */
const PAIRED: readonly (readonly [RegExp, string])[] = [
  [/^parenthes[ie]s$/u, "()"],
  [/^brackets?$/u, "()[]"],
  [/^(?:curly|braces?)$/u, "{}"],
];
const CLASSES = new Map<string, string>([
  ["vowel", "aeiou"],
  ["vowels", "aeiou"],
  ["consonant", "bcdfghjklmnpqrstvwxyz"],
  ["consonants", "bcdfghjklmnpqrstvwxyz"],
  ["alphabet", "abcdefghijklmnopqrstuvwxyz"],
  ["hexadecimal", "0123456789abcdef"],
  ["punctuation", ".,;:!?'\"-()"],
]);

/** Every value that the text names, in order, each value once; names of parameters are none. */
export function constants(tokens: readonly Token[], names: ReadonlySet<string>): Constant[] {
  const found: Constant[] = [];
  const seen = new Set<string>();
  const bringing: Constant[] = [];
  const add = (one: Constant): void => {
    const key = `${typeof one.value}:${one.value}`;
    if (seen.has(key) || found.length >= 200) return;
    seen.add(key);
    found.push(one);
  };
  for (let at = 0; at < tokens.length; at += 1) {
    const named = constantsAt(tokens, at, names);
    for (const one of named) add(one);
    bringing.push(...named);
  }
  for (const one of bringing) for (const more of implied(one)) add(more);
  return found;
}

/** What a named value brings along: the rest to 100 of a percentage, the separators and units of a quoted text. */
function implied(one: Constant): Constant[] {
  const { start, end } = one;
  if (typeof one.value === "string") {
    if (one.why !== "QUOTED" || one.value.length < 3) return [];
    const separators = [
      ...(one.value.match(/, |: /gu) ?? []),
      ...(one.value.match(/[,;:=\-/|#@.& ]/gu) ?? []),
    ];
    const units = [...one.value.matchAll(/\d(\p{L}{1,3})(?!\p{L})/gu)].map((match) => match[1] ?? "");
    return [...new Set([...separators, ...units])].map((value) => ({
      value,
      type: STRING,
      why: "QUOTED",
      start,
      end,
    }));
  }
  return one.percent === true && one.value < 100
    ? [number(100 - one.value, one), number(100 + one.value, one)]
    : [];
}

function constantsAt(tokens: readonly Token[], at: number, names: ReadonlySet<string>): Constant[] {
  const token = tokens[at];
  if (token === undefined) return [];
  switch (token.kind) {
    case "number":
      return numberAt(tokens, at);
    case "string":
    case "code":
      return quotedAt(token, names);
    case "mark":
      return token.text === "%" ? [number(100, token)] : loneMark(tokens, at);
    case "word":
      return [...wordNumber(tokens, at), ...characterAt(tokens, at, names), ...bareResult(tokens, at, names)];
    case "arrow":
    case "line":
      return [];
    default:
      throw new Error(`unreachable: ${token.kind satisfies never}`);
  }
}

function number(value: number, place: Place): Constant {
  return {
    value,
    type: Number.isInteger(value) ? INT : FLOAT,
    why: "NUMBER_WORD",
    start: place.start,
    end: place.end,
  };
}

function numberAt(tokens: readonly Token[], at: number): Constant[] {
  const token = tokens[at];
  const before = tokens[at - 1];
  const after = tokens[at + 1];
  if (token === undefined) return [];
  const clock = clockAt(tokens, at);
  if (clock !== undefined)
    return [number(clock, { start: token.start, end: tokens[at + 2]?.end ?? token.end })];
  if (clockAt(tokens, at - 2) !== undefined) return [];
  let value = Number(token.text.replaceAll(/[,_]/gu, ""));
  let end = token.end;
  const power = tokens[at + 2]?.text === "*" ? tokens[at + 3] : tokens[at + 2];
  if (
    (after?.text === "^" || (after?.text === "*" && tokens[at + 2]?.text === "*")) &&
    power?.kind === "number"
  ) {
    value **= Number(power.text);
    end = power.end;
  }
  if (!Number.isSafeInteger(value) && !/[.]/u.test(token.text)) return [];
  const negative =
    (before?.text === "-" || before?.text === "−") &&
    before.end === token.start &&
    tokens[at - 2]?.end !== before.start;
  const start = negative || before?.lower === "minus" ? (before?.start ?? token.start) : token.start;
  const place = { start, end };
  return [
    {
      ...number(negative || before?.lower === "minus" ? -value : value, place),
      type: token.text.includes(".") ? FLOAT : INT,
      percent: /^(?:%|percent|percentage|per)$/u.test(after?.lower ?? ""),
    },
  ];
}

/** Cardinals ("two hundred"), ordinals, "twice", "dozen", and what units stand for. */
function wordNumber(tokens: readonly Token[], at: number): Constant[] {
  const token = tokens[at];
  if (token === undefined) return [];
  const ordinal = ORDINALS.get(token.lower) ?? ordinalDigits(tokens, at);
  if (ordinal !== undefined && !/^(?:of|in)$/u.test(tokens[at + 1]?.lower ?? ""))
    return [number(ordinal, token)];
  const said = SAID.get(token.lower);
  if (said !== undefined) return said.map((value) => number(value, token));
  const cardinal = CARDINALS.get(token.lower);
  if (cardinal === undefined || CARDINALS.has(tokens[at - 1]?.lower ?? "")) return [];
  if (
    cardinal === 1 &&
    !/^(?:by|plus|minus|exactly|than|least|most|add|subtract|to|from|of|with|equals?|return|returns|is)$/u.test(
      tokens[at - 1]?.lower ?? "",
    )
  )
    return [];
  let value = cardinal;
  let end = token.end;
  for (let next = at + 1; next < at + 5; next += 1) {
    const word = tokens[next];
    const scale = SCALES.get(word?.lower ?? "");
    const unit = CARDINALS.get(word?.lower ?? "");
    if (word === undefined || (scale === undefined && unit === undefined && word.text !== "-")) break;
    if (scale !== undefined) value *= scale;
    else if (unit !== undefined && (value >= 100 || (value >= 20 && unit < 10))) value += unit;
    else if (unit !== undefined) break;
    if (word.text !== "-") end = word.end;
  }
  const minus =
    tokens[at - 1]?.lower === "minus" || tokens[at - 1]?.lower === "negative" ? tokens[at - 1] : undefined;
  return [number(minus === undefined ? value : -value, { start: minus?.start ?? token.start, end })];
}

function ordinalDigits(tokens: readonly Token[], at: number): number | undefined {
  const token = tokens[at];
  const before = tokens[at - 1];
  if (
    token === undefined ||
    !/^(?:st|nd|rd|th)$/u.test(token.lower) ||
    before?.kind !== "number" ||
    before.end !== token.start
  )
    return undefined;
  return Number(before.text);
}

function quotedAt(token: Token, names: ReadonlySet<string>): Constant[] {
  const inner = token.kind === "code" ? token.text.replaceAll("`", "") : token.text.slice(1, -1);
  if (token.kind === "code" && (/[()\n]/u.test(inner) || /^[a-z]\w*$/iu.test(inner)) && inner.length > 1)
    return [];
  if (inner.length === 0 || inner.length > 200 || names.has(inner)) return [];
  const value = inner
    .replace(/\\n/gu, "\n")
    .replace(/\\t/gu, "\t")
    .replace(/\\(["'\\])/gu, "$1");
  return [{ value, type: STRING, why: "QUOTED", start: token.start, end: token.end }];
}

/** A sign that stands alone in a sentence is meant as itself: "a # followed by six digits". */
function loneMark(tokens: readonly Token[], at: number): Constant[] {
  const [before, token, after] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (token === undefined || !/^[#@&$*+=/|~^_;!?]$/u.test(token.text)) return [];
  const alone =
    before !== undefined && before.end < token.start && after !== undefined && after.start > token.end;
  const words = before?.kind === "word" && after?.kind === "word";
  return alone && words
    ? [{ value: token.text, type: STRING, why: "NAMED_CHARACTER", start: token.start, end: token.end }]
    : [];
}

/** "comma", "at sign", "the letter e", "vowels". */
function characterAt(tokens: readonly Token[], at: number, names: ReadonlySet<string>): Constant[] {
  const token = tokens[at];
  const after = tokens[at + 1];
  if (token === undefined) return [];
  const place = { start: token.start, end: token.end };
  const found: Constant[] = [];
  const text = (value: string, why: Why, end = token.end): Constant => ({
    value,
    type: STRING,
    why,
    ...place,
    end,
  });
  const wide = after?.kind === "word" ? CHARACTERS.get(`${token.lower} ${after.lower}`) : undefined;
  const lone = [token.lower, token.lower.replace(/s$/u, ""), token.lower.replace(/es$/u, "")]
    .map((word) => CHARACTERS.get(word))
    .find((one) => one !== undefined);
  if (wide !== undefined && after !== undefined) found.push(text(wide, "NAMED_CHARACTER", after.end));
  else if (lone !== undefined) found.push(text(lone, "NAMED_CHARACTER"));
  const paired = PAIRED.find(([word]) => word.test(token.lower))?.[1] ?? "";
  for (const sign of paired) found.push(text(sign, "NAMED_CHARACTER"));
  const members = CLASSES.get(token.lower);
  if (members !== undefined) found.push(text(members, "CLASS"));
  return [...found, ...letters(tokens, at, names)];
}

const single = (token: Token | undefined): boolean => token?.kind === "word" && /^\p{L}$/u.test(token.text);
const SMALL_WORDS =
  /^(?:it|the|one|two|all|an|any|its|both|each|end|and|or|be|of|in|on|is|no|not|nth|out|new|that|them|this)$/u;

/** "the letter e", "add a w", "with l g" (meant as "lg"), "replace t with di". */
function letters(tokens: readonly Token[], at: number, names: ReadonlySet<string>): Constant[] {
  const token = tokens[at];
  if (token === undefined || names.has(token.text)) return [];
  const quoted = (value: string, end: number): Constant => ({
    value,
    type: STRING,
    why: "QUOTED",
    start: token.start,
    end,
  });
  const before = tokens[at - 1]?.lower ?? "";
  if (!single(token)) {
    const last = tokens[at + 1] === undefined || tokens[at + 1]?.kind !== "word";
    const short = /^[a-z]{2,3}$/u.test(token.text) && !SMALL_WORDS.test(token.lower);
    return short && last && /^(?:with|by|to|add|append|insert)$/u.test(before)
      ? [quoted(token.text, token.end)]
      : [];
  }
  if (single(tokens[at - 1]))
    return before === "a" && isLetter(tokens, at) ? [quoted(token.text, token.end)] : [];
  let run = at;
  while (single(tokens[run + 1])) run += 1;
  const joined = tokens
    .slice(at, run + 1)
    .map((letter) => letter.text)
    .join("");
  const end = tokens[run]?.end ?? token.end;
  if (run === at) return isLetter(tokens, at) ? [quoted(joined, end)] : [];
  // The "a" of "a w" is mostly an article.
  const inner =
    token.lower === "a"
      ? [{ ...quoted(joined.slice(1), end), start: tokens[at + 1]?.start ?? token.start }]
      : [];
  return [...inner, quoted(joined, end)];
}

/** A lone letter is meant as a letter after "letter", "with", "every"; "a" and "I" only where no noun follows. */
function isLetter(tokens: readonly Token[], at: number): boolean {
  const letter = tokens[at]?.lower ?? "";
  const before = tokens[at - 1]?.lower ?? "";
  const after = tokens[at + 1];
  const said =
    /^(?:letters?|char|chars|characters?|every|each)$/u.test(before) ||
    /^(?:letter|character)$/u.test(after?.lower ?? "");
  const leads =
    /^(?:a|an|the|with|by|to|add|and|or|remove|replace|any|all|of|is|in|then|before|after|no|with)$/u.test(
      before,
    );
  // "A from 90 points, B from 80": grades and the like.
  if (
    /^\p{Lu}$/u.test(tokens[at]?.text ?? "") &&
    /^(?:from|for|if|when|above|below|at|otherwise|until)$/u.test(after?.lower ?? "")
  )
    return true;
  if (letter === "a" || letter === "i")
    return said || (leads && (after === undefined || after.kind !== "word" || letter === "i"));
  return said || leads || after?.lower === "is";
}

/** `return Fizz`: a capital inside a sentence after a verb of answering. */
function bareResult(tokens: readonly Token[], at: number, names: ReadonlySet<string>): Constant[] {
  const token = tokens[at];
  const before = tokens[at - 1]?.lower ?? "";
  if (token === undefined || names.has(token.text) || !/^\p{Lu}\p{L}+$/u.test(token.text)) return [];
  const listed =
    /^(?:,|and|or|;)$/u.test(before) &&
    /^(?:for|if|when|otherwise|on|unless)$/u.test(tokens[at + 1]?.lower ?? "");
  const said =
    /^(?:returns?|returning|print|prints|say|says|give|gives|output|outputs|or|else|otherwise|be|is|as)$/u.test(
      before,
    );
  if (!listed && !said) return [];
  if (
    /^(?:True|False|None|Null|Otherwise|If|For|When|The|JSON|String|List|Python|English|Unicode|ASCII)$/iu.test(
      token.text,
    )
  )
    return [];
  return [{ value: token.text, type: STRING, why: "QUOTED", start: token.start, end: token.end }];
}
