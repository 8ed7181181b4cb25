import { type Kysely, sql } from "kysely";
import type { Task } from "./jobs.ts";
import type { Tables } from "./tables.ts";

/** Days that rows are kept, by table; 0 keeps them for ever. `idempotency` and `generation_logs` carry their own end. */
export interface RetentionDays {
  readonly intents: number;
  readonly generations: number;
  readonly verifications: number;
  readonly executions: number;
  readonly outbox: number;
}

/** What is kept unless the operator says otherwise. */
export const DEFAULT_RETENTION: RetentionDays = {
  intents: 90,
  generations: 90,
  verifications: 180,
  executions: 30,
  outbox: 7,
};

/** One table that is swept and the condition on rows whose time has come. */
type Rule = readonly [table: keyof Tables, column: string, days: number];

const BATCH = 500;

/** The sweeps of the given tables, or of all, as a task for `startJobs`: one process runs it, once an hour. */
export function retentionTask(
  db: Kysely<Tables>,
  days: Partial<RetentionDays> = {},
  tables: readonly (keyof Tables)[] = SWEPT,
): Task {
  return {
    cron: "17 * * * *",
    run: async (_payload, signal) => {
      await sweepExpired(db, days, tables, signal);
    },
  };
}

/** Tables that this file sweeps. */
export const SWEPT = [
  "intents",
  "generations",
  "generation_logs",
  "verifications",
  "executions",
  "outbox",
  "idempotency",
] as const satisfies readonly (keyof Tables)[];

/**
 * Deletes rows whose time has passed, 500 a statement, until none is left or the signal fires; returns how many went,
 * by table. A generation that has not ended is kept.
 */
export async function sweepExpired(
  db: Kysely<Tables>,
  days: Partial<RetentionDays>,
  tables: readonly (keyof Tables)[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const swept: Record<string, number> = {};
  for (const rule of rules({ ...DEFAULT_RETENTION, ...days })) {
    const [table] = rule;
    if (!tables.includes(table)) continue;
    let total = 0;
    for (let gone = BATCH; gone === BATCH && !signal.aborted; total += gone)
      gone = await sweepBatch(db, rule);
    swept[table] = total;
  }
  return swept;
}

function rules(days: RetentionDays): readonly Rule[] {
  const aged = (["generations", "intents", "verifications", "executions", "outbox"] as const)
    .filter((table) => days[table] > 0)
    .map((table): Rule => [table, "create_time", days[table]]);
  return [["generation_logs", "expire_time", 0], ["idempotency", "expire_time", 0], ...aged];
}

async function sweepBatch(db: Kysely<Tables>, [table, column, days]: Rule): Promise<number> {
  const ended = table === "generations" ? sql`and end_time is not null` : sql``;
  // `skip locked`: a row that somebody is writing waits for the next sweep instead of holding this one.
  const result = await sql`delete from ${sql.table(table)} where ctid = any(array(
      select ctid from ${sql.table(table)}
      where ${sql.ref(column)} < now() - make_interval(days => ${days}) ${ended}
      limit ${BATCH} for update skip locked))`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}
