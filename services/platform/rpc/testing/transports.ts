import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import {
  type CallOptions,
  ConnectError,
  type Transport as ConnectTransport,
  createClient,
} from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { createLogger } from "../../process/log.ts";
import { createMetrics } from "../../process/metrics.ts";
import type { ServicePlan } from "../../process/target.ts";
import { newTrace } from "../../process/trace.ts";
import { type Call, linkedAbort, type Principal } from "../call.ts";
import { codeFromNumber } from "../codes.ts";
import { connectAnswer, connectRoutes, translateConnectError } from "../connect.ts";
import { asRpcError, cancelled, RpcError } from "../error.ts";
import { grpcClient } from "../grpc-client.ts";
import { startGrpcServer } from "../grpc-server.ts";
import { type Client, type Handlers, type Route, routesOf, type Served, serve } from "../handlers.ts";
import { localClient } from "../local.ts";
import { createPipeline, type Pipeline } from "../pipeline.ts";

/** A client that may do everything. */
export const EVERYTHING: Principal = {
  clientId: "018f0000-0000-7000-8000-000000000001",
  keyId: "k1",
  scopes: new Set(Object.values(Scope).filter((scope) => scope !== Scope.SCOPE_UNSPECIFIED)),
  tier: "unlimited",
  limits: undefined,
};

const TOKEN = "a token of this mesh";

/** One backend with its pipeline, to be reached in several ways. */
export interface Backend {
  readonly pipeline: Pipeline;
  readonly routes: readonly Route[];
  /** What was logged, one JSON text a line. */
  readonly lines: string[];
  routeOf(path: string): Route | undefined;
  /** Breaks running work off. */
  stop(): void;
}

/** Puts services behind a pipeline; `edge` is a gateway, `generation` may call, `stranger` may not. */
export function createBackend(served: readonly Served[], plan: Partial<ServicePlan> = {}): Backend {
  const seconds = { default: 20, cap: 60 };
  const stop = new AbortController();
  const lines: string[] = [];
  const log = createLogger({ destination: { write: (line) => void lines.push(line) } });
  const pipeline = createPipeline({
    log,
    metrics: createMetrics(),
    stop: stop.signal,
    isGateway: (caller) => caller === "edge",
    mayCall: (caller) => caller === "edge" || caller === "generation",
  });
  const routes = served.flatMap(({ service, handlers }) => {
    const deadlines = Object.fromEntries(service.methods.map((method) => [method.localName, seconds]));
    return routesOf({ service, handlers }, { ...plan, service, deadlines }, "backend");
  });
  const byPath = new Map(routes.map((route) => [route.path, route]));
  return { pipeline, routes, lines, routeOf: (path) => byPath.get(path), stop: () => stop.abort() };
}

/** How a test calls: `ms` is the time that the caller gives, `as` who it is. */
export interface Ask {
  readonly signal?: AbortSignal;
  readonly ms?: number;
  readonly as?: Principal;
  readonly caller?: string;
}

/** A way to a backend. */
export interface Way extends AsyncDisposable {
  client<S extends DescService>(service: S, ask?: Ask): Promise<WayClient<S>>;
}

/** A client whose call is made already; errors are RpcErrors. */
export type WayClient<S extends DescService> = {
  readonly [K in keyof Client<S>]: Client<S>[K] extends (request: infer In, call: Call) => infer Out
    ? (request: In) => Out
    : never;
};

/** A call as a handler one hop before would have it. */
export function callOf(ask: Ask = {}): Call {
  return {
    requestId: "test-request",
    client: ask.as ?? EVERYTHING,
    signal: ask.signal ?? new AbortController().signal,
    deadline: Date.now() + (ask.ms ?? 15_000),
    log: createLogger({ level: "silent" }),
    trace: newTrace(),
  };
}

function bound<S extends DescService>(client: Client<S>, ask: Ask): WayClient<S> {
  const functions = client as unknown as Record<string, (request: unknown, call: Call) => unknown>;
  const entries = Object.entries(functions).map(([name, ask1]) => [
    name,
    (request: unknown) => ask1(request, callOf(ask)),
  ]);
  return Object.fromEntries(entries) as WayClient<S>;
}

/** Straight through the in-process adapter. */
export async function local(backend: Backend): Promise<Way> {
  return {
    client: async (service, ask = {}) =>
      bound(localClient(service, ask.caller ?? "edge", backend.pipeline, backend.routeOf), ask),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** grpc-js on both sides. */
export async function grpc(backend: Backend): Promise<Way> {
  const { pipeline, routes } = backend;
  const server = await startGrpcServer({
    port: 0,
    address: "127.0.0.1",
    pipeline,
    routes,
    meshToken: TOKEN,
    files: [],
    listed: [],
  });
  const clients: Disposable[] = [];
  return {
    client: async (service, ask = {}) => {
      const address = `127.0.0.1:${server.port}`;
      const made = grpcClient(service, { address, caller: ask.caller ?? "edge", meshToken: TOKEN });
      clients.push(made);
      return bound(made.client, ask);
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const PRINCIPALS = new Map<string, Principal>();

/** A port where Connect stands before the in-process adapter, as at the edge. */
export async function connectPort(
  backend: Backend,
  http2: boolean,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const callOfContext = (header: Headers, signal: AbortSignal, ms: number | undefined): Call => {
    const principal = PRINCIPALS.get(header.get("x-test-principal") ?? "");
    return callOf({
      signal,
      ...(ms === undefined ? {} : { ms }),
      ...(principal === undefined ? {} : { as: principal }),
    });
  };
  const services = new Map(
    backend.routes.map((route) => [route.method.parent.typeName, route.method.parent]),
  );
  const served = [...services.values()].map((service): Served => {
    const client = localClient(service, "edge", backend.pipeline, backend.routeOf);
    return serve(service, client as unknown as Handlers<DescService>);
  });
  const adapter = connectAnswer({
    routes: connectRoutes(served, (_, context) =>
      callOfContext(context.requestHeader, context.signal, context.timeoutMs()),
    ),
    interceptors: [
      (next) => async (request) => {
        try {
          return await next(request);
        } catch (error) {
          throw translateConnectError(error, request.url);
        }
      },
    ],
    failed: (error) => {
      throw error;
    },
    readMaxBytes: 33 * 1024 * 1024,
  });
  const server = http2 ? createHttp2Server(adapter) : createServer(adapter);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket: { destroy(): void }) => sockets.add(socket));
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** One of Connect's protocols. */
export function connect(
  kind: "connect" | "connect-json" | "grpc-web" | "grpc",
): (backend: Backend) => Promise<Way> {
  return async (backend) => {
    const http2 = kind === "grpc";
    const port = await connectPort(backend, http2);
    const transport = transportOf(kind, port.url);
    return {
      client: async (service, ask = {}) => connectClient(service, transport, ask),
      [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
    };
  };
}

function transportOf(kind: string, baseUrl: string): ConnectTransport {
  if (kind === "grpc") return createGrpcTransport({ baseUrl });
  if (kind === "grpc-web") return createGrpcWebTransport({ baseUrl, httpVersion: "1.1" });
  return createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: kind === "connect" });
}

function connectClient<S extends DescService>(
  service: S,
  transport: ConnectTransport,
  ask: Ask,
): WayClient<S> {
  const raw = createClient(service, transport) as Record<
    string,
    (request: unknown, options: CallOptions) => unknown
  >;
  const name = JSON.stringify([...(ask.as?.scopes ?? []), ask.as?.clientId ?? "all"]);
  if (ask.as !== undefined) PRINCIPALS.set(name, ask.as);
  const options = (signal: AbortSignal): CallOptions => ({
    signal,
    ...(ask.ms === undefined ? {} : { timeoutMs: ask.ms }),
    headers: { "x-test-principal": name },
  });
  const entries = service.methods.map((method) => {
    const send = (request: unknown, signal: AbortSignal): unknown =>
      raw[method.localName]?.(request, options(signal));
    if (method.methodKind === "server_streaming") {
      return [method.localName, (request: unknown) => streamed(request, send, ask)];
    }
    return [
      method.localName,
      async (request: unknown) => {
        try {
          return await send(request, ask.signal ?? new AbortController().signal);
        } catch (error) {
          throw rpcErrorOf(error);
        }
      },
    ];
  });
  return Object.fromEntries(entries) as WayClient<S>;
}

// A client of Connect that leaves its loop does not cancel: ours abort.
async function* streamed(
  request: unknown,
  send: (request: unknown, signal: AbortSignal) => unknown,
  ask: Ask,
): AsyncGenerator<unknown, void, undefined> {
  using own = linkedAbort(ask.signal === undefined ? [] : [ask.signal]);
  try {
    yield* send(request, own.signal) as AsyncIterable<unknown>;
  } catch (error) {
    throw rpcErrorOf(error);
  } finally {
    own.abort(cancelled());
  }
}

function rpcErrorOf(error: unknown): RpcError {
  if (!(error instanceof ConnectError)) return asRpcError(error);
  const details = error.details.map((detail) => {
    if ("desc" in detail) throw new Error("a detail that came over the wire has no descriptor");
    return create(AnySchema, { typeUrl: `type.googleapis.com/${detail.type}`, value: detail.value });
  });
  return new RpcError(codeFromNumber(error.code), error.rawMessage, details);
}

/** The number at which a counter stands still: the same in five looks. */
export async function standstill(count: () => number): Promise<number> {
  let last = -1;
  for (let same = 0; same < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    same = count() === last ? same + 1 : 0;
    last = count();
  }
  return last;
}
