import type { Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import { FLOAT, INT, type Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { call, callOf, literal, ref } from "#anrf/search/express.ts";
import type { Callable } from "#anrf/search/library.ts";
import type { Fragment } from "#anrf/search/words.ts";
import { type Entry, functionOf, textbook } from "./textbook.ts";
import { keysOf } from "./words.ts";

/** What a function of the textbook is sought for. */
export interface Question {
  readonly words: string;
  /** Of the function sought. */
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly type: Type }[];
  readonly result: Type;
  readonly constants: readonly { readonly value: Value; readonly type: Type; readonly weight: number }[];
}

/** A function that the words speak of. */
export interface Hit {
  readonly entry: Entry;
  /** How far the words are from what the textbook calls it: 0 is the name itself and nothing else. */
  readonly bits: number;
  /** The part of the phrase that the words have, and the part of the words that stands in the phrase; both 0 to 1. */
  readonly complete: number;
  readonly share: number;
  /** The words that stand in the phrase, each with its part of all that is said. */
  readonly says: ReadonlyMap<string, number>;
}

/** What the textbook knows of a question. */
export interface Retrieved {
  /** Whole answers: calls with the question's own parameters. */
  readonly fragments: readonly Fragment[];
  /** What the fragments call, and what an answer may call. */
  readonly functions: readonly Callable[];
}

/** Bits of what the words say and a function does not. */
const UNSAID_BITS = 7;
/** Bits of a phrase of which all words were missing. */
const MISSING_BITS = 14;
/** The part of a phrase that the words have at least. */
const LEAST_COMPLETE = 0.75;
/** What the words name in full they mean, or a part of it. */
const NAMED = 0.99;
/** The part of the words from which a name in full says what is meant; and that from which it may be a part of it. */
const MEANT = 0.45;
const MENTIONED = 0.25;
const MOST_WHOLE = 8;
const MOST_PARTS = 6;
const MOST_PARAMS = 4;

/** What the textbook has for a question, nearest to the words first. */
export function retrieve(question: Question): Retrieved {
  const hits = hitsOf(question.words).filter(({ entry }) => entry.params.length <= MOST_PARAMS);
  const fragments: Fragment[] = [];
  const functions = new Map<string, Callable>();
  let parts = 0;
  for (const { entry, bits, complete, share, says } of hits) {
    const fn = named(functionOf(entry), question.name);
    const whole = fragments.length < MOST_WHOLE ? wholeAnswers(fn, bits, question) : [];
    const isPart = complete >= NAMED && share >= MENTIONED && parts < MOST_PARTS;
    if (whole.length === 0 && !isPart) continue;
    if (isPart) parts++;
    fragments.push(...whole);
    functions.set(fn.name, {
      fn,
      bits: isPart ? bits : undefined,
      says: complete >= NAMED && share >= MEANT ? says : NOTHING,
    });
  }
  return { fragments, functions: [...functions.values()] };
}

const NOTHING: ReadonlyMap<string, number> = new Map();

/** The function, with another name where the question's own function has it. */
function named(fn: FunctionExpr, taken: string): FunctionExpr {
  return fn.name === taken ? { ...fn, name: `${fn.name}_2` } : fn;
}

/** The entries that the words speak of, best first. */
export function hitsOf(words: string): readonly Hit[] {
  const index = indexed();
  const said = new Set(keysOf(words));
  const total = weigh(index, said);
  return index.entries
    .flatMap(({ entry, phrases, others }) => {
      let best: Hit | undefined;
      for (const keys of phrases) {
        const found = [...keys].filter((key) => said.has(key));
        const met = weigh(index, found);
        const complete = met / weigh(index, keys);
        if (complete < LEAST_COMPLETE) continue;
        const share =
          met /
          weigh(
            index,
            [...said].filter((key) => keys.has(key) || !others.has(key)),
          );
        const bits = UNSAID_BITS * (1 - share) + MISSING_BITS * (1 - complete);
        if (best !== undefined && bits >= best.bits) continue;
        const says = new Map(found.map((key) => [key, weigh(index, [key]) / total]));
        best = { entry, bits, complete, share, says };
      }
      return best === undefined ? [] : [best];
    })
    .sort((a, b) => a.bits - b.bits || (a.entry.name < b.entry.name ? -1 : 1));
}

interface Index {
  readonly entries: readonly {
    readonly entry: Entry;
    readonly phrases: readonly ReadonlySet<string>[];
    /** Words that go with it without naming it: of its parameters and types. */
    readonly others: ReadonlySet<string>;
  }[];
  /** In how many entries a word stands. */
  readonly counts: ReadonlyMap<string, number>;
}

let made: Index | undefined;

function indexed(): Index {
  if (made !== undefined) return made;
  const counts = new Map<string, number>();
  const entries = textbook().map((entry) => {
    const phrases = entry.phrases.map((phrase) => new Set(keysOf(phrase)));
    for (const key of new Set(phrases.flatMap((phrase) => [...phrase])))
      counts.set(key, (counts.get(key) ?? 0) + 1);
    const others = new Set(keysOf(`${entry.params.map(({ text }) => text).join(" ")} ${paramWords(entry)}`));
    return { entry, phrases: phrases.filter((phrase) => phrase.size > 0), others };
  });
  made = { entries, counts };
  return made;
}

function paramWords({ name, text }: Entry): string {
  const head = text.slice(text.indexOf(`fn ${name}(`)).split("\n")[0] ?? "";
  return [...head.matchAll(/(\w+): /gu)].map(([, param]) => param?.replaceAll("_", " ") ?? "").join(" ");
}

/** How much words tell, in bits: a rare one more than one that half of the textbook has. */
function weigh({ entries, counts }: Index, keys: Iterable<string>): number {
  let bits = 0;
  for (const key of keys) bits += Math.log2(1 + entries.length / (1 + (counts.get(key) ?? UNKNOWN_COUNT)));
  return bits;
}

/** A word that the textbook never says tells as much as one that so many functions have. */
const UNKNOWN_COUNT = 150;

/** Calls with the question's parameters, in every order that their types allow; what is left over takes constants of the words. */
function wholeAnswers(fn: FunctionExpr, bits: number, question: Question): readonly Fragment[] {
  if (fn.result.text !== question.result.text || question.params.length > fn.params.length) return [];
  const locals = question.params.map(({ name, type }): Local => ({ name, type }));
  const types = fn.params.map(({ type }) => type);
  return bindings(types, locals, question).map((args, at) => ({
    params: locals,
    body: callOf(fn, args),
    bits: at === 0 ? bits : bits + ORDER_BITS,
  }));
}

/** Bits of an order of the parameters that is not their own. */
const ORDER_BITS = 1.5;
const MOST_BINDINGS = 24;

function bindings(
  types: readonly Type[],
  locals: readonly Local[],
  question: Question,
): readonly (readonly Expr[])[] {
  const constants = question.constants.filter(({ weight }) => weight >= 0.5);
  const found: (readonly Expr[])[] = [];
  const visit = (args: readonly Expr[], unused: readonly Local[]): void => {
    const type = types[args.length];
    if (found.length >= MOST_BINDINGS) return;
    if (type === undefined) {
      if (unused.length === 0) found.push(args);
      return;
    }
    for (const local of unused) {
      const arg = asType(ref(local), type);
      if (arg !== undefined)
        visit(
          [...args, arg],
          unused.filter((one) => one !== local),
        );
    }
    if (types.length - args.length <= unused.length) return;
    for (const { value, type: own } of constants) {
      const arg = asType(literal(value, own), type);
      if (arg !== undefined) visit([...args, arg], unused);
    }
  };
  visit([], locals);
  return found;
}

/** An int serves where a float is wanted. */
function asType(arg: Expr, type: Type): Expr | undefined {
  if (arg.type.text === type.text) return arg;
  return arg.type.text === INT.text && type.text === FLOAT.text ? call("int.to_float", [arg]) : undefined;
}
