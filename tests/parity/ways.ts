import {
  create,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromJson,
  type JsonObject,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { AnySchema, MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { ConnectError, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { type CodeName, codeName } from "#platform/rpc/codes.ts";
import { type HttpBinding, httpBindings } from "#platform/rpc/http-rules.ts";
import { REGISTRY } from "../../services/edge/public.ts";
import type { Json } from "../rest.ts";
import { restRequest } from "./rest-request.ts";

/** The two gateways. */
export const GATEWAYS = ["edge", "envoy"] as const;
export type Gateway = (typeof GATEWAYS)[number];

/** What a caller can speak. `connect-get` is Connect's GET for reads; `lines` are JSON lines. */
export const PROTOCOLS = [
  "rest",
  "sse",
  "lines",
  "grpc",
  "grpc-web",
  "connect",
  "connect-json",
  "connect-get",
] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** One way to an RPC through some gateway; over REST each binding is a way of its own. */
export interface Way {
  readonly protocol: Protocol;
  readonly binding?: HttpBinding;
}

/** Whether a protocol is written by the HTTP rules of the contract. */
export function isRest(protocol: Protocol): boolean {
  return protocol === "rest" || protocol === "sse" || protocol === "lines";
}

/** For the name of a test. */
export function wayName({ protocol, binding }: Way): string {
  return binding === undefined ? protocol : `${protocol} ${binding.verb} ${binding.template}`;
}

/** Every way to an RPC that both gateways have. */
export function waysTo(method: DescMethod): readonly Way[] {
  const bindings = httpBindings([method.parent]).filter((one) => one.method.name === method.name);
  const streams = method.methodKind === "server_streaming";
  const rest = (streams ? (["sse", "lines"] as const) : (["rest"] as const)).flatMap((protocol) =>
    bindings.map((binding): Way => ({ protocol, binding })),
  );
  const rpc: readonly Protocol[] = streams
    ? ["grpc", "grpc-web", "connect"]
    : ["grpc", "grpc-web", "connect", "connect-json", ...(isRead(method) ? (["connect-get"] as const) : [])];
  return [...rest, ...rpc.map((protocol): Way => ({ protocol }))];
}

function isRead(method: DescMethod): boolean {
  return method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
}

/** What came of a request, the same whatever brought it. */
export interface Outcome {
  readonly code: CodeName;
  readonly message: string;
  /** As JSON with their types. */
  readonly details: readonly Json[];
  /** Of the first response; undefined for gRPC, whose client hides it. */
  readonly status: number | undefined;
  readonly headers: Headers;
  /** One of a unary RPC, the events of a stream, as JSON. */
  readonly answers: readonly Json[];
  /** The body of a REST error. */
  readonly body: Json;
}

/** How to ask. */
export interface Ask {
  readonly url: string;
  readonly key: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends a request, given as the JSON of its message, by a way. */
export function ask(way: Way, method: DescMethod, request: JsonObject, how: Ask): Promise<Outcome> {
  if (way.binding !== undefined) return askRest(way.protocol, way.binding, request, how);
  return askRpc(way.protocol, method, request, how);
}

function headersOf(how: Ask): Record<string, string> {
  return { ...(how.key === undefined ? {} : { "x-api-key": how.key }), ...how.headers };
}

async function askRest(
  protocol: Protocol,
  binding: HttpBinding,
  message: JsonObject,
  how: Ask,
): Promise<Outcome> {
  const { verb, path, body } = restRequest(binding, message);
  const response = await fetch(`${how.url}${path}`, {
    method: verb,
    headers: {
      ...headersOf(how),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(protocol === "lines" ? { accept: "application/x-ndjson" } : {}),
    },
    ...(body === undefined ? {} : { body }),
    ...(how.signal === undefined ? {} : { signal: how.signal }),
  });
  return restOutcome(response, await response.text(), protocol, binding);
}

/** Reads what REST answered; a text that is not what its content type says fails the test. */
function restOutcome(response: Response, text: string, protocol: Protocol, binding: HttpBinding): Outcome {
  const { status, headers } = response;
  const base = { status, headers, message: "", details: [], answers: [], body: {} };
  if (!response.ok) {
    const body = JSON.parse(text) as Json;
    const details = Array.isArray(body["details"]) ? (body["details"] as readonly Json[]) : [];
    return { ...base, code: body["code"] as CodeName, message: String(body["error"]), details, body };
  }
  const type = headers.get("content-type") ?? "";
  if (binding.responseBody !== "") return { ...base, code: "OK", answers: [{ bytes: text.length, type }] };
  const wanted = { rest: "application/json", sse: "text/event-stream", lines: "application/x-ndjson" };
  if (!type.startsWith(wanted[protocol as keyof typeof wanted]))
    throw new Error(`${protocol} was answered with ${type}: ${text.slice(0, 300)}`);
  const pieces = protocol === "rest" ? [text] : events(text, protocol === "sse" ? "data: " : "");
  return { ...base, code: "OK", answers: pieces.map((piece) => JSON.parse(piece) as Json) };
}

/** The events of a whole body; whatever is no event fails the test. */
function events(text: string, prefix: string): readonly string[] {
  const end = prefix === "" ? "\n" : "\n\n";
  if (text !== "" && !text.endsWith(end))
    throw new Error(`the body ends within an event: ${text.slice(-200)}`);
  return text
    .split(end)
    .slice(0, -1)
    .map((line) => {
      if (!line.startsWith(prefix)) throw new Error(`a line that is no event: ${line.slice(0, 200)}`);
      return line.slice(prefix.length);
    });
}

/** What the wire showed beside messages. */
interface Shown {
  status: number | undefined;
  headers: Headers;
}

async function askRpc(
  protocol: Protocol,
  method: DescMethod,
  request: JsonObject,
  how: Ask,
): Promise<Outcome> {
  const shown: Shown = { status: undefined, headers: new Headers() };
  const answers: Json[] = [];
  const print = (message: Message): void => {
    answers.push(toJson(method.output, message, { registry: REGISTRY, alwaysEmitImplicit: true }) as Json);
  };
  const message = fromJson(method.input, request, { registry: REGISTRY });
  const sessions = new Http2SessionManager(how.url);
  const transport = transportOf(protocol, how.url, sessions, shown);
  try {
    if (method.methodKind === "server_streaming") {
      const typed = method as DescMethodServerStreaming;
      const stream = await transport.stream(typed, how.signal, undefined, headersOf(how), once(message));
      for (const [name, value] of stream.header) shown.headers.set(name, value);
      for await (const event of stream.message) print(event);
    } else {
      const typed = method as DescMethodUnary;
      const answer = await transport.unary(typed, how.signal, undefined, headersOf(how), message);
      for (const [name, value] of answer.header) shown.headers.set(name, value);
      print(answer.message);
    }
    return { ...shown, code: "OK", message: "", details: [], answers, body: {} };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    for (const [name, value] of error.metadata) shown.headers.set(name, value);
    const details = error.details.map(detailJson);
    return { ...shown, code: codeName(error.code), message: error.rawMessage, details, answers, body: {} };
  } finally {
    sessions.abort();
  }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function transportOf(
  protocol: Protocol,
  baseUrl: string,
  sessionManager: Http2SessionManager,
  shown: Shown,
): Transport {
  const seeing = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    shown.status = response.status;
    shown.headers = new Headers(response.headers);
    return response;
  };
  const options = { baseUrl, fetch: seeing as typeof fetch };
  switch (protocol) {
    case "grpc":
      return createGrpcTransport({ baseUrl, sessionManager });
    case "grpc-web":
      return createGrpcWebTransport(options);
    case "connect":
      return createConnectTransport({ ...options, useBinaryFormat: true });
    case "connect-json":
      return createConnectTransport({ ...options, useBinaryFormat: false });
    case "connect-get":
      return createConnectTransport({ ...options, useBinaryFormat: true, useHttpGet: true });
    default:
      throw new Error(`${protocol} has no client of RPCs`);
  }
}

function detailJson(detail: ConnectError["details"][number]): Json {
  const [type, value] =
    "desc" in detail ? [detail.desc.typeName, new Uint8Array()] : [detail.type, detail.value];
  const any = create(AnySchema, { typeUrl: `type.googleapis.com/${type}`, value });
  return toJson(AnySchema, any, { registry: REGISTRY, alwaysEmitImplicit: true }) as Json;
}

/** The reason of an outcome's ErrorInfo; "" without one. */
export function reasonOf(outcome: Outcome): string {
  const info = outcome.details.find((one) => String(one["@type"]).endsWith("google.rpc.ErrorInfo"));
  return String(info?.["reason"] ?? "");
}
