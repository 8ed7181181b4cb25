import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { encodeFrame, type Frame, FrameKind, FrameReader } from "./frames.ts";

/** How a child is started and watched. */
export interface ChildSettings {
  /** The URL of the job module. */
  readonly module: string;
  /** Jobs at once; one more worker stands by. */
  readonly workers: number;
  readonly heapMb: number;
  readonly stackMb: number;
  /** A worker is replaced after so many jobs. */
  readonly maxJobs: number;
  /** More flags for Node, such as "--no-liftoff". */
  readonly flags: readonly string[];
  readonly readyMs: number;
  readonly pingMs: number;
  /** Above this a child is killed. */
  readonly maxRssMb: number;
}

/** What a child tells its pool. `gone` comes once, last, whatever happened. */
export interface ChildEvents {
  ready(): void;
  frame(frame: Frame): void;
  /** Its resident memory, each ping. */
  resident(bytes: number): void;
  gone(why: string): void;
}

/** What the code of a job may read: our code and the libraries, and so neither data nor keys. */
const CODE = ["anrf", "gen", "services", "node_modules", "package.json"];
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const MISSED_PINGS = 3;
const MEMORY_LOOK_MS = 200;

/** The service's end of one child process. */
export class Child {
  readonly #settings: ChildSettings;
  readonly #events: ChildEvents;
  readonly #process: ChildProcess;
  readonly #pipe: Duplex;
  readonly #reader = new FrameReader();
  readonly #timers: NodeJS.Timeout[] = [];
  /** Resolves when the process has gone. */
  readonly exited: Promise<void>;
  #unanswered = 0;
  #said = "";
  #why = "";
  #isReady = false;

  constructor(settings: ChildSettings, events: ChildEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#process = start(settings);
    this.#pipe = this.#process.stdio[3] as Duplex;
    this.#pipe.on("data", (piece: Buffer) => this.#read(piece));
    // A broken pipe is the child's end, which `exit` reports.
    this.#pipe.on("error", () => {});
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (piece: Buffer) => {
        this.#said = (this.#said + piece.toString("utf8")).slice(-2_000);
      });
    }
    const exited = Promise.withResolvers<void>();
    this.exited = exited.promise;
    let reported = false;
    const onGone = (why: string): void => {
      if (reported) return;
      reported = true;
      for (const timer of this.#timers) clearTimeout(timer);
      this.#pipe.destroy();
      events.gone([this.#why || why, this.#said.trim()].filter((part) => part !== "").join(": "));
      exited.resolve();
    };
    this.#process.once("error", (error) => onGone(error.message));
    this.#process.once("exit", (code, signal) => onGone(`the child ended with ${signal ?? `code ${code}`}`));
    // The exit status says nothing: a mistake under --permission may end with 0 and no word. Only `ready` counts.
    this.#after(settings.readyMs, () => {
      if (!this.#isReady) this.kill(`the child was not ready within ${settings.readyMs} ms`);
    });
    this.#watch();
  }

  /** The process id, while there is one. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Sends one frame; nothing happens if the child has gone. */
  send(kind: FrameKind, job: number, payload?: Uint8Array): void {
    if (!this.#pipe.destroyed) this.#pipe.write(encodeFrame(kind, job, payload));
  }

  /** Ends the child at once with all its workers; `gone` follows. */
  kill(why: string): void {
    this.#why ||= why;
    this.#process.kill("SIGKILL");
  }

  #read(piece: Buffer): void {
    let frames: readonly Frame[];
    try {
      frames = this.#reader.push(piece);
    } catch (error) {
      this.kill(String(error));
      return;
    }
    for (const frame of frames) this.#receive(frame);
  }

  #receive(frame: Frame): void {
    this.#unanswered = 0;
    if (frame.kind === FrameKind.ready) {
      this.#isReady = true;
      this.#events.ready();
    } else if (frame.kind === FrameKind.broken) {
      this.kill(`the job module could not be loaded: ${new TextDecoder().decode(frame.payload)}`);
    } else if (frame.kind === FrameKind.pong) {
      const { buffer, byteOffset } = frame.payload;
      this.#events.resident(new DataView(buffer, byteOffset).getFloat64(0, true));
    } else {
      this.#events.frame(frame);
    }
  }

  #watch(): void {
    this.#every(this.#settings.pingMs, () => {
      if (!this.#isReady) return;
      if (this.#unanswered >= MISSED_PINGS) {
        this.kill(`the child missed ${MISSED_PINGS} pings`);
        return;
      }
      this.#unanswered++;
      this.send(FrameKind.ping, 0);
    });
    // Buffers count in no heap limit, and a child that fills the machine answers no ping: look from outside.
    this.#every(MEMORY_LOOK_MS, () => void this.#lookAtMemory());
  }

  async #lookAtMemory(): Promise<void> {
    const resident = await residentBytes(this.#process.pid);
    if (resident <= this.#settings.maxRssMb * 1024 * 1024) return;
    this.kill(`the child used more than ${this.#settings.maxRssMb} MiB of memory`);
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(act, ms);
    timer.unref();
    this.#timers.push(timer);
  }

  #every(ms: number, act: () => void): void {
    const timer = setInterval(act, ms);
    timer.unref();
    this.#timers.push(timer);
  }
}

function start(settings: ChildSettings): ChildProcess {
  const { module, workers, heapMb, stackMb, maxJobs, flags } = settings;
  const permissions = CODE.map((name) => `--allow-fs-read=${ROOT}${name}`);
  const file = fileURLToPath(new URL("./child.ts", import.meta.url));
  const own = JSON.stringify({ module, workers, heapMb, stackMb, maxJobs });
  return spawn(
    process.execPath,
    [
      "--permission",
      "--allow-worker",
      "--disable-warning=SecurityWarning",
      ...permissions,
      ...flags,
      file,
      own,
    ],
    {
      env: {},
      // A worker may read its working directory whatever the flags say (Node 24.21): it must be a code folder.
      cwd: `${ROOT}services`,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // An interrupt typed at the terminal is for the service, which drains first.
      detached: true,
    },
  );
}

async function residentBytes(pid: number | undefined): Promise<number> {
  // Second number of statm: resident pages. Where there is no /proc, only the heap limits hold.
  const text = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "");
  return Number(text.split(" ")[1] ?? 0) * 4_096;
}
