import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type FolderLayout, hasCode } from "./folder-layout.ts";

/** What a server wrote into the `postmaster.pid` of its folder; it may be long dead. */
export interface PostgresLock {
  readonly pid: number;
  readonly port: number;
  /** "starting", "ready", "stopping" or, in the first moments, "". */
  readonly state: string;
}

/** Reads `postmaster.pid`, whose line 1 is the process, line 4 the port and line 8 the state. */
export async function readLock(layout: FolderLayout): Promise<PostgresLock | undefined> {
  const text = await readFile(join(layout.postgres, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return { pid, port: Number(lines[3] ?? 0), state: lines[7] ?? "" };
}

/**
 * Whether the process is a server on this very folder. A process id may have passed to a stranger since the file was
 * written: only what this answers true for may be used or ended.
 */
export async function isOurs(layout: FolderLayout, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  if (command === undefined) return process.platform !== "linux";
  return command.includes("postgres") && command.split("\0").includes(layout.postgres);
}

/** Ends a server by "fast" shutdown, which rolls open transactions back; by harder means if it does not end. */
export async function stopServer(pid: number): Promise<void> {
  for (const [signal, patience] of STEPS) {
    if (!send(pid, signal)) return;
    for (const limit = Date.now() + patience; Date.now() < limit; ) {
      if (!isAlive(pid)) return;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }
  throw new Error(`cannot stop PostgreSQL: process ${pid} outlives SIGKILL`);
}

const STEPS = [
  ["SIGINT", 20_000],
  ["SIGQUIT", 5_000],
  ["SIGKILL", 5_000],
] as const;

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (hasCode(error, "ESRCH")) return false;
    throw new Error(`cannot stop PostgreSQL: process ${pid} is not ours to end`, { cause: error });
  }
}

/** Whether a process of this number runs. One that has ended counts as gone, also while nobody has reaped it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
  return !isZombie(pid);
}

// In a container nobody may reap an orphan: it has ended, and yet its process id stays.
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
