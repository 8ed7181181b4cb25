import http from "node:http";
import https from "node:https";

/** How long a request to an S3 server may take; times in milliseconds. */
export interface TransportLimits {
  /** Until there is a connection. */
  readonly connectMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** In all, the body included. */
  readonly totalMs: number;
}

/** What `minio` asks of a transport. */
export type Transport = Pick<typeof http, "request">;

/** Requests that end: one that takes longer than its limits fails, as a broken connection does. */
export function boundedTransport(secure: boolean, limits: TransportLimits): Transport {
  const begin = secure ? https.request : http.request;
  const request = (
    options: http.RequestOptions,
    onResponse: (response: http.IncomingMessage) => void,
  ): http.ClientRequest => {
    let answer: http.IncomingMessage | undefined;
    const made = begin({ ...options, timeout: limits.idleMs }, (response) => {
      answer = response;
      // The client throws such answers away unread, and an unread answer would keep its connection for good.
      if (GIVEN_UP.has(response.statusCode ?? 0)) response.resume();
      onResponse(response);
    });
    // Who reads the answer hears of it there; destroying the request alone could end the body as if it were whole.
    const end = (why: string): void => void (answer ?? made).destroy(new Error(why));
    const timer = setTimeout(() => end(`no whole answer in ${limits.totalMs} ms`), limits.totalMs);
    made.once("socket", (socket) => {
      if (!socket.connecting) return;
      const connecting = setTimeout(() => end(`no connection in ${limits.connectMs} ms`), limits.connectMs);
      for (const event of ["connect", "close"]) socket.once(event, () => clearTimeout(connecting));
    });
    made.once("timeout", () => end(`silence for ${limits.idleMs} ms`));
    made.once("close", () => clearTimeout(timer));
    return made;
  };
  return { request: request as Transport["request"] };
}

// The states that `minio` takes for passing faults; it turns them into an error without their text.
const GIVEN_UP = new Set([408, 429, 499, 500, 502, 503, 504, 520]);
