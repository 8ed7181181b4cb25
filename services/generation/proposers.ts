import { toBinary } from "@bufbuild/protobuf";
import { ConstraintSchema, StructuredIntentSchema } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import type { InferenceService } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { deadlineExceeded, exhausted, unavailable } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { Feed } from "#platform/sandbox/feed.ts";
import type { Sandbox } from "#platform/sandbox/pool.ts";
import { SandboxError } from "#platform/sandbox/sandbox-error.ts";
import type { Tables } from "./confidence.ts";
import { scorerWeights } from "./confidence.ts";
import {
  decodeMessage,
  encodeMessage,
  type JobAnswer,
  type JobMessage,
  type JobRequest,
} from "./job-message.ts";
import { LlmLane, type LlmToken } from "./model/lane.ts";
import { TOKENS_A_TURN } from "./model/turns.ts";
import { type Prepared, queueFull, type WaitGuess } from "./prepare.ts";

/** A model that is loaded on a busy machine needs half of it; a third of the time is the most that the search gives up for it. */
const PATIENCE_MS = 30_000;

/** Programs that are run to mend what a model nearly wrote: about a second's work at most. */
const REPAIR_PROGRAMS = 10_000;

/** What proposing needs. */
export interface ProposerDeps {
  readonly sandbox: Sandbox;
  readonly waits: WaitGuess;
  readonly tables: Tables;
  readonly memoryBytes: number;
  readonly inference: Client<typeof InferenceService>;
}

/** What a reader of the generation is told of. */
export type ToldMessage = Extract<JobMessage, { readonly kind: "candidate" | "retracted" | "verdict" }>;

/** Who hears of what happens on the way. */
export interface ProposersHear {
  queued(value: { readonly position: number; readonly etaSeconds: number }): void;
  /** Once. */
  started(): void;
  progress(message: Extract<JobMessage, { readonly kind: "progress" }>): void;
  /** The model is loaded, or reads the question. */
  reading(): void;
  token(token: LlmToken): void;
  event(message: ToldMessage): void;
}

/** One run of the lanes. */
export interface ProposersOptions {
  readonly prepared: Prepared;
  readonly deps: ProposerDeps;
  readonly call: Call;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Asks for what there is. */
  readonly stop: AbortSignal;
  readonly hear: ProposersHear;
}

/** The lanes of one generation: the search in the sandbox, and the model beside it where there is one. */
export class Proposers {
  readonly #options: ProposersOptions;
  /** What the judge hears of the model. */
  readonly #feed = new Feed();
  readonly #lane: LlmLane | undefined;
  #hasBegun = false;
  /** Messages so far, and how many of them a search that starts over has told again. */
  #told = 0;
  #repeated = 0;

  constructor(options: ProposersOptions) {
    this.#options = options;
    this.#lane = this.#makeLane();
  }

  /** Tokens that the model made. */
  get tokens(): number {
    return this.#lane?.tokens ?? 0;
  }

  /** What went wrong in a lane, while others went on. */
  get warnings(): readonly string[] {
    return this.#lane?.warnings ?? [];
  }

  /** Runs the lanes to their end. */
  async run(): Promise<JobAnswer> {
    const lane = this.#lane;
    const stopLane = (): void => lane?.stop();
    const { signal, stop } = this.#options;
    for (const one of [signal, stop]) one.addEventListener("abort", stopLane);
    try {
      return decodeMessage<JobAnswer>(await this.#search());
    } finally {
      stopLane();
      for (const one of [signal, stop]) one.removeEventListener("abort", stopLane);
    }
  }

  #makeLane(): LlmLane | undefined {
    const { prepared, deps, call, hear } = this.#options;
    const { llm, reading, source, seed } = prepared;
    if (llm.model === undefined || reading.task === undefined) return undefined;
    return new LlmLane({
      question: reading.task,
      words: source.text === "" ? reading.task.summary : source.text,
      model: llm.model,
      budget: llm.budget,
      seed,
      patienceMs: Math.min(PATIENCE_MS, (prepared.budget.wallSeconds * 1000) / 3),
      infer: (request, signal) => deps.inference.infer(request, { ...call, signal }),
      tell: (said) => this.#feed.push(encodeMessage(said)),
      show: (token) => hear.token(token),
      onWait: () => hear.reading(),
    });
  }

  async #search(): Promise<Uint8Array> {
    const { prepared, deps, call, signal, stop, hear } = this.#options;
    const { sandbox, waits } = deps;
    const lane = this.#lane;
    const job = {
      kind: "generate",
      payload: encodeMessage(requestOf(prepared, deps, lane !== undefined)),
      clientId: call.client.clientId,
      wallMs: Math.max(1, call.deadline - Date.now()),
      stop,
      ...(lane === undefined ? {} : { feed: this.#feed }),
      onQueued: (ahead: number) => {
        hear.queued({ position: ahead, etaSeconds: waits.of({ ...sandbox.load, queued: ahead }) });
      },
      onStart: () => {
        this.#repeated = 0;
        if (this.#hasBegun) return;
        this.#hasBegun = true;
        hear.started();
        // While it waits for a worker, a generation costs nothing: neither does its model.
        void lane?.run();
      },
      onMessage: (bytes: Uint8Array) => this.#hear(decodeMessage<JobMessage>(bytes)),
    };
    try {
      return await sandbox.run(job, signal);
    } catch (error) {
      throw errorOf(error, sandbox);
    }
  }

  #hear(message: JobMessage): void {
    const { hear } = this.#options;
    if (message.kind === "progress") {
      hear.progress(message);
      return;
    }
    // A search that was lost starts over and tells the same again.
    this.#repeated++;
    if (this.#repeated <= this.#told) return;
    this.#told++;
    if (message.kind === "turn") this.#lane?.turnEnded(message.turn);
    else if (message.kind === "sample") this.#lane?.judged(message.verdict);
    else hear.event(message);
  }
}

function requestOf(prepared: Prepared, deps: ProposerDeps, hasModel: boolean): JobRequest {
  const { source, budget, checks, seed, pace, llm } = prepared;
  return {
    intent: toBinary(StructuredIntentSchema, source.intent),
    constraints: source.constraints.map((one) => toBinary(ConstraintSchema, one)),
    analysisId: source.analysisId,
    text: source.text,
    seed,
    programs: budget.programs,
    memoryBytes: deps.memoryBytes,
    candidates: budget.candidates,
    cpuSeconds: budget.cpuSeconds,
    checks,
    weights: scorerWeights(deps.tables.search),
    programsATurn: hasModel ? TOKENS_A_TURN * pace : undefined,
    repairs: llm.budget.repair ? REPAIR_PROGRAMS : 0,
  };
}

function errorOf(error: unknown, sandbox: Sandbox): unknown {
  if (!(error instanceof SandboxError)) return error;
  switch (error.code) {
    case "BUSY":
      return queueFull(sandbox.load.queued, error.retryAfterMs / 1000);
    case "TIME":
      return deadlineExceeded(undefined, { cause: error });
    case "MEMORY":
      return exhausted("EXECUTOR_BUSY", "the search used up its memory: use a smaller budget", {
        cause: error,
      });
    case "LOST":
    case "CLOSED":
      return unavailable("the search was lost twice; try again", { reason: "EXECUTOR_LOST", cause: error });
    case "FAILED":
      return error;
    default:
      throw new Error(`unreachable: ${error.code satisfies never}`);
  }
}
