import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderLayout } from "#platform/data/folder-layout.ts";
import { readLock } from "#platform/data/postgres-lock.ts";
import { isAlive, type RunState, readState } from "./run-state.ts";

const CLI = join(import.meta.dirname, "../clients/cli/anrf.ts");
const PATIENCE = 180_000;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command line as people start it, with a data folder of its own. */
function anrf(folder: string, ...args: readonly string[]): Promise<Ran> {
  const env = { PATH: process.env["PATH"], HOME: folder, ANRF_DATA: folder, ANRF_DURABLE: "false" };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", CLI, ...args],
      { env },
      (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      },
    );
  });
}

async function stateOf(folder: string): Promise<RunState> {
  const state = await readState(folderLayout(folder));
  if (state === undefined) throw new Error(`no state in ${folder}`);
  return state;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const limit = Date.now() + PATIENCE / 2; Date.now() < limit; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it did not become so");
}

async function postgresPid(folder: string): Promise<number> {
  return (await readLock(folderLayout(folder)))?.pid ?? 0;
}

async function listening(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-up-"));
});
afterAll(async () => {
  await anrf(folder, "down");
  await rm(folder, { recursive: true, force: true });
});

describe("up and down", { timeout: PATIENCE }, () => {
  it("starts once, and a second up names the same platform", async () => {
    const [first, second] = await Promise.all([
      anrf(folder, "up", "--port", "0", "--json"),
      anrf(folder, "up", "--port", "0", "--json"),
    ]);
    expect([first.code, second.code], first.err + second.err).toEqual([0, 0]);
    const said = JSON.parse(first.out);
    expect(said).toEqual(JSON.parse(second.out));
    expect(Object.keys(said)).toEqual(["url", "metricsUrl", "apiKey", "pid", "dataDir", "logDir"]);
    expect(said.dataDir).toBe(folder);
    const metrics = await fetch(said.metricsUrl);
    expect([metrics.status, (await metrics.text()).includes("# TYPE")]).toEqual([200, true]);
    const self = await fetch(`${said.url}/v1/self`, { headers: { "x-api-key": said.apiKey } });
    expect(self.status).toBe(200);
    expect((await stat(join(folder, "keys/first-key"))).mode & 0o777).toBe(0o600);
  });

  it("refuses another port while it runs, and says what runs", async () => {
    const other = await anrf(folder, "up", "--port", "1");
    expect(other.code).toBe(2);
    expect(other.err).toContain('run "anrf down" first');
    const status = await anrf(folder, "status", "-o", "json");
    expect(status.code).toBe(0);
    expect(JSON.parse(status.out)).toMatchObject({ running: true, ready: true, dataDir: folder });
  });

  it("refuses TLS while it runs without", async () => {
    const { code, err } = await anrf(folder, "up", "--tls-cert", "a.crt", "--tls-key", "a.key");
    expect(code).toBe(2);
    expect(err).toMatch(/cannot start with TLS: .* runs already, without it; run "anrf down" first/);
  });

  it("starts the platform again when it is killed, at the same address", async () => {
    const before = await stateOf(folder);
    process.kill(before.platformPid, "SIGKILL");
    await until(async () => {
      const now = await stateOf(folder);
      return now.phase === "ready" && now.restarts === 1;
    });
    const after = await stateOf(folder);
    expect([after.pid, after.url]).toEqual([before.pid, before.url]);
    expect((await anrf(folder, "list")).code).toBe(0);
    expect(await readFile(join(folder, "logs/supervisor.log"), "utf8")).toContain("signal SIGKILL");
  });

  it("starts PostgreSQL again when it is killed, and the platform goes on", async () => {
    const before = await stateOf(folder);
    process.kill(before.postgresPid, "SIGKILL");
    await until(async () => (await stateOf(folder)).postgresPid !== before.postgresPid);
    await until(async () => (await anrf(folder, "list")).code === 0);
    const after = await stateOf(folder);
    expect([after.pid, after.platformPid]).toEqual([before.pid, before.platformPid]);
  });

  it("takes over what a killed supervisor left behind, and keeps what was stored", async () => {
    const made = await anrf(folder, "context", "create", "--module", "kept", "--content", '{"doc":"x"}');
    expect(made.code, made.err).toBe(0);
    const before = await stateOf(folder);
    const database = await postgresPid(folder);
    process.kill(before.pid, "SIGKILL");
    await until(async () => !isAlive(before.pid));
    expect([isAlive(before.platformPid), isAlive(database)]).toEqual([true, true]);
    const port = new URL(before.url).port;
    const again = await anrf(folder, "up", "--port", port, "--json");
    expect(again.code, again.err).toBe(0);
    expect(JSON.parse(again.out).url).toBe(before.url);
    expect(isAlive(before.platformPid)).toBe(false);
    expect(await postgresPid(folder)).toBe(database);
    expect((await anrf(folder, "context", "list")).out).toContain("kept");
  });

  it("down leaves no process, after a kill as well", async () => {
    const before = await stateOf(folder);
    const database = await postgresPid(folder);
    process.kill(before.pid, "SIGKILL");
    await until(async () => !isAlive(before.pid));
    const down = await anrf(folder, "down", "--json");
    expect(JSON.parse(down.out)).toEqual({ dataDir: folder, ended: ["platform", "postgres"] });
    expect([before.pid, before.platformPid, database].map(isAlive)).toEqual([false, false, false]);
    expect(await readState(folderLayout(folder))).toBeUndefined();
    expect((await anrf(folder, "status")).code).toBe(78);
    expect((await anrf(folder, "down")).out).toContain("nothing runs");
  });

  it("refuses a port that another program uses, and leaves nothing running", async () => {
    const other = await listening();
    const refused = await anrf(folder, "up", "--port", String(other.port));
    await other.close();
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/another program uses it; choose one by --port/);
    expect(await readState(folderLayout(folder))).toBeUndefined();
    expect(isAlive(await postgresPid(folder))).toBe(false);
  });

  it.each([100, 400, 900])("ends cleanly when it is told to %i ms after its start", async (ms) => {
    const env = { PATH: process.env["PATH"], HOME: folder, ANRF_DATA: folder, ANRF_DURABLE: "false" };
    const script = join(import.meta.dirname, "supervise.ts");
    const child = spawn(process.execPath, [script, "up", "--port", "0"], { env, stdio: "ignore" });
    await until(async () => (await readState(folderLayout(folder)))?.pid === child.pid);
    await new Promise((resolve) => setTimeout(resolve, ms));
    child.kill("SIGTERM");
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect(code).toBe(0);
    expect(isAlive(await postgresPid(folder))).toBe(false);
    expect(await readState(folderLayout(folder))).toBeUndefined();
  });

  it("refuses a data folder of a newer build, and changes nothing in it", async () => {
    const newer = await mkdtemp(join(tmpdir(), "anrf-newer-"));
    await mkdir(join(newer, "run"));
    await writeFile(join(newer, "version"), "99\n");
    const refused = await anrf(newer, "up", "--port", "0", "-o", "json");
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.err).error).toMatch(/layout is version 99, written by a newer build/);
    expect(await readFile(join(newer, "version"), "utf8")).toBe("99\n");
    await expect(stat(join(newer, "postgres"))).rejects.toThrow("ENOENT");
    await rm(newer, { recursive: true });
  });

  it("reset asks, and deletes only data folders", async () => {
    expect((await anrf(folder, "reset")).err).toContain("use --yes");
    const strange = await mkdtemp(join(tmpdir(), "anrf-strange-"));
    expect((await anrf(strange, "reset", "--yes")).code).toBe(2);
    await rm(strange, { recursive: true });
    expect((await anrf(folder, "reset", "--yes")).code).toBe(0);
    await expect(stat(folder)).rejects.toThrow("ENOENT");
  });
});
