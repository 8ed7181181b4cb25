import { create, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { DownloadAnrfRequestSchema, RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { findTool } from "../scripts/tools.ts";
import { raw } from "./parity/raw.ts";
import {
  ask,
  GATEWAYS,
  type Gateway,
  type Outcome,
  reasonOf,
  type Way,
  wayName,
  waysTo,
} from "./parity/ways.ts";
import { BOUND, makeWorld, newOwner, type World } from "./parity/world.ts";
import { restClient } from "./rest.ts";

const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";
const { getSelf } = AuthService.method;
const { putAnrf, downloadAnrf } = RegistryService.method;
const { generateStream, watchGeneration } = GenerationService.method;

let world: World;
beforeAll(async () => {
  world = await makeWorld();
}, 180_000);
afterAll(() => world?.[Symbol.asyncDispose]());

/** Bodies and content types of an empty message in each protocol. */
const EMPTY: Readonly<Record<string, readonly [type: string, body: Uint8Array<ArrayBuffer> | string]>> = {
  "grpc-web": ["application/grpc-web+proto", new Uint8Array(5)],
  connect: ["application/proto", new Uint8Array()],
  "connect-json": ["application/json", "{}"],
};

describe(`a method that nobody knows${reason}`, () => {
  const paths = [
    "/anrf.view.v1.ViewService/Paint",
    "/anrf.nothing.v1.NothingService/View",
    "/envoy.service.auth.v3.Authorization/Check",
    "/anrf.inference.v1.InferenceService/GetNode",
  ];
  const cases = gateways.flatMap((gateway) => Object.keys(EMPTY).map((protocol) => ({ gateway, protocol })));

  it.each(cases)("is UNIMPLEMENTED over $protocol ($gateway)", async ({ gateway, protocol }) => {
    const [type, body] = EMPTY[protocol] ?? ["", ""];
    for (const path of paths) {
      const answer = await raw(`${world.url(gateway)}${path}`, {
        method: "POST",
        headers: {
          "content-type": type,
          "x-api-key": world.reader.key,
          ...(protocol === "grpc-web" ? {} : { "connect-protocol-version": "1" }),
        },
        body,
      });
      if (protocol === "grpc-web") {
        const status = answer.headers.get("grpc-status") ?? /grpc-status: ?(\d+)/.exec(answer.text)?.[1];
        expect([path, answer.status, status]).toEqual([path, 200, "12"]);
      } else {
        expect([path, answer.body["code"]]).toEqual([path, "unimplemented"]);
        // Where no binding has the path, Envoy answers with HTTP's own word for it.
        expect([404, 501]).toContain(answer.status);
      }
    }
  });
});

describe(`too many requests${reason}`, () => {
  const cases = gateways.flatMap((gateway) => [
    ...waysTo(getSelf).map((way) => ({
      gateway,
      way,
      method: getSelf,
      name: `${wayName(way)} (${gateway})`,
    })),
    ...waysTo(watchGeneration).map((way) => ({
      gateway,
      way,
      method: watchGeneration,
      name: `${wayName(way)} of a stream (${gateway})`,
    })),
  ]);

  it.each(cases)(
    "are RESOURCE_EXHAUSTED over $name",
    async ({ gateway, way, method }) => {
      const admin = restClient(world.gateways.urls.edge, world.gateways.key);
      const { key } = await newOwner(world.gateways, admin, "hurried", { tier: "BASIC" });
      const self = `${world.url(gateway)}/v1/self`;
      let refused: Outcome | undefined;
      // The bucket refills while the next request is on its way: others take what comes until that has its answer.
      for (let round = 0; round < 10 && refused === undefined; round++) {
        let isOver = false;
        const take = async (): Promise<void> => {
          while (!isOver) await raw(self, { headers: { "x-api-key": key } });
        };
        const flood = Array.from({ length: 16 }, take);
        while ((await raw(self, { headers: { "x-api-key": key } })).status !== 429);
        const outcome = await ask(
          way,
          method,
          method === getSelf ? {} : { generationId: world.ids.generationId },
          { url: world.url(gateway), key },
        );
        isOver = true;
        await Promise.all(flood);
        if (outcome.code === "RESOURCE_EXHAUSTED") refused = outcome;
      }
      expect(refused?.code).toBe("RESOURCE_EXHAUSTED");
      // Envoy says when in a header, the edge in the details too.
      if (gateway === "edge") expect(refused === undefined ? "" : reasonOf(refused)).toBe("RATE_LIMITED");
      else expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    },
    60_000,
  );
});

describe(`documented differences of RPCs${reason}`, () => {
  it.each(gateways)("a file over Connect JSON: %s", async (gateway) => {
    const way: Way = { protocol: "connect-json" };
    const request = { anrfId: world.ids.anrfId, version: 1 };
    const outcome = await ask(way, downloadAnrf, request, { url: world.url(gateway), key: world.reader.key });
    expect(outcome.code).toBe(gateway === "edge" ? "OK" : "UNIMPLEMENTED");
    const binary = await ask({ protocol: "connect" }, downloadAnrf, request, {
      url: world.url(gateway),
      key: world.reader.key,
    });
    expect(binary.code).toBe("OK");
  });

  it.each(gateways)(
    "a message of 9 MiB is too large over every RPC protocol (%s)",
    async (gateway) => {
      const request: JsonObject = { artifact: Buffer.alloc(9 * 2 ** 20).toString("base64") };
      for (const protocol of ["grpc", "grpc-web", "connect"] as const) {
        const outcome = await ask({ protocol }, putAnrf, request, {
          url: world.url(gateway),
          key: world.reader.key,
        });
        expect([protocol, outcome.code]).toEqual([protocol, "RESOURCE_EXHAUSTED"]);
      }
    },
    60_000,
  );

  it.each(gateways)("bytes that are no message are INVALID_ARGUMENT (%s)", async (gateway) => {
    const whole = toBinary(
      DownloadAnrfRequestSchema,
      create(DownloadAnrfRequestSchema, { anrfId: world.ids.anrfId }),
    );
    const answer = await raw(`${world.url(gateway)}/anrf.registry.v1.RegistryService/DownloadAnrf`, {
      method: "POST",
      headers: {
        "content-type": "application/proto",
        "connect-protocol-version": "1",
        "x-api-key": world.reader.key,
      },
      body: Uint8Array.from(whole.subarray(0, 10)),
    });
    expect([answer.status, answer.body["code"]]).toEqual([400, "invalid_argument"]);
  });
});

describe(`a generation with a bound and a seed${reason}`, () => {
  it("is refused by every way where its analysis is another's, before any event", async () => {
    for (const way of waysTo(generateStream)) {
      for (const gateway of gateways) {
        const how = { url: world.url(gateway), key: world.writer.key };
        const outcome = await ask(way, generateStream, { analysisId: world.ids.analysisId, ...BOUND }, how);
        expect([gateway, wayName(way), outcome.code, outcome.answers]).toEqual([
          gateway,
          wayName(way),
          "NOT_FOUND",
          [],
        ]);
      }
    }
  });
});
