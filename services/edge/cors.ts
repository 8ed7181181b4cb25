import { cors } from "@connectrpc/connect";

/** Headers that a page may send, methods that it may use, and answers that it may read. */
const ALLOW_HEADERS = [
  ...cors.allowedHeaders,
  "Authorization",
  "X-Api-Key",
  "Idempotency-Key",
  "Traceparent",
  "Tracestate",
].join(", ");
const ALLOW_METHODS = "GET, POST, PATCH, DELETE, OPTIONS";
const EXPOSE_HEADERS = [...cors.exposedHeaders, "X-Request-Id", "Retry-After"].join(", ");
const MAX_AGE_SECONDS = "7200";

/** CORS headers for an origin that is on the list ("*" lists all); none for another, or for no origin. */
export function corsHeaders(
  origin: string | undefined,
  allowed: readonly string[],
): Readonly<Record<string, string>> {
  if (origin === undefined || !(allowed.includes("*") || allowed.includes(origin))) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSE_HEADERS,
    vary: "origin",
  };
}

/** The answer to a preflight of an allowed origin; undefined where it is none. Preflights need no key. */
export function preflight(
  method: string,
  headers: Readonly<Record<string, string>>,
  allowed: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return undefined;
  const base = corsHeaders(headers["origin"], allowed);
  if (Object.keys(base).length === 0) return undefined;
  return {
    ...base,
    "access-control-allow-methods": ALLOW_METHODS,
    "access-control-allow-headers": ALLOW_HEADERS,
    "access-control-max-age": MAX_AGE_SECONDS,
  };
}
