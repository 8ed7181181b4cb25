import type { Message } from "@bufbuild/protobuf";
import { type InfoLine, infoLines, type Logger } from "../process/log.ts";
import { type Metrics, SECONDS_BUCKETS } from "../process/metrics.ts";
import type { Trace } from "../process/trace.ts";
import type { Span, SpanEvent, Tracer } from "../process/tracer.ts";
import type { Inbound } from "./call.ts";
import { Code, codeName } from "./codes.ts";
import type { RpcError } from "./error.ts";
import type { Route } from "./handlers.ts";

/** One call in the journal. */
export interface Entry {
  /** Takes ids out of a request, an answer or an event. */
  note(message: Message): void;
  /** Counts an event of a stream. */
  event(): void;
  /** Ends it, once, with one line of log; gives the error back. */
  close<E extends RpcError | undefined>(error: E): E;
}

/** Counts calls and writes one line for each, or tells the gateway that writes it. */
export interface Journal {
  open(route: Route, inbound: Inbound, trace: Trace): Entry;
  /** Resolves with true as soon as no call is under way, with false after `ms`. */
  idle(ms: number): Promise<boolean>;
}

// The ids that a line of log may name; they say which, never what.
const IDS = ["analysisId", "generationId", "anrfId", "verificationId", "executionId"] as const;
type Ids = Partial<Record<(typeof IDS)[number], string>>;

// Our faults: their cause is in the log and nowhere else.
const FAULTS: ReadonlySet<Code> = new Set([Code.UNKNOWN, Code.INTERNAL, Code.DATA_LOSS]);

// A span says when a stream had its first event and each 64th after it: one an event would be a span a token.
const EVENTS_A_MARK = 64;

interface Observer {
  observe(seconds: number): void;
}

// Looking a label set up costs more than counting in it.
interface RouteCounts {
  readonly open: { inc(): void; dec(): void };
  readonly byCode: Map<Code, Observer>;
}

/** What a journal writes to. */
export interface JournalOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer?: Tracer | undefined;
}

/** Makes the journal of a process. */
export function createJournal({ log, metrics, tracer }: JournalOptions): Journal {
  const seconds = metrics.histogram(
    "rpc_server_duration_seconds",
    "Time from request to the end of the answer.",
    SECONDS_BUCKETS,
    ["method", "code"],
  );
  const open = metrics.gauge("rpc_server_open_calls", "Calls under way.", ["method"]);
  const lines: Lines = { log, info: infoLines(log) };
  const waiting = new Set<() => void>();
  let underWay = 0;

  const landed = (): void => {
    underWay--;
    if (underWay === 0) for (const resolve of waiting) resolve();
  };
  const counts = new Map<string, RouteCounts>();
  const countsOf = (path: string): RouteCounts => {
    const known = counts.get(path) ?? { open: open.labels(path), byCode: new Map<Code, Observer>() };
    counts.set(path, known);
    return known;
  };
  return {
    open: (route, inbound, trace) => {
      const start = performance.now();
      const ids: Ids = {};
      const events: SpanEvent[] = [];
      let count = 0;
      let closed = false;
      underWay++;
      const { open: gauge, byCode } = countsOf(route.path);
      gauge.inc();
      return {
        note: (message) => noteIds(message, ids),
        event: () => {
          if (tracer === undefined || count++ % EVENTS_A_MARK !== 0) return;
          events.push({ name: count === 1 ? "first event" : `event ${count}`, atMs: Date.now() });
        },
        close: (error) => {
          if (closed) return error;
          closed = true;
          const ms = performance.now() - start;
          const code = error?.code ?? Code.OK;
          gauge.dec();
          let observer = byCode.get(code);
          if (observer === undefined) {
            observer = seconds.labels(route.path, codeName(code));
            byCode.set(code, observer);
          }
          observer.observe(ms / 1000);
          const line = { route, inbound, code: codeName(code), ms, ids, error };
          writeLine(lines, line);
          if (tracer !== undefined && trace.sampled) tracer.record(spanOf(line, trace, events));
          landed();
          return error;
        },
      };
    },
    idle: (ms) => {
      if (underWay === 0) return Promise.resolve(true);
      return new Promise((resolve) => {
        const settle = (idle: boolean): void => {
          clearTimeout(timer);
          waiting.delete(onIdle);
          resolve(idle);
        };
        const onIdle = (): void => settle(true);
        const timer = setTimeout(() => settle(false), ms);
        waiting.add(onIdle);
      });
    },
  };
}

function noteIds(message: Message, ids: Ids): void {
  const fields = message as Message & Partial<Record<keyof Ids, unknown>>;
  for (const id of IDS) {
    const value = fields[id];
    if (typeof value === "string" && value !== "") ids[id] = value.slice(0, 64);
  }
}

interface Line {
  readonly route: Route;
  readonly inbound: Inbound;
  readonly code: string;
  readonly ms: number;
  readonly ids: Ids;
  readonly error: RpcError | undefined;
}

function spanOf(line: Line, trace: Trace, events: readonly SpanEvent[]): Span {
  const { route, inbound, code, ms, ids, error } = line;
  const endMs = Date.now();
  const name = route.path.slice(1);
  return {
    trace,
    parentId: inbound.trace.spanId,
    service: route.target,
    name,
    startMs: endMs - ms,
    endMs,
    attributes: {
      "rpc.system.name": "grpc",
      "rpc.method": name,
      "rpc.response.status_code": code,
      "anrf.request_id": inbound.requestId,
      "anrf.caller": inbound.caller,
      ...ids,
    },
    error: error !== undefined && FAULTS.has(error.code) ? error.message : undefined,
    events,
  };
}

interface Lines {
  readonly log: Logger;
  readonly info: InfoLine;
}

function writeLine({ log, info }: Lines, { route, inbound, code, ms, ids, error }: Line): void {
  const fields = {
    requestId: inbound.requestId,
    client: inbound.client.clientId,
    caller: inbound.caller,
    method: route.path,
    code,
    ms: Math.round(ms * 100) / 100,
    traceId: inbound.trace.traceId,
    ...ids,
  };
  const cause = error !== undefined && FAULTS.has(error.code) ? (error.cause ?? error) : undefined;
  if (inbound.told !== undefined) inbound.told({ fields, cause });
  else if (cause !== undefined) log.error({ ...fields, err: cause }, "rpc");
  else info(error === undefined ? fields : { ...fields, error: error.message }, "rpc");
}
