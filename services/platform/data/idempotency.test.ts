import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClient, type TestDatabase, testDatabase } from "../../../tests/database.ts";
import { transact } from "./database.ts";
import { claim, IdempotencyConflict, type KeyedRequest, once } from "./idempotency.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (found: Uint8Array): string => new TextDecoder().decode(found);
const never = new AbortController().signal;

let database: TestDatabase;
let clientId = "";
let keys = 0;
beforeAll(async () => {
  database = await testDatabase();
  clientId = await makeClient(database);
});
afterAll(() => database[Symbol.asyncDispose]());

const request = (over: Partial<KeyedRequest> = {}): KeyedRequest => ({
  clientId,
  rpc: "Service/Do",
  key: `key ${++keys}`,
  body: bytes("body"),
  ...over,
});

describe("once", () => {
  it("answers a repeat with the first answer, without doing the work again", async () => {
    const asked = request();
    let done = 0;
    const work = async (): Promise<Uint8Array> => bytes(`answer ${++done}`);
    expect(text(await once(database.db, asked, work, never))).toBe("answer 1");
    expect(text(await once(database.db, asked, work, never))).toBe("answer 1");
    expect(done).toBe(1);
  });

  it("keeps clients and RPCs apart, and requests without a key", async () => {
    const asked = request();
    const other = await makeClient(database);
    const variants = [asked, { ...asked, clientId: other }, { ...asked, rpc: "Service/Else" }];
    const nameless = request({ key: "" });
    let done = 0;
    for (const variant of [...variants, nameless, nameless]) {
      await once(database.db, variant, async () => bytes(`${++done}`), never);
    }
    expect(done).toBe(5);
  });

  it("refuses the key for another body, before and after the answer", async () => {
    const asked = request();
    const open = await claim(database.db, asked);
    expect(open.state).toBe("new");
    const other = { ...asked, body: bytes("other") };
    await expect(claim(database.db, other)).rejects.toThrow(IdempotencyConflict);
    if (open.state === "new") await open.settle(database.db, bytes("answer"));
    await expect(once(database.db, other, async () => bytes("no"), never)).rejects.toThrow(/another body/);
  });

  it("lets repeats that come meanwhile wait for the one at work", async () => {
    const asked = request();
    const start = Promise.withResolvers<void>();
    let done = 0;
    const all = Array.from({ length: 6 }, () =>
      once(
        database.db,
        asked,
        async () => {
          await start.promise;
          return bytes(`answer ${++done}`);
        },
        never,
      ),
    );
    setTimeout(() => start.resolve(), 60);
    expect((await Promise.all(all)).map(text)).toEqual(Array(6).fill("answer 1"));
  });

  it("stops waiting when the caller does", async () => {
    const asked = request();
    await claim(database.db, asked);
    const gone = AbortSignal.timeout(60);
    await expect(once(database.db, asked, async () => bytes("no"), gone)).rejects.toThrow(/timeout/);
  });

  it("forgets work that failed, and what it did in its transaction", async () => {
    const asked = request();
    const failing = once(
      database.db,
      asked,
      (settle) =>
        transact(database.db, async (trx) => {
          await settle(trx, bytes("half"));
          throw new Error("no");
        }),
      never,
    );
    await expect(failing).rejects.toThrow("no");
    expect(text(await once(database.db, asked, async () => bytes("second"), never))).toBe("second");
  });

  it("keeps an answer that became visible together with its change, even if the caller is never told", async () => {
    const asked = request();
    const told = once(
      database.db,
      asked,
      async (settle) => {
        await transact(database.db, (trx) => settle(trx, bytes("kept")));
        throw new Error("connection lost");
      },
      never,
    );
    await expect(told).rejects.toThrow("connection lost");
    expect(text(await once(database.db, asked, async () => bytes("again"), never))).toBe("kept");
  });
});

describe("claim", () => {
  it("passes from a process that died to a repeat, and the dead one cannot answer any more", async () => {
    const asked = request();
    const dead = await claim(database.db, asked, { leaseMs: 1 });
    await sql`select pg_sleep(0.02)`.execute(database.db);
    const next = await claim(database.db, asked);
    expect([dead.state, next.state]).toEqual(["new", "new"]);
    if (dead.state !== "new" || next.state !== "new") return;
    await expect(dead.settle(database.db, bytes("late"))).rejects.toThrow(/claim ran out/);
    await dead.release();
    expect((await claim(database.db, asked)).state).toBe("running");
    await next.settle(database.db, bytes("answer"));
    expect(await claim(database.db, asked)).toMatchObject({ state: "done" });
  });

  it("is free again for any body when its day has passed", async () => {
    const asked = request();
    await once(database.db, asked, async () => bytes("old"), never, { keepMs: 1 });
    await sql`select pg_sleep(0.02)`.execute(database.db);
    expect((await claim(database.db, { ...asked, body: bytes("new") })).state).toBe("new");
  });
});
