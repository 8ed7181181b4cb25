import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTool } from "../scripts/tools.ts";
import { PUBLIC_SERVICES } from "../services/edge/public.ts";
import { type Ran, run } from "./clients/run.ts";
import { GATEWAYS, type Gateway } from "./parity/ways.ts";
import { BOUND, makeWorld, type World } from "./parity/world.ts";
import type { Json } from "./rest.ts";

const hasEnvoy = (await findTool("envoy")) !== undefined;
const grpcurlBinary = await findTool("grpcurl");
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";
const BUF = join(import.meta.dirname, "../node_modules/.bin/buf");
const PROTOSET = join(import.meta.dirname, "../gen/anrf.binpb");

let world: World;
let home = "";
beforeAll(async () => {
  world = await makeWorld();
  home = await mkdtemp(join(tmpdir(), "anrf-clients-"));
}, 180_000);
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const services = PUBLIC_SERVICES.map(({ typeName }) => typeName);
const lastOf = (events: readonly Json[]): Json | undefined => events.at(-1);

describe.skipIf(grpcurlBinary === undefined)(
  `grpcurl${grpcurlBinary === undefined ? " (skipped: node scripts/tools.ts grpcurl installs it by go)" : reason}`,
  () => {
    const grpcurl = (
      gateway: Gateway,
      before: readonly string[],
      ...after: readonly string[]
    ): Promise<Ran> => {
      const key = ["-H", `x-api-key: ${world.reader.key}`];
      return run(grpcurlBinary ?? "", [
        "-plaintext",
        ...key,
        ...before,
        new URL(world.url(gateway)).host,
        ...after,
      ]);
    };

    it.each(gateways)("lists, describes and calls by reflection (%s)", async (gateway) => {
      const listed = await grpcurl(gateway, [], "list");
      expect([listed.status, listed.stderr]).toEqual([0, ""]);
      expect(listed.stdout.trim().split("\n")).toEqual(expect.arrayContaining(services));
      const described = await grpcurl(gateway, [], "describe", "anrf.view.v1.ViewService");
      expect([described.status, described.stdout]).toEqual([
        0,
        expect.stringContaining("service ViewService"),
      ]);
      const request = JSON.stringify({ anrf_id: world.ids.anrfId, inputs: { x: 21 } });
      const called = await grpcurl(gateway, ["-d", request], "anrf.execution.v1.ExecutionService/Execute");
      expect([called.status, called.stderr]).toEqual([0, ""]);
      expect(JSON.parse(called.stdout)).toMatchObject({ output: { result: 42 } });
    });

    it.each(gateways)("streams with a set of descriptors (%s)", async (gateway) => {
      const request = JSON.stringify({ generation_id: world.ids.generationId });
      const before = ["-protoset", PROTOSET, "-d", request];
      const { status, stdout, stderr } = await grpcurl(
        gateway,
        before,
        "anrf.generation.v1.GenerationService/WatchGeneration",
      );
      expect([status, stderr]).toEqual([0, ""]);
      const events = stdout
        .trim()
        .split(/\n(?=\{)/)
        .map((text) => JSON.parse(text) as Json);
      expect(events[0]).toHaveProperty("started");
      expect(lastOf(events)).toMatchObject({ completed: { outcome: "ACCEPTED" } });
    });

    it.each(gateways)("reads an error with its details (%s)", async (gateway) => {
      const request = JSON.stringify({ anrf_id: world.ids.writerAnrfId });
      const before = ["-protoset", PROTOSET, "-format-error", "-d", request];
      const { status, stderr } = await grpcurl(gateway, before, "anrf.registry.v1.RegistryService/GetAnrf");
      // 64 and the code.
      expect(status).toBe(69);
      const error = JSON.parse(stderr.slice(stderr.indexOf("{"))) as Json;
      expect(error).toMatchObject({
        code: 5,
        details: [{ reason: "RESOURCE_NOT_FOUND", domain: "anrf" }, { resourceType: "anrf" }],
      });
    });

    it.each(gateways)("needs a key for reflection too (%s)", async (gateway) => {
      const host = new URL(world.url(gateway)).host;
      const { status, stderr } = await run(grpcurlBinary ?? "", ["-plaintext", host, "list"]);
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/API key|Unauthenticated/);
    });
  },
);

describe(`buf curl${reason}`, () => {
  const cases = gateways.flatMap((gateway) =>
    (["grpc", "grpcweb", "connect"] as const).map((protocol) => ({ gateway, protocol })),
  );
  const curl = (protocol: string, ...args: readonly string[]): Promise<Ran> => {
    const http = protocol === "grpc" ? ["--http2-prior-knowledge"] : [];
    const all = ["curl", ...http, "--protocol", protocol, `--header=x-api-key: ${world.reader.key}`, ...args];
    return run(BUF, all, { cwd: home, env: { HOME: home, BUF_CACHE_DIR: home } });
  };
  const at = (gateway: Gateway, method: string): string => `${world.url(gateway)}/${method}`;

  it.each(cases)("calls and streams by $protocol ($gateway)", async ({ gateway, protocol }) => {
    const schema = ["--schema", PROTOSET];
    const run42 = JSON.stringify({ anrfId: world.ids.anrfId, inputs: { x: 21 } });
    const called = await curl(
      protocol,
      ...schema,
      "-d",
      run42,
      at(gateway, "anrf.execution.v1.ExecutionService/Execute"),
    );
    expect([called.status, called.stderr]).toEqual([0, ""]);
    expect(JSON.parse(called.stdout)).toMatchObject({ output: { result: 42 } });
    const watch = JSON.stringify({ generationId: world.ids.generationId });
    const streamed = await curl(
      protocol,
      ...schema,
      "-d",
      watch,
      at(gateway, "anrf.generation.v1.GenerationService/WatchGeneration"),
    );
    expect([streamed.status, streamed.stderr]).toEqual([0, ""]);
    const events = streamed.stdout
      .trim()
      .split(/\n(?=\{)/)
      .map((text) => JSON.parse(text) as Json);
    expect(lastOf(events)).toMatchObject({ completed: { outcome: "ACCEPTED" } });
  });

  it.each(cases)("reads an error with its details by $protocol ($gateway)", async ({ gateway, protocol }) => {
    const other = JSON.stringify({ anrfId: world.ids.writerAnrfId });
    const { status, stderr } = await curl(
      protocol,
      "--schema",
      PROTOSET,
      "-d",
      other,
      at(gateway, "anrf.registry.v1.RegistryService/GetAnrf"),
    );
    // 8 times the code.
    expect(status).toBe(40);
    const error = JSON.parse(stderr) as { readonly code: string; readonly details: readonly Json[] };
    expect(error.code).toBe("not_found");
    expect(error.details.map(({ type }) => type)).toEqual([
      "google.rpc.ErrorInfo",
      "google.rpc.ResourceInfo",
    ]);
  });

  it.each(gateways)("lists the public services by reflection, and no other (%s)", async (gateway) => {
    const { status, stdout, stderr } = await curl(
      "grpc",
      `--reflect-header=x-api-key: ${world.reader.key}`,
      "--list-services",
      world.url(gateway),
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.trim().split("\n").toSorted()).toEqual([...services, "grpc.health.v1.Health"].toSorted());
  });

  it.each(gateways)("lists every method by reflection (%s)", async (gateway) => {
    const { status, stdout, stderr } = await curl(
      "grpc",
      `--reflect-header=x-api-key: ${world.reader.key}`,
      "--list-methods",
      world.url(gateway),
    );
    expect([status, stderr]).toEqual([0, ""]);
    const all = PUBLIC_SERVICES.flatMap(({ typeName, methods }) =>
      methods.map(({ name }) => `${typeName}/${name}`),
    );
    expect(stdout.trim().split("\n")).toEqual(expect.arrayContaining(all));
  });
});

describe(`curl${reason}`, () => {
  const curl = async (gateway: Gateway, path: string, ...args: readonly string[]): Promise<Ran> =>
    run("curl", [
      "-sS",
      "-N",
      "-H",
      `x-api-key: ${world.writer.key}`,
      ...args,
      `${world.url(gateway)}${path}`,
    ]);

  it.each(gateways)("goes from an analysis to a result (%s)", async (gateway) => {
    const data = (body: object): readonly string[] => [
      "-H",
      "content-type: application/json",
      "-d",
      JSON.stringify(body),
    ];
    const read = async (path: string, ...args: readonly string[]): Promise<Json> => {
      const { status, stdout, stderr } = await curl(gateway, path, ...args);
      expect([path, status, stderr]).toEqual([path, 0, ""]);
      return JSON.parse(stdout) as Json;
    };
    const analysisId = world.ids.writerAnalysisId;
    const generated = await read("/generate", ...data({ analysisId, ...BOUND }));
    expect(generated).toMatchObject({ outcome: "ACCEPTED", version: 1 });
    const view = await read(`/view/${generated["anrfId"]}?format=pseudocode`);
    expect(view["content"]).toMatch(/\S/);
    const ran = await read(`/execute/${generated["anrfId"]}`, ...data({ inputs: { n: 21 } }));
    expect(ran).toMatchObject({ output: { result: 42 } });
  });

  it.each(gateways)("streams server-sent events by HTTP/1.1 and HTTP/2 (%s)", async (gateway) => {
    for (const version of ["--http1.1", "--http2-prior-knowledge"]) {
      const body = JSON.stringify({ analysisId: world.ids.writerAnalysisId, ...BOUND });
      const { status, stdout, stderr } = await curl(gateway, "/generate/stream", version, "-d", body);
      expect([version, status, stderr]).toEqual([version, 0, ""]);
      const blocks = stdout.split("\n\n").filter((block) => block !== "");
      expect(blocks.every((block) => block.startsWith("data: {"))).toBe(true);
      const events = blocks.map((block) => JSON.parse(block.slice(6)) as Json);
      expect(events[0]).toHaveProperty("started");
      expect(lastOf(events)).toMatchObject({ completed: { outcome: "ACCEPTED" } });
    }
  });

  it.each(gateways)("fails with --fail where it is refused (%s)", async (gateway) => {
    const { status, stderr } = await curl(gateway, `/v1/anrfs/${world.ids.anrfId}`, "--fail");
    expect(status).toBe(22);
    expect(stderr).toContain("404");
  });
});
