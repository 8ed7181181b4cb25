import { BOOL, FLOAT, INT, listOf, mapOf, optionOf, STRING, type Type } from "#anrf/program/type.ts";
import type { Literal } from "./literals.ts";
import type { Place } from "./phrases/tokens.ts";
import { type Cue, closed, leastType } from "./shapes.ts";
import type { Part, Sources } from "./types.ts";

const ROWS =
  /\b(?:tuples?|pairs?|records?|coordinates?|points?|intervals?|triples?|triplets?|tuples?\s+lists?)\b/u;
const GRID =
  /\b(?:matri(?:x|ces)|grid|list of lists|sublists?|nested lists?|sub-lists?|2d|two.dimensional)\b/u;
const AVERAGE =
  /\b(?:average|mean|median|percent(?:age)?|ratio|standard deviation|variance|float(?:ing)?|decimal places?|divided? (?:it |them |this |that |the \w+ )?(?:by|with)|inverses?|reciprocals?)\b/u;
const MAP_WORDS = /\b(?:dictionar(?:y|ies)|dict|hash ?map|mapping|lookup table)\b|\bmaps?\b(?! function)/u;
const NESTED =
  /\bnested (?:tuples?|records?)\b|\btuples? of tuples\b|\bnested \w+ (?:from|in) (?:the |a )?(?:given )?tuple/u;
/** The words let the result be absent. */
export const OPTIONAL =
  /\b(?:or|else|otherwise)(?:,)? (?:return )?(?:none|null|nothing)\b|\b(?:returns?|give) (?:none|null) (?:if|when|for)\b|\breturn none\b|\b(?:returns?|give|gives|get) nothing (?:if|when|for)\b|\bif any\b|\bif there is one\b/u;

/** What the words say of the values of one parameter, where their plain form leaves it open. */
export function paramCue(values: readonly Literal[], sources: Sources): Cue {
  const { words } = sources;
  const level = leastType(values);
  if (level?.kind === "tuple") return { deep: NESTED.test(words) };
  if (level?.kind !== "list") return {};
  if (NESTED.test(words)) return { deep: true };
  const map = MAP_WORDS.test(words) && values.every((value) => "items" in value && value.items.length > 0);
  if (level.item.kind === "tuple") return { map };
  if (level.item.kind === "list") return { map, rows: rowsCue(level, words) };
  const size = values[0] !== undefined && "items" in values[0] ? values[0].items.length : 0;
  if (size === 2 && /\b(?:points?|coordinates?|intervals?|pair)\b/u.test(words)) return { tuple: true };
  if (
    !/\btuples?\b/u.test(words) ||
    /\b(?:lists?|arrays?|strings?) (?:in)?to (?:a |an )?(?:\w+ )?tuples?\b/u.test(words)
  )
    return {};
  const kinds = (sources.columns ?? []).map((column) => leastType(column)?.kind);
  const lists = kinds.filter((kind) => kind === "list").length;
  if (lists >= 2 && !/\blists?\b(?! (?:element|item))/u.test(words.replace(/tuple lists?/gu, "")))
    return { tuple: true };
  const result = leastType(sources.outputs)?.kind;
  const wide = result === "list" || result === "bool" || result === "map" || result === "tuple";
  return { tuple: lists === 1 && !kinds.includes("int") && (size === 2 || wide) };
}

/** Rows of a grid are lists, unless the words make tuples of its cells. */
function rowsCue(level: Type, words: string): boolean {
  const deep = level.kind === "list" && level.item.kind === "list" && level.item.item.kind === "list";
  return ROWS.test(words) && (deep || !GRID.test(words));
}

/** What the words say of the outputs, where their plain form leaves it open. */
export function resultCue(sources: Sources, params: readonly Part[]): Cue {
  const { words, outputs } = sources;
  const level = leastType(outputs);
  if (level?.kind === "int")
    return {
      real:
        AVERAGE.test(words) &&
        !/\b(?:odd|even|natural) numbers\b|\bround(?:ed|ing|s)? (?:down|up|off|to (?:the )?(?:nearest )?(?:whole|cent|integer|full))|\bwhole (?:cents?|numbers?|percent)|\bin cents\b|\bfull cent/u.test(
          words,
        ),
    };
  if (level?.kind === "tuple") return { deep: NESTED.test(words) };
  if (level?.kind !== "list") return {};
  if (NESTED.test(words) && params.some((param) => param.type.kind === "tuple")) return { deep: true };
  const counts =
    /\b(?:frequenc(?:y|ies)|occurrences?|histogram|tally|counts?\b.*\b(?:each|every|per)|group(?:s|ed|ing)?|how (?:often|many times)|keyed|into (?:boxes|groups|buckets|piles))\b/u.test(
      words,
    ) && !/\bmost (?:common|frequent)|\bconsecutive\b/u.test(words);
  const size = Math.max(0, ...outputs.map((value) => ("items" in value ? value.items.length : 0)));
  if (level.item.kind === "list" || level.item.kind === "tuple") {
    const map = (counts || MAP_WORDS.test(words)) && !/\b(?:list|pairs?) of (?:tuples|pairs)\b/u.test(words);
    return { map, rows: rowsCue(level, words) };
  }
  const tuples = params.filter((param) => param.type.kind === "tuple");
  if (
    tuples.length > 0 &&
    tuples.length === params.length &&
    !/\b(?:list|set|union|array)\b/u.test(words.replace(/tuple lists?/gu, ""))
  )
    return { tuple: true };
  const named =
    /\b(?:pair|two (?:\w+ )?(?:numbers|values|elements|indices|integers)|swap|coordinates?|point|tuple of)\b/u.test(
      words,
    );
  if (size === 2 && named && !/\b(?:pairs of|list of (?:the )?two)\b/u.test(words))
    return {
      tuple:
        params.every((param) => param.type.kind !== "list") || /\b(?:a |the )?pair\b|indices/u.test(words),
    };
  return { tuple: size >= 2 && size <= 6 && severalNouns(words, size, params) };
}

const MEASURES =
  "(?:sum|product|average|mean|median|minimum|maximum|min|max|count|number|quotient|remainder|smallest|largest|lowest|highest|first|last|odd|even|length|position|location|value|index|total|mode|vowels?|consonants?|upper ?case|lower ?case|letters?|digits?|initial|width|height|area|perimeter|name|age|hours?|minutes?|seconds?)";
const LISTED = new RegExp(
  String.raw`\b${MEASURES}(?: \w+){0,2}(?:,| and|, and) (?:the |its |their |their )?(?:\w+ )?${MEASURES}\b`,
  "u",
);

const SUPERLATIVES =
  /\b(?:the|their|its) (?:smallest|largest|lowest|highest|minimum|maximum|shortest|longest|first|last|sum|total|count|average|number|median|mean)\b/gu;
const THREE =
  /\b(?:count|find|compute|calculate|return) (?:the )?(?:number of )?\w+, ?(?:\w+ ?){1,2},? and (?:\w+ ){1,2}/u;

/** "sum and average", "minimum and maximum": the text lists what the parts of the result are. */
function severalNouns(words: string, size: number, params: readonly Part[]): boolean {
  if (size === 2 && LISTED.test(words)) return true;
  if (size > 2 && (words.match(SUPERLATIVES) ?? []).length === size && /\band\b/u.test(words)) return true;
  if (
    size === 3 &&
    (/\btripl(?:e|et)\b|\bthree (?:\w+ )?(?:elements|numbers|values)\b/u.test(words) || THREE.test(words))
  )
    return true;
  return /\b(?:as|return) (?:a )?tuple\b|\bnew tuple\b/u.test(words) && params.length > 0;
}

type Meaning = Type | "same" | "item" | "inner" | "tally" | "groups" | "strings" | "same-number";

const RESULT_RULES: readonly (readonly [RegExp, Meaning, number])[] = [
  [
    /\b(?:check|checks|verify|determine|decide|test|tell|see|validate) (?:if|whether|that|to see)\b|\bwhether\b|\breturns? (?:true|false)\b|^(?:is|are|does|do|can|has) |\bis (?:it )?(?:a )?(?:valid|prime|palindrome)\b/u,
    BOOL,
    0.85,
  ],
  [/\b(?:returns?|prints?|gives?|otherwise|else) (?:the (?:string|text|word) )?["'“]/u, STRING, 0.8],
  [/\bflatten/u, "inner", 0.75],
  [/\bevery (?:second|other|third|nth|kth) (?:element|item|number|word)/u, "same", 0.7],
  [
    /\b(?:how many|how often (?!each|every)|number of|count(?:s|ing)? (?!of each|occurrences of each|how often)|length of|index of|position of|size of)\b/u,
    INT,
    0.75,
  ],
  [
    /\b(?:frequency of (?:each|every|all|the)|count of each|how often each|tally|occurrences of each|counts? (?:each|every|per)|histogram)\b/u,
    "tally",
    0.7,
  ],
  [/\bgroup(?:s|ed|ing)?\b/u, "groups", 0.65],
  [
    /\b(?:average|mean|median|percentage|percent of|ratio|square root|standard deviation|variance|hypotenuse|area of (?:a |the )?circle|volume of (?:a |the )?sphere|celsius|fahrenheit)\b/u,
    FLOAT,
    0.7,
  ],
  [/\b(?:split|words of|lines of|tokenize|list of words)\b/u, "strings", 0.6],
  [
    /\b(?:join|concatenate|format|capitalize|spell|render|reverse (?:the |a )?(?:string|words?)|to (?:a )?string|initials|acronym|slug|roman)\b/u,
    STRING,
    0.6,
  ],
  [
    /\b(?:sort|filter|reverse|remove|insert|append|prepend|push|move|rotate|shuffle|deduplicate|double|square each|keep|only the|select|drop|increment|replace|swap|all (?:even|odd|positive|negative))\b/u,
    "same",
    0.6,
  ],
  [
    /\b(?:longest|shortest|first|last|most common|most frequent|middle|nth|kth|largest|smallest|maximum|minimum|highest|lowest|biggest|greatest|max|min)\b/u,
    "item",
    0.6,
  ],
  [/\b(?:sum|total|product|difference|add|multiply|subtract)\b/u, "same-number", 0.65],
  [/\b(?:factorial|fibonacci|gcd|lcm|greatest common|digits?|remainder|power|nth)\b/u, INT, 0.6],
];

const LEADING_SUM =
  /^\W*(?:(?:to|that|which) )?(?:sums?|adds?|totals?|multipl(?:y|ies))\b(?! (?:a|an|the) \w+ to)|\b(?:returns?|find|finds|compute|computes|calculate|calculates|get|gets|give|gives) (?:the |their |its )?(?:\w+ )?(?:sum|total|product)\b/u;

/** The type of the result as the words tell it: a noun after "return" or "into", else the first rule that matches. */
export function resultFromWords(sources: Sources, params: readonly Part[]): Part | undefined {
  const { words } = sources;
  const first = params[0]?.type;
  const collection = params.find((param) => param.type.kind === "list")?.type ?? first;
  const optional = OPTIONAL.test(words);
  const wrap = (type: Type, certainty: number, place?: Place): Part => ({
    type: optional && type.kind !== "option" && type.kind !== "bool" ? optionOf(type) : type,
    source: "PHRASE",
    certainty,
    ...(place === undefined ? {} : { place }),
  });
  const noun = sources.mentions.find((mention) => mention.role === "out");
  if (RESULT_RULES[0]?.[0].test(words) === true) return wrap(BOOL, 0.85);
  if (LEADING_SUM.test(words)) return wrap(ruleType("same-number", collection, sources) ?? INT, 0.7);
  const several = SEVERAL.exec(words)?.[1];
  if (several !== undefined && collection?.kind === "list") return wrap(severalOf(several, collection), 0.7);
  if (noun !== undefined)
    return wrap(alikeNumbers(closed(noun.type, collection, itemOf(collection)), params), 0.75, noun);
  for (const [pattern, meaning, certainty] of RESULT_RULES) {
    if (!pattern.test(words)) continue;
    const type = ruleType(meaning, collection, sources);
    if (type !== undefined) return wrap(type, certainty);
  }
  return optional && first !== undefined ? wrap(itemOf(first), 0.4) : undefined;
}

/** "return the even numbers": several of what was given, unless only their number or sum is asked for. */
const SEVERAL =
  /\b(?:returns?|get|find|collect|keep|select) (?:back )?(?:only |all )?(?:of )?(?:the |all |its |those )?(?!number|sum|count|total|product|length|maximum|minimum|average|first|last|largest|smallest|longest|shortest|most|nth|kth)(?:[\w-]+ ){0,2}(numbers|words|elements|items|values|strings|integers|names|floats|letters)\b(?! of (?:a|the) (?:string|text|word))/u;

function severalOf(noun: string, collection: Type): Type {
  if (/^(?:words|strings|names|letters)$/u.test(noun)) return listOf(STRING);
  return collection;
}

/** An amount of ints is an int, whatever amounts are in general. */
function alikeNumbers(type: Type, params: readonly Part[]): Type {
  const ints =
    params.length > 0 && params.every((param) => param.type.kind === "int" && param.source !== "PHRASE");
  return ints && type.kind === "float" ? INT : type;
}

function itemOf(type: Type | undefined): Type {
  if (type === undefined) return INT;
  return type.kind === "list" ? type.item : type;
}

function ruleType(meaning: Meaning, collection: Type | undefined, sources: Sources): Type | undefined {
  if (typeof meaning !== "string") return meaning;
  const item = itemOf(collection);
  switch (meaning) {
    case "same":
      return collection;
    case "item": {
      const noun = sources.mentions.find(
        (mention) => mention.role === "any" && ["string", "int", "float"].includes(mention.type.kind),
      );
      return item.kind === "var" ? noun?.type : collection?.kind === "string" ? STRING : item;
    }
    case "inner":
      return item.kind === "list" ? item : undefined;
    case "tally":
      return mapOf(item.kind === "float" ? STRING : item, INT);
    case "groups":
      return mapOf(STRING, listOf(item));
    case "strings":
      return listOf(STRING);
    default:
      if (item.kind === "string" && collection?.kind === "string") return STRING;
      return item.kind === "float" ? FLOAT : INT;
  }
}

/** Half a unit of the last decimal place that the words ask for, or undefined: the tolerance of the examples. */
export function tolerance(text: string): number | undefined {
  const match =
    /\bround(?:ed)?\b[^.\n]{0,30}?\b(one|two|three|four|\d) (?:decimals?|decimal places?|digits? after)/iu.exec(
      text,
    );
  if (match === null) return undefined;
  const digits = { one: 1, two: 2, three: 3, four: 4 }[(match[1] ?? "").toLowerCase()] ?? Number(match[1]);
  return 0.5 * 10 ** -digits;
}
