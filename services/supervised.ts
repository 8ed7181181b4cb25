// One platform under supervision: its database, its process, its state on disk.
import { appendFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { FolderLayout } from "#platform/data/folder-layout.ts";
import { migrate } from "#platform/data/migrate.ts";
import { type Postgres, startPostgres } from "#platform/data/postgres.ts";
import type { Env } from "#platform/process/env.ts";
import { type Keeper, keepRunning } from "./keep-running.ts";
import { endProcess, isAlive, type RunState, readState, runs, writeState } from "./run-state.ts";

/** Why a start fails: the port or the data folder cannot be used, the request makes no sense, or anything else. */
export type FailureKind = "port" | "data" | "usage" | "start";

const PLATFORM = "services/main.ts";
const ADDRESS = "127.0.0.1";
/** Metrics stand this far above the gateway where that port is free. */
const METRICS_OFFSET = 4_000;
/** How long a platform may take to drain. */
export const DRAIN_MS = 45_000;

/** Why nothing was started. */
export class Failure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** What is asked for. */
export interface Wish {
  /** 0 for a free one. */
  readonly port: number;
  /** Whether somebody asked for that port: then a platform on another one is no answer. */
  readonly insists: boolean;
  readonly profile: string;
  /** Ends with the process that started it. */
  readonly attached: boolean;
}

/** Starts a platform in a data folder and keeps it running until it is stopped. */
export class Supervised {
  readonly #layout: FolderLayout;
  readonly #wish: Wish;
  readonly #env: Env;
  #state: RunState;
  #postgres: Postgres | undefined;
  #opening: Promise<string> | undefined;
  #keeper: Keeper | undefined;
  #watch: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(layout: FolderLayout, wish: Wish, env: Env) {
    this.#layout = layout;
    this.#wish = wish;
    this.#env = env;
    this.#state = {
      phase: "starting",
      pid: process.pid,
      platformPid: 0,
      postgresPid: 0,
      url: "",
      metricsUrl: "",
      profile: wish.profile,
      gateway: "edge",
      dataDir: layout.root,
      logDir: layout.logs,
      keyFile: join(layout.keys, "first-key"),
      startTime: new Date().toISOString(),
      restarts: 0,
    };
  }

  get state(): RunState {
    return this.#state;
  }

  async start(): Promise<void> {
    // The platform of a supervisor that was killed runs on and holds its port.
    await endOrphanPlatform(await readState(this.#layout));
    await this.#set({});
    for (let attempt = 1; ; attempt++) {
      const port = await this.#gatewayPort();
      const metricsPort = await freePort(port + METRICS_OFFSET);
      await this.#set({
        url: `http://${ADDRESS}:${port}`,
        metricsUrl: `http://${ADDRESS}:${metricsPort}/metrics`,
      });
      this.#opening = this.#database();
      const database = await this.#opening;
      if (this.#stopped) return;
      try {
        this.#keeper = this.#launch(port, metricsPort, database);
        return await this.#keeper.ready;
      } catch (error) {
        // A free port that somebody took meanwhile.
        if (this.#wish.port === 0 && attempt < 4 && messageOf(error).includes("EADDRINUSE")) continue;
        throw new Failure(
          "start",
          `cannot start the platform: ${messageOf(error)}\nthe whole log is ${join(this.#layout.logs, "anrf.log")}`,
          error,
        );
      }
    }
  }

  async #gatewayPort(): Promise<number> {
    const { port } = this.#wish;
    if (port === 0) return freePort(0);
    if (await isFree(port)) return port;
    throw new Failure(
      "port",
      `cannot open port ${port} on ${ADDRESS}: another program uses it; choose one by --port`,
    );
  }

  async #database(): Promise<string> {
    const own = this.#env["ANRF_DATABASE_URL"];
    if (this.#wish.profile === "postgres") {
      if (!own)
        throw new Failure(
          "usage",
          "cannot use profile postgres: ANRF_DATABASE_URL names no database; set it",
        );
      await migrate(own);
      return own;
    }
    if (this.#postgres === undefined) {
      const durable = !/^(false|0|no|off)$/i.test(this.#env["ANRF_DURABLE"] ?? "");
      this.#postgres = await startPostgres(this.#layout, { durable });
      await this.#set({ postgresPid: this.#postgres.pid });
      await migrate(this.#postgres.url);
      this.#watch = setInterval(() => this.#watchPostgres(durable), 1_000);
    }
    return this.#postgres.url;
  }

  /** A server that died comes back on its port; the platform's pools find it there. */
  #watchPostgres(durable: boolean): void {
    const server = this.#postgres;
    if (server === undefined || isAlive(server.pid)) return;
    this.#postgres = undefined;
    startPostgres(this.#layout, { port: server.port, durable }).then(
      (fresh) => {
        this.#postgres = fresh;
        if (this.#stopped) return fresh.stop();
        note(this.#layout, `PostgreSQL ended and was started again as process ${fresh.pid}`);
        return this.#set({ postgresPid: fresh.pid });
      },
      (error: unknown) => {
        this.#postgres = server;
        note(this.#layout, messageOf(error));
      },
    );
  }

  #launch(port: number, metricsPort: number, databaseUrl: string): Keeper {
    return keepRunning({
      script: join(import.meta.dirname, "main.ts"),
      args: ["all"],
      logFile: join(this.#layout.logs, "anrf.log"),
      env: {
        ...this.#env,
        ANRF_DATA: this.#layout.root,
        ANRF_DATABASE_URL: databaseUrl,
        ANRF_EDGE_ADDRESS: ADDRESS,
        ANRF_EDGE_PORT: String(port),
        ANRF_OPS_PORT: String(metricsPort),
        ...(this.#env["ANRF_BOOTSTRAP_KEY_FILE"] ? {} : { ANRF_FIRST_KEY_FILE: this.#state.keyFile }),
      },
      answers: () => isReady(metricsPort),
      changed: (phase, pid, restarts) => this.#set({ phase, platformPid: pid, restarts }),
      ended: (how) => note(this.#layout, `the platform ended unasked: ${how}`),
    });
  }

  async #set(change: Partial<RunState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    if (!this.#stopped || change.phase === "stopping") await writeState(this.#layout, this.#state);
  }

  async stop(now: AbortSignal): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#watch);
    await this.#set({ phase: "stopping" });
    const keeper = this.#keeper;
    now.addEventListener("abort", () => void keeper?.stop(true));
    await keeper?.stop(now.aborted);
    // A database that is just being started has to be there before it can be ended.
    await this.#opening?.catch(() => {});
    clearInterval(this.#watch);
    await this.#postgres?.stop();
  }
}

/** Ends the platform of a supervisor that is gone; false if there is none. */
export async function endOrphanPlatform(state: RunState | undefined): Promise<boolean> {
  if (state === undefined || !runs(state.platformPid, PLATFORM)) return false;
  if (!(await endProcess(state.platformPid, "SIGTERM", DRAIN_MS))) {
    await endProcess(state.platformPid, "SIGKILL", 5_000);
  }
  return true;
}

async function isReady(metricsPort: number): Promise<boolean> {
  try {
    const response = await fetch(`http://${ADDRESS}:${metricsPort}/readyz`, {
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function freePort(wanted: number): Promise<number> {
  if (wanted > 0 && wanted < 65_536 && (await isFree(wanted))) return wanted;
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, ADDRESS, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, ADDRESS, () => server.close(() => resolve(true)));
  });
}

function note(layout: FolderLayout, text: string): void {
  appendFileSync(join(layout.logs, "supervisor.log"), `${new Date().toISOString()} ${text}\n`);
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
