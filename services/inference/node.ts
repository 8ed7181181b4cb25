import type { ModelManifest } from "#gen/anrf/models/v1/models_service_pb.ts";
import type { Logger } from "#platform/process/log.ts";
import { exhausted, failedPrecondition, shuttingDown } from "#platform/rpc/error.ts";
import type { InferenceConfig } from "./config.ts";
import { type FetchDeps, fetchFiles, readManifest, refused } from "./fetch.ts";
import type { Backend } from "./message.ts";
import type { NodeMetrics } from "./metrics.ts";
import { Runner } from "./runner.ts";

/** What a node is made of. */
export interface NodeOptions {
  readonly config: InferenceConfig;
  readonly fetch: FetchDeps;
  readonly log: Logger;
  readonly metrics: NodeMetrics;
  backend(): Promise<Backend>;
  now(): number;
}

/** A model that this node knows. */
export interface NodeModel {
  readonly digest: string;
  readonly manifest: ModelManifest;
  /** Undefined for a model that another server runs. */
  readonly runner: Runner | undefined;
}

/** The models of this machine: which are loaded, and what memory they share. Disposing ends their processes. */
export class InferenceNode implements AsyncDisposable {
  readonly #options: NodeOptions;
  readonly #models = new Map<string, Promise<NodeModel>>();
  readonly #known = new Map<string, NodeModel>();
  readonly #idle: NodeJS.Timeout;
  readonly #stop = new AbortController();

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#idle = setInterval(() => void this.#unloadIdle(), IDLE_LOOK_MS);
    this.#idle.unref();
  }

  /** Whether answers repeat exactly on a backend: one thread and a context of its own for each request, on a CPU. */
  isExact(backend: Backend): boolean {
    const { threads, isShared } = this.#options.config;
    return backend === "cpu" && threads === 1 && !isShared;
  }

  /** What computes here. */
  backend(): Promise<Backend> {
    return this.#options.backend();
  }

  /** Models that somebody asked for. */
  get models(): readonly NodeModel[] {
    return [...this.#known.values()];
  }

  get #runners(): readonly Runner[] {
    return this.models.flatMap(({ runner }) => runner ?? []);
  }

  /** Bytes that the loaded models are estimated to take. */
  get memoryUsed(): number {
    return this.#runners.reduce((sum, { memory }) => sum + memory, 0);
  }

  /** A model by its digest; its manifest is read and checked once, its files when it is first needed. */
  open(digest: string): Promise<NodeModel> {
    if (this.#stop.signal.aborted) return Promise.reject(shuttingDown());
    const known = this.#models.get(digest);
    if (known !== undefined) return known;
    const opened = this.#open(digest);
    this.#models.set(digest, opened);
    // A model that is refused now may be right later: signed, imported, trusted.
    opened.catch(() => this.#models.delete(digest));
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#idle);
    this.#stop.abort(shuttingDown());
    await Promise.allSettled(this.#runners.map((runner) => runner.close(shuttingDown())));
  }

  async #open(digest: string): Promise<NodeModel> {
    const { fetch, metrics } = this.#options;
    const manifest = await readManifest(digest, fetch).catch((error: unknown) => {
      metrics.refused();
      throw error;
    });
    if (manifest.format === "tfjs") throw refused(digest, "its format is tfjs", "only gguf runs here");
    const isRemote = manifest.format === "remote";
    const model = { digest, manifest, runner: isRemote ? undefined : await this.#runner(digest, manifest) };
    this.#known.set(digest, model);
    return model;
  }

  async #runner(digest: string, manifest: ModelManifest): Promise<Runner> {
    const { config, fetch, log, metrics } = this.#options;
    const backend = await this.backend();
    return new Runner({
      digest,
      slots: config.slots,
      fetch: (onProgress) => fetchFiles(digest, manifest, fetch, onProgress, this.#stop.signal),
      order: (path) => ({
        kind: "load",
        path,
        contextTokens: config.contextTokens,
        slots: config.slots,
        threads: config.threads,
        isShared: config.isShared,
        backend,
      }),
      admit: (memory) => this.#admit(digest, memory),
      onLoss: (why) => {
        metrics.lost();
        log.warn({ model: digest, why }, "the process of a model was lost");
      },
      onRefusal: (error) => {
        metrics.refused();
        log.warn({ model: digest, err: error }, "a model was not loaded");
      },
      now: () => this.#options.now(),
    });
  }

  /** Unloads what is idle, the longest unused first, until there is room; throws if there will be none. */
  async #admit(digest: string, memory: number): Promise<void> {
    const limit = this.#options.config.memoryBytes;
    if (memory > limit) {
      throw failedPrecondition(
        "MODEL_TOO_LARGE",
        `cannot load the model ${digest}: with its contexts it needs about ${mib(memory)} MiB, and models may take ${mib(limit)}; ` +
          "raise ANRF_INFERENCE_MEMORY_MB, lower ANRF_INFERENCE_SLOTS or ANRF_INFERENCE_CONTEXT_TOKENS, or use a smaller model",
        { metadata: { needed: String(memory), limit: String(limit) } },
      );
    }
    // The model's own needs count in memoryUsed already.
    const idle = this.#runners
      .filter((runner) => runner.digest !== digest && runner.memory > 0 && !runner.isBusy)
      .sort((a, b) => a.lastUsed - b.lastUsed);
    for (const runner of idle) {
      if (this.memoryUsed <= limit) return;
      await runner.unload("another model needs its memory");
    }
    if (this.memoryUsed <= limit) return;
    throw exhausted(
      "QUEUE_FULL",
      `cannot load the model ${digest} now: it needs about ${mib(memory)} MiB, and other models are at work; try again later`,
      { retrySeconds: 5 },
    );
  }

  async #unloadIdle(): Promise<void> {
    const { idleSeconds } = this.#options.config;
    if (idleSeconds === 0) return;
    const before = this.#options.now() - idleSeconds * 1000;
    for (const runner of this.#runners) {
      if (runner.state === "loaded" && !runner.isBusy && runner.lastUsed < before)
        await runner.unload("nobody used it");
    }
  }
}

const IDLE_LOOK_MS = 1_000;

const mib = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);
