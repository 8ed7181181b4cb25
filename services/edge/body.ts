import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { invalid, invalidField, type Reason } from "#platform/rpc/error.ts";
import type { HttpMatch } from "#platform/rpc/http-rules.ts";
import { opaqueSchema } from "#platform/rpc/opaque.ts";
import type { BodyWorker } from "./body-worker.ts";
import { readJson } from "./json.ts";
import { REGISTRY } from "./public.ts";
import { messageFromHttp, type Violation } from "./transcode.ts";

/** Levels of a JSON body: 32 of a value, and those of the message around it. */
export const MAX_BODY_LEVELS = 40;
/** Bodies above this size are parsed in a worker, so that one big request does not stall the streams. */
const WORKER_BYTES = 256 * 1024;

/** A request as far as its body and path go. */
export interface RestInput {
  readonly match: HttpMatch;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
}

/** The request message of a REST request, or the error that says which field is wrong and how. */
export async function requestMessage(input: RestInput, worker: BodyWorker): Promise<Message> {
  const desc = input.match.binding.method.input;
  if (input.body.length <= WORKER_BYTES) return messageOrThrow(parseRest(input));
  const parsed = await worker.parse(input);
  if (!(parsed instanceof Uint8Array)) return messageOrThrow(parsed);
  // What the sandbox will decode stays bytes here; the fields that they belong to have their defaults.
  return Object.assign(create(desc), fromBinary(opaqueSchema(desc), parsed));
}

/** What is wrong with a body as a whole. */
export interface BodyFault {
  readonly reason: Reason;
  readonly description: string;
}

/** A message, the fields that are wrong, or what is wrong with the body as a whole. */
export type Parsed =
  | { readonly message: Message }
  | { readonly violations: readonly Violation[] }
  | { readonly fault: BodyFault };

/** Parses body, path and query; pure, so that a worker can do it as well. */
export function parseRest(input: RestInput): Parsed {
  let body: unknown;
  if (input.body.length > 0) {
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(input.body);
    } catch {
      return { fault: { reason: "MESSAGE_UNREADABLE", description: "the body is not valid UTF-8" } };
    }
    const read = readJson(text, MAX_BODY_LEVELS);
    if ("fault" in read) {
      const reason = read.fault.kind === "TOO_DEEP" ? "INPUT_TOO_DEEP" : "MESSAGE_UNREADABLE";
      return { fault: { reason, description: read.fault.message } };
    }
    body = read.value;
  }
  const message = messageFromHttp({ match: input.match, query: input.query, body }, REGISTRY);
  return "$typeName" in message ? { message } : { violations: message };
}

/** The bytes of what `parseRest` gives, for the way back from a worker. */
export function parsedBytes(
  parsed: Parsed,
  desc: DescMessage,
): Uint8Array | Exclude<Parsed, { message: Message }> {
  return "message" in parsed ? toBinary(desc, parsed.message) : parsed;
}

function messageOrThrow(parsed: Parsed): Message {
  if ("message" in parsed) return parsed.message;
  if ("fault" in parsed) throw invalidField("", parsed.fault.description, parsed.fault.reason);
  const unknownParameter = parsed.violations[0]?.description.startsWith("unknown query parameter") === true;
  throw invalid(parsed.violations, unknownParameter ? "QUERY_PARAMETER_UNKNOWN" : "FIELD_INVALID");
}
