import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { processEnv } from "#platform/process/env.ts";

/** Microseconds of CPU that a process has used, all its threads together, those that ended too. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold anything; user and system ticks are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** KiB of memory that a process holds now. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

// Linux counts hundredths of a second on every machine that Node runs on.
const TICK_US = 10_000;

/** A server of this project in a process of its own; its output goes to a file, as a log would. */
export interface BenchServer extends Disposable {
  readonly pid: number;
  readonly port: number;
  /** Microseconds of CPU until now. */
  cpu(): Promise<number>;
  /** KiB of what is alive after a collection of garbage, where the server tells. */
  held?(): Promise<number>;
  /** Ends it and waits until it has gone. */
  end?(): Promise<void>;
}

/** Starts a script that sends `{ port }` and answers "cpu" with `{ cpu }`, "held" with `{ held }`. */
export async function startServer(
  script: URL,
  args: readonly string[],
  log: string,
  env: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  const out = openSync(log, "a");
  const child = fork(script, args, {
    stdio: ["ignore", out, "inherit", "ipc"],
    env: { ...processEnv(), ...env },
    execArgv: [...process.execArgv, "--expose-gc"],
  });
  closeSync(out);
  const { port } = (await message(child)) as { readonly port: number };
  return {
    pid: child.pid ?? 0,
    port,
    cpu: async () => {
      child.send("cpu");
      const { cpu } = (await message(child)) as { readonly cpu: NodeJS.CpuUsage };
      return cpu.user + cpu.system;
    },
    held: async () => {
      child.send("held");
      return ((await message(child)) as { readonly held: number }).held;
    },
    end: () => {
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.disconnect();
      return gone;
    },
    [Symbol.dispose]: () => child.disconnect(),
  };
}

function message(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`the server ended with code ${code}`));
    child.once("exit", onExit);
    child.once("message", (value) => {
      child.off("exit", onExit);
      resolve(value);
    });
  });
}

/** Runs so many pieces of work, so many at once. */
export async function inParallel(total: number, callers: number, work: () => Promise<void>): Promise<void> {
  let left = total;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** The value below which a share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle one; of an even number the upper. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("there is no median of nothing");
  return middle;
}
