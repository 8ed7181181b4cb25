import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  sql,
  type Transaction,
} from "kysely";
import pg from "pg";
import { unavailable } from "../rpc/error.ts";
import { isRetryable, isSilence, isUnavailable } from "./database-error.ts";
import type { Tables } from "./tables.ts";

/** How a pool behaves; times in milliseconds. */
export interface DatabaseOptions {
  /** Connections of this process, 4 by default. */
  readonly poolSize?: number;
  /** How long one statement may take, 5 s by default; 0 switches the limit off. */
  readonly statementTimeoutMs?: number;
  /** How long a transaction may wait for its client, 10 s by default. */
  readonly idleInTransactionMs?: number;
  /** How long to wait for a connection before the query fails, 5 s by default. */
  readonly connectTimeoutMs?: number;
  /** What `pg_stat_activity` calls this process. */
  readonly applicationName?: string;
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void;
}

/** One pool of connections: `db` for typed queries, `pool` for what brings its own SQL. Disposing it ends both. */
export interface Database extends AsyncDisposable {
  readonly db: Kysely<Tables>;
  readonly pool: pg.Pool;
}

/** What a store needs: a database or a transaction in it. */
export type Queries = Kysely<Tables> | Transaction<Tables>;

/**
 * Makes a pool for a PostgreSQL URL; connects at the first query. `bigint` columns are read as bigint, `date` as
 * "YYYY-MM-DD", `timestamptz` as Date. Queries of `db` that do not reach the server throw RpcError UNAVAILABLE.
 */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const statementMs = options.statementTimeoutMs ?? 5_000;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 4,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementMs,
    // The server's own limit comes first; where it is not heard of, nobody is there.
    ...(statementMs === 0 ? {} : { query_timeout: statementMs + SILENCE_MS }),
    idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 10_000,
    application_name: options.applicationName ?? "anrf",
    keepAlive: true,
  });
  // Without a listener, a server that goes away would end the process.
  pool.on("error", (error) => options.onIdleError?.(error));
  pool.on("connect", (client) => {
    client.on("error", () => {});
    endWhenSilent(client);
  });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: typedPool(pool) }) });
  let ended: Promise<void> | undefined;
  return {
    db,
    pool,
    [Symbol.asyncDispose]: () => {
      ended ??= endOnce(db, pool);
      return ended;
    },
  };
}

const SILENCE_MS = 1_000;

async function endOnce(db: Kysely<Tables>, pool: pg.Pool): Promise<void> {
  await db.destroy();
  if (!pool.ended) await pool.end();
}

const TYPE_BIGINT = 20;
const TYPE_DATE = 1082;

const getTypeParser: pg.CustomTypesConfig["getTypeParser"] = (oid, format) => {
  if (format !== "binary") {
    if (Number(oid) === TYPE_BIGINT) return BigInt;
    if (Number(oid) === TYPE_DATE) return String;
  }
  return pg.types.getTypeParser(Number(oid), format ?? "text");
};

// Our types go with each query of ours, not with the connection: graphile-worker shares the pool and writes what it
// reads as JSON, which knows no bigint.
function typedPool(pool: pg.Pool): PostgresPool {
  const typed = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch(rethrow);
      const found = typed.get(client) ?? typedClient(client);
      typed.set(client, found);
      return found;
    },
  };
}

function typedClient(client: pg.PoolClient): PostgresPoolClient {
  const query = (text: string, values: readonly unknown[]): Promise<unknown> =>
    client.query({ text, values: [...values], types: { getTypeParser } }).catch(rethrow);
  // Without a cursor, which we never use, Kysely calls the form with text and values only.
  return { query: query as PostgresPoolClient["query"], release: (destroy) => client.release(destroy) };
}

// A connection that fell silent still waits for its answer, and whoever gets it next would wait behind that, the job
// queue's queries included: so it is ended, and the pool makes another.
function endWhenSilent(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...args: readonly unknown[]) => unknown;
  const watched = (...args: readonly unknown[]): unknown => {
    const outcome = query(...args);
    if (outcome instanceof Promise) {
      outcome.catch((error: unknown) => {
        if (isSilence(error)) void (client as unknown as pg.Client).end().catch(() => {});
      });
    }
    return outcome;
  };
  client.query = watched as typeof client.query;
}

// A database that is away is no fault of ours: callers are told to come again.
function rethrow(error: unknown): never {
  if (!isUnavailable(error)) throw error;
  throw unavailable("the database does not answer; try again", { cause: error });
}

/** Answers one query, or throws what the database or the network said. */
export async function pingDatabase(database: Database): Promise<void> {
  await sql`select 1`.execute(database.db);
}

/**
 * Runs `work` in one transaction: all of it, or nothing. Where PostgreSQL chose this transaction as the loser of a
 * deadlock or of a serialization conflict, `work` runs again, three times in all, so it must have no other effects.
 */
export async function transact<T>(
  db: Kysely<Tables>,
  work: (trx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt >= 3 || !isRetryable(error)) throw error;
    }
  }
}

/** The text of a `json` column; undefined members are left out, and undefined itself is null. */
export function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}
