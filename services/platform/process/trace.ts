import { randomFillSync } from "node:crypto";

/** Where a call stands in a distributed trace: W3C Trace Context, carried as an argument. */
export interface Trace {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the work that this is, or that asks for it; "" where a trace begins and nothing has been done yet. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** `tracestate` as it came; "" for none. */
  readonly state: string;
}

/** A trace that begins here. */
export function newTrace(): Trace {
  return { traceId: hex(16), spanId: "", sampled: false, state: "" };
}

/** A piece of work of its own within a trace. */
export function childTrace({ traceId, sampled, state }: Trace): Trace {
  return { traceId, spanId: hex(8), sampled, state };
}

// version-traceid-spanid-flags; versions above 00 may have more parts, ff is none.
const HEADER = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads `traceparent` and `tracestate`; undefined if the first is absent or malformed. */
export function readTrace(
  traceparent: string | undefined,
  tracestate: string | undefined,
): Trace | undefined {
  const [, version, traceId, spanId, flags, more] = HEADER.exec(traceparent?.trim() ?? "") ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined)
    return undefined;
  if (version === "00" && more !== undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const state = tracestate !== undefined && tracestate.length <= 512 ? tracestate : "";
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1, state };
}

/** The `traceparent` of a trace. */
export function traceparent(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId || hex(8)}-${trace.sampled ? "01" : "00"}`;
}

const pool = Buffer.alloc(4096);
let used = pool.length;

// Asking the system for a few bytes at a time costs more than all else of a trace.
function hex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString("hex", used - bytes, used);
}
