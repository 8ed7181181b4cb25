import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { JobControl, RunJob } from "./job.ts";
import { FED, STOP } from "./worker-signals.ts";

/** What a worker is started with. */
export interface WorkerStart {
  /** The URL of the module whose `run` does the jobs. */
  readonly module: string;
}

/** One job for a worker. */
export interface WorkerJob {
  readonly job: number;
  readonly kind: string;
  readonly payload: Uint8Array;
  /** Two Int32: at `STOP` anything but 0 means stop; at `FED` how often it was fed or told to stop. */
  readonly signals: SharedArrayBuffer;
  /** What the job is fed. */
  readonly feed: MessagePort;
}

/** What a worker says: first `ready` or `broken`, then messages of its job, then how it ended. */
export type WorkerReport =
  | { readonly say: "ready" }
  | { readonly say: "broken"; readonly why: string }
  | { readonly say: "message" | "done"; readonly job: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly say: "failed"; readonly job: number; readonly why: string };

const start = workerData as WorkerStart;
let run: RunJob | undefined;

try {
  const module: { readonly run?: unknown } = await import(start.module);
  if (typeof module.run !== "function") throw new Error(`${start.module} exports no function run`);
  run = module.run as RunJob;
  report({ say: "ready" });
} catch (error) {
  report({ say: "broken", why: describe(error) });
}

parentPort?.on("message", (work: WorkerJob) => void perform(work));

async function perform({ job, kind, payload, signals, feed }: WorkerJob): Promise<void> {
  const flags = new Int32Array(signals);
  const stopped = (): boolean => Atomics.load(flags, STOP) !== 0;
  const control: JobControl = {
    stopped,
    receive: (waitMs) => {
      const heard = Atomics.load(flags, FED);
      const next = receive(feed);
      if (next !== undefined || stopped()) return next;
      // Whatever was fed after the count was read ends the wait at once.
      Atomics.wait(flags, FED, heard, waitMs);
      return receive(feed);
    },
    send: (bytes) => report({ say: "message", job, bytes: owned(bytes) }),
  };
  try {
    if (run === undefined) throw new Error("the job module was not loaded");
    report({ say: "done", job, bytes: owned(await run(kind, payload, control)) });
  } catch (error) {
    report({ say: "failed", job, why: describe(error) });
  } finally {
    feed.close();
  }
}

function receive(feed: MessagePort): Uint8Array | undefined {
  return (receiveMessageOnPort(feed) as { readonly message: Uint8Array } | undefined)?.message;
}

function report(what: WorkerReport): void {
  const moved = what.say === "message" || what.say === "done" ? [what.bytes.buffer] : [];
  parentPort?.postMessage(what, moved);
}

// A view of a larger buffer, or of shared memory, is copied: only a buffer of its own can be moved.
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  return whole ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

function describe(error: unknown): string {
  return error instanceof Error
    ? (error.stack ?? error.message).slice(0, 4_000)
    : String(error).slice(0, 4_000);
}
