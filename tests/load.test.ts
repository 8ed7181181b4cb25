import { randomUUID } from "node:crypto";
import { connect } from "node:http2";
import { create, type Message, toBinary } from "@bufbuild/protobuf";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { AuthService, Tier } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import {
  type GenerateStreamRequest,
  GenerateStreamRequestSchema,
  GenerationService,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import type { Target } from "#platform/process/target.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { AnyHandler, Served } from "#platform/rpc/handlers.ts";
import { findTool } from "../scripts/tools.ts";
import { burst } from "./burst.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { doubles, Seen } from "./parity/doubles.ts";
import { GATEWAYS, type Gateway } from "./parity/ways.ts";
import { sleep, until } from "./platform.ts";
import { type Json, restClient } from "./rest.ts";
import { type Wire, WireFailure, wireTo } from "./wire.ts";

const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";
const full = (process.env["ANRF_FULL"] ?? "") !== "";
const { generateStream, watchGeneration, cancelGeneration } = GenerationService.method;

// No short program says this: its search runs as long as it may.
const HARD = {
  inputText: "",
  signature: { params: [{ name: "x", type: "int" }], returns: "int" },
  examples: [17, 4, 93, 58, 31].map((x) => ({ inputs: { x }, output: (x * 7919 + 104_729) % 1009 })),
};
const LONG = { programs: 900_000_000, wallSeconds: 250, cpuSeconds: 250 };

const urlOf = (behind: Gateways, gateway: Gateway): string => behind.urls[gateway] ?? "";

/** Several connections of one client; the nth stream takes the nth of them, round and round. */
function connections(url: string, key: string, count: number): { at(n: number): Wire } & Disposable {
  const wires = Array.from({ length: count }, () => wireTo(url, "grpc", key));
  return {
    at: (n) => {
      const wire = wires[n % count];
      if (wire === undefined) throw new Error("there are no connections");
      return wire;
    },
    [Symbol.dispose]: () => {
      for (const wire of wires) wire[Symbol.dispose]();
    },
  };
}

/** What a watcher heard: names of events, and the code at the end. */
interface Heard {
  readonly names: readonly string[];
  readonly sequences: readonly number[];
  readonly code: number;
}

async function watch(wire: Wire, generationId: string, opened: () => void): Promise<Heard> {
  const names: string[] = [];
  const sequences: number[] = [];
  try {
    for await (const { event, sequence } of wire.stream(watchGeneration, { generationId })) {
      names.push(String(event.case));
      sequences.push(sequence);
      if (names.length === 1) opened();
    }
    return { names, sequences, code: 0 };
  } catch (error) {
    if (!(error instanceof WireFailure)) throw error;
    return { names, sequences, code: error.code };
  }
}

/** Begins generations that nobody waits for; answers with their ids. */
async function beginGenerations(url: string, key: string, count: number): Promise<readonly string[]> {
  const rest = restClient(url, key);
  const { analysisId } = (await rest.post("/intent/analyze", HARD)).body;
  const begun = Array.from({ length: count }, async () => {
    const request = { analysisId, budget: LONG, onDisconnect: "CONTINUE" };
    for await (const event of rest.events("/generate/stream", request)) return String(event["generationId"]);
    throw new Error("a generation began without an event");
  });
  return Promise.all(begun);
}

describe(`running generations${reason}`, { timeout: 600_000 }, () => {
  let behind: Gateways;
  beforeAll(async () => {
    const env = { ANRF_GENERATION_WORKERS: "1", ANRF_GENERATION_MEMORY_MB: "64", ANRF_DRAIN_MS: "7000" };
    behind = await startGateways({ env });
  }, 240_000);
  afterAll(() => behind?.[Symbol.asyncDispose]());

  const watchers = full ? 1_500 : 300;
  it.each(gateways)(`tell ${watchers} watchers the same over 10 connections (%s)`, async (gateway) => {
    const url = urlOf(behind, gateway);
    const ids = await beginGenerations(url, behind.key, 20);
    using wires = connections(url, behind.key, 10);
    let open = 0;
    const heard = Array.from({ length: watchers }, (_, n) =>
      watch(wires.at(n), ids[n % ids.length] ?? "", () => {
        open++;
      }),
    );
    await until("all watchers have an event", async () => open === watchers, 240_000);
    for (const generationId of ids) await wires.at(0).unary(cancelGeneration, { generationId });
    const ends = await Promise.all(heard);
    const last = ends.filter(({ names, code }) => names.at(-1) === "failed" && code === 1);
    expect(last.length).toBe(watchers);
    // Nobody hears an event twice, or late.
    const disordered = ends.filter(({ sequences }) =>
      sequences.some((sequence, at) => at > 0 && sequence <= (sequences[at - 1] ?? 0)),
    );
    expect(disordered).toEqual([]);
    // Beside what may be left out for a slow reader, all watchers of a generation hear the same.
    const told = new Map<string, Set<string>>();
    for (const [n, { names }] of ends.entries()) {
      const id = ids[n % ids.length] ?? "";
      const lasting = names.filter((name) => !["queued", "progress", "heartbeat"].includes(name));
      told.set(id, (told.get(id) ?? new Set()).add(lasting.join()));
    }
    expect([...told.values()].map((all) => all.size)).toEqual(ids.map(() => 1));
  });

  it.each(gateways)("refuse one whose deadline is shorter than the queue (%s)", async (gateway) => {
    const url = urlOf(behind, gateway);
    const ids = await beginGenerations(url, behind.key, 4);
    const rest = restClient(url, behind.key);
    const { analysisId } = (await rest.post("/intent/analyze", HARD)).body;
    const response = await fetch(`${url}/generate`, {
      method: "POST",
      headers: { "x-api-key": behind.key, "content-type": "application/json", "grpc-timeout": "1S" },
      body: JSON.stringify({ analysisId, budget: LONG }),
    });
    const body = (await response.json()) as Json;
    expect([response.status, body["code"], JSON.stringify(body["details"])]).toEqual([
      429,
      "RESOURCE_EXHAUSTED",
      expect.stringMatching(/QUEUE_FULL.*RetryInfo|RetryInfo.*QUEUE_FULL/),
    ]);
    using wires = connections(url, behind.key, 1);
    for (const generationId of ids) await wires.at(0).unary(cancelGeneration, { generationId });
  });

  // The last one: after it nothing runs any more. It drains for longer than Envoy's health checks are apart.
  it("end all of 100 streams through each gateway with a last event when the process stops", async () => {
    const ids = await beginGenerations(urlOf(behind, "edge"), behind.key, 5);
    let open = 0;
    const streams: Promise<Heard>[] = [];
    using wires = {
      all: gateways.map((gateway) => connections(urlOf(behind, gateway), behind.key, 5)),
      [Symbol.dispose]() {
        for (const one of this.all) one[Symbol.dispose]();
      },
    };
    for (const some of wires.all) {
      for (let n = 0; n < 100; n++) {
        const opened = (): void => {
          open++;
        };
        streams.push(watch(some.at(n), ids[n % ids.length] ?? "", opened));
      }
    }
    await until("all streams are open", async () => open === streams.length, 120_000);
    const drained = behind.host.drain();
    const ends = await Promise.all(streams);
    await drained;
    const told = new Map<string, number>();
    for (const { names, code } of ends) {
      const end = `${names.at(-1)}, then ${code}`;
      told.set(end, (told.get(end) ?? 0) + 1);
    }
    // A search may end by itself while the process drains; what counts is that no stream goes without its last event.
    const byItself = told.get("completed, then 0") ?? 0;
    const broken = told.get("failed, then 14") ?? 0;
    expect([...told.keys()].filter((end) => !["completed, then 0", "failed, then 14"].includes(end))).toEqual(
      [],
    );
    expect(byItself + broken).toBe(100 * gateways.length);
    expect(broken).toBeGreaterThan(0);
  });
});

describe(`many at once${reason}`, { timeout: 600_000 }, () => {
  let behind: Gateways;
  const seen = new Seen();
  const reads = countKeyReads();
  beforeAll(async () => {
    const targets = await Promise.all(
      doubles(seen).map((target) => (target.name === "generation" ? flooding(target) : target)),
    );
    behind = await startGateways({ doubles: targets, settings: { checkSeconds: 30 } });
  }, 240_000);
  afterAll(async () => {
    await behind?.[Symbol.asyncDispose]();
    reads[Symbol.dispose]();
  });

  it.each(gateways)("1,200 cold requests by 50 keys cost a read a key and no 503 (%s)", async (gateway) => {
    using admin = wireTo(urlOf(behind, "edge"), "connect", behind.key);
    const good: string[] = [];
    for (let n = 0; n < 40; n++) {
      const request = { name: `cold ${n}`, tier: Tier.UNLIMITED };
      good.push((await admin.unary(AuthService.method.createApiKey, request)).key);
    }
    const wrong = Array.from({ length: 10 }, () => `anrf_${randomUUID()}_${"A".repeat(43)}`);
    const keys = [...good, ...wrong];
    reads.count = 0;
    const codes = await burst({ url: urlOf(behind, gateway), keys, calls: 1_200 });
    const count = (code: number): number => codes.filter((one) => one === code).length;
    expect({ ok: count(0), unauthenticated: count(16), unavailable: count(14) }).toEqual({
      ok: 960,
      unauthenticated: 240,
      unavailable: 0,
    });
    expect(reads.count).toBeLessThanOrEqual(50);
    expect(reads.count).toBeGreaterThan(0);
  });

  // More than a connection lets through by default, and they all reach the service over one or two.
  const cancels = full ? 10_020 : 3_000;
  it.each(gateways)(`${cancels} cancels touch no other stream (%s)`, async (gateway) => {
    const url = urlOf(behind, gateway);
    using wires = connections(url, behind.key, 10);
    const stop = new AbortController();
    // They tick for as long as the cancels take, and are counted then.
    const bystanders = Array.from({ length: 20 }, (_, n) => standBy(wires.at(n), stop.signal));
    const before = seen.cancelled;
    const batch = 30;
    for (let done = 0; done < cancels; done += batch) {
      const began = performance.now();
      await Promise.all(Array.from({ length: batch }, (_, n) => openAndCancel(wires.at(done + n))));
      // Paced they last longer than a stream may: it has to end at its cap as it would without them.
      if (full) await sleep(Math.max(0, 1_000 - (performance.now() - began)));
    }
    await until("the service has seen every cancel", async () => seen.cancelled - before >= cancels, 60_000);
    stop.abort();
    expect(await Promise.all(bystanders)).toEqual(bystanders.map(() => "alive"));
    await until("nothing is open", async () => seen.open === 0);
  });

  it.each(gateways)(
    "readers that stop hold little of what is sent, and nobody else up (%s)",
    async (gateway) => {
      const url = urlOf(behind, gateway);
      const stalled = await Promise.all(Array.from({ length: 20 }, () => openAndStall(url, behind.key)));
      using wires = connections(url, behind.key, 1);
      await until("the writers wait", async () => {
        const before = flood.bytes;
        await sleep(400);
        return flood.open === stalled.length && flood.bytes === before;
      });
      const taken = stalled.reduce((sum, { received }) => sum + received(), 0);
      const held = (flood.bytes - taken) / stalled.length / 1024;
      // Each reader has the window that it gave, 64 KiB; the rest is what gateway and service hold for it.
      expect(taken / stalled.length / 1024).toBeGreaterThan(60);
      expect(held).toBeGreaterThan(0);
      expect(held).toBeLessThan(128);
      let heard = 0;
      for await (const _event of wires.at(0).stream(generateStream, { model: "ticks 20 5" })) heard++;
      expect(heard).toBe(21);
      for (const one of stalled) one.close();
      await until("the service sees that they are gone", async () => flood.open === 0);
      console.log(`${gateway}: ${Math.round(held)} KiB held for a stalled stream`);
      flood.bytes = 0;
    },
  );

  it.each(gateways)(
    "a service that gives up in the middle of streams ends each with an error (%s)",
    async (gateway) => {
      using wires = connections(urlOf(behind, gateway), behind.key, 4);
      const codes = await Promise.all(
        Array.from({ length: 40 }, async (_, n) => {
          let events = 0;
          try {
            for await (const _event of wires.at(n).stream(generateStream, { model: "late UNAVAILABLE" }))
              events++;
            return "ended well";
          } catch (error) {
            return error instanceof WireFailure ? `${events} ${error.code}` : String(error);
          }
        }),
      );
      expect(codes).toEqual(codes.map(() => "2 14"));
    },
  );
});

/** What floods have produced. */
const flood = { bytes: 0, open: 0 };

/** A double that, asked for a flood, produces events as fast as they are taken. */
function flooding(double: Target): Target {
  return {
    name: double.name,
    start: async (host) => {
      const started = await double.start(host);
      const serves = started.serves.map(({ service, handlers }): Served => {
        const other = handlers["generateStream"] as (request: Message, call: Call) => unknown;
        const generateStream = (request: Message, call: Call): unknown =>
          (request as GenerateStreamRequest).model === "flood" ? produce() : other(request, call);
        return { service, handlers: { ...handlers, generateStream: generateStream as AnyHandler } };
      });
      return { ...started, serves };
    },
  };
}

const DROP = { pseudocode: "x".repeat(2_000) };
/** On the wire, with some bytes that frame it. */
const DROP_BYTES = 2_030;

async function* produce(): AsyncGenerator<unknown, void, undefined> {
  flood.open++;
  try {
    for (let sequence = 1; ; sequence++) {
      flood.bytes += DROP_BYTES;
      yield { sequence, event: { case: "candidate", value: DROP } };
      // A turn of the loop for whoever else has something to do.
      if (sequence % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    flood.open--;
  }
}

/** Reads a stream that ticks until it is told to stop; a stream may last 300 s, then it is opened again. */
async function standBy(wire: Wire, stop: AbortSignal): Promise<string> {
  let ticks = 0;
  while (!stop.aborted) {
    try {
      for await (const _event of wire.stream(generateStream, { model: "ticks 1000000 50" }, stop)) ticks++;
    } catch (error) {
      const isOver = error instanceof WireFailure && error.code === 4;
      if (!stop.aborted && !isOver) return `lost after ${ticks} events: ${String(error)}`;
    }
  }
  return ticks > 1 ? "alive" : `silent after ${ticks}`;
}

/** Opens a stream and leaves it after its first event. */
async function openAndCancel(wire: Wire): Promise<void> {
  const leave = new AbortController();
  try {
    for await (const _event of wire.stream(generateStream, { model: "hang" }, leave.signal)) leave.abort();
  } catch (error) {
    if (!leave.signal.aborted) throw error;
  }
}

/** A gRPC stream over a connection of its own whose data nobody takes: windows of 64 KiB fill. */
async function openAndStall(url: string, key: string): Promise<{ received(): number; close(): void }> {
  const session = connect(url);
  session.on("error", () => {});
  const stream = session.request({
    ":method": "POST",
    ":path": "/anrf.generation.v1.GenerationService/GenerateStream",
    "content-type": "application/grpc",
    te: "trailers",
    "x-api-key": key,
  });
  stream.on("error", () => {});
  const request = create(GenerateStreamRequestSchema, { model: "flood" });
  const body = toBinary(GenerateStreamRequestSchema, request);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  stream.end(Buffer.concat([head, body]));
  await new Promise<void>((resolve, reject) => {
    stream.once("response", (headers) =>
      headers[":status"] === 200 ? resolve() : reject(new Error(`answered with ${headers[":status"]}`)),
    );
    stream.once("close", () => reject(new Error("the stream was closed before it was answered")));
  });
  return { received: () => session.socket.bytesRead, close: () => session.destroy() };
}

/** Counts statements that read keys, of all connections that this process opens from now on. */
function countKeyReads(): { count: number } & Disposable {
  const counted = { count: 0, [Symbol.dispose]: () => spy.mockRestore() };
  const real = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  const spy = vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (
    this: pg.Client,
    ...args: unknown[]
  ) {
    const [query] = args;
    const text = typeof query === "string" ? query : String((query as { text?: unknown } | null)?.text);
    if (/^select .* from "api_keys"/s.test(text)) counted.count++;
    return real.apply(this, args);
  } as never);
  return counted;
}
