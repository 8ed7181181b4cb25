import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** One process of a platform. */
export interface LocalProcess {
  readonly name: string;
  readonly phase: string;
  readonly pid: number;
  readonly restarts: number;
  readonly program: string;
  /** "" for a gateway of another make. */
  readonly opsUrl: string;
  readonly logFile: string;
}

/** What the supervisor of a data folder writes down. */
export interface LocalPlatform {
  readonly phase: string;
  readonly pid: number;
  readonly platformPid: number;
  readonly postgresPid: number;
  readonly url: string;
  /** "" without TLS. */
  readonly tlsUrl: string;
  readonly metricsUrl: string;
  readonly profile: string;
  readonly gateway: string;
  readonly dataDir: string;
  readonly logDir: string;
  readonly keyFile: string;
  readonly startTime: string;
  readonly restarts: number;
  /** In the order in which they stop, the gateway last. */
  readonly processes: readonly LocalProcess[];
}

/** The root of this clone. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** The data folder: $ANRF_DATA, else $XDG_DATA_HOME/anrf, else ~/.local/share/anrf. */
export function dataFolder(env: Env): string {
  if (env["ANRF_DATA"]) return resolve(env["ANRF_DATA"]);
  if (env["XDG_DATA_HOME"]) return resolve(env["XDG_DATA_HOME"], "anrf");
  return resolve(env["HOME"] || homedir(), ".local", "share", "anrf");
}

/** The platform that runs in a data folder; undefined if its supervisor does not live. */
export async function localPlatform(folder: string): Promise<LocalPlatform | undefined> {
  try {
    const state = JSON.parse(await readFile(join(folder, "run", "up.json"), "utf8")) as LocalPlatform;
    return lives(state.pid) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process lives. */
export function lives(pid: number): boolean {
  try {
    return pid > 1 && process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
