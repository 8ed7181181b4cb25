import { type Env, readConfig } from "#platform/process/env.ts";

/** How programs are generated. */
export interface GenerationConfig {
  /** How long a generation is believed to run without word from its process. */
  readonly leaseMs: number;
  /** Searches at once; 0: one a core but one, two at least. */
  readonly workers: number;
  /** Memory that one search may fill with terms. */
  readonly memoryMb: number;
  /** Searches that may wait. */
  readonly queue: number;
  /** The model that takes part where a request names none: `name`, `name@alias`; "": the newest; `none`: none. */
  readonly model: string;
  /** Days that generations are kept; 0: for ever. */
  readonly retentionDays: number;
}

/** Reads the variables of the generation service; throws with every mistake. */
export function readGenerationConfig(env: Env): GenerationConfig {
  return readConfig(env, (vars) => ({
    leaseMs: vars.int("ANRF_GENERATION_LEASE_MS", 30_000, { min: 500, max: 600_000 }),
    workers: vars.int("ANRF_GENERATION_WORKERS", 0, { min: 0, max: 256 }),
    memoryMb: vars.int("ANRF_GENERATION_MEMORY_MB", 512, { min: 64, max: 8192 }),
    queue: vars.int("ANRF_GENERATION_QUEUE", 256, { min: 1, max: 100_000 }),
    model: vars.text("ANRF_GENERATION_MODEL", ""),
    retentionDays: vars.int("ANRF_GENERATION_RETENTION_DAYS", 90, { min: 0, max: 3650 }),
  }));
}
