import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FolderLayout, openDataFolder } from "./folder-layout.ts";
import { type Postgres, startPostgres, stopOrphan } from "./postgres.ts";

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

// A process that starts the server, says so and is then killed: what `kill -9` of a platform leaves behind.
const killedStarter = async (root: string): Promise<number> => {
  const module = new URL("./postgres.ts", import.meta.url).href;
  const layout = new URL("./folder-layout.ts", import.meta.url).href;
  const script = `
    const { startPostgres } = await import(${JSON.stringify(module)});
    const { openDataFolder } = await import(${JSON.stringify(layout)});
    const server = await startPostgres(await openDataFolder(${JSON.stringify(root)}), { durable: false });
    console.log(server.pid);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = await new Promise<number>((resolve) =>
    child.stdout.once("data", (chunk) => resolve(Number(chunk))),
  );
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  return pid;
};

describe("startPostgres", () => {
  let root = "";
  let layout: FolderLayout;
  let server: Postgres | undefined;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "anrf-postgres-"));
    layout = await openDataFolder(root);
  });

  afterAll(async () => {
    await server?.stop();
    await rm(root, { recursive: true, force: true });
  });

  it("makes a server that keeps what it was told across a restart", async () => {
    server = await startPostgres(layout, { durable: false });
    expect(server.adopted).toBe(false);
    await query(server.url, "create table t as select 42 as n");
    await server.stop();
    await expect(query(server.url, "select 1")).rejects.toThrow();
    server = await startPostgres(layout, { durable: false });
    expect(await query(server.url, "select n from t")).toEqual([{ n: 42 }]);
    await server.stop();
  });

  it("lets nobody in without the password, which only its owner can read", async () => {
    server = await startPostgres(layout, { durable: false });
    const wrong = new URL(server.url);
    wrong.password = "wrong";
    await expect(query(wrong.href, "select 1")).rejects.toThrow(/password/);
    const secret = join(layout.keys, "postgres");
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    expect(server.url).toContain((await readFile(secret, "utf8")).trim());
    const [row] = await query(server.url, "show listen_addresses");
    expect(row).toEqual({ listen_addresses: "127.0.0.1" });
    await server.stop();
  });

  it("adopts a server whose starter was killed", async () => {
    const pid = await killedStarter(root);
    server = await startPostgres(layout, { durable: false });
    expect(server).toMatchObject({ adopted: true, pid });
    expect(await query(server.url, "select n from t")).toEqual([{ n: 42 }]);
    await server.stop();
    expect(await stopOrphan(layout)).toBe(false);
  });

  it("stops such a server without using it", async () => {
    await killedStarter(root);
    expect(await stopOrphan(layout)).toBe(true);
    expect(await stopOrphan(layout)).toBe(false);
  });

  it("recovers after the server itself was killed", async () => {
    server = await startPostgres(layout, { durable: false });
    process.kill(server.pid, "SIGKILL");
    server = await startPostgres(layout, { durable: false });
    expect(server.adopted).toBe(false);
    expect(await query(server.url, "select n from t")).toEqual([{ n: 42 }]);
    await server.stop();
  });

  it("lets two starters at once share one server", async () => {
    const shared = await openDataFolder(await mkdtemp(join(tmpdir(), "anrf-shared-")));
    const module = new URL("./postgres.ts", import.meta.url).href;
    const script = `
      const { startPostgres } = await import(${JSON.stringify(module)});
      console.log((await startPostgres(${JSON.stringify(shared)}, { durable: false })).pid);`;
    const starters = [1, 2].map(async () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      for await (const piece of child.stdout) said += String(piece);
      return Number(said);
    });
    const [first, second] = await Promise.all(starters);
    expect(first).toBeGreaterThan(0);
    expect(second).toBe(first);
    expect(await stopOrphan(shared)).toBe(true);
    expect((await readdir(shared.root)).filter((name) => name.startsWith("postgres"))).toEqual(["postgres"]);
    await rm(shared.root, { recursive: true, force: true });
  });

  it("works below a folder that is closed to other users", async () => {
    const closed = await mkdtemp(join(tmpdir(), "anrf-closed-"));
    expect((await stat(closed)).mode & 0o777).toBe(0o700);
    const inner = await startPostgres(await openDataFolder(join(closed, "data")), { durable: false });
    expect(await query(inner.url, "select 1 as n")).toEqual([{ n: 1 }]);
    await inner.stop();
    await rm(closed, { recursive: true, force: true });
  });

  it("leaves a stranger's process alone whose number is in an old postmaster.pid", async () => {
    const stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    await writeFile(
      join(layout.postgres, "postmaster.pid"),
      `${stranger.pid}\n${layout.postgres}\n0\n5432\n`,
    );
    server = await startPostgres(layout, { durable: false });
    expect(server.adopted).toBe(false);
    expect(stranger.exitCode).toBeNull();
    stranger.kill("SIGKILL");
    await server.stop();
  });

  it("refuses a cluster of another major version, and names it", async () => {
    const version = join(layout.postgres, "PG_VERSION");
    const real = await readFile(version, "utf8");
    await writeFile(version, "17\n");
    await expect(startPostgres(layout)).rejects.toThrow(/PostgreSQL 17 made it/);
    await writeFile(version, real);
  });
});
