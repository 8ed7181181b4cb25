import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Answer_Finish,
  Determinism,
  InferenceService,
  Message_Role,
  NodeModel_State,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { type RpcError, reasonOf } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { tinyModel, tinyModelParts } from "../../tests/gguf.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { type Heard, hear, type Request, TEST_TOPOLOGY } from "../../tests/infer.ts";
import { putModel } from "../../tests/models.ts";
import { target } from "./target.ts";

let system: TestHost;
let inference: Client<typeof InferenceService>;
let client: Call;
let model: string;

/** A call of the client that begins now. */
const now = (): Call => ({ ...client, deadline: Date.now() + 60_000 });

beforeAll(async () => {
  const env = {
    ANRF_MODELS_UNSIGNED: "allow",
    ANRF_INFERENCE_SLOTS: "8",
    ANRF_INFERENCE_CONTEXT_TOKENS: "512",
  };
  system = await startTestHost([target], env, TEST_TOPOLOGY);
  inference = system.host.client(InferenceService, "generation");
  client = await system.newCall();
  model = await putModel(system.objects, { "tiny.gguf": tinyModel() }, { chatFormat: "chatml" });
});
afterAll(() => system?.[Symbol.asyncDispose]());

const conversation = (text: string) => [
  { role: Message_Role.SYSTEM, text: "Short, correct functions and nothing else." },
  { role: Message_Role.USER, text },
];
const ask = (text: string, more: Request = {}): Request => ({
  modelDigest: model,
  messages: conversation(text),
  maxTokens: 24,
  sampling: { seed: 1n },
  ...more,
});
const run = (request: Request, by: Call = now()): Promise<Heard> => hear(inference, request, by);

describe("Infer", () => {
  it("streams tokens with text and logprobs between started and completed", async () => {
    const { events, answers } = await run(ask("add two numbers"));
    expect(events[0]?.event).toMatchObject({
      case: "started",
      value: { modelDigest: model, backend: "cpu", determinism: Determinism.EXACT, notation: "python" },
    });
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at + 1));
    const [said] = answers;
    expect(said?.ids.length).toBeGreaterThan(0);
    expect(said?.logprobs.every((one) => one <= 0 && Number.isFinite(one))).toBe(true);
    expect(said?.text).not.toBe("");
    const last = events.at(-1)?.event;
    if (last?.case !== "completed") throw new Error(`the last event is ${last?.case}`);
    expect(last.value.usage?.tokens).toBe(said?.ids.length);
    expect(last.value.usage?.promptTokens).toBeGreaterThan(20);
  });

  it("gives the same answers alone, again, and beside seven others", async () => {
    const sampling = { temperature: 0.9, topK: 40, topP: 0.95, seed: 11n };
    const requests = Array.from({ length: 8 }, (_, at) =>
      ask(`task ${at}: ${"words ".repeat(at * 3)}`, { sampling: { ...sampling, seed: BigInt(at) } }),
    );
    const alone: Heard[] = [];
    for (const request of requests) alone.push(await run(request));
    const together = await Promise.all(requests.map((request) => run(request)));
    for (const [at, one] of alone.entries()) expect(together[at]?.answers).toEqual(one.answers);
    expect(new Set(alone.map(({ answers }) => answers[0]?.text)).size).toBeGreaterThan(4);
  });

  it("gives the same answers with and without a beginning that was read before", async () => {
    const first = await run(ask("again", { sampling: { temperature: 1, seed: 3n } }));
    // Another beginning in between, in every slot, so that nothing is left of the first.
    await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        run({
          ...ask("other"),
          messages: [{ role: Message_Role.SYSTEM, text: `Beginning number ${at} is another one.` }],
        }),
      ),
    );
    const cold = await run(ask("again", { sampling: { temperature: 1, seed: 3n } }));
    const warm = await run(ask("again", { sampling: { temperature: 1, seed: 3n } }));
    expect(reusedOf(warm)).toBeGreaterThan(reusedOf(cold));
    expect(cold.answers).toEqual(first.answers);
    expect(warm.answers).toEqual(first.answers);
  });

  it("makes n answers of one reading of the prompt, each as it would be alone", async () => {
    const sampling = { temperature: 1.2, seed: 5n, n: 4 };
    const { answers, events } = await run(ask("n answers", { sampling: { ...sampling, greedyFirst: true } }));
    expect(answers).toHaveLength(4);
    const greedy = await run(ask("n answers"));
    expect(answers[0]).toEqual({ ...greedy.answers[0], seed: 5n });
    expect(new Set(answers.map(({ text }) => text)).size).toBeGreaterThan(1);
    for (const [at, answer] of answers.entries()) {
      if (at === 0 || answer.seed === undefined) continue;
      const alone = await run(ask("n answers", { sampling: { ...sampling, n: 1, seed: answer.seed } }));
      expect(alone.answers[0]).toEqual(answer);
    }
    const last = events.at(-1)?.event;
    const made = answers.reduce((sum, { ids }) => sum + ids.length, 0);
    expect(last?.case === "completed" ? last.value.usage?.tokens : -1).toBe(made);
  });

  it("draws another answer for another seed, and none at temperature 0", async () => {
    const hot = async (seed: bigint) =>
      (await run(ask("seeds", { sampling: { temperature: 1.5, seed } }))).answers[0]?.text;
    const cold = async (seed: bigint) => (await run(ask("seeds", { sampling: { seed } }))).answers[0]?.text;
    expect(await hot(1n)).not.toBe(await hot(2n));
    expect(await cold(1n)).toBe(await cold(2n));
  });

  it("ends before a stop text, and says so", async () => {
    const whole = (await run(ask("stop here"))).answers[0];
    const text = whole?.text ?? "";
    const stop = text.slice(6, 9);
    const { answers } = await run(ask("stop here", { stop: ["never seen", stop] }));
    expect(answers[0]).toMatchObject({
      text: text.slice(0, text.indexOf(stop)),
      finish: Answer_Finish.STOP,
    });
  });

  it("ends at max_tokens, and where the context ends", async () => {
    const short = await run(ask("long", { maxTokens: 3 }));
    expect(short.answers[0]).toMatchObject({ finish: Answer_Finish.LENGTH });
    expect(short.answers[0]?.ids).toHaveLength(3);
    const longest = await run(
      ask("x".repeat(380), { maxTokens: 5_000, sampling: { temperature: 3, seed: 8n } }),
    );
    expect(longest.error).toBeUndefined();
    expect(promptOf(longest) + (longest.answers[0]?.ids.length ?? 0)).toBeLessThanOrEqual(512);
  });

  it("goes on from an answer that was begun", async () => {
    const whole = (await run(ask("begin"))).answers[0];
    const begun = [...conversation("begin"), { role: Message_Role.ASSISTANT, text: "fn f(x: int)" }];
    const next = (await run(ask("begin", { messages: begun }))).answers[0];
    expect(next?.text).not.toBe(whole?.text);
  });

  it("never reads words of a message as marks", async () => {
    const plain = await putModel(system.objects, { "tiny.gguf": tinyModel() }, { chatFormat: "plain" });
    const tokens = async (text: string) =>
      promptOf(
        await run({ modelDigest: plain, messages: [{ role: Message_Role.USER, text }], maxTokens: 1 }),
      );
    // As a mark it would be one token; as words it is written out.
    expect(await tokens("a</s>")).toBeGreaterThan((await tokens("a")) + 2);
  });

  it("reads a model that is split into files", async () => {
    const whole = await putModel(system.objects, { "tiny.gguf": tinyModel({ seed: 4 }) });
    const split = await putModel(system.objects, tinyModelParts({ seed: 4 }));
    const one = await run(ask("split", { modelDigest: whole }));
    const two = await run(ask("split", { modelDigest: split }));
    expect(two.error).toBeUndefined();
    expect(two.answers).toEqual(one.answers);
  });

  it.each([32_000, 152_000])("runs a vocabulary of %i tokens", async (vocabulary) => {
    const large = await putModel(system.objects, { "large.gguf": tinyModel({ vocabulary, layers: 1 }) });
    const request = ask("large", {
      modelDigest: large,
      maxTokens: 4,
      sampling: { temperature: 2, seed: 1n },
    });
    const { answers, error } = await run(request);
    expect(error).toBeUndefined();
    expect(answers[0]?.ids.some((id) => id >= 512)).toBe(true);
  });
});

describe("a request that is called off", () => {
  const made = async (): Promise<{ readonly requests: number; readonly tokens: number }> => {
    const text = await system.host.metrics.text();
    const of = (name: string): number =>
      [...text.matchAll(new RegExp(`^gen_ai_client_token_usage_${name}\\{.*"output".*\\} (\\S+)$`, "gm"))]
        .map(([, value]) => Number(value))
        .reduce((sum, value) => sum + value, 0);
    return { requests: of("count"), tokens: of("sum") };
  };

  it("while it decodes makes no more tokens than its reader's window holds", async () => {
    const before = await made();
    const request = ask("cancel", { maxTokens: 400, sampling: { temperature: 3, n: 64, seed: 1n } });
    let read = 0;
    await hear(inference, request, now(), ({ event }) => event.case === "tokens" && ++read === 5);
    await expect.poll(async () => (await made()).requests).toBe(before.requests + 1);
    // 8 may be on their way, and one may be at work when the cancel arrives.
    expect((await made()).tokens - before.tokens).toBeLessThanOrEqual(5 + 8 + 1);
    await idle();
  });

  /** Requests that were called off at work, and those of them after whose cancel at most so many tokens were evaluated. */
  const late = async (most: number): Promise<{ readonly all: number; readonly within: number }> => {
    const text = await system.host.metrics.text();
    const of = (part: string): number =>
      Number(new RegExp(`^anrf_inference_tokens_after_cancel_${part} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
    return { all: of("count"), within: of(`bucket\\{le="${most}"\\}`) };
  };

  it("stops within two tokens, as its process counts", async () => {
    const before = await late(2);
    for (let at = 0; at < 20; at++) {
      const request = ask(`cancel ${at}`, { maxTokens: 400, sampling: { temperature: 3, n: 64, seed: 1n } });
      let read = 0;
      await hear(
        inference,
        request,
        now(),
        ({ event }) => event.case === "tokens" && ++read === 1 + (at % 7),
      );
    }
    await expect.poll(async () => (await late(2)).all).toBe(before.all + 20);
    expect((await late(2)).within).toBe(before.within + 20);
    await idle();
  });

  it("stops within a slice of its prompt, as its process counts", async () => {
    const before = await late(8);
    for (let at = 0; at < 10; at++) {
      const abort = new AbortController();
      const request = ask(`${at}${"y".repeat(250)}`, {
        maxTokens: 200,
        sampling: { temperature: 3, n: 64, seed: 1n },
      });
      await hear(inference, request, { ...now(), signal: abort.signal }, ({ event }) => {
        if (event.case === "progress") abort.abort();
        return false;
      });
    }
    await expect.poll(async () => (await late(8)).all).toBe(before.all + 10);
    expect((await late(8)).within).toBe(before.within + 10);
    await idle();
  });

  it("while its prompt is read makes none, and its neighbours' answers stay as they are", async () => {
    const alone = await run(ask("neighbour", { maxTokens: 60 }));
    const before = await made();
    const neighbour = run(ask("neighbour", { maxTokens: 60 }));
    const abort = new AbortController();
    const request = ask("y".repeat(250), { maxTokens: 200, sampling: { temperature: 3, n: 64, seed: 1n } });
    const long = await hear(inference, request, { ...now(), signal: abort.signal }, ({ event }) => {
      if (event.case === "progress") abort.abort();
      return false;
    });
    expect(long.error?.code).toBe(1);
    expect(long.answers).toEqual([]);
    expect((await neighbour).answers).toEqual(alone.answers);
    await expect.poll(async () => (await made()).requests).toBe(before.requests + 2);
    const others = alone.answers[0]?.ids.length ?? 0;
    // Between the report of a slice and the abort the last slices may be read and a window of tokens made, no more.
    expect((await made()).tokens - before.tokens - others).toBeLessThanOrEqual(8 + 1);
    await idle();
  });

  it("leaves its neighbours as they are, a thousand times and at every moment", async () => {
    const requestOf = (seed: number): Request =>
      ask(`neighbour ${seed}`, { maxTokens: 40, sampling: { temperature: 1.5, n: 2, seed: BigInt(seed) } });
    const checksum = ({ answers }: Heard): string =>
      createHash("sha256")
        .update(JSON.stringify(answers, (_, value) => (typeof value === "bigint" ? `${value}` : value)))
        .digest("hex");
    const alone: string[] = [];
    for (let seed = 0; seed < 4; seed++) alone.push(checksum(await run(requestOf(seed))));
    const moments: Record<string, number> = {};
    for (let round = 0; round < 200; round++) {
      const neighbour = run(requestOf(round % 4));
      const others = Array.from({ length: 5 }, async (_, at) => {
        const abort = new AbortController();
        const isWhole = (round + at) % 7 === 0;
        let tokens = 0;
        const request = ask(`${at}${"y".repeat(40 * at)}`, {
          maxTokens: 400,
          sampling: { temperature: 3, n: 64, seed: BigInt(round) },
        });
        const heard = hear(inference, request, { ...now(), signal: abort.signal }, ({ event }) => {
          if (event.case === "started" && at === 1) abort.abort();
          if (event.case === "progress" && at === 2) abort.abort();
          if (event.case === "tokens" && ++tokens === at * (1 + (round % 3))) {
            // By a reader that leaves, or by one that says so.
            if (isWhole) return true;
            abort.abort();
          }
          return false;
        });
        if (at === 0) abort.abort();
        const last = (await heard).events.at(-1)?.event.case ?? "none";
        moments[last] = (moments[last] ?? 0) + 1;
      });
      expect(checksum(await neighbour)).toBe(alone[round % 4]);
      await Promise.all(others);
    }
    expect(moments["completed"]).toBeUndefined();
    expect(Object.values(moments).reduce((sum, count) => sum + count, 0)).toBe(1_000);
    await idle();
  });

  it("when its reader stops reading holds the decoder back", async () => {
    const request = ask("slow", { maxTokens: 300, sampling: { temperature: 3, n: 8, seed: 1n } });
    const before = await made();
    const events = inference.infer(request, now())[Symbol.asyncIterator]();
    for (let at = 0; at < 4; at++) await events.next();
    // Long enough for hundreds of tokens if nothing held them back; that none came is then no matter of speed.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await events.return?.();
    await expect.poll(async () => (await made()).requests).toBe(before.requests + 1);
    expect((await made()).tokens - before.tokens).toBeLessThanOrEqual(4 + 8 + 1);
  });

  async function idle(): Promise<void> {
    await expect
      .poll(async () => (await inference.getNode({}, now())).models.map(({ running }) => running))
      .toEqual((await inference.getNode({}, now())).models.map(() => 0));
  }
});

describe("what is refused", () => {
  it.each([
    [
      "an unknown model",
      () => ask("x", { modelDigest: `sha256:${"0".repeat(64)}` }),
      5,
      "RESOURCE_NOT_FOUND",
    ],
    ["a digest that is none", () => ask("x", { modelDigest: "sha256:abc" }), 3, "FIELD_INVALID"],
    ["no message", () => ask("x", { messages: [] }), 3, "FIELD_INVALID"],
    ["a prompt over the context", () => ask("z".repeat(3_000)), 3, "PROMPT_TOO_LONG"],
  ])("%s", async (_, request, code, reason) => {
    const { error } = await run(request());
    expect({ code: error?.code, reason: error && reasonOf(error) }).toEqual({ code, reason });
  });

  it("says what to do about a prompt that is too long, as its last event too", async () => {
    const { events, error } = await run(ask("z".repeat(3_000)));
    expect(error?.message).toMatch(/has \d+ tokens and the context holds 512.*shorten it/);
    const last = events.at(-1)?.event;
    expect(last?.case === "failed" ? last.value.status?.message : "").toBe(error?.message);
  });
});

it("shares one context where that is wanted, and says that answers may differ then", async () => {
  const env = { ANRF_MODELS_UNSIGNED: "allow", ANRF_INFERENCE_SHARED_CONTEXT: "true" };
  await using shared = await startTestHost([target], env, TEST_TOPOLOGY);
  const digest = await putModel(shared.objects, { "tiny.gguf": tinyModel() });
  const service = shared.host.client(InferenceService, "generation");
  const by = await shared.newCall();
  const all = await Promise.all(
    Array.from({ length: 12 }, (_, at) => hear(service, ask(`shared ${at}`, { modelDigest: digest }), by)),
  );
  for (const { events, error, answers } of all) {
    expect(error).toBeUndefined();
    expect(answers[0]?.finish).toBeDefined();
    expect(events[0]?.event).toMatchObject({ value: { determinism: Determinism.BEST_EFFORT } });
  }
  expect((await service.getNode({}, by)).models[0]).toMatchObject({ running: 0, queued: 0 });
});

describe("a process that aborts", () => {
  it("takes down only what runs in it; the next request runs in a new one", async () => {
    const normal = await run(ask("after the abort"));
    const pid = async (): Promise<number> =>
      (await inference.getNode({}, now())).models.find((one) => one.modelDigest === model)?.process ?? 0;
    const old = await pid();
    let killed = false;
    const lost = await hear(
      inference,
      ask("lost", { maxTokens: 400, sampling: { temperature: 3, n: 64, seed: 2n } }),
      now(),
      ({ event }) => {
        // What abort() of llama.cpp does to its process.
        if (event.case === "tokens" && !killed) killed = process.kill(old, "SIGABRT");
        return false;
      },
    );
    expect(lost.error).toMatchObject({ code: 14 } satisfies Partial<RpcError>);
    expect(lost.error && reasonOf(lost.error)).toBe("MODEL_LOST");
    expect((await run(ask("after the abort"))).answers).toEqual(normal.answers);
    expect(await pid()).not.toBe(old);
  });

  it("does not fail what had no token yet", async () => {
    const { models } = await inference.getNode({}, now());
    const old = models.find((one) => one.modelDigest === model)?.process ?? 0;
    const fresh = run(ask("fresh", { maxTokens: 4 }));
    process.kill(old, "SIGABRT");
    const { error, answers } = await fresh;
    // Whether the signal or the first token came first is chance; an answer is whole, or its loss is told.
    if (error === undefined) expect(answers[0]?.finish).toBeDefined();
    else expect(reasonOf(error)).toBe("MODEL_LOST");
  });
});

it("tells its node", async () => {
  await run(ask("hello"));
  const node = await inference.getNode({}, now());
  expect(node.backend).toBe("cpu");
  expect(node.models.find((one) => one.modelDigest === model)).toMatchObject({
    state: NodeModel_State.LOADED,
    slots: 8,
    running: 0,
    contextTokens: 512,
    determinism: Determinism.EXACT,
  });
  expect(node.memoryUsed).toBeGreaterThan(0n);
});

function usageOf({ events }: Heard) {
  const last = events.at(-1)?.event;
  return last?.case === "completed" || last?.case === "failed" ? last.value.usage : undefined;
}

const promptOf = (heard: Heard): number => usageOf(heard)?.promptTokens ?? Number.NaN;
const reusedOf = (heard: Heard): number => usageOf(heard)?.reusedTokens ?? Number.NaN;
