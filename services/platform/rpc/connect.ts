import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { type DescMethod, fromJsonString, type Message } from "@bufbuild/protobuf";
import {
  type Code as ConnectCode,
  ConnectError,
  type ConnectRouter,
  type ConnectRouterOptions,
  type ContextValues,
  createConnectRouter,
  type HandlerContext,
} from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { type Call, linkedAbort } from "./call.ts";
import { Code, codeFromNumber } from "./codes.ts";
import { readMessage, unreadable } from "./decode.ts";
import { asRpcError, invalidField, type RpcError, rpcError, slowReader, unknownMethod } from "./error.ts";
import type { Served } from "./handlers.ts";
import { methodPath } from "./handlers.ts";

/** Answers a request of Node's servers, of either HTTP version. */
export type NodeAnswer = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

/** How Connect is put before Node's servers. */
export interface ConnectAnswerOptions extends ConnectRouterOptions {
  routes(router: ConnectRouter): void;
  /** Answers what no route is for. */
  readonly fallback?: NodeAnswer;
  contextValues?(request: IncomingMessage | Http2ServerRequest): ContextValues;
  /** Hears why an answer did not get out whole; a reader that left is no such reason. */
  failed(error: unknown, path: string): void;
}

/** Connect's own adapter prints to the console whenever a reader leaves in the middle of a stream; this one does not. */
export function connectAnswer(options: ConnectAnswerOptions): NodeAnswer {
  const router = createConnectRouter({
    acceptCompression: [compressionGzip, compressionBrotli],
    ...options,
  });
  options.routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  const answer = async (...[request, response]: Parameters<NodeAnswer>): Promise<void> => {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const handler = handlers.get(path);
    if (handler === undefined) {
      if (options.fallback !== undefined) return options.fallback(request, response);
      response.statusCode = 404;
      response.end();
      return;
    }
    let left = false;
    response.once("close", () => {
      left = !response.writableEnded;
    });
    const values = options.contextValues?.(request);
    try {
      const given = universalRequestFromNodeRequest(request, response, undefined, values);
      await universalResponseToNodeResponse(await handler(given), response);
    } catch (error) {
      if (left || response.destroyed || isWriteFailure(error)) return;
      options.failed(error, path);
      response.destroy();
    }
  };
  return (request, response) => void answer(request, response);
}

// It comes before the response knows that nobody reads it any more.
function isWriteFailure(error: unknown): boolean {
  const cause = error instanceof ConnectError ? error.cause : error;
  return cause instanceof Error && "syscall" in cause && cause.syscall === "write";
}

/** Makes the call of a request that came through Connect, gRPC-Web or gRPC; throws an RpcError to refuse it. */
export type CallOfContext = (method: DescMethod, context: Asked) => Call | Promise<Call>;

/** What is known of a request before its message is read. */
export type Asked = Pick<
  HandlerContext,
  "requestHeader" | "requestMethod" | "url" | "signal" | "values" | "timeoutMs"
>;

/**
 * Puts services behind a Connect router. The handlers are clients, in process or over gRPC, so that the pipeline stands
 * behind each of them.
 */
export function connectRoutes(
  served: readonly Served[],
  callOf: CallOfContext,
): (router: ConnectRouter) => void {
  return (router) => {
    for (const { service, handlers } of served) {
      const implementation: Record<string, unknown> = {};
      for (const method of service.methods) {
        const handler = handlers[method.localName];
        if (handler === undefined) throw new Error(`${methodPath(service, method)} has no handler`);
        const invoke = handler as (request: Message, call: Call) => unknown;
        implementation[method.localName] =
          method.methodKind === "server_streaming"
            ? streaming(method, invoke, callOf)
            : unary(method, invoke, callOf);
      }
      // What the service's own types would say is known here by its descriptor only.
      const first = router.handlers.length;
      router.service(service, implementation as never);
      for (let at = first; at < router.handlers.length; at++) {
        const handler = router.handlers[at];
        if (handler !== undefined) router.handlers[at] = readFirst(handler);
      }
    }
  };
}

type Invoke = (request: Message, call: Call) => unknown;

function unary(method: DescMethod, invoke: Invoke, callOf: CallOfContext) {
  return async (request: Message, context: HandlerContext): Promise<unknown> => {
    try {
      const call = await callOf(method, context);
      context.responseHeader.set("x-request-id", call.requestId);
      return await invoke(request, call);
    } catch (error) {
      throw connectErrorOf(asRpcError(error));
    }
  };
}

function streaming(method: DescMethod, invoke: Invoke, callOf: CallOfContext) {
  return async function* (
    request: Message,
    context: HandlerContext,
  ): AsyncGenerator<unknown, void, undefined> {
    try {
      const call = await callOf(method, context);
      context.responseHeader.set("x-request-id", call.requestId);
      using reader = linkedAbort([call.signal]);
      for await (const event of invoke(request, {
        ...call,
        signal: reader.signal,
      }) as AsyncIterable<unknown>) {
        // Connect comes back when the reader has taken the event.
        const timer = setTimeout(() => reader.abort(slowReader(SLOW_READER_MS)), SLOW_READER_MS);
        timer.unref();
        try {
          yield event;
        } finally {
          clearTimeout(timer);
        }
      }
    } catch (error) {
      throw connectErrorOf(asRpcError(error));
    }
  };
}

/** How long the reader of a stream may take nothing. */
const SLOW_READER_MS = 30_000;

type Handler = ConnectRouter["handlers"][number];

// A body that does not decode is INTERNAL to Connect, or an error without details. An error that the body itself
// throws reaches the client as it is, in every protocol: so the body is tried before Connect reads it.
function readFirst(handler: Handler): Handler {
  const answer = async (request: UniversalServerRequest) => {
    const { body } = request;
    const response = await handler(
      isStream(body) ? { ...request, body: tried(request, body, handler.method) } : request,
    );
    const type = request.header.get("content-type") ?? "";
    if (response.trailer !== undefined && /^application\/grpc(?!-web)/.test(type))
      sayPlainly(response.trailer);
    return response;
  };
  return Object.assign(answer, {
    protocolNames: handler.protocolNames,
    service: handler.service,
    method: handler.method,
    requestPath: handler.requestPath,
    supportedContentType: handler.supportedContentType,
    allowedMethods: handler.allowedMethods,
  });
}

/**
 * A message as `grpc-message` carries it: percent-encoded where it is not printable ASCII, and nowhere else, for there
 * are clients that do not decode what was encoded without need.
 */
export function grpcMessage(text: string): string {
  return text.toWellFormed().replace(/^ | $|[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent);
}

// Connect encodes punctuation too; it sets the trailer before or after its body, whenever it finds an error.
function sayPlainly(trailer: Headers): void {
  const set = trailer.set.bind(trailer);
  const said = trailer.get(GRPC_MESSAGE);
  if (said !== null) set(GRPC_MESSAGE, grpcMessage(decodeURIComponent(said)));
  Object.assign(trailer, {
    set: (name: string, value: string) =>
      set(name, name.toLowerCase() === GRPC_MESSAGE ? grpcMessage(decodeURIComponent(value)) : value),
  });
}

const GRPC_MESSAGE = "grpc-message";

function isStream(body: UniversalServerRequest["body"]): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

// Above the largest message; a longer body is left to Connect's own limit.
const TRIED_BYTES = 33 * 1024 * 1024;

async function* tried(
  request: UniversalServerRequest,
  body: AsyncIterable<Uint8Array>,
  method: DescMethod,
): AsyncGenerator<Uint8Array, void, undefined> {
  const type = request.header.get("content-type") ?? "";
  const enveloped = /^application\/(connect\+|grpc)/.test(type);
  let held: Uint8Array[] = [];
  let size = 0;
  // An envelope: one byte of flags, four of length, the message.
  let end = enveloped ? ENVELOPE_BYTES : Infinity;
  let isEndKnown = !enveloped;
  let done = !enveloped && (request.header.get("content-encoding") ?? "identity") !== "identity";
  for await (const chunk of body) {
    if (done) {
      yield chunk;
      continue;
    }
    held.push(chunk);
    size += chunk.length;
    if (!isEndKnown && size >= ENVELOPE_BYTES) {
      end += Buffer.concat(held).readUInt32BE(1);
      isEndKnown = true;
    }
    if (size < end && size <= TRIED_BYTES) continue;
    if (size >= end) tryMessage(envelopePayload(held), type, method);
    yield* held;
    held = [];
    done = true;
  }
  if (!done && !enveloped) tryMessage(Buffer.concat(held), type, method);
  yield* held;
}

const ENVELOPE_BYTES = 5;

/** The first message; undefined if it is compressed. */
function envelopePayload(chunks: readonly Uint8Array[]): Uint8Array | undefined {
  const bytes = Buffer.concat(chunks);
  return bytes[0] === 0 ? bytes.subarray(ENVELOPE_BYTES, ENVELOPE_BYTES + bytes.readUInt32BE(1)) : undefined;
}

function tryMessage(bytes: Uint8Array | undefined, type: string, method: DescMethod): void {
  if (bytes === undefined) return;
  try {
    if (!/[+/]json\b/.test(type)) readMessage(method.input, bytes);
    else readJson(method, bytes);
  } catch (error) {
    throw connectErrorOf(asRpcError(error));
  }
}

function readJson(method: DescMethod, bytes: Uint8Array): void {
  try {
    fromJsonString(method.input, Buffer.from(bytes).toString("utf8"), { ignoreUnknownFields: true });
  } catch (cause) {
    throw unreadable(method.input, cause);
  }
}

/** An error as Connect sends it in all its protocols. */
export function connectErrorOf(error: RpcError): ConnectError {
  // The numbers of both lists are gRPC's.
  const sent = new ConnectError(error.message, error.code as number as ConnectCode);
  sent.details = error.details.map((any) => ({
    type: any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1),
    value: any.value,
  }));
  return sent;
}

/**
 * An error that Connect itself found, such as a body that does not parse, in the words of the golden table; ours pass
 * unchanged. For a router's interceptor, and for its own answers before any handler.
 */
export function translateConnectError(error: unknown, path: string): ConnectError {
  const found = ConnectError.from(error);
  if (found.details.length > 0) return found;
  switch (codeFromNumber(found.code)) {
    case Code.INVALID_ARGUMENT:
      return connectErrorOf(invalidField("", found.rawMessage, "MESSAGE_UNREADABLE"));
    case Code.UNIMPLEMENTED:
      return connectErrorOf(unknownMethod(path));
    case Code.RESOURCE_EXHAUSTED:
      return connectErrorOf(rpcError(Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", found.rawMessage));
    default:
      return found;
  }
}
