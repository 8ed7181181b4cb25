import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  GenerateResponse_Outcome,
  type GenerationEvent,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import {
  codeOf,
  completedOf,
  hear,
  intentOf,
  makeWorld,
  replayed,
  type World,
} from "../../tests/generation.ts";
import { type ScriptedModel, scriptedModel } from "../../tests/model-doubles.ts";

let world: World;
let model: ScriptedModel;
let call: Call;
beforeAll(async () => {
  model = scriptedModel({ answer: () => "" });
  world = await makeWorld({}, model.targets);
  call = await world.system.newCall();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  model.script = { answer: () => RIGHT };
  Object.assign(model.counts, { tokens: 0, late: 0, requests: 0, ended: 0 });
});

/** Nothing that a small search finds: words and one example do not say it. */
const STEPS = intentOf({
  goal: { summary: "count the steps of Collatz" },
  signature: { name: "steps", params: [{ name: "n", type: "int" }], returns: "int" },
  examples: [{ inputs: { n: 27 }, output: 111 }],
});
const RIGHT =
  "    count = 0\n    while n > 1:\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n        count += 1\n    return count\n";
const WRONG = "    return n * 4\n";
const NOT_PYTHON = "    class A: pass\n    return A\n";
const BUDGET = { programs: 200_000 };

const callIn = (changes: { readonly signal?: AbortSignal } = {}): Call => ({
  ...call,
  deadline: Date.now() + 60_000,
  ...changes,
});
const ask = (seed = 1n, more: object = {}) =>
  hear(
    world
      .generation(callIn())
      .generateStream({ structuredIntent: STEPS, budget: BUDGET, seed, pace: 1024, ...more }),
  );
const written = (events: readonly GenerationEvent[]): string =>
  events
    .flatMap(({ event }) => (event.case === "token" ? [new TextDecoder().decode(event.value.text)] : []))
    .join("");

describe("a model beside the search", () => {
  it("streams what it writes, and its program is judged, verified and stored", async () => {
    const { events, error } = await ask();
    expect(error).toBeUndefined();
    const [first] = events;
    const lanes = first?.event.case === "started" ? first.event.value.lanes : [];
    expect(lanes.find(({ name }) => name === "llm")).toMatchObject({ enabled: true, version: "scripted@1" });
    expect(written(events)).toContain(`def steps(n: int) -> int:\n${RIGHT}`);
    const lanesOfCandidates = events.flatMap(({ event }) =>
      event.case === "candidate" ? [event.value.lane] : [],
    );
    expect(lanesOfCandidates).toContain("llm");
    const response = completedOf(events);
    expect(response.outcome).toBe(GenerateResponse_Outcome.ACCEPTED);
    expect(response.usage?.tokens).toBe(model.counts.tokens);
    expect(response.confidence?.calibration?.explanation).toContain("no calibration table covers scripted@1");
    const { digest, annotations } = await world.stored(response.anrfId, response.version, callIn());
    expect(digest).toBe(response.digest);
    expect(annotations.evidence?.modelDigests).toHaveLength(1);
    // Three samples that behave alike are enough.
    expect(model.counts).toMatchObject({ requests: 1, ended: 1 });
  });

  it("takes the kind of program that most samples are of, not the first", async () => {
    const early = "    return 111\n";
    model.script = { answer: (index) => (index === 0 ? early : index % 2 === 1 ? NOT_PYTHON : RIGHT) };
    const { events } = await ask();
    const response = completedOf(events);
    expect(response.outcome).toBe(GenerateResponse_Outcome.ACCEPTED);
    expect(response.pseudocode).not.toMatch(/^.*111\.?$/);
    expect(response.alternatives.length).toBeGreaterThan(0);
  });

  it("sends the nearest sample back with what is wrong with it", async () => {
    const asked: string[] = [];
    model.script = {
      answer: (_index, { messages }) => {
        asked.push(messages.map(({ text }) => text).join("\n"));
        return messages.length > 3 ? RIGHT : WRONG;
      },
    };
    const { events } = await ask();
    expect(completedOf(events).outcome).toBe(GenerateResponse_Outcome.ACCEPTED);
    expect(asked.at(-1)).toContain("steps(27) gives 108, but it should give 111.");
    expect(model.counts.requests).toBe(2);
  });

  it("gives the same events for the same seed, however slow the model and the search are", async () => {
    model.script = {
      answer: (index, { messages }) =>
        [WRONG, RIGHT, NOT_PYTHON, RIGHT, "    return 111\n", RIGHT, WRONG, RIGHT][
          (index + messages.length) % 8
        ] ?? RIGHT,
      delayMs: () => Math.random() * 3,
    };
    const alone = replayed((await ask(5n)).events);
    expect(alone.filter((text) => text.includes('"token"')).length).toBeGreaterThan(20);
    for (let round = 0; round < 3; round++) {
      const together = await Promise.all(Array.from({ length: 4 }, () => ask(5n)));
      for (const { events } of together) expect(replayed(events)).toEqual(alone);
    }
  });

  it("stops writing when its reader goes away", async () => {
    model.script = { answer: () => `${"    n = n + 1\n".repeat(2_000)}    return n\n`, delayMs: () => 1 };
    const gone = new AbortController();
    const client = world.generation(callIn({ signal: gone.signal }));
    let heard = 0;
    await hear(
      client.generateStream({ structuredIntent: STEPS, budget: { programs: 1_000 }, seed: 1n }),
      (event) => {
        if (event.event.case === "token" && ++heard === 5) gone.abort();
      },
    );
    await expect.poll(() => model.counts.ended, { timeout: 20_000 }).toBe(1);
    expect(model.counts.late).toBeLessThanOrEqual(2);
  });

  it("goes on without a model that breaks off, and says so", async () => {
    model.script = { answer: () => RIGHT, failAfter: 3 };
    const double = intentOf({
      goal: { summary: "twice every number" },
      signature: { name: "twice", params: [{ name: "xs", type: "list<int>" }], returns: "list<int>" },
      examples: [{ inputs: { xs: [1, 2, 5] }, output: [2, 4, 10] }],
    });
    const { events } = await ask(1n, { structuredIntent: double });
    const response = completedOf(events);
    expect(response.outcome).toBe(GenerateResponse_Outcome.ACCEPTED);
    expect(response.warnings.join()).toContain("the model scripted@1 gave up: the node went away");
  });

  it("tries the model's types where nobody said any, and says so", async () => {
    const intent = intentOf({
      goal: { summary: "how long the longest one is" },
      signature: {
        name: "longest",
        params: [{ name: "n", type: "int", source: "DEFAULT", certainty: 0.3 }],
        returns: "int",
        returnsSource: "DEFAULT",
      },
    });
    model.script = {
      answer: (_, { messages }) =>
        messages.at(-1)?.text.endsWith("def longest(") === true
          ? "words: list[str]) -> int"
          : "    return max([len(word) for word in words], default=0)\n",
    };
    const { events, error } = await ask(3n, { structuredIntent: intent });
    expect(error).toBeUndefined();
    const response = completedOf(events);
    expect(response.outcome).toBe(GenerateResponse_Outcome.ACCEPTED);
    expect(response.warnings.join()).toContain("longest(words: list<string>) -> int");
    expect(response.usage?.tokens).toBe(model.counts.tokens);
    const { module } = await world.stored(response.anrfId, response.version, callIn());
    expect(module.functions[module.entry]?.paramCount).toBe(1);
    expect(written(events)).toContain("def longest(words: list[str]) -> int:");
    expect(replayed((await ask(3n, { structuredIntent: intent })).events)).toEqual(replayed(events));
  });

  it("keeps the types of the words where the model gives none", async () => {
    const intent = intentOf({
      goal: { summary: "twice a number" },
      signature: {
        name: "twice",
        params: [{ name: "n", type: "int", source: "PHRASE", certainty: 0.7 }],
        returns: "int",
        returnsSource: "DEFAULT",
      },
    });
    model.script = {
      answer: (_, { messages }) =>
        messages.at(-1)?.text.endsWith("def twice(") === true ? "n)" : "    return 2 * n\n",
    };
    const { events } = await ask(3n, { structuredIntent: intent });
    expect(completedOf(events).warnings.join()).not.toContain("types");
    expect(written(events)).toContain("def twice(n: int) -> int:");
  });

  it("leaves the model out where it is not wanted or has nothing to read", async () => {
    const lane = (events: readonly GenerationEvent[]) => {
      const [first] = events;
      return first?.event.case === "started"
        ? first.event.value.lanes.find(({ name }) => name === "llm")
        : undefined;
    };
    expect(lane((await ask(1n, { model: "none" })).events)?.reason).toBe("no model is wanted");
    const mute = { budget: { ...BUDGET, tokens: 0 } };
    expect(lane((await ask(1n, mute)).events)?.reason).toBe("the budget has no tokens");
    const wordless = intentOf({
      signature: { name: "f", params: [{ name: "n", type: "int" }], returns: "int" },
      examples: [{ inputs: { n: 2 }, output: 4 }],
    });
    expect(lane((await ask(1n, { structuredIntent: wordless })).events)?.reason).toContain("no words");
    expect(model.counts.tokens).toBe(0);
  });

  it("finds no model of another name", async () => {
    const client = world.generation(callIn());
    const asked = { structuredIntent: STEPS, budget: BUDGET };
    const codeWith = async (name: string): Promise<string> =>
      codeOf((await hear(client.generateStream({ ...asked, model: name }))).error);
    expect(await codeWith("other@1")).toBe("NOT_FOUND");
    expect(await codeWith("a@b@c")).toBe("INVALID_ARGUMENT");
  });
});
