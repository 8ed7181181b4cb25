import { type Env, readConfig } from "#platform/process/env.ts";

/** How the registry keeps programs. */
export interface RegistryConfig {
  /** Days between DeleteAnrf and the erasure of the bytes. */
  readonly eraseDays: number;
}

/** Reads the registry's variables; throws with every mistake. */
export function readRegistryConfig(env: Env): RegistryConfig {
  return readConfig(env, (vars) => ({
    eraseDays: vars.int("ANRF_REGISTRY_ERASE_DAYS", 7, { min: 0, max: 3650 }),
  }));
}
