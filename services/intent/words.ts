import { BOOL, DATE, FLOAT, INT, listOf, mapOf, STRING, type Type, tupleOf } from "#anrf/program/type.ts";
import type { Place, Token } from "./phrases/tokens.ts";
import { UNKNOWN } from "./shapes.ts";

const OPENING =
  /\b(?:write|create|implement|make|build|develop|define|design|need|want|complete)(?: me)?(?: (?:a|an|the|some|simple|small|python|javascript|typescript|java|js))* (?:function|program|method|code|script|routine)s?\b|\bpython\b|\bjavascript\b/giu;

/** "Write a python function" says nothing of the values. */
export function openings(text: string): Place[] {
  return [...text.matchAll(OPENING)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** The text with those words blank. */
export function withoutOpening(text: string): string {
  return blanked(text, openings(text));
}

/** The text with some places blank, so that all offsets stay. Lower case may not change them either. */
export function blanked(text: string, places: readonly Place[]): string {
  let blank = text.replace(/\P{ASCII}/gu, (unit) =>
    unit.toLowerCase().length === unit.length ? unit : " ".repeat(unit.length),
  );
  for (const { start, end } of places) {
    blank = blank.slice(0, start) + blank.slice(start, end).replaceAll(/[^\n]/g, " ") + blank.slice(end);
  }
  return blank;
}

/** A noun of the text that names a kind of value, such as "a list of words". */
export interface Mention extends Place {
  readonly type: Type;
  /** "in": handed to the function; "out": what comes back; "any": the text does not say. */
  readonly role: "in" | "out" | "any";
  /** How many values it stands for: 2 for "two numbers". */
  readonly count: number;
  /** Names that the text gives them: "a number n", "two strings s and t". */
  readonly names: readonly string[];
  readonly stem: string;
  /** "words", "numbers": several, without saying of what kind the collection is. */
  readonly plural: boolean;
}

const SCALAR = new Map<string, Type>([
  ...each(
    "integer number digit count index length year month hour minut second ag width height quantity size position " +
      "bit scor level threshold limit element item valu natural prim total",
    INT,
  ),
  ...each("float real decimal doubl percentag temperatur pric weight rat radius amount measurement", FLOAT),
  ...each(
    "string text word sentenc char letter nam phras paragraph substr substring str email url password token lin " +
      "username filenam path titl messag separator delimiter prefix suffix tag label vowel hex timestamp identifier",
    STRING,
  ),
  ...each("boolean bool flag", BOOL),
  ["date", DATE],
]);
const LISTS = setOf(
  "list array sequenc seri vector collection arr set stack queu column row sublist subarray series",
);
const GRIDS = setOf("matrix grid tabl board");
const TUPLES = new Map([
  ...each("pair coordinat point interval tupl record", 2),
  ...each("tripl triplet", 3),
]);
const MAPS = setOf("dictionary dict map mapp hashmap object lookup histogram");
const COUNTS = new Map([...each("two both 2 pair", 2), ...each("three 3", 3), ["four", 4] as const]);
const ADJECTIVES = setOf(
  "posit positiv negativ non-negativ empty non natural whol sort unsort singl binary given input new distinct uniqu nest lower upper case lowercas " +
    "uppercas english first second last other random different small larg long short empti decimal comma separat simpl consecut consecutiv finit valid same",
);
const DETERMINERS = setOf(
  "a an the two three four both each every some any all this that its your given input another one",
);
const OUT_WORDS =
  /(?:\b(?:returns?|returning|outputs?|produces?|yields?|gives?|get|gets|creates?|build|builds|make|makes|generates?|into|as|construct)\s(?:back\s)?(?:(?:the|a|an|all|only|new|its|their)\s)*(?:\w+\s)?$)/u;
const TO_WORDS =
  /\b(?:convert|converts|turn|turns|transform|transforms|map|change|changes|parse|parses|encode|format|flatten|expand|translate)\b.*\bto\s(?:(?:the|a|an)\s)?(?:\w+\s)?$/u;
const IN_WORDS =
  /\b(?:given|takes?|taking|accepts?|receives?|input|from|in|of|for|over|with|between|whether|if|by|at|than|to|on|into|and|against|inside|within|across|per|contains?)\s(?:(?:the|a|an|two|three|each|any|given|input|all|some|another|every|one|your)\s)*(?:\w+\s)?$/u;

function each<T>(words: string, value: T): [string, T][] {
  return words.split(" ").map((word) => [word, value]);
}

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

/** All nouns of the text that name a kind of value, in order, each with its role. */
export function mentions(tokens: readonly Token[]): Mention[] {
  const found: Mention[] = [];
  for (let at = 0; at < tokens.length; ) {
    const noun = nounAt(tokens, at);
    const last = tokens[(noun?.next ?? 0) - 1];
    const first = tokens[at];
    if (noun === undefined || first === undefined || last === undefined) {
      at += 1;
      continue;
    }
    const names = namesAt(tokens, noun.next);
    const earlier = namesBefore(tokens, at);
    found.push({
      type: noun.type,
      role:
        earlier.length > 0 ? "in" : isCondition(tokens, noun.next) ? "any" : roleOf(tokens, at, first.stem),
      count: countBefore(tokens, at),
      names: [...earlier, ...names.names],
      stem: first.stem,
      plural: noun.next === at + 1 && /[^s]s$/u.test(first.lower) && noun.type.kind !== "list",
      start: first.start,
      end: last.end,
    });
    at = Math.max(noun.next, names.next);
  }
  return found;
}

interface Noun {
  readonly type: Type;
  readonly next: number;
}

/** "list of words", "integer array", "matrix", "dictionary of strings to integers", "string". */
function nounAt(tokens: readonly Token[], at: number, depth = 1): Noun | undefined {
  const word = tokens[at];
  if (word?.kind !== "word" || depth > 4) return undefined;
  const following = tokens[at + 1];
  // The ordinal, not the unit of time.
  if (word.lower === "second") return undefined;
  const item = SCALAR.get(word.stem);
  if (
    item !== undefined &&
    following?.kind === "word" &&
    LISTS.has(following.stem) &&
    word.stem !== "index"
  ) {
    return { type: listOf(item), next: at + 2 };
  }
  const size = TUPLES.get(word.stem);
  if (
    word.stem === "decimal" &&
    (word.lower === "decimals" || /^(?:plac|digit|point)/u.test(following?.stem ?? ""))
  )
    return undefined;
  if (size !== undefined && following !== undefined && LISTS.has(following.stem)) {
    return { type: listOf(tupleOf(Array.from({ length: size }, () => INT))), next: at + 2 };
  }
  if (LISTS.has(word.stem)) return ofItem(tokens, at, depth, listOf);
  if (GRIDS.has(word.stem)) {
    return ofItem(tokens, at, depth, (inner) => listOf(listOf(inner.kind === "var" ? INT : inner)));
  }
  if (MAPS.has(word.stem) && !(word.stem === "map" && following?.stem === "function"))
    return mapAt(tokens, at, depth);
  if (size !== undefined)
    return ofItem(tokens, at, depth, (inner) => tupleOf(Array.from({ length: size }, () => inner)));
  return item === undefined ? undefined : { type: item, next: at + 1 };
}

function ofItem(tokens: readonly Token[], at: number, depth: number, make: (item: Type) => Type): Noun {
  let next = at + 1;
  if (!["of", "containing", "with", "holding"].includes(tokens[next]?.lower ?? ""))
    return { type: make(UNKNOWN), next };
  next = skipAdjectives(tokens, next + 1);
  const item = partsAt(tokens, next) ?? nounAt(tokens, next, depth + 1);
  return item === undefined
    ? { type: make(UNKNOWN), next: at + 1 }
    : { type: make(item.type), next: item.next };
}

/** "(name, score) pairs": a tuple whose parts have names; a name that tells no type is a text. */
function partsAt(tokens: readonly Token[], at: number): Noun | undefined {
  if (tokens[at]?.text !== "(") return undefined;
  const parts: Type[] = [];
  let next = at + 1;
  for (; tokens[next]?.kind === "word"; next += 1) {
    parts.push(SCALAR.get(tokens[next]?.stem ?? "") ?? STRING);
    next += 1;
    if (tokens[next]?.text !== ",") break;
  }
  if (tokens[next]?.text !== ")" || parts.length < 2 || parts.length > 6) return undefined;
  const said = /^(?:pair|tupl|tripl|triplet|record|entry)$/u.test(tokens[next + 1]?.stem ?? "");
  return { type: tupleOf(parts), next: said ? next + 2 : next + 1 };
}

function mapAt(tokens: readonly Token[], at: number, depth: number): Noun {
  const link = tokens[at + 1]?.lower ?? "";
  if (!["of", "from", "with"].includes(link)) return { type: mapOf(STRING, UNKNOWN), next: at + 1 };
  const first = nounAt(tokens, skipAdjectives(tokens, at + 2), depth + 1);
  if (first === undefined) return { type: mapOf(STRING, UNKNOWN), next: at + 1 };
  const to = tokens[first.next]?.lower ?? "";
  const second = ["to", "and", "onto"].includes(to)
    ? nounAt(tokens, skipAdjectives(tokens, first.next + 1), depth + 1)
    : undefined;
  if (second === undefined)
    return { type: mapOf(STRING, link === "of" ? first.type : UNKNOWN), next: first.next };
  return { type: mapOf(first.type, second.type), next: second.next };
}

function skipAdjectives(tokens: readonly Token[], at: number): number {
  let next = at;
  while (
    next < at + 4 &&
    (ADJECTIVES.has(tokens[next]?.stem ?? "") || DETERMINERS.has(tokens[next]?.lower ?? ""))
  )
    next += 1;
  // "n integers", "k words"
  if (/^[a-z]$/u.test(tokens[next]?.lower ?? "") && tokens[next + 1]?.kind === "word") next += 1;
  return next;
}

/** "a score of at least 50", "a value above 10": what is looked for, not what is handed in. */
function isCondition(tokens: readonly Token[], at: number): boolean {
  const words = tokens
    .slice(at, at + 4)
    .map((token) => token.lower)
    .join(" ");
  return /^(?:of )?(?:at least|at most|above|below|over|under|more than|less than|greater than|exactly|equal to)? ?\d/u.test(
    words,
  );
}

function before(tokens: readonly Token[], at: number): string {
  let text = "";
  for (let here = at - 1; here >= 0 && here > at - 14; here -= 1) {
    const token = tokens[here];
    if (token === undefined || token.kind === "line" || /[.;:!?]/u.test(token.text)) break;
    if (token.kind === "word" || token.kind === "number") text = `${token.lower} ${text}`;
  }
  return text;
}

function roleOf(tokens: readonly Token[], at: number, stem: string): Mention["role"] {
  const words = before(tokens, at).replace(
    /(?:positive|negative|non|empty|sorted|unsorted|integer|binary|natural|whole|single|nested)\s(?=$|\w+\s$)/gu,
    "",
  );
  if (/\b(?:insert|put|add|append|push|place)s?\b.*\b(?:in)?to\s(?:an?\s|the\s)?(?:\w+\s)?$/u.test(words))
    return "in";
  if (/\b(?:any|which|these|those|the|its)\s(?:two|three)\s(?:\w+\s)?$/u.test(words)) return "any";
  if (/\b(?:contains?|containing|has|have|with at least)\s(?:an?|at least one|any)\s$/u.test(words))
    return "any";
  if (TO_WORDS.test(words)) return "out";
  if (/\b(?:given|input|takes?|accepts?)\s(?:\w+\s)?$/u.test(words)) return "in";
  if (OUT_WORDS.test(words)) return "out";
  if (
    /\b(?:longest|shortest|largest|smallest|maximum|minimum|max|min|first|last|nth|kth|highest|lowest|most|next|total)\s(?:\w+\s)?$/u.test(
      words,
    )
  )
    return "any";
  if (
    /\b(?:each|every|number of|count of|count the|all the|all|of the|the)\s$/u.test(words) &&
    stem !== "list"
  )
    return "any";
  if (IN_WORDS.test(words) || /\b(?:a|an|two|three|both)\s(?:\w+\s)?$/u.test(words)) return "in";
  return "any";
}

function countBefore(tokens: readonly Token[], at: number): number {
  for (let back = 1; back <= 3; back += 1) {
    const word = tokens[at - back];
    if (word === undefined || word.kind === "line" || word.kind === "mark") return 1;
    const count = COUNTS.get(word.lower);
    if (count !== undefined) return count;
    if (!ADJECTIVES.has(word.stem)) return 1;
  }
  return 1;
}

/** "n", "xs", "a and b", "a, b" or `name` right after the noun. */
function namesAt(tokens: readonly Token[], at: number): { names: string[]; next: number } {
  const names: string[] = [];
  let next = at;
  if (["called", "named"].includes(tokens[next]?.lower ?? "")) next += 1;
  for (;;) {
    const name =
      nameOf(tokens[next], tokens[next + 1], names.length > 0) ??
      (names.length === 0 ? wordName(tokens, next) : undefined);
    if (name === undefined) break;
    // "a string n times": the letter belongs to what follows.
    if (names.length === 0 && AMOUNTS.test(tokens[next + 1]?.lower ?? "")) break;
    names.push(name);
    at = next + 1;
    const link = tokens[at]?.lower ?? "";
    if (link !== "," && link !== "and") break;
    next = link === "," && tokens[at + 1]?.lower === "and" ? at + 2 : at + 1;
  }
  return { names, next: at };
}

/** "where a and b are integers". */
function namesBefore(tokens: readonly Token[], at: number): string[] {
  const [one, and, two, are] = tokens.slice(Math.max(at - 4, 0), at);
  const first = nameOf(one, and);
  const second = nameOf(two, are, true);
  if (
    first === undefined ||
    second === undefined ||
    and?.lower !== "and" ||
    !/^(?:are|both)$/u.test(are?.lower ?? "")
  )
    return [];
  return [first, second];
}

const AMOUNTS =
  /^(?:times|copies|elements|items|words|characters|positions|places|smallest|largest|numbers|digits|letters)$/u;

/** "an integer low and …", "an integer target, …": a noun's apposition that no sentence could go on with. */
function wordName(tokens: readonly Token[], at: number): string | undefined {
  const [noun, token, after] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (token?.kind !== "word" || noun === undefined || !/^[a-z]{2,12}$/u.test(token.text)) return undefined;
  if (after !== undefined && after.kind !== "line" && !/^(?:,|and|\.|;|to|\))$/u.test(after.lower))
    return undefined;
  if (/(?:ed|ing|ly)$/u.test(token.lower) || NO_NAMES.has(token.lower)) return undefined;
  return /^(?:integers?|ints?|numbers?|floats?|strings?|lists?|arrays?|booleans?|words?)$/u.test(noun.lower)
    ? token.text
    : undefined;
}

const NO_NAMES = setOf(
  "and or to in of is are by as at on it its the an be so if for from with that then not only given whose which where order " +
    "too together again first last twice alphabetically backwards exist each both list string number array function " +
    "length size value values element elements sorted into between below above itself there here else",
);

/** Letters and identifiers that no sentence has as a word. "a" is a name only beside another: "a and b". */
export function nameOf(
  token: Token | undefined,
  following: Token | undefined,
  listed = false,
): string | undefined {
  if (token === undefined) return undefined;
  const text = token.kind === "code" ? token.text.replaceAll("`", "") : token.text;
  if (token.kind !== "word" && token.kind !== "code") return undefined;
  if (/^a$/iu.test(text))
    return listed || following?.lower === "and" || following?.lower === "," ? text : undefined;
  if (
    /^[b-hj-zB-HJ-Z]$/u.test(text) ||
    /^(?:nums?|arr|xs|ys|lst|str[12]?|[a-z]+\d|[a-z]+_[a-z_0-9]+|[a-z]+[A-Z]\w*)$/u.test(text)
  )
    return text;
  return token.kind === "code" && /^[a-zA-Z_]\w*$/u.test(text) ? text : undefined;
}
