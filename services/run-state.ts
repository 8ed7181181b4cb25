import { readFileSync } from "node:fs";
import { open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FolderLayout, hasCode } from "#platform/data/folder-layout.ts";

/** How far a platform is: only a ready one answers. */
export type Phase = "starting" | "ready" | "restarting" | "stopping";

/** One process of a platform. */
export interface ProcessState {
  readonly name: string;
  readonly phase: Phase;
  /** 0 while there is none. */
  readonly pid: number;
  readonly restarts: number;
  readonly program: string;
  /** A word of its command line that no other program has. */
  readonly marker: string;
  /** Where it says whether it is ready; "" for a gateway of another make. */
  readonly opsUrl: string;
  readonly logFile: string;
}

/** What the supervisor of a data folder writes down, so that others find, follow and end what it started. */
export interface RunState {
  readonly phase: Phase;
  /** The supervisor. */
  readonly pid: number;
  /** The process that holds the gateway's port; 0 while there is none. */
  readonly platformPid: number;
  /** 0 with a database of your own. */
  readonly postgresPid: number;
  readonly url: string;
  /** "" without TLS. */
  readonly tlsUrl: string;
  readonly metricsUrl: string;
  readonly profile: string;
  readonly gateway: string;
  readonly dataDir: string;
  readonly logDir: string;
  /** Where the first key lies. */
  readonly keyFile: string;
  readonly startTime: string;
  /** How often a process of the platform had to be started again. */
  readonly restarts: number;
  /** In the order in which they stop, the gateway last. */
  readonly processes: readonly ProcessState[];
}

/** The file of the state. */
export function stateFile(layout: FolderLayout): string {
  return join(layout.run, "up.json");
}

/** The state as written; undefined if there is none. Its processes may be long gone. */
export async function readState(layout: FolderLayout): Promise<RunState | undefined> {
  try {
    return JSON.parse(await readFile(stateFile(layout), "utf8")) as RunState;
  } catch {
    return undefined;
  }
}

/** Replaces the state at once: a reader sees the old one or the new one. */
export async function writeState(layout: FolderLayout, state: RunState): Promise<void> {
  const fresh = `${stateFile(layout)}.${process.pid}`;
  await writeFile(fresh, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  await rename(fresh, stateFile(layout));
}

/** Forgets the state. */
export async function removeState(layout: FolderLayout): Promise<void> {
  await rm(stateFile(layout), { force: true });
}

/** Whether the process lives and its command line names this script; a process id may have passed to a stranger. */
export function runs(pid: number, script: string): boolean {
  if (!(pid > 1) || !isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(script);
  } catch {
    return process.platform !== "linux";
  }
}

/** Whether a process lives; one that nobody reaps does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}

/** Sends a signal and waits; false if the process outlives the patience. */
export async function endProcess(pid: number, signal: NodeJS.Signals, patienceMs: number): Promise<boolean> {
  try {
    process.kill(pid, signal);
  } catch (error) {
    return hasCode(error, "ESRCH");
  }
  for (const limit = Date.now() + patienceMs; Date.now() < limit; ) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return !isAlive(pid);
}

/** A claim on a data folder. */
export interface Claim {
  /** Gives the folder back. */
  release(): Promise<void>;
}

/**
 * Claims the data folder for one supervisor; undefined while another one lives. Of several starters at once one wins;
 * the claim of a supervisor that was killed passes on.
 */
export async function claim(layout: FolderLayout, script: string): Promise<Claim | undefined> {
  const file = join(layout.run, "up.pid");
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      const handle = await open(file, "wx", 0o600);
      await handle.writeFile(`${process.pid}\n`);
      await handle.close();
      return { release: () => rm(file, { force: true }) };
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.endsWith("\n")) {
      if (runs(Number(text), script)) return undefined;
      await passOn(file, text);
    }
    // An empty file: its maker is about to write, or was killed in between; after a while it counts as the latter.
    else if (attempt > 20) await rm(file, { force: true });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`cannot claim the data folder ${layout.root}: others keep starting in it; try again`);
}

// Moved aside before it is removed: of two who see the same dead owner, one moves it and the other finds it gone.
async function passOn(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  const moved = await readFile(aside, "utf8");
  // Somebody else was quicker and this is the new claim: it goes back.
  if (moved === text) await rm(aside, { force: true });
  else await rename(aside, file);
}
