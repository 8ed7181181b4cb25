import { connect } from "node:net";
import type { Json } from "../rest.ts";

/** An answer over plain HTTP. */
export interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed text; an empty object where it is no JSON object. */
  readonly body: Json;
}

/** Sends a request as it is. */
export async function raw(url: string, init: RequestInit = {}): Promise<Raw> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: jsonOf(text) };
}

/** What a server writes to bytes that no client library would send; the connection is closed after it. */
export function rawBytes(
  url: string,
  bytes: string,
): Promise<{ readonly status: number; readonly body: Json }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(15_000, () => socket.destroy(new Error(`no answer within 15 s: ${text}`)));
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", body = ""] = text.split("\r\n\r\n");
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), body: jsonOf(body) });
    });
  });
}

function jsonOf(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
  } catch {
    return {};
  }
}

/** Status, code and reason of a REST answer; "" where it says none. */
export function said({ status, body }: Pick<Raw, "status" | "body">): readonly [number, string, string] {
  const details = Array.isArray(body["details"]) ? (body["details"] as readonly Json[]) : [];
  const info = details.find((one) => String(one["@type"]).endsWith("google.rpc.ErrorInfo"));
  return [status, String(body["code"] ?? ""), String(info?.["reason"] ?? "")];
}
