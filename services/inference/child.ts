// The process that runs one model with llama.cpp. It hears orders and sends reports; it may abort or be killed at any
// time without harm to anybody but the requests that run in it.
import { type Count, JobEnd, type JobHost, newCount, runJob, tokensOf } from "./decode.ts";
import { type LlamaWeights, LoadRefusal, loadWeights, messageOf, probeBackend, Slots } from "./llama.ts";
import type { InferOrder, LoadOrder, Order, Report, Spent } from "./message.ts";

/** A request that runs here. */
interface Running {
  credit: number;
  /** What was evaluated when the cancel came; undefined while none has. */
  evaluatedAtCancel: number | undefined;
  readonly count: Count;
  /** Wakes the request that waits for credit. */
  wake: () => void;
}

const running = new Map<number, Running>();
let proceed = (): void => {};
let loaded: { readonly weights: LlamaWeights; readonly slots: Slots } | undefined;

process.on("message", (order: Order) => receive(order));
// The node has ended, killed perhaps: nothing here has a purpose any more.
process.on("disconnect", () => process.exit(0));
// An interrupt typed at the terminal is for the service, which ends us when it has drained.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});

function receive(order: Order): void {
  switch (order.kind) {
    case "probe":
      void probeBackend().then((backend) => send({ kind: "backend", backend }));
      break;
    case "load":
      void load(order);
      break;
    case "proceed":
      proceed();
      break;
    case "infer":
      void infer(order);
      break;
    case "more":
      wake(order.job, (job) => {
        job.credit += order.tokens;
      });
      break;
    case "cancel":
      wake(order.job, (job) => {
        job.evaluatedAtCancel ??= job.count.evaluated;
      });
      break;
    default:
      throw new Error(`unreachable: ${order satisfies never}`);
  }
}

function wake(id: number, change: (job: Running) => void): void {
  const job = running.get(id);
  if (job === undefined) return;
  change(job);
  job.wake();
}

function send(report: Report): void {
  if (process.connected) process.send?.(report);
}

async function load(order: LoadOrder): Promise<void> {
  try {
    const weights = await loadWeights(order, {
      needs: (memory, contextTokens) =>
        new Promise((resolve) => {
          proceed = resolve;
          send({ kind: "needs", memory, contextTokens });
        }),
      share: (share) => send({ kind: "loading", share }),
    });
    const slots = new Slots(weights, order);
    // A context that cannot be made is found out now, not by the first request; it also warms the code paths.
    await warm(weights, slots);
    loaded = { weights, slots };
    send({ kind: "loaded", contextTokens: weights.contextTokens });
  } catch (error) {
    const why = error instanceof LoadRefusal ? error.why : "fault";
    send({ kind: "refused", why, message: messageOf(error) });
  }
}

async function warm(weights: LlamaWeights, slots: Slots): Promise<void> {
  const slot = await slots.take([]);
  const { bos, eos, nl } = weights.model.tokens;
  const token = bos ?? eos ?? nl;
  if (token !== null) {
    await slot.sequence.evaluateWithoutGeneratingNewTokens([token]);
    await slot.sequence.clearHistory();
  }
  slots.give(slot);
}

async function infer(order: InferOrder): Promise<void> {
  const { job } = order;
  const count = newCount();
  const state: Running = { credit: order.credit, evaluatedAtCancel: undefined, count, wake: () => {} };
  running.set(job, state);
  try {
    await runInSlot(order, state, count);
    send({ kind: "done", job, spent: spentOf(state) });
  } catch (error) {
    const why = error instanceof JobEnd ? error.why : "fault";
    send({ kind: "failed", job, why, message: messageOf(error), spent: spentOf(state) });
  } finally {
    running.delete(job);
  }
}

function spentOf({ count, evaluatedAtCancel }: Running): Spent {
  const { evaluated, ...spent } = count;
  return { ...spent, lateTokens: evaluated - (evaluatedAtCancel ?? evaluated) };
}

async function runInSlot(order: InferOrder, state: Running, count: Count): Promise<void> {
  if (loaded === undefined) throw new Error("the model is not loaded yet");
  const { weights, slots } = loaded;
  const host = hostOf(order.job, state, weights);
  const tokens = tokensOf(order, host);
  const slot = await slots.take(tokens.shared);
  try {
    await runJob(order, tokens, slot, host, count);
  } catch (error) {
    if (error instanceof JobEnd) slots.give(slot);
    else await slots.drop(slot);
    throw error;
  }
  slots.give(slot);
}

function hostOf(job: number, state: Running, weights: LlamaWeights): JobHost {
  const check = (): void => {
    if (state.evaluatedAtCancel !== undefined) throw new JobEnd("cancelled", "the request was called off");
  };
  return {
    model: weights.model,
    contextTokens: weights.contextTokens,
    report: (report) => send({ ...report, job }),
    check,
    turn: async () => {
      for (check(); state.credit <= 0; check()) {
        await new Promise<void>((resolve) => {
          state.wake = resolve;
        });
      }
      state.credit--;
    },
    now: () => performance.now(),
  };
}
