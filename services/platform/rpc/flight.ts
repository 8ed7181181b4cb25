import type { Logger } from "../process/log.ts";
import { type Call, type Inbound, reasonOfAbort } from "./call.ts";
import { asRpcError, cancelled, deadlineExceeded, type RpcError, shuttingDown } from "./error.ts";

/** How long a stream may still send its last event after the process has begun to break off. */
const LAST_EVENT_MS = 2_000;

/**
 * A call under way: its Call, and when to give up on the handler. The signal of the call fires when the caller goes
 * away, at the deadline, and when the process breaks off, always with an RpcError; at the first two the caller is
 * answered at once. What few calls need is made when it is asked for.
 */
export class Flight {
  /** What the handler sees. */
  readonly call: Call;
  /** Where it is kept. */
  place = 0;
  readonly #inbound: Inbound;
  readonly #onCaller = (): void => this.giveUp(reasonOfAbort(this.#inbound.signal));
  #own: AbortController | undefined;
  #aborted: RpcError | undefined;
  #gaveUp: RpcError | undefined;
  #reject: ((reason: RpcError) => void) | undefined;
  #lastEvent: NodeJS.Timeout | undefined;

  constructor(inbound: Inbound, deadline: number, log: Logger) {
    this.#inbound = inbound;
    this.call = callOf(this, inbound, deadline, log);
    inbound.signal.addEventListener("abort", this.#onCaller);
    if (inbound.signal.aborted) this.#onCaller();
  }

  /** The signal of the call. */
  get signal(): AbortSignal {
    if (this.#own === undefined) {
      this.#own = new AbortController();
      if (this.#aborted !== undefined) this.#own.abort(this.#aborted);
    }
    return this.#own.signal;
  }

  /** Throws the reason for giving up, if there is one. */
  throwIfGivenUp(): void {
    if (this.#gaveUp !== undefined) throw this.#gaveUp;
  }

  /** Settles as the promise does, or rejects with the reason for giving up, whichever comes first. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      promise.then(resolve, reject);
      if (this.#gaveUp !== undefined) reject(this.#gaveUp);
    });
  }

  /** What a thrown value means, seen from here: after an abort, the reason of the abort. */
  errorOf(error: unknown): RpcError {
    const reason = this.#aborted;
    const isAbort = error instanceof Error && (error.name === "AbortError" || error === reason);
    return asRpcError(reason !== undefined && isAbort ? reason : error);
  }

  /** Fires the handler's signal and answers the caller. */
  giveUp(reason: RpcError): void {
    this.#abort(reason);
    this.#gaveUp ??= reason;
    this.#reject?.(reason);
  }

  /** The time is over. */
  expire(): void {
    this.giveUp(deadlineExceeded());
  }

  /** The caller has stopped reading: fires the handler's signal; gives the reason that counts. */
  abandon(): RpcError {
    return this.#abort(cancelled("the caller stopped reading"));
  }

  /** The process breaks off: fires the handler's signal, and leaves a stream a moment for its last event. */
  breakOff(): void {
    this.#abort(shuttingDown());
    this.#lastEvent = setTimeout(() => this.giveUp(shuttingDown()), LAST_EVENT_MS);
    this.#lastEvent.unref();
  }

  /** Lets go of timers and signals. */
  end(): void {
    clearTimeout(this.#lastEvent);
    this.#inbound.signal.removeEventListener("abort", this.#onCaller);
  }

  #abort(reason: RpcError): RpcError {
    this.#aborted ??= reason;
    this.#own?.abort(this.#aborted);
    return this.#aborted;
  }
}

function callOf(flight: Flight, inbound: Inbound, deadline: number, log: Logger): Call {
  const { requestId, client, trace } = inbound;
  let child: Logger | undefined;
  return {
    requestId,
    client,
    get signal() {
      return flight.signal;
    },
    deadline,
    trace,
    // Most calls log nothing of their own.
    get log() {
      child ??= log.child({ requestId, traceId: trace.traceId });
      return child;
    },
  };
}

/** Flights under way; gives up on each at its deadline, by one timer for all: most end long before theirs. */
export class Flights {
  /** In no order; each knows its place, so that one leaves without a search. */
  readonly #flights: Flight[] = [];
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;

  /** Begins one. */
  add(flight: Flight): void {
    flight.place = this.#flights.length;
    this.#flights.push(flight);
    if (flight.call.deadline < this.#at) this.#arm(flight.call.deadline);
  }

  /** Ends one. */
  delete(flight: Flight): void {
    const last = this.#flights.pop();
    if (last !== undefined && last !== flight) {
      last.place = flight.place;
      this.#flights[flight.place] = last;
    }
    flight.end();
  }

  /** Breaks all of them off. */
  breakOff(): void {
    for (const flight of [...this.#flights]) flight.breakOff();
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, Math.min(at - Date.now(), LONGEST_MS)));
    this.#timer.unref();
  }

  #expire(): void {
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    for (const flight of [...this.#flights]) {
      if (flight.call.deadline <= now) flight.expire();
      else if (flight.call.deadline < next) next = flight.call.deadline;
    }
    this.#at = Number.POSITIVE_INFINITY;
    if (next < this.#at) this.#arm(next);
  }
}

/** More is no time for a timer. */
const LONGEST_MS = 0x7fff_ffff;
