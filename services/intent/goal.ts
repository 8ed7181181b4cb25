import type { Type } from "#anrf/program/type.ts";
import { typeParts } from "#anrf/program/type.ts";
import { hints, type LexiconHint } from "./lexicon.ts";
import type { Place, Token } from "./phrases/tokens.ts";

/** What the function is for. */
export interface Goal {
  readonly summary: string;
  readonly verbClass: string;
  readonly hints: readonly LexiconHint[];
  readonly place?: Place;
}

const BOILERPLATE = [
  /^(?:hi|hello|hey)[,!. ]+/iu,
  /^(?:please|kindly)[, ]+/iu,
  /^(?:can|could|would) you (?:please )?/iu,
  /^(?:i|we) (?:want|need|would like|am looking for|'d like)(?: to have| you to)? /iu,
  /^(?:write|create|implement|make|build|develop|define|design|code|complete|provide|give me|show me|have|need|generate)(?: me| us)? (?:(?:a|an|the|some|this|your|one|simple|small|short|new|efficient|python|javascript|typescript|java|js|anrf) )*(?:function|program|method|code|script|routine|procedure|algorithm|helper|utility)s?(?: (?:called|named) [`'"]?\w+[`'"]?(?:\([^)]*\))?)?(?:,? (?:to|that|which|for|in order to|so that it|, which))? /iu,
  /^(?:(?:a|an|the|this|my|your) )?(?:function|program|method|script)(?: [`'"]?\w+[`'"]?)? (?:to|that|which|should|must|will|is to|needs to|has to) /iu,
  /^(?:(?:should|must|will|has to|needs to) )/iu,
];

/** Verbs by the class that they name; the first verb of the goal decides. */
const VERBS = new Map<string, string>(
  Object.entries({
    check: "check verify determin test decid whether is are validat detect doe can has",
    count: "count tally",
    sum: "sum add total accumulat",
    sort: "sort order arrang rank",
    filter: "filter keep select retain extract pick collect",
    remove: "remov delet drop discard exclud strip eliminat trim",
    map: "doubl squar tripl increment multiply negat map apply transform scal halv cub",
    reverse: "revers flip invert mirror rotat",
    find: "search locat look",
    extreme: "maximiz minimiz",
    split: "split break separat tokeniz partition chunk",
    join: "join concatenat combin append merg glu attach prepend interleav zip",
    convert: "convert turn chang translat encod decod transpos swap",
    format: "format print render pad capitaliz titl spell abbreviat uppercas lowercas mask",
    parse: "pars read",
    replace: "replac substitut",
    group: "group bucket categoriz classify index",
    repeat: "repeat duplicat copy",
    compute: "comput calculat evaluat divid subtract round averag estimat measur pric charg",
    generate: "generat list produc build enumerat fill",
    compare: "compar",
    unique: "deduplicat dedup",
    flatten: "flatten unnest",
  }).flatMap(([name, verbs]) => verbs.split(" ").map((verb) => [verb, name] as const)),
);
const NOUNS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:whether|check (?:if|that|whether)|returns? (?:true|false)|is (?:it|the|a|this) .*\?)/u, "check"],
  [/\b(?:how many|(?:the )?number of|count of)\b/u, "count"],
  [/\b(?:sum|total) of\b|\btotal\b/u, "sum"],
  [
    /\b(?:largest|smallest|maximum|minimum|longest|shortest|highest|lowest|max|min|most|biggest)\b/u,
    "extreme",
  ],
  [/\b(?:average|mean|median|percentage|product|factorial|difference|gcd|area|price|cost)\b/u, "compute"],
  [/\bsorted\b|\bin (?:ascending|descending) order\b/u, "sort"],
  [/\b(?:unique|distinct|without duplicates)\b/u, "unique"],
  [/\b(?:first|last|index|position|nth|kth)\b/u, "find"],
  [/\b(?:only|those (?:with|that|who)|that are|which are|whose|all the)\b/u, "filter"],
  [/\b(?:reversed|backwards?)\b/u, "reverse"],
];

/** The goal sentence without boilerplate, its class, and the builtins that all words suggest. */
export function goal(
  text: string,
  tokens: readonly Token[],
  types: readonly Type[],
  hidden: readonly Place[],
): Goal {
  const place = goalSentence(text, hidden);
  const found = fitting(hints(tokens), types);
  if (place === undefined) return { summary: "", verbClass: "other", hints: found };
  const summary = withoutBoilerplate(without(text, place, hidden));
  const inside = tokens.filter((token) => token.start >= place.start && token.end <= place.end);
  const named = verbClass(summary, inside);
  // "Add a w to the end": there is nothing to sum in a text.
  const texts = types.length > 0 && types.every((type) => type.kind === "string");
  return { summary, verbClass: named === "sum" && texts ? "join" : named, hints: found, place };
}

/** The sentence with the first verb of the table, else the first sentence at all. */
function goalSentence(text: string, hidden: readonly Place[]): Place | undefined {
  const found: Place[] = [];
  for (const match of text.matchAll(/(?:[^.!?\n]|[.!?](?=[^\s]))+[.!?]?(?:\n(?=[a-z(]))?/gu)) {
    const start = match.index + Math.max(match[0].search(/\S/u), 0);
    const end = match.index + match[0].trimEnd().length;
    if (end <= start || !/\p{L}{2}/u.test(text.slice(start, end))) continue;
    const last = found.at(-1);
    // A line end inside a sentence does not end it.
    if (
      last !== undefined &&
      /\n$/u.test(text.slice(last.end, start)) &&
      !/[.!?:]$/u.test(text.slice(last.start, last.end))
    ) {
      found[found.length - 1] = { start: last.start, end };
    } else found.push({ start, end });
    if (found.length > 12) break;
  }
  const free = found.filter((place) => /\p{L}{3}/u.test(without(text, place, hidden)));
  const telling = free.find((place) =>
    /\b(?:returns?|find|check|compute|count|write|create|implement|calculate|given|sort|convert|remove|get|list|should|determine|filter)\b/iu.test(
      text.slice(place.start, place.end),
    ),
  );
  return telling ?? free[0];
}

/** The sentence without the examples and the code that stand in it. */
function without(text: string, place: Place, hidden: readonly Place[]): string {
  let rest = "";
  let at = place.start;
  for (const cut of [...hidden].sort((a, b) => a.start - b.start)) {
    if (cut.end <= at || cut.start >= place.end) continue;
    rest += text.slice(at, Math.max(cut.start, at));
    at = cut.end;
  }
  return (rest + text.slice(at, Math.max(place.end, at)))
    .replaceAll(/\s+([.,;:])/gu, "$1")
    .replace(/[,;:\s(]+$/u, "")
    .replace(/^[.,;:\s)]+/u, "");
}

function withoutBoilerplate(sentence: string): string {
  let rest = sentence
    .replaceAll(/\s+/gu, " ")
    .trim()
    .replace(/^["'<>*#\-\s]+/u, "")
    .replace(/[>\s]+$/u, "")
    // What led to an example that has been taken out.
    .replace(
      /[,;:(\s]*\b(?:e\.?g\.?|i\.?e\.?|for example|for instance|such as|like this|like|so that|so)[,:.]*$/iu,
      "",
    );
  for (const pattern of BOILERPLATE) rest = rest.replace(pattern, "");
  rest = rest.trim();
  return rest === "" ? sentence.trim() : rest;
}

function verbClass(summary: string, tokens: readonly Token[]): string {
  const lower = summary.toLowerCase();
  if (/\breturns? (?:true|false|whether)\b|\b(?:is|are) valid if\b|^(?:is|are|does|do|can|has) /u.test(lower))
    return "check";
  const firstWord = /^\p{L}+/u.exec(lower)?.[0] ?? "";
  const leading = tokens.find((token) => token.lower === firstWord);
  const first = leading === undefined ? undefined : VERBS.get(leading.stem);
  if (first !== undefined && first !== "compute" && first !== "generate") return first;
  const after =
    /\b(?:return|returns|output|get|find|compute|calculate|give|produce|tell|say)s?\b(.*)$/u.exec(
      lower,
    )?.[1] ?? lower;
  for (const [pattern, name] of NOUNS) if (pattern.test(after)) return name;
  for (const token of tokens) {
    const name = token.kind === "word" ? VERBS.get(token.stem) : undefined;
    const before = tokens[tokens.indexOf(token) - 1]?.lower ?? "";
    const noun = /^(?:an?|the|of|in|two|given|each|every|this|that|its|from|sorted|single|for)$/u.test(
      before,
    );
    if (
      name !== undefined &&
      !noun &&
      !/^(?:is|are|does|do|has|can|list|lists|index|order|rank|copy)$/u.test(token.lower)
    )
      return name;
  }
  return first ?? "other";
}

const FAMILY: Readonly<Record<string, readonly string[]>> = {
  list: ["list", "tuple", "map", "string", "int"],
  map: ["map", "list", "string"],
  string: ["string"],
  float: ["float", "decimal"],
  decimal: ["decimal"],
  date: ["date"],
  option: ["option", "list", "map", "string"],
};

/** Hints of a family that no type of the signature can lead to count for less: they are probably another sense of the word. */
function fitting(found: readonly LexiconHint[], types: readonly Type[]): LexiconHint[] {
  const kinds = new Set<string>();
  const pending = [...types];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    kinds.add(next.kind);
    pending.push(...typeParts(next));
  }
  if (kinds.size === 0) return found.slice(0, 60);
  const weighed = found.map((hint) => {
    const family = hint.builtin.split(".")[0] ?? "";
    const leads = FAMILY[family];
    const reachable = leads === undefined || leads.some((kind) => kinds.has(kind));
    const direct = leads === undefined || kinds.has(family) || leads[0] === undefined;
    const factor = reachable ? (direct ? 1 : 0.7) : 0.25;
    return { ...hint, weight: Math.round(hint.weight * factor * 1000) / 1000 };
  });
  return weighed
    .filter((hint) => hint.weight >= 0.1)
    .sort((a, b) => b.weight - a.weight || (a.builtin < b.builtin ? -1 : 1))
    .slice(0, 60);
}
