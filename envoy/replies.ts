import { Code, type CodeName, codeName, HTTP_STATUS } from "#platform/rpc/codes.ts";
import type { Json } from "./any.ts";

/** The protocols that a refusal can be told in; Lua writes which one into the header x-anrf-kind. */
export type Kind = "grpc-web" | "grpc" | "connect" | "connect-stream" | "rest";

/** What Envoy itself answers, beside the golden table's codes: by HTTP status. */
const GATEWAY_CODES: Readonly<Record<number, Code>> = {
  400: Code.INVALID_ARGUMENT,
  401: Code.UNAUTHENTICATED,
  403: Code.PERMISSION_DENIED,
  404: Code.NOT_FOUND,
  408: Code.DEADLINE_EXCEEDED,
  413: Code.RESOURCE_EXHAUSTED,
  429: Code.RESOURCE_EXHAUSTED,
  431: Code.INVALID_ARGUMENT,
  500: Code.INTERNAL,
  501: Code.UNIMPLEMENTED,
  502: Code.UNAVAILABLE,
  503: Code.UNAVAILABLE,
  504: Code.DEADLINE_EXCEEDED,
};

/** What a refusal says in a header of fixed text, where the reply's own words cannot go. */
const GATEWAY_MESSAGES: Readonly<Record<number, string>> = {
  400: "the request is not valid",
  401: "no valid API key: send one as x-api-key",
  403: "the request is not allowed",
  404: "no such method",
  408: "the request came too slowly",
  413: "the message is too large",
  429: "too many requests: try again later",
  431: "the headers are too large",
  500: "internal error",
  501: "no such method or codec",
  502: "the answer cannot be sent",
  503: "the service does not answer: try again",
  504: "the deadline has passed",
};

/** An unknown path is an unknown method to every protocol but REST. */
function codeOf(kind: Kind, status: number): Code {
  if (status === 404 && kind !== "rest") return Code.UNIMPLEMENTED;
  return GATEWAY_CODES[status] ?? Code.UNKNOWN;
}

/**
 * Answers of Envoy's own in the words of the caller's protocol: the first mapper that matches wins. A mapper is made
 * for each protocol and each HTTP status that Envoy can answer with.
 */
export function localReplies(): Json {
  const statuses = Object.keys(GATEWAY_CODES).map(Number);
  const kinds: readonly Kind[] = ["grpc-web", "grpc", "connect", "connect-stream", "rest"];
  return { mappers: kinds.flatMap((kind) => statuses.map((status) => mapper(kind, status))) };
}

function mapper(kind: Kind, status: number): Json {
  const filter = {
    and_filter: { filters: [statusIs(status), kind === "rest" ? restFilter() : kindIs(kind)] },
  };
  const code = codeOf(kind, status);
  switch (kind) {
    case "grpc-web":
      return {
        filter,
        status_code: 200,
        headers_to_add: [
          overwrite("grpc-status", String(code)),
          ifAbsent("grpc-message", GATEWAY_MESSAGES[status] ?? ""),
        ],
        body: { inline_string: "" },
      };
    case "grpc":
      return { filter, headers_to_add: [overwrite("grpc-status", String(code))] };
    case "connect":
      return {
        filter,
        body_format_override: { json_format: { code: connectName(code), message: "%LOCAL_REPLY_BODY%" } },
      };
    case "connect-stream":
      return {
        filter,
        status_code: 200,
        body: { inline_bytes: endOfStream(code, GATEWAY_MESSAGES[status] ?? "").toString("base64") },
        body_format_override: {
          text_format_source: { inline_string: "%LOCAL_REPLY_BODY%" },
          content_type: "application/connect+proto",
        },
      };
    case "rest":
      return { filter, body_format_override: { json_format: restBody(code) } };
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

function restBody(code: Code): Json {
  return { error: "%LOCAL_REPLY_BODY%", code: codeName(code), details: [], requestId: "%REQ(X-REQUEST-ID)%" };
}

const statusIs = (status: number): Json => ({
  status_code_filter: {
    comparison: { op: "EQ", value: { default_value: status, runtime_key: `anrf.reply_${status}` } },
  },
});

const kindIs = (kind: Kind): Json => ({
  header_filter: { header: { name: "x-anrf-kind", string_match: { exact: kind } } },
});

/** REST, and what was refused before Lua could say what it is; never gRPC, whose message the JSON would become. */
function restFilter(): Json {
  const notGrpc = {
    header_filter: {
      header: {
        name: "content-type",
        string_match: { prefix: "application/grpc" },
        invert_match: true,
        treat_missing_header_as_empty: true,
      },
    },
  };
  return { or_filter: { filters: [kindIs("rest"), notGrpc] } };
}

const overwrite = (key: string, value: string): Json => ({
  header: { key, value },
  append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
});

const ifAbsent = (key: string, value: string): Json => ({
  header: { key, value },
  append_action: "ADD_IF_ABSENT",
});

/** Connect's name of a code: lower case, and `canceled` with one l. */
export function connectName(code: Code): string {
  return code === Code.CANCELLED ? "canceled" : codeName(code).toLowerCase();
}

/** The last frame of a Connect stream: flag 2, the length, the error as JSON. */
function endOfStream(code: Code, message: string): Buffer {
  const json = Buffer.from(JSON.stringify({ error: { code: connectName(code), message } }));
  const head = Buffer.alloc(5);
  head.writeUInt8(2, 0);
  head.writeUInt32BE(json.length, 1);
  return Buffer.concat([head, json]);
}

/** HTTP statuses by the name of Connect's code: what the bridge answers otherwise is put right by Lua. */
export function connectStatuses(): Readonly<Record<string, number>> {
  const names = Object.keys(Code).filter((name) => name !== "OK") as CodeName[];
  return Object.fromEntries(names.map((name) => [connectName(Code[name]), HTTP_STATUS[name]]));
}
