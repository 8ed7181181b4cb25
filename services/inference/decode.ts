import type { LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import { CANDIDATES, type Candidate, draw } from "./draw.ts";
import { reusable, SLICE, type Slot } from "./llama.ts";
import type { Drawing, Finish, InferOrder, JobReport, PromptPart } from "./message.ts";
import { StopGuard } from "./stop.ts";

/** A request that is refused or called off; its kind tells which. */
export class JobEnd extends Error {
  readonly why: "cancelled" | "prompt-too-long" | "prompt-empty";

  constructor(why: JobEnd["why"], message: string) {
    super(message);
    this.name = "JobEnd";
    this.why = why;
  }
}

/** What a request needs of its surroundings. */
export interface JobHost {
  readonly model: LlamaModel;
  readonly contextTokens: number;
  report(report: JobReport): void;
  /** Throws JobEnd when the request was called off. */
  check(): void;
  /** Resolves when a token may be made; throws JobEnd when the request was called off. */
  turn(): Promise<void>;
  now(): number;
}

/** What is counted while a request runs. */
export interface Count {
  promptTokens: number;
  reusedTokens: number;
  tokens: number;
  promptMs: number;
  decodeMs: number;
  /** Tokens of prompt and answer that were evaluated. */
  evaluated: number;
}

/** Nothing was done yet. */
export const newCount = (): Count => ({
  promptTokens: 0,
  reusedTokens: 0,
  tokens: 0,
  promptMs: 0,
  decodeMs: 0,
  evaluated: 0,
});

/** A prompt in tokens. */
export interface Tokens {
  readonly shared: readonly Token[];
  readonly own: readonly Token[];
}

/** Turns a prompt into tokens; throws JobEnd if it is empty or leaves no room for an answer. */
export function tokensOf(order: InferOrder, host: JobHost): Tokens {
  const { model, contextTokens } = host;
  const { bos } = model.tokens;
  const start = model.tokens.shouldPrependBosToken && bos !== null ? [bos] : [];
  const shared = [...start, ...tokenize(model, order.shared, true)];
  const own = tokenize(model, order.own, order.shared.length === 0);
  const length = shared.length + own.length;
  if (length === 0) throw new JobEnd("prompt-empty", "the messages hold no text to go on from");
  if (length >= contextTokens) {
    throw new JobEnd(
      "prompt-too-long",
      `the prompt has ${length} tokens and the context holds ${contextTokens}, the answer included: shorten it, or raise ANRF_INFERENCE_CONTEXT_TOKENS`,
    );
  }
  return { shared, own };
}

function tokenize(model: LlamaModel, parts: readonly PromptPart[], isBegin: boolean): readonly Token[] {
  // Some vocabularies put a blank before whatever they are given; only the very beginning may have one.
  return parts.flatMap((part, at) =>
    model.tokenize(part.text, part.isMark, isBegin && at === 0 ? undefined : "trimLeadingSpace"),
  );
}

/** Runs a request in a slot: reads the prompt, then makes its answers one after the other. */
export async function runJob(
  order: InferOrder,
  tokens: Tokens,
  slot: Slot,
  host: JobHost,
  count: Count,
): Promise<void> {
  const { sequence } = slot;
  const length = tokens.shared.length + tokens.own.length;
  try {
    const started = host.now();
    const first = await readPrompt(tokens, slot, host, count);
    count.promptMs += host.now() - started;
    for (const [answer, drawing] of order.answers.entries()) {
      await eraseFrom(sequence, length);
      await makeAnswer(order, answer, drawing, first, { sequence, length }, host, count);
    }
  } finally {
    // The rest of the context belongs to nobody but the request that ends here.
    await eraseFrom(sequence, slot.kept.length);
  }
}

/** Evaluates the prompt in slices; gives what may follow it. */
async function readPrompt(
  tokens: Tokens,
  slot: Slot,
  host: JobHost,
  count: Count,
): Promise<readonly Candidate<Token>[]> {
  const { sequence } = slot;
  const total = tokens.shared.length + tokens.own.length;
  count.promptTokens = total;
  // The last token is always read: its evaluation gives what follows.
  const reused = Math.min(reusable(slot.kept, tokens.shared), total - 1);
  const from = reused === slot.kept.length ? reused : reused - (reused % SLICE);
  count.reusedTokens = from;
  slot.kept = slot.kept.slice(0, from);
  await eraseFrom(sequence, from);
  for (let at = from; at < tokens.shared.length; at += SLICE) {
    if (tokens.own.length === 0 && at + SLICE >= tokens.shared.length) break;
    host.check();
    const slice = tokens.shared.slice(at, at + SLICE);
    await sequence.evaluateWithoutGeneratingNewTokens(slice);
    count.evaluated += slice.length;
    slot.kept = tokens.shared.slice(0, at + slice.length);
    host.report({ kind: "prompt", job: 0, done: at + slice.length, total });
  }
  const rest = [...tokens.shared.slice(slot.kept.length), ...tokens.own];
  const last = Math.floor((rest.length - 1) / SLICE) * SLICE;
  for (let at = 0; at < last; at += SLICE) {
    host.check();
    await sequence.evaluateWithoutGeneratingNewTokens(rest.slice(at, at + SLICE));
    count.evaluated += SLICE;
    host.report({ kind: "prompt", job: 0, done: total - rest.length + at + SLICE, total });
  }
  host.check();
  const steps = stepsFrom(sequence, rest.slice(last));
  try {
    const candidates = await candidatesOf(steps.next());
    count.evaluated += rest.length - last;
    return candidates;
  } finally {
    await steps.return();
  }
}

type Steps = ReturnType<typeof stepsFrom>;

/** Evaluates tokens; each further one is given to `next`. The package's own choice of a token is not used. */
function stepsFrom(sequence: LlamaContextSequence, tokens: readonly Token[]) {
  return sequence.evaluateWithMetadata(
    [...tokens],
    { probabilities: true },
    // The package's defaults would cut the list.
    { temperature: 1, topK: CANDIDATES, topP: 1, minP: 0, seed: 1, yieldEogToken: true },
  );
}

async function candidatesOf(step: ReturnType<Steps["next"]>): Promise<readonly Candidate<Token>[]> {
  const { value } = await step;
  if (value === undefined) throw new Error("the model gave no token");
  return [...value.probabilities];
}

/** Where an answer is made. */
interface Place {
  readonly sequence: LlamaContextSequence;
  /** Tokens of the prompt. */
  readonly length: number;
}

async function makeAnswer(
  order: InferOrder,
  answer: number,
  drawing: Drawing,
  first: readonly Candidate<Token>[],
  place: Place,
  host: JobHost,
  count: Count,
): Promise<void> {
  const { model, contextTokens } = host;
  const most = Math.min(order.maxTokens, contextTokens - place.length);
  const guard = new StopGuard(order.stop);
  const text = new TextOfTokens(model);
  let steps: Steps | undefined;
  let candidates = first;
  let made = 0;
  let logprobs = 0;
  const end = (finish: Finish, rest: string): void =>
    host.report({ kind: "answer", job: 0, answer, finish, tokens: made, logprob: logprobs, rest });
  try {
    for (;;) {
      await host.turn();
      const [token, chance] = draw(candidates, drawing, made);
      if (model.isEogToken(token)) return end("end", guard.push(text.rest()).text + guard.rest());
      made++;
      count.tokens++;
      const logprob = Math.log(chance);
      logprobs += logprob;
      const shown = guard.push(text.push(token));
      host.report({ kind: "token", job: 0, answer, id: token, text: shown.text, logprob });
      if (shown.isStopped) return end("stop", "");
      if (made >= most) return end("length", guard.push(text.rest()).text + guard.rest());
      const started = host.now();
      steps ??= stepsFrom(place.sequence, [token]);
      candidates = await candidatesOf(made === 1 ? steps.next() : steps.next(token));
      count.evaluated++;
      count.decodeMs += host.now() - started;
    }
  } finally {
    await steps?.return();
  }
}

/** Text of tokens that come one by one; a character that is not whole waits for its other bytes. */
class TextOfTokens {
  readonly #model: LlamaModel;
  /** Some vocabularies write the first token after nothing without its blank. */
  readonly #before: Token[] = [];
  #waiting: Token[] = [];

  constructor(model: LlamaModel) {
    this.#model = model;
  }

  push(token: Token): string {
    this.#waiting.push(token);
    const text = this.#text();
    // The longest character has 4 bytes; what is broken for longer is broken for good.
    if (text.endsWith("\ufffd") && this.#waiting.length < 4) return "";
    this.#settle();
    return text;
  }

  /** What is left at the end, whole or not. */
  rest(): string {
    const text = this.#waiting.length === 0 ? "" : this.#text();
    this.#settle();
    return text;
  }

  #text(): string {
    return this.#model.detokenize(this.#waiting, false, this.#before);
  }

  #settle(): void {
    this.#before.push(...this.#waiting);
    this.#before.splice(0, Math.max(0, this.#before.length - 4));
    this.#waiting = [];
  }
}

async function eraseFrom(sequence: LlamaContextSequence, start: number): Promise<void> {
  const end = sequence.nextTokenIndex;
  if (end > start) await sequence.eraseContextTokenRanges([{ start, end }]);
}
