import { runMigrations } from "graphile-worker";
import { Kysely, PostgresDialect, sql } from "kysely";
import { type Migration, type MigrationProvider, Migrator } from "kysely/migration";
import pg from "pg";
import type { Database } from "./database.ts";
import { isUnavailable } from "./database-error.ts";
import { quietLogger } from "./jobs.ts";
import * as initial from "./migrations/0001-initial.ts";
import * as models from "./migrations/0002-models.ts";

/** A migration goes forward only; its name sorts after every earlier one. */
export type Migrations = Readonly<Record<string, Pick<Migration, "up">>>;

/**
 * The migrations of this build, by name. A name that ends in "-breaking" marks a change that programs of the release
 * before cannot work with: they refuse to start against it.
 */
export const MIGRATIONS: Migrations = { "0001-initial": initial, "0002-models": models };

/** What a database has that this build does not know, and the other way round. */
export interface SchemaState {
  readonly missing: readonly string[];
  readonly newer: readonly string[];
}

// Any number will do, as long as it never changes: it names the lock of everyone who migrates one database.
const LOCK = 7_243_900_611;

/**
 * Brings the database to this build's schema and returns the names of what ran (nothing, mostly). Several starters at
 * once wait for each other. A schema that is ahead is left alone, and refused when it is ahead by a breaking change.
 */
export async function migrate(url: string, migrations: Migrations = MIGRATIONS): Promise<readonly string[]> {
  const pool = new pg.Pool({ connectionString: url, max: 3, application_name: "anrf migrate" });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await db.connection().execute(async (session) => {
      await sql`select pg_advisory_lock(${sql.lit(LOCK)})`.execute(session);
      try {
        return await migrateLocked(db, pool, migrations);
      } finally {
        await sql`select pg_advisory_unlock(${sql.lit(LOCK)})`.execute(session);
      }
    });
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw new Error("cannot migrate the database: it could not be reached; check ANRF_DATABASE_URL", {
      cause: error,
    });
  } finally {
    await db.destroy();
  }
}

async function migrateLocked(
  db: Kysely<unknown>,
  pool: pg.Pool,
  migrations: Migrations,
): Promise<readonly string[]> {
  const state = await readSchema(db, migrations);
  refuseBreaking(state);
  if (state.missing.length === 0) return [];
  if (state.newer.length > 0) {
    throw new Error(
      `cannot migrate the database: it has ${state.newer.join(", ")}, which this build does not know, ` +
        `but lacks ${state.missing.join(", ")}; run the newer release's migrate`,
    );
  }
  // The queue's own tables: an event and the job that carries it are then one transaction from the first row on.
  await runMigrations({ pgPool: pool, logger: quietLogger() });
  const migrator = new Migrator({ db, provider: provide(migrations) });
  const { error, results } = await migrator.migrateToLatest();
  const failed = results?.find((result) => result.status === "Error");
  if (error !== undefined) {
    throw new Error(`cannot migrate the database: ${failed?.migrationName ?? "reading its state"} failed`, {
      cause: error,
    });
  }
  return (results ?? []).map((result) => result.migrationName);
}

/**
 * Throws unless this build can work on the database's schema: none of its migrations is missing, and none that it
 * does not know is breaking.
 */
export async function checkSchema(database: Database, migrations: Migrations = MIGRATIONS): Promise<void> {
  const state = await readSchema(database.db, migrations);
  refuseBreaking(state);
  if (state.missing.length > 0) {
    throw new Error(
      `cannot use the database: its schema lacks ${state.missing.join(", ")}; run "services/main.ts migrate" first`,
    );
  }
}

/** Compares the migrations that ran with those of this build. */
export async function readSchema<DB>(
  db: Kysely<DB>,
  migrations: Migrations = MIGRATIONS,
): Promise<SchemaState> {
  const found = await sql<{
    present: boolean;
  }>`select to_regclass('kysely_migration') is not null as present`.execute(db);
  const ran =
    found.rows[0]?.present === true
      ? (await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)).rows
      : [];
  const names = new Set(ran.map((row) => row.name));
  return {
    missing: Object.keys(migrations).filter((name) => !names.has(name)),
    newer: [...names].filter((name) => !Object.hasOwn(migrations, name)),
  };
}

function refuseBreaking(state: SchemaState): void {
  const breaking = state.newer.filter((name) => name.endsWith("-breaking"));
  if (breaking.length === 0) return;
  throw new Error(
    `cannot use the database: a newer release changed its schema (${breaking.join(", ")}) in a way this build ` +
      "cannot work with; update this clone, or use another data folder",
  );
}

function provide(migrations: Migrations): MigrationProvider {
  return { getMigrations: async () => ({ ...migrations }) };
}
