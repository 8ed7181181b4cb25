import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../services/main.ts");
const START_MS = 90_000;

/** The platform in a process of its own, for tests that end it in bad ways. */
export interface Platform extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** All lines that it wrote so far. */
  readonly lines: readonly string[];
  /** Resolves with code or signal when it has ended. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Sends a signal; resolves as `ended` does. */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Starts `main.ts all` on a data folder, or other targets; resolves when it is ready. Disposing it ends it at once. */
export async function startPlatform(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  targets: readonly string[] = ["all"],
): Promise<Platform> {
  const child = spawn(process.execPath, [MAIN, ...targets], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ANRF_DATA: folder, ANRF_EDGE_PORT: "0", ANRF_DRAIN_MS: "5000", ...env },
  });
  const lines: string[] = [];
  gather(child.stdout, lines);
  gather(child.stderr, lines);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code ?? -1));
  });
  const kill = (signal: NodeJS.Signals): Promise<number | NodeJS.Signals> => {
    child.kill(signal);
    return ended;
  };
  const url = await ready(child, lines, ended).catch(async (error: unknown) => {
    await kill("SIGKILL");
    throw error;
  });
  const pid = child.pid ?? 0;
  return { pid, url, lines, ended, kill, [Symbol.asyncDispose]: async () => void (await kill("SIGKILL")) };
}

function gather(stream: NodeJS.ReadableStream | null, lines: string[]): void {
  let rest = "";
  stream?.on("data", (piece: Buffer) => {
    const parts = (rest + piece.toString("utf8")).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
}

async function ready(
  child: ChildProcess,
  lines: readonly string[],
  ended: Promise<unknown>,
): Promise<string> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (const limit = Date.now() + START_MS; Date.now() < limit && !over; ) {
    if (lines.some((line) => line.includes('"msg":"ready"'))) {
      const open = lines.find((line) => line.includes('"msg":"edge is open"'));
      return open === undefined ? "" : String((JSON.parse(open) as { readonly url?: unknown }).url);
    }
    await sleep(20);
  }
  throw new Error(`process ${child.pid} did not become ready:\n${lines.slice(-20).join("\n")}`);
}

/** The processes below a process, children and theirs. */
export async function descendants(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of (await readdir("/proc")).filter((one) => /^\d+$/.test(one))) {
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    // The name in parentheses may hold anything; what follows it is fields.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] !== undefined && fields[0] !== "Z") parents.set(Number(name), Number(fields[1]));
  }
  const found: number[] = [];
  for (let above = [pid]; above.length > 0; ) {
    const below = [...parents].flatMap(([one, parent]) => (above.includes(parent) ? [one] : []));
    found.push(...below);
    above = below;
  }
  return found;
}

/** Whether a process lives; one that only waits to be reaped does not. */
export async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) [ZX] /.test(stat);
}

/** The command line of a process, words separated by blanks; "" when it has gone. */
export async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ").trim();
}

/** The inodes of a process's sockets. */
export async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const name of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await readlink(`/proc/${pid}/fd/${name}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) found.add(inode);
  }
  return found;
}

/** Resolves when the condition holds; throws with what it was after the limit. */
export async function until(what: string, holds: () => Promise<boolean>, ms = 30_000): Promise<void> {
  for (const limit = Date.now() + ms; Date.now() < limit; await sleep(50)) if (await holds()) return;
  throw new Error(`in ${ms} ms this did not come true: ${what}`);
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
