import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { InferenceService, Message_Role } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { openFolderStore } from "#platform/data/folder.ts";
import { startHost } from "#platform/process/host.ts";
import { createLogger } from "#platform/process/log.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { target } from "../../services/inference/target.ts";
import { tinyModel } from "../../tests/gguf.ts";
import { callOf } from "../../tests/host.ts";
import { type Heard, hear, type Request, TEST_TOPOLOGY } from "../../tests/infer.ts";
import { putModel } from "../../tests/models.ts";
import { BACKENDS } from "../solve.ts";
import { compareLoops } from "./loops.ts";

const RUNS = 5;
const TOKENS = 64;

/** `inference [FILE.gguf [cpu|cuda|vulkan|metal]]`: the decode loop beside a bare one, requests side by side, cancels, memory. */
export async function inferenceCommand(args: readonly string[]): Promise<number> {
  await using model = await modelFile(args[0]);
  const backend = BACKENDS.find((name) => name === (args[1] ?? "cpu"));
  if (backend === undefined) {
    console.error(`could not run on ${args[1]}: it is one of ${BACKENDS.join(", ")}`);
    return 2;
  }
  console.log(
    `model ${basename(model.path)} on ${backend}, load average ${loadavg()
      .map((one) => one.toFixed(1))
      .join(" ")}`,
  );
  const rows = await compareLoops(model.path, backend, RUNS, TOKENS);
  console.log(`\ndecode, ${TOKENS} tokens, ms a token, ${RUNS} interleaved runs (median first)`);
  for (const { name, cpuMs, wallMs } of rows) {
    console.log(`  ${name.padEnd(24)} CPU   ${line(cpuMs)}`);
    console.log(`  ${"".padEnd(24)} clock ${line(wallMs)}`);
  }
  // A graphics card works while the processor waits: there the clock tells.
  const [bare, ours] = rows.map(({ cpuMs, wallMs }) => median(backend === "cpu" ? cpuMs : wallMs));
  if (bare !== undefined && ours !== undefined)
    console.log(
      `  ours runs at ${((bare / ours) * 100).toFixed(1)} % of the bare loop's speed (goal: at least 95 %)`,
    );
  await through(model.path, backend);
  return 0;
}

async function modelFile(given: string | undefined): Promise<AsyncDisposable & { readonly path: string }> {
  if (given !== undefined) {
    if (!existsSync(given)) throw new Error(`there is no ${given}`);
    return { path: given, [Symbol.asyncDispose]: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), "anrf-bench-"));
  const path = join(folder, "tiny-32000.gguf");
  await writeFile(path, tinyModel({ vocabulary: 32_000 }));
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** The same model through the service, in a process of its own. */
async function through(path: string, backend: (typeof BACKENDS)[number]): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "anrf-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const objects = await openFolderStore(join(folder, "objects"), { durable: false });
  const host = stack.use(
    await startHost({
      topology: TEST_TOPOLOGY,
      targets: [target],
      env: {
        ANRF_DATA: folder,
        ANRF_MODELS_UNSIGNED: "allow",
        ANRF_INFERENCE_BACKEND: backend,
        ANRF_INFERENCE_SLOTS: "8",
        ANRF_INFERENCE_CONTEXT_TOKENS: "1024",
      },
      mesh: false,
      objects,
      log: createLogger({ level: "silent" }),
    }),
  );
  const inference = host.client(InferenceService, "generation");
  const modelDigest = await putModel(objects, { [basename(path)]: path }, { chatFormat: "chatml" });
  const bench = { inference, modelDigest };
  const first = performance.now();
  await one(bench, 0, newCall());
  console.log(`\nthrough the service: copied, checked and loaded in ${seconds(performance.now() - first)}`);
  await sideBySide(bench);
  await cancels(bench);
  await memory(bench);
}

interface Bench {
  readonly inference: Client<typeof InferenceService>;
  readonly modelDigest: string;
}

/** A call of a new client. */
const newCall = (): Call => ({ ...callOf(randomUUID()), deadline: Date.now() + 280_000 });

const requestOf = (modelDigest: string, seed: number, maxTokens = TOKENS): Request => ({
  modelDigest,
  messages: [
    { role: Message_Role.SYSTEM, text: "Short, correct Python functions, one code block, no explanation." },
    {
      role: Message_Role.USER,
      text: `Write a Python function named f${seed} that counts the vowels of a word.`,
    },
  ],
  maxTokens,
  sampling: { temperature: 0.8, topK: 40, topP: 0.95, seed: BigInt(seed) },
});

const one = ({ inference, modelDigest }: Bench, seed: number, call: Call): Promise<Heard> =>
  hear(inference, requestOf(modelDigest, seed), call);

/** 1, 8 and 32 requests at once, each of a client of its own: how even their times are, and whether answers stay equal. */
async function sideBySide(bench: Bench): Promise<void> {
  const alone = new Map<number, string>();
  console.log(
    "\nrequests at once: tokens a second in all, seconds of a request (median, last), first token (median), equal to alone",
  );
  for (const count of [1, 8, 32]) {
    const started = performance.now();
    const times = await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        let firstAt = 0;
        const heard = await hear(
          bench.inference,
          requestOf(bench.modelDigest, at % 8),
          newCall(),
          ({ event }) => {
            if (event.case === "tokens") firstAt ||= performance.now() - started;
            return false;
          },
        );
        if (heard.error !== undefined) throw heard.error;
        return { ms: performance.now() - started, firstAt, seed: at % 8, said: heard.answers[0] };
      }),
    );
    const all = performance.now() - started;
    let equal = 0;
    for (const { seed, said } of times) {
      const known = alone.get(seed) ?? (await textAlone(bench, seed));
      alone.set(seed, known);
      if (JSON.stringify(said?.ids) === known) equal++;
    }
    const tokens = times.reduce((sum, { said }) => sum + (said?.ids.length ?? 0), 0);
    const ms = times.map((time) => time.ms);
    console.log(
      `  ${String(count).padStart(2)}: ${((tokens * 1000) / all).toFixed(1)} tokens/s, ${seconds(median(ms))}, ${seconds(Math.max(...ms))}, ` +
        `${seconds(median(times.map((time) => time.firstAt)))}, ${equal} of ${count}`,
    );
  }
}

async function textAlone(bench: Bench, seed: number): Promise<string> {
  return JSON.stringify((await one(bench, seed, newCall())).answers[0]?.ids);
}

/** From a cancel to a slot that is free again. */
async function cancels(bench: Bench): Promise<void> {
  const call = newCall();
  const idle = async (): Promise<void> => {
    for (;;) {
      const { models } = await bench.inference.getNode({}, call);
      if (models.every(({ running }) => running === 0)) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const decoding: number[] = [];
  const reading: number[] = [];
  for (let at = 0; at < RUNS; at++) {
    const request = {
      ...requestOf(bench.modelDigest, at, 400),
      sampling: { temperature: 2, seed: 1n, n: 8 },
    };
    let tokens = 0;
    await hear(bench.inference, request, call, ({ event }) => event.case === "tokens" && ++tokens === 8);
    const stopped = performance.now();
    await idle();
    decoding.push(performance.now() - stopped);
    const long = requestOf(bench.modelDigest, at, 16);
    const messages = [
      { role: Message_Role.USER, text: `${at} ${"read this long text to its end. ".repeat(90)}` },
    ];
    const abort = new AbortController();
    const read = hear(
      bench.inference,
      { ...long, messages },
      { ...call, signal: abort.signal },
      ({ event }) => {
        if (event.case === "progress") abort.abort();
        return false;
      },
    );
    await read;
    const aborted = performance.now();
    await idle();
    reading.push(performance.now() - aborted);
  }
  console.log("\nfrom a cancel to a free slot, ms (median first)");
  console.log(`  while it decodes         ${line(decoding)}`);
  console.log(`  while it reads a prompt  ${line(reading)}`);
}

/** What a model was estimated to take, and what its process takes. */
async function memory(bench: Bench): Promise<void> {
  const node = await bench.inference.getNode({}, newCall());
  for (const model of node.models) {
    const status = await readFile(`/proc/${model.process}/status`, "utf8").catch(() => "");
    const resident = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    console.log(
      `\nmemory with ${model.slots} contexts of ${model.contextTokens} tokens: estimated ${Math.round(Number(model.memory) / 2 ** 20)} MiB, ` +
        `process ${Math.round(resident)} MiB; ${model.tokensPerSecond.toFixed(1)} tokens/s of the last requests`,
    );
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const line = (values: readonly number[]): string =>
  `${median(values).toFixed(2)}   ${values.map((value) => value.toFixed(2)).join(" ")}`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
