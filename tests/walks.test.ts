import { fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CheckResult_Status } from "#gen/anrf/api/v1/check_result_pb.ts";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { GenerationEventSchema, GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { type Json, objectAt } from "./rest.ts";
import { type System, startSystem } from "./system.ts";
import { PROTOCOLS } from "./wire.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DIGEST = /^anrf1:[0-9a-f]{64}$/;

const ASKED = {
  inputText: "Return the sum of the even numbers in xs.",
  context: { module: "", function: "" },
  signature: { params: [{ name: "xs", type: "list<int>" }], returns: "int" },
  examples: [
    { inputs: { xs: [1, 2, 3, 4] }, output: 6 },
    { inputs: { xs: [5, 7] }, output: 0 },
    { inputs: { xs: [10, -2, 3] }, output: 8 },
  ],
};
const BOUND = { seed: "7", budget: { programs: 300_000 } };

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.[Symbol.asyncDispose]());

async function analyzed(): Promise<Json> {
  const { status, body } = await system.rest().post("/intent/analyze", ASKED);
  expect([status, body["error"]]).toEqual([200, undefined]);
  return body;
}

describe("a program over REST, as curl asks", () => {
  for (const root of ["", "/v1"]) {
    it(`goes from a sentence to a result by ${root}/…`, async () => {
      const rest = system.rest();
      const analysis = await rest.post(`${root}/intent/analyze`, ASKED);
      expect(Object.keys(analysis.body).sort()).toEqual(["analysisId", "constraints", "structuredIntent"]);
      expect(analysis.body["analysisId"]).toMatch(UUID);
      expect(analysis.body["constraints"]).toBeInstanceOf(Array);

      const { structuredIntent, constraints, analysisId } = analysis.body;
      const generated = await rest.post(`${root}/generate`, {
        structuredIntent,
        constraints,
        analysisId,
        ...BOUND,
      });
      expect(generated.body).toMatchObject({
        anrfId: expect.stringMatching(UUID),
        generationId: expect.stringMatching(UUID),
        digest: expect.stringMatching(DIGEST),
        confidenceScore: expect.any(Number),
        outcome: "ACCEPTED",
        version: 1,
      });
      const anrfId = String(generated.body["anrfId"]);

      const view = await rest.get(`${root}/view/${anrfId}?format=pseudocode`);
      expect(view.body).toMatchObject({
        content: expect.stringMatching(/\S/),
        format: "pseudocode",
        version: 1,
      });

      for (const verified of [
        await rest.get(`${root}/verify/${anrfId}?checks=structure&checks=types`),
        await rest.post(`${root}/verify/${anrfId}`, { checks: ["structure,types"] }),
      ]) {
        expect(verified.body).toMatchObject({ verificationId: expect.stringMatching(UUID), verdict: "PASS" });
        const results = verified.body["results"] as readonly Json[];
        expect(results.map(({ check, status }) => [check, status])).toEqual([
          ["structure", "PASS"],
          ["types", "PASS"],
        ]);
        for (const result of results) expect(result).toHaveProperty("details");
      }

      const run = await rest.post(`${root}/execute/${anrfId}`, { inputs: { xs: [1, 2, 3, 20] } });
      expect(run.body).toMatchObject({
        output: { result: 22 },
        logs: [],
        executionId: expect.stringMatching(UUID),
        digest: generated.body["digest"],
      });
    });
  }

  it("is found again: the intent, the generation, the verification and the execution have their records", async () => {
    const rest = system.rest();
    const { analysisId } = await analyzed();
    const generated = (await rest.post("/generate", { analysisId, ...BOUND })).body;
    const { anrfId, generationId } = generated;
    const verified = (await rest.post(`/verify/${anrfId}`, {})).body;
    const ran = (await rest.post(`/execute/${anrfId}`, { inputs: [[2, 4]], recordIo: true })).body;
    const records: readonly [path: string, within: string, shows: Json][] = [
      [`/v1/intents/${analysisId}`, "intent", { analysisId, inputText: ASKED.inputText }],
      [`/v1/generations/${generationId}`, "generation", { state: "COMPLETED", analysisId, seed: BOUND.seed }],
      [`/v1/verifications/${verified["verificationId"]}`, "verification", { verdict: "PASS", anrfId }],
      [`/v1/executions/${ran["executionId"]}`, "execution", { outcome: "VALUE", output: { result: 6 } }],
    ];
    for (const [path, within, shows] of records) {
      const { status, body } = await rest.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(objectAt(body, within)).toMatchObject(shows);
    }
    expect((await rest.get(`/v1/anrfs/${anrfId}`)).body).toMatchObject({
      generationId,
      digest: generated["digest"],
    });
  });
});

describe("a program over RPC", () => {
  it.each(PROTOCOLS)("goes from a sentence to a result by %s", async (protocol) => {
    const wire = system.wire(protocol);
    const { analysisId, structuredIntent, constraints } = await wire.unary(
      IntentService.method.analyzeIntent,
      {
        inputText: ASKED.inputText,
        signature: ASKED.signature,
        examples: ASKED.examples.map(({ inputs, output }) => ({
          inputs: fromJson(ValueSchema, inputs),
          expected: { case: "output" as const, value: fromJson(ValueSchema, output) },
        })),
      },
    );
    const generated = await wire.unary(GenerationService.method.generate, {
      analysisId,
      constraints,
      ...(structuredIntent === undefined ? {} : { structuredIntent }),
      seed: BigInt(BOUND.seed),
      budget: BOUND.budget,
    });
    expect(generated.anrfId).toMatch(UUID);
    const { anrfId } = generated;
    const view = await wire.unary(ViewService.method.view, { anrfId, format: "text" });
    expect(view.content).toContain("fn ");
    const verified = await wire.unary(VerificationService.method.verify, { anrfId });
    expect(verified.verdict).toBe(CheckResult_Status.PASS);
    const run = await wire.unary(ExecutionService.method.execute, {
      anrfId,
      inputs: fromJson(ValueSchema, { xs: [3, 8] }),
    });
    expect(run.output === undefined ? undefined : toJson(ValueSchema, run.output)).toEqual({ result: 8 });
  });
});

describe("a replay", () => {
  /** What has to be the same: all but ids, times, and the events that may be left out. */
  function comparable(events: readonly Json[]): readonly unknown[] {
    const passing = ["queued", "progress", "heartbeat"];
    return events
      .filter((event) => passing.every((name) => !(name in event)))
      .map((event) => {
        const { generationId, sequence, createTime, ...rest } = event;
        expect([generationId, sequence, createTime]).not.toContain(undefined);
        if (!("completed" in rest)) return rest;
        const { generationId: _id, anrfId, version, timings, usage, ...answer } = objectAt(rest, "completed");
        expect([anrfId, version, timings]).not.toContain(undefined);
        const { cpuSeconds: _cpu, ...work } = objectAt({ usage }, "usage");
        return { completed: { ...answer, usage: work } };
      });
  }

  it("with a bound on programs and a seed is equal through every way in", async () => {
    const { analysisId } = await analyzed();
    const runs: Record<string, readonly unknown[]> = {};
    const rest: Json[] = [];
    for await (const event of system.rest().events("/generate/stream", { analysisId, ...BOUND }))
      rest.push(event);
    runs["rest"] = comparable(rest);
    for (const protocol of PROTOCOLS) {
      const request = { analysisId: String(analysisId), seed: BigInt(BOUND.seed), budget: BOUND.budget };
      const events: Json[] = [];
      for await (const event of system
        .wire(protocol)
        .stream(GenerationService.method.generateStream, request)) {
        const json = toJson(GenerationEventSchema, event, { alwaysEmitImplicit: true });
        events.push(json as JsonObject);
      }
      runs[protocol] = comparable(events);
    }
    const first = runs["rest"] ?? [];
    expect(first[0]).toMatchObject({ started: { seed: BOUND.seed } });
    expect(first.at(-1)).toMatchObject({ completed: { outcome: "ACCEPTED" } });
    expect(first.length).toBeGreaterThan(2);
    for (const [way, events] of Object.entries(runs)) expect({ way, events }).toEqual({ way, events: first });
  });

  it("of the stored events is equal to what was streamed", async () => {
    const { analysisId } = await analyzed();
    const seen: Json[] = [];
    for await (const event of system.rest().events("/generate/stream", { analysisId, ...BOUND }))
      seen.push(event);
    const path = `/v1/generations/${seen[0]?.["generationId"]}/events`;
    const again: Json[] = [];
    for await (const event of system.rest().events(path, undefined)) again.push(event);
    const lasting = (all: readonly Json[]): readonly Json[] =>
      all.filter((event) => ["queued", "progress", "heartbeat"].every((name) => !(name in event)));
    expect(lasting(again)).toEqual(lasting(seen));
    const sequences = seen.map((event) => Number(event["sequence"]));
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    const after = Number(lasting(seen)[1]?.["sequence"]);
    const rest: Json[] = [];
    for await (const event of system.rest().events(`${path}?afterSequence=${after}`, undefined))
      rest.push(event);
    expect(lasting(rest)).toEqual(lasting(seen).slice(2));
  });
});

describe("an abstention", () => {
  it("is an ordinary answer with its reason and no program", async () => {
    const { body } = await system.rest().post("/intent/analyze", {
      inputText: "",
      signature: { params: [{ name: "x", type: "int" }], returns: "int" },
      examples: [17, 4, 93, 58].map((x) => ({ inputs: { x }, output: (x * 7919 + 104_729) % 1009 })),
    });
    const { analysisId } = body;
    const answer = await system
      .rest()
      .post("/generate", { analysisId, seed: "1", budget: { programs: 2_000 } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      outcome: "ABSTAINED",
      anrfId: "",
      abstainReason: expect.any(String),
    });
    expect(answer.body["abstainReason"]).not.toBe("ABSTAIN_REASON_UNSPECIFIED");
  });
});
