import type { ServerSessionOptions } from "node:http2";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation } from "grpc-health-check";
import { uuidv7 } from "../process/ids.ts";
import { newTrace } from "../process/trace.ts";
import { type AbortSource, type Inbound, LightAbort } from "./call.ts";
import { asRpcError, cancelled, slowReader } from "./error.ts";
import { metadataReader, statusOf, traceFromHeaders } from "./grpc-metadata.ts";
import type { Route } from "./handlers.ts";
import { readPeer } from "./peer.ts";
import type { Pipeline } from "./pipeline.ts";

/** How a mesh port is opened. */
export interface GrpcServerOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** 127.0.0.1 unless configured. */
  readonly address: string;
  readonly pipeline: Pipeline;
  readonly routes: readonly Route[];
  /** The secret by which peers prove themselves; without it nobody is believed. */
  readonly meshToken: string | undefined;
  /** The files of the contract, encoded, for reflection, and the names of the services that it lists. */
  readonly files: readonly Uint8Array[];
  readonly listed: readonly string[];
  /** After which a connection takes no new calls, give or take a tenth; 300 s by default. */
  readonly connectionAgeMs?: number;
  /** How long a reader may take nothing, 30 s by default. */
  readonly slowReaderMs?: number;
}

/** An open mesh port. */
export interface GrpcServer extends AsyncDisposable {
  readonly port: number;
  /** What grpc.health.v1 answers for all services here. */
  setServing(serving: boolean): void;
  /** Takes no new calls; resolves when those under way have ended. */
  drain(): Promise<void>;
}

const MIB = 1024 * 1024;

/** Serves routes with grpc-js, together with health and reflection. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new Server({
    // Room for the largest message; each method's own limit is the pipeline's.
    "grpc.max_receive_message_length": 33 * MIB,
    "grpc.max_send_message_length": 33 * MIB,
    // Clients resolve names again only when a connection ends. What runs on it ends by its own deadline, not by a grace.
    "grpc.max_connection_age_ms": options.connectionAgeMs ?? 300_000,
    // Nobody asks grpc-js for its own counts: ours are in the metrics.
    "grpc.enable_channelz": 0,
  });
  allowCancels(server);
  const names = new Set(options.routes.map((route) => route.path.slice(1, route.path.lastIndexOf("/"))));
  for (const name of names) addService(server, name, options);
  const health = new HealthImplementation(
    Object.fromEntries(["", ...names].map((name) => [name, "NOT_SERVING"])),
  );
  health.addToServer(server);
  addReflection(server, options);
  const port = await bind(server, `${options.address}:${options.port}`);
  return {
    port,
    setServing: (serving) => {
      for (const name of ["", ...names]) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
    },
    drain: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

/**
 * A gateway brings the cancels of all its callers over a connection or two, and Node ends a connection, with every stream
 * on it, that brings more than 33 a second for long. grpc-js has no option for that limit, and hands on what it keeps here.
 */
function allowCancels(server: Server): void {
  const { commonServerOptions } = server as unknown as { commonServerOptions?: ServerSessionOptions };
  if (commonServerOptions === undefined)
    throw new Error("cannot raise the limit of cancels: this grpc-js keeps its options of HTTP/2 elsewhere");
  Object.assign(commonServerOptions, { streamResetBurst: 20_000, streamResetRate: 1_000 });
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
  });
}

// One entry with raw descriptors is all that @grpc/reflection reads.
function addReflection(server: Server, { files, listed }: GrpcServerOptions): void {
  const fileDescriptorProtos = files.map((file) => Buffer.from(file));
  const set = { format: "Protocol Buffer 3 DescriptorProto", type: {}, fileDescriptorProtos } as const;
  const services = [...listed, "grpc.health.v1.Health"];
  new ReflectionService({ set }, { services }).addToServer(server);
}

function addService(server: Server, name: string, options: GrpcServerOptions): void {
  const definition: Record<string, MethodDefinition<Buffer, Buffer>> = {};
  const handlers: Record<string, UntypedHandleCall> = {};
  for (const route of options.routes) {
    if (!route.path.startsWith(`/${name}/`)) continue;
    definition[route.method.name] = {
      path: route.path,
      requestStream: false,
      responseStream: route.streams,
      // Raw bytes in both directions: the pipeline decodes, so that what does not decode is INVALID_ARGUMENT.
      requestSerialize: (bytes) => bytes,
      requestDeserialize: (bytes) => bytes,
      responseSerialize: (bytes) => bytes,
      responseDeserialize: (bytes) => bytes,
    };
    handlers[route.method.name] = route.streams
      ? streamHandler(route, options)
      : unaryHandler(route, options);
  }
  server.addService(definition, handlers);
}

function unaryHandler(route: Route, options: GrpcServerOptions): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    void answer(route, options, call, callback);
  };
}

async function answer(
  route: Route,
  options: GrpcServerOptions,
  call: ServerUnaryCall<Buffer, Buffer>,
  callback: sendUnaryData<Buffer>,
): Promise<void> {
  const gone = new CallerGone(call);
  try {
    const message = await options.pipeline.unary(route, inboundOf(call, gone, options));
    const bytes = bufferOf(options.pipeline.encode(route, message));
    gone.isAnswered = true;
    callback(null, bytes);
  } catch (error) {
    callback(statusOf(asRpcError(error)));
  }
}

function streamHandler(route: Route, options: GrpcServerOptions): handleServerStreamingCall<Buffer, Buffer> {
  return (call) => {
    void pump(route, options, call);
  };
}

async function pump(
  route: Route,
  options: GrpcServerOptions,
  call: ServerWritableStream<Buffer, Buffer>,
): Promise<void> {
  const gone = new CallerGone(call);
  const inbound = inboundOf(call, gone, options);
  const outbox = new Outbox(call);
  try {
    for await (const event of options.pipeline.stream(route, inbound)) {
      outbox.send(bufferOf(options.pipeline.encode(route, event)));
      if (outbox.isFull) await outbox.taken(inbound.signal, options.slowReaderMs ?? 30_000);
    }
    gone.isAnswered = true;
    call.end();
  } catch (error) {
    call.emit("error", statusOf(asRpcError(error)));
  }
}

/**
 * What a stream has written and HTTP/2 has not taken yet. It counts bytes: grpc-js counts messages, and would hold 16 of
 * the largest ones for a reader that stands still.
 */
class Outbox {
  readonly #call: ServerWritableStream<Buffer, Buffer>;
  /** Of the messages that wait, in their order. */
  readonly #sizes: number[] = [];
  #bytes = 0;
  #wake: (() => void) | undefined;

  constructor(call: ServerWritableStream<Buffer, Buffer>) {
    this.#call = call;
  }

  get isFull(): boolean {
    return this.#bytes > OUTBOX_BYTES;
  }

  send(bytes: Buffer): void {
    this.#sizes.push(bytes.length);
    this.#bytes += bytes.length;
    this.#call.write(bytes, this.#onTaken);
  }

  /** Resolves when there is room again; rejects when the reader is gone, or takes nothing for `ms`. */
  taken(signal: AbortSource, ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        signal.removeEventListener("abort", onAbort);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onAbort = (): void => settle(signal.reason);
      const timer = setTimeout(() => settle(slowReader(ms)), ms);
      this.#wake = () => {
        if (this.isFull) timer.refresh();
        else settle();
      };
      signal.addEventListener("abort", onAbort);
      if (signal.aborted) onAbort();
    });
  }

  readonly #onTaken = (): void => {
    this.#bytes -= this.#sizes.shift() ?? 0;
    this.#wake?.();
  };
}

/** How much may wait before the handler does, as of any stream of Node. */
const OUTBOX_BYTES = 16 * 1024;

/** Fires when the caller goes away before it has its answer: grpc-js tells the end of every call, answered ones too. */
class CallerGone extends LightAbort {
  isAnswered = false;

  constructor(call: ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>) {
    super();
    call.on("cancelled", () => {
      if (!this.isAnswered) this.abort(cancelled());
    });
    if (call.cancelled) this.abort(cancelled());
  }
}

function inboundOf(
  call: ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>,
  gone: CallerGone,
  options: GrpcServerOptions,
): Inbound {
  const header = metadataReader(call.metadata);
  const peer = readPeer(header, options.meshToken);
  const deadline = Number(call.getDeadline());
  return {
    // From strangers an id is not believed: it stands in our log.
    requestId: (peer.proven ? header("x-request-id") : undefined) ?? uuidv7(),
    client: peer.client,
    caller: peer.caller,
    signal: gone,
    deadline: Number.isFinite(deadline) ? deadline : undefined,
    trace: traceFromHeaders(header) ?? newTrace(),
    bytes: call.request,
  };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
