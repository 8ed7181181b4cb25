import { readFileSync, writeFileSync } from "node:fs";
import type { JobControl } from "../job.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const hoard: unknown[] = [];

const jobs: Readonly<Record<string, (payload: Uint8Array, control: JobControl) => Uint8Array | Promise<Uint8Array>>> = {
  echo: (payload) => payload,
  throw: () => {
    throw new Error("thrown by the job");
  },
  spin: () => {
    for (;;);
  },
  "spin until stopped": (_payload, control) => {
    let turns = 0;
    while (!control.stopped()) {
      if (turns === 0) control.send(bytes("turning"));
      turns++;
    }
    return bytes(`stopped after ${turns > 0 ? "some" : "no"} turns`);
  },
  count: async (payload, control) => {
    for (let at = 1; at <= Number(text(payload)); at++) {
      control.send(bytes(`${at}`));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return bytes("counted");
  },
  "count until stopped": async (_payload, control) => {
    for (let at = 1; !control.stopped(); at++) {
      control.send(bytes(`${at}`));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return bytes("stopped");
  },
  "echo what it is fed": (_payload, control) => {
    control.send(bytes("hungry"));
    for (;;) {
      const next = control.receive(30_000);
      if (next === undefined) return bytes(control.stopped() ? "told to stop" : "starved");
      if (text(next) === "enough") return bytes("fed");
      control.send(next);
    }
  },
  starve: (_payload, control) => bytes(control.receive(5) === undefined ? "nothing came" : "something came"),
  heap: () => {
    for (let size = 1; ; size++) hoard.push(Array.from({ length: 100_000 }, (_, at) => ({ at, size })));
  },
  buffers: () => {
    for (;;) hoard.push(new Uint8Array(32 * 1024 * 1024).fill(7));
  },
  recurse: () => {
    const depth = (n: number): number => (n === 0 ? 0 : 1 + depth(n - 1));
    return bytes(`${depth(200_000)}`);
  },
  read: (payload) => bytes(readFileSync(text(payload), "utf8")),
  write: (payload) => {
    writeFileSync(text(payload), "written");
    return bytes("written");
  },
  environment: () => bytes(JSON.stringify(process.env)),
  spawn: async () => {
    const { execFileSync } = await import("node:child_process");
    return bytes(execFileSync("/bin/true").toString());
  },
  "leave worker": () => process.exit(3),
  "kill child": () => {
    process.kill(process.pid, "SIGKILL");
    return bytes("alive");
  },
  "throw later": async () => {
    setTimeout(() => {
      throw new Error("nobody catches this");
    }, 1);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    return bytes("");
  },
  shared: () => new Uint8Array(new SharedArrayBuffer(4)),
  slice: () => new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
  pid: () => bytes(`${process.pid}`),
};

export const run = (kind: string, payload: Uint8Array, control: JobControl): Uint8Array | Promise<Uint8Array> => {
  const job = jobs[kind];
  if (job === undefined) throw new Error(`no job ${kind}`);
  return job(payload, control);
};
