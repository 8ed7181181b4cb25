import { randomBytes } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import {
  Answer_Finish,
  Determinism,
  type InferEventSchema,
  type InferRequest,
  Progress_Phase,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { asRpcError, deadlineExceeded, type RpcError, statusFromError } from "#platform/rpc/error.ts";
import { promptOf } from "./chat.ts";
import type { RemoteConfig } from "./config.ts";
import { answerSeed, CANDIDATES } from "./draw.ts";
import { Inbox } from "./inbox.ts";
import type { Drawing, Finish, Spent } from "./message.ts";
import type { NodeMetrics } from "./metrics.ts";
import type { InferenceNode, NodeModel } from "./node.ts";
import { startRemote } from "./remote.ts";
import type { Job, JobNews } from "./runner.ts";

/** What `infer` needs. */
export interface InferDeps {
  readonly node: InferenceNode;
  readonly metrics: NodeMetrics;
  readonly remote: RemoteConfig | undefined;
}

/** A request at work, wherever it is done. */
export interface Work {
  readonly backend: string;
  readonly determinism: Determinism;
  readonly news: Inbox<JobNews>;
  /** Its reader has taken so many tokens. */
  more(tokens: number): void;
  /** Ends it; the news then end with an error. */
  cancel(): void;
}

type Event = MessageInitShape<typeof InferEventSchema>;
type EventCase = NonNullable<Event["event"]>;

/** Something is sent at least so often. */
const QUIET_MS = 15_000;
/** How long before its deadline a stream says its last word. */
const LAST_WORD_MS = 100;
const DEFAULT_TOKENS = 256;

/**
 * Runs a request and tells what happens. What can be refused is refused before the first event; after it, an error is
 * the last event, and thrown.
 */
export async function* infer(request: InferRequest, deps: InferDeps, call: Call): AsyncGenerator<Event> {
  const model = await deps.node.open(request.modelDigest);
  const seed = request.sampling?.seed ?? randomBytes(8).readBigUInt64BE();
  const drawings = drawingsOf(request, seed);
  const work = await begin(request, model, drawings, deps, call);
  const meter = new Meter(model.digest, deps.metrics);
  let sequence = 0;
  const event = (one: EventCase): Event => {
    sequence++;
    return { sequence, createTime: timestampNow(), event: one };
  };
  let why: RpcError | undefined;
  const stop = (reason: unknown): void => {
    why ??= asRpcError(reason);
    work.cancel();
  };
  const onAbort = (): void => stop(call.signal.reason);
  call.signal.addEventListener("abort", onAbort);
  const timer = setTimeout(
    () => stop(deadlineExceeded()),
    Math.max(0, Math.min(call.deadline - Date.now() - LAST_WORD_MS, 0x7fff_ffff)),
  );
  try {
    if (call.signal.aborted) onAbort();
    yield event({
      case: "started",
      value: {
        modelDigest: model.digest,
        backend: work.backend,
        determinism: work.determinism,
        seed,
        notation: model.manifest.card?.notation || "python",
      },
    });
    for (;;) {
      const next = await work.news.next(QUIET_MS);
      if (next === "end") throw new Error("a request ended without its last news");
      if (next === "quiet") {
        yield event({ case: "heartbeat", value: {} });
        continue;
      }
      const { value } = next;
      meter.note(value);
      const one = eventOf(value, drawings, meter);
      if (one !== undefined) yield event(one);
      if (value.kind === "token") work.more(1);
      if (value.kind === "done") return;
    }
  } catch (error) {
    const failure = why ?? asRpcError(error);
    meter.failed(failure);
    yield event({ case: "failed", value: { status: statusFromError(failure), usage: meter.usage } });
    throw failure;
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", onAbort);
    work.cancel();
    if (!meter.isClosed) await settle(work, meter);
  }
}

/** Hears what a request that its reader left has cost. */
async function settle(work: Work, meter: Meter): Promise<void> {
  try {
    for (;;) {
      const next = await work.news.next(QUIET_MS);
      if (next === "end" || next === "quiet") return;
      meter.note(next.value);
    }
  } catch (error) {
    meter.failed(asRpcError(error));
  }
}

function drawingsOf(request: InferRequest, seed: bigint): readonly Drawing[] {
  const { sampling } = request;
  const count = Math.max(1, sampling?.n ?? 1);
  return Array.from({ length: count }, (_, answer) => ({
    temperature: answer === 0 && sampling?.greedyFirst === true ? 0 : (sampling?.temperature ?? 0),
    topK: Math.min(sampling?.topK ?? 0, CANDIDATES),
    topP: sampling?.topP ?? 0,
    seed: answerSeed(seed, answer),
  }));
}

async function begin(
  request: InferRequest,
  model: NodeModel,
  answers: readonly Drawing[],
  deps: InferDeps,
  call: Call,
): Promise<Work> {
  const maxTokens = request.maxTokens === 0 ? DEFAULT_TOKENS : request.maxTokens;
  const { runner, manifest } = model;
  if (runner === undefined) {
    return startRemote({ request, answers, maxTokens, manifest, remote: deps.remote, digest: model.digest });
  }
  const job: Job = {
    clientId: call.client.clientId,
    bytes: request.messages.reduce((sum, { text }) => sum + text.length, 0),
    order: {
      ...promptOf(request.messages, manifest.card?.chatFormat ?? ""),
      answers,
      maxTokens,
      stop: request.stop,
    },
    news: new Inbox(),
    id: 0,
    state: "new",
    wasLost: false,
    hasToken: false,
    startedAt: 0,
    tokens: 0,
  };
  runner.submit(job, call.deadline);
  const backend = await deps.node.backend();
  return {
    backend,
    determinism: deps.node.isExact(backend) ? Determinism.EXACT : Determinism.BEST_EFFORT,
    news: job.news,
    more: (tokens) => runner.more(job, tokens),
    cancel: () => runner.cancel(job),
  };
}

const FINISH = {
  end: Answer_Finish.END,
  stop: Answer_Finish.STOP,
  length: Answer_Finish.LENGTH,
} as const satisfies Readonly<Record<Finish, Answer_Finish>>;

function eventOf(news: JobNews, drawings: readonly Drawing[], meter: Meter): EventCase | undefined {
  switch (news.kind) {
    case "queued":
      return { case: "queued", value: { position: news.position, waitSeconds: news.waitSeconds } };
    case "fetching":
      return meter.isWorthTelling() ? progress(Progress_Phase.FETCH, news.done, news.total) : undefined;
    case "loading":
      return meter.isWorthTelling()
        ? progress(Progress_Phase.LOAD, Math.round(news.share * 100), 100)
        : undefined;
    case "prompt":
      return meter.isWorthTelling() ? progress(Progress_Phase.PROMPT, news.done, news.total) : undefined;
    case "token":
      return {
        case: "tokens",
        value: {
          answer: news.answer,
          ids: news.id < 0 ? [] : [news.id],
          text: new TextEncoder().encode(news.text),
          logprobs: news.logprob === undefined ? [] : [news.logprob],
        },
      };
    case "answer": {
      const { answer, tokens } = news;
      const seed = drawings[answer]?.seed ?? 0n;
      return {
        case: "answer",
        value: {
          answer,
          finish: FINISH[news.finish],
          tokens,
          seed,
          rest: new TextEncoder().encode(news.rest),
          ...(news.logprob === undefined ? {} : { logprob: news.logprob }),
        },
      };
    }
    case "done":
      return { case: "completed", value: { usage: meter.usage, timings: meter.timings } };
    // Their error ends the news.
    case "failed":
    case "running":
      return undefined;
    default:
      throw new Error(`unreachable: ${news satisfies never}`);
  }
}

function progress(phase: Progress_Phase, done: number, total: number): EventCase {
  return { case: "progress", value: { phase, done: BigInt(done), total: BigInt(total) } };
}

/** At most so often a passing event tells how far something is. */
const TELL_MS = 500;

/** What a request costs, and where its time goes. */
class Meter {
  readonly #model: string;
  readonly #metrics: NodeMetrics;
  readonly #start = performance.now();
  #running: number | undefined;
  #first: number | undefined;
  #told = 0;
  #isClosed = false;
  #waited = 0;
  #loadedUntil = 0;
  #spent: Spent = {
    promptTokens: 0,
    reusedTokens: 0,
    tokens: 0,
    promptMs: 0,
    decodeMs: 0,
    lateTokens: 0,
  };

  constructor(model: string, metrics: NodeMetrics) {
    this.#model = model;
    this.#metrics = metrics;
  }

  note(news: JobNews): void {
    const now = performance.now() - this.#start;
    if (news.kind === "fetching" || news.kind === "loading") this.#loadedUntil = now;
    if (news.kind === "running") {
      this.#running = now;
      this.#waited = now - this.#loadedUntil;
      this.#metrics.queueWait(this.#waited / 1000);
    }
    if (news.kind === "token") this.#first ??= now;
    if (news.kind === "done" || news.kind === "failed") this.#spent = news.spent;
    if (news.kind === "failed" && news.why === "cancelled") this.#metrics.cancelled(news.spent.lateTokens);
    if (news.kind === "done") this.#report("");
  }

  failed(error: RpcError): void {
    this.#report(String(error.code));
  }

  /** Whether the end of the request was noted. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the last passing event is long enough ago. */
  isWorthTelling(): boolean {
    const now = performance.now();
    if (now - this.#told < TELL_MS) return false;
    this.#told = now;
    return true;
  }

  get usage() {
    const { promptTokens, reusedTokens, tokens } = this.#spent;
    return { promptTokens, reusedTokens, tokens };
  }

  get timings() {
    return {
      queueSeconds: this.#running === undefined ? 0 : this.#waited / 1000,
      loadSeconds: this.#loadedUntil / 1000,
      promptSeconds: this.#spent.promptMs / 1000,
      decodeSeconds: this.#spent.decodeMs / 1000,
    };
  }

  #report(error: string): void {
    this.#isClosed = true;
    const { promptTokens, tokens, decodeMs } = this.#spent;
    const seconds = (performance.now() - this.#start) / 1000;
    const each = tokens > 1 ? decodeMs / 1000 / (tokens - 1) : 0;
    const first = this.#first === undefined ? undefined : this.#first / 1000;
    this.#metrics.request(this.#model, first, each, seconds, error);
    this.#metrics.tokens(this.#model, promptTokens, tokens);
  }
}
