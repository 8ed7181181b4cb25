import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { cancelled, exhausted } from "#platform/rpc/error.ts";

/** A request of either HTTP version. */
export type EdgeRequest = IncomingMessage | Http2ServerRequest;

/** Its response: what both HTTP versions have in common. */
export interface EdgeResponse {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  /** False: wait for `drain`. */
  write(chunk: string): boolean;
  end(chunk?: string | Uint8Array): unknown;
  destroy(): unknown;
  once(event: "close" | "drain" | "finish", listener: () => void): unknown;
  off(event: "close" | "drain" | "finish", listener: () => void): unknown;
}

/** Headers with one value each, names in lower case; pseudo headers of HTTP/2 are left out. */
export function plainHeaders(request: EdgeRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  const given = request.headers;
  for (const name in given) {
    const value = given[name];
    if (value === undefined || name.startsWith(":")) continue;
    headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  const authority = given[":authority"];
  if (headers["host"] === undefined && typeof authority === "string") headers["host"] = authority;
  return headers;
}

/** The peer's address without a port; "" when the connection is gone. */
export function peerAddress(request: EdgeRequest): string {
  return request.socket?.remoteAddress ?? "";
}

/** Fires when the other side goes away before the response has ended. */
export function gone(response: EdgeResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableEnded)
      controller.abort(new DOMException("the client closed the connection", "AbortError"));
  });
  return controller.signal;
}

/** Reads a body of at most `limit` bytes; more is MESSAGE_TOO_LARGE, told as soon as it is known. */
export function readBody(request: EdgeRequest, limit: number): Promise<Buffer> {
  const stated = Number(request.headers["content-length"] ?? 0);
  if (stated > limit) return Promise.reject(bodyTooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limit) return;
      request.off("data", onData);
      request.pause();
      reject(bodyTooLarge(limit));
    };
    request.on("data", onData);
    request.once("end", () => {
      const [first] = chunks;
      resolve(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, size));
    });
    request.once("error", (cause: Error) => reject(bodyCutOff(cause)));
    // A close that follows the end says nothing.
    request.once("close", () => {
      if (!request.readableEnded) reject(bodyCutOff());
    });
  });
}

function bodyCutOff(cause?: Error): Error {
  return cancelled("the body was cut off", { cause });
}

function bodyTooLarge(limit: number): Error {
  const message = `the body is larger than ${limit} bytes`;
  return exhausted("MESSAGE_TOO_LARGE", message, { metadata: { limit: String(limit) } });
}
