import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { ConnectError, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import {
  type ClientReadableStream,
  credentials,
  Client as GrpcClient,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "#gen/google/rpc/status_pb.ts";
import { REGISTRY } from "../services/edge/public.ts";

/** The protocols of RPCs at the edge, each by a client that is not ours; `grpc` by Connect's, `grpc-js` by Google's. */
export const PROTOCOLS = ["grpc", "grpc-js", "grpc-web", "connect", "connect-json"] as const;

/** One of them. */
export type Protocol = (typeof PROTOCOLS)[number];

/** An RPC that was refused or failed, the same whatever brought it. */
export class WireFailure extends Error {
  readonly code: number;
  /** Of its ErrorInfo; "" without one. */
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.name = "WireFailure";
    this.code = code;
    this.reason = reason;
  }
}

/** A way to the edge with a key. */
export interface Wire extends Disposable {
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    signal?: AbortSignal,
  ): Promise<MessageShape<O>>;
  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    signal?: AbortSignal,
  ): AsyncGenerator<MessageShape<O>, void, undefined>;
}

/** Speaks a protocol with an edge; `key` undefined sends none. */
export function wireTo(url: string, protocol: Protocol, key: string | undefined): Wire {
  if (protocol === "grpc-js") return grpcJs(new URL(url).host, key);
  const headers: Record<string, string> = key === undefined ? {} : { "x-api-key": key };
  const sessions = new Http2SessionManager(url);
  const transport = transportOf(url, protocol, sessions);
  return {
    unary: async (method, request, signal) => {
      try {
        return (await transport.unary(method, signal, undefined, headers, request)).message;
      } catch (error) {
        throw failureOf(error);
      }
    },
    stream: async function* (method, request, signal) {
      // Leaving the loop does not cancel, the signal does.
      const own = new AbortController();
      const all = signal === undefined ? own.signal : AbortSignal.any([own.signal, signal]);
      try {
        const { message } = await transport.stream(method, all, undefined, headers, once(request));
        yield* message;
      } catch (error) {
        throw failureOf(error);
      } finally {
        own.abort();
      }
    },
    [Symbol.dispose]: () => sessions.abort(),
  };
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function transportOf(baseUrl: string, protocol: Protocol, sessionManager: Http2SessionManager): Transport {
  switch (protocol) {
    case "grpc":
    case "grpc-js":
      return createGrpcTransport({ baseUrl, sessionManager });
    case "grpc-web":
      return createGrpcWebTransport({ baseUrl, httpVersion: "1.1" });
    case "connect":
      return createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true });
    case "connect-json":
      return createConnectTransport({
        baseUrl,
        httpVersion: "1.1",
        useBinaryFormat: false,
        jsonOptions: { registry: REGISTRY },
      });
    default:
      throw new Error(`unreachable: ${protocol satisfies never}`);
  }
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof ConnectError)) return error;
  const [info] = error.findDetails(ErrorInfoSchema);
  return new WireFailure(error.code, info?.reason ?? "", error.rawMessage);
}

function grpcJs(address: string, key: string | undefined): Wire {
  const options = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const client = new GrpcClient(address, credentials.createInsecure(), options);
  const metadata = (): Metadata => {
    const made = new Metadata();
    if (key !== undefined) made.set("x-api-key", key);
    return made;
  };
  return {
    unary: (method, request, signal) =>
      new Promise((resolve, reject) => {
        const bytes = Buffer.from(toBinary(method.input, create(method.input, request)));
        const same = (value: Buffer): Buffer => value;
        const call = client.makeUnaryRequest(
          pathOf(method),
          same,
          same,
          bytes,
          metadata(),
          (error, value) => {
            if (error !== null) reject(grpcFailure(error));
            else resolve(fromBinary(method.output, value ?? new Uint8Array()));
          },
        );
        signal?.addEventListener("abort", () => call.cancel(), { once: true });
      }),
    stream: async function* (method, request, signal) {
      const bytes = Buffer.from(toBinary(method.input, create(method.input, request)));
      const same = (value: Buffer): Buffer => value;
      const call: ClientReadableStream<Buffer> = client.makeServerStreamRequest(
        pathOf(method),
        same,
        same,
        bytes,
        metadata(),
      );
      signal?.addEventListener("abort", () => call.cancel(), { once: true });
      try {
        for await (const piece of call) yield fromBinary(method.output, piece as Buffer);
      } catch (error) {
        throw grpcFailure(error);
      } finally {
        call.cancel();
      }
    },
    [Symbol.dispose]: () => client.close(),
  };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function grpcFailure(error: unknown): unknown {
  if (!(error instanceof Error) || !("metadata" in error)) return error;
  const { code, details, metadata } = error as ServiceError;
  const [packed] = metadata.get("grpc-status-details-bin");
  if (!(packed instanceof Uint8Array)) return new WireFailure(code, "", details);
  const status = fromBinary(StatusSchema, packed);
  const info = status.details.find((one) => one.typeUrl.endsWith("google.rpc.ErrorInfo"));
  const reason = info === undefined ? "" : fromBinary(ErrorInfoSchema, info.value).reason;
  return new WireFailure(code, reason, details);
}
