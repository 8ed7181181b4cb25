import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { folderLayout } from "#platform/data/folder-layout.ts";
import { stopOrphan } from "#platform/data/postgres.ts";
import { commandOf, descendants, lives, type Platform, startPlatform } from "./platform.ts";
import { artifactOf } from "./programs.ts";
import { type Json, objectAt, restClient } from "./rest.ts";
import { PROTOCOLS, WireFailure, wireTo } from "./wire.ts";

// No short program says this: its search runs as long as it may.
const HARD = {
  inputText: "",
  signature: { params: [{ name: "x", type: "int" }], returns: "int" },
  examples: [17, 4, 93, 58, 31].map((x) => ({ inputs: { x }, output: (x * 7919 + 104_729) % 1009 })),
};
const LONG = { programs: 900_000_000, wallSeconds: 250, cpuSeconds: 250 };

let folder = "";
let platform: Platform;
let key = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-drain-"));
  platform = await startPlatform(folder, { ANRF_DRAIN_MS: "4000", ANRF_GENERATION_WORKERS: "2" });
  key = (await readFile(join(folder, "keys", "first-key"), "utf8")).trim();
});
afterEach(async () => {
  await platform?.[Symbol.asyncDispose]();
  await stopOrphan(folderLayout(folder));
  await rm(folder, { recursive: true, force: true });
});

/** The name of what happened, and whether it is a last event. */
const nameOf = (event: Json | undefined): string => Object.keys(event ?? {}).at(-1) ?? "";

describe("SIGTERM", { timeout: 120_000 }, () => {
  it("ends every stream with a last event and its status, and leaves no process", async () => {
    const rest = restClient(platform.url, key);
    const { analysisId } = (await rest.post("/intent/analyze", HARD)).body;
    const below = await descendants(platform.pid);
    expect(below.length).toBeGreaterThan(0);

    const started = Promise.withResolvers<void>();
    const request = { analysisId, budget: LONG };
    const sse = (async () => {
      const events: Json[] = [];
      for await (const event of rest.events("/generate/stream", request)) {
        events.push(event);
        started.resolve();
      }
      return events;
    })();
    const streams = PROTOCOLS.map(async (protocol) => {
      const names: string[] = [];
      using wire = wireTo(platform.url, protocol, key);
      try {
        const rpc = { analysisId: String(analysisId), budget: LONG };
        for await (const { event } of wire.stream(GenerationService.method.generateStream, rpc)) {
          names.push(String(event.case));
        }
      } catch (error) {
        if (!(error instanceof WireFailure)) throw error;
        return { protocol, last: names.at(-1), code: error.code };
      }
      return { protocol, last: names.at(-1), code: 0 };
    });
    await started.promise;
    // All streams are open, running or waiting in the queue, when the signal comes.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const ended = platform.kill("SIGTERM");

    const events = await sse;
    expect(nameOf(events.at(-1))).toBe("failed");
    expect(objectAt(objectAt(events.at(-1) ?? {}, "failed"), "status")).toMatchObject({ code: 14 });
    const ends = await Promise.all(streams);
    expect(ends).toEqual(PROTOCOLS.map((protocol) => ({ protocol, last: "failed", code: 14 })));
    expect(await ended).toBe(0);
    const left = await Promise.all(below.map(async (pid) => ((await lives(pid)) ? commandOf(pid) : "")));
    expect(left.filter((command) => command !== "")).toEqual([]);
  });

  it("keeps the ended generation as FAILED for the next process, which finds nothing to sweep", async () => {
    const rest = restClient(platform.url, key);
    const { analysisId } = (await rest.post("/intent/analyze", HARD)).body;
    let id = "";
    const stream = (async () => {
      for await (const event of rest.events("/generate/stream", { analysisId, budget: LONG })) {
        if (id === "") void platform.kill("SIGTERM");
        id = String(event["generationId"]);
      }
    })();
    await stream;
    await platform.ended;
    platform = await startPlatform(folder, { ANRF_GENERATION_LEASE_MS: "60000" });
    const again = restClient(platform.url, key);
    const { body } = await again.get(`/v1/generations/${id}`);
    expect(objectAt(body, "generation")).toMatchObject({ state: "FAILED", failure: { code: 14 } });
    const events: Json[] = [];
    for await (const event of again.events(`/v1/generations/${id}/events`, undefined)) events.push(event);
    expect(nameOf(events.at(-1))).toBe("failed");
  });

  it("refuses what comes later, and answers what waits", async () => {
    const rest = restClient(platform.url, key);
    const text = "fn spin(n: int) -> int { loop i = 0 while n == n { i + 1 - 1 } }";
    const artifact = Buffer.from(artifactOf(text)).toString("base64");
    const { anrfId } = (await rest.post("/v1/anrfs", { artifact })).body;
    await rest.post(`/execute/${anrfId}`, { inputs: [1], limits: { fuel: "1000" } });
    const limits = { fuel: "10000000000", wallMs: 1_000 };
    const running = rest.post(`/execute/${anrfId}`, { inputs: [1], limits });
    // An answer on another connection: the first request was read before.
    await rest.get("/v1/self");
    const ended = platform.kill("SIGTERM");
    expect((await running).body).toMatchObject({ trap: { code: "TIME" } });
    expect(await ended).toBe(0);
    await expect(rest.get("/v1/self")).rejects.toThrow();
  });
});
