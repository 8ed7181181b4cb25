import { type Env, readConfig } from "#platform/process/env.ts";

/** How programs are run. */
export interface ExecutionConfig {
  /** Days that records are kept; 0: for ever. */
  readonly retentionDays: number;
  /** Jobs at once in the sandbox; 0: one a core, two at least. */
  readonly workers: number;
}

/** Reads the variables of the execution service; throws with every mistake. */
export function readExecutionConfig(env: Env): ExecutionConfig {
  return readConfig(env, (vars) => ({
    retentionDays: vars.int("ANRF_EXECUTION_RETENTION_DAYS", 30, { min: 0, max: 3650 }),
    workers: vars.int("ANRF_EXECUTION_WORKERS", 0, { min: 0, max: 256 }),
  }));
}
