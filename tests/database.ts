import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { type Database, openDatabase } from "#platform/data/database.ts";
import { migrate } from "#platform/data/migrate.ts";

/** A database of one test file on the run's server; disposing it ends its connections and drops it. */
export interface TestDatabase extends Database {
  /** For what opens its own connections. */
  readonly url: string;
}

/** The URL of the run's PostgreSQL. */
export function serverUrl(): string {
  const server = inject("postgres");
  if ("missing" in server)
    throw new Error(`this test needs PostgreSQL, and it did not start: ${server.missing}`);
  return server.url;
}

/** Makes an empty database: no tables, no migrations. */
export async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `t_${randomBytes(8).toString("hex")}`;
  await onServer(`create database ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`drop database if exists ${name} with (force)`) };
}

/** Makes a database with the schema of this build. */
export async function testDatabase(): Promise<TestDatabase> {
  const { url, drop } = await emptyDatabase();
  await migrate(url);
  const database = openDatabase(url);
  return {
    ...database,
    url,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await drop();
    },
  };
}

/** Makes a client, whose id every row needs. */
export async function makeClient(database: Database, name = "test"): Promise<string> {
  const id = randomUUID();
  await database.db.insertInto("clients").values({ id, name }).execute();
  return id;
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl() });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
