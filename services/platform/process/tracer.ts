import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { childTrace, type Trace } from "./trace.ts";

/** A moment within a span. */
export interface SpanEvent {
  readonly name: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly atMs: number;
}

/** A piece of work that has ended. */
export interface Span {
  /** Its own. */
  readonly trace: Trace;
  /** Who asked for it; "" for nobody. */
  readonly parentId: string;
  /** The target that did it. */
  readonly service: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** What went wrong by our fault; undefined: nothing. */
  readonly error: string | undefined;
  readonly events: readonly SpanEvent[];
}

/** Sends spans to a collector, in batches; disposing it sends what waits, for a few seconds at most. */
export interface Tracer extends AsyncDisposable {
  /** Work under a trace: whether it is sent was decided where the trace began; a new one is drawn by its id. */
  begin(trace: Trace): Trace;
  /** Takes a span; one of a trace that is not sampled is let go. */
  record(span: Span): void;
}

/** Where spans go. */
export interface TracerOptions {
  /** Base address of an OTLP collector over HTTP: spans go to /v1/traces below it. */
  readonly endpoint: string;
  /** The share of new traces that is sent, from 0 to 1. */
  readonly ratio: number;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const LAST_BATCH_MS = 3_000;
const EXPORT_MS = 10_000;
const DELAY_MS = 1_000;
const COMPLAIN_MS = 60_000;
const MOST_WAITING = 8_192;

/** Opens the way to a collector. The packages of OpenTelemetry are loaded only here: most processes need none of them. */
export async function openTracer(options: TracerOptions): Promise<Tracer> {
  const { BatchSpanProcessor } = await import("@opentelemetry/sdk-trace");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
  const { resourceFromAttributes } = await import("@opentelemetry/resources");
  const url = tracesUrl(options.endpoint);
  const sender = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS });
  const lost = options.metrics.counter(
    "trace_spans_lost_total",
    "Spans that could not be sent to the collector.",
  );
  let waiting = 0;
  let complained = 0;
  const complain = (count: number, err: unknown): void => {
    lost.inc(count);
    if (Date.now() - complained < COMPLAIN_MS) return;
    complained = Date.now();
    options.log.warn({ err, url }, "spans could not be sent to the collector");
  };
  const exporter: SpanExporter = {
    export: (spans, done) =>
      sender.export(spans, (result) => {
        waiting -= spans.length;
        if (result.code !== 0) complain(spans.length, result.error);
        // Whatever became of them, they are dealt with: the processor has nobody to tell.
        done({ code: 0 });
      }),
    shutdown: () => sender.shutdown(),
  };
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: MOST_WAITING,
    scheduledDelayMillis: DELAY_MS,
    exportTimeoutMillis: 2 * EXPORT_MS,
  });
  const resources = new Map<string, ReadableSpan["resource"]>();
  const resourceOf = (service: string): ReadableSpan["resource"] => {
    const known =
      resources.get(service) ??
      resourceFromAttributes({ "service.name": `anrf-${service}`, "process.pid": process.pid });
    resources.set(service, known);
    return known;
  };
  return {
    begin: (trace) => {
      const own = childTrace(trace);
      return trace.spanId === "" ? { ...own, sampled: isDrawn(own.traceId, options.ratio) } : own;
    },
    record: (span) => {
      if (!span.trace.sampled) return;
      if (waiting >= MOST_WAITING) return complain(1, new Error(`${waiting} spans wait already`));
      waiting++;
      processor.onEnd(readable(span, resourceOf(span.service)));
    },
    [Symbol.asyncDispose]: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST_BATCH_MS);
      });
      await Promise.race([processor.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

/** Where a collector with this base address takes spans. */
export function tracesUrl(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, "")}/v1/traces`;
}

/** By the id, so that every process draws the same. */
function isDrawn(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) < ratio * 0x1_0000_0000;
}

// SpanKind.SERVER and SpanStatusCode.ERROR of the interface package, which is not needed for anything else.
const SERVER = 1;
const UNSET = 0;
const ERROR = 2;
const SAMPLED = 1;

function readable(span: Span, resource: ReadableSpan["resource"]): ReadableSpan {
  const { trace, parentId } = span;
  const context = (spanId: string) => ({ traceId: trace.traceId, spanId, traceFlags: SAMPLED });
  const own = context(trace.spanId);
  return {
    name: span.name,
    kind: SERVER,
    spanContext: () => own,
    ...(parentId === "" ? {} : { parentSpanContext: context(parentId) }),
    startTime: time(span.startMs),
    endTime: time(span.endMs),
    duration: time(span.endMs - span.startMs),
    status: span.error === undefined ? { code: UNSET } : { code: ERROR, message: span.error },
    attributes: span.attributes,
    links: [],
    events: span.events.map(({ name, atMs }) => ({ name, time: time(atMs), attributes: {} })),
    ended: true,
    resource,
    instrumentationScope: { name: "anrf" },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. */
function time(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
