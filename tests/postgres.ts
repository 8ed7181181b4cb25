import type { ChildProcess } from "node:child_process";
import { access, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { findRunner, type Runner } from "#platform/data/postgres-user.ts";
import { freePort } from "#platform/process/ports.ts";

/** A PostgreSQL server for tests that is not ours; disposing it ends it and removes its files. */
export interface ForeignPostgres extends AsyncDisposable {
  readonly url: string;
  /** What it calls itself, such as "15.18 (Debian 15.18-0+deb12u1)". */
  readonly version: string;
}

const START_MS = 60_000;

/** Starts the system's PostgreSQL of a major version on a new, empty cluster; answers why not, where there is none. */
export async function startForeignPostgres(major: string): Promise<ForeignPostgres | string> {
  const programs = `/usr/lib/postgresql/${major}/bin`;
  const present = await access(join(programs, "initdb")).then(
    () => true,
    () => false,
  );
  if (!present) return `no PostgreSQL ${major}: ${programs} holds no server; install postgresql-${major}`;
  const runner = await findRunner([join(programs, "postgres"), tmpdir()]);
  const folder = await mkdtemp(join(tmpdir(), `anrf-postgres-${major}-`));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  try {
    if (runner.user !== undefined) await chown(folder, runner.user.uid, runner.user.gid);
    await makeCluster(runner, programs, join(folder, "data"));
    const port = await freePort();
    const server = runner.spawn(join(programs, "postgres"), flags(join(folder, "data"), port), "ignore");
    stack.defer(() => ended(server));
    const url = `postgres://anrf@127.0.0.1:${port}/postgres`;
    return { url, version: await answers(url, server), [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    return `no PostgreSQL ${major}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function makeCluster(runner: Runner, programs: string, data: string): Promise<void> {
  const options = ["--username=anrf", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  const child = runner.spawn(
    join(programs, "initdb"),
    ["-D", data, ...options],
    ["ignore", "ignore", "pipe"],
  );
  let said = "";
  child.stderr?.on("data", (part: Buffer) => {
    said += part.toString();
  });
  const code = await new Promise((resolve) => {
    child.once("error", () => resolve(-1));
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`initdb ended with ${String(code)}: ${said.trim()}`);
}

function flags(data: string, port: number): readonly string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "100",
    fsync: "off",
    full_page_writes: "off",
  };
  return ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

async function answers(url: string, server: ChildProcess): Promise<string> {
  for (const limit = Date.now() + START_MS; Date.now() < limit && server.exitCode === null; ) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>("show server_version");
      return rows[0]?.server_version ?? "";
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
  throw new Error(`it did not answer in ${START_MS / 1000} s`);
}

// SIGINT: PostgreSQL's "fast" shutdown.
async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGINT");
  await gone;
}
