import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import {
  GenerateRequest_OnDisconnect,
  Generation_State,
  GenerationService,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { until } from "./platform.ts";
import { type Json, objectAt } from "./rest.ts";
import { type System, startSystem } from "./system.ts";
import { PROTOCOLS, WireFailure } from "./wire.ts";

const { generateStream, getGeneration, cancelGeneration, watchGeneration } = GenerationService.method;
// No short program says this: its search runs as long as it may.
const HARD = {
  inputText: "",
  signature: { params: [{ name: "x", type: "int" }], returns: "int" },
  examples: [17, 4, 93, 58, 31].map((x) => ({ inputs: { x }, output: (x * 7919 + 104_729) % 1009 })),
};
const LONG = { programs: 900_000_000, wallSeconds: 250, cpuSeconds: 250 };

let system: System;
let analysisId = "";
beforeAll(async () => {
  system = await startSystem({ ANRF_GENERATION_WORKERS: "2", ANRF_EXECUTION_WORKERS: "2" });
  analysisId = String((await system.rest().post("/intent/analyze", HARD)).body["analysisId"]);
});
afterAll(() => system?.[Symbol.asyncDispose]());

async function stateOf(generationId: string): Promise<Generation_State | undefined> {
  const { generation } = await system.wire("connect").unary(getGeneration, { generationId });
  return generation?.state;
}

describe("a caller that goes away", () => {
  it.each(PROTOCOLS)("by %s ends the generation within the search's next turn", async (protocol) => {
    const gone = new AbortController();
    const request = { analysisId, budget: LONG };
    let id = "";
    const read = async (): Promise<void> => {
      for await (const event of system.wire(protocol).stream(generateStream, request, gone.signal)) {
        id = event.generationId;
        if (event.event.case === "progress") gone.abort();
      }
    };
    const failure = await read().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(WireFailure);
    await until("the generation has ended", async () => (await stateOf(id)) === Generation_State.FAILED);
    const { generation } = await system.wire("connect").unary(getGeneration, { generationId: id });
    expect(generation?.failure?.code).toBe(1);
  });

  it("over REST ends it too", async () => {
    const gone = new AbortController();
    let id = "";
    const read = async (): Promise<void> => {
      for await (const event of system
        .rest()
        .events("/generate/stream", { analysisId, budget: LONG }, gone.signal)) {
        id = String(event["generationId"]);
        if ("progress" in event) gone.abort();
      }
    };
    await expect(read()).rejects.toThrow();
    await until("the generation has ended", async () => (await stateOf(id)) === Generation_State.FAILED);
  });

  it("leaves the generation alone where it asked for that", async () => {
    const gone = new AbortController();
    const request = { analysisId, budget: LONG, onDisconnect: GenerateRequest_OnDisconnect.CONTINUE };
    let id = "";
    const read = async (): Promise<void> => {
      for await (const event of system.wire("grpc").stream(generateStream, request, gone.signal)) {
        id = event.generationId;
        if (event.event.case === "progress") gone.abort();
      }
    };
    await read().catch(() => {});
    // It still counts after its reader has gone: a second reader sees new progress.
    const seen: number[] = [];
    for await (const { event } of system.wire("grpc").stream(watchGeneration, { generationId: id })) {
      if (event.case === "progress") seen.push(event.value.programs);
      if (seen.length > 2) break;
    }
    expect(await stateOf(id)).toBe(Generation_State.RUNNING);
    await system.wire("grpc").unary(cancelGeneration, { generationId: id });
    await until("the generation has ended", async () => (await stateOf(id)) === Generation_State.FAILED);
  });

  it("ends an execution, so that its worker is free again", async () => {
    const spin = await system.put("fn spin(n: int) -> int { loop i = 0 while n == n { i + 1 - 1 } }");
    const limits = { fuel: 10_000_000_000n, wallMs: 30_000 };
    const inputs = {
      kind: {
        case: "listValue" as const,
        value: { values: [{ kind: { case: "numberValue" as const, value: 1 } }] },
      },
    };
    const gone = new AbortController();
    // Twice as many as there are workers: were they not ended, nothing else would run for 30 seconds.
    const runs = PROTOCOLS.slice(0, 4).map((protocol) =>
      system
        .wire(protocol)
        .unary(ExecutionService.method.execute, { anrfId: spin, inputs, limits }, gone.signal)
        .then(
          () => "answered",
          () => "gone",
        ),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    gone.abort();
    expect(await Promise.all(runs)).toEqual(["gone", "gone", "gone", "gone"]);
    const one = await system.put("fn one(n: int) -> int { n + 1 }");
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        system.rest().post(`/execute/${one}`, { inputs: [n], limits: { wallMs: 10_000 } }),
      ),
    );
    expect(answers.map(({ body }) => objectAt(body, "output")["result"])).toEqual([2, 3, 4, 5]);
  });
});

describe("CancelGeneration", () => {
  it("ends the stream with failed, CANCELLED and the usage so far; a second one changes nothing", async () => {
    const events: Json[] = [];
    for await (const event of system.rest().events("/generate/stream", { analysisId, budget: LONG })) {
      events.push(event);
      if (!("progress" in event) || events.filter((one) => "progress" in one).length !== 2) continue;
      const cancelled = await system.rest().post(`/v1/generations/${event["generationId"]}:cancel`, {});
      expect(cancelled.status).toBe(200);
    }
    const failed = objectAt(events.at(-1) ?? {}, "failed");
    expect(failed).toMatchObject({ status: { code: 1 }, usage: { budgetEnd: "CANCELLED" } });
    expect(Number(objectAt(failed, "usage")["programsEvaluated"])).toBeGreaterThan(0);
    const id = String(events[0]?.["generationId"]);
    const again = await system.rest().post(`/v1/generations/${id}:cancel`, {});
    expect([again.status, again.body["state"] ?? again.body["code"]]).toEqual([200, "FAILED"]);
    expect(events.filter((event) => "failed" in event || "completed" in event)).toHaveLength(1);
  });

  it("by the wall time of the budget ends the stream with a last event too, and says that it was the time", async () => {
    const events: Json[] = [];
    const budget = { ...LONG, wallSeconds: 2 };
    for await (const event of system.rest().events("/generate/stream", { analysisId, budget }))
      events.push(event);
    const last = events.at(-1) ?? {};
    expect(last).toMatchObject({ completed: { outcome: "ABSTAINED", usage: { budgetEnd: "TIME" } } });
  });
});
