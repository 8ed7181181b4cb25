import { connect } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { credentials, Client as GrpcClient, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  GenerationService,
  WatchGenerationRequestSchema,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { ViewRequestSchema, ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import type { Call } from "./call.ts";
import { Code } from "./codes.ts";
import { RpcError, reasonOf } from "./error.ts";
import { grpcClient } from "./grpc-client.ts";
import { errorOfStatus } from "./grpc-metadata.ts";
import { type GrpcServer, startGrpcServer } from "./grpc-server.ts";
import { serve } from "./handlers.ts";
import { CALLER_HEADER, MESH_TOKEN_HEADER, principalHeaders } from "./peer.ts";
import {
  type Backend,
  callOf,
  connectPort,
  createBackend,
  EVERYTHING,
  standstill,
} from "./testing/transports.ts";

const ID = "018f0000-0000-7000-8000-0000000000aa";
const PATH = "/anrf.view.v1.ViewService/View";
const GOOD = Buffer.from(toBinary(ViewRequestSchema, create(ViewRequestSchema, { anrfId: ID })));
// A field of wire type 7, which does not exist.
const GARBAGE = Buffer.from([0x0f, 0x01]);

let backend: Backend;
let calls: Call[] = [];

beforeAll(() => {
  const view = async (_request: unknown, call: Call) => {
    calls.push(call);
    return { content: "ok" };
  };
  backend = createBackend([serve(ViewService, { view })]);
});

describe("startGrpcServer", () => {
  let server: GrpcServer;
  let client: GrpcClient;

  beforeAll(async () => {
    const { pipeline, routes } = backend;
    server = await startGrpcServer({
      port: 0,
      address: "127.0.0.1",
      pipeline,
      routes,
      meshToken: "the token",
      files: [],
      listed: [],
    });
    client = new GrpcClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server[Symbol.asyncDispose]();
  });

  function send(
    bytes: Buffer,
    headers: Readonly<Record<string, string>>,
    path = PATH,
  ): Promise<ServiceError | null> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    calls = [];
    return new Promise((resolve) => {
      client.makeUnaryRequest(
        path,
        (b: Buffer) => b,
        (b: Buffer) => b,
        bytes,
        metadata,
        {},
        (error) => resolve(error),
      );
    });
  }
  const proven = {
    [MESH_TOKEN_HEADER]: "the token",
    [CALLER_HEADER]: "edge",
    ...principalHeaders(EVERYTHING),
  };

  it.each<[string, Buffer, Readonly<Record<string, string>>, number, string]>([
    ["bytes that are no message", GARBAGE, proven, Code.INVALID_ARGUMENT, "MESSAGE_UNREADABLE"],
    ["a client without the token", GOOD, principalHeaders(EVERYTHING), Code.UNAUTHENTICATED, "PEER_UNPROVEN"],
    ["a wrong token", GOOD, { ...proven, [MESH_TOKEN_HEADER]: "x" }, Code.UNAUTHENTICATED, "PEER_UNPROVEN"],
    [
      "a caller outside the call graph",
      GOOD,
      { ...proven, [CALLER_HEADER]: "view" },
      Code.PERMISSION_DENIED,
      "CALL_NOT_ALLOWED",
    ],
  ])("refuses %s", async (_, bytes, headers, code, reason) => {
    const error = await send(bytes, headers);
    expect(error?.code).toBe(code);
    expect(error && reasonOf(errorOfStatus(error, PATH))).toBe(reason);
    expect(calls).toHaveLength(0);
  });

  it("believes who asks, request id and trace of a proven peer", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect(await send(GOOD, { ...proven, "x-request-id": "r-1", traceparent })).toBeNull();
    const [call] = calls;
    expect(call?.client).toEqual(EVERYTHING);
    expect(call?.requestId).toBe("r-1");
    expect(call?.trace).toMatchObject({ traceId: "0af7651916cd43dd8448eb211c80319c", sampled: true });
  });

  it("gives a call without a deadline the method's own", async () => {
    const before = Date.now();
    await send(GOOD, proven);
    const given = (calls[0]?.deadline ?? 0) - before;
    expect(given).toBeGreaterThanOrEqual(20_000);
    expect(given).toBeLessThan(60_000);
  });

  it("answers a service between services without asking for its scope", async () => {
    const nobody = { [MESH_TOKEN_HEADER]: "the token", [CALLER_HEADER]: "generation" };
    expect(await send(GOOD, nobody)).toBeNull();
  });

  it("answers UNIMPLEMENTED for a method that it does not have", async () => {
    expect((await send(GOOD, proven, "/anrf.view.v1.ViewService/Peek"))?.code).toBe(Code.UNIMPLEMENTED);
  });
});

describe("connectRoutes", () => {
  it.each([
    ["application/proto", GARBAGE, 400],
    ["application/json", Buffer.from('{"anrfId": 7}'), 400],
    ["application/json", Buffer.from("{"), 400],
  ])("answers a body of %s that does not decode as the golden table says", async (type, body, status) => {
    await using port = await connectPort(backend, false);
    const answer = await fetch(`${port.url}${PATH}`, {
      method: "POST",
      headers: { "content-type": type, "connect-protocol-version": "1" },
      body: new Uint8Array(body),
    });
    expect(answer.status).toBe(status);
    const error = (await answer.json()) as { code: string; details: { type: string }[] };
    expect(error.code).toBe("invalid_argument");
    expect(error.details.map((detail) => detail.type)).toContain("google.rpc.ErrorInfo");
  });

  it("answers a gRPC-Web message that does not decode with INVALID_ARGUMENT", async () => {
    await using port = await connectPort(backend, false);
    const envelope = Buffer.concat([Buffer.from([0, 0, 0, 0, GARBAGE.length]), GARBAGE]);
    const answer = await fetch(`${port.url}${PATH}`, {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto" },
      body: new Uint8Array(envelope),
    });
    expect(Buffer.from(await answer.arrayBuffer()).toString("latin1")).toContain("grpc-status: 3");
  });

  it("does not run far ahead of a socket that nobody reads", async () => {
    let made = 0;
    const watch = async function* () {
      for (; made < 1_000_000; made++) yield { sequence: made + 1, generationId: "x".repeat(1024) };
    };
    const rest = GenerationService.methods.map((method) => [
      method.localName,
      () => Promise.reject(new Error("not asked")),
    ]);
    const handlers = { ...Object.fromEntries(rest), watchGeneration: watch };
    await using port = await connectPort(createBackend([serve(GenerationService, handlers)]), false);
    const message = toBinary(
      WatchGenerationRequestSchema,
      create(WatchGenerationRequestSchema, { generationId: ID }),
    );
    const head = [
      "POST /anrf.generation.v1.GenerationService/WatchGeneration HTTP/1.1",
      "host: here",
      "content-type: application/connect+proto",
      "connect-protocol-version: 1",
      `content-length: ${message.length + 5}`,
    ];
    const socket = connect(Number(new URL(port.url).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.pause();
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    socket.write(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
    while (made === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // What the two kernels' buffers hold, some megabytes, and no more.
    expect(await standstill(() => made)).toBeLessThan(50_000);
    socket.destroy();
  });
});

describe("a connection that has reached its age", () => {
  it("lets the streams on it end", async () => {
    const watchGeneration = async function* () {
      for (let sequence = 1; sequence <= 10; sequence++) {
        yield { sequence };
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const rest = GenerationService.methods.map((method) => [
      method.localName,
      () => Promise.reject(new Error("no")),
    ]);
    const { pipeline, routes } = createBackend([
      serve(GenerationService, { ...Object.fromEntries(rest), watchGeneration }),
    ]);
    const options = { address: "127.0.0.1", meshToken: "t", files: [], listed: [], connectionAgeMs: 100 };
    await using server = await startGrpcServer({ ...options, port: 0, pipeline, routes });
    using there = grpcClient(GenerationService, {
      address: `127.0.0.1:${server.port}`,
      caller: "edge",
      meshToken: "t",
    });
    let events = 0;
    const request = create(WatchGenerationRequestSchema, { generationId: ID });
    for await (const _event of there.client.watchGeneration(request, callOf({ as: EVERYTHING }))) events++;
    expect(events).toBe(10);
  });
});

describe("a reader that takes nothing for too long", () => {
  it("gets SLOW_CONSUMER, and the handler is cancelled after a few messages", async () => {
    const fired = Promise.withResolvers<unknown>();
    let made = 0;
    const watchGeneration = async function* (_request: unknown, call: Call) {
      call.signal.addEventListener("abort", () => fired.resolve(call.signal.reason));
      for (;;) yield { sequence: ++made, generationId: "x".repeat(16 * 1024) };
    };
    const rest = GenerationService.methods.map((method) => [
      method.localName,
      () => Promise.reject(new Error("no")),
    ]);
    const { pipeline, routes } = createBackend([
      serve(GenerationService, { ...Object.fromEntries(rest), watchGeneration }),
    ]);
    await using server = await startGrpcServer({
      port: 0,
      address: "127.0.0.1",
      pipeline,
      routes,
      meshToken: "t",
      files: [],
      listed: [],
      slowReaderMs: 50,
    });
    const client = new GrpcClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const metadata = new Metadata();
    const headers = { [MESH_TOKEN_HEADER]: "t", [CALLER_HEADER]: "edge", ...principalHeaders(EVERYTHING) };
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const message = toBinary(
      WatchGenerationRequestSchema,
      create(WatchGenerationRequestSchema, { generationId: ID }),
    );
    const path = "/anrf.generation.v1.GenerationService/WatchGeneration";
    const asIs = (bytes: Buffer): Buffer => bytes;
    const stream = client.makeServerStreamRequest(path, asIs, asIs, Buffer.from(message), metadata);
    // grpc-js takes all that comes until it has read once; a reader stands still after that.
    stream.once("data", () => stream.pause());
    expect(await fired.promise).toBeInstanceOf(RpcError);
    // 17 that this client takes in all the same, 4 in the window of HTTP/2, 3 between the two: not 16 more of any size.
    expect(made).toBeLessThan(30);
    const error = await new Promise<ServiceError>((resolve) => {
      stream.on("error", resolve);
      stream.resume();
    });
    expect(reasonOf(errorOfStatus(error, path))).toBe("SLOW_CONSUMER");
    client.close();
  });
});
