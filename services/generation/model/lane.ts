import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type InferEvent,
  type InferRequestSchema,
  Message_Role,
  type Tokens,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { asRpcError, errorFromStatus, internal, unavailable } from "#platform/rpc/error.ts";
import type { ChosenModel } from "./choice.ts";
import {
  ANSWER_END,
  type Prompt,
  type PromptMessage,
  promptOf,
  type Question,
  repairPromptOf,
} from "./prompt.ts";
import type { Sample, SampleVerdict } from "./sample.ts";
import { nextTurn, TurnGate, turnOfToken } from "./turns.ts";

type InferRequest = MessageInitShape<typeof InferRequestSchema>;

/** How much a model may write. */
export interface LlmBudget {
  readonly samples: number;
  /** In all samples. */
  readonly tokens: number;
  /** Whether the best one goes back once, where none passes. */
  readonly repair: boolean;
}

/** What the lane tells the judge. */
export type LaneSays =
  | { readonly kind: "sample"; readonly sample: Sample }
  /** The model has passed the turns before this one. */
  | { readonly kind: "turn"; readonly turn: number }
  /** The model has ended. */
  | { readonly kind: "end" };

/** What the lane needs. */
export interface LlmLaneOptions {
  readonly question: Question;
  /** The words, as they were sent. */
  readonly words: string;
  readonly model: ChosenModel;
  readonly budget: LlmBudget;
  readonly seed: bigint;
  readonly infer: (request: InferRequest, signal: AbortSignal) => AsyncIterable<InferEvent>;
  readonly tell: (said: LaneSays) => void;
  /** A token that the reader may see. */
  readonly show: (token: LlmToken) => void;
  /** How long the next token may take; the search waits for it. */
  readonly patienceMs: number;
  /** The model is being loaded, reads, or waits. */
  readonly onWait: () => void;
}

/** A token of a sample. */
export interface LlmToken {
  readonly sample: number;
  readonly ids: readonly number[];
  readonly text: Uint8Array;
  readonly logprob: number;
  /** The head of the function, which the model was given. */
  readonly forced: boolean;
}

/** Most tokens of one sample: shorter limits cut answers off. */
const SAMPLE_TOKENS = 256;
const SAMPLING = { temperature: 0.8, topK: 40, topP: 0.95 } as const;
const NOTHING = new Uint8Array();
/** From so many samples on that all behave alike, the rest would not change the choice. */
const UNANIMOUS = 3;

/**
 * A model that writes programs in Python while the search runs. What it writes is judged in the sandbox, in turns with the
 * search. Sample 0 is the likeliest answer, the others are drawn; if none passes, the best one goes back once with what is
 * wrong with it. It ends early when the samples left cannot change the choice, or when the search agrees. One that is stuck or has
 * to wait too long is given up, since the search waits for it.
 */
export class LlmLane {
  readonly warnings: string[] = [];
  readonly #options: LlmLaneOptions;
  readonly #prompt: Prompt;
  readonly #gate: TurnGate<LlmToken>;
  readonly #verdicts = new Map<number, SampleVerdict>();
  readonly #texts: string[] = [];
  readonly #stop = new AbortController();
  #heard: () => void = () => {};
  /** Tokens made, and those that turns were filled up with. */
  #tokens = 0;
  #place = 0;
  /** The last turn that the feed was told of. */
  #passed = -1;
  readonly #begun = new Set<number>();

  constructor(options: LlmLaneOptions) {
    this.#options = options;
    this.#prompt = promptOf(options.question, options.words);
    this.#gate = new TurnGate(options.show);
    this.#passTo(turnOfToken(0));
  }

  /** Tokens that were made. */
  get tokens(): number {
    return this.#tokens;
  }

  /** The judge has ended a turn. */
  turnEnded(turn: number): void {
    this.#gate.ended(turn);
  }

  /** The judge has looked at a sample. */
  judged(verdict: SampleVerdict): void {
    this.#verdicts.set(verdict.index, verdict);
    this.#heard();
  }

  /** Ends it: nothing more is wanted. */
  stop(): void {
    this.#stop.abort();
    this.#heard();
  }

  /** Runs until the model has said enough. It never throws: what goes wrong is a warning, and the search goes on. */
  async run(): Promise<void> {
    try {
      await this.#sample(this.#prompt, this.#options.budget.samples, true);
      const wanted = this.#options.budget.repair && !this.#stop.signal.aborted;
      const repair = wanted ? this.#repair() : undefined;
      if (repair !== undefined) await this.#sample(repair, 1, false);
    } catch (error) {
      const failure = asRpcError(error);
      if (!this.#stop.signal.aborted)
        this.warnings.push(`the model ${this.#options.model.name} gave up: ${failure.message}`);
    }
    this.#options.tell({ kind: "end" });
  }

  /** Asks for answers to one prompt, and hands each over when it is whole. */
  async #sample(prompt: Prompt, count: number, isFirst: boolean): Promise<void> {
    const { model, infer, seed, onWait, budget, patienceMs } = this.#options;
    const first = this.#texts.length;
    const left = budget.tokens - this.#tokens;
    if (left <= 0) return;
    const request: InferRequest = {
      modelDigest: model.digest,
      messages: prompt.messages.map(messageOf),
      sampling: isFirst ? { ...SAMPLING, seed, n: count, greedyFirst: true } : { seed, n: count },
      maxTokens: Math.min(SAMPLE_TOKENS, left),
      stop: [ANSWER_END],
    };
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, ended.signal]);
    const pieces = new TextDecoder();
    let text = prompt.head;
    let isLate = false;
    const late = (): void => {
      isLate = true;
      ended.abort();
    };
    let patience = setTimeout(late, patienceMs);
    try {
      for await (const { event } of infer(request, signal)) {
        if (signal.aborted) break;
        if (event.case === "tokens" || event.case === "answer") clearTimeout(patience);
        switch (event.case) {
          case "tokens":
            this.#say(event.value, first + event.value.answer);
            text += pieces.decode(event.value.text, { stream: true });
            patience = setTimeout(late, patienceMs);
            break;
          case "answer":
            this.#show(first + event.value.answer, { text: event.value.rest });
            await this.#hand(first + event.value.answer, text + pieces.decode(event.value.rest));
            text = prompt.head;
            if (this.#isDecided(first + count - this.#texts.length) || this.#tokens >= budget.tokens) return;
            patience = setTimeout(late, patienceMs);
            break;
          case "failed":
            throw event.value.status === undefined
              ? internal("inference failed without a status")
              : errorFromStatus(event.value.status);
          case "queued":
          case "progress":
            onWait();
            break;
          default:
            break;
        }
      }
    } catch (error) {
      if (!isLate) throw error;
    } finally {
      clearTimeout(patience);
      // Leaving early is what ends the decoding.
      ended.abort();
    }
    if (isLate) throw unavailable(`no token came for ${patienceMs / 1000} s`);
  }

  #say({ ids, text, logprobs }: Tokens, sample: number): void {
    if (!this.#begun.has(sample)) {
      this.#begun.add(sample);
      this.#show(sample, { text: new TextEncoder().encode(this.#prompt.head), forced: true });
    }
    this.#show(sample, { ids, text, logprob: logprobs.reduce((sum, one) => sum + one, 0) });
    const count = Math.max(1, ids.length);
    this.#tokens += count;
    this.#place += count;
    this.#passTo(turnOfToken(this.#place));
  }

  #show(sample: number, { ids = [], text = NOTHING, logprob = 0, forced = false }: Partial<LlmToken>): void {
    if (ids.length === 0 && text.length === 0) return;
    this.#gate.pass(turnOfToken(this.#place), { sample, ids, text, logprob, forced });
  }

  /** A sample is whole: it ends its turn, and nothing follows before it was judged. */
  async #hand(index: number, text: string): Promise<void> {
    const turn = turnOfToken(this.#place);
    this.#place = nextTurn(this.#place);
    this.#texts[index] = text;
    this.#options.tell({ kind: "sample", sample: { index, turn, text } });
    this.#passTo(turnOfToken(this.#place));
    while (!this.#verdicts.has(index) && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  #passTo(turn: number): void {
    if (turn <= this.#passed) return;
    this.#passed = turn;
    this.#options.tell({ kind: "turn", turn });
  }

  /** Whether the samples left cannot change the choice. */
  #isDecided(left: number): boolean {
    const votes = new Map<number, number>();
    let isShared = false;
    for (const verdict of this.#verdicts.values()) {
      if (verdict.kind !== "PASSED") continue;
      votes.set(verdict.cluster, (votes.get(verdict.cluster) ?? 0) + 1);
      isShared ||= verdict.isShared;
    }
    const [top = 0, second = 0] = [...votes.values()].sort((a, b) => b - a);
    return isShared || (top >= UNANIMOUS && second === 0) || top - second > left;
  }

  /** The sample that came nearest, with what is wrong with it; undefined where one passed or none can be mended. */
  #repair(): Prompt | undefined {
    let best: Exclude<SampleVerdict, { readonly kind: "PASSED" }> | undefined;
    for (const verdict of this.#verdicts.values()) {
      if (verdict.kind === "PASSED") return undefined;
      if (best === undefined || verdict.solved > best.solved) best = verdict;
    }
    const text = best === undefined ? undefined : this.#texts[best.index];
    return best === undefined || text === undefined
      ? undefined
      : repairPromptOf(this.#prompt, text, best.wrong);
  }
}

const ROLES: Readonly<Record<PromptMessage["role"], Message_Role>> = {
  system: Message_Role.SYSTEM,
  user: Message_Role.USER,
  assistant: Message_Role.ASSISTANT,
};

function messageOf({ role, text }: PromptMessage) {
  return { role: ROLES[role], text };
}
