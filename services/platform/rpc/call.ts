import type { KeyLimits } from "#gen/anrf/api/v1/key_limits_pb.ts";
import type { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import type { Logger } from "../process/log.ts";
import type { Trace } from "../process/trace.ts";
import { Code } from "./codes.ts";
import { cancelled, deadlineExceeded, RpcError } from "./error.ts";

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
  readonly trace: Trace;
  /** The encoded request. */
  readonly bytes: Uint8Array;
}

// Whatever a transport gives as its reason, it is one of two: the time is over, or the caller is gone.
/** What the abort of a caller means. */
export function reasonOfAbort({ reason }: AbortSource): RpcError {
  if (reason instanceof RpcError) return reason;
  const timedOut = reason instanceof Error && reason.name === "TimeoutError";
  const late = reason instanceof Error && "code" in reason && reason.code === Code.DEADLINE_EXCEEDED;
  return timedOut || late
    ? deadlineExceeded(undefined, { cause: reason })
    : cancelled(undefined, { cause: reason });
}
