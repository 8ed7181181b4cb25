import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClient, type TestDatabase, testDatabase } from "../../../tests/database.ts";
import { startProxy } from "../../../tests/faults.ts";
import { Code } from "../rpc/codes.ts";
import { openDatabase, pingDatabase, toJson, transact } from "./database.ts";
import { isForeignKeyViolation, isUnavailable, isUniqueViolation } from "./database-error.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("openDatabase", () => {
  it("reads big integers, dates and times as what they are", async () => {
    const row = await sql<
      Record<string, unknown>
    >`select 9007199254740993::bigint as big, date '2026-01-31' as day,
      timestamptz '2026-01-31T12:00:00Z' as time, '{"a":"\\u0000","b":[1]}'::json as doc, array['x'] as words`.execute(
      database.db,
    );
    expect(row.rows[0]).toEqual({
      big: 9007199254740993n,
      day: "2026-01-31",
      time: new Date("2026-01-31T12:00:00Z"),
      doc: { a: "\0", b: [1] },
      words: ["x"],
    });
  });

  it("keeps any document as it is, lists and U+0000 included", async () => {
    const client = await makeClient(database);
    for (const data of [[1, [2]], { z: 1, a: "\0" }, "text", null]) {
      const row = await database.db
        .insertInto("outbox")
        .values({ client_id: client, type: "t", data: toJson(data) })
        .returning(["id", "data"])
        .executeTakeFirstOrThrow();
      expect(typeof row.id).toBe("bigint");
      expect(toJson(row.data)).toBe(toJson(data));
    }
  });

  it("ends a statement that takes too long, and only it", async () => {
    await using other = openDatabase(database.url, { statementTimeoutMs: 50, poolSize: 1 });
    const error = await failure(sql`select pg_sleep(20)`.execute(other.db));
    expect(String(error)).toMatch(/statement timeout/);
    expect(isUnavailable(error)).toBe(false);
    await pingDatabase(other);
  });

  it("survives a server that ends its connections", async () => {
    await using other = openDatabase(database.url, { poolSize: 1, applicationName: "to be ended" });
    await pingDatabase(other);
    const theirs = sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'to be ended'`;
    // A backend ends some time after it was told to.
    while ((await theirs.execute(database.db)).rows.length > 0);
    await failure(pingDatabase(other));
    await pingDatabase(other);
  });

  it("gives up on a server that fell silent, and on that connection only", async () => {
    const url = new URL(database.url);
    await using proxy = await startProxy({ port: Number(url.port) });
    url.port = String(proxy.port);
    await using other = openDatabase(url.href, { poolSize: 1, statementTimeoutMs: 1_000 });
    await pingDatabase(other);
    proxy.set({ kind: "hole" });
    expect(await failure(pingDatabase(other))).toMatchObject({ code: Code.UNAVAILABLE });
    proxy.set({ kind: "none" });
    // The one place of the pool is free for a new connection, also for those who bring their own SQL.
    await pingDatabase(other);
    proxy.set({ kind: "hole" });
    const client = await other.pool.connect();
    await failure(client.query("select 1"));
    client.release();
    proxy.set({ kind: "none" });
    await pingDatabase(other);
  });

  it("says that nobody is there", async () => {
    await using nowhere = openDatabase("postgres://anrf@127.0.0.1:9/anrf");
    const error = await failure(pingDatabase(nowhere));
    expect(error).toMatchObject({ code: Code.UNAVAILABLE, cause: { code: "ECONNREFUSED" } });
    expect(isUnavailable(error)).toBe(true);
  });
});

describe("transact", () => {
  it("does all or nothing", async () => {
    const before = await database.db.selectFrom("clients").select("id").execute();
    const error = await failure(
      transact(database.db, async (trx) => {
        await trx
          .insertInto("clients")
          .values({ id: "00000000-0000-0000-0000-000000000001", name: "x" })
          .execute();
        throw new Error("stop");
      }),
    );
    expect(String(error)).toMatch(/stop/);
    expect(await database.db.selectFrom("clients").select("id").execute()).toHaveLength(before.length);
  });

  it("runs the loser of a deadlock again", async () => {
    const first = await makeClient(database);
    const second = await makeClient(database);
    const meet = Promise.withResolvers<void>();
    let waiting = 0;
    let runs = 0;
    const rename = (ids: readonly [string, string]): Promise<void> =>
      transact(database.db, async (trx) => {
        runs++;
        await trx.updateTable("clients").set({ name: "renamed" }).where("id", "=", ids[0]).execute();
        if (++waiting === 2) meet.resolve();
        await meet.promise;
        await trx.updateTable("clients").set({ name: "renamed" }).where("id", "=", ids[1]).execute();
      });
    await Promise.all([rename([first, second]), rename([second, first])]);
    expect(runs).toBeGreaterThanOrEqual(3);
  });
});

describe("database errors", () => {
  it("tells a second row and a missing owner apart", async () => {
    const id = await makeClient(database);
    const twice = await failure(database.db.insertInto("clients").values({ id, name: "again" }).execute());
    expect([isUniqueViolation(twice, "clients_pkey"), isUniqueViolation(twice, "other")]).toEqual([
      true,
      false,
    ]);
    const orphan = { client_id: "00000000-0000-0000-0000-00000000000f", type: "t", data: "{}" };
    const missing = await failure(database.db.insertInto("outbox").values(orphan).execute());
    expect([isForeignKeyViolation(missing), isUniqueViolation(missing)]).toEqual([true, false]);
  });
});
