import { describe, expect, it } from "vitest";
import { KeyCache } from "./key-cache.ts";
import type { KeyRow } from "./store.ts";

const row = (keyId: string, name = ""): KeyRow => ({
  keyId,
  clientId: "client",
  clientName: "client",
  disableTime: undefined,
  name,
  secretSha256: new Uint8Array(32),
  scopes: new Set(),
  tier: "basic",
  limits: undefined,
  createTime: new Date(0),
  expireTime: undefined,
  revokeTime: undefined,
  lastUsedTime: undefined,
});

/** A database of keys that counts its reads, can be away and can hang, and a clock that a test moves. */
const world = () => {
  const state = { now: 0, reads: 0, isAway: false, hangs: false, name: "first" };
  const cache = (capacity?: number): KeyCache =>
    new KeyCache({
      now: () => state.now,
      find: async (keyId) => {
        state.reads++;
        await new Promise((resolve) => setImmediate(resolve));
        if (state.hangs) await new Promise(() => {});
        if (state.isAway) throw new Error("the database is away");
        return keyId.startsWith("unknown") ? undefined : row(keyId, state.name);
      },
      patienceMs: 20,
      ...(capacity === undefined ? {} : { capacity }),
    });
  return { state, cache };
};

describe("KeyCache", () => {
  it("reads each key once, however many ask at once", async () => {
    const { state, cache } = world();
    const keys = cache();
    const found = await Promise.all(
      Array.from({ length: 1_200 }, (_, index) => keys.get(`key ${index % 50}`)),
    );
    expect(found.map((one) => one?.keyId)).toEqual(
      Array.from({ length: 1_200 }, (_, index) => `key ${index % 50}`),
    );
    expect(state.reads).toBe(50);
  });

  it("believes an answer for 8 seconds, that there is no such key too", async () => {
    const { state, cache } = world();
    const keys = cache();
    for (const now of [0, 5_000, 7_999]) {
      state.now = now;
      expect([(await keys.get("key"))?.name, await keys.get("unknown")]).toEqual(["first", undefined]);
    }
    expect(state.reads).toBe(2);
    state.now = 8_000;
    state.name = "second";
    expect((await keys.get("key"))?.name).toBe("second");
    expect(state.reads).toBe(3);
  });

  it("lets old answers serve up to five minutes while the database is away, and then says so", async () => {
    const { state, cache } = world();
    const keys = cache();
    await keys.get("key");
    state.isAway = true;
    state.now = 299_999;
    expect((await keys.get("key"))?.name).toBe("first");
    await expect(keys.get("another")).rejects.toThrow("away");
    state.now = 300_000;
    await expect(keys.get("key")).rejects.toThrow("away");
    state.isAway = false;
    expect((await keys.get("key"))?.name).toBe("first");
  });

  it("does not make callers wait for a database that hangs if it knows an answer", async () => {
    const { state, cache } = world();
    const keys = cache();
    await keys.get("key");
    state.hangs = true;
    state.now = 20_000;
    expect((await keys.get("key"))?.name).toBe("first");
  });

  it("forgets a key that changed, and what a read under way saw of it", async () => {
    const { state, cache } = world();
    const keys = cache();
    const before = keys.get("key");
    keys.forget("key");
    state.name = "second";
    await before;
    expect((await keys.get("key"))?.name).toBe("second");
    keys.forget("key");
    state.name = "third";
    expect((await keys.get("key"))?.name).toBe("third");
  });

  it("keeps the keys that were used last", async () => {
    const { state, cache } = world();
    const keys = cache(3);
    for (const id of ["a", "b", "c", "a", "d"]) await keys.get(id);
    expect(state.reads).toBe(4);
    for (const id of ["a", "c", "d"]) await keys.get(id);
    expect(state.reads).toBe(4);
    await keys.get("b");
    expect(state.reads).toBe(5);
  });
});
