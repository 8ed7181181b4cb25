import { FLOAT, INT, listOf, optionOf, STRING, type Type } from "#anrf/program/type.ts";
import { OPTIONAL, paramCue, resultCue, resultFromWords } from "./cues.ts";
import type { CodeSignature } from "./examples.ts";
import type { Literal } from "./literals.ts";
import type { Place } from "./phrases/tokens.ts";
import { closed, isOpen, leastType, shapeOf, UNKNOWN } from "./shapes.ts";
import type { Mention } from "./words.ts";

/** Where a part came from, strongest first (generation.md §2.1). */
export type Source = "GIVEN" | "CODE" | "EXAMPLES" | "PHRASE" | "CONTEXT" | "DEFAULT";

/** One part of the signature, explained. */
export interface Part {
  readonly type: Type;
  readonly source: Source;
  /** 0 to 1, fixed for each rule. */
  readonly certainty: number;
  readonly place?: Place;
}

/** The unified signature; `clashes` name the parts on which two strong sources differ. */
export interface Unified {
  readonly name?: string;
  readonly params: readonly (Part & { readonly name: string })[];
  readonly returns: Part;
  readonly clashes: readonly Clash[];
}

/** Two strong sources that name different types for one part; `at` is the parameter's index, or -1 for the result. */
export interface Clash {
  readonly at: number;
  readonly taken: Part;
  readonly other: Part;
}

/** A signature without explanations: what a request or a stored context holds. */
export interface Plain {
  readonly name?: string;
  readonly params: readonly { readonly name: string; readonly type?: Type }[];
  readonly returns?: Type;
}

/** What the passes before this one found. */
export interface Sources {
  readonly given?: Plain;
  readonly code?: CodeSignature;
  /** The values of each parameter in all examples, and those of the result. */
  readonly columns?: readonly (readonly Literal[])[];
  readonly outputs: readonly Literal[];
  /** Parameter names that examples use. */
  readonly names: readonly string[];
  readonly mentions: readonly Mention[];
  /** The words without examples, lower case. */
  readonly words: string;
  readonly context?: Plain;
}

/** Types of all parts, unified in the order GIVEN > CODE > EXAMPLES > PHRASE > CONTEXT > DEFAULT. */
export function unify(sources: Sources): Unified {
  const inputs = inputMentions(sources.mentions, sources.words);
  const count =
    sources.given?.params.length ??
    sources.code?.params.length ??
    sources.columns?.length ??
    phraseCount(inputs, sources);
  const clashes: Clash[] = [];
  const slots = mentionsFor(inputs, count, sources);
  // "all words of a list": the items of the list are what the text speaks of.
  const fallback =
    sources.mentions.find((one) => one.plural && one.role === "any" && SCALARS.has(one.type.kind))?.type ??
    INT;
  const parts = Array.from({ length: count }, (_, at) => {
    const candidates = paramCandidates(at, sources, slots[at]);
    return settled(candidates, at, clashes, sources.words, fallback);
  });
  const names = paramNames(count, parts, slots, sources);
  const params = parts.map((part, at) => ({
    ...part,
    ...shared(parts, slots, at),
    name: names[at] ?? `arg${at}`,
  }));
  const returns = settled(resultCandidates(sources, params), -1, clashes, sources.words, fallback);
  const name = sources.given?.name ?? sources.code?.name ?? sources.context?.name;
  return { ...(name === undefined ? {} : { name }), params, returns, clashes };
}

/** "takes three numbers": what one noun names has one type, so a fraction in one makes all of them real. */
function shared(parts: readonly Part[], slots: readonly (Mention | undefined)[], at: number): { type: Type } {
  const part = parts[at] ?? { type: INT };
  const noun = slots[at];
  const real = parts.some(
    (other, place) => other.type.kind === "float" && noun !== undefined && slots[place]?.start === noun.start,
  );
  return { type: real && part.type.kind === "int" && parts[at]?.source === "EXAMPLES" ? FLOAT : part.type };
}

/** Who speaks of these, or of single letters to change, speaks of a text. */
const LETTERS =
  /\b(?:letters?|vowels?|consonants?|words?|characters?|strings?|texts?|capitals?|upper ?case|lower ?case|sentences?|palindromes?|anagrams?|spaces?|commas?|punctuation)\b|\b(?:replace|change|remove|add|append|insert|swap|delete)\w* (?:every |each |all |the |any |an |a )*[a-z]\b(?! list)/u;

/** The strongest candidate, its unknown parts filled from the weaker ones. */
function settled(
  candidates: readonly Part[],
  at: number,
  clashes: Clash[],
  words: string,
  fallback: Type,
): Part {
  const [taken, ...rest] = candidates;
  if (taken === undefined)
    return { type: LETTERS.test(words) ? STRING : INT, source: "DEFAULT", certainty: 0.3 };
  const strong = rest.find((part) => part.source === "CODE" || part.source === "EXAMPLES");
  if (strong !== undefined && clash(taken.type, strong.type)) clashes.push({ at, taken, other: strong });
  let type = taken.type;
  for (const other of rest) if (isOpen(type)) type = closed(type, other.type, UNKNOWN);
  return { ...taken, type: isOpen(type) ? closed(type, undefined, fallback) : type };
}

/** A float holds ints, an option its value, a list what a tuple or a map shows as JSON: those are no clash. */
function clash(taken: Type, other: Type): boolean {
  if (taken.text === other.text || isOpen(taken) || isOpen(other)) return false;
  if (taken.kind === "option") return clash(taken.item, other.kind === "option" ? other.item : other);
  if (taken.kind === "float" || taken.kind === "decimal")
    return other.kind !== "int" && other.kind !== "float";
  if (taken.kind === "date") return other.kind !== "string";
  if (taken.kind === "record" || taken.kind === "variant") return false;
  if (taken.kind === "list" && other.kind === "list") return clash(taken.item, other.item);
  const sequences = ["list", "tuple", "map"];
  return !(sequences.includes(taken.kind) && sequences.includes(other.kind));
}

function paramCandidates(at: number, sources: Sources, mention: Mention | undefined): Part[] {
  const parts: Part[] = [];
  const given = sources.given?.params[at]?.type;
  if (given !== undefined) parts.push({ type: given, source: "GIVEN", certainty: 1 });
  const code = sources.code?.params[at]?.type;
  if (code !== undefined && sources.code !== undefined)
    parts.push({ type: code, source: "CODE", certainty: 0.95, place: sources.code });
  const values = sources.columns?.[at];
  if (values !== undefined && values.length > 0) {
    const shape = shapeOf(values, paramCue(values, sources));
    if (shape !== undefined)
      parts.push({
        type: shape,
        source: "EXAMPLES",
        certainty: 0.9,
        ...(mention === undefined ? {} : { place: mention }),
      });
  }
  if (mention !== undefined)
    parts.push({ type: mention.type, source: "PHRASE", certainty: 0.75, place: mention });
  const stored = sources.context?.params[at]?.type;
  if (stored !== undefined) parts.push({ type: stored, source: "CONTEXT", certainty: 0.6 });
  return parts;
}

function resultCandidates(sources: Sources, params: readonly (Part & { readonly name: string })[]): Part[] {
  const parts: Part[] = [];
  if (sources.given?.returns !== undefined)
    parts.push({ type: sources.given.returns, source: "GIVEN", certainty: 1 });
  if (sources.code?.returns !== undefined)
    parts.push({ type: sources.code.returns, source: "CODE", certainty: 0.95, place: sources.code });
  const phrase = resultFromWords(sources, params);
  if (sources.outputs.length > 0) {
    const shape = shapeOf(sources.outputs, resultCue(sources, params));
    const option =
      OPTIONAL.test(sources.words) && shape !== undefined && shape.kind !== "bool" && shape.kind !== "option";
    if (shape !== undefined)
      parts.push({ type: option ? optionOf(shape) : shape, source: "EXAMPLES", certainty: 0.9 });
  }
  if (phrase !== undefined) parts.push(phrase);
  if (sources.context?.returns !== undefined)
    parts.push({ type: sources.context.returns, source: "CONTEXT", certainty: 0.6 });
  const first = params[0];
  if (first !== undefined) parts.push({ type: first.type, source: "DEFAULT", certainty: 0.3 });
  return parts;
}

/** Nouns that are parts of an input and not inputs: "the digits of n", "vowels in a text". */
const PARTS =
  /^(?:digit|vowel|letter|char|element|item|valu|index|position|count|length|size|total|bit|prim|key)$/u;

function inputMentions(mentions: readonly Mention[], words: string): Mention[] {
  const inputs: Mention[] = [];
  const before = (mention: Mention): string => words.slice(Math.max(0, mention.start - 30), mention.start);
  const strong = (mention: Mention): boolean =>
    mention.names.length > 0 ||
    mention.count > 1 ||
    /\b(?:given|takes?|accepts?|input)\W+(?:\w+[ -]){0,2}$/u.test(before(mention));
  const given = mentions.some(
    (mention) =>
      mention.role === "in" && /\b(?:given|takes?|accepts?|input)\W+(?:\w+[ -]){0,2}$/u.test(before(mention)),
  );
  for (const mention of mentions) {
    if (mention.role !== "in") continue;
    // Beside "a given list" the rest tells what is looked for in it, unless "and a" hands it in too.
    if (
      given &&
      !strong(mention) &&
      !/\b(?:and|by|with|than|at|for) (?:an?|the|some) (?:\w+ )?$/u.test(before(mention))
    )
      continue;
    // "the list" again, or "from the list": the same value is spoken of twice.
    const fresh =
      /\b(?:and|to|by|with|plus|from|between) (?:an?|another) (?:\w+ )?$|\banother (?:\w+ )?$/u.test(
        before(mention),
      );
    const again = inputs.some(
      (other) => other.stem === mention.stem && mention.names.length === 0 && mention.count === 1 && !fresh,
    );
    const part = PARTS.test(mention.stem) && mention.names.length === 0 && !strong(mention) && !fresh;
    const definite = /\b(?:the|that|this|its|each) (?:\w+ )?$/u.test(
      words.slice(Math.max(0, mention.start - 14), mention.start),
    );
    if (again || part || (definite && inputs.length > 0 && mention.names.length === 0)) continue;
    inputs.push(
      mention.plural && mention.count === 1 && mention.names.length < 2
        ? { ...mention, type: listOf(mention.type) }
        : mention,
    );
  }
  const letter =
    /\b(?:first|last|by|than|most|least|the|of size|of length|to|top|every) ([nk])\b|\b([nk]) (?:times|copies|elements|items|words|characters|positions|places|smallest|largest|numbers|digits|letters)\b|\b([nk])th\b/u.exec(
      words,
    );
  const name = letter?.[1] ?? letter?.[2] ?? letter?.[3];
  if (
    letter !== null &&
    name !== undefined &&
    !inputs.some(
      (mention) =>
        mention.names.includes(name) || (mention.type.kind === "int" && mention.names.length === 0),
    )
  ) {
    const place = { start: letter.index, end: letter.index + letter[0].length };
    const whole =
      inputs.length > 0 ? [] : wholeMention(mentions.filter((mention) => mention.type.kind !== "int"));
    return [
      ...inputs,
      ...whole,
      { type: INT, role: "in", count: 1, names: [name], stem: name, plural: false, ...place },
    ];
  }
  return inputs.length > 0 ? inputs : wholeMention(mentions);
}

function wholeMention(mentions: readonly Mention[]): Mention[] {
  // "Join the strings": nothing else can be meant.
  const whole = mentions.find((mention) => mention.role === "any" && !PARTS.test(mention.stem));
  return whole === undefined ? [] : [whole.plural ? { ...whole, type: listOf(whole.type) } : whole];
}

function phraseCount(inputs: readonly Mention[], sources: Sources): number {
  if (sources.context !== undefined && sources.context.params.length > 0)
    return sources.context.params.length;
  let count = 0;
  for (const mention of inputs) count += Math.max(mention.count, mention.names.length, 1);
  return Math.min(Math.max(count, 1), 8);
}

/** Which mention speaks of which parameter: in order, where the plain shape of the values fits. */
function mentionsFor(inputs: readonly Mention[], count: number, sources: Sources): (Mention | undefined)[] {
  const pool = inputs.flatMap((mention) => {
    const times = Math.max(mention.count, mention.names.length, 1);
    return Array.from({ length: Math.min(times, 8) }, (_, at) => {
      const name = mention.names[at];
      return { ...mention, names: name === undefined ? [] : [name] };
    });
  });
  const used = new Set<number>();
  return Array.from({ length: count }, (_, at) => {
    const shape =
      sources.given?.params[at]?.type ?? sources.code?.params[at]?.type ?? columnType(sources, at);
    const index = pool.findIndex(
      (mention, place) => !used.has(place) && (shape === undefined || alike(shape, mention.type)),
    );
    if (index >= 0) used.add(index);
    return pool[index];
  });
}

function columnType(sources: Sources, at: number): Type | undefined {
  const column = sources.columns?.[at];
  return column === undefined || column.length === 0 ? undefined : leastType(column);
}

function alike(shape: Type, said: Type): boolean {
  if (shape.kind === "var" || said.kind === "var") return true;
  if (shape.kind === "option") return alike(shape.item, said);
  if (shape.kind === "float" || shape.kind === "int") return said.kind === "int" || said.kind === "float";
  if (shape.kind === "list" || shape.kind === "tuple")
    return said.kind === "list" || said.kind === "tuple" || said.kind === "map";
  if (shape.kind === "string") return said.kind === "string" || said.kind === "date";
  return shape.kind === said.kind;
}

/** True for what the language takes as a name of a parameter. */
export function isIdentifier(name: string): boolean {
  return /^[\p{XIDS}_][\p{XIDC}]{0,63}$/u.test(name) && name !== "_";
}

const SCALARS: ReadonlySet<string> = new Set(["int", "float", "string", "bool"]);
const DEFAULT_NAMES: Readonly<Record<string, readonly string[]>> = {
  int: ["n", "m", "k", "j"],
  float: ["x", "y", "z", "w"],
  string: ["text", "other", "third"],
  list: ["xs", "ys", "zs"],
  map: ["entries", "others"],
  bool: ["flag", "other_flag"],
  tuple: ["pair", "other_pair"],
};

function paramNames(
  count: number,
  parts: readonly Part[],
  slots: readonly (Mention | undefined)[],
  sources: Sources,
): string[] {
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, at) => {
    const code = sources.code?.params[at];
    const written = code !== undefined && !/^arg\d+$/u.test(code.name) ? code.name : undefined;
    const stored = sources.context?.params.length === count ? sources.context.params[at]?.name : undefined;
    const wanted = [sources.given?.params[at]?.name, written, sources.names[at], slots[at]?.names[0], stored];
    const kind = parts[at]?.type.kind ?? "";
    const letters =
      kind === "int"
        ? [...sources.words.matchAll(/(?<![\w'-])([b-hj-z])(?![\w'-])/gu)].map((match) => match[1])
        : [];
    const defaults = [...letters, ...(DEFAULT_NAMES[kind] ?? [])];
    const free = [...wanted, ...defaults, `arg${at}`].find(
      (name) => name !== undefined && isIdentifier(name) && name !== "result" && !taken.has(name),
    );
    const name = free ?? `arg${at}_${at}`;
    taken.add(name);
    return name;
  });
}
