import { existsSync } from "node:fs";
import type {
  GgufFileInfo,
  Llama,
  LlamaContext,
  LlamaContextSequence,
  LlamaModel,
  Token,
} from "node-llama-cpp";
import type { Backend, LoadOrder, Refusal } from "./message.ts";

/** Why a model cannot be loaded, for people. */
export class LoadRefusal extends Error {
  readonly why: Refusal;

  constructor(why: Refusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LoadRefusal";
    this.why = why;
  }
}

/** Tokens of a prompt that are read at once: between two slices a request can be called off. */
export const SLICE = 8;

type Package = typeof import("node-llama-cpp");

/** A model in memory. */
export interface LlamaWeights {
  readonly model: LlamaModel;
  readonly contextTokens: number;
}

/** What hears of a model that is being loaded. */
export interface LoadHost {
  /** Told what the model needs; resolves when that is free. */
  needs(memory: number, contextTokens: number): Promise<void>;
  share(share: number): void;
}

/** Loads a model; throws LoadRefusal. Its weights are not touched before the memory is said to be there. */
export async function loadWeights(order: LoadOrder, host: LoadHost): Promise<LlamaWeights> {
  const library = await importPackage();
  const llama = await openBackend(library, order.backend, order.threads * order.slots);
  const info = await readHeader(library, order.path);
  const insights = await library.GgufInsights.from(info, llama);
  const contextTokens = Math.min(order.contextTokens, insights.trainContextSize ?? order.contextTokens);
  const vocabulary = info.metadata.tokenizer?.ggml.tokens?.length ?? 0;
  await host.needs(await estimate(insights, llama, order, contextTokens, vocabulary), contextTokens);
  try {
    const model = await llama.loadModel({
      modelPath: order.path,
      gpuLayers: llama.gpu === false ? 0 : "max",
      onLoadProgress: (share) => host.share(share),
      ignoreMemorySafetyChecks: llama.gpu === false,
    });
    return { model, contextTokens };
  } catch (error) {
    if (error instanceof library.InsufficientMemoryError)
      throw new LoadRefusal("too-large", `the device has no room: ${error.message}`, { cause: error });
    throw new LoadRefusal("unreadable", `llama.cpp does not load it: ${messageOf(error)}`, { cause: error });
  }
}

/** What computes here. */
export async function probeBackend(): Promise<Backend> {
  const library = await importPackage();
  const llama = await library.getLlama({ gpu: "auto", build: "never", skipDownload: true });
  return llama.gpu === false ? "cpu" : llama.gpu;
}

// The packages for graphics cards have a folder of their own, where somebody installed them: see gpu/package.json.
async function importPackage(): Promise<Package> {
  const own = new URL("./gpu/node_modules/node-llama-cpp/dist/index.js", import.meta.url);
  if (existsSync(own)) return (await import(own.href)) as Package;
  return import("node-llama-cpp");
}

async function openBackend(library: Package, backend: Backend, threads: number): Promise<Llama> {
  const gpu = backend === "cpu" ? false : backend;
  try {
    // Never compiles and never downloads: what came with the packages has to do.
    const llama = await library.getLlama({
      gpu,
      build: "never",
      skipDownload: true,
      maxThreads: threads,
      logLevel: library.LlamaLogLevel.error,
    });
    if (gpu === llama.gpu) return llama;
  } catch (error) {
    if (!(error instanceof library.NoBinaryFoundError)) throw error;
  }
  throw new LoadRefusal(
    "no-backend",
    `there is no ${backend} here: install the packages of services/inference/gpu, or set ANRF_INFERENCE_BACKEND=cpu`,
  );
}

async function readHeader(library: Package, path: string): Promise<GgufFileInfo> {
  try {
    return await library.readGgufFileInfo(path, { logWarnings: false });
  } catch (error) {
    throw new LoadRefusal("unreadable", `its GGUF header cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

// Beside weights and caches, as measured: the process itself, the vocabulary on both sides of the binding, buffers of a
// context. Within a tenth of what processes of 0 to 500 MB of weights took.
const PROCESS_BYTES = 120 * 1024 * 1024;
const TOKEN_BYTES = 1_200;
const CONTEXT_BYTES = 8 * 1024 * 1024;

type Insights = Awaited<ReturnType<Package["GgufInsights"]["from"]>>;

/** Bytes that a model takes with all its contexts, on whatever device they are. */
async function estimate(
  insights: Insights,
  llama: Llama,
  order: LoadOrder,
  contextTokens: number,
  vocabulary: number,
): Promise<number> {
  const gpuLayers = llama.gpu === false ? 0 : insights.totalLayers;
  const weights = await insights.estimateModelResourceRequirementsV2({ gpuLayers });
  const context = await insights.estimateContextResourceRequirementsV2({
    contextSize: contextTokens,
    modelGpuLayers: gpuLayers,
    batchSize: SLICE * (order.isShared ? order.slots : 1),
    sequences: order.isShared ? order.slots : 1,
  });
  const contexts = order.isShared ? 1 : order.slots;
  return (
    PROCESS_BYTES +
    vocabulary * TOKEN_BYTES +
    weights.cpuRam +
    weights.gpuVram +
    contexts * (CONTEXT_BYTES + context.cpuRam + context.gpuVram)
  );
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Room for one request, with what an earlier one left: tokens of a beginning that requests share. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** What the context holds between requests. */
  kept: readonly Token[];
}

/** Contexts of a model, made when they are first needed. There are never more requests at once than slots. */
export class Slots {
  readonly #weights: LlamaWeights;
  readonly #order: LoadOrder;
  readonly #idle: Slot[] = [];
  #made = 0;
  #shared: Promise<LlamaContext> | undefined;

  constructor(weights: LlamaWeights, order: LoadOrder) {
    this.#weights = weights;
    this.#order = order;
  }

  /** The slot that has most of the beginning already. */
  async take(beginning: readonly Token[]): Promise<Slot> {
    const best = this.#idle
      .map((slot) => ({ slot, length: reusable(slot.kept, beginning) }))
      .sort((a, b) => b.length - a.length)[0];
    // An unused context is cheaper than the loss of a beginning that another kind of request will want again.
    const isFit = best !== undefined && (best.length > 0 || best.slot.kept.length === 0);
    if (best === undefined || (!isFit && this.#made < this.#order.slots)) return this.#make();
    this.#idle.splice(this.#idle.indexOf(best.slot), 1);
    return best.slot;
  }

  /** Gives a slot back; its own part has been erased. */
  give(slot: Slot): void {
    this.#idle.push(slot);
  }

  /** Gives up a slot whose context can no longer be trusted. */
  async drop(slot: Slot): Promise<void> {
    this.#made--;
    await (this.#order.isShared ? slot.sequence.dispose() : slot.sequence.context.dispose());
  }

  async #make(): Promise<Slot> {
    if (this.#made >= this.#order.slots) throw new Error("more requests at once than slots");
    this.#made++;
    const context = await (this.#order.isShared ? this.#sharedContext() : this.#context(1));
    // Old tokens are never pushed out in silence: a request ends where its context does.
    const contextShift = { size: 1, strategy: (): never => refuseShift() };
    return { sequence: context.getSequence({ contextShift }), kept: [] };
  }

  #sharedContext(): Promise<LlamaContext> {
    this.#shared ??= this.#context(this.#order.slots);
    return this.#shared;
  }

  #context(sequences: number): Promise<LlamaContext> {
    const { model, contextTokens } = this.#weights;
    return model.createContext({
      contextSize: contextTokens,
      sequences,
      batchSize: SLICE * sequences,
      threads: { ideal: this.#order.threads, min: this.#order.threads },
      // Small as the batches are, the package's own reserve would refuse what the estimate has let in.
      ignoreMemorySafetyChecks: true,
      failedCreationRemedy: false,
    });
  }
}

function refuseShift(): never {
  throw new Error("a context was filled beyond its end");
}

/**
 * How much of a beginning need not be read again. Where the two differ only whole slices count: a token that is read in
 * another company may come out with other last bits.
 */
export function reusable(kept: readonly number[], beginning: readonly number[]): number {
  let same = 0;
  while (same < kept.length && kept[same] === beginning[same]) same++;
  return same === kept.length && same === beginning.length ? same : same - (same % SLICE);
}
