import type { Message } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ObjectError, type ObjectStore } from "#platform/data/objects.ts";
import type { Target } from "#platform/process/target.ts";
import type { Call } from "#platform/rpc/call.ts";
import { unavailable } from "#platform/rpc/error.ts";
import type { AnyHandler, Served } from "#platform/rpc/handlers.ts";
import { findTool } from "../scripts/tools.ts";
import { loadTargets } from "../services/targets.ts";
import { type TargetName, TOPOLOGY } from "../services/topology.ts";
import { type FaultProxy, startProxy } from "./faults.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { GATEWAYS, type Gateway } from "./parity/ways.ts";
import { until } from "./platform.ts";
import { artifactOf } from "./programs.ts";
import { errorOf, type Json, type Rest, restClient } from "./rest.ts";

// What still works while a part is down: the rows of the table of operations, each through each gateway.
const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";

const SENTENCE = {
  inputText: "Add up the even numbers in the list.",
  examples: [{ inputs: { xs: [1, 2, 4] }, output: 6 }],
};
// No short program says this: its search runs as long as it may.
const HARD = {
  inputText: "",
  signature: { params: [{ name: "x", type: "int" }], returns: "int" },
  examples: [17, 4, 93, 58, 31].map((x) => ({ inputs: { x }, output: (x * 7919 + 104_729) % 1009 })),
};
const LONG = { programs: 900_000_000, wallSeconds: 250, cpuSeconds: 250 };

/** Parts that are down now. */
const down = new Set<TargetName | "objects">();
const stack = new AsyncDisposableStack();
let behind: Gateways;
let proxy: FaultProxy;
let used = "";

beforeAll(async () => {
  const names: readonly TargetName[] = ["feedback", "verification", "registry", "models", "auth"];
  const targets = await loadTargets(names);
  behind = stack.use(
    await startGateways({
      env: { ANRF_GENERATION_WORKERS: "1", ANRF_OPS_PORT: "0" },
      doubles: targets.map((target) => switchable(target)),
      databaseAt: async (url) => {
        const direct = new URL(url);
        proxy = stack.use(await startProxy({ port: Number(direct.port) }));
        direct.port = String(proxy.port);
        return direct.href;
      },
      objects: (folder) => switchableStore(folder),
    }),
  );
  used = await put(rest("edge"), "fn double(x: int) -> int { x + x }");
  expect((await run(rest("edge"), used)).body["output"]).toEqual({ result: 42 });
}, 240_000);
afterAll(() => stack.disposeAsync());

const rest = (gateway: Gateway): Rest => restClient(behind.urls[gateway] ?? "", behind.key);
const run = (by: Rest, id: string) => by.post(`/execute/${id}`, { inputs: [21] });

async function put(by: Rest, text: string): Promise<string> {
  const answer = await by.post("/v1/anrfs", { artifact: Buffer.from(artifactOf(text)).toString("base64") });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return String(answer.body["anrfId"]);
}

/** Runs while parts are down, and brings them back whatever happens. */
async function without(parts: readonly (TargetName | "objects")[], act: () => Promise<void>): Promise<void> {
  for (const part of parts) down.add(part);
  try {
    await act();
  } finally {
    down.clear();
  }
}

const artifact = (text: string): Json => ({ artifact: Buffer.from(artifactOf(text)).toString("base64") });

describe(`while a part is down${reason}`, { timeout: 180_000 }, () => {
  it.each(gateways)("feedback: analysis without context, and a warning (%s)", async (gateway) => {
    await without(["feedback"], async () => {
      const context = { module: "prices", function: "total" };
      const answer = await rest(gateway).post("/intent/analyze", { ...SENTENCE, context });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      expect(JSON.stringify(answer.body["structuredIntent"])).toMatch(/context/i);
      const listed = await rest(gateway).get("/v1/contexts");
      expect(errorOf(listed).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
    });
  });

  it.each(gateways)("models: generation by search alone (%s)", async (gateway) => {
    await without(["models"], async () => {
      const by = rest(gateway);
      const { analysisId } = (await by.post("/intent/analyze", SENTENCE)).body;
      const answer = await by.post("/generate", { analysisId });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      expect(answer.body["outcome"]).toBe("ACCEPTED");
      expect(errorOf(await by.get("/v1/models")).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
    });
    expect((await rest(gateway).get("/v1/models")).status).toBe(200);
  });

  it.each(gateways)("verification: generation with its own checks (%s)", async (gateway) => {
    await without(["verification"], async () => {
      const by = rest(gateway);
      const { analysisId } = (await by.post("/intent/analyze", SENTENCE)).body;
      const answer = await by.post("/generate", { analysisId });
      expect([answer.status, answer.body["outcome"]]).toEqual([200, "ACCEPTED"]);
      const verified = await by.get(`/verify/${answer.body["anrfId"]}`);
      expect(errorOf(verified).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
    });
  });

  it.each(gateways)("registry: programs in use go on, writes fail (%s)", async (gateway) => {
    const by = rest(gateway);
    expect((await run(by, used)).status).toBe(200);
    await without(["registry"], async () => {
      expect((await run(by, used)).body["output"]).toEqual({ result: 42 });
      const written = await by.post("/v1/anrfs", artifact("fn one() -> int { 1 }"));
      expect(errorOf(written).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
    });
  });

  it.each(gateways)("object store: programs in use go on, writes fail (%s)", async (gateway) => {
    const by = rest(gateway);
    const fresh = await put(by, `fn fresh(x: int) -> int { x + ${gateway.length} }`);
    expect((await run(by, used)).status).toBe(200);
    await without(["objects"], async () => {
      expect((await run(by, used)).body["output"]).toEqual({ result: 42 });
      expect(errorOf(await run(by, fresh)).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
      const written = await by.post("/v1/anrfs", artifact("fn two() -> int { 2 }"));
      expect(errorOf(written).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
    });
    expect((await run(by, fresh)).status).toBe(200);
  });

  it.each(gateways)("auth: running streams go on, everything else is 503 (%s)", async (gateway) => {
    const by = rest(gateway);
    const { analysisId } = (await by.post("/intent/analyze", HARD)).body;
    const leave = new AbortController();
    let heard = 0;
    let failure: unknown;
    const stream = (async () => {
      const request = { analysisId, budget: LONG };
      for await (const _event of by.events("/generate/stream", request, leave.signal)) heard++;
    })().catch((error: unknown) => {
      failure = error;
    });
    await until("the stream is open", async () => heard > 0);
    await without(["auth"], async () => {
      // The edge remembers a good key for two seconds; Envoy asks for each request.
      if (gateway === "edge") {
        await until("the key is asked for", async () => (await by.get("/v1/anrfs")).status !== 200);
      }
      expect(errorOf(await by.get("/v1/anrfs")).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
      const before = heard;
      await until("the stream goes on", async () => heard > before);
      expect(failure).toBeUndefined();
    });
    expect((await by.get("/v1/anrfs")).status).toBe(200);
    leave.abort();
    await stream;
  });

  it.each(gateways)("database: health and programs in use, 503 on all else (%s)", async (gateway) => {
    const by = rest(gateway);
    expect((await run(by, used)).status).toBe(200);
    proxy.set({ kind: "refuse" });
    try {
      expect((await fetch(`http://127.0.0.1:${behind.host.opsPort}/healthz`)).status).toBe(200);
      const answer = await run(by, used);
      expect([answer.status, answer.body["output"]]).toEqual([200, { result: 42 }]);
      // Its record could not be kept, which is no reason to refuse the answer.
      expect(errorOf(await by.get("/v1/anrfs")).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
      expect(errorOf(await by.post("/intent/analyze", SENTENCE)).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
      expect(proxy.struck).toBeGreaterThan(0);
    } finally {
      proxy.set({ kind: "none" });
    }
    await until("the database is found again", async () => (await by.get("/v1/anrfs")).status === 200);
  });

  it("nothing: the mesh has no part that is in no row", () => {
    // Those in no row are down for their own RPCs alone, and nobody works without the gateway.
    const rows = ["feedback", "verification", "registry", "models", "auth"];
    // Without a model nobody asks inference; what generation does when it is lost is tested beside its lane.
    const own = ["edge", "generation", "inference", "intent", "view", "execution", "web"];
    expect(TOPOLOGY.map(({ name }) => name).sort()).toEqual([...rows, ...own].sort());
  });
});

/** A target that answers nobody while it is down, as one whose process is gone looks to its callers. */
function switchable(target: Target): Target {
  return {
    name: target.name,
    start: async (host) => {
      const started = await target.start(host);
      const serves = started.serves.map(({ service, handlers }): Served => {
        const entries = Object.entries(handlers).map(([method, handler]): [string, AnyHandler] => {
          const real = handler as (request: Message, call: Call) => Promise<unknown>;
          const answer = async (request: Message, call: Call): Promise<unknown> => {
            if (down.has(target.name as TargetName)) throw unavailable(`${target.name} does not answer`);
            return real(request, call);
          };
          return [method, answer as AnyHandler];
        });
        return { service, handlers: Object.fromEntries(entries) };
      });
      return { ...started, serves };
    },
  };
}

/** An object store that cannot be reached while it is down. */
function switchableStore(store: ObjectStore): ObjectStore {
  const reach = (key: string): void => {
    if (down.has("objects")) throw new ObjectError("UNAVAILABLE", key);
  };
  return {
    create: async (key, bytes) => {
      reach(key);
      await store.create(key, bytes);
    },
    createFrom: async (key, pieces, size) => {
      reach(key);
      await store.createFrom(key, pieces, size);
    },
    get: async (key) => {
      reach(key);
      return store.get(key);
    },
    read: (key) => {
      reach(key);
      return store.read(key);
    },
    has: async (key) => {
      reach(key);
      return store.has(key);
    },
    list: (prefix) => {
      reach(prefix);
      return store.list(prefix);
    },
    remove: async (key) => {
      reach(key);
      await store.remove(key);
    },
    ping: async () => {
      reach("");
      await store.ping();
    },
  };
}
