import { readPublicKeys, type Trust } from "#platform/data/blobs.ts";
import { type Env, readConfig } from "#platform/process/env.ts";

/** How the registry of models keeps them. */
export interface ModelsConfig {
  /** Whose signatures count. */
  readonly trust: Trust;
  /** Days between DeleteModelVersion and the erasure of files that nothing else needs. */
  readonly eraseDays: number;
}

/** Reads the variables of the registry of models; throws with every mistake. */
export function readModelsConfig(env: Env): ModelsConfig {
  return readConfig(env, (vars) => {
    const pem = vars.file("ANRF_MODELS_KEYS_FILE");
    let keys: Trust["keys"] = [];
    try {
      if (pem !== undefined) keys = readPublicKeys(pem);
    } catch (error) {
      vars.mistake(
        `ANRF_MODELS_KEYS_FILE: the file ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    return {
      // Unsigned models may be kept anywhere; whether they run is decided where they are loaded.
      trust: { keys, allowUnsigned: true },
      eraseDays: vars.int("ANRF_MODELS_ERASE_DAYS", 7, { min: 0, max: 3650 }),
    };
  });
}
