import { BOOL, FLOAT, INT, listOf, STRING, type Type } from "#anrf/program/type.ts";
import { type Literal, literalKey } from "./literals.ts";
import type { Place } from "./phrases/tokens.ts";
import { real } from "./shapes.ts";
import type { Clash, Unified } from "./types.ts";

/** Something that could be read in more than one way; the first option holds until somebody says otherwise. */
export interface Question {
  readonly kind: string;
  readonly question: string;
  readonly place?: Place;
  readonly options: readonly Choice[];
}

/** One way to read it, and what it changes. */
export interface Choice {
  readonly label: string;
  readonly change: Change;
}

/** What an option does to the intent; one click applies it. */
export type Change =
  | { readonly kind: "keep" }
  /** at: the parameter's index, or -1 for the result. */
  | { readonly kind: "type"; readonly at: number; readonly type: Type }
  /** Drops the examples at these places of the list. */
  | { readonly kind: "drop"; readonly examples: readonly number[] }
  /** Adds a sentence to the constraints. */
  | { readonly kind: "say"; readonly sentence: string };

/** The part of an example that can contradict another. */
export interface Outcome {
  readonly inputs: readonly Literal[];
  readonly output: Literal | undefined;
  readonly trap: string | undefined;
}

/** What the questions are made of. */
export interface Findings {
  readonly text: string;
  /** Lower case, the examples blanked out. */
  readonly words: string;
  readonly unified: Unified;
  /** Equal inputs with different outputs: places in the list of examples. */
  readonly contradictions: readonly (readonly [number, number])[];
  readonly exampleCount: number;
}

/** The most questions that one analysis asks. */
export const MAX_QUESTIONS = 8;

/** Questions by their effect on the signature, strongest first. */
export function ambiguities(findings: Findings): Question[] {
  const asked = [
    contradictory,
    clashes,
    numberTypes,
    unknownResult,
    noInput,
    indexBase,
    ties,
    bounds,
    emptyInput,
  ];
  return asked.flatMap((ask) => ask(findings)).slice(0, MAX_QUESTIONS);
}

function contradictory({ contradictions }: Findings): Question[] {
  return contradictions.slice(0, 3).map(([first, second]) => ({
    kind: "CONTRADICTORY_EXAMPLES",
    question: `examples ${first + 1} and ${second + 1} have the same inputs and different outputs: which one holds?`,
    options: [
      { label: `keep example ${first + 1}`, change: { kind: "drop", examples: [second] } },
      { label: `keep example ${second + 1}`, change: { kind: "drop", examples: [first] } },
    ],
  }));
}

function clashes({ unified }: Findings): Question[] {
  return unified.clashes.map((clash: Clash) => {
    const part = clash.at < 0 ? "the result" : `parameter ${unified.params[clash.at]?.name ?? clash.at + 1}`;
    return {
      kind: "TYPE_CLASH",
      question: `is ${part} ${clash.taken.type.text}, or ${clash.other.type.text} as the examples show it?`,
      ...(clash.taken.place === undefined ? {} : { place: clash.taken.place }),
      options: [
        { label: clash.taken.type.text, change: { kind: "keep" } },
        { label: clash.other.type.text, change: { kind: "type", at: clash.at, type: clash.other.type } },
      ],
    };
  });
}

/** "number" alone: whole numbers, unless somebody says otherwise. */
function numberTypes({ unified, words, exampleCount }: Findings): Question[] {
  if (exampleCount > 0 || /\b(?:integer|int|whole|float|decimal|real)s?\b/u.test(words)) return [];
  const found: Question[] = [];
  for (const [at, param] of unified.params.entries()) {
    if (param.source !== "PHRASE" || param.type.text === real(param.type).text) continue;
    const said = param.place === undefined ? "" : words.slice(param.place.start, param.place.end);
    if (!/\b(?:numbers?|values?|amounts?|elements?|list|array)\b/u.test(said)) continue;
    found.push({
      kind: "NUMBER_TYPE",
      question: `are the numbers of ${param.name} whole, or may they have a fraction?`,
      ...(param.place === undefined ? {} : { place: param.place }),
      options: [
        { label: `whole: ${param.type.text}`, change: { kind: "keep" } },
        {
          label: `with fraction: ${real(param.type).text}`,
          change: { kind: "type", at, type: real(param.type) },
        },
      ],
    });
  }
  return found.slice(0, 2);
}

function unknownResult({ unified }: Findings): Question[] {
  const { returns } = unified;
  if (returns.source !== "DEFAULT") return [];
  const others = [BOOL, INT, FLOAT, STRING, listOf(INT), listOf(STRING)].filter(
    (type) => type.text !== returns.type.text,
  );
  return [
    {
      kind: "RESULT_TYPE",
      question: "what comes back?",
      options: [
        { label: returns.type.text, change: { kind: "keep" } },
        ...others.map((type): Choice => ({ label: type.text, change: { kind: "type", at: -1, type } })),
      ],
    },
  ];
}

function noInput({ unified }: Findings): Question[] {
  const [only, more] = unified.params;
  if (only === undefined || more !== undefined || only.source !== "DEFAULT") return [];
  const types = [INT, STRING, listOf(INT), listOf(STRING), FLOAT];
  return [
    {
      kind: "INPUT_TYPE",
      question: "what is the input?",
      options: types.map(
        (type, at): Choice => ({
          label: type.text,
          change: at === 0 ? { kind: "keep" } : { kind: "type", at: 0, type },
        }),
      ),
    },
  ];
}

function spoken(findings: Findings, pattern: RegExp): Place | undefined {
  const match = pattern.exec(findings.words);
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
}

function ask(kind: string, place: Place, question: string, first: string, second: string): Question {
  return {
    kind,
    question,
    place,
    options: [
      { label: first, change: { kind: "keep" } },
      { label: second, change: { kind: "say", sentence: second } },
    ],
  };
}

/** Examples settle the questions below: they are asked without any only. */
function indexBase(findings: Findings): Question[] {
  const place =
    findings.exampleCount > 0 ? undefined : spoken(findings, /\b(?:nth|kth|n-th|k-th|index|position)\b/u);
  if (place === undefined || /\bfibonacci\b/u.test(findings.words)) return [];
  const zero = /index/u.test(findings.words.slice(place.start, place.end));
  const [one, other] = ["positions count from one", "positions count from zero"];
  return [
    ask(
      "INDEX_BASE",
      place,
      "does the position count from one or from zero?",
      zero ? other : one,
      zero ? one : other,
    ),
  ];
}

function ties(findings: Findings): Question[] {
  const place =
    findings.exampleCount > 2
      ? undefined
      : spoken(findings, /\b(?:longest|shortest|most (?:common|frequent)|mode)\b/u);
  if (
    place === undefined ||
    findings.unified.returns.type.kind === "int" ||
    findings.unified.returns.type.kind === "bool"
  )
    return [];
  return [
    ask(
      "TIES",
      place,
      "which one of several equals?",
      "the first of equals is taken",
      "the last of equals is taken",
    ),
  ];
}

function bounds(findings: Findings): Question[] {
  if (findings.exampleCount > 0 || /\b(?:inclusive|exclusive|at least|at most)\b/u.test(findings.words))
    return [];
  const place = spoken(findings, /\b(?:between \w+ and \w+|in the range|up to|until)\b/u);
  return place === undefined
    ? []
    : [
        ask(
          "BOUNDS",
          place,
          "do the bounds belong to the range?",
          "the bounds are included",
          "the upper bound is excluded",
        ),
      ];
}

function emptyInput(findings: Findings): Question[] {
  const { returns, params } = findings.unified;
  if (
    returns.type.kind === "option" ||
    /\bempty\b/u.test(findings.words) ||
    !params.some((param) => param.type.kind === "list")
  )
    return [];
  const place = spoken(
    findings,
    /\b(?:largest|smallest|maximum|minimum|longest|shortest|average|mean|median|most common|first element|last element)\b/u,
  );
  if (place === undefined) return [];
  return [
    ask(
      "EMPTY_INPUT",
      place,
      "what comes back for an empty list?",
      "an empty list is not handed in",
      "an empty list gives none",
    ),
  ];
}

/** Pairs of examples with equal inputs and different outputs, by their places. */
export function contradictionsOf(rows: readonly Outcome[]): [number, number][] {
  const seen = new Map<string, number>();
  const found: [number, number][] = [];
  for (const [at, row] of rows.entries()) {
    const key = row.inputs.map(literalKey).join();
    const before = seen.get(key);
    if (before === undefined) seen.set(key, at);
    else if (outcomeOf(rows[before]) !== outcomeOf(row)) found.push([before, at]);
  }
  return found;
}

function outcomeOf(row: Outcome | undefined): string {
  return row?.output === undefined ? `trap ${row?.trap}` : literalKey(row.output);
}
