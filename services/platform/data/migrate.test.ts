import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptyDatabase } from "../../../tests/database.ts";
import { type Database, openDatabase } from "./database.ts";
import { checkSchema, MIGRATIONS, migrate, readSchema } from "./migrate.ts";

const names = Object.keys(MIGRATIONS);
const up = async (): Promise<void> => {};

describe("migrate", () => {
  let url = "";
  let drop: () => Promise<void>;
  let database: Database;
  beforeAll(async () => {
    ({ url, drop } = await emptyDatabase());
    database = openDatabase(url);
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await drop();
  });

  it("lets several starters at once bring up an empty database, each step once", async () => {
    await expect(checkSchema(database)).rejects.toThrow(/lacks 0001-initial, 0002-models; run/);
    const ran = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    expect(ran.flat()).toEqual(names);
    expect(await migrate(url)).toEqual([]);
    await checkSchema(database);
  });

  it("gives every table of services an owner", async () => {
    const tables = await sql<{ name: string }>`select t.table_name as name from information_schema.tables t
      where t.table_schema = 'public' and t.table_type = 'BASE TABLE' and t.table_name not like 'kysely%'
      and t.table_name <> 'clients' and not exists (select from information_schema.columns c
        where c.table_schema = 'public' and c.table_name = t.table_name and c.column_name = 'client_id'
        and c.is_nullable = 'NO')`.execute(database.db);
    expect(tables.rows).toEqual([]);
  });

  it("leaves a failed step undone and names it", async () => {
    const broken = { ...MIGRATIONS, "9000-broken": { up: async () => Promise.reject(new Error("boom")) } };
    await expect(migrate(url, broken)).rejects.toThrow(/9000-broken failed/);
    expect((await readSchema(database.db)).newer).toEqual([]);
  });

  it("works on a schema that is ahead, until it is ahead by a breaking change", async () => {
    const added = { ...MIGRATIONS, "9000-added": { up } };
    expect(await migrate(url, added)).toEqual(["9000-added"]);
    expect(await migrate(url)).toEqual([]);
    await checkSchema(database);
    await migrate(url, { ...added, "9001-dropped-breaking": { up } });
    await expect(checkSchema(database)).rejects.toThrow(/9001-dropped-breaking.*update this clone/);
    await expect(migrate(url)).rejects.toThrow(/9001-dropped-breaking.*update this clone/);
  });

  it("says that the database cannot be reached", async () => {
    await expect(migrate("postgres://anrf@127.0.0.1:9/anrf")).rejects.toThrow(/could not be reached/);
  });
});
