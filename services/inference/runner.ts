import {
  cancelled,
  exhausted,
  failedPrecondition,
  internal,
  invalidField,
  type RpcError,
  unavailable,
} from "#platform/rpc/error.ts";
import { FairQueue } from "#platform/sandbox/queue.ts";
import { refused } from "./fetch.ts";
import type { Inbox } from "./inbox.ts";
import type { InferOrder, JobReport, LoadOrder, Refusal, Report } from "./message.ts";
import { ModelProcess } from "./model-process.ts";

/** What a reader of a request hears. */
export type JobNews =
  | JobReport
  | { readonly kind: "queued"; readonly position: number; readonly waitSeconds: number }
  | { readonly kind: "fetching"; readonly done: number; readonly total: number }
  | { readonly kind: "loading"; readonly share: number }
  /** It has a slot; what was told of its tokens before is void. */
  | { readonly kind: "running" };

/** A request for a model, in a queue or at work. */
export interface Job {
  readonly clientId: string;
  readonly bytes: number;
  readonly order: Omit<InferOrder, "kind" | "job" | "credit">;
  readonly news: Inbox<JobNews>;
  id: number;
  state: "new" | "queued" | "running" | "ended";
  /** It was lost once with its process, before its first token. */
  wasLost: boolean;
  hasToken: boolean;
  startedAt: number;
  tokens: number;
}

/** What a runner needs of its node. */
export interface RunnerHost {
  readonly digest: string;
  readonly slots: number;
  /** Brings the files here; tells how far it is. */
  fetch(onProgress: (done: number, total: number) => void): Promise<string>;
  /** How the model is to be loaded from a path. */
  order(path: string): LoadOrder;
  /** Makes room for a model of so many bytes, or throws why there is none. */
  admit(memory: number): Promise<void>;
  onLoss(why: string): void;
  /** It was not loaded; whoever waits for it is told the same. */
  onRefusal(error: unknown): void;
  now(): number;
}

/** Tokens that may be on their way before their reader has taken them. */
const WINDOW = 8;
/** Requests that may wait, for each slot. */
const QUEUE_PER_SLOT = 4;
const MAX_LOSSES_AT_LOAD = 2;

/** One model: its process, the requests in it, and those that wait for it. */
export class Runner {
  readonly #host: RunnerHost;
  readonly #queue: FairQueue<Job>;
  readonly #running = new Map<number, Job>();
  readonly #waiting = new Set<Job>();
  #process: ModelProcess | undefined;
  #state: "cold" | "loading" | "loaded" = "cold";
  #lossesAtLoad = 0;
  #lastId = 0;
  /** Seconds that requests took lately, and tokens a second that they got. */
  #seconds = 0;
  #speed = 0;
  /** Of the loaded model, else 0. */
  memory = 0;
  contextTokens = 0;
  lastUsed: number;
  loadSeconds = 0;

  constructor(host: RunnerHost) {
    this.#host = host;
    // Bounded here, before a request is put in; waiting requests are small beside models.
    this.#queue = new FairQueue(host.slots * QUEUE_PER_SLOT, Number.POSITIVE_INFINITY);
    this.lastUsed = host.now();
  }

  get digest(): string {
    return this.#host.digest;
  }

  get load(): { readonly running: number; readonly queued: number } {
    return { running: this.#running.size, queued: this.#queue.size };
  }

  get state(): "cold" | "loading" | "loaded" {
    return this.#state;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Tokens a second that one request got lately. */
  get speed(): number {
    return this.#speed;
  }

  get isBusy(): boolean {
    return this.#state === "loading" || this.#running.size > 0 || this.#queue.size > 0;
  }

  /** Seconds until a new request has its turn, as far as is known. */
  waitSeconds(ahead: number): number {
    const free = this.#host.slots - this.#running.size;
    return ahead < free ? 0 : ((ahead + 1 - Math.max(0, free)) * this.#seconds) / this.#host.slots;
  }

  /** Takes a request on, or throws RESOURCE_EXHAUSTED when it would wait beyond its deadline or there is no room. */
  submit(job: Job, deadline: number): void {
    const ahead = this.#queue.size;
    const wait = this.waitSeconds(ahead);
    const isLate = this.#host.now() + wait * 1000 > deadline;
    if (isLate || !this.#queue.push(job)) {
      const why = isLate ? "the wait would be longer than the deadline" : "its queue is full";
      throw exhausted(
        "QUEUE_FULL",
        `cannot run the model ${this.#host.digest} now: ${ahead} requests wait, and ${why}; try again later`,
        { retrySeconds: Math.max(1, Math.ceil(wait)), metadata: { waiting: String(ahead) } },
      );
    }
    this.#wait(job);
    this.#pump();
    if (this.#isQueued(job))
      job.news.push({ kind: "queued", position: ahead, waitSeconds: this.waitSeconds(ahead) });
  }

  /** Lets so many more tokens of a request come. */
  more(job: Job, tokens: number): void {
    if (job.state === "running") this.#process?.send({ kind: "more", job: job.id, tokens });
  }

  /** Takes a request out; at work it ends within a token or a slice of its prompt. */
  cancel(job: Job): void {
    if (this.#queue.remove(job)) this.#end(job, cancelled());
    else if (job.state === "running") this.#process?.send({ kind: "cancel", job: job.id });
  }

  /** Ends the process; nothing runs in it. */
  async unload(why: string): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    this.#state = "cold";
    this.memory = 0;
    process?.kill(why);
    await process?.exited;
  }

  /** Ends everything. */
  async close(reason: RpcError): Promise<void> {
    for (let job = this.#queue.take(); job !== undefined; job = this.#queue.take()) this.#end(job, reason);
    for (const job of [...this.#running.values()]) this.#end(job, reason);
    await this.unload("the node is being stopped");
  }

  /** Loads the model without a request. */
  warm(): void {
    if (this.#state === "cold") void this.#load();
  }

  #wait(job: Job): void {
    job.state = "queued";
    this.#waiting.add(job);
  }

  #isQueued(job: Job): boolean {
    return job.state === "queued";
  }

  #pump(): void {
    this.lastUsed = this.#host.now();
    if (this.#queue.size === 0) return;
    if (this.#state === "cold") void this.#load();
    while (this.#state === "loaded" && this.#running.size < this.#host.slots) {
      const job = this.#queue.take();
      if (job === undefined) return;
      this.#start(job);
    }
  }

  #start(job: Job): void {
    this.#lastId = (this.#lastId % 0x7fff_ffff) + 1;
    job.id = this.#lastId;
    job.state = "running";
    this.#waiting.delete(job);
    job.startedAt = this.#host.now();
    this.#running.set(job.id, job);
    job.news.push({ kind: "running" });
    this.#process?.send({ kind: "infer", job: job.id, credit: WINDOW, ...job.order });
  }

  async #load(): Promise<void> {
    this.#state = "loading";
    const started = this.#host.now();
    try {
      const path = await this.#host.fetch((done, total) => this.#tell({ kind: "fetching", done, total }));
      await this.#boot(this.#host.order(path));
      this.loadSeconds = (this.#host.now() - started) / 1000;
      this.#state = "loaded";
      this.#lossesAtLoad = 0;
      this.#pump();
    } catch (error) {
      const hasToRetry = error instanceof LostAtLoad && ++this.#lossesAtLoad < MAX_LOSSES_AT_LOAD;
      await this.unload("it could not be loaded");
      if (hasToRetry) return this.#pump();
      this.#lossesAtLoad = 0;
      this.#host.onRefusal(error);
      for (let job = this.#queue.take(); job !== undefined; job = this.#queue.take()) {
        this.#end(job, error instanceof LostAtLoad ? this.#lost(error.message) : error);
      }
    }
  }

  /** Starts a process and waits until the model is in it. */
  #boot(order: LoadOrder): Promise<void> {
    return new Promise((resolve, reject) => {
      const process = new ModelProcess({
        report: (report) => {
          if (report.kind === "needs") {
            this.memory = report.memory;
            this.#host.admit(report.memory).then(() => process.send({ kind: "proceed" }), reject);
          } else if (report.kind === "loaded") {
            this.contextTokens = report.contextTokens;
            resolve();
          } else if (report.kind === "refused") {
            reject(this.#refusal(report.why, report.message));
          } else this.#receive(report);
        },
        gone: (why) => {
          reject(new LostAtLoad(why));
          this.#gone(process, why);
        },
      });
      this.#process = process;
      process.send(order);
    });
  }

  #receive(report: Report): void {
    if (report.kind === "loading") {
      this.#tell(report);
      return;
    }
    if (!("job" in report)) return;
    const job = this.#running.get(report.job);
    if (job === undefined) return;
    switch (report.kind) {
      case "token":
        job.hasToken = true;
        job.tokens++;
        job.news.push(report);
        break;
      case "done":
        job.news.push(report);
        this.#measure(job, report.spent.tokens, report.spent.decodeMs);
        this.#end(job);
        break;
      case "failed":
        job.news.push(report);
        this.#end(job, this.#refusal(report.why, report.message));
        break;
      default:
        job.news.push(report);
    }
  }

  /** A moving mean: a fifth of the newest. */
  #measure(job: Job, tokens: number, decodeMs: number): void {
    const mean = (old: number, value: number): number => (old === 0 ? value : old * 0.8 + value * 0.2);
    this.#seconds = mean(this.#seconds, (this.#host.now() - job.startedAt) / 1000);
    if (tokens > 1 && decodeMs > 0) this.#speed = mean(this.#speed, (tokens * 1000) / decodeMs);
  }

  #end(job: Job, error?: unknown): void {
    if (job.state === "running") this.#running.delete(job.id);
    job.state = "ended";
    this.#waiting.delete(job);
    job.news.end(error);
    this.#pump();
  }

  #tell(news: JobNews): void {
    for (const job of this.#waiting) job.news.push(news);
  }

  // What had no token yet starts over, once: its reader cannot tell. The others learn that it broke off.
  #gone(process: ModelProcess, why: string): void {
    if (this.#process !== process) return;
    const wasLoaded = this.#state === "loaded";
    this.#process = undefined;
    this.memory = 0;
    if (!wasLoaded) return;
    this.#state = "cold";
    this.#host.onLoss(why);
    const jobs = [...this.#running.values()];
    this.#running.clear();
    for (const job of jobs) {
      this.#wait(job);
      const isFresh = !job.hasToken && !job.wasLost;
      job.wasLost = true;
      if (!isFresh || !this.#queue.push(job)) this.#end(job, this.#lost(why));
    }
    this.#pump();
  }

  #lost(why: string): RpcError {
    return unavailable(`the process of the model ${this.#host.digest} was lost; send the request again`, {
      reason: "MODEL_LOST",
      cause: new Error(why),
    });
  }

  #refusal(why: Refusal, message: string): RpcError {
    const { digest } = this.#host;
    switch (why) {
      case "cancelled":
        return cancelled();
      case "prompt-too-long":
        return invalidField("messages", message, "PROMPT_TOO_LONG");
      case "prompt-empty":
        return invalidField("messages", message);
      case "too-large":
        return failedPrecondition("MODEL_TOO_LARGE", `cannot load the model ${digest}: ${message}`);
      case "unreadable":
        return refused(digest, message, "import another build of it");
      case "no-backend":
        return failedPrecondition("ENGINE_UNAVAILABLE", `cannot load the model ${digest}: ${message}`);
      case "fault":
        return internal(new Error(`the process of the model ${digest}: ${message}`));
      default:
        throw new Error(`unreachable: ${why satisfies never}`);
    }
  }
}

/** The process of a model ended before the model was loaded. */
class LostAtLoad extends Error {}
