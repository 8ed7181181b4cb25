import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Backend, BackendWish, Order, Report } from "./message.ts";

/** What the process of a model tells. `gone` comes once, last. */
export interface ProcessEvents {
  report(report: Report): void;
  gone(why: string): void;
}

/** Threads of the pool in which llama.cpp's calls wait: one a request, and some for files. */
const POOL_THREADS = 36;
const SAID_BYTES = 2_000;

/** This end of a process that runs one model. */
export class ModelProcess {
  readonly #child: ChildProcess;
  /** Resolves when the process has gone. */
  readonly exited: Promise<void>;
  #why = "";
  #said = "";

  constructor(events: ProcessEvents) {
    const file = fileURLToPath(new URL("./child.ts", import.meta.url));
    this.#child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", file], {
      // No variables of ours: they name keys and data. The system's libraries are found by the loader's own.
      env: { UV_THREADPOOL_SIZE: String(POOL_THREADS), ...libraryPaths() },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (piece: Buffer) => {
        this.#said = (this.#said + piece.toString("utf8")).slice(-SAID_BYTES);
      });
    }
    const exited = Promise.withResolvers<void>();
    this.exited = exited.promise;
    let isReported = false;
    const onGone = (why: string): void => {
      if (isReported) return;
      isReported = true;
      events.gone([this.#why || why, this.#said.trim()].filter((part) => part !== "").join(": "));
      exited.resolve();
    };
    this.#child.on("message", (report: Report) => events.report(report));
    this.#child.once("error", (error) => onGone(error.message));
    this.#child.once("exit", (code, signal) => onGone(`the process ended with ${signal ?? `code ${code}`}`));
  }

  /** The process id; 0 if there is none. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends an order; nothing happens if the process has gone. */
  send(order: Order): void {
    if (!this.#child.connected) return;
    // A channel that breaks is the end of the process, which `exit` reports.
    this.#child.send(order, () => {});
  }

  /** Ends it at once; `gone` follows. */
  kill(why: string): void {
    this.#why ||= why;
    this.#child.kill("SIGKILL");
  }
}

/** Where drivers of graphics cards are found, if somebody says so. */
function libraryPaths(): Readonly<Record<string, string>> {
  // biome-ignore lint/style/noProcessEnv: what the loader of the system reads, no setting of ours
  const path = process.env["LD_LIBRARY_PATH"];
  return path === undefined ? {} : { LD_LIBRARY_PATH: path };
}

/**
 * What computes on this machine. Where no package for a graphics card is installed, that is known without a look;
 * else a process of its own looks, because drivers may take it down.
 */
export async function findBackend(wish: BackendWish): Promise<Backend> {
  if (wish !== "auto") return wish;
  const hasCardPackages = existsSync(new URL("./gpu/node_modules/node-llama-cpp", import.meta.url));
  const isApple = process.platform === "darwin" && process.arch === "arm64";
  if (!hasCardPackages && !isApple) return "cpu";
  return new Promise((resolve) => {
    const probe = new ModelProcess({
      report: (report) => {
        if (report.kind !== "backend") return;
        resolve(report.backend);
        probe.kill("it has answered");
      },
      gone: () => resolve("cpu"),
    });
    probe.send({ kind: "probe" });
  });
}
