import { create, toBinary } from "@bufbuild/protobuf";
import { credentials, Client as GrpcClient, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ViewRequestSchema, ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import type { Call } from "./call.ts";
import { Code } from "./codes.ts";
import { reasonOf } from "./error.ts";
import { errorOfStatus } from "./grpc-metadata.ts";
import { type GrpcServer, startGrpcServer } from "./grpc-server.ts";
import { serve } from "./handlers.ts";
import { CALLER_HEADER, MESH_TOKEN_HEADER, principalHeaders } from "./peer.ts";
import { type Backend, connectPort, createBackend, EVERYTHING } from "./testing/transports.ts";

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
});
