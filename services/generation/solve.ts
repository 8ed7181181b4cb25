import { type JsonValue, toBinary } from "@bufbuild/protobuf";
import { readArtifact } from "#anrf/program/artifact.ts";
import { JsonObject } from "#anrf/program/json.ts";
import { jsonToPlain } from "#anrf/program/proto-json.ts";
import type { Value } from "#anrf/program/value.ts";
import { valueToJson } from "#anrf/program/value-json.ts";
import { type CandidateEvent, type EndEvent, type SearchEvent, search } from "#anrf/search/search.ts";
import { print } from "#anrf/text/print.ts";
import { type CheckName, verify } from "#anrf/verify/verify.ts";
import { ArtifactSchema, type Spec } from "#gen/anrf/v1/artifact_pb.ts";
import { fileOf, type Source, specOf } from "./artifact.ts";
import { Judge, type Judged } from "./judge.ts";
import { type Features, hintShare, rank, type Scored } from "./rank.ts";
import type { SynthTask } from "./task.ts";

/** How much work a task may take. */
export interface SolveSettings {
  readonly seed: bigint;
  readonly programs: number;
  readonly memoryBytes: number;
  readonly candidates: number;
  readonly checks: readonly CheckName[];
  readonly weights?: Features | undefined;
}

/** What happens on the way, in an order that repeats for the same task and settings. */
export type SolveEvent =
  | { readonly kind: "progress"; readonly evaluated: number; readonly kept: number; readonly solved: number }
  | { readonly kind: "candidate"; readonly scored: Scored }
  | {
      readonly kind: "retracted";
      readonly digest: string;
      readonly reason: "FAILED_CHECK" | "COUNTEREXAMPLE";
      /** By parameter name. */
      readonly input?: JsonValue;
    }
  | {
      readonly kind: "verdict";
      readonly digest: string;
      readonly check: string;
      readonly status: "PASS" | "FAIL" | "WARN";
      readonly details: string;
    }
  | SolveEnd;

/** How it ended; always last. */
export interface SolveEnd {
  readonly kind: "end";
  /** Best first; none failed a check. */
  readonly ranked: readonly Scored[];
  readonly spec: Spec;
  readonly question: SolveQuestion | undefined;
  readonly warnings: readonly string[];
  readonly evaluated: number;
  readonly kept: number;
  /** Why the search ended, in the search's own words. */
  readonly reason: string;
  /** Nothing but the signature speaks for the best program. */
  readonly isGuess: boolean;
}

/** The smallest input on which the two best clusters differ, with what comes out. */
export interface SolveQuestion {
  readonly text: string;
  readonly inputs: JsonValue;
  readonly answers: readonly { readonly digest: string; readonly outcome: string }[];
}

/** The share of the words' hints that an answer from words alone follows at least. */
const LEAST_HINTS = 0.2;
/** A second cluster this near to the best one is worth a question. */
const QUESTION_GAP = 0.35;

/** Searches, judges, ranks and verifies. It owns no clock: `stop` ends the search with a reason. */
export function* solve(
  task: SynthTask,
  source: Source,
  settings: SolveSettings,
  stop: () => string | undefined,
): Generator<SolveEvent> {
  const seed = Number(BigInt.asUintN(32, settings.seed));
  const judge = new Judge(task, seed);
  const spec = specOf(task, source, judge.clauses);
  const found: Judged[] = [];
  const isBlind = task.examples.length === 0;
  let end: EndEvent | undefined;
  for (const event of searchFor(task, settings, seed, stop)) {
    if (event.kind === "end") end = event;
    else if (event.kind === "progress") yield progressOf(event);
    else {
      const judgement = judge.judge(event);
      if (judgement.kind === "known") continue;
      if (judgement.kind !== "kept") refuse(event);
      if (judgement.kind === "failed") continue;
      const { judged } = judgement;
      const scored = isBlind ? undefined : among(judged, found, task, settings);
      if (scored !== undefined) yield { kind: "candidate", scored };
      if (judgement.kind === "kept") found.push(judged);
      else if (scored !== undefined) {
        const input = inputsOf(judgement.input, task);
        yield { kind: "retracted", digest: judged.digest, reason: "COUNTEREXAMPLE", input };
      }
    }
  }
  const ranked = rank(found, task, settings.weights);
  if (isBlind) for (const scored of ranked.slice(0, settings.candidates)) yield { kind: "candidate", scored };
  const sound = yield* verifyHeads(ranked, spec, source, settings.checks);
  yield {
    kind: "end",
    ranked: sound,
    spec,
    question: questionOf(sound, judge, task),
    warnings: judge.demoted.map(
      (clause) => `an example breaks a constraint, which now only ranks: ${clause.label}`,
    ),
    evaluated: end?.evaluated ?? 0,
    kept: end?.kept ?? 0,
    reason: end?.reason ?? "EXHAUSTED",
    isGuess: isGuess(sound[0], task),
  };
}

function searchFor(
  task: SynthTask,
  settings: SolveSettings,
  seed: number,
  stop: () => string | undefined,
): Generator<SearchEvent> {
  const { name, params, result, hints, constants, examples } = task;
  const cases = examples.flatMap(({ args, expected }) =>
    "value" in expected ? [{ args, result: expected.value }] : [],
  );
  const { programs, memoryBytes } = settings;
  return search(
    {
      signature: { params, result },
      examples: cases,
      hints,
      constants,
      seed,
      limits: { programs, memoryBytes },
    },
    { name, stop },
  );
}

/**
 * The search reads after each candidate whether to trust it: one that it may not trust neither opens the grace nor
 * sets the mark up to which others are sought.
 */
function refuse(candidate: CandidateEvent): void {
  Object.assign(candidate, { overfitRisk: true });
}

/** A program with its score among those before it, if it is one of the best of them. */
function among(
  judged: Judged,
  before: readonly Judged[],
  task: SynthTask,
  settings: SolveSettings,
): Scored | undefined {
  const ranked = rank([...before, judged], task, settings.weights);
  return ranked.slice(0, settings.candidates).find((one) => one.judged === judged);
}

function progressOf({ evaluated, kept, solved }: Extract<SearchEvent, { kind: "progress" }>): SolveEvent {
  return { kind: "progress", evaluated, kept, solved };
}

/** The best program that passes every check moves to the front; those before it that fail are dropped. */
function* verifyHeads(
  ranked: readonly Scored[],
  spec: Spec,
  source: Source,
  checks: readonly CheckName[],
): Generator<SolveEvent, readonly Scored[]> {
  for (const [index, { judged }] of ranked.entries()) {
    const { document, fault } = readArtifact(toBinary(ArtifactSchema, fileOf(judged, spec, source)));
    const { digest } = judged;
    let failed = fault !== undefined;
    if (document !== undefined) {
      for (const { check, status, details } of verify(document, checks)) {
        yield { kind: "verdict", digest, check, status, details };
        if (status === "FAIL") failed = true;
      }
    }
    if (!failed) return ranked.slice(index);
    yield { kind: "retracted", digest, reason: "FAILED_CHECK" };
  }
  return [];
}

/**
 * Without examples and clauses, only words can tell the best program from any other of its type: one that follows
 * hardly any of them, or that leaves a parameter out, is a guess.
 */
function isGuess(best: Scored | undefined, task: SynthTask): boolean {
  if (best === undefined || task.examples.length > 0 || task.clauses.length > 0) return false;
  return hintShare(best.judged, task) < LEAST_HINTS || best.judged.reads.size < task.params.length;
}

function questionOf(ranked: readonly Scored[], judge: Judge, task: SynthTask): SolveQuestion | undefined {
  const [best] = ranked;
  const rival = ranked.find((one) => one.judged.cluster !== best?.judged.cluster);
  if (best === undefined || rival === undefined || best.score - rival.score > QUESTION_GAP) return undefined;
  const pairs = [best.judged, rival.judged];
  let smallest: { readonly inputs: JsonValue; readonly at: number; readonly length: number } | undefined;
  judge.probes.forEach((args, at) => {
    if (pairs[0]?.outcomes[at] === pairs[1]?.outcomes[at]) return;
    const inputs = inputsOf(args, task);
    const length = JSON.stringify(inputs).length;
    if (smallest === undefined || length < smallest.length) smallest = { inputs, at, length };
  });
  if (smallest === undefined) return undefined;
  const { inputs, at } = smallest;
  const answers = pairs.map(({ digest, outcomes }) => ({ digest, outcome: outcomes[at] ?? "" }));
  const shown = task.params
    .map(({ name }) => `${name} = ${JSON.stringify(memberOf(inputs, name))}`)
    .join(", ");
  const text = `What should ${task.name} give for ${shown === "" ? "no inputs" : shown}?`;
  return { text, inputs, answers };
}

function memberOf(json: JsonValue, name: string): JsonValue {
  return json !== null && typeof json === "object" && !Array.isArray(json) ? (json[name] ?? null) : null;
}

/** Arguments by parameter name, as plain JSON. */
export function inputsOf(args: readonly Value[], task: SynthTask): JsonValue {
  const members = task.params.map(({ name, type }, index) => {
    const written = valueToJson(args[index] ?? null, type);
    return [name, written.problem === undefined ? written.json : null] as const;
  });
  return jsonToPlain(JsonObject.of(members));
}

/** The canonical text of a program. */
export function textOf({ built }: Judged): string {
  return print({ module: built.module, annotations: built.annotations });
}
