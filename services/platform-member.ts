// One process of ours as a member of a fleet.
import { join } from "node:path";
import type { FolderLayout } from "#platform/data/folder-layout.ts";
import type { Env } from "#platform/process/env.ts";
import { ADDRESS } from "#platform/process/ports.ts";
import type { Member } from "./fleet.ts";

/** What all members of a platform share. */
export interface PlatformPlan {
  readonly layout: FolderLayout;
  readonly env: Env;
  readonly databaseUrl: string;
  /** Of the gateway. */
  readonly port: number;
  /** Of the gateway; 0 without TLS. */
  readonly tlsPort: number;
  readonly metricsPort: number;
  /** Where the first key is written; undefined where another one is the first. */
  readonly firstKeyFile: string | undefined;
  /** Tells the starter what takes long. */
  note(text: string): void;
  /** Writes a line into the supervisor's own log. */
  log(text: string): void;
}

/** One process. */
export interface NodeMember {
  readonly name: string;
  readonly targets: readonly string[];
  readonly logFile: string;
  readonly opsPort: number;
  readonly env: Env;
}

/** A word that stands in the command line of each process of ours. */
export const PLATFORM = "services/main.ts";

/** A member that runs targets. */
export function nodeMember(plan: PlatformPlan, member: NodeMember): Member {
  return {
    name: member.name,
    program: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "main.ts"), ...member.targets],
    marker: PLATFORM,
    logFile: member.logFile,
    opsUrl: `http://${ADDRESS}:${member.opsPort}`,
    env: {
      // Who runs a platform of their own brings models of their own.
      ANRF_MODELS_UNSIGNED: "allow",
      ...plan.env,
      ANRF_DATA: plan.layout.root,
      ANRF_DATABASE_URL: plan.databaseUrl,
      ANRF_OPS_PORT: String(member.opsPort),
      ...(plan.firstKeyFile === undefined ? {} : { ANRF_FIRST_KEY_FILE: plan.firstKeyFile }),
      ...member.env,
    },
    answers: () => isOk(`http://${ADDRESS}:${member.opsPort}/readyz`),
  };
}

/** The one process with everything in it. */
export function platformMember(plan: PlatformPlan): Member {
  return nodeMember(plan, {
    name: "platform",
    targets: ["all"],
    logFile: join(plan.layout.logs, "anrf.log"),
    opsPort: plan.metricsPort,
    env: {
      ANRF_EDGE_ADDRESS: ADDRESS,
      ANRF_EDGE_PORT: String(plan.port),
      ANRF_EDGE_TLS_PORT: String(plan.tlsPort),
    },
  });
}

/** Whether an address answers with a success. */
export async function isOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
