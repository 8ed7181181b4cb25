import type { KeyLimits } from "#gen/anrf/api/v1/key_limits_pb.ts";
import type { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import type { Logger } from "../process/log.ts";
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
  readonly trace: Trace;
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

/** What an adapter knows of a request when it arrives. */
export interface Inbound {
  readonly requestId: string;
  readonly client: Principal;
  /** The calling target. */
  readonly caller: string;
  /** Fires when the caller goes away. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; undefined: the caller set none. */
  readonly deadline: number | undefined;
  readonly trace: Trace;
  /** The encoded request. */
  readonly bytes: Uint8Array;
}

/** A call under way: its Call, and when to give up on the handler. */
export interface Flight {
  readonly call: Call;
  /** Settles as the promise does, or rejects with the reason for giving up, whichever comes first. */
  race<T>(promise: Promise<T>): Promise<T>;
  /** What a thrown value means, seen from here: after an abort, the reason of the abort. */
  errorOf(error: unknown): RpcError;
  /** The caller has stopped reading: fires the handler's signal. */
  abandon(): void;
  /** The process breaks off: fires the handler's signal, and leaves a stream a moment for its last event. */
  breakOff(): void;
  /** Lets go of timers and signals. */
  end(): void;
}

/** How long a stream may still send its last event after the process has begun to break off. */
const LAST_EVENT_MS = 2_000;

/**
 * Begins a call. Its signal fires on the caller's signal, at the deadline, and when the process breaks off, always with
 * an RpcError. At the first two the caller is answered at once.
 */
export function takeOff(inbound: Inbound, deadline: number, log: Logger): Flight {
  const own = new AbortController();
  const gaveUp = Promise.withResolvers<never>();
  gaveUp.promise.catch(() => {});
  const giveUp = (reason: RpcError): void => {
    own.abort(reason);
    gaveUp.reject(reason);
  };
  const onCaller = (): void => giveUp(reasonOfAbort(inbound.signal));
  let lastEvent: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => giveUp(deadlineExceeded()), Math.max(0, deadline - Date.now()));
  timer.unref();
  inbound.signal.addEventListener("abort", onCaller);
  if (inbound.signal.aborted) onCaller();
  let child: Logger | undefined;
  return {
    call: {
      requestId: inbound.requestId,
      client: inbound.client,
      signal: own.signal,
      deadline,
      trace: inbound.trace,
      // Most calls log nothing of their own.
      get log() {
        child ??= log.child({ requestId: inbound.requestId, traceId: inbound.trace.traceId });
        return child;
      },
    },
    race: (promise) => Promise.race([promise, gaveUp.promise]),
    errorOf: (error) => {
      const isAbort = error instanceof Error && (error.name === "AbortError" || error === own.signal.reason);
      return asRpcError(own.signal.aborted && isAbort ? own.signal.reason : error);
    },
    abandon: () => own.abort(cancelled("the caller stopped reading")),
    breakOff: () => {
      own.abort(shuttingDown());
      lastEvent = setTimeout(() => giveUp(shuttingDown()), LAST_EVENT_MS);
      lastEvent.unref();
    },
    end: () => {
      clearTimeout(timer);
      clearTimeout(lastEvent);
      inbound.signal.removeEventListener("abort", onCaller);
    },
  };
}

// Whatever a transport gives as its reason, it is one of two: the time is over, or the caller is gone.
function reasonOfAbort(signal: AbortSignal): RpcError {
  const reason: unknown = signal.reason;
  if (reason instanceof RpcError) return reason;
  const timedOut = reason instanceof Error && reason.name === "TimeoutError";
  const late = reason instanceof Error && "code" in reason && reason.code === Code.DEADLINE_EXCEEDED;
  return timedOut || late
    ? deadlineExceeded(undefined, { cause: reason })
    : cancelled(undefined, { cause: reason });
}
