import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import { uuidv7 } from "#platform/process/ids.ts";
import { type InfoLine, infoLines, type Logger } from "#platform/process/log.ts";
import type { Seconds } from "#platform/process/target.ts";
import { newTrace, readTrace, traceparent } from "#platform/process/trace.ts";
import type { Tracer } from "#platform/process/tracer.ts";
import { type Call, type CallLine, NOBODY } from "#platform/rpc/call.ts";
import { Code, codeName } from "#platform/rpc/codes.ts";
import type { CallOfContext } from "#platform/rpc/connect.ts";
import { asRpcError, internal, RpcError, rpcError } from "#platform/rpc/error.ts";
import { methodPath } from "#platform/rpc/handlers.ts";
import type { Admission } from "./admit.ts";
import { corsHeaders, preflight } from "./cors.ts";
import { contextHeaders, isRpc, PEER_ADDRESS, timeoutOf } from "./forward.ts";
import { type Answer, MAX_HEADERS } from "./listen.ts";
import { REGISTRY } from "./public.ts";
import { type EdgeRequest, type EdgeResponse, gone, peerAddress, plainHeaders } from "./request.ts";
import { answerRest, findRoute, type RestDeps } from "./rest.ts";
import { restError } from "./rest-error.ts";

/** What the gate is made of. */
export interface GateOptions extends RestDeps {
  readonly admission: Admission;
  readonly log: Logger;
  /** Hears of each request; undefined: nobody collects traces. */
  readonly tracer: Tracer | undefined;
  readonly corsOrigins: readonly string[];
  /** Fires when the process begins to stop. */
  readonly shutdown: AbortSignal;
  /** What the topology gives a method; undefined for an unknown one. */
  seconds(path: string): Seconds | undefined;
  /** The web target's pages, which need no key. */
  pages(request: Request): Promise<Response>;
}

interface Options extends GateOptions {
  readonly line: InfoLine;
}

/** The way in: one answer for both HTTP versions, and the calls of gRPC, gRPC-Web and Connect. */
export interface Gate {
  readonly callOf: CallOfContext;
  /** Takes the handler of gRPC, gRPC-Web and Connect, which needs `callOf` to be made. */
  answer(rpc: Answer): Answer;
}

/** Puts admission, deadlines and one line of log around everything that comes in. */
export function createGate(given: GateOptions): Gate {
  const options: Options = { ...given, line: infoLines(given.log) };
  const callOf = async (
    service: DescService,
    method: DescMethod,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Call> => {
    const seconds = options.seconds(methodPath(service, method)) ?? { default: 30, cap: 300 };
    const asked = timeoutOf(headers) ?? seconds.default * 1000;
    return {
      requestId: headers[REQUEST_ID] ?? uuidv7(),
      client: NOBODY,
      signal,
      deadline: Date.now() + Math.min(asked, seconds.cap * 1000),
      log: options.log,
      trace: readTrace(headers[TRACE], headers["tracestate"]) ?? newTrace(),
    };
  };
  return {
    callOf: async (method, context) => {
      const headers = contextHeaders(context);
      const address = context.values.get(PEER_ADDRESS);
      options.admission.peer(address);
      const call = await callOf(method.parent, method, headers, context.signal);
      const arrival = {
        method: context.requestMethod,
        path: new URL(context.url).pathname,
        headers,
        address,
      };
      return { ...call, client: await options.admission.client(arrival, call) };
    },
    answer: (rpc) => (request, response) => {
      // A client's own id is replaced, and what is refused has one too.
      const requestId = uuidv7();
      request.headers[REQUEST_ID] = requestId;
      const entry: Entry = { requestId: null, client: "", template: "", said: undefined };
      if (options.tracer !== undefined) trace(options.tracer, request, response, entry);
      const headers = plainHeaders(request);
      if (isRpc(headers, request.url ?? "")) {
        for (const [name, value] of Object.entries(corsHeaders(headers["origin"], options.corsOrigins))) {
          response.setHeader(name, value);
        }
        const allowed = preflight(request.method ?? "", headers, options.corsOrigins);
        if (allowed === undefined) {
          response.setHeader(REQUEST_ID, requestId);
          entry.template = (request.url ?? "").split("?", 1)[0] ?? "";
          return rpc(request, response);
        }
      }
      answerHttp(request, response, headers, entry, options, callOf).catch((error: unknown) => {
        options.log.error({ err: error }, "a request could not be answered");
        response.end();
      });
    },
  };
}

const REQUEST_ID = "x-request-id";
const TRACE = "traceparent";

/** Makes the request a piece of work of its own in the trace that it came with, or in a new one. */
function trace(tracer: Tracer, request: EdgeRequest, response: EdgeResponse, entry: Entry): void {
  const { [TRACE]: header, tracestate } = plainHeaders(request);
  const asked = readTrace(header, tracestate) ?? newTrace();
  const own = tracer.begin(asked);
  request.headers[TRACE] = traceparent(own);
  const startMs = Date.now();
  response.once("close", () => {
    const attributes = {
      "http.request.method": request.method ?? "",
      "http.response.status_code": response.statusCode,
      "anrf.request_id": String(request.headers[REQUEST_ID] ?? ""),
      ...(entry.template === "" ? {} : { "http.route": entry.template }),
    };
    tracer.record({
      trace: own,
      parentId: asked.spanId,
      service: "edge",
      name: `${request.method ?? ""} ${entry.template}`.trim(),
      startMs,
      endMs: Date.now(),
      attributes,
      error: response.statusCode >= 500 ? `answered with ${response.statusCode}` : undefined,
      events: [],
    });
  });
}

/** Paths of the web target. */
const PAGES = /^\/openapi\.(json|yaml)$/;

type MakeCall = (
  service: DescService,
  method: DescMethod,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<Call>;

async function answerHttp(
  request: EdgeRequest,
  response: EdgeResponse,
  headers: Readonly<Record<string, string>>,
  entry: Entry,
  options: Options,
  callOf: MakeCall,
): Promise<void> {
  const start = performance.now();
  let failure: RpcError | undefined;
  for (const [name, value] of Object.entries(corsHeaders(headers["origin"], options.corsOrigins))) {
    response.setHeader(name, value);
  }
  try {
    await answerOnce(request, response, headers, options, callOf, entry);
  } catch (error) {
    failure = asRpcError(error);
    await sendError(request, response, failure, entry.requestId);
  }
  // What the service in this process says of its call stands in the same line.
  const fields = {
    ...entry.said?.fields,
    requestId: entry.requestId,
    client: entry.client,
    verb: request.method,
    route: entry.template,
    status: response.statusCode,
    ms: Math.round((performance.now() - start) * 100) / 100,
  };
  const cause =
    entry.said?.cause ?? (failure?.code === Code.INTERNAL ? (failure.cause ?? failure) : undefined);
  // The cause of a fault is in this line and nowhere else.
  if (cause !== undefined) options.log.error({ ...fields, err: cause }, "http");
  else if (failure === undefined) options.line(fields, "http");
  else options.line({ ...fields, code: codeName(failure.code), error: failure.message }, "http");
}

/** What the line of a request will say. */
interface Entry {
  requestId: string | null;
  client: string;
  template: string;
  said: CallLine | undefined;
}

async function answerOnce(
  request: EdgeRequest,
  response: EdgeResponse,
  headers: Readonly<Record<string, string>>,
  options: Options,
  callOf: MakeCall,
  entry: Entry,
): Promise<void> {
  const method = request.method ?? "GET";
  const allowed = preflight(method, headers, options.corsOrigins);
  if (allowed !== undefined) {
    response.writeHead(200, allowed);
    response.end();
    return;
  }
  if (headers["host"] === undefined) {
    throw new RpcError(Code.INVALID_ARGUMENT, "the request names no host: send the header host");
  }
  // One of them is the id that the gate has set.
  if (Object.keys(headers).length > MAX_HEADERS + 1) {
    throw rpcError(Code.INVALID_ARGUMENT, "HEADERS_TOO_LARGE", `more than ${MAX_HEADERS} headers`);
  }
  entry.requestId = headers[REQUEST_ID] ?? null;
  options.admission.peer(peerAddress(request));
  const url = requestUrl(request.url ?? "/");
  if (method === "GET" && url.pathname === "/healthz") return sendPage(new Response("ok\n"), response);
  if (method === "GET" && PAGES.test(url.pathname))
    return sendPage(await options.pages(new Request(url)), response);
  const arrival = { method, path: request.url ?? "/", headers, address: peerAddress(request) };
  const match = tryRoute(options, method, url);
  const { service, method: rpc } = match ?? selfRoute(options);
  const call = await callOf(service, rpc, headers, gone(response));
  // An unknown path without a key is 401, as behind a gateway that asks for the key first.
  const client = await options.admission.client(arrival, call);
  entry.client = client.clientId;
  const found =
    match === undefined
      ? findRoute(options.routes, method, url)
      : { binding: match.binding, variables: match.variables };
  entry.template = found.binding.template;
  const told = (line: CallLine): void => {
    entry.said = line;
  };
  await answerRest(request, response, found, url, { ...call, client, told }, options);
}

function tryRoute(options: GateOptions, method: string, url: URL) {
  const match = options.routes.match(method, url.pathname);
  return match === undefined
    ? undefined
    : { ...match, service: match.binding.service, method: match.binding.method };
}

function selfRoute(options: GateOptions): { readonly service: DescService; readonly method: DescMethod } {
  const any = options.routes.match("GET", "/v1/self");
  if (any === undefined) throw internal(new Error("the contract has no GET /v1/self"));
  return { service: any.binding.service, method: any.binding.method };
}

/** The URL of a request; doubled slashes count once, as behind the other gateway. */
function requestUrl(path: string): URL {
  try {
    const url = new URL(path.startsWith("/") ? `http://edge${path}` : path);
    if (url.pathname.includes("//")) url.pathname = url.pathname.replace(/\/{2,}/g, "/");
    return url;
  } catch {
    throw rpcError(Code.NOT_FOUND, "ROUTE_UNKNOWN", "the path is not a valid URL");
  }
}

async function sendPage(page: Response, response: EdgeResponse): Promise<void> {
  response.writeHead(page.status, Object.fromEntries(page.headers));
  response.end(new Uint8Array(await page.arrayBuffer()));
}

/** Writes an error; where the answer has begun, all that is left is to end it. */
async function sendError(
  request: EdgeRequest,
  response: EdgeResponse,
  error: RpcError,
  requestId: string | null,
): Promise<void> {
  if (response.headersSent) {
    response.end();
    return;
  }
  const rest = restError(error, requestId, REGISTRY);
  // A body that nobody will read would keep the connection busy.
  const close: Record<string, string> =
    request.httpVersionMajor === 1 && !request.complete ? { connection: "close" } : {};
  const id: Record<string, string> = requestId === null ? {} : { "x-request-id": requestId };
  const size = { "content-length": String(Buffer.byteLength(rest.body)) };
  response.writeHead(rest.status, { ...rest.headers, ...size, ...id, ...close });
  response.end(rest.body);
}

/** A message of a service, called by name: what the bindings of the contract lead to. */
export function invokeBy(client: (service: DescService) => unknown): RestDeps["invoke"] {
  const clients = new Map<string, Readonly<Record<string, RestInvoke>>>();
  return (binding, message, call) => {
    const { service, method } = binding;
    const known = clients.get(service.typeName) ?? (client(service) as Readonly<Record<string, RestInvoke>>);
    clients.set(service.typeName, known);
    const fn = known[method.localName];
    if (fn === undefined) throw new Error(`${methodPath(service, method)} has no client`);
    return fn(message, call);
  };
}

type RestInvoke = (message: Message, call: Call) => Promise<Message> | AsyncIterable<Message>;
