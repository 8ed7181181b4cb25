import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { findTool } from "../scripts/tools.ts";
import { type Collector, type SeenSpan, startCollector } from "./collector.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { doubles, Seen } from "./parity/doubles.ts";
import { GATEWAYS, type Gateway } from "./parity/ways.ts";
import { until } from "./platform.ts";
import { wireTo } from "./wire.ts";

const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";
const NOBODY = "018f0000-0000-7000-8000-000000000000";
const SERVER = 2;

describe(`traces${reason}`, () => {
  let collector: Collector;
  let behind: Gateways;
  beforeAll(async () => {
    collector = await startCollector();
    behind = await startGateways({
      doubles: doubles(new Seen()),
      env: { ANRF_OTLP_ENDPOINT: collector.url },
      settings: { otlp: { host: "127.0.0.1", port: collector.port, ratio: 1 } },
    });
  }, 180_000);
  afterAll(async () => {
    await behind?.[Symbol.asyncDispose]();
    await collector?.[Symbol.asyncDispose]();
  });

  const of = (traceId: string): readonly SeenSpan[] =>
    collector.spans.filter((span) => span.traceId === traceId);
  const url = (gateway: Gateway): string => behind.urls[gateway] ?? "";
  /** The trace in which a client asks, with the client's own span. */
  const clientTrace = (flags = "01") => {
    const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
    return { traceId, spanId, header: `00-${traceId}-${spanId}-${flags}` };
  };
  const read = (gateway: Gateway, traceparent: string): Promise<Response> =>
    fetch(`${url(gateway)}/v1/anrfs/${NOBODY}?alias=x`, {
      headers: { "x-api-key": behind.key, traceparent },
    });

  it.each(gateways)("lead from the client through the gateway to the service (%s)", async (gateway) => {
    const { traceId, spanId, header } = clientTrace();
    const before = Date.now();
    expect((await read(gateway, header)).status).toBe(200);
    const service = (): SeenSpan | undefined => of(traceId).find((one) => one.service === "anrf-registry");
    const entry = (): SeenSpan | undefined => of(traceId).find((one) => one.parentId === spanId);
    await until("the collector has both", async () => service() !== undefined && entry() !== undefined);
    expect(service()).toMatchObject({ name: "anrf.registry.v1.RegistryService/GetAnrf", kind: SERVER });
    expect(entry()).toMatchObject({
      service: gateway === "edge" ? "anrf-edge" : "anrf-gateway",
      kind: SERVER,
    });
    if (gateway === "edge") expect(entry()?.name).toBe("GET /v1/anrfs/{anrf_id}");
    // From the service up, each is the child of one that the collector knows, until the client's own.
    const path: string[] = [];
    for (let at = service(); at !== undefined; at = of(traceId).find((one) => one.spanId === at?.parentId)) {
      path.push(at.service);
      expect(at.startMs).toBeGreaterThanOrEqual(before - 1);
      expect(at.endMs).toBeGreaterThanOrEqual(at.startMs);
      expect(path.length).toBeLessThan(6);
    }
    expect(path[0]).toBe("anrf-registry");
    expect(path.at(-1)).toBe(gateway === "edge" ? "anrf-edge" : "anrf-gateway");
  });

  it.each(gateways)("are not sent where the client says so (%s)", async (gateway) => {
    const silent = clientTrace("00");
    const loud = clientTrace("01");
    expect((await read(gateway, silent.header)).status).toBe(200);
    expect((await read(gateway, loud.header)).status).toBe(200);
    await until("the later one has arrived", async () => of(loud.traceId).length >= 2);
    expect(of(silent.traceId)).toEqual([]);
  });

  it.each(gateways)("have one span a stream, marked every 64 events (%s)", async (gateway) => {
    const before = new Set(collector.spans);
    using wire = wireTo(url(gateway), "grpc", behind.key);
    let events = 0;
    for await (const _ of wire.stream(GenerationService.method.generateStream, { model: "ticks 130 1" }))
      events++;
    expect(events).toBe(131);
    const spans = (): readonly SeenSpan[] =>
      collector.spans.filter((one) => !before.has(one) && one.service === "anrf-generation");
    await until("the span of the stream has arrived", async () => spans().length > 0);
    expect(spans().map(({ events: marks }) => marks)).toEqual([["first event", "event 65", "event 129"]]);
    expect(spans()[0]?.parentId).not.toBe("");
  });
});

describe("a collector that is away", () => {
  it("costs no request, and the spans are counted as lost", async () => {
    const gone = await startCollector();
    await gone[Symbol.asyncDispose]();
    const lines: string[] = [];
    await using behind = await startGateways({
      doubles: doubles(new Seen()),
      env: { ANRF_OTLP_ENDPOINT: gone.url },
      lines: (line) => lines.push(line),
    });
    const answer = await fetch(`${behind.urls.edge}/v1/anrfs/${NOBODY}?alias=x`, {
      headers: { "x-api-key": behind.key },
    });
    expect(answer.status).toBe(200);
    const lost = /^trace_spans_lost_total ([1-9]\d*)$/m;
    await until("they are given up", async () => lost.test(await behind.host.metrics.text()), 60_000);
    expect(lines.filter((line) => line.includes("spans could not be sent"))).toHaveLength(1);
  }, 120_000);
});
