import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { print } from "#anrf/text/print.ts";
import { KeyLimitsSchema } from "#gen/anrf/api/v1/key_limits_pb.ts";
import {
  GenerateRequest_OnDisconnect,
  GenerateRequest_Profile,
  GenerateResponse_AbstainReason,
  GenerateResponse_Outcome,
  Generation_State,
  Usage_BudgetEnd,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { type RpcError, reasonOf } from "#platform/rpc/error.ts";
import {
  cases,
  codeOf,
  completedOf,
  DOUBLE,
  ENDLESS,
  failedOf,
  HARD,
  hear,
  intentOf,
  joinWorld,
  LIMITED,
  makeWorld,
  replayed,
  searchPids,
  type World,
} from "../../tests/generation.ts";

let world: World;
let call: Call;
beforeAll(async () => {
  world = await makeWorld();
  call = await world.system.newCall();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The same caller with another deadline or signal. */
const callIn = (changes: { readonly ms?: number; readonly signal?: AbortSignal } = {}): Call => ({
  ...call,
  deadline: Date.now() + (changes.ms ?? 60_000),
  ...(changes.signal === undefined ? {} : { signal: changes.signal }),
});
const stored = (anrfId: string, version = 1) => world.stored(anrfId, version, callIn());

describe("GenerateStream", () => {
  it("finds, verifies and stores a program, and tells each step in order", async () => {
    const client = world.generation(callIn());
    const { events, error } = await hear(
      client.generateStream({ structuredIntent: DOUBLE, budget: LIMITED, seed: 7n }),
    );
    expect(error).toBeUndefined();
    const told = cases(events);
    expect(told[0]).toBe("started");
    expect(told.at(-1)).toBe("completed");
    expect(told.slice(1, -1).join(" ")).toMatch(
      /^candidate( candidate| retracted)* verdict verdict verdict$/,
    );
    expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
    const response = completedOf(events);
    expect(response.outcome).toBe(GenerateResponse_Outcome.ACCEPTED);
    expect(response.seed).toBe(7n);
    const document = await stored(response.anrfId, response.version);
    expect(document.digest).toBe(response.digest);
    expect(document.spec.examples).toHaveLength(2);
    expect(document.annotations.evidence?.seed).toBe(7n);
    expect(print(document)).toMatch(/fn twice\(xs: list<int>\) -> list<int>/);
    const { pLow = -1, pCorrect = -1, pHigh = -1, calibration } = response.confidence ?? {};
    expect([0, pLow, pCorrect, pHigh, 1]).toEqual([0, pLow, pCorrect, pHigh, 1].sort((a, b) => a - b));
    expect(response.confidenceScore).toBe(pLow);
    expect(calibration?.n).toBeGreaterThan(0);
    expect(response.usage?.programsEvaluated).toBeGreaterThan(0);
  });

  it("gives the same events and the same digest for the same seed and budget of programs", async () => {
    const client = world.generation(callIn());
    const ask = () => hear(client.generateStream({ structuredIntent: DOUBLE, budget: LIMITED, seed: 11n }));
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(replayed(second.events)).toEqual(replayed(first.events));
    expect(replayed(first.events).length).toBeGreaterThan(3);
  });

  it("carries checked clauses as contracts, and takes back what an input refutes", async () => {
    const client = world.generation(callIn());
    const structuredIntent = intentOf({
      goal: { summary: "the first numbers" },
      signature: { name: "keep", params: [{ name: "xs", type: "list<int>" }], returns: "list<int>" },
      examples: [{ inputs: { xs: [4, 5, 6] }, output: [4, 5, 6] }],
      constraints: [
        {
          id: "c1",
          kind: "POSTCONDITION",
          text: "at most three",
          clauses: ["result.length() <= 3"],
          enforced: "CHECKED",
        },
      ],
    });
    const { events } = await hear(client.generateStream({ structuredIntent, budget: LIMITED, seed: 3n }));
    const response = completedOf(events);
    const taken = events.flatMap(({ event }) => (event.case === "retracted" ? [event.value.digest] : []));
    expect(taken.length).toBeGreaterThan(0);
    expect(taken).not.toContain(response.digest);
    const document = await stored(response.anrfId);
    expect(print(document)).toContain("ensures result.length() <= 3");
    expect(document.spec.constraints[0]?.clauses).toHaveLength(1);
  });

  it("ends with failed DEADLINE_EXCEEDED and the usage where the deadline comes first", async () => {
    const client = world.generation(callIn({ ms: 1_200 }));
    const { events, error } = await hear(
      client.generateStream({ structuredIntent: HARD, budget: ENDLESS, seed: 1n }),
    );
    expect(codeOf(error)).toBe("DEADLINE_EXCEEDED");
    const failed = failedOf(events);
    expect(failed.status?.code).toBe(Code.DEADLINE_EXCEEDED);
    expect(failed.usage?.budgetEnd).toBe(Usage_BudgetEnd.DEADLINE);
  });

  it("ends when CancelGeneration is called, in every reader's stream", async () => {
    const client = world.generation(callIn());
    const stream = client.generateStream({ structuredIntent: HARD, budget: ENDLESS, seed: 1n });
    let cancelling: Promise<{ state: Generation_State }> | undefined;
    const { events, error } = await hear(stream, ({ generationId, event }) => {
      if (event.case === "progress") cancelling ??= client.cancelGeneration({ generationId });
    });
    expect(codeOf(error)).toBe("CANCELLED");
    expect(failedOf(events).usage?.budgetEnd).toBe(Usage_BudgetEnd.CANCELLED);
    expect(failedOf(events).usage?.cpuSeconds).toBeGreaterThan(0);
    expect((await cancelling)?.state).toBe(Generation_State.FAILED);
  });

  it("hears of a cancel in another process", async () => {
    await using elsewhere = await joinWorld(world);
    const client = world.generation(callIn());
    let asked: Promise<unknown> | undefined;
    const { error } = await hear(
      client.generateStream({ structuredIntent: HARD, budget: ENDLESS, seed: 1n }),
      ({ generationId, event }) => {
        if (event.case === "progress")
          asked ??= elsewhere.generation(callIn()).cancelGeneration({ generationId });
      },
    );
    await asked;
    expect(codeOf(error)).toBe("CANCELLED");
  });

  it("ends with a last event when its process stops", async () => {
    const stopping = await joinWorld(world, { ANRF_DRAIN_MS: "100" });
    const client = stopping.generation(callIn());
    let stopped: PromiseLike<void> | undefined;
    const { events, error } = await hear(
      client.generateStream({ structuredIntent: HARD, budget: ENDLESS, seed: 1n }),
      ({ event }) => {
        if (event.case === "progress") stopped ??= stopping[Symbol.asyncDispose]();
      },
    );
    await stopped;
    expect(codeOf(error)).toBe("UNAVAILABLE");
    expect(error && reasonOf(error)).toBe("SHUTTING_DOWN");
    expect(failedOf(events).status?.code).toBe(Code.UNAVAILABLE);
  });

  it("ends with its caller, or goes on where the request survives that", async () => {
    const gone = async (onDisconnect: GenerateRequest_OnDisconnect) => {
      const leave = new AbortController();
      const client = world.generation(callIn({ signal: leave.signal }));
      const budget = { programs: 3_000_000, cpuSeconds: 1.5, wallSeconds: 100 };
      let id = "";
      await hear(
        client.generateStream({ structuredIntent: HARD, budget, onDisconnect, seed: 5n }),
        (event) => {
          id = event.generationId;
          if (event.event.case === "progress") leave.abort();
        },
      );
      return hear(world.generation(callIn()).watchGeneration({ generationId: id }));
    };
    expect(codeOf((await gone(GenerateRequest_OnDisconnect.CANCEL)).error)).toBe("CANCELLED");
    const survivor = await gone(GenerateRequest_OnDisconnect.CONTINUE);
    expect(completedOf(survivor.events).abstainReason).toBe(GenerateResponse_AbstainReason.BUDGET);
  });

  it("lets two generations move at once", async () => {
    const client = world.generation(callIn());
    const stop = new Map<number, string>();
    const both = [1, 2].map((number) =>
      hear(
        client.generateStream({ structuredIntent: HARD, budget: ENDLESS, seed: 1n }),
        ({ generationId, event }) => {
          if (event.case !== "progress" || event.value.programs === 0) return;
          stop.set(number, generationId);
          if (stop.size === 2)
            for (const id of stop.values()) void client.cancelGeneration({ generationId: id });
        },
      ),
    );
    for (const { error } of await Promise.all(both)) expect(codeOf(error)).toBe("CANCELLED");
  });

  it("finishes after its sandbox child was killed, telling nothing twice", async () => {
    const others = searchPids();
    await using fragile = await joinWorld(world);
    const client = fragile.generation(callIn());
    let killed = false;
    const { events, error } = await hear(
      client.generateStream({
        structuredIntent: HARD,
        budget: { programs: 4_000_000, cpuSeconds: 1 },
        seed: 2n,
      }),
      ({ event }) => {
        if (event.case !== "progress" || killed) return;
        killed = true;
        for (const pid of searchPids()) if (!others.includes(pid)) process.kill(pid, "SIGKILL");
      },
    );
    expect(killed).toBe(true);
    expect(error).toBeUndefined();
    expect(cases(events)).toEqual(["started", "completed"]);
  });
});

describe("Generate", () => {
  it("gives the same generation for the same idempotency key, and refuses another request with it", async () => {
    const client = world.generation(callIn());
    const request = { structuredIntent: DOUBLE, budget: LIMITED, idempotencyKey: "the same" };
    const first = await client.generate(request);
    const again = await client.generate(request);
    expect(again.generationId).toBe(first.generationId);
    expect(again.anrfId).toBe(first.anrfId);
    const streamed = await hear(client.generateStream(request));
    expect(completedOf(streamed.events).generationId).toBe(first.generationId);
    await expect(client.generate({ ...request, seed: 9n })).rejects.toMatchObject({
      code: Code.ALREADY_EXISTS,
    });
  });

  it("stores a new version of a program, and finds none for another id", async () => {
    const client = world.generation(callIn());
    const first = await client.generate({ structuredIntent: DOUBLE, budget: LIMITED });
    const next = await client.generate({ structuredIntent: DOUBLE, budget: LIMITED, anrfId: first.anrfId });
    expect([next.anrfId, next.version]).toEqual([first.anrfId, 2]);
    const unknown = client.generate({ structuredIntent: DOUBLE, anrfId: crypto.randomUUID() });
    await expect(unknown).rejects.toMatchObject({ code: Code.NOT_FOUND });
  });

  it("takes the intent of an analysis, with its text as the file's intent", async () => {
    const client = world.generation(callIn());
    const { signature, examples } = DOUBLE;
    const inputText = "Double every number.";
    const { analysisId } = await world
      .intent(callIn())
      .analyzeIntent({ inputText, ...(signature && { signature }), examples });
    const { anrfId, generationId } = await client.generate({ analysisId, budget: LIMITED });
    expect((await stored(anrfId)).spec.intentText).toBe(inputText);
    const listed = await client.listGenerations({ analysisId });
    expect(listed.generations.map((one) => one.generationId)).toEqual([generationId]);
    const unknown = client.generate({ analysisId: crypto.randomUUID() });
    await expect(unknown).rejects.toMatchObject({ code: Code.NOT_FOUND });
  });

  it("checks a request and stops", async () => {
    const client = world.generation(callIn());
    const response = await client.generate({ structuredIntent: DOUBLE, validateOnly: true });
    expect(response.outcome).toBe(GenerateResponse_Outcome.VALIDATED);
    expect(response.generationId).toBe("");
  });

  it("abstains, and stores nothing", async () => {
    const client = world.generation(callIn());
    const signature = { name: "f", params: [{ name: "a", type: "int" }], returns: "int" };
    const abstained = async (json: Parameters<typeof intentOf>[0], minConfidence?: number) => {
      const asked = { structuredIntent: intentOf(json), budget: { programs: 50_000 } };
      const response = await client.generate(
        minConfidence === undefined ? asked : { ...asked, minConfidence },
      );
      expect([response.outcome, response.anrfId]).toEqual([GenerateResponse_Outcome.ABSTAINED, ""]);
      expect(response.abstainDetails).not.toBe("");
      return GenerateResponse_AbstainReason[reasonName(response.abstainReason)];
    };
    const { UNSUPPORTED_TYPE, AMBIGUOUS, BUDGET, BELOW_MIN_CONFIDENCE } = GenerateResponse_AbstainReason;
    expect(await abstained({ signature: { ...signature, returns: "list<decimal>" } })).toBe(UNSUPPORTED_TYPE);
    expect(await abstained({ signature })).toBe(AMBIGUOUS);
    const examples = [
      { inputs: [1], output: 8413 },
      { inputs: [2], output: -7 },
      { inputs: [3], output: 99991 },
      { inputs: [4], output: 5 },
      { inputs: [9], output: 77123 },
    ];
    expect(await abstained({ signature, examples: examples.slice(0, 5) })).toBe(BUDGET);
    const easy = { goal: { summary: "add one" }, signature, examples: [{ inputs: [1], output: 2 }] };
    expect(await abstained(easy, 1)).toBe(BELOW_MIN_CONFIDENCE);
  });

  it("finds a program from words alone, by their hints", async () => {
    const client = world.generation(callIn());
    const structuredIntent = intentOf({
      goal: { summary: "the sum of the numbers", hints: [{ builtin: "list.sum_int", weight: 0.9 }] },
      signature: { name: "total", params: [{ name: "xs", type: "list<int>" }], returns: "int" },
    });
    const { anrfId, outcome } = await client.generate({ structuredIntent, budget: LIMITED });
    expect(outcome).toBe(GenerateResponse_Outcome.ACCEPTED);
    expect(print(await stored(anrfId))).toContain("xs.sum()");
  });

  it.each<[string, Parameters<typeof intentOf>[0], string]>([
    ["no signature", {}, "SIGNATURE_INVALID"],
    [
      "a type that is none",
      { signature: { params: [{ name: "a", type: "lisst<int>" }], returns: "int" } },
      "SIGNATURE_INVALID",
    ],
    [
      "two parameters of one name",
      {
        signature: {
          params: [
            { name: "a", type: "int" },
            { name: "a", type: "int" },
          ],
          returns: "int",
        },
      },
      "SIGNATURE_INVALID",
    ],
    [
      "contradicting examples",
      {
        signature: { params: [{ name: "a", type: "int" }], returns: "int" },
        examples: [
          { inputs: [1], output: 1 },
          { inputs: { a: 1 }, output: 2 },
        ],
      },
      "EXAMPLES_CONTRADICT",
    ],
    [
      "an example of another type",
      {
        signature: { params: [{ name: "a", type: "int" }], returns: "int" },
        examples: [{ inputs: ["x"], output: 1 }],
      },
      "EXAMPLE_INVALID",
    ],
    [
      "a constraint that does not compile",
      {
        signature: { params: [{ name: "a", type: "int" }], returns: "int" },
        constraints: [{ kind: "POSTCONDITION", text: "c", clauses: ["result >"], enforced: "CHECKED" }],
      },
      "CONSTRAINT_INVALID",
    ],
  ])("refuses %s", async (_, json, reason) => {
    const client = world.generation(callIn());
    const error: RpcError = await client.generate({ structuredIntent: intentOf(json) }).then(
      () => expect.fail("it was taken"),
      (thrown: RpcError) => thrown,
    );
    expect(codeOf(error)).toBe("INVALID_ARGUMENT");
    expect(reasonOf(error)).toBe(reason);
  });

  it("holds a key to its limits", async () => {
    const limited = (limits: MessageInitShape<typeof KeyLimitsSchema>) =>
      world.generation({ ...callIn(), client: { ...call.client, limits: create(KeyLimitsSchema, limits) } });
    const refused = (client: ReturnType<typeof limited>, cpuSeconds: number) =>
      client.generate({ structuredIntent: DOUBLE, budget: { cpuSeconds } }).then(
        () => "taken",
        (error: RpcError) => reasonOf(error),
      );
    expect(await refused(limited({ maxCpuSeconds: 3 }), 4)).toBe("LIMIT_TOO_HIGH");
    expect(await refused(limited({ maxCpuSeconds: 3 }), 3)).toBe("taken");
    expect(await refused(limited({ cpuSecondsPerDay: 0 }), 1)).toBe("QUOTA_EXCEEDED");
  });

  it("refuses a budget above the maximum, a model that nobody serves, and a request that says nothing", async () => {
    const client = world.generation(callIn());
    const reasonFor = async (request: Parameters<typeof client.generate>[0]) =>
      client.generate(request).then(
        () => "taken",
        (error: RpcError) => reasonOf(error),
      );
    expect(await reasonFor({ structuredIntent: DOUBLE, budget: { wallSeconds: 1000 } })).toBe(
      "LIMIT_TOO_HIGH",
    );
    expect(await reasonFor({ structuredIntent: DOUBLE, model: "m" })).toBe("RESOURCE_NOT_FOUND");
    expect(await reasonFor({ profile: GenerateRequest_Profile.QUICK })).toBe("FIELD_INVALID");
  });

  it("refuses at once where the wait would be longer than the deadline", async () => {
    await using narrow = await joinWorld(world, { ANRF_GENERATION_WORKERS: "1" });
    const client = narrow.generation(callIn());
    const hasty = () => narrow.generation(callIn({ ms: 1_500 }));
    let refused: ReturnType<typeof hear> | undefined;
    await hear(
      client.generateStream({ structuredIntent: HARD, budget: ENDLESS, seed: 1n }),
      ({ generationId, event }) => {
        if (event.case !== "progress" || refused !== undefined) return;
        refused = hear(hasty().generateStream({ structuredIntent: DOUBLE }));
        void refused.then(() => client.cancelGeneration({ generationId }));
      },
    );
    const heard = await refused;
    expect(heard?.error && reasonOf(heard.error)).toBe("QUEUE_FULL");
    expect(heard?.events).toEqual([]);
  });
});

function reasonName(
  reason: GenerateResponse_AbstainReason | undefined,
): keyof typeof GenerateResponse_AbstainReason {
  const name = Object.entries(GenerateResponse_AbstainReason).find(([, value]) => value === reason)?.[0];
  return (name ?? "ABSTAIN_REASON_UNSPECIFIED") as keyof typeof GenerateResponse_AbstainReason;
}
