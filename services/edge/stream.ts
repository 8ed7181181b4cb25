import { type DescMessage, type Message, type Registry, toJson } from "@bufbuild/protobuf";
import { asRpcError, exhausted } from "#platform/rpc/error.ts";
import type { EdgeResponse } from "./request.ts";

/** How events are written: server-sent events, or a line of JSON each. */
export type StreamForm = "sse" | "ndjson";

/** The form that an `accept` header asks for; server-sent events unless it names JSON lines. */
export function streamForm(accept: string): StreamForm {
  return /application\/(x-ndjson|jsonl|x-jsonlines)/i.test(accept) ? "ndjson" : "sse";
}

/** Headers of a stream of that form. */
export function streamHeaders(form: StreamForm): Readonly<Record<string, string>> {
  return {
    "content-type": form === "sse" ? "text/event-stream" : "application/x-ndjson",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  };
}

/** One event as it goes over the wire: its ProtoJSON, without any other line. */
export function eventText(form: StreamForm, desc: DescMessage, event: Message, registry: Registry): string {
  const json = JSON.stringify(toJson(desc, event, { registry, alwaysEmitImplicit: true }));
  return form === "sse" ? `data: ${json}\n\n` : `${json}\n`;
}

/** How a stream is written. */
export interface StreamOptions {
  readonly form: StreamForm;
  readonly desc: DescMessage;
  readonly registry: Registry;
  /** Written together with the first event, so that an early error still has its own status. */
  readonly headers: Readonly<Record<string, string>>;
  /** 30 s by default. */
  readonly slowReaderMs?: number;
}

/**
 * Writes events as they come, waiting for a reader that is slow. An error before the first event is thrown; a later
 * one ends the body: the last event has told it already, for what HTTP cannot say after its headers.
 */
export async function writeStream(
  events: AsyncIterable<Message>,
  response: EdgeResponse,
  options: StreamOptions,
): Promise<void> {
  let begun = false;
  try {
    for await (const event of events) {
      if (!begun) {
        response.writeHead(200, { ...options.headers, ...streamHeaders(options.form) });
        begun = true;
      }
      if (!response.write(eventText(options.form, options.desc, event, options.registry)))
        await drained(response, options.slowReaderMs ?? SLOW_READER_MS);
    }
  } catch (error) {
    if (!begun) throw asRpcError(error);
  }
  if (!begun) response.writeHead(200, { ...options.headers, ...streamHeaders(options.form) });
  response.end();
}

/** How long a reader may take nothing before its connection is cut. */
const SLOW_READER_MS = 30_000;

/** Rejects where nothing was taken for too long: what was begun cannot be ended in words, so the connection is cut. */
function drained(response: EdgeResponse, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      response.destroy();
      reject(exhausted("SLOW_CONSUMER", `the reader took nothing for ${ms} ms`));
    }, ms);
    const done = (): void => {
      clearTimeout(timer);
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.once("drain", done);
    response.once("close", done);
  });
}
