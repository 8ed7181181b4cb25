import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { readTrace, type Trace, traceparent } from "../process/trace.ts";
import type { Call } from "./call.ts";
import { Code, codeFromNumber } from "./codes.ts";
import {
  cancelled,
  deadlineExceeded,
  errorFromStatusBytes,
  exhausted,
  RpcError,
  statusBytes,
  unavailable,
  unknownMethod,
} from "./error.ts";
import { CALLER_HEADER, type HeaderReader, MESH_TOKEN_HEADER, principalHeaders } from "./peer.ts";

const STATUS_DETAILS = "grpc-status-details-bin";

/** Reads single text values of grpc-js metadata, all taken out at once: `get` checks each name anew. */
export function metadataReader(metadata: Metadata): HeaderReader {
  const values = metadata.getMap();
  return (name) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
}

/** The trace in the headers, if there is one. */
export function traceFromHeaders(header: HeaderReader): Trace | undefined {
  return readTrace(header("traceparent"), header("tracestate"));
}

/** What a call of ours says to the next process. */
export function metadataOf(call: Call, caller: string, meshToken: string | undefined): Metadata {
  const metadata = new Metadata();
  const { trace } = call;
  metadata.set("x-request-id", call.requestId);
  metadata.set("traceparent", traceparent(trace));
  if (trace.state !== "") metadata.set("tracestate", trace.state);
  metadata.set(CALLER_HEADER, caller);
  if (meshToken !== undefined) metadata.set(MESH_TOKEN_HEADER, meshToken);
  for (const [name, value] of Object.entries(principalHeaders(call.client))) metadata.set(name, value);
  return metadata;
}

/** An error as grpc-js sends it. */
export function statusOf(error: RpcError): Pick<StatusObject, "code" | "details" | "metadata"> {
  const metadata = new Metadata();
  if (error.details.length > 0) metadata.set(STATUS_DETAILS, Buffer.from(statusBytes(error)));
  return { code: error.code, details: error.message, metadata };
}

/** An error as grpc-js received it, or made it up where nobody answered. */
export function errorOfStatus(
  status: Pick<StatusObject, "code" | "details" | "metadata">,
  path: string,
): RpcError {
  const [bytes] = status.metadata.get(STATUS_DETAILS);
  if (bytes instanceof Buffer) {
    try {
      const error = errorFromStatusBytes(bytes);
      if (error.code === status.code) return error;
    } catch {
      // Damaged details are no reason to lose the error itself.
    }
  }
  const extras = { cause: new Error(status.details) };
  switch (status.code) {
    case Code.CANCELLED:
      return cancelled(undefined, extras);
    case Code.DEADLINE_EXCEEDED:
      return deadlineExceeded(undefined, extras);
    case Code.UNAVAILABLE:
      return unavailable(`no answer from ${path}`, extras);
    case Code.RESOURCE_EXHAUSTED:
      return exhausted("MESSAGE_TOO_LARGE", "the message is larger than the transport allows", extras);
    case Code.UNIMPLEMENTED:
      return unknownMethod(path);
    default:
      return new RpcError(codeFromNumber(status.code), status.details, [], extras);
  }
}
