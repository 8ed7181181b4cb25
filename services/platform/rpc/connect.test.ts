import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { credentials, Client as GrpcClient, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ViewRequestSchema, ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { Code } from "./codes.ts";
import { connectRoutes, grpcMessage } from "./connect.ts";
import { RpcError } from "./error.ts";
import { type AnyHandler, serve } from "./handlers.ts";
import { callOf } from "./testing/transports.ts";

const SAID = 'file: a/b,c; 100 % – naïve ünï \u{1f600} "x" ';

describe("grpcMessage", () => {
  it.each([
    ["file: a/b, c", "file: a/b, c"],
    ["100 %", "100 %25"],
    [" a ", "%20a%20"],
    ["é\n", "%C3%A9%0A"],
    ["\ud800", "%EF%BF%BD"],
  ])("encodes %j as %s", (text, encoded) => {
    expect(grpcMessage(text)).toBe(encoded);
  });

  it("is undone by decoding", () => {
    expect(decodeURI(grpcMessage(SAID))).toBe(SAID);
  });
});

describe("a client of grpc-js behind Connect", () => {
  let server: Http2Server;
  let client: GrpcClient;
  beforeAll(async () => {
    const fail: AnyHandler = () => Promise.reject(new RpcError(Code.NOT_FOUND, SAID));
    const handlers = Object.fromEntries(ViewService.methods.map(({ localName }) => [localName, fail]));
    const routes = connectRoutes([serve(ViewService, handlers as never)], () => callOf());
    server = createServer(connectNodeAdapter({ routes }));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    client = new GrpcClient(
      `127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials.createInsecure(),
    );
  });
  afterAll(() => {
    client.close();
    server.close();
  });

  it.each([
    ["of a handler", toBinary(ViewRequestSchema, create(ViewRequestSchema, {})), SAID],
    ["of a body that is none", Buffer.from([0xff]), /^cannot read anrf.view.v1.ViewRequest: /],
  ])("reads the message of an error %s", async (_, body, said) => {
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(
        "/anrf.view.v1.ViewService/View",
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => bytes,
        body,
        (failure) => resolve(failure),
      );
    });
    if (typeof said === "string") expect(error?.details).toBe(said);
    else {
      expect(error?.details).toMatch(said);
      expect(error?.details).not.toContain("%");
    }
  });
});
