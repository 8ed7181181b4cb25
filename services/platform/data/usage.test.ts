import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClient, type TestDatabase, testDatabase } from "../../../tests/database.ts";
import { charge, secondsToNextDay, spent } from "./usage.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

describe("charge", () => {
  it("adds up per key, kind and UTC day, also when many charge at once", async () => {
    const spender = { clientId: await makeClient(database), keyId: randomUUID() };
    const at = new Date("2026-01-31T23:59:59Z");
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        charge(database.db, spender, { fuel: 10n ** 17n, tokens: BigInt(index) }, at),
      ),
    );
    expect(await spent(database.db, spender, "fuel", at)).toBe(2n * 10n ** 18n);
    expect(await spent(database.db, spender, "tokens", at)).toBe(190n);
    expect(await spent(database.db, spender, "cpu_ms", at)).toBe(0n);
    expect(await spent(database.db, spender, "fuel", new Date("2026-02-01T00:00:00Z"))).toBe(0n);
    expect(await spent(database.db, { ...spender, keyId: randomUUID() }, "fuel", at)).toBe(0n);
  });

  it("ignores nothing spent", async () => {
    const spender = { clientId: await makeClient(database), keyId: randomUUID() };
    await charge(database.db, spender, { fuel: 0n }, new Date());
    expect(await spent(database.db, spender, "fuel", new Date())).toBe(0n);
  });
});

describe("secondsToNextDay", () => {
  it.each([
    ["2026-01-31T00:00:00Z", 86_400],
    ["2026-01-31T23:59:59.5Z", 1],
    ["2026-12-31T23:00:00Z", 3_600],
  ])("from %s is %i", (at, seconds) => {
    expect(secondsToNextDay(new Date(at))).toBe(seconds);
  });
});
