import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../tests/database.ts";
import { transact } from "./database.ts";
import { addJob, startJobs } from "./jobs.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const said: string[] = [];
const log = {
  warn: (_fields: object, message: string): void => void said.push(message),
  error: (_fields: object, message: string): void => void said.push(message),
};

/** A task that keeps its payloads and lets a test wait for the n-th. */
const recorder = (fail: (payload: unknown) => boolean = () => false) => {
  const seen: unknown[] = [];
  const waiters: { count: number; resolve: () => void }[] = [];
  return {
    seen,
    until: (count: number) =>
      new Promise<void>((resolve) => (seen.length >= count ? resolve() : waiters.push({ count, resolve }))),
    run: async (payload: unknown): Promise<void> => {
      seen.push(payload);
      for (const waiter of waiters) if (seen.length >= waiter.count) waiter.resolve();
      if (fail(payload)) throw new Error("fails on purpose");
    },
  };
};

describe("startJobs", () => {
  it("runs a job that was committed, with its payload, and none that was rolled back", async () => {
    const task = recorder();
    await using _running = startJobs(database, { mail: task }, log);
    await transact(database.db, async (trx) => {
      await addJob(trx, "mail", { to: "nobody" });
      throw new Error("undone");
    }).catch(() => {});
    await transact(database.db, (trx) => addJob(trx, "mail", { to: "somebody" }));
    await task.until(1);
    expect(task.seen).toEqual([{ to: "somebody" }]);
  });

  it("keeps one waiting job per key", async () => {
    const at = new Date(Date.now() + 60 * 60 * 1000);
    for (const version of [1, 2, 3])
      await addJob(database.db, "later", { version }, { key: "one", runAt: at });
    const found = await sql<{ payload: unknown }>`select j.payload from graphile_worker._private_jobs j
      where key = 'one'`.execute(database.db);
    expect(found.rows).toEqual([{ payload: { version: 3 } }]);
  });

  it("tries a job that failed again, not at once", async () => {
    const task = recorder(() => true);
    const jobs = startJobs(database, { fails: task }, log);
    await addJob(database.db, "fails", null, { maxAttempts: 3 });
    await task.until(1);
    await jobs[Symbol.asyncDispose]();
    const found = await sql<{ attempts: number; later: boolean }>`select attempts, run_at > now() as later
      from graphile_worker.jobs where task_identifier = 'fails'`.execute(database.db);
    expect(found.rows).toEqual([{ attempts: 1, later: true }]);
  });

  it("sweeps again and again, failures included, until it is disposed", async () => {
    const task = recorder(() => true);
    const jobs = startJobs(database, { sweep: { ...task, everyMs: 5 } }, log);
    await task.until(3);
    await jobs[Symbol.asyncDispose]();
    const count = task.seen.length;
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(task.seen).toHaveLength(count);
    expect(said).toContain("sweep failed; it runs again at its next turn");
  });

  it("goes on after the database ended all its connections", async () => {
    const task = recorder();
    await using _running = startJobs(database, { again: task }, log);
    await addJob(database.db, "again", 1);
    await task.until(1);
    await database.db.connection().execute((session) =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.execute(session),
    );
    await addJob(database.db, "again", 2).catch(() => addJob(database.db, "again", 2));
    await task.until(2);
    expect(task.seen).toEqual([1, 2]);
  });
});
