import type { DescService } from "@bufbuild/protobuf";
import type { Database } from "../data/database.ts";
import { startJobs, type Task, type Tasks } from "../data/jobs.ts";
import type { ObjectStore } from "../data/objects.ts";
import type { Client } from "../rpc/handlers.ts";
import { readImage } from "../rpc/reflection.ts";
import { type ProcessConfig, readProcessConfig } from "./config.ts";
import { ConfigError, type Env } from "./env.ts";
import { createLinks, type Links } from "./links.ts";
import { createLogger, type Logger } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { type Ops, startOps } from "./ops.ts";
import { remotePages, startPageServer } from "./pages.ts";
import { createStores, type Stores } from "./stores.ts";
import type { Host, Readiness, Started, Target, Topology } from "./target.ts";
import { openTracer, type Tracer } from "./tracer.ts";

/** What a process is made of. */
export interface HostOptions {
  readonly topology: Topology;
  /** The targets that run here. */
  readonly targets: readonly Target[];
  readonly env: Env;
  /** gen/anrf.binpb: needed where mesh ports are opened, for reflection. */
  readonly image?: string | URL;
  /** Whether mesh ports are opened; by default when a target of the topology is missing here. */
  readonly mesh?: boolean;
  /** In place of what the environment says; the host does not close it. */
  readonly database?: Database;
  /** In place of what the environment says. */
  readonly objects?: ObjectStore;
  readonly log?: Logger;
  readonly metrics?: Metrics;
}

/** A process that runs. Disposing it drains first. */
export interface RunningHost extends AsyncDisposable {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Undefined if none is open. */
  readonly opsPort: number | undefined;
  /** Mesh ports by target; empty in one process. */
  readonly meshPorts: ReadonlyMap<string, number>;
  /** What targets get; `as` names the calling target. For tests and for what stands beside the targets. */
  client<S extends DescService>(service: S, as: string): Client<S>;
  started(target: string): Started | undefined;
  ready(): Promise<readonly Readiness[]>;
  /** Not ready at once, no new work, running work gets its time; resolves when it has ended or was broken off. */
  drain(): Promise<void>;
}

/** Starts targets in this process; throws one ConfigError with the mistakes of all of them. */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const names = new Set(options.targets.map((target) => target.name));
  const mesh = options.mesh ?? options.topology.some((plan) => !names.has(plan.name));
  const configs = settle(() => readProcessConfig(options.env, mesh));
  const log = options.log ?? createLogger({ level: configs.value?.logLevel ?? "info" });
  const metrics = options.metrics ?? createMetrics();
  const tracer = await tracerOf(configs.value, log, metrics);
  const host = new HostProcess(options, configs.value, { log, metrics, tracer }, mesh);
  try {
    await host.start(configs.mistakes);
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
  return host;
}

async function tracerOf(
  config: ProcessConfig | undefined,
  log: Logger,
  metrics: Metrics,
): Promise<Tracer | undefined> {
  if (config?.otlpEndpoint === undefined) return undefined;
  return openTracer({ endpoint: config.otlpEndpoint, ratio: config.traceRatio, log, metrics });
}

/** What a process tells of itself. */
interface Telemetry {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer | undefined;
}

function settle<T>(read: () => T): { readonly value: T | undefined; readonly mistakes: readonly string[] } {
  try {
    return { value: read(), mistakes: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { value: undefined, mistakes: error.mistakes };
    throw error;
  }
}

/** How long broken-off work may take to notice. */
const LAST_WORDS_MS = 3_000;

class HostProcess implements RunningHost {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly #tracer: Tracer | undefined;
  readonly #options: HostOptions;
  readonly #config: ProcessConfig | undefined;
  readonly #mesh: boolean;
  readonly #shutdown = new AbortController();
  readonly #stop = new AbortController();
  readonly #links: Links;
  readonly #stores: Stores | undefined;
  readonly #started = new Map<string, Started>();
  readonly #tasks = new Map<string, Task>();
  #jobs: AsyncDisposable | undefined;
  #ops: Ops | undefined;
  #pageServer: AsyncDisposable | undefined;
  #accepting = true;
  #draining: Promise<void> | undefined;

  constructor(
    options: HostOptions,
    config: ProcessConfig | undefined,
    { log, metrics, tracer }: Telemetry,
    mesh: boolean,
  ) {
    this.#options = options;
    this.#config = config;
    this.#mesh = mesh;
    this.log = log;
    this.metrics = metrics;
    this.#tracer = tracer;
    this.#stores = config === undefined ? undefined : createStores(config, log);
    this.#links = createLinks({
      topology: options.topology,
      log,
      metrics: this.metrics,
      tracer,
      stop: this.#stop.signal,
      peers: config?.peers ?? "",
      portOffset: config?.portOffset ?? 0,
      meshToken: config?.meshToken,
      mesh,
    });
  }

  get opsPort(): number | undefined {
    return this.#ops?.port;
  }

  get meshPorts(): ReadonlyMap<string, number> {
    return this.#links.ports;
  }

  async start(processMistakes: readonly string[]): Promise<void> {
    // Without a process configuration the targets still read theirs, so that one run shows every mistake.
    const outcomes = await Promise.allSettled(
      this.#options.targets.map((target) => this.#startTarget(target)),
    );
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason as unknown] : [],
    );
    const mistakes = failures.flatMap((failure) => (failure instanceof ConfigError ? failure.mistakes : []));
    if (processMistakes.length + mistakes.length > 0)
      throw new ConfigError([...new Set([...processMistakes, ...mistakes])]);
    if (failures.length > 0) throw failures[0];
    if (this.#mesh && this.#config !== undefined) await this.#openMesh(this.#config);
    if (this.#tasks.size > 0) {
      this.#jobs = startJobs(await this.#database(), Object.fromEntries(this.#tasks), this.log);
    }
    if (this.#config?.opsPort !== undefined) {
      this.#ops = await startOps({
        port: this.#config.opsPort,
        address: this.#config.bind,
        metrics: this.metrics,
        accepting: () => this.#accepting,
        ready: () => this.ready(),
      });
    }
    for (const started of this.#started.values()) await started.open?.();
    this.#links.warm();
  }

  async #startTarget(target: Target): Promise<void> {
    const started = await target.start(this.#hostFor(target.name));
    this.#started.set(target.name, started);
    this.#links.add(target.name, started.serves);
  }

  async #openMesh(config: ProcessConfig): Promise<void> {
    if (this.#options.image === undefined)
      throw new Error("a mesh port needs the descriptors of the contract: set image");
    const { files } = readImage(this.#options.image);
    await this.#links.listen(config.bind, files);
    for (const [name, { pages }] of this.#started) {
      const port = this.#options.topology.find((plan) => plan.name === name)?.port;
      if (pages !== undefined && port !== undefined)
        this.#pageServer = await startPageServer(config.bind, port + config.portOffset, pages);
    }
    this.#links.setServing(true);
  }

  #hostFor(name: string): Host {
    return {
      env: this.#options.env,
      log: this.log.child({ target: name }),
      metrics: this.metrics,
      tracer: this.#tracer,
      shutdown: this.#shutdown.signal,
      seconds: (path) => this.#links.seconds(path),
      client: (service) => this.#links.client(service, name),
      pages: (request) => this.#pages(request),
      database: () => this.#database(),
      objects: () => this.#objects(),
      jobs: (tasks: Tasks) => this.#addTasks(tasks),
    };
  }

  /** Of the target here that has pages, else of the one that the topology lists for them. */
  #pages(request: Request): Promise<Response> {
    for (const started of this.#started.values())
      if (started.pages !== undefined) return started.pages(request);
    const plan = this.#options.topology.find((one) => one.pages === true);
    if (plan === undefined || !this.#mesh || this.#config === undefined) {
      return Promise.resolve(new Response("no pages are served here\n", { status: 404 }));
    }
    const address = this.#config.peers
      .replaceAll("{target}", plan.name)
      .replaceAll("{port}", String(plan.port + this.#config.portOffset));
    return remotePages(`http://${address}`)(request);
  }

  #addTasks(tasks: Tasks): void {
    for (const [name, task] of Object.entries(tasks)) {
      if (this.#tasks.has(name)) throw new Error(`two targets have a task ${name}`);
      this.#tasks.set(name, task);
    }
  }

  async #database(): Promise<Database> {
    return this.#options.database ?? (await this.#storesOrThrow().database());
  }

  async #objects(): Promise<ObjectStore> {
    return this.#options.objects ?? (await this.#storesOrThrow().objects());
  }

  #storesOrThrow(): Stores {
    // The process's own mistakes are reported by start; here they only end the target's start.
    if (this.#stores === undefined) throw new ConfigError([]);
    return this.#stores;
  }

  client<S extends DescService>(service: S, as: string): Client<S> {
    return this.#links.client(service, as);
  }

  started(target: string): Started | undefined {
    return this.#started.get(target);
  }

  async ready(): Promise<readonly Readiness[]> {
    const all = await Promise.all(
      [...this.#started].map(async ([name, started]) => {
        const needs = await started
          .ready()
          .catch((error: unknown) => [
            { name: "target", ok: false, details: error instanceof Error ? error.message : String(error) },
          ]);
        return needs.map((need) => ({ ...need, name: `${name}: ${need.name}` }));
      }),
    );
    return all.flat();
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    this.#accepting = false;
    this.#links.setServing(false);
    await sleep(this.#config?.drainDelayMs ?? 0);
    this.#shutdown.abort(new Error("the process is stopping"));
    this.#links.closeDoors();
    const done = await this.#links.idle(this.#config?.drainMs ?? 0);
    this.#stop.abort(new Error("the process is stopping"));
    if (!done) await this.#links.idle(LAST_WORDS_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    await this.#links[Symbol.asyncDispose]();
    await this.#pageServer?.[Symbol.asyncDispose]();
    // Callers before callees, as the topology lists them.
    for (const { name } of this.#options.topology) await this.#stopTarget(name);
    await this.#jobs?.[Symbol.asyncDispose]();
    await this.#stores?.[Symbol.asyncDispose]();
    await this.#ops?.[Symbol.asyncDispose]();
    await this.#tracer?.[Symbol.asyncDispose]();
    this.#started.clear();
  }

  async #stopTarget(name: string): Promise<void> {
    try {
      await this.#started.get(name)?.[Symbol.asyncDispose]();
    } catch (error) {
      this.log.error({ err: error, target: name }, "a target could not be stopped cleanly");
    }
  }
}

function sleep(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
