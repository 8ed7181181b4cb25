import { Socket } from "node:net";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { decodeWork, encodeFrame, type Frame, FrameKind, FrameReader, type Work } from "./frames.ts";
import type { WorkerJob, WorkerReport, WorkerStart } from "./worker.ts";
import { FED, STOP } from "./worker-signals.ts";

// The process between the service and its workers. It reads frames from descriptor 3, gives each job a worker of its
// own, and ends workers when it is told to. It never looks into a payload.

interface Settings extends WorkerStart {
  readonly workers: number;
  readonly heapMb: number;
  readonly stackMb: number;
  readonly maxJobs: number;
}

/** A job, with what reaches it while it waits for a worker or runs in one. */
interface Order {
  readonly job: number;
  readonly work: Work;
  readonly signals: Int32Array<SharedArrayBuffer>;
  /** This end and the job's end of what it is fed by. */
  readonly feed: MessagePort;
  readonly far: MessagePort;
}

interface Slot {
  readonly worker: Worker;
  state: "loading" | "idle" | "busy" | "ending";
  /** The job at work; undefined without one. */
  order: Order | undefined;
  affinity: string;
  /** How many jobs it has done. */
  done: number;
  /** Why it ended, where it said so. */
  fault:
    | { readonly kind: typeof FrameKind.memory | typeof FrameKind.failed; readonly why: string }
    | undefined;
}

const settings = JSON.parse(process.argv[2] ?? "{}") as Settings;
const slots = new Set<Slot>();
const waiting: Order[] = [];
const reader = new FrameReader();
let ready = false;

const pipe = new Socket({ fd: 3, readable: true, writable: true });
pipe.on("data", (piece: Buffer) => {
  for (const frame of reader.push(piece)) receive(frame);
});
// The service has ended, killed perhaps: nothing here has a purpose any more.
pipe.on("close", () => process.exit(0));
pipe.on("error", () => process.exit(0));

for (let count = 0; count <= settings.workers; count++) addWorker();

function receive(frame: Frame): void {
  if (frame.kind === FrameKind.run) {
    const { port1: feed, port2: far } = new MessageChannel();
    const signals = new Int32Array(new SharedArrayBuffer(8));
    waiting.push({ job: frame.job, work: decodeWork(frame.payload), signals, feed, far });
    assign();
  } else if (frame.kind === FrameKind.stop || frame.kind === FrameKind.feed) {
    const order = slotOf(frame.job)?.order ?? waiting.find((one) => one.job === frame.job);
    if (order === undefined) return;
    if (frame.kind === FrameKind.stop) Atomics.store(order.signals, STOP, 1);
    else order.feed.postMessage(frame.payload, [frame.payload.buffer as ArrayBuffer]);
    // A job that waits to be fed looks again.
    Atomics.add(order.signals, FED, 1);
    Atomics.notify(order.signals, FED);
  } else if (frame.kind === FrameKind.kill) {
    kill(frame.job);
  } else if (frame.kind === FrameKind.ping) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, process.memoryUsage.rss(), true);
    send(FrameKind.pong, 0, bytes);
  }
}

function kill(job: number): void {
  const slot = slotOf(job);
  if (slot !== undefined) {
    end(slot);
    return;
  }
  const at = waiting.findIndex((item) => item.job === job);
  if (at >= 0) waiting.splice(at, 1);
  // Also for a job whose answer is on its way: it hears "killed" after it, and drops it.
  send(FrameKind.killed, job);
}

function assign(): void {
  while (waiting.length > 0) {
    const next = waiting[0];
    if (next === undefined) return;
    const slot = idleSlot(next.work.affinity);
    if (slot === undefined) return;
    waiting.shift();
    slot.state = "busy";
    slot.order = next;
    const { job, far, signals } = next;
    const { kind, affinity, payload } = next.work;
    slot.affinity = affinity;
    const work: WorkerJob = { job, kind, payload, signals: signals.buffer, feed: far };
    slot.worker.postMessage(work, [payload.buffer as ArrayBuffer, far]);
  }
}

function idleSlot(affinity: string): Slot | undefined {
  let found: Slot | undefined;
  for (const slot of slots) {
    if (slot.state !== "idle") continue;
    if (affinity !== "" && slot.affinity === affinity) return slot;
    // Next best: one that keeps nothing another job may ask for.
    if (found === undefined || (found.affinity !== "" && slot.affinity === "")) found = slot;
  }
  return found;
}

function addWorker(): void {
  const start: WorkerStart = { module: settings.module };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: start,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: settings.heapMb, stackSizeMb: settings.stackMb },
  });
  const slot: Slot = {
    worker,
    state: "loading",
    order: undefined,
    affinity: "",
    done: 0,
    fault: undefined,
  };
  slots.add(slot);
  worker.on("message", (report: WorkerReport) => hear(slot, report));
  worker.on("error", (error: Error & { code?: string }) => {
    const kind = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? FrameKind.memory : FrameKind.failed;
    slot.fault = { kind, why: String(error.stack ?? error).slice(0, 4_000) };
  });
  worker.on("exit", () => gone(slot));
}

function hear(slot: Slot, report: WorkerReport): void {
  if (report.say === "ready") {
    slot.state = "idle";
    if (!ready) send(FrameKind.ready, 0);
    ready = true;
    assign();
  } else if (report.say === "broken") {
    send(FrameKind.broken, 0, new TextEncoder().encode(report.why));
  } else if (report.say === "message") {
    if (slot.state === "busy") send(FrameKind.message, report.job, report.bytes);
  } else if (slot.state === "busy") {
    if (report.say === "failed") send(FrameKind.failed, report.job, new TextEncoder().encode(report.why));
    else send(FrameKind.done, report.job, report.bytes);
    slot.state = "idle";
    slot.order?.feed.close();
    slot.order = undefined;
    slot.done++;
    if (slot.done >= settings.maxJobs) end(slot);
    else assign();
  }
}

function end(slot: Slot): void {
  slot.state = "ending";
  void slot.worker.terminate();
}

function gone(slot: Slot): void {
  slots.delete(slot);
  slot.order?.feed.close();
  if (slot.order !== undefined) {
    const { job } = slot.order;
    if (slot.state === "ending") send(FrameKind.killed, job);
    else send(slot.fault?.kind ?? FrameKind.lost, job, new TextEncoder().encode(slot.fault?.why ?? ""));
  }
  // One that ends before it has loaded would end again: the service gives up on this child instead.
  if (slot.state !== "loading") addWorker();
  else send(FrameKind.broken, 0, new TextEncoder().encode("a worker ended while it loaded the job module"));
  assign();
}

function slotOf(job: number): Slot | undefined {
  for (const slot of slots) if (slot.order?.job === job) return slot;
  return undefined;
}

function send(kind: FrameKind, job: number, payload?: Uint8Array): void {
  pipe.write(encodeFrame(kind, job, payload));
}
