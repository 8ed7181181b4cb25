// One platform under supervision: its database, its process, its state on disk.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { FolderLayout } from "#platform/data/folder-layout.ts";
import { migrate } from "#platform/data/migrate.ts";
import { type Postgres, startPostgres } from "#platform/data/postgres.ts";
import { ConfigError, type Env } from "#platform/process/env.ts";
import { ADDRESS, freePort, isFree } from "#platform/process/ports.ts";
import { type EdgeTls, readEdgeConfig } from "./edge/config.ts";
import { Fleet } from "./fleet.ts";
import { type PlatformPlan, platformMember } from "./platform-member.ts";
import {
  endProcess,
  isAlive,
  type ProcessState,
  type RunState,
  readState,
  runs,
  writeState,
} from "./run-state.ts";

/** Why a start fails: the port or the data folder cannot be used, the request makes no sense, or anything else. */
export type FailureKind = "port" | "data" | "usage" | "start";

/** Metrics stand this far above the gateway where that port is free. */
const METRICS_OFFSET = 4_000;
/** How long a process may take to drain. */
export const DRAIN_MS = 45_000;

/** What holds the port: everything in one process, or Envoy with a process a service behind it. */
export type Gateway = "edge" | "envoy";

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
  readonly gateway: Gateway;
  /** Whether somebody asked for that gateway. */
  readonly insistsOnGateway: boolean;
  /** Whether somebody asked for TLS. */
  readonly insistsOnTls: boolean;
  /** Ends with the process that started it. */
  readonly attached: boolean;
}

/** Starts a platform in a data folder and keeps it running until it is stopped. */
export class Supervised {
  readonly #layout: FolderLayout;
  readonly #wish: Wish;
  readonly #env: Env;
  readonly #tell: (text: string) => void;
  #state: RunState;
  #postgres: Postgres | undefined;
  #opening: Promise<string> | undefined;
  #fleet: Fleet | undefined;
  #watch: NodeJS.Timeout | undefined;
  #stopped = false;
  #writing: Promise<void> = Promise.resolve();

  /** `tell` hears what takes long. */
  constructor(layout: FolderLayout, wish: Wish, env: Env, tell: (text: string) => void = () => {}) {
    this.#layout = layout;
    this.#wish = wish;
    this.#env = env;
    this.#tell = tell;
    this.#state = {
      phase: "starting",
      pid: process.pid,
      platformPid: 0,
      postgresPid: 0,
      url: "",
      tlsUrl: "",
      metricsUrl: "",
      profile: wish.profile,
      gateway: wish.gateway,
      dataDir: layout.root,
      logDir: layout.logs,
      keyFile: join(layout.keys, "first-key"),
      startTime: new Date().toISOString(),
      restarts: 0,
      processes: [],
    };
  }

  get state(): RunState {
    return this.#state;
  }

  async start(): Promise<void> {
    // The platform of a supervisor that was killed runs on and holds its port.
    await endOrphans(await readState(this.#layout));
    await this.#set({});
    const tls = tlsOf(this.#env);
    for (let attempt = 1; ; attempt++) {
      const port = await openable(this.#wish.port, "--port");
      const tlsPort = tls === undefined ? 0 : await openable(tls.port, "--tls-port");
      const metricsPort = await freePort(port + METRICS_OFFSET);
      await this.#set({
        url: `http://${ADDRESS}:${port}`,
        tlsUrl: tls === undefined ? "" : `https://${ADDRESS}:${tlsPort}`,
        metricsUrl: `http://${ADDRESS}:${metricsPort}${this.#wish.gateway === "edge" ? "/metrics" : "/stats/prometheus"}`,
      });
      this.#opening = this.#database();
      const database = await this.#opening;
      if (this.#stopped) return;
      try {
        return await this.#launch({ port, tlsPort, metricsPort }, database);
      } catch (error) {
        await this.#fleet?.stop(AbortSignal.abort());
        // A free port that somebody took meanwhile.
        if (attempt < 4 && this.#mayMove(error)) continue;
        const { gateway } = this.#wish;
        const log = gateway === "edge" ? join(this.#layout.logs, "anrf.log") : `in ${this.#layout.logs}`;
        throw new Failure(
          "start",
          `cannot start the platform: ${messageOf(error)}\nthe whole log is ${log}`,
          error,
        );
      }
    }
  }

  /** Of several processes all ports but the gateway's are chosen here, so that another try may help. */
  #mayMove(error: unknown): boolean {
    if (this.#stopped || (this.#wish.port !== 0 && this.#wish.gateway === "edge")) return false;
    return /EADDRINUSE|address already in use/i.test(messageOf(error));
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

  async #launch(
    ports: Pick<PlatformPlan, "port" | "tlsPort" | "metricsPort">,
    databaseUrl: string,
  ): Promise<void> {
    const plan: PlatformPlan = {
      layout: this.#layout,
      env: this.#env,
      databaseUrl,
      ...ports,
      firstKeyFile: this.#env["ANRF_BOOTSTRAP_KEY_FILE"] ? undefined : this.#state.keyFile,
      note: this.#tell,
      log: (text) => note(this.#layout, text),
    };
    // The one process needs neither the contract nor Envoy's configuration in this one.
    const members =
      this.#wish.gateway === "edge"
        ? [[platformMember(plan)]]
        : await (await import("./mesh-members.ts")).meshMembers(plan);
    if (this.#stopped) return;
    this.#fleet = new Fleet(members, {
      // Whatever becomes of the file, the processes go on being kept.
      changed: (processes) =>
        this.#set(summaryOf(processes)).catch((error: unknown) => note(this.#layout, messageOf(error))),
      note: (text) => note(this.#layout, text),
    });
    await this.#fleet.start();
  }

  async #set(change: Partial<RunState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    if (this.#stopped && change.phase !== "stopping") return;
    // One at a time: each writes what is known when its turn comes.
    const write = (): Promise<void> => writeState(this.#layout, this.#state);
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }

  async stop(now: AbortSignal): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#watch);
    await this.#set({ phase: "stopping" });
    await this.#fleet?.stop(now);
    // A database that is just being started has to be there before it can be ended.
    await this.#opening?.catch(() => {});
    clearInterval(this.#watch);
    await this.#postgres?.stop();
  }
}

/** A port for a gateway, 0 for a free one; throws where another program has it. */
async function openable(port: number, option: string): Promise<number> {
  if (port === 0) return freePort(0);
  if (await isFree(port)) return port;
  throw new Failure(
    "port",
    `cannot open port ${port} on ${ADDRESS}: another program uses it; choose one by ${option}`,
  );
}

/** The gateway's TLS; of a certificate that cannot be used the start hears before anything runs. */
function tlsOf(env: Env): EdgeTls | undefined {
  try {
    return readEdgeConfig(env).tls;
  } catch (error) {
    if (error instanceof ConfigError) throw new Failure("usage", error.message, error);
    throw error;
  }
}

/** What the states of all processes say of the platform. */
function summaryOf(processes: readonly ProcessState[]): Partial<RunState> {
  const restarts = processes.reduce((sum, one) => sum + one.restarts, 0);
  const phases = processes.map(({ phase }) => phase);
  const phase = phases.includes("restarting")
    ? "restarting"
    : phases.includes("starting")
      ? "starting"
      : "ready";
  // The gateway is the last one.
  return { processes, restarts, phase, platformPid: processes.at(-1)?.pid ?? 0 };
}

/** Ends the processes of a supervisor that is gone, its gateway last; names those that still ran. */
export async function endOrphans(state: RunState | undefined): Promise<readonly string[]> {
  const left = (state?.processes ?? []).filter(({ pid, marker }) => runs(pid, marker));
  const gateway = left.filter(({ opsUrl }) => opsUrl === "");
  await Promise.all(left.filter((one) => !gateway.includes(one)).map(({ pid }) => endSoon(pid)));
  for (const { pid } of gateway) await endSoon(pid);
  return left.map(({ name }) => name);
}

async function endSoon(pid: number): Promise<void> {
  if (!(await endProcess(pid, "SIGTERM", DRAIN_MS))) await endProcess(pid, "SIGKILL", 5_000);
}

function note(layout: FolderLayout, text: string): void {
  appendFileSync(join(layout.logs, "supervisor.log"), `${new Date().toISOString()} ${text}\n`);
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
