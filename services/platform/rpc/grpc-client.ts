import {
  create,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import {
  type ChannelOptions,
  type ClientReadableStream,
  credentials,
  Client as GrpcClient,
} from "@grpc/grpc-js";
import type { Call } from "./call.ts";
import { asRpcError, cancelled, deadlineExceeded, type RpcError } from "./error.ts";
import { errorOfStatus, metadataOf } from "./grpc-metadata.ts";
import type { Client } from "./handlers.ts";
import { methodPath } from "./handlers.ts";
import { HOP_MS } from "./local.ts";

/** Where a service is and who calls it. */
export interface GrpcClientOptions {
  /** Such as "127.0.0.1:50054" or "dns:///registry:50054". */
  readonly address: string;
  readonly caller: string;
  readonly meshToken: string | undefined;
}

/** A client over grpc-js, with one channel that is reused; disposing it closes the channel. */
export function grpcClient<S extends DescService>(
  service: S,
  options: GrpcClientOptions,
): { readonly client: Client<S> } & Disposable {
  const channel = new GrpcClient(options.address, credentials.createInsecure(), channelOptions(service));
  const client: Record<string, unknown> = {};
  for (const method of service.methods) {
    const hop = { method, path: methodPath(service, method), channel, options };
    client[method.localName] =
      method.methodKind === "server_streaming"
        ? (request: Message, call: Call) => stream(hop, request, call)
        : (request: Message, call: Call) => unary(hop, request, call);
  }
  return { client: client as Client<S>, [Symbol.dispose]: () => channel.close() };
}

interface Hop {
  readonly method: DescMethod;
  readonly path: string;
  readonly channel: GrpcClient;
  readonly options: GrpcClientOptions;
}

function channelOptions(service: DescService): ChannelOptions {
  const reads = service.methods.filter(
    (method) => method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
  );
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "0.025s",
    maxBackoff: "0.25s",
    backoffMultiplier: 2,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  const config = {
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: [
      { name: reads.map((method) => ({ service: service.typeName, method: method.name })), retryPolicy },
    ],
    retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
  };
  return {
    "grpc.service_config": JSON.stringify(reads.length > 0 ? config : { ...config, methodConfig: [] }),
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 5_000,
  };
}

// What grpc-js needs to carry bytes as they are.
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const asIs = (bytes: Buffer): Buffer => bytes;

function unary(hop: Hop, request: Message, call: Call): Promise<Message> {
  return new Promise((resolve, reject) => {
    if (call.signal.aborted) return reject(asRpcError(call.signal.reason));
    const { method, path, channel, options } = hop;
    const onAbort = (): void => sent.cancel();
    const sent = channel.makeUnaryRequest(
      path,
      asBuffer,
      asIs,
      toBinary(method.input, create(method.input, request)),
      metadataOf(call, options.caller, options.meshToken),
      { deadline: call.deadline - HOP_MS },
      (error, answer) => {
        call.signal.removeEventListener("abort", onAbort);
        if (error !== null) return reject(call.signal.aborted ? reasonOf(call) : errorOfStatus(error, path));
        try {
          resolve(fromBinary(method.output, answer ?? new Uint8Array()));
        } catch (cause) {
          reject(asRpcError(cause));
        }
      },
    );
    call.signal.addEventListener("abort", onAbort);
  });
}

async function* stream(hop: Hop, request: Message, call: Call): AsyncGenerator<Message, void, undefined> {
  if (call.signal.aborted) throw asRpcError(call.signal.reason);
  const { method, path, channel, options } = hop;
  const received: ClientReadableStream<Buffer> = channel.makeServerStreamRequest(
    path,
    asBuffer,
    asIs,
    toBinary(method.input, create(method.input, request)),
    metadataOf(call, options.caller, options.meshToken),
    { deadline: call.deadline - HOP_MS },
  );
  const onAbort = (): void => received.cancel();
  call.signal.addEventListener("abort", onAbort);
  // The iterator below rejects with the first error; one after that has nobody to hear it.
  received.on("error", () => {});
  try {
    for await (const bytes of received as AsyncIterable<Buffer>) yield fromBinary(method.output, bytes);
  } catch (error) {
    throw call.signal.aborted ? reasonOf(call) : streamError(error, path);
  } finally {
    call.signal.removeEventListener("abort", onAbort);
    received.cancel();
  }
}

function reasonOf(call: Call): RpcError {
  return call.signal.reason === undefined ? cancelled() : asRpcError(call.signal.reason);
}

function streamError(error: unknown, path: string): RpcError {
  if (error instanceof Error && "code" in error && "metadata" in error && "details" in error) {
    return errorOfStatus(error as unknown as Parameters<typeof errorOfStatus>[0], path);
  }
  return error instanceof Error && error.name === "TimeoutError" ? deadlineExceeded() : asRpcError(error);
}
