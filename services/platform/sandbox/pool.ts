import { availableParallelism } from "node:os";
import { Child, type ChildSettings } from "./child-process.ts";
import type { Feed } from "./feed.ts";
import { encodeWork, type Frame, FrameKind } from "./frames.ts";
import { FairQueue } from "./queue.ts";
import { SandboxError } from "./sandbox-error.ts";

/** One job for a sandbox. */
export interface SandboxJob {
  /** Handed to the job module's `run`, as is the payload. */
  readonly kind: string;
  readonly payload: Uint8Array;
  /** Clients take turns in the queue. */
  readonly clientId: string;
  /** How long it may run once it has started; then it is ended with TIME. */
  readonly wallMs: number;
  /** A worker that had this before is preferred (the digest of a program, say). */
  readonly affinity?: string;
  /** Asks the job to return early with what it has; it is not ended for it. */
  readonly stop?: AbortSignal;
  /** What the job receives while it runs. */
  readonly feed?: Feed;
  /** Called once if it has to wait, with the number of jobs that wait already. */
  readonly onQueued?: (ahead: number) => void;
  /** Called when it starts, and again when it starts over after a loss: then forget its messages. */
  readonly onStart?: () => void;
  /** Called with what the job sends before its end. */
  readonly onMessage?: (message: Uint8Array) => void;
}

/** How a sandbox is made. All but the module has a default. */
export interface SandboxOptions extends Partial<Omit<ChildSettings, "module">> {
  /** The service's job module: `new URL("./job.ts", import.meta.url)`; it exports `run: RunJob`. */
  readonly module: URL;
  readonly queueJobs?: number;
  readonly queueBytes?: number;
  /** How long a job may take to end after an abort before its worker is ended. */
  readonly graceMs?: number;
  /** How long a worker may take to end before the whole child is killed. */
  readonly killMs?: number;
  /** A child above this is replaced by a fresh one; its running jobs end there. */
  readonly recycleRssMb?: number;
  /** Told of each lost child or worker, with why. */
  readonly onLoss?: (why: string) => void;
}

interface Entry {
  readonly id: number;
  readonly job: SandboxJob;
  readonly clientId: string;
  readonly bytes: number;
  readonly resolve: (result: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
  /** Takes its listeners off and stops its clock. */
  release: () => void;
  wall: NodeJS.Timeout | undefined;
  kill: NodeJS.Timeout | undefined;
  settled: boolean;
  losses: number;
}

interface Place {
  readonly child: Child;
  readonly running: Map<number, Entry>;
  ready: boolean;
  /** It gets no more jobs; it is killed when it has none. */
  draining: boolean;
}

const MAX_STARTS = 3;

/**
 * Runs jobs of one job module in workers of a child process that can read nothing but code, and can be killed. A
 * result or an error comes for every job, also when workers and children are lost: a job runs twice at most.
 */
export class Sandbox implements AsyncDisposable {
  readonly #options: SandboxOptions;
  readonly #settings: ChildSettings;
  readonly #queue: FairQueue<Entry>;
  readonly #places = new Set<Place>();
  #current: Place | undefined;
  #failedStarts = 0;
  #lastId = 0;
  #restart: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#settings = {
      module: options.module.href,
      // Two at least, so that a long job on a small machine does not hold up everyone.
      workers: options.workers ?? Math.max(2, availableParallelism() - 1),
      heapMb: options.heapMb ?? 256,
      stackMb: options.stackMb ?? 64,
      maxJobs: options.maxJobs ?? 50_000,
      flags: options.flags ?? [],
      readyMs: options.readyMs ?? 10_000,
      pingMs: options.pingMs ?? 1_000,
      maxRssMb: options.maxRssMb ?? 4_096,
    };
    this.#queue = new FairQueue(options.queueJobs ?? 1_024, options.queueBytes ?? 64 * 1024 * 1024);
  }

  /** Jobs at work and jobs that wait, for metrics and for `queued` events. */
  get load(): { readonly running: number; readonly queued: number; readonly workers: number } {
    let running = 0;
    for (const place of this.#places) running += place.running.size;
    return { running, queued: this.#queue.size, workers: this.#settings.workers };
  }

  /** Starts the child now, so that the first job does not wait for it. */
  warm(): void {
    if (!this.#isClosed) this.#place();
  }

  /**
   * Runs one job and answers with what it returned. Throws SandboxError, or the signal's reason as soon as it fires:
   * the job is then told to stop, and its worker is ended if it does not.
   */
  run(job: SandboxJob, signal: AbortSignal): Promise<Uint8Array> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#isClosed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      const entry = this.#entry(job, signal, resolve, reject);
      const ahead = this.#queue.size;
      if (!this.#queue.push(entry)) {
        entry.release();
        reject(
          new SandboxError("BUSY", `cannot run the job: ${ahead} wait already; try again in a second`, 1_000),
        );
        return;
      }
      this.#pump();
      if (!entry.settled && entry.wall === undefined) job.onQueued?.(ahead);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    for (let entry = this.#queue.take(); entry !== undefined; entry = this.#queue.take())
      settle(entry, closed());
    const places = [...this.#places];
    for (const place of places) {
      for (const entry of place.running.values()) settle(entry, closed());
      place.child.kill("the sandbox is being disposed");
    }
    await Promise.all(places.map((place) => place.child.exited));
  }

  #entry(job: SandboxJob, signal: AbortSignal, resolve: Entry["resolve"], reject: Entry["reject"]): Entry {
    const onAbort = (): void => this.#abandon(entry, signal.reason);
    const onStop = (): void => this.#tell(entry, FrameKind.stop);
    this.#lastId = (this.#lastId % 0xffff_fffe) + 1;
    const entry: Entry = {
      id: this.#lastId,
      job,
      clientId: job.clientId,
      bytes: job.payload.length,
      resolve,
      reject,
      release: () => {
        signal.removeEventListener("abort", onAbort);
        job.stop?.removeEventListener("abort", onStop);
        clearTimeout(entry.wall);
      },
      wall: undefined,
      kill: undefined,
      settled: false,
      losses: 0,
    };
    signal.addEventListener("abort", onAbort);
    job.stop?.addEventListener("abort", onStop);
    return entry;
  }

  #pump(): void {
    while (this.#queue.size > 0 && !this.#isClosed) {
      const place = this.#place();
      if (place === undefined || !place.ready || place.running.size >= this.#settings.workers) return;
      const entry = this.#queue.take();
      if (entry !== undefined) this.#start(place, entry);
    }
  }

  #start(place: Place, entry: Entry): void {
    const { kind, payload, affinity = "", wallMs, stop, feed, onStart } = entry.job;
    place.running.set(entry.id, entry);
    entry.wall = setTimeout(() => {
      this.#abandon(
        entry,
        new SandboxError("TIME", `cannot finish the job: it ran for ${wallMs} ms, its limit`),
      );
    }, wallMs);
    onStart?.();
    place.child.send(FrameKind.run, entry.id, encodeWork({ kind, affinity, payload }));
    if (stop?.aborted) place.child.send(FrameKind.stop, entry.id);
    feed?.pour((next) => {
      if (place.running.get(entry.id) === entry) place.child.send(FrameKind.feed, entry.id, next);
    });
  }

  /** Answers the caller now; the job, if it runs, is told to stop, then its worker is ended, then its child. */
  #abandon(entry: Entry, reason: unknown): void {
    if (entry.settled) return;
    settle(entry, reason);
    if (this.#queue.remove(entry)) return;
    const place = this.#placeOf(entry);
    if (place === undefined) return;
    place.child.send(FrameKind.stop, entry.id);
    entry.kill = setTimeout(() => {
      place.child.send(FrameKind.kill, entry.id);
      const { killMs = 250 } = this.#options;
      entry.kill = setTimeout(() => place.child.kill(`a worker did not end within ${killMs} ms`), killMs);
    }, this.#options.graceMs ?? 25);
  }

  #tell(entry: Entry, kind: FrameKind): void {
    this.#placeOf(entry)?.child.send(kind, entry.id);
  }

  #placeOf(entry: Entry): Place | undefined {
    for (const place of this.#places) if (place.running.get(entry.id) === entry) return place;
    return undefined;
  }

  #place(): Place | undefined {
    if (this.#current !== undefined || this.#restart !== undefined) return this.#current;
    this.#current = this.#open(this.#settings, () => {
      this.#failedStarts = 0;
      this.#pump();
    });
    return this.#current;
  }

  #open(settings: ChildSettings, onReady: () => void): Place {
    const place: Place = {
      child: new Child(settings, {
        ready: () => {
          place.ready = true;
          onReady();
        },
        frame: (frame) => this.#receive(place, frame),
        resident: (bytes) => this.#resident(place, bytes),
        gone: (why) => this.#gone(place, why),
      }),
      running: new Map(),
      ready: false,
      draining: false,
    };
    this.#places.add(place);
    return place;
  }

  // The second run is in a child of its own: what is lost again is lost by its own doing, and takes nobody with it.
  #runAlone(entry: Entry): void {
    const place = this.#open({ ...this.#settings, workers: 1 }, () => {
      if (entry.settled) place.child.kill("its job was given up");
      else this.#start(place, entry);
    });
    place.draining = true;
    place.running.set(entry.id, entry);
  }

  #receive(place: Place, frame: Frame): void {
    const entry = place.running.get(frame.job);
    if (entry === undefined) return;
    if (frame.kind === FrameKind.message) {
      if (!entry.settled) entry.job.onMessage?.(frame.payload);
      return;
    }
    place.running.delete(entry.id);
    clearTimeout(entry.kill);
    clearTimeout(entry.wall);
    if (frame.kind === FrameKind.done) settle(entry, undefined, frame.payload);
    else if (frame.kind === FrameKind.failed) {
      settle(entry, new SandboxError("FAILED", new TextDecoder().decode(frame.payload)));
    } else if (frame.kind === FrameKind.memory) settle(entry, tooBig(this.#settings.heapMb));
    else this.#lose(entry, "its worker ended by itself");
    this.#afterJob(place);
  }

  #afterJob(place: Place): void {
    if (place.draining && place.running.size === 0) place.child.kill("the child is being replaced");
    this.#pump();
  }

  #resident(place: Place, bytes: number): void {
    const { recycleRssMb = 1_536 } = this.#options;
    if (place.draining || bytes < recycleRssMb * 1024 * 1024) return;
    place.draining = true;
    if (this.#current === place) this.#current = undefined;
    this.#afterJob(place);
  }

  #gone(place: Place, why: string): void {
    this.#places.delete(place);
    if (this.#current === place) this.#current = undefined;
    if (this.#isClosed) return;
    const entries = [...place.running.values()];
    place.running.clear();
    if (entries.length > 0 || !place.draining) this.#options.onLoss?.(why);
    for (const entry of entries) {
      clearTimeout(entry.kill);
      clearTimeout(entry.wall);
      this.#lose(entry, why);
    }
    if (!place.ready && !place.draining) this.#startFailed(why);
    else this.#pump();
  }

  #startFailed(why: string): void {
    this.#failedStarts++;
    if (this.#failedStarts >= MAX_STARTS) {
      this.#failedStarts = 0;
      const error = new SandboxError("LOST", `cannot start a child for jobs: ${why}`);
      for (let entry = this.#queue.take(); entry !== undefined; entry = this.#queue.take())
        settle(entry, error);
      return;
    }
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#pump();
    }, 200 * this.#failedStarts);
  }

  #lose(entry: Entry, why: string): void {
    if (entry.settled) return;
    entry.losses++;
    entry.wall = undefined;
    if (entry.losses === 1) this.#runAlone(entry);
    else if (/heap out of memory|MiB of memory/.test(why)) settle(entry, tooBig(this.#settings.heapMb));
    else settle(entry, new SandboxError("LOST", `cannot finish the job: it was lost twice, ${why}`));
  }
}

function settle(entry: Entry, error: unknown, result?: Uint8Array): void {
  if (entry.settled) return;
  entry.settled = true;
  entry.release();
  if (result !== undefined) entry.resolve(result);
  else entry.reject(error);
}

function closed(): SandboxError {
  return new SandboxError("CLOSED", "cannot run the job: the sandbox is being disposed");
}

function tooBig(heapMb: number): SandboxError {
  return new SandboxError("MEMORY", `cannot finish the job: it used up its ${heapMb} MiB of memory`);
}
