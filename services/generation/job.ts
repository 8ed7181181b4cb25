import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { pseudocode } from "#anrf/view/pseudocode.ts";
import { ConstraintSchema, StructuredIntentSchema } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { AnnotationsSchema, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import type { JobControl, RunJob } from "#platform/sandbox/job.ts";
import { annotationsOf, type Source } from "./artifact.ts";
import {
  decodeMessage,
  encodeMessage,
  type JobAnswer,
  type JobBest,
  type JobCandidate,
  type JobFeed,
  type JobMessage,
  type JobRequest,
} from "./job-message.ts";
import type { Sample } from "./model/sample.ts";
import type { Scored } from "./rank.ts";
import { type Samples, type SolveEnd, solve, textOf } from "./solve.ts";
import { readTask } from "./task.ts";

/** What runs inside the sandbox: search, judge, rank and verify, all of it on generated programs. */
export const run: RunJob = (_kind, payload, control) =>
  encodeMessage(answer(decodeMessage<JobRequest>(payload), control));

/** The search asks after every 1,000 terms; the CPU is looked at every fourth time. */
const TERMS_A_STOP = 1_000;
const STOPS_A_LOOK = 4;
/** How often a search tells what it has spent. */
const TELL_MS = 200;
const MOST_OTHERS = 3;

/** One generation from request to answer; `control` hears of what happens on the way. */
export function answer(request: JobRequest, control: JobControl): JobAnswer {
  const source = sourceOf(request);
  const { task, unsupported } = readTask(source.intent, source.constraints);
  if (task === undefined) throw new Error(`a task of type ${unsupported} reached the search`);
  const meter = new CpuMeter(request.cpuSeconds, control);
  const begin = performance.now();
  const send = (message: JobMessage): void => control.send(encodeMessage(message));
  let searched: number | undefined;
  let end: SolveEnd | undefined;
  const { programsATurn } = request;
  const samples = programsATurn === undefined ? undefined : new FedSamples(programsATurn, control);
  for (const event of solve(task, source, request, () => meter.stop(), samples)) {
    switch (event.kind) {
      case "progress":
        meter.note(event);
        meter.tell();
        break;
      case "candidate":
        send({ kind: "candidate", candidate: candidateOf(event.scored) });
        break;
      case "verdict":
        searched ??= performance.now();
        send(event);
        break;
      case "retracted":
      case "turn":
      case "sample":
        send(event);
        break;
      case "end":
        end = event;
        meter.note(event);
        break;
      default:
        throw new Error(`unreachable: ${event satisfies never}`);
    }
  }
  if (end === undefined) throw new Error("the search ended without its last event");
  const done = performance.now();
  return answerOf(end, source, meter, {
    searchSeconds: ((searched ?? done) - begin) / 1000,
    verifySeconds: (done - (searched ?? done)) / 1000,
  });
}

function sourceOf(request: JobRequest): Source {
  return {
    intent: fromBinary(StructuredIntentSchema, request.intent),
    constraints: request.constraints.map((bytes) => fromBinary(ConstraintSchema, bytes)),
    analysisId: request.analysisId,
    text: request.text,
  };
}

function candidateOf({ judged, score }: Scored): JobCandidate {
  const { digest, cost, cluster, lane, overfitRisk, built } = judged;
  return {
    digest,
    text: textOf(judged),
    pseudocode: pseudocode(built),
    cost,
    score,
    cluster,
    lane,
    overfitRisk,
  };
}

function answerOf(
  end: SolveEnd,
  source: Source,
  meter: CpuMeter,
  times: { readonly searchSeconds: number; readonly verifySeconds: number },
): JobAnswer {
  const [best, ...rest] = end.ranked;
  return {
    best: best === undefined ? undefined : bestOf(best, end, source),
    others: alternativesOf(best, rest).map(candidateOf),
    candidates: end.ranked.length,
    question: end.question,
    warnings: end.warnings,
    spent: meter.spent(),
    reason: meter.wasStopped ? "STOPPED" : end.reason,
    isGuess: end.isGuess,
    agreement: end.agreement,
    ...times,
  };
}

function bestOf(best: Scored, end: SolveEnd, source: Source): JobBest {
  return {
    ...candidateOf(best),
    features: best.features,
    module: best.judged.moduleBytes,
    spec: toBinary(SpecSchema, end.spec),
    annotations: toBinary(AnnotationsSchema, annotationsOf(best.judged, source)),
  };
}

/** Programs that behave otherwise come first: those are the ones that a person has to choose from. */
function alternativesOf(best: Scored | undefined, rest: readonly Scored[]): readonly Scored[] {
  const clusters = new Set([best?.judged.cluster]);
  const heads = rest.filter(({ judged }) => !clusters.has(judged.cluster) && clusters.add(judged.cluster));
  const others = rest.filter((one) => !heads.includes(one));
  return [...heads, ...others].slice(0, MOST_OTHERS);
}

/** How long a worker sleeps at most before it looks around. */
const WAIT_MS = 500;

/** The samples of a model, as they are fed. While the search waits for them it costs no CPU. */
class FedSamples implements Samples {
  readonly programsATurn: number;
  readonly #control: JobControl;
  readonly #waiting: Sample[] = [];
  /** The model has passed the turns before this one. */
  #passed = 0;

  constructor(programsATurn: number, control: JobControl) {
    this.programsATurn = programsATurn;
    this.#control = control;
  }

  of(turn: number): readonly Sample[] {
    while (this.#passed <= turn && this.#hear());
    const later = this.#waiting.findIndex((one) => one.turn > turn);
    return this.#waiting.splice(0, later < 0 ? this.#waiting.length : later);
  }

  next(): Sample | undefined {
    while (this.#waiting.length === 0 && this.#hear());
    return this.#waiting.shift();
  }

  /** Takes in what comes next; false where nothing will. */
  #hear(): boolean {
    if (this.#passed === Number.POSITIVE_INFINITY) return false;
    const bytes = this.#control.receive(WAIT_MS);
    if (bytes === undefined) return !this.#control.stopped();
    const said = decodeMessage<JobFeed>(bytes);
    if (said.kind === "sample") this.#waiting.push(said.sample);
    else this.#passed = said.kind === "turn" ? said.turn : Number.POSITIVE_INFINITY;
    return true;
  }
}

/** Counts the CPU time of this thread and says when to stop. */
class CpuMeter {
  readonly #limit: number;
  readonly #control: JobControl;
  readonly #begin = cpuSeconds();
  #stops = 0;
  #evaluated = 0;
  #kept = 0;
  #solved = 0;
  #told = performance.now();
  /** Whether the caller ended the search. */
  wasStopped = false;

  constructor(limit: number, control: JobControl) {
    this.#limit = limit;
    this.#control = control;
  }

  stop(): string | undefined {
    this.#stops++;
    this.#evaluated = Math.max(this.#evaluated, this.#stops * TERMS_A_STOP);
    if (this.#control.stopped()) {
      this.wasStopped = true;
      return "STOPPED";
    }
    if (this.#stops % STOPS_A_LOOK !== 0) return undefined;
    this.tell();
    return cpuSeconds() - this.#begin > this.#limit ? "TIME" : undefined;
  }

  /** Says how far the search is, unless it has just done so. */
  tell(): void {
    if (performance.now() - this.#told < TELL_MS) return;
    this.#told = performance.now();
    this.#control.send(encodeMessage({ kind: "progress", solved: this.#solved, spent: this.spent() }));
  }

  note(counts: { readonly evaluated: number; readonly kept: number; readonly solved?: number }): void {
    this.#evaluated = counts.evaluated;
    this.#kept = counts.kept;
    this.#solved = counts.solved ?? this.#solved;
  }

  spent() {
    return { cpuSeconds: cpuSeconds() - this.#begin, evaluated: this.#evaluated, kept: this.#kept };
  }
}

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}
