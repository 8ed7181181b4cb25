import { type Env, readConfig } from "#platform/process/env.ts";

/** How intents are kept. */
export interface IntentConfig {
  /** Days that an analysis is kept; 0 keeps it for ever. */
  readonly retentionDays: number;
}

/** Reads the variables of intents; throws with every mistake. */
export function readIntentConfig(env: Env): IntentConfig {
  return readConfig(env, (vars) => ({
    retentionDays: vars.int("ANRF_INTENT_RETENTION_DAYS", 90, { min: 0, max: 36_500 }),
  }));
}
