import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "#platform/process/ports.ts";
import { type FolderLayout, hasCode, readOrMake } from "./folder-layout.ts";
import { isAlive, isOurs, readLock, stopServer } from "./postgres-lock.ts";
import { findRunner, type Runner, serverBinaries } from "./postgres-user.ts";

/** How an embedded server is started. */
export interface PostgresOptions {
  /** The port on 127.0.0.1; a free one is chosen by default. */
  readonly port?: number;
  /** False for tests: nothing is forced to the disk, so a power cut may lose everything. */
  readonly durable?: boolean;
  /** How long a start may take, recovery included; 60 s by default. */
  readonly startTimeoutMs?: number;
}

/** A running server of ours. */
export interface Postgres {
  /** With user and password: never to a log. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** True if it was running already, left over by a process that was killed. */
  readonly adopted: boolean;
  /** Ends it as PostgreSQL's "fast" shutdown does: open transactions are rolled back, nothing committed is lost. */
  stop(): Promise<void>;
}

const USER = "anrf";
const POLL_MS = 15;
/** How long a server that is starting or stopping is waited for. */
const ADOPT_MS = 20_000;

/**
 * Starts the PostgreSQL of a data folder, and makes it first where there is none. A server that still runs there is
 * adopted. It outlives this process if this process is killed; `stop` ends it.
 */
export async function startPostgres(layout: FolderLayout, options: PostgresOptions = {}): Promise<Postgres> {
  const password = await readOrMake(join(layout.keys, "postgres"), () =>
    randomBytes(24).toString("base64url"),
  );
  const adopted = await adopt(layout, password);
  if (adopted !== undefined) return adopted;
  const binaries = await serverBinaries();
  const runner = await findRunner([binaries.postgres, layout.root]);
  await makeCluster(layout, binaries, runner, password, options.durable ?? true);
  const limit = Date.now() + (options.startTimeoutMs ?? 60_000);
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const outcome = await launch(layout, binaries.postgres, runner, port, options.durable ?? true, limit);
    if (typeof outcome === "number") {
      await ensureDatabase(port, password);
      return running(layout, outcome, port, password, false);
    }
    // Another starter was quicker: its server is as good as ours.
    if (/lock file .* already exists/.test(outcome)) {
      const other = await adopt(layout, password);
      if (other !== undefined) return other;
    }
    // A port that was taken meanwhile, or backends of a killed server that still hold its memory, pass by themselves.
    if (
      attempt < 20 &&
      Date.now() < limit &&
      /Address already in use|shared memory block|lock file/.test(outcome)
    ) {
      await sleep(250);
      continue;
    }
    throw new Error(
      `cannot start PostgreSQL in ${layout.postgres} on port ${port}: ${lastLines(outcome)}; the whole log is ${logFile(layout)}`,
    );
  }
}

/** Ends a server that an earlier, killed process left running in this data folder; false if there is none. */
export async function stopOrphan(layout: FolderLayout): Promise<boolean> {
  const lock = await readLock(layout);
  if (lock === undefined || !(await isOurs(layout, lock.pid))) return false;
  await stopServer(lock.pid);
  return true;
}

async function adopt(layout: FolderLayout, password: string): Promise<Postgres | undefined> {
  for (const limit = Date.now() + ADOPT_MS; ; await sleep(POLL_MS)) {
    const lock = await readLock(layout);
    if (lock === undefined || !(await isOurs(layout, lock.pid))) return undefined;
    // It may be starting, for another starter, or stopping: both pass.
    if (lock.state !== "ready" && Date.now() < limit) continue;
    try {
      await ensureDatabase(lock.port, password);
      return running(layout, lock.pid, lock.port, password, true);
    } catch (error) {
      // 57P03: it is recovering; soon it answers.
      if (hasCode(error, "57P03") && Date.now() < limit) continue;
      // It does not let us in: hung, or made with another password. A new one can only follow it.
      await stopServer(lock.pid);
      return undefined;
    }
  }
}

// initdb makes the database "postgres" only; ours is made by the first start that gets this far.
async function ensureDatabase(port: number, password: string): Promise<void> {
  const client = new pg.Client({
    connectionString: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`,
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const found = await client.query("select 1 from pg_database where datname = $1", [USER]);
    if (found.rowCount === 0) await client.query(`create database ${USER}`);
  } catch (error) {
    // Another starter was quicker: 42P04 where it had finished, 23505 where both were at it.
    if (!hasCode(error, "42P04") && !hasCode(error, "23505")) throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

function running(
  layout: FolderLayout,
  pid: number,
  port: number,
  password: string,
  adopted: boolean,
): Postgres {
  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/${USER}`,
    port,
    pid,
    adopted,
    stop: async () => {
      if (await isOurs(layout, pid)) await stopServer(pid);
    },
  };
}

async function makeCluster(
  layout: FolderLayout,
  binaries: { readonly initdb: string; readonly major: string },
  runner: Runner,
  password: string,
  durable: boolean,
): Promise<void> {
  const made = await readFile(join(layout.postgres, "PG_VERSION"), "utf8").catch(() => undefined);
  if (made !== undefined) {
    if (made.trim() === binaries.major) return;
    throw new Error(
      `cannot open the database in ${layout.postgres}: PostgreSQL ${made.trim()} made it, and this build brings ` +
        `${binaries.major}; use the release that made it, or set ANRF_DATA to another folder`,
    );
  }
  // Made beside its place and moved there when whole, so that a kill in between leaves nothing half made.
  const fresh = `${layout.postgres}.new-${process.pid}`;
  const secret = join(layout.root, `.secret-${randomBytes(6).toString("hex")}`);
  await removeHalfMade(layout);
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(secret, `${password}\n`, { mode: 0o600 });
  try {
    if (runner.user !== undefined) {
      await chown(fresh, runner.user.uid, runner.user.gid);
      await chown(secret, runner.user.uid, runner.user.gid);
    }
    await runInitdb(binaries.initdb, runner, fresh, secret, durable);
  } finally {
    await rm(secret, { force: true });
  }
  try {
    await rename(fresh, layout.postgres);
  } catch (error) {
    // Another starter was quicker, and its cluster is as good as ours.
    if (!hasCode(error, "ENOTEMPTY") && !hasCode(error, "EEXIST")) throw error;
    await rm(fresh, { recursive: true, force: true });
  }
}

async function removeHalfMade(layout: FolderLayout): Promise<void> {
  for (const name of await readdir(layout.root)) {
    const pid = Number(/^postgres\.new-([0-9]+)$/.exec(name)?.[1] ?? 0);
    if (pid === 0 || (pid !== process.pid && isAlive(pid))) continue;
    await rm(join(layout.root, name), { recursive: true, force: true });
  }
}

async function runInitdb(
  initdb: string,
  runner: Runner,
  folder: string,
  secret: string,
  durable: boolean,
): Promise<void> {
  const flags = [
    "-D",
    folder,
    `--username=${USER}`,
    `--pwfile=${secret}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
  ];
  // Sorting by code point, the same on every machine whatever locales it has.
  flags.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions");
  if (!durable) flags.push("--no-sync");
  const child = runner.spawn(initdb, flags, ["ignore", "pipe", "pipe"]);
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  const code = await exitOf(child);
  if (code !== 0) throw new Error(`cannot make a database in ${folder}: ${lastLines(said)}`);
}

async function launch(
  layout: FolderLayout,
  postgres: string,
  runner: Runner,
  port: number,
  durable: boolean,
  limit: number,
): Promise<number | string> {
  await mkdir(layout.logs, { recursive: true, mode: 0o700 });
  const log = await open(logFile(layout), "a", 0o600);
  const from = (await log.stat()).size;
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    shared_buffers: "32MB",
    max_connections: "100",
    wal_level: "minimal",
    max_wal_senders: "0",
    jit: "off",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const flags = [
    "-D",
    layout.postgres,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  try {
    // A group of its own: an interrupt typed at the terminal must not end it before the services have drained.
    const child = runner.spawn(postgres, flags, ["ignore", log.fd, log.fd], { detached: true });
    child.unref();
    if (await started(layout, child, limit)) return child.pid ?? 0;
    child.kill("SIGKILL");
    return (await readFile(logFile(layout))).subarray(from).toString("utf8");
  } finally {
    await log.close();
  }
}

// The server writes its state into line 8 of postmaster.pid; pg_ctl waits for the same word.
async function started(layout: FolderLayout, child: ChildProcess, limit: number): Promise<boolean> {
  const ended = exitOf(child).then(() => true);
  while (Date.now() < limit) {
    const lock = await readLock(layout);
    if (lock !== undefined && lock.pid === child.pid && lock.state === "ready") return true;
    if (await Promise.race([ended, sleep(POLL_MS)])) return false;
  }
  return false;
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once("error", () => resolve(-1));
    child.once("exit", (code) => resolve(code ?? -1));
  });
}

function logFile(layout: FolderLayout): string {
  return join(layout.logs, "postgres.log");
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join(" · ") || "it said nothing";
}

function sleep(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false));
}
