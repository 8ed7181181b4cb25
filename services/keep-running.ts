import { type ChildProcess, spawn } from "node:child_process";
import { type FileHandle, open, readFile, rename, stat } from "node:fs/promises";
import type { Env } from "#platform/process/env.ts";

/** What is kept running. */
export interface Kept {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Env;
  /** Where it writes. */
  readonly logFile: string;
  /** Resolves when it answers; asked after each start, until the process ends. */
  answers(): Promise<boolean>;
  /** Tells of each change. */
  changed(phase: "starting" | "ready" | "restarting", pid: number, restarts: number): Promise<void>;
  /** Tells how it ended when nobody had asked it to. */
  ended(how: string): void;
}

/** A process that is started again whenever it ends. */
export interface Keeper {
  /** Resolves when it answers for the first time; rejects with what it said if it ends before. */
  readonly ready: Promise<void>;
  /** Asks it to end, waits as long as it drains, and starts it no more; `now` ends it at once. */
  stop(now?: boolean): Promise<void>;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** After so long a run the next failure counts as the first one. */
const GOOD_RUN_MS = 60_000;
/** How long a platform may take to drain: running work has 30 s. */
const DRAIN_MS = 40_000;
const START_MS = 120_000;
/** Asked often at first, less often the longer a start takes. */
const POLL_MS = 20;
const LONGEST_POLL_MS = 200;
const LARGEST_LOG = 50 * 1024 * 1024;

/** Starts a program and keeps it running. */
export function keepRunning(kept: Kept): Keeper {
  return new Keeping(kept);
}

class Keeping implements Keeper {
  readonly ready: Promise<void>;
  readonly #kept: Kept;
  readonly #over: Promise<void>;
  #child: ChildProcess | undefined;
  #stopping = false;
  #wake: () => void = () => {};

  constructor(kept: Kept) {
    this.#kept = kept;
    const first = Promise.withResolvers<void>();
    this.ready = first.promise;
    this.#over = this.#keep(first);
  }

  async stop(now = false): Promise<void> {
    this.#stopping = true;
    this.#wake();
    const child = this.#child;
    child?.kill(now ? "SIGKILL" : "SIGTERM");
    const timer = setTimeout(() => child?.kill("SIGKILL"), DRAIN_MS);
    await this.#over;
    clearTimeout(timer);
  }

  async #keep(first: PromiseWithResolvers<void>): Promise<void> {
    let wait = FIRST_WAIT_MS;
    for (let restarts = 0; !this.#stopping; restarts++) {
      const began = Date.now();
      const answered = await this.#runOnce(restarts, first);
      if (restarts === 0 && !answered.ready) {
        first.reject(new Error(answered.said));
        return;
      }
      if (this.#stopping) return;
      wait = Date.now() - began > GOOD_RUN_MS ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
      await this.#kept.changed("restarting", 0, restarts + 1);
      await this.#pause(wait);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #runOnce(
    restarts: number,
    first: PromiseWithResolvers<void>,
  ): Promise<{ readonly ready: boolean; readonly said: string }> {
    const log = await openLog(this.#kept.logFile);
    const from = (await log.stat()).size;
    const child = spawn(this.#kept.program, this.#kept.args, {
      stdio: ["ignore", log.fd, log.fd],
      env: { ...this.#kept.env },
    });
    this.#child = child;
    const ended = new Promise<void>((resolve) => {
      child.once("error", () => resolve());
      child.once("exit", (code, signal) => {
        if (!this.#stopping) this.#kept.ended(signal === null ? `exit code ${code}` : `signal ${signal}`);
        resolve();
      });
    });
    await log.close();
    await this.#kept.changed(restarts === 0 ? "starting" : "restarting", child.pid ?? 0, restarts);
    const ready = await this.#untilReady(ended);
    if (ready && !this.#stopping) {
      await this.#kept.changed("ready", child.pid ?? 0, restarts);
      first.resolve();
    } else if (!ready) child.kill("SIGKILL");
    await ended;
    this.#child = undefined;
    return { ready, said: ready ? "" : await lastWords(this.#kept.logFile, from) };
  }

  async #untilReady(ended: Promise<void>): Promise<boolean> {
    const gone = ended.then(() => true);
    let wait = POLL_MS;
    for (const limit = Date.now() + START_MS; Date.now() < limit && !this.#stopping; ) {
      if (await this.#kept.answers()) return true;
      const pause = new Promise<false>((resolve) => setTimeout(resolve, wait, false));
      wait = Math.min(wait * 1.1, LONGEST_POLL_MS);
      if (await Promise.race([gone, pause])) return false;
    }
    return this.#stopping;
  }
}

/** Opens a log for appending; one that has grown large is moved aside first. */
export async function openLog(file: string): Promise<FileHandle> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LARGEST_LOG) await rename(file, `${file}.1`);
  return open(file, "a", 0o600);
}

async function lastWords(file: string, from: number): Promise<string> {
  const text = (await readFile(file)).subarray(from).toString("utf8").trim();
  // A log line of a running platform is JSON; what it says before it ends is plain.
  const plain = text.split("\n").filter((line) => line !== "" && !/^(\{| {4}at )/.test(line));
  return (plain.length > 0 ? plain : text.split("\n")).slice(0, 12).join("\n");
}
