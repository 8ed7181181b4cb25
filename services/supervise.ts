// node services/supervise.ts up | down: keeps a platform running in a data folder, or ends all that runs there.
import { appendFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dataRoot, type FolderLayout, folderLayout, openDataFolder } from "#platform/data/folder-layout.ts";
import { migrate } from "#platform/data/migrate.ts";
import { type Postgres, startPostgres, stopOrphan } from "#platform/data/postgres.ts";
import { type Env, processEnv } from "#platform/process/env.ts";
import { type Keeper, keepRunning } from "./keep-running.ts";
import {
  claim,
  endProcess,
  isAlive,
  type RunState,
  readState,
  removeState,
  runs,
  writeState,
} from "./run-state.ts";

/** What a starter hears over its channel, once. */
export type Report =
  | { readonly type: "ready"; readonly state: RunState; readonly already: boolean }
  | { readonly type: "failed"; readonly kind: FailureKind; readonly message: string };

/** Why a start fails: the port or the data folder cannot be used, the request makes no sense, or anything else. */
export type FailureKind = "port" | "data" | "usage" | "start";

const SUPERVISOR = "services/supervise.ts";
const PLATFORM = "services/main.ts";
const ADDRESS = "127.0.0.1";
const DEFAULT_PORT = 8080;
/** Metrics stand this far above the gateway where that port is free. */
const METRICS_OFFSET = 4_000;
const DRAIN_MS = 45_000;
const ALREADY_MS = 60_000;

class Failure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

interface Wish {
  /** 0 for a free one. */
  readonly port: number;
  /** Whether somebody asked for that port: then a platform on another one is no answer. */
  readonly insists: boolean;
  readonly profile: string;
  /** Ends with the process that started it. */
  readonly attached: boolean;
}

async function up(wish: Wish, env: Env): Promise<void> {
  const root = dataRoot({
    ANRF_DATA: env["ANRF_DATA"],
    XDG_DATA_HOME: env["XDG_DATA_HOME"],
    HOME: env["HOME"],
  });
  const layout = await openDataFolder(root).catch((error: unknown) => {
    throw new Failure("data", messageOf(error), error);
  });
  const claimed = await claim(layout, SUPERVISOR);
  if (claimed === undefined) return report(await alreadyUp(layout, wish));
  const platform = new Supervised(layout, wish, env);
  const stopping = signalled(wish.attached);
  try {
    await Promise.race([platform.start(), stopping.promise]);
    if (!stopping.asked()) {
      await report({ type: "ready", state: platform.state, already: false });
      if (!wish.attached) process.disconnect?.();
    }
    await stopping.promise;
  } finally {
    await platform.stop(stopping.twice);
    await removeState(layout);
    await claimed.release();
  }
}

/** One that lives in this folder answers for us; one that still starts is waited for. */
async function alreadyUp(layout: FolderLayout, wish: Wish): Promise<Report> {
  for (const limit = Date.now() + ALREADY_MS; Date.now() < limit; ) {
    const state = await readState(layout);
    if (state?.phase === "ready") {
      const port = Number(new URL(state.url).port);
      if (!wish.insists || wish.port === 0 || wish.port === port)
        return { type: "ready", state, already: true };
      throw new Failure(
        "port",
        `cannot open port ${wish.port}: the platform of ${layout.root} runs already, on port ${port}; run "anrf down" first`,
      );
    }
    await sleep(50);
  }
  throw new Failure(
    "start",
    `cannot start: another supervisor holds ${layout.root} and does not become ready; see "anrf logs"`,
  );
}

class Supervised {
  readonly #layout: FolderLayout;
  readonly #wish: Wish;
  readonly #env: Env;
  #state: RunState;
  #postgres: Postgres | undefined;
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
      const database = await this.#database();
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
    await this.#postgres?.stop();
  }
}

async function down(env: Env): Promise<void> {
  const layout = folderLayout(
    dataRoot({ ANRF_DATA: env["ANRF_DATA"], XDG_DATA_HOME: env["XDG_DATA_HOME"], HOME: env["HOME"] }),
  );
  const ended: string[] = [];
  if (await stat(layout.run).catch(() => undefined)) {
    const state = await readState(layout);
    if (state !== undefined && runs(state.pid, SUPERVISOR)) {
      const drained = await endProcess(state.pid, "SIGTERM", DRAIN_MS);
      if (!drained) await endProcess(state.pid, "SIGKILL", 5_000);
      ended.push("supervisor");
    }
    if (await endOrphanPlatform(state)) ended.push("platform");
    if (await stopOrphan(layout)) ended.push("postgres");
    await removeState(layout);
  }
  process.stdout.write(`${JSON.stringify({ dataDir: layout.root, ended })}\n`);
}

async function endOrphanPlatform(state: RunState | undefined): Promise<boolean> {
  if (state === undefined || !runs(state.platformPid, PLATFORM)) return false;
  if (!(await endProcess(state.platformPid, "SIGTERM", DRAIN_MS))) {
    await endProcess(state.platformPid, "SIGKILL", 5_000);
  }
  return true;
}

/** Resolves with the first signal, or with the end of the starter if it is attached; the second signal ends at once. */
function signalled(attached: boolean): {
  readonly promise: Promise<void>;
  readonly twice: AbortSignal;
  asked(): boolean;
} {
  const first = Promise.withResolvers<void>();
  const twice = new AbortController();
  let asked = false;
  const onSignal = (): void => {
    if (asked) twice.abort();
    asked = true;
    first.resolve();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  let kept = !attached;
  process.on("message", (message) => {
    if (message !== "keep") return;
    kept = true;
    process.disconnect?.();
  });
  process.on("disconnect", () => {
    if (!kept && !asked) onSignal();
  });
  return { promise: first.promise, twice: twice.signal, asked: () => asked };
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

/** Resolves when the starter has it. */
function report(message: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send !== undefined)
      process.send(message, undefined, undefined, () => resolve());
    else process.stdout.write(`${JSON.stringify(message)}\n`, () => resolve());
  });
}

function note(layout: FolderLayout, text: string): void {
  appendFileSync(join(layout.logs, "supervisor.log"), `${new Date().toISOString()} ${text}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function main(words: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { port: { type: "string" }, profile: { type: "string" }, attached: { type: "boolean" } },
  });
  if (positionals[0] === "down") return down(processEnv());
  const wish = {
    port: Number(values.port ?? DEFAULT_PORT),
    insists: values.port !== undefined,
    profile: values.profile ?? "embedded",
    attached: values.attached ?? false,
  };
  // Whoever started it may be gone; nothing here may end with its pipes.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  await up(wish, processEnv());
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  async (error: unknown) => {
    const kind = error instanceof Failure ? error.kind : "start";
    await report({ type: "failed", kind, message: messageOf(error) });
    process.exit(1);
  },
);
