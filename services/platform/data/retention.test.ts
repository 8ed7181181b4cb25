import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClient, type TestDatabase, testDatabase } from "../../../tests/database.ts";
import { transact } from "./database.ts";
import { appendEvents } from "./outbox.ts";
import { DEFAULT_RETENTION, SWEPT, sweepExpired } from "./retention.ts";

let database: TestDatabase;
let client = "";
beforeAll(async () => {
  database = await testDatabase();
  client = await makeClient(database);
});
afterAll(() => database[Symbol.asyncDispose]());

const DAY = 24 * 60 * 60 * 1000;
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY);
const never = new AbortController().signal;

const intent = (days: number): Promise<string> => {
  const row = {
    id: randomUUID(),
    client_id: client,
    input_text: "",
    language_tag: "",
    structured: "{}",
    constraints: "[]",
  };
  return database.db
    .insertInto("intents")
    .values({ ...row, create_time: daysAgo(days) })
    .returning("id")
    .executeTakeFirstOrThrow()
    .then(({ id }) => id);
};
const generation = (days: number, ended: boolean, intentId: string): Promise<string> =>
  database.db
    .insertInto("generations")
    .values({
      id: randomUUID(),
      client_id: client,
      intent_id: intentId,
      state: ended ? "DONE" : "RUNNING",
      seed: 1n,
      params: "{}",
      create_time: daysAgo(days),
      end_time: ended ? daysAgo(days) : null,
    })
    .returning("id")
    .executeTakeFirstOrThrow()
    .then(({ id }) => id);

describe("sweepExpired", () => {
  it("deletes what is older than its days, in batches, and keeps the rest", async () => {
    const kept = await intent(DEFAULT_RETENTION.intents - 1);
    const old = await intent(DEFAULT_RETENTION.intents + 1);
    const unfinished = await generation(400, false, old);
    const finished = await generation(400, true, kept);
    await database.db
      .insertInto("generation_logs")
      .values({
        generation_id: finished,
        first_sequence: 1,
        last_sequence: 2,
        client_id: client,
        events: Buffer.of(1),
      })
      .execute();
    await transact(database.db, (trx) =>
      appendEvents(
        trx,
        Array.from({ length: 1_203 }, () => ({ clientId: client, type: "t", data: { a: 1 } })),
      ),
    );
    await database.db
      .updateTable("outbox")
      .set({ create_time: daysAgo(8) })
      .where("id", "<=", 1_201n)
      .execute();
    const swept = await sweepExpired(database.db, {}, SWEPT, never);
    expect(swept).toMatchObject({ intents: 1, generations: 1, outbox: 1_201, executions: 0 });
    expect((await database.db.selectFrom("intents").select("id").execute()).map((row) => row.id)).toEqual([
      kept,
    ]);
    const left = await database.db.selectFrom("generations").select(["id", "intent_id"]).execute();
    expect(left).toEqual([{ id: unfinished, intent_id: null }]);
    expect(await database.db.selectFrom("generation_logs").selectAll().execute()).toEqual([]);
  });

  it("obeys the operator's days, 0 for ever, and the list of tables", async () => {
    const id = await intent(80);
    await sweepExpired(database.db, { intents: 0 }, SWEPT, never);
    await sweepExpired(database.db, { intents: 1 }, ["outbox"], never);
    expect(await database.db.selectFrom("intents").select("id").where("id", "=", id).execute()).toHaveLength(
      1,
    );
    expect(await sweepExpired(database.db, { intents: 79 }, ["intents"], never)).toMatchObject({
      intents: 1 + 1,
    });
  });

  it("stops when told to", async () => {
    await intent(1_000);
    expect(await sweepExpired(database.db, {}, SWEPT, AbortSignal.abort())).toMatchObject({ intents: 0 });
  });
});
