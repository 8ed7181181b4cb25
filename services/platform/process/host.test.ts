import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { Code } from "../rpc/codes.ts";
import { RpcError, reasonOf } from "../rpc/error.ts";
import { type Handlers, type Served, serve } from "../rpc/handlers.ts";
import { callOf } from "../rpc/testing/transports.ts";
import { ConfigError, type Env, readConfig } from "./env.ts";
import { type HostOptions, startHost } from "./host.ts";
import { createLogger } from "./log.ts";
import type { Host, Target, TargetPlan } from "./target.ts";

const ID = "018f0000-0000-7000-8000-0000000000aa";
const IMAGE = new URL("../../../gen/anrf.binpb", import.meta.url);
const SECONDS = { default: 5, cap: 10 };

const EDGE: TargetPlan = {
  name: "edge",
  port: 0,
  gateway: true,
  services: [],
  callees: ["view", "generation"],
};
const VIEW: TargetPlan = {
  name: "view",
  port: 0,
  services: [{ service: ViewService, deadlines: { view: SECONDS } }],
  callees: [],
};
const GENERATION: TargetPlan = {
  name: "generation",
  port: 0,
  services: [
    {
      service: GenerationService,
      deadlines: Object.fromEntries(GenerationService.methods.map((method) => [method.localName, SECONDS])),
    },
  ],
  callees: ["view"],
};
const TOPOLOGY = [EDGE, GENERATION, VIEW];

let folder: string;
let token: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-host-"));
  token = join(folder, "token");
  writeFileSync(token, "a shared secret\n");
});
afterAll(() => rm(folder, { recursive: true }));

/** A target that serves what the functions say. */
function target(name: string, serves: (host: Host) => readonly Served[], stopped: string[] = []): Target {
  return {
    name,
    start: async (host) => ({
      serves: serves(host),
      ready: async () => [{ name: "nothing", ok: true, details: "" }],
      [Symbol.asyncDispose]: async () => void stopped.push(name),
    }),
  };
}

const viewTarget = (view: Handlers<typeof ViewService>["view"], stopped?: string[]): Target =>
  target("view", () => [serve(ViewService, { view })], stopped);

function options(targets: readonly Target[], more: Partial<HostOptions> = {}, env: Env = {}): HostOptions {
  const log = createLogger({ level: "silent" });
  return {
    topology: TOPOLOGY,
    targets,
    log,
    image: IMAGE,
    mesh: false,
    env: { ANRF_DATA: folder, ...env },
    ...more,
  };
}

async function failure(promise: Promise<unknown>): Promise<RpcError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RpcError) return error;
  throw new Error("no RpcError", { cause: error });
}

describe("startHost", () => {
  it("wires targets of one process, whatever the order of their start", async () => {
    const generation = target("generation", (host) => {
      const view = host.client(ViewService);
      const rest = Object.fromEntries(
        GenerationService.methods.map((method) => [
          method.localName,
          () => Promise.reject(new Error("not asked")),
        ]),
      );
      const getGeneration: Handlers<typeof GenerationService>["getGeneration"] = async (request, call) => {
        const { content } = await view.view({ anrfId: request.generationId }, call);
        return { generation: { analysisId: content } };
      };
      return [serve(GenerationService, { ...rest, getGeneration } as never)];
    });
    await using host = await startHost(
      options([generation, viewTarget(async ({ anrfId }) => ({ content: `of ${anrfId}` }))]),
    );
    const answer = await host.client(GenerationService, "edge").getGeneration({ generationId: ID }, callOf());
    expect(answer.generation?.analysisId).toBe(`of ${ID}`);
  });

  it("refuses a client that the call graph does not have", async () => {
    await using host = await startHost(options([viewTarget(async () => ({}))]));
    expect(() => host.client(GenerationService, "view")).toThrow("view may not call generation");
  });

  it("reports the mistakes of the process and of all targets at once", async () => {
    const wrong = (name: string, variable: string): Target => ({
      name,
      start: async ({ env }) => readConfig(env, (vars) => vars.int(variable, 1)) as never,
    });
    const env = { ANRF_LOG_LEVEL: "loud", A: "x", B: "y" };
    const error: unknown = await startHost(
      options([wrong("view", "A"), wrong("generation", "B")], {}, env),
    ).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).mistakes.map((mistake) => mistake.split(/[=:]/)[0])).toEqual([
      "ANRF_LOG_LEVEL",
      "A",
      "B",
    ]);
  });

  it("stops what has started when another target cannot start", async () => {
    const stopped: string[] = [];
    const broken: Target = {
      name: "generation",
      start: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error("no room");
      },
    };
    await expect(startHost(options([viewTarget(async () => ({}), stopped), broken]))).rejects.toThrow(
      "no room",
    );
    expect(stopped).toEqual(["view"]);
  });

  it("answers on the ops port: metrics, health, readiness with reasons", async () => {
    const lame: Target = {
      name: "generation",
      start: async () => ({
        serves: [],
        ready: async () => [{ name: "disk", ok: false, details: "full" }],
        [Symbol.asyncDispose]: async () => {},
      }),
    };
    await using host = await startHost(
      options([viewTarget(async () => ({})), lame], {}, { ANRF_OPS_PORT: "0" }),
    );
    await host.client(ViewService, "edge").view({ anrfId: ID }, callOf());
    const get = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${host.opsPort}${path}`);
      return { status: answer.status, text: await answer.text() };
    };
    expect((await get("/metrics")).text).toContain(
      'rpc_server_duration_seconds_count{method="/anrf.view.v1.ViewService/View",code="OK"} 1',
    );
    expect((await get("/healthz")).status).toBe(200);
    const ready = await get("/readyz?verbose=1");
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toMatchObject({
      ready: false,
      accepting: true,
      needs: [
        { name: "view: nothing", ok: true },
        { name: "generation: disk", ok: false, details: "full" },
      ],
    });
    expect((await get("/else")).status).toBe(404);
  });

  it("lets running calls end when it stops, and stops callers before callees", async () => {
    const stopped: string[] = [];
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const view = viewTarget(async () => {
      begun.resolve();
      await release.promise;
      return { content: "in time" };
    }, stopped);
    const host = await startHost(options([view, target("edge", () => [], stopped)]));
    const answer = host.client(ViewService, "edge").view({ anrfId: ID }, callOf());
    await begun.promise;
    const disposed = host[Symbol.asyncDispose]();
    expect(stopped).toEqual([]);
    release.resolve();
    expect((await answer).content).toBe("in time");
    await disposed;
    expect(stopped).toEqual(["edge", "view"]);
  });

  it("breaks off what does not end in time, with UNAVAILABLE", async () => {
    const begun = Promise.withResolvers<void>();
    const reasons: unknown[] = [];
    const view = viewTarget((_, call) => {
      begun.resolve();
      return new Promise((_resolve, reject) => {
        call.signal.addEventListener("abort", () => {
          reasons.push(call.signal.reason);
          reject(call.signal.reason);
        });
      });
    });
    const host = await startHost(options([view], {}, { ANRF_DRAIN_MS: "20" }));
    const answer = failure(host.client(ViewService, "edge").view({ anrfId: ID }, callOf()));
    await begun.promise;
    await host[Symbol.asyncDispose]();
    const error = await answer;
    expect([error.code, reasonOf(error)]).toEqual([Code.UNAVAILABLE, "SHUTTING_DOWN"]);
    expect(reasons).toHaveLength(1);
  });
});

describe("a mesh of two processes", () => {
  it("needs a token", async () => {
    await expect(startHost(options([viewTarget(async () => ({}))], { mesh: true }))).rejects.toThrow(
      "ANRF_MESH_TOKEN_FILE",
    );
  });

  it("calls over gRPC, with identity, request id and trace", async () => {
    const seen: unknown[] = [];
    const view = viewTarget(async (_, call) => {
      seen.push(call.client.clientId, call.requestId, call.trace.traceId);
      return { content: "from there" };
    });
    const env = { ANRF_MESH_TOKEN_FILE: token, ANRF_DRAIN_DELAY_MS: "0" };
    await using there = await startHost(options([view], { mesh: true }, env));
    const peers = { ...env, ANRF_PEERS: `127.0.0.1:${there.meshPorts.get("view")}` };
    await using here = await startHost(options([target("edge", () => [])], { mesh: true }, peers));
    const call = callOf();
    const answer = await here.client(ViewService, "edge").view({ anrfId: ID }, call);
    expect(answer.content).toBe("from there");
    expect(seen).toEqual([call.client.clientId, call.requestId, call.trace.traceId]);
  });

  it("answers UNAVAILABLE when nobody is there", async () => {
    const env = { ANRF_MESH_TOKEN_FILE: token, ANRF_PEERS: "127.0.0.1:9", ANRF_DRAIN_DELAY_MS: "0" };
    await using here = await startHost(options([target("edge", () => [])], { mesh: true }, env));
    const error = await failure(here.client(ViewService, "edge").view({ anrfId: ID }, callOf()));
    expect([error.code, reasonOf(error)]).toEqual([Code.UNAVAILABLE, "DEPENDENCY_DOWN"]);
  });
});
