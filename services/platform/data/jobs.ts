import { Logger, parseCronItems, type Runner, run, type TaskList } from "graphile-worker";
import type { Kysely, Transaction } from "kysely";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/**
 * One kind of background work. It must be harmless to run twice: a job whose process died is run again, and every
 * process sweeps.
 */
export interface Task {
  /** Runs one job or one sweep; `payload` is what `addJob` was given, null for a sweep. Throwing means: try again. */
  run(payload: unknown, signal: AbortSignal): Promise<void>;
  /** Runs by itself in every process, this many milliseconds after its last end. */
  readonly everyMs?: number;
  /** Runs by itself once in all processes together, at these minutes ("15 3 * * *", UTC). */
  readonly cron?: string;
}

/** Background work by name; names are unique in a process and shared by all processes on one database. */
export type Tasks = Readonly<Record<string, Task>>;

/** What jobs tell of themselves; a pino logger fits. */
export interface JobLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** When and how often a job may run. */
export interface JobOptions {
  /** A second job of the same task and key replaces the one that waits. */
  readonly key?: string;
  readonly runAt?: Date;
  /** How often it is tried in all, 25 by default, with growing pauses. */
  readonly maxAttempts?: number;
}

/** Puts a job into the queue, in the transaction of the change that asks for it. */
export async function addJob(
  db: Kysely<Tables> | Transaction<Tables>,
  task: string,
  payload: unknown,
  options: JobOptions = {},
): Promise<void> {
  await sql`select graphile_worker.add_job(
    identifier => ${task}, payload => ${JSON.stringify(payload ?? null)}::json,
    run_at => ${options.runAt ?? null}::timestamptz, max_attempts => ${options.maxAttempts ?? null}::int,
    job_key => ${options.key ?? null}::text)`.execute(db);
}

/**
 * Runs the tasks on the database's own pool until disposed. A database that goes away is waited for; disposing lets
 * running work finish for up to five seconds, then fires its signal.
 */
export function startJobs(database: Database, tasks: Tasks, log: JobLog): AsyncDisposable {
  const stop = new AbortController();
  const work: Promise<void>[] = [];
  for (const [name, task] of Object.entries(tasks)) {
    if (task.everyMs !== undefined) work.push(sweep(name, task, task.everyMs, log, stop.signal));
  }
  if (Object.values(tasks).some((task) => task.everyMs === undefined)) {
    work.push(supervise(database, tasks, log, stop.signal));
  }
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error("the process is shutting down"));
      await Promise.all(work);
    },
  };
}

async function sweep(
  name: string,
  task: Task,
  everyMs: number,
  log: JobLog,
  stop: AbortSignal,
): Promise<void> {
  // A first pause of random length spreads the processes that start together.
  await pause(everyMs * Math.random(), stop);
  while (!stop.aborted) {
    try {
      await task.run(null, stop);
    } catch (error) {
      if (!stop.aborted) log.warn({ err: error, task: name }, "sweep failed; it runs again at its next turn");
    }
    await pause(everyMs, stop);
  }
}

async function supervise(database: Database, tasks: Tasks, log: JobLog, stop: AbortSignal): Promise<void> {
  for (let wait = 250; !stop.aborted; wait = Math.min(wait * 2, 15_000)) {
    try {
      const runner = await startRunner(database, tasks, log);
      wait = 250;
      await untilStopped(runner, stop);
    } catch (error) {
      if (!stop.aborted)
        log.warn({ err: error, waitMs: wait }, "job queue lost; it starts again after a pause");
    }
    await pause(wait, stop);
  }
}

function startRunner(database: Database, tasks: Tasks, log: JobLog): Promise<Runner> {
  const queued = Object.entries(tasks).filter(([, task]) => task.everyMs === undefined);
  const taskList: TaskList = Object.fromEntries(
    queued.map(([name, task]) => [
      name,
      async (payload: unknown, helpers: { abortSignal?: AbortSignal | undefined }) =>
        task.run(payload, helpers.abortSignal ?? new AbortController().signal),
    ]),
  );
  const crons = queued.flatMap(([name, task]) =>
    task.cron === undefined
      ? []
      : [{ task: name, match: task.cron, identifier: name, options: { backfillPeriod: 0 } }],
  );
  return run(
    {
      pgPool: database.pool,
      // Signals belong to main.ts, which drains in its own order.
      noHandleSignals: true,
      concurrency: 1,
      pollInterval: 2_000,
      logger: jobLogger(log),
      gracefulShutdownAbortTimeout: 5_000,
      // Without batches graphile-worker does not wait for the last word on a job, and a database that is away just then
      // would be an unhandled rejection, which ends the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    },
    taskList,
    parseCronItems(crons),
  );
}

async function untilStopped(runner: Runner, stop: AbortSignal): Promise<void> {
  const stopping = Promise.withResolvers<void>();
  const onStop = (): void => stopping.resolve();
  stop.addEventListener("abort", onStop);
  if (stop.aborted) stopping.resolve();
  try {
    await Promise.race([runner.promise, stopping.promise]);
    if (stop.aborted) await runner.stop().catch(() => {});
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}

/** A graphile-worker logger that says nothing. */
export function quietLogger(): Logger {
  return new Logger(() => () => {});
}

function jobLogger(log: JobLog): Logger {
  return new Logger(() => (level, message) => {
    if (level === "error") log.error({}, message);
    else if (level === "warning") log.warn({}, message);
  });
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", done);
  });
}
