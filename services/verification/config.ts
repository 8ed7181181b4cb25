import { type Env, readConfig } from "#platform/process/env.ts";

/** How programs are verified. */
export interface VerificationConfig {
  /** Days that results are kept; 0: for ever. */
  readonly retentionDays: number;
  /** Milliseconds that all checks of one program may take together. */
  readonly wallMs: number;
}

/** Reads the variables of the verification service; throws with every mistake. */
export function readVerificationConfig(env: Env): VerificationConfig {
  return readConfig(env, (vars) => ({
    retentionDays: vars.int("ANRF_VERIFICATION_RETENTION_DAYS", 180, { min: 0, max: 3650 }),
    wallMs: vars.int("ANRF_VERIFICATION_WALL_MS", 30_000, { min: 100, max: 300_000 }),
  }));
}
