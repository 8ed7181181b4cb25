import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { PythonValue } from "./values.ts";

/** One source with the calls of one of its functions. */
export interface PythonJob {
  readonly source: string;
  readonly function: string;
  readonly calls: readonly (readonly PythonValue[])[];
}

/** What one call came to: a value, an exception by its name, or more steps than the driver grants. */
export interface PythonResult {
  readonly value?: PythonValue;
  readonly raised?: string;
  readonly limit?: boolean;
  /** An int left the signed 64-bit range on the way. */
  readonly wide?: boolean;
  /** An int went past 2^53 on the way, where a language of doubles loses digits. */
  readonly inexact?: boolean;
  /** The run went on with undefined, NaN or an infinity, where others stop. */
  readonly lost?: boolean;
}

/** One result for each call, or why the source has no such function. */
export type PythonAnswer = { readonly results: readonly PythonResult[] } | { readonly broken: string };

/** The oldest minor version of Python 3 whose meaning is that of the importer. */
const OLDEST = 11;

/** A Python to run, or why there is none. */
export function findPython(): { readonly command: string } | { readonly missing: string } {
  for (const command of ["python3.11", "python3", "python3.12", "python3.13"]) {
    try {
      const script = "import sys; print(*sys.version_info[:2], sys.implementation.name)";
      const said = execFileSync(command, ["-c", script], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      const [major, minor, name] = said.trim().split(" ");
      if (major === "3" && Number(minor) >= OLDEST && name === "cpython") return { command };
    } catch {
      // Not on the path, or a shim without a version behind it: the next name may do.
    }
  }
  return {
    missing: `no CPython of version 3.${OLDEST} or later is on the path; install one to run these checks`,
  };
}

/** One CPython process that answers jobs in the order in which they are asked. */
export class Python implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;
  readonly #waiting: { resolve(answer: PythonAnswer): void; reject(error: Error): void }[] = [];
  #isClosed = false;

  /** Starts the process. */
  constructor(command: string) {
    const driver = join(import.meta.dirname, "driver.py");
    this.#child = spawn(command, ["-I", "-S", driver], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#lines.on("line", (line) => this.#waiting.shift()?.resolve(JSON.parse(line) as PythonAnswer));
    this.#child.on("close", (code) => this.#end(`python ended with exit code ${code}`));
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.stdin.on("error", (error) => this.#end(error.message));
  }

  /** The answer to one job; rejects where the process has ended. */
  ask(job: PythonJob): Promise<PythonAnswer> {
    if (this.#isClosed) return Promise.reject(new Error("cannot ask python: its process has ended"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify(job)}\n`);
    });
  }

  #end(why: string): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(`cannot ask python: ${why}`));
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#isClosed) return;
    this.#child.on("close", () => resolve());
    this.#child.stdin.end();
    await promise;
  }
}
