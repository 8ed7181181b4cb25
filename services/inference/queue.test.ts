import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InferenceService, Message_Role } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { reasonOf } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { tinyModel } from "../../tests/gguf.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { type Heard, hear, type Request, TEST_TOPOLOGY } from "../../tests/infer.ts";
import { putModel } from "../../tests/models.ts";
import { target } from "./target.ts";

let system: TestHost;
let inference: Client<typeof InferenceService>;
let model: string;

beforeAll(async () => {
  const env = { ANRF_MODELS_UNSIGNED: "allow", ANRF_INFERENCE_SLOTS: "1" };
  system = await startTestHost([target], env, TEST_TOPOLOGY);
  inference = system.host.client(InferenceService, "generation");
  model = await putModel(system.objects, { "tiny.gguf": tinyModel() });
  await short(await system.newCall());
});
afterAll(() => system?.[Symbol.asyncDispose]());

const request = (maxTokens: number, n = 1): Request => ({
  modelDigest: model,
  messages: [{ role: Message_Role.USER, text: "queue" }],
  maxTokens,
  sampling: { temperature: 3, n, seed: 1n },
});
const short = (call: Call): Promise<Heard> => hear(inference, request(4), call);

/** Takes the only slot until it is let go. */
async function hold(call: Call): Promise<AsyncDisposable> {
  const events = inference.infer(request(1_000, 64), call)[Symbol.asyncIterator]();
  for (let next = await events.next(); next.value?.event.case !== "tokens"; ) next = await events.next();
  return {
    [Symbol.asyncDispose]: async () => {
      await events.return?.();
    },
  };
}

const waiting = async (): Promise<number> =>
  (await inference.getNode({}, await system.newCall())).models[0]?.queued ?? -1;

describe("a queue", () => {
  it("tells a request its position, and runs it when its turn has come", async () => {
    const call = await system.newCall();
    const held = await hold(call);
    const first = short(call);
    await expect.poll(waiting).toBe(1);
    const second = short(call);
    await expect.poll(waiting).toBe(2);
    await held[Symbol.asyncDispose]();
    const positions = (heard: Heard): number[] =>
      heard.events.flatMap(({ event }) => (event.case === "queued" ? [event.value.position] : []));
    expect(positions(await first)).toEqual([0]);
    expect(positions(await second)).toEqual([1]);
    for (const { events } of [await first, await second]) expect(events.at(-1)?.event.case).toBe("completed");
  });

  it("refuses at once what has no room, with a time to come again", async () => {
    const call = await system.newCall();
    await using _ = await hold(call);
    const abort = new AbortController();
    const fill = Array.from({ length: 4 }, () => short({ ...call, signal: abort.signal }));
    await expect.poll(waiting).toBe(4);
    const { error, events } = await short(call);
    expect(error?.code).toBe(8);
    expect(error && reasonOf(error)).toBe("QUEUE_FULL");
    expect(events).toEqual([]);
    abort.abort();
    for (const { error: ended } of await Promise.all(fill)) expect(ended?.code).toBe(1);
    expect(await waiting()).toBe(0);
  });

  it("lets clients take turns", async () => {
    const [many, one] = [await system.newCall(), await system.newCall()];
    const held = await hold(many);
    const order: string[] = [];
    const noted = async (name: string, call: Call): Promise<void> => {
      await short(call);
      order.push(name);
    };
    const all = [noted("many 1", many), noted("many 2", many), noted("many 3", many)];
    await expect.poll(waiting).toBe(3);
    all.push(noted("one", one));
    await expect.poll(waiting).toBe(4);
    await held[Symbol.asyncDispose]();
    await Promise.all(all);
    expect(order).toEqual(["many 1", "one", "many 2", "many 3"]);
  });

  it("ends a request at its deadline with a last event, wherever it is", async () => {
    const call = await system.newCall();
    await using _ = await hold(call);
    const { error, events } = await hear(inference, request(4), { ...call, deadline: Date.now() + 700 });
    expect(error?.code).toBe(4);
    const last = events.at(-1)?.event;
    expect(last?.case === "failed" ? last.value.status?.code : undefined).toBe(4);
    expect(await waiting()).toBe(0);
  });

  it("keeps requests apart through a thousand cancels", async () => {
    const call = await system.newCall();
    const right = (await short(call)).answers;
    let whole = 0;
    for (let round = 0; round < 250; round++) {
      const abort = new AbortController();
      const cancelled = Array.from({ length: 4 }, () => short({ ...call, signal: abort.signal }));
      if (round % 3 !== 0) await Promise.resolve();
      abort.abort();
      const kept = await short(call);
      if (kept.error === undefined) {
        whole++;
        expect(kept.answers).toEqual(right);
      }
      await Promise.all(cancelled);
    }
    expect(whole).toBeGreaterThan(200);
    expect(await waiting()).toBe(0);
  });
});
