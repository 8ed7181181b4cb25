import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Generation_State, Usage_BudgetEnd } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { reasonOf } from "#platform/rpc/error.ts";
import {
  cases,
  codeOf,
  completedOf,
  DOUBLE,
  HARD,
  hear,
  joinWorld,
  LIMITED,
  makeWorld,
  type World,
} from "../../tests/generation.ts";
import { sweepOrphans } from "./runs/lease.ts";

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
describe("WatchGeneration", () => {
  it("goes on after every sequence, from memory and from the database", async () => {
    const client = world.generation(callIn());
    const { events } = await hear(
      client.generateStream({ structuredIntent: DOUBLE, budget: LIMITED, seed: 7n }),
    );
    const generationId = events[0]?.generationId ?? "";
    expect(completedOf(events).anrfId).not.toBe("");
    await using elsewhere = await joinWorld(world);
    const follower = elsewhere.generation(callIn());
    const whole = await hear(follower.watchGeneration({ generationId }));
    expect(whole.events.map((event) => event.sequence)).toEqual(whole.events.map((_, index) => index + 1));
    for (let afterSequence = 1; afterSequence <= whole.events.length; afterSequence++) {
      const rest = await hear(follower.watchGeneration({ generationId, afterSequence }));
      expect(rest.error).toBeUndefined();
      expect(rest.events).toEqual(whole.events.slice(afterSequence));
    }
    const past = await hear(
      follower.watchGeneration({ generationId, afterSequence: whole.events.length + 1 }),
    );
    expect(past.error && reasonOf(past.error)).toBe("SEQUENCE_OUT_OF_RANGE");
  });

  it("follows a generation of another process while it runs", async () => {
    const client = world.generation(callIn());
    await using elsewhere = await joinWorld(world);
    const follower = elsewhere.generation(callIn());
    let following: ReturnType<typeof hear> | undefined;
    const budget = { programs: 900_000_000, cpuSeconds: 1, wallSeconds: 100 };
    const { events } = await hear(
      client.generateStream({ structuredIntent: HARD, budget, seed: 1n }),
      ({ generationId }) => {
        following ??= hear(follower.watchGeneration({ generationId }));
      },
    );
    const followed = await following;
    expect(followed && cases(followed.events)).toEqual(cases(events));
  });

  it("shows a generation to its own client alone", async () => {
    const client = world.generation(callIn());
    const { generationId } = await client.generate({ structuredIntent: DOUBLE, budget: LIMITED });
    const stranger = world.generation(await world.system.newCall());
    const asked = [
      () => stranger.getGeneration({ generationId }),
      () => stranger.cancelGeneration({ generationId }),
      async () => {
        const { error } = await hear(stranger.watchGeneration({ generationId }));
        throw error;
      },
    ];
    for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code: Code.NOT_FOUND });
    expect((await stranger.listGenerations({})).generations).toEqual([]);
    expect((await client.getGeneration({ generationId })).generation?.state).toBe(Generation_State.COMPLETED);
  });
});

describe("the sweeper", () => {
  it("ends a generation whose process is gone", async () => {
    const client = world.generation(callIn());
    const id = crypto.randomUUID();
    await world.system.database.db
      .insertInto("generations")
      .values({
        id,
        client_id: call.client.clientId,
        state: "RUNNING",
        owner: "a process that died",
        seed: 1n,
        params: "{}",
        lease_time: sql`now() - interval '1 second'`,
      })
      .execute();
    expect(await sweepOrphans(world.system.database)).toBeGreaterThanOrEqual(1);
    const { events, error } = await hear(client.watchGeneration({ generationId: id }));
    expect(codeOf(error)).toBe("UNAVAILABLE");
    expect(error && reasonOf(error)).toBe("GENERATION_ORPHANED");
    expect(cases(events)).toEqual(["failed"]);
  });

  it("leaves alone a generation whose lease is renewed", async () => {
    await using hasty = await joinWorld(world, { ANRF_GENERATION_LEASE_MS: "1000" });
    const client = hasty.generation(callIn());
    const budget = { programs: 900_000_000, cpuSeconds: 1, wallSeconds: 100 };
    const sweeping = setInterval(() => void sweepOrphans(world.system.database), 300);
    const { events } = await hear(client.generateStream({ structuredIntent: HARD, budget, seed: 1n }));
    clearInterval(sweeping);
    expect(completedOf(events).usage?.budgetEnd).toBe(Usage_BudgetEnd.TIME);
  });
});
