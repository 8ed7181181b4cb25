import type { KeyLimits } from "#gen/anrf/api/v1/key_limits_pb.ts";
import type { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { callLogger, type Logger } from "../process/log.ts";
import type { Trace } from "../process/trace.ts";
import { Code } from "./codes.ts";
import { asRpcError, cancelled, deadlineExceeded, RpcError, shuttingDown } from "./error.ts";

/** How many requests a second a key may make. */
export type Tier = "basic" | "standard" | "unlimited";

/** Who asks, as the gateway found it by the key. */
export interface Principal {
  /** UUID of the client; "" for nobody. */
  readonly clientId: string;
  readonly keyId: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly tier: Tier;
  /** What the key may spend; undefined: the platform's own limits. */
  readonly limits: KeyLimits | undefined;
}

/** The principal of a call that no key stands behind: a gateway's Check, a health probe. */
export const NOBODY: Principal = {
  clientId: "",
  keyId: "",
  scopes: new Set(),
  tier: "basic",
  limits: undefined,
};

/** One RPC in flight, the same to a handler whatever brought it. */
export interface Call {
  readonly requestId: string;
  /** Who asks; believed only from a peer that proves itself. */
  readonly client: Principal;
  /** Fires on cancel, deadline or shutdown; its reason is an RpcError. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; the entry sets it, a hop may shorten it. */
  readonly deadline: number;
  /** Carries request and trace id. */
  readonly log: Logger;
  /** Of this call: what it asks of others is done below it. */
  readonly trace: Trace;
  /** Of a gateway that writes the line of the whole request: what a service in this process would write, it is told. */
  readonly told?: ((line: CallLine) => void) | undefined;
}

/** What a line of log says of a call that has ended. */
export interface CallLine {
  readonly fields: Readonly<Record<string, string | number | undefined>>;
  /** Of a fault of ours; undefined where there is none. */
  readonly cause: unknown;
}

/** The same call with at most `ms` left. Dispose it when the work is done: it holds a timer until then. */
export function within(call: Call, ms: number): Call & Disposable {
  const deadline = Math.min(call.deadline, Date.now() + ms);
  const scope = linkedAbort([call.signal]);
  const timer = setTimeout(() => scope.abort(deadlineExceeded()), Math.max(0, deadline - Date.now()));
  timer.unref();
  return {
    ...call,
    deadline,
    signal: scope.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      scope[Symbol.dispose]();
    },
  };
}

/** An abort of one's own that also follows other signals until it is disposed. */
export interface LinkedAbort extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/** Follows the signals, keeping their reasons; disposing it lets go of them. */
export function linkedAbort(signals: readonly AbortSignal[]): LinkedAbort {
  const own = new AbortController();
  const links = signals.map((signal) => {
    const follow = (): void => own.abort(signal.reason);
    if (signal.aborted) follow();
    else signal.addEventListener("abort", follow, { once: true });
    return { signal, follow };
  });
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    [Symbol.dispose]: () => {
      for (const { signal, follow } of links) signal.removeEventListener("abort", follow);
    },
  };
}

/** What of an AbortSignal the pipeline needs; an adapter may bring something lighter. */
export interface AbortSource {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** An AbortSource without an event target behind it: most calls are never aborted, and pay for no more than this. */
export class LightAbort implements AbortSource {
  aborted = false;
  reason: unknown;
  readonly #listeners: (() => void)[] = [];

  /** Aborts; the first reason counts. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of [...this.#listeners]) listener();
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }
}

/** What an adapter knows of a request when it arrives. */
export interface Inbound {
  readonly requestId: string;
  readonly client: Principal;
  /** The calling target. */
  readonly caller: string;
  /** Fires when the caller goes away. */
  readonly signal: AbortSource;
  /** Milliseconds since the epoch; undefined: the caller set none. */
  readonly deadline: number | undefined;
  /** Of the caller. */
  readonly trace: Trace;
  /** Takes the line of log, which is not written then. */
  readonly told?: ((line: CallLine) => void) | undefined;
  /** The encoded request. */
  readonly bytes: Uint8Array;
}

/** How long a stream may still send its last event after the process has begun to break off. */
const LAST_EVENT_MS = 2_000;

/**
 * A call under way: its Call, and when to give up on the handler. The signal of the call fires when the caller goes
 * away, at the deadline, and when the process breaks off, always with an RpcError; at the first two the caller is
 * answered at once.
 */
export class Flight {
  /** What the handler sees. */
  readonly call: Call;
  /** Where it is kept. */
  place = 0;
  readonly #inbound: Inbound;
  readonly #onCaller = (): void => this.giveUp(reasonOfAbort(this.#inbound.signal));
  readonly #own = new AbortController();
  #aborted: RpcError | undefined;
  #gaveUp: RpcError | undefined;
  #reject: ((reason: RpcError) => void) | undefined;
  #lastEvent: NodeJS.Timeout | undefined;

  constructor(inbound: Inbound, trace: Trace, deadline: number, log: Logger) {
    this.#inbound = inbound;
    const { requestId, client } = inbound;
    const { signal } = this.#own;
    this.call = {
      requestId,
      client,
      signal,
      deadline,
      trace,
      log: callLogger(log, requestId, trace.traceId),
    };
    inbound.signal.addEventListener("abort", this.#onCaller);
    if (inbound.signal.aborted) this.#onCaller();
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
    this.#own.abort(this.#aborted);
    return this.#aborted;
  }
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

// Whatever a transport gives as its reason, it is one of two: the time is over, or the caller is gone.
function reasonOfAbort({ reason }: AbortSource): RpcError {
  if (reason instanceof RpcError) return reason;
  const timedOut = reason instanceof Error && reason.name === "TimeoutError";
  const late = reason instanceof Error && "code" in reason && reason.code === Code.DEADLINE_EXCEEDED;
  return timedOut || late
    ? deadlineExceeded(undefined, { cause: reason })
    : cancelled(undefined, { cause: reason });
}
