import type { LlamaContextSequence, LlamaModel } from "node-llama-cpp";
import { newCount, runJob, tokensOf } from "../../services/inference/decode.ts";
import { loadWeights, Slots } from "../../services/inference/llama.ts";
import type { Backend, InferOrder, LoadOrder } from "../../services/inference/message.ts";

/** Milliseconds a token, one number a run. */
export interface LoopTimes {
  readonly name: string;
  /** Of the processor. */
  readonly cpuMs: readonly number[];
  /** Of the clock. */
  readonly wallMs: readonly number[];
}

/** What one run took for a token. */
interface Time {
  readonly cpuMs: number;
  readonly wallMs: number;
}

const TEXT =
  "<|im_start|>user\nWrite a Python function that counts the vowels of a word.<|im_end|>\n<|im_start|>assistant\n";

/** The service's own decode loop beside a bare `sequence.evaluate` on the same weights, in this process, run by turns. */
export async function compareLoops(
  path: string,
  backend: Backend,
  runs: number,
  tokens: number,
): Promise<readonly LoopTimes[]> {
  const order: LoadOrder = {
    kind: "load",
    path,
    contextTokens: 1_024,
    slots: 1,
    threads: 1,
    isShared: false,
    backend,
  };
  const weights = await loadWeights(order, { needs: async () => {}, share: () => {} });
  const slots = new Slots(weights, order);
  const context = await weights.model.createContext({
    contextSize: 1_024,
    threads: { ideal: 1, min: 1 },
    batchSize: 8,
  });
  const sequence = context.getSequence();
  const bare: Time[] = [];
  const ours: Time[] = [];
  for (let at = 0; at <= runs; at++) {
    const ofBare = await bareLoop(weights.model, sequence, tokens);
    const ofOurs = await ourLoop(weights, slots, tokens);
    // The first turn warms both.
    if (at === 0) continue;
    bare.push(ofBare);
    ours.push(ofOurs);
  }
  return [timesOf("bare sequence.evaluate", bare), timesOf("ours", ours)];
}

const timesOf = (name: string, runs: readonly Time[]): LoopTimes => ({
  name,
  cpuMs: runs.map(({ cpuMs }) => cpuMs),
  wallMs: runs.map(({ wallMs }) => wallMs),
});

/** Starts measuring; what comes out tells how long a token took since. */
function timer(): (tokens: number) => Time {
  const began = { cpu: cpu(), wall: performance.now() };
  return (tokens) => ({
    cpuMs: (cpu() - began.cpu) / tokens,
    wallMs: (performance.now() - began.wall) / tokens,
  });
}

async function bareLoop(model: LlamaModel, sequence: LlamaContextSequence, tokens: number): Promise<Time> {
  await sequence.clearHistory();
  let made = 0;
  let time = timer();
  for await (const _ of sequence.evaluate(model.tokenize(TEXT, true), {
    temperature: 0,
    yieldEogToken: true,
  })) {
    // Reading the prompt is not counted.
    if (made === 0) time = timer();
    if (++made > tokens) break;
  }
  return time(tokens);
}

async function ourLoop(
  weights: Awaited<ReturnType<typeof loadWeights>>,
  slots: Slots,
  tokens: number,
): Promise<Time> {
  const order: InferOrder = {
    kind: "infer",
    job: 1,
    shared: [],
    own: [{ text: TEXT, isMark: true }],
    answers: [{ temperature: 0, topK: 0, topP: 0, seed: 1n }],
    maxTokens: tokens + 1,
    stop: [],
    credit: tokens,
  };
  let time = timer();
  let made = 0;
  const host = {
    // An end that the model wishes for would make runs of different lengths.
    model: new Proxy(weights.model, {
      get: (on, name) => (name === "isEogToken" ? () => false : member(on, name)),
    }),
    contextTokens: weights.contextTokens,
    report: (): void => {},
    check: (): void => {},
    turn: async (): Promise<void> => {
      if (made++ === 0) time = timer();
    },
    now: () => performance.now(),
  };
  const read = tokensOf(order, host);
  const slot = await slots.take(read.shared);
  await runJob(order, read, slot, host, newCount());
  slots.give(slot);
  return time(tokens);
}

function member(on: LlamaModel, name: string | symbol): unknown {
  const value: unknown = Reflect.get(on, name, on);
  return typeof value === "function" ? (value.bind(on) as unknown) : value;
}

/** Milliseconds of CPU that this process has used. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
