import { join } from "node:path";
import { folderLayout } from "#platform/data/folder-layout.ts";
import { readProcessConfig } from "#platform/process/config.ts";
import { type Env, readConfig } from "#platform/process/env.ts";
import { parseKey } from "./keys.ts";

/** How auth finds its first key. */
export interface AuthConfig {
  /** Where the key of an embedded platform is kept; undefined with a database of your own. */
  readonly firstKeyFile: string | undefined;
  /** An administrator's key, for a fresh database; undefined: none. */
  readonly bootstrapKey: string | undefined;
  /** Days that events stay in the outbox. */
  readonly outboxDays: number;
}

/** Reads auth's variables; throws with every mistake. */
export function readAuthConfig(env: Env): AuthConfig {
  const { dataRoot, databaseUrl } = readProcessConfig(env, false);
  return readConfig(env, (vars) => {
    const bootstrapKey = vars.file("ANRF_BOOTSTRAP_KEY_FILE");
    if (bootstrapKey !== undefined && parseKey(bootstrapKey) === undefined) {
      vars.mistake("ANRF_BOOTSTRAP_KEY_FILE: the file holds no key of the form anrf_<uuid>_<43 letters>");
    }
    const embedded = databaseUrl === undefined ? join(folderLayout(dataRoot).keys, "first-key") : undefined;
    const outboxDays = vars.int("ANRF_OUTBOX_RETENTION_DAYS", 7, { min: 0, max: 3_650 });
    return { bootstrapKey, outboxDays, firstKeyFile: vars.text("ANRF_FIRST_KEY_FILE") ?? embedded };
  });
}
