import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import { processEnv } from "#platform/process/env.ts";
import type { Call } from "#platform/rpc/call.ts";
import { hear, intentOf, makeWorld, replayed, type World } from "../../tests/generation.ts";
import { tinyModel } from "../../tests/gguf.ts";
import { putFiles } from "../../tests/models.ts";
import { target as inferenceTarget } from "../inference/target.ts";
import { target as modelsTarget } from "../models/target.ts";

const env = processEnv();
const GENERATIONS = (env["ANRF_FULL"] ?? "") === "" ? 16 : 200;
const AT_ONCE = 8;
const PATH = env["ANRF_TEST_GGUF"] ?? "";
const isReal = existsSync(PATH);

/** What is asked for; the seed tells the generations of one task apart. */
const TASKS = [
  ["the number of vowels of a word", "word", "string", "int", "banana", 3],
  ["every number doubled", "xs", "list<int>", "list<int>", [1, 4], [2, 8]],
  ["the digits of a number, added", "n", "int", "int", 123, 6],
  ["the words of a text in reverse order", "text", "string", "string", "a bc", "bc a"],
  ["the largest difference between neighbours", "xs", "list<int>", "int", [1, 5, 2], 4],
] as const;

let world: World;
let call: Call;
beforeAll(async () => {
  world = await makeWorld(
    {
      ANRF_MODELS_UNSIGNED: "allow",
      ANRF_INFERENCE_BACKEND: "cpu",
      ANRF_INFERENCE_SLOTS: String(AT_ONCE),
      ANRF_INFERENCE_CONTEXT_TOKENS: "1024",
      ANRF_GENERATION_WORKERS: String(AT_ONCE),
    },
    [modelsTarget, inferenceTarget],
  );
  call = await world.system.newCall();
  const source = isReal ? { [basename(PATH)]: PATH } : { "tiny.gguf": tinyModel({ vocabulary: 2_000 }) };
  const files = await putFiles(world.system.objects, source);
  const models = world.system.host.client(ModelService, "edge");
  await models.importModel(
    { name: "exact", files, card: { notation: "python", chatFormat: "chatml" } },
    call,
  );
}, 120_000);
afterAll(() => world?.[Symbol.asyncDispose]());

/** The checksum of all that a generation told, passing events aside. */
async function told(index: number): Promise<string> {
  const [summary, name, type, returns, input, output] = TASKS[index % TASKS.length] ?? TASKS[0];
  const structuredIntent = intentOf({
    goal: { summary },
    signature: { name: "f", params: [{ name, type }], returns },
    examples: [{ inputs: { [name]: input }, output }],
  } as Parameters<typeof intentOf>[0]);
  const { events, error } = await hear(
    world.generation({ ...call, deadline: Date.now() + 280_000 }).generateStream({
      structuredIntent,
      budget: { programs: 100_000, tokens: 96, wallSeconds: 280 },
      seed: BigInt(index),
      pace: 1024,
    }),
  );
  if (error !== undefined) throw error;
  const tokens = events.filter(({ event }) => event.case === "token").length;
  if (tokens < 8) throw new Error(`generation ${index} told of ${tokens} tokens alone`);
  return createHash("sha256")
    .update(JSON.stringify(replayed(events)))
    .digest("hex");
}

describe(`${GENERATIONS} generations with ${isReal ? basename(PATH) : "random weights"}`, () => {
  it("tell the same one by one and eight at once", { timeout: 3_600_000 }, async () => {
    const alone: string[] = [];
    for (let index = 0; index < GENERATIONS; index++) alone.push(await told(index));
    const together: string[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let index = next++; index < GENERATIONS; index = next++) together[index] = await told(index);
      }),
    );
    expect(together).toEqual(alone);
    expect(new Set(alone).size).toBe(GENERATIONS);
  });
});
