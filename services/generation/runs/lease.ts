import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import {
  type GenerationEvent,
  GenerationEventSchema,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { type Database, transact } from "#platform/data/database.ts";
import type { Task } from "#platform/data/jobs.ts";
import type { Logger } from "#platform/process/log.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import {
  asRpcError,
  cancelled,
  errorFromStatus,
  failedPrecondition,
  notFound,
  outOfRange,
  type RpcError,
  statusFromError,
  unavailable,
} from "#platform/rpc/error.ts";
import { decodeEvents, type EventLog, encodeEvents, isLast } from "./event-log.ts";
import * as store from "./store.ts";

/** A generation that runs in this process. */
export interface Run {
  readonly id: string;
  readonly clientId: string;
  readonly log: EventLog;
  /** Ends it with that reason; the last event follows. */
  abort(reason: RpcError): void;
  /** Settles, never rejects, when its last event was stored. */
  readonly done: Promise<void>;
}

const TICK_MS = 1_000;
const HEARTBEAT_MS = 15_000;

/**
 * The generations of this process: their logs go to the database each second, their leases are renewed, and who asks
 * in another process for their end is heard.
 */
export class Runs implements AsyncDisposable {
  /** Names this process among all. */
  readonly owner: string;
  readonly #database: Database;
  readonly #leaseMs: number;
  readonly #log: Logger;
  readonly #runs = new Map<string, Run>();
  readonly #timers: NodeJS.Timeout[];
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly owner: string;
    readonly database: Database;
    readonly leaseMs: number;
    readonly log: Logger;
  }) {
    this.owner = options.owner;
    this.#database = options.database;
    this.#leaseMs = options.leaseMs;
    this.#log = options.log;
    const every = (ms: number, act: () => Promise<void>): NodeJS.Timeout => {
      const timer = setInterval(() => void act(), ms);
      timer.unref();
      return timer;
    };
    this.#timers = [
      every(TICK_MS, () => this.#guarded("flush", () => this.#tick())),
      every(this.#leaseMs / 3, () => this.#guarded("renew leases", () => this.#renew())),
    ];
  }

  get size(): number {
    return this.#runs.size;
  }

  /** The run, if it is at work in this process. */
  find(clientId: string, id: string): Run | undefined {
    const run = this.#runs.get(id);
    return run?.clientId === clientId ? run : undefined;
  }

  add(run: Run): void {
    this.#runs.set(run.id, run);
    void run.done.then(() => this.#runs.delete(run.id));
  }

  /** Ends all runs with that reason and waits for their last events. */
  async end(reason: RpcError): Promise<void> {
    const runs = [...this.#runs.values()];
    for (const run of runs) run.abort(reason);
    await Promise.all(runs.map((run) => run.done));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#flushing;
  }

  async #tick(): Promise<void> {
    const runs = [...this.#runs.values()];
    for (const run of runs) {
      if (!run.log.isEnded && run.log.silentMs >= HEARTBEAT_MS)
        run.log.append({ case: "heartbeat", value: {} });
    }
    this.#flushing = this.#flushing.then(() => this.#flush(runs));
    await this.#flushing;
    const { db } = this.#database;
    const ids = runs.map((run) => run.id);
    for (const id of await store.cancelledOf(db, this.owner, ids))
      this.#runs.get(id)?.abort(cancelledByRequest());
  }

  async #flush(runs: readonly Run[]): Promise<void> {
    for (const { log, clientId, id } of runs) {
      // The end of a run stores what is left together with its row.
      const piece = log.isEnded ? undefined : log.unflushed();
      if (piece === undefined) continue;
      try {
        await store.insertLog(this.#database.db, clientId, id, piece);
        log.flushed(piece.last);
      } catch (error) {
        this.#log.warn(
          { err: error, generationId: id },
          "events could not be stored; the next second tries again",
        );
      }
    }
  }

  async #renew(): Promise<void> {
    const ids = [...this.#runs.keys()];
    const ours = new Set(await store.renewLeases(this.#database.db, this.owner, ids, this.#leaseMs));
    for (const id of ids) {
      const run = this.#runs.get(id);
      if (!ours.has(id) && run !== undefined && !run.log.isEnded) run.abort(orphaned());
    }
  }

  async #guarded(what: string, act: () => Promise<void>): Promise<void> {
    if (this.#runs.size === 0) return;
    try {
      await act();
    } catch (error) {
      this.#log.warn({ err: error }, `could not ${what} of generations; it is tried again`);
    }
  }
}

/** Somebody called CancelGeneration. */
export function cancelledByRequest(): RpcError {
  return cancelled("the generation was cancelled");
}

function orphaned(): RpcError {
  return unavailable("the process that ran the generation is gone; try again", {
    reason: "GENERATION_ORPHANED",
  });
}

const BATCH = 50;

/** Ends generations whose process is gone, with `failed{UNAVAILABLE}` as their last event. */
export function sweepTask(database: Database, leaseMs: number): Task {
  return {
    everyMs: Math.max(250, leaseMs / 2),
    run: async (_payload, signal) => {
      while (!signal.aborted && (await sweepOrphans(database)) === BATCH);
    },
  };
}

/** One batch of the sweep; answers with how many it ended. */
export function sweepOrphans(database: Database): Promise<number> {
  return transact(database.db, async (trx) => {
    const orphans = await store.lockOrphans(trx, BATCH);
    for (const { id, clientId, owner } of orphans) {
      const error = orphaned();
      const sequence = (await store.lastSequence(trx, clientId, id)) + 1;
      const event = create(GenerationEventSchema, {
        generationId: id,
        sequence,
        createTime: timestampNow(),
        event: { case: "failed", value: { status: statusFromError(error) } },
      });
      await store.insertLog(trx, clientId, id, {
        first: sequence,
        last: sequence,
        events: encodeEvents([event]),
      });
      await store.endGeneration(trx, clientId, id, owner, { usage: {}, evidence: {}, result: { error } });
    }
    return orphans.length;
  });
}

/** How often the log of another process is looked at. */
const POLL_MS = 500;

/**
 * The events of a generation after a sequence, then each as it comes: from memory where it runs in this process, else
 * from the database. After `failed` it throws what the event says, so that an RPC ends with that status.
 */
export async function* watch(
  id: string,
  after: number,
  deps: { readonly runs: Runs; readonly database: Database },
  call: Call,
): AsyncGenerator<GenerationEvent, void, undefined> {
  const run = deps.runs.find(call.client.clientId, id);
  const events =
    run === undefined
      ? followStored(id, after, deps.database, call)
      : run.log.follow(after, readerGone(call, run));
  for await (const event of events) {
    yield event;
    if (event.event.case === "failed" && event.event.value.status !== undefined) {
      throw errorFromStatus(event.event.value.status);
    }
  }
}

/**
 * A process that stops ends its runs first, those that outlived their callers too: whoever reads gets their last
 * events.
 */
function readerGone(call: Call, run: Run): AbortSignal {
  const gone = new AbortController();
  const follow = (): void => {
    const reason = asRpcError(call.signal.reason);
    if (reason.code === Code.UNAVAILABLE) run.abort(reason);
    else gone.abort(call.signal.reason);
  };
  if (call.signal.aborted) follow();
  else call.signal.addEventListener("abort", follow, { once: true });
  return gone.signal;
}

async function* followStored(
  id: string,
  after: number,
  { db }: Database,
  call: Call,
): AsyncGenerator<GenerationEvent, void, undefined> {
  const { clientId } = call.client;
  for (let seen = after; ; ) {
    // Read before the log: what a generation that had ended then has written is all there.
    const row = await store.findGeneration(db, clientId, id);
    if (row === undefined) throw notFound("generation", id);
    for (const piece of await store.readLogs(db, clientId, id, seen)) {
      for (const event of decodeEvents(piece)) {
        if (event.sequence <= seen) continue;
        seen = event.sequence;
        yield event;
        if (isLast(event)) return;
      }
    }
    if (row.endTime !== undefined) return checkSeen(id, seen, await store.lastSequence(db, clientId, id));
    await pause(POLL_MS, call.signal);
  }
}

/** A log that has ended and has nothing more: its reader is at its end, past it, or came after the 24 hours. */
function checkSeen(id: string, seen: number, last: number): void {
  if (last === 0)
    throw failedPrecondition(
      "GENERATION_ENDED",
      `the events of generation ${id} are gone: read the generation`,
    );
  if (seen > last)
    throw outOfRange(
      "SEQUENCE_OUT_OF_RANGE",
      `generation ${id} ended with event ${last}; there is no ${seen}`,
    );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", settle);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(settle, ms);
    signal.addEventListener("abort", settle);
  });
}
