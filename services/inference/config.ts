import { totalmem } from "node:os";
import { readPublicKeys, type Trust } from "#platform/data/blobs.ts";
import { dataRoot, folderLayout } from "#platform/data/folder-layout.ts";
import { type Env, readConfig, type Vars } from "#platform/process/env.ts";
import type { BackendWish } from "./message.ts";

/** How a node runs models. */
export interface InferenceConfig {
  readonly backend: BackendWish;
  /** Threads of one request. More than one makes answers depend on their number, and is slow on a busy machine. */
  readonly threads: number;
  /** Requests at once of one model. */
  readonly slots: number;
  readonly contextTokens: number;
  /** One context for all requests of a model: more tokens a second on a graphics card, and not exact. */
  readonly isShared: boolean;
  /** Bytes that all models may take together. */
  readonly memoryBytes: number;
  /** Where files of models lie, by their digest. */
  readonly cacheFolder: string;
  /** Bytes that copies may take together; 0: as many as there are. */
  readonly cacheBytes: number;
  /** A model that nobody used for so long is unloaded; 0: never. */
  readonly idleSeconds: number;
  /** Digests of models that are loaded at start. */
  readonly preload: readonly string[];
  readonly trust: Trust;
  readonly remote: RemoteConfig | undefined;
}

/** A server that speaks OpenAI's API. */
export interface RemoteConfig {
  /** Such as `http://127.0.0.1:8000/v1`. */
  readonly url: string;
  readonly key: string | undefined;
}

const MIB = 1024 * 1024;

/** Reads the variables of the inference service; throws with every mistake. */
export function readInferenceConfig(env: Env): InferenceConfig {
  return readConfig(env, (vars) => {
    const half = Math.floor(memoryOfMachine() / 2 / MIB);
    const url = vars.url("ANRF_INFERENCE_REMOTE_URL", ["http:", "https:"]);
    const key = vars.file("ANRF_INFERENCE_REMOTE_KEY_FILE");
    const preload = vars.list("ANRF_INFERENCE_PRELOAD", []);
    for (const digest of preload) {
      if (!/^sha256:[0-9a-f]{64}$/.test(digest))
        vars.mistake(`ANRF_INFERENCE_PRELOAD: ${JSON.stringify(digest)} is no digest such as sha256:9f86…`);
    }
    return {
      backend: vars.choice(
        "ANRF_INFERENCE_BACKEND",
        ["auto", "cpu", "cuda", "vulkan", "metal"] as const,
        "auto",
      ),
      threads: vars.int("ANRF_INFERENCE_THREADS", 1, { min: 1, max: 256 }),
      slots: vars.int("ANRF_INFERENCE_SLOTS", 4, { min: 1, max: 256 }),
      contextTokens: vars.int("ANRF_INFERENCE_CONTEXT_TOKENS", 2_048, { min: 64, max: 1_048_576 }),
      isShared: vars.flag("ANRF_INFERENCE_SHARED_CONTEXT", false),
      memoryBytes: vars.int("ANRF_INFERENCE_MEMORY_MB", half, { min: 1 }) * MIB,
      cacheFolder: vars.text("ANRF_INFERENCE_CACHE", defaultCache(vars)),
      cacheBytes: vars.int("ANRF_INFERENCE_CACHE_MB", 0, { min: 0 }) * MIB,
      idleSeconds: vars.int("ANRF_INFERENCE_IDLE_SECONDS", 600, { min: 0, max: 31_536_000 }),
      preload,
      trust: readTrust(vars),
      remote: url === undefined ? undefined : { url: url.replace(/\/+$/, ""), key },
    };
  });
}

function defaultCache(vars: Vars): string {
  const root = dataRoot({
    ANRF_DATA: vars.text("ANRF_DATA"),
    XDG_DATA_HOME: vars.text("XDG_DATA_HOME"),
    HOME: vars.text("HOME"),
  });
  return folderLayout(root).models;
}

// What a container may use can be far less than what its machine has.
function memoryOfMachine(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

function readTrust(vars: Vars): Trust {
  const allowUnsigned = vars.flag("ANRF_MODELS_UNSIGNED", false);
  const pem = vars.file("ANRF_MODELS_KEYS_FILE");
  if (pem === undefined) return { keys: [], allowUnsigned };
  try {
    return { keys: readPublicKeys(pem), allowUnsigned };
  } catch (error) {
    vars.mistake(`ANRF_MODELS_KEYS_FILE: the file ${error instanceof Error ? error.message : String(error)}`);
    return { keys: [], allowUnsigned };
  }
}
