import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { Health, HealthCheckResponse_ServingStatus } from "#gen/grpc/health/v1/health_pb.ts";
import { ServerReflection, type ServerReflectionRequest } from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { startGrpcServer } from "./grpc-server.ts";
import { serve } from "./handlers.ts";
import { healthRoutes, readImage, reflectionRoutes } from "./reflection.ts";
import { createBackend } from "./testing/transports.ts";

type Ask = ServerReflectionRequest["messageRequest"];

const image = readImage(new URL("../../../gen/anrf.binpb", import.meta.url));
const NAMES = [ViewService.typeName, "grpc.health.v1.Health"];

/** The two ports that answer reflection and health: Connect's and grpc-js's. */
const PORTS: Readonly<Record<string, () => Promise<{ readonly url: string } & AsyncDisposable>>> = {
  Connect: async () => {
    const routes = [
      reflectionRoutes(image, NAMES),
      healthRoutes((name) => (["", ...NAMES].includes(name) ? true : undefined)),
    ];
    const server = createServer(
      connectNodeAdapter({
        routes: (router) => {
          for (const add of routes) add(router);
        },
      }),
    );
    const sessions = new Set<{ destroy(): void }>();
    server.on("session", (session) => sessions.add(session));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      [Symbol.asyncDispose]: async () => {
        for (const session of sessions) session.destroy();
        server.close();
      },
    };
  },
  "grpc-js": async () => {
    const { pipeline, routes } = createBackend([serve(ViewService, { view: async () => ({}) })]);
    const { files } = image;
    const server = await startGrpcServer({
      port: 0,
      address: "127.0.0.1",
      pipeline,
      routes,
      meshToken: undefined,
      files,
      listed: [ViewService.typeName],
    });
    server.setServing(true);
    return {
      url: `http://127.0.0.1:${server.port}`,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

describe.each(Object.entries(PORTS))("reflection and health on the port of %s", (_, open) => {
  let port: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    port = await open();
  });
  afterAll(() => port[Symbol.asyncDispose]());

  async function ask(messageRequest: Ask) {
    const client = createClient(ServerReflection, createGrpcTransport({ baseUrl: port.url }));
    const requests = (async function* () {
      yield { host: "", messageRequest };
    })();
    for await (const answer of client.serverReflectionInfo(requests)) return answer.messageResponse;
    throw new Error("no answer");
  }

  it("lists the services", async () => {
    const answer = await ask({ case: "listServices", value: "" });
    if (answer.case !== "listServicesResponse") throw new Error(`unexpected ${answer.case}`);
    const names = answer.value.service.map((service) => service.name);
    expect(names.toSorted()).toEqual(NAMES.toSorted());
  });

  it.each<[string, Ask, string]>([
    [
      "a service",
      { case: "fileContainingSymbol", value: "anrf.view.v1.ViewService" },
      "anrf/view/v1/view_service.proto",
    ],
    [
      "a method",
      { case: "fileContainingSymbol", value: "anrf.view.v1.ViewService.View" },
      "anrf/view/v1/view_service.proto",
    ],
    [
      "an error detail",
      { case: "fileContainingSymbol", value: "google.rpc.ErrorInfo" },
      "google/rpc/error_details.proto",
    ],
    ["a file", { case: "fileByFilename", value: "anrf/v1/ir.proto" }, "anrf/v1/ir.proto"],
  ])("finds the file of %s", async (_, request, expected) => {
    const answer = await ask(request);
    if (answer.case !== "fileDescriptorResponse") throw new Error(`unexpected ${answer.case}`);
    const files = answer.value.fileDescriptorProto.map(
      (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
    );
    expect(files).toContain(expected);
  });

  it("says that it does not know a symbol", async () => {
    const answer = await ask({ case: "fileContainingSymbol", value: "no.such.Thing" });
    expect(answer).toMatchObject({ case: "errorResponse", value: { errorCode: 5 } });
  });

  it("says that a service is served, and knows no other", async () => {
    const client = createClient(Health, createGrpcTransport({ baseUrl: port.url }));
    expect((await client.check({ service: ViewService.typeName })).status).toBe(
      HealthCheckResponse_ServingStatus.SERVING,
    );
    await expect(client.check({ service: "no.such.Service" })).rejects.toMatchObject({ code: 5 });
  });
});
