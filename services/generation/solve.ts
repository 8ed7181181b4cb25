import { type JsonValue, toBinary } from "@bufbuild/protobuf";
import type { Outcome } from "#anrf/interpret/interpret.ts";
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
import { failureOf, gives, Judge, type Judged, type Proposal } from "./judge.ts";
import { type AgreementFeatures, agreementFeatures } from "./model/agreement.ts";
import { type Failure, programOfSample, type Sample, type SampleVerdict } from "./model/sample.ts";
import { type Features, hintShare, rank, type Scored } from "./rank.ts";
import { type NearMiss, repairs } from "./repair/repair.ts";
import type { SynthTask } from "./task.ts";
import { retrieve } from "./textbook/retrieve.ts";

/** How much work a task may take. */
export interface SolveSettings {
  readonly seed: bigint;
  /** 0: no search; what samples of a model give is all there is. */
  readonly programs: number;
  readonly memoryBytes: number;
  readonly candidates: number;
  readonly checks: readonly CheckName[];
  readonly weights?: Features | undefined;
  /** Programs that are run to mend what samples of a model nearly are; absent: none. */
  readonly repairs?: number;
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
  /** The turn is over: what comes now belongs to later ones. */
  | { readonly kind: "turn"; readonly turn: number }
  | { readonly kind: "sample"; readonly verdict: SampleVerdict }
  | SolveEnd;

/** What a model writes while the search runs. The lanes take turns, so that their order repeats. */
export interface Samples {
  /** Programs that the search runs in one turn. */
  readonly programsATurn: number;
  /** Those of one turn; it waits until the model has passed the turn. */
  of(turn: number): readonly Sample[];
  /** The next one, whatever its turn; it waits for it. Undefined: the model has ended. */
  next(): Sample | undefined;
}

/** The turn after all turns: the search has ended. */
export const LAST_TURN = 2 ** 31;

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
  /** What stands behind the best program, where a model took part. */
  readonly agreement: AgreementFeatures | undefined;
}

/** The smallest input on which the two best clusters differ, with what comes out. */
export interface SolveQuestion {
  readonly text: string;
  readonly inputs: JsonValue;
  readonly answers: readonly { readonly digest: string; readonly outcome: string }[];
}

/** The share of the words' hints that an answer from words alone follows at least. */
const LEAST_HINTS = 0.2;
/** The share of the words that stands for functions of the textbook, where it follows no hints. */
const LEAST_NAMED = 0.4;
/** A second cluster this near to the best one is worth a question. */
const QUESTION_GAP = 0.35;

/** Searches, judges, ranks and verifies. It owns no clock: `stop` ends the search with a reason. */
export function* solve(
  task: SynthTask,
  source: Source,
  settings: SolveSettings,
  stop: () => string | undefined,
  samples?: Samples,
): Generator<SolveEvent> {
  const seed = Number(BigInt.asUintN(32, settings.seed));
  const judge = new Judge(task, seed);
  const spec = specOf(task, source, judge.clauses);
  const found = new Found(task, judge, settings);
  let end: EndEvent | undefined;
  let turn = 0;
  for (const event of settings.programs === 0
    ? []
    : searchFor(task, settings, seed, stop, samples?.programsATurn)) {
    if (event.kind === "end") end = event;
    else if (event.kind === "candidate") yield* found.ofSearch(event);
    else {
      yield progressOf(event);
      while (samples !== undefined && event.evaluated >= (turn + 1) * samples.programsATurn) {
        yield { kind: "turn", turn };
        turn++;
        for (const sample of samples.of(turn)) yield* found.ofModel(sample);
      }
    }
  }
  if (samples !== undefined) {
    yield { kind: "turn", turn: LAST_TURN };
    for (let next = samples.next(); next !== undefined; next = samples.next()) yield* found.ofModel(next);
    yield* found.mended();
  }
  const ranked = found.ranked();
  if (task.examples.length === 0)
    for (const scored of ranked.slice(0, settings.candidates)) yield { kind: "candidate", scored };
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
    isGuess: isGuess(sound[0], task) && !found.isVotedFor(sound[0]),
    agreement: found.agreementOf(sound[0]),
  };
}

/** A model has no costs of its own: what a search would pay for a program of a size, roughly. */
const BITS_A_NODE = 3;
/** Bits of a near miss beside its change: what a search finds for less goes before it. */
const REPAIR_BITS = 12;

/** The programs that passed so far, whoever proposed them. */
class Found {
  readonly #task: SynthTask;
  readonly #judge: Judge;
  readonly #settings: SolveSettings;
  readonly #all: Judged[] = [];
  readonly #votes = { clusters: new Map<number, number>(), programs: new Map<string, number>() };
  /** What is wrong with samples, so that one that comes again gets the same answer. */
  readonly #failures = new Map<string, Failure>();
  /** Programs of samples that give something else than an example, by digest. */
  readonly #misses = new Map<string, NearMiss>();
  #samples = 0;

  constructor(task: SynthTask, judge: Judge, settings: SolveSettings) {
    this.#task = task;
    this.#judge = judge;
    this.#settings = settings;
  }

  ranked(): readonly Scored[] {
    return rank(this.#all, this.#task, this.#settings.weights, this.#votes);
  }

  *ofSearch(event: CandidateEvent): Generator<SolveEvent> {
    const { fn, callees, cost, score, size, overfitRisk, named } = event;
    const proposal: Proposal = {
      functions: [...callees, fn],
      lane: "enumerator",
      cost,
      bits: score,
      size,
      overfitRisk,
      named,
    };
    const judgement = yield* this.#judged(proposal);
    if (judgement.kind === "failed" || judgement.kind === "refuted") refuse(event);
  }

  *ofModel(sample: Sample): Generator<SolveEvent> {
    yield { kind: "sample", verdict: yield* this.#verdictOf(sample) };
  }

  *#verdictOf(sample: Sample): Generator<SolveEvent, SampleVerdict> {
    const { index } = sample;
    this.#samples++;
    const read = programOfSample(sample.text, this.#task);
    if ("refused" in read) return { index, kind: "REFUSED", wrong: read.refused, solved: 0 };
    const { functions, size } = read;
    const bits = BITS_A_NODE * size;
    const judgement = yield* this.#judged({
      functions,
      lane: "llm",
      cost: bits,
      bits,
      size,
      overfitRisk: false,
      named: 0,
    });
    const digest = "judged" in judgement ? judgement.judged.digest : judgement.digest;
    const cluster = this.#judge.clusterOf(digest);
    if (cluster === undefined) {
      const failure = this.#failures.get(digest) ?? failureOf(judgement, this.#task);
      this.#failures.set(digest, failure);
      const known = this.#misses.get(digest)?.samples ?? 0;
      if (known > 0 || (judgement.kind === "failed" && judgement.example !== undefined))
        this.#misses.set(digest, { functions, size, solved: failure.solved, samples: known + 1 });
      return { index, kind: "FAILED", ...failure };
    }
    // Asked before the vote counts: agreement is between the lanes, not of the model with itself.
    const isShared = this.#searchesBest()?.cluster === cluster;
    const { clusters, programs } = this.#votes;
    clusters.set(cluster, (clusters.get(cluster) ?? 0) + 1);
    programs.set(digest, (programs.get(digest) ?? 0) + 1);
    return { index, kind: "PASSED", cluster, isShared };
  }

  /** Where no sample gives the examples: what is one change away from one that nearly does. */
  *mended(): Generator<SolveEvent> {
    const { repairs: programs = 0 } = this.#settings;
    if (programs === 0 || this.#votes.clusters.size > 0 || this.#task.examples.length === 0) return;
    const { name, constants, examples } = this.#task;
    const task = {
      name,
      constants,
      inputs: examples.map(({ args }) => args),
      gives: (run: Outcome, at: number) => examples[at] !== undefined && gives(run, examples[at]),
    };
    for (const { functions, size, cost } of repairs([...this.#misses.values()], task, { programs })) {
      const bits = REPAIR_BITS + cost;
      yield* this.#judged({ functions, lane: "repair", cost, bits, size, overfitRisk: false, named: 0 });
    }
  }

  /** Whether a sample of a model behaves like the program. */
  isVotedFor(one: Scored | undefined): boolean {
    return one !== undefined && this.#votes.clusters.has(one.judged.cluster);
  }

  /** How far lanes stand behind a program; undefined where no model took part. */
  agreementOf(one: Scored | undefined): AgreementFeatures | undefined {
    if (one === undefined || this.#samples === 0) return undefined;
    const votes = this.#votes.clusters.get(one.judged.cluster) ?? 0;
    const others = [...this.#votes.clusters].flatMap(([cluster, count]) =>
      cluster === one.judged.cluster ? [] : [count],
    );
    const own = this.#searchesBest();
    const agreement = {
      samples: this.#samples,
      passed: votes + others.reduce((sum, count) => sum + count, 0),
      votes,
      rivals: Math.max(0, ...others),
      search: own === undefined ? "NONE" : own.cluster === one.judged.cluster ? "SAME" : "OTHER",
      score: one.score,
    } as const;
    const { params, examples } = this.#task;
    return agreementFeatures(one.judged, agreement, { params: params.length, examples: examples.length });
  }

  /** The best program of the search alone that examples support. */
  #searchesBest(): Judged | undefined {
    if (this.#task.examples.length === 0) return undefined;
    const own = this.#all.filter((one) => one.lane === "enumerator" && !one.overfitRisk);
    return rank(own, this.#task, this.#settings.weights)[0]?.judged;
  }

  *#judged(proposal: Proposal): Generator<SolveEvent, ReturnType<Judge["judge"]>> {
    const judgement = this.#judge.judge(proposal);
    if (judgement.kind === "known" || judgement.kind === "failed") return judgement;
    const { judged } = judgement;
    // Without examples nothing tells a candidate from any other program of its type until all are there.
    const scored = this.#task.examples.length === 0 ? undefined : this.#among(judged);
    if (scored !== undefined) yield { kind: "candidate", scored };
    if (judgement.kind === "kept") this.#all.push(judged);
    else if (scored !== undefined) {
      const input = inputsOf(judgement.input, this.#task);
      yield { kind: "retracted", digest: judged.digest, reason: "COUNTEREXAMPLE", input };
    }
    return judgement;
  }

  /** A program with its score among those before it, if it is one of the best of them. */
  #among(judged: Judged): Scored | undefined {
    const ranked = rank([...this.#all, judged], this.#task, this.#settings.weights, this.#votes);
    return ranked.slice(0, this.#settings.candidates).find((one) => one.judged === judged);
  }
}

function searchFor(
  task: SynthTask,
  settings: SolveSettings,
  seed: number,
  stop: () => string | undefined,
  progressEvery: number | undefined,
): Generator<SearchEvent> {
  const { name, params, result, hints, constants, fragments, examples } = task;
  const cases = examples.flatMap(({ args, expected }) =>
    "value" in expected ? [{ args, result: expected.value }] : [],
  );
  const { programs, memoryBytes } = settings;
  const known = retrieve({ words: task.summary, name, params, result, constants });
  return search(
    {
      signature: { params, result },
      examples: cases,
      hints,
      constants,
      fragments: [...fragments, ...known.fragments],
      functions: known.functions,
      seed,
      limits: { programs, memoryBytes },
    },
    { name, stop, ...(progressEvery === undefined ? {} : { progressEvery }) },
  );
}

/**
 * The search reads after each candidate whether to trust it: one that it may not trust neither opens the grace nor
 * sets the mark up to which others are sought.
 */
function refuse(candidate: CandidateEvent): void {
  Object.assign(candidate, { overfitRisk: true });
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
  const isUnled = hintShare(best.judged, task) < LEAST_HINTS && best.features.named < LEAST_NAMED;
  return isUnled || best.judged.reads.size < task.params.length;
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
