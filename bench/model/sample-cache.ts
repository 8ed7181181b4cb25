import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type InferEvent,
  InferEventSchema,
  type InferRequestSchema,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";

type InferRequest = MessageInitShape<typeof InferRequestSchema>;
/** How tokens are asked for. */
export type Infer = (request: InferRequest, signal: AbortSignal) => AsyncIterable<InferEvent>;

/** One answer of a model: its tokens, and what they cost. */
interface CachedAnswer {
  readonly tokens: readonly { readonly ids: readonly number[]; readonly text: string }[];
  readonly rest: string;
  readonly cpuSeconds: number;
}

/**
 * Keeps what a model answered, outside of the repository, so that settings can be compared on the same samples and a run
 * that was broken off goes on. An answer depends on the prompt, the seed and its number alone (EXACT), so requests for
 * few and for many answers share them.
 */
export class SampleCache {
  readonly #folder: string;
  readonly #weights: string;
  readonly #infer: Infer;
  /** CPU seconds of the process that runs the model. */
  readonly #cpu: () => Promise<number>;
  /** What the answers that were handed out cost when they were made. */
  spent = 0;

  constructor(folder: string, weights: string, infer: Infer, cpu: () => Promise<number>) {
    this.#folder = folder;
    this.#weights = weights;
    this.#infer = infer;
    this.#cpu = cpu;
  }

  /** The same as asking the model. */
  async *infer(request: InferRequest, signal: AbortSignal): AsyncGenerator<InferEvent> {
    const count = request.sampling?.n ?? 1;
    const file = this.#fileOf(request);
    const known = await read(file);
    yield create(InferEventSchema, { event: { case: "started", value: {} } });
    let live: AsyncIterator<CachedAnswer> | undefined;
    try {
      for (let answer = 0; answer < count; answer++) {
        if (known[answer] === undefined) {
          live ??= this.#live(request, signal, known.length);
          const made = await live.next();
          if (made.done === true) return;
          known.push(made.value);
          await mkdir(this.#folder, { recursive: true });
          await writeFile(file, JSON.stringify(known));
        }
        const { tokens, rest, cpuSeconds } = known[answer] as CachedAnswer;
        this.spent += cpuSeconds;
        for (const { ids, text } of tokens) {
          if (signal.aborted) return;
          const value = { answer, ids: [...ids], text: bytes(text) };
          yield create(InferEventSchema, { event: { case: "tokens", value } });
        }
        const value = { answer, tokens: tokens.length, rest: bytes(rest) };
        yield create(InferEventSchema, { event: { case: "answer", value } });
      }
    } finally {
      // Whoever has heard enough leaves early: so does the model.
      await live?.return?.();
    }
    yield create(InferEventSchema, { event: { case: "completed", value: {} } });
  }

  /** Answers that are not known yet; those before them are made again and left out. */
  async *#live(request: InferRequest, signal: AbortSignal, skip: number): AsyncGenerator<CachedAnswer> {
    let began = await this.#cpu();
    let tokens: CachedAnswer["tokens"][number][] = [];
    for await (const { event } of this.#infer(request, signal)) {
      if (event.case === "failed") throw new Error(event.value.status?.message ?? "inference failed");
      if (event.case === "tokens") {
        tokens.push({ ids: event.value.ids, text: base64(event.value.text) });
      } else if (event.case === "answer") {
        const now = await this.#cpu();
        const made = { tokens, rest: base64(event.value.rest), cpuSeconds: now - began };
        began = now;
        tokens = [];
        if (event.value.answer >= skip) yield made;
      }
    }
  }

  #fileOf({ messages, sampling, maxTokens, stop }: InferRequest): string {
    const { n: _, seed, ...drawn } = sampling ?? {};
    const key = [this.#weights, messages, { ...drawn, seed: String(seed) }, maxTokens, stop];
    return join(this.#folder, `${createHash("sha256").update(JSON.stringify(key)).digest("hex")}.json`);
  }
}

async function read(file: string): Promise<CachedAnswer[]> {
  const text = await readFile(file, "utf8").catch(() => "[]");
  return JSON.parse(text) as CachedAnswer[];
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString("base64");
const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, "base64"));
