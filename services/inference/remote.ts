import {
  Determinism,
  type InferRequest,
  type Message,
  Message_Role,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import type { ModelManifest } from "#gen/anrf/models/v1/models_service_pb.ts";
import { failedPrecondition, type RpcError, unavailable } from "#platform/rpc/error.ts";
import type { RemoteConfig } from "./config.ts";
import { Inbox } from "./inbox.ts";
import type { Work } from "./infer.ts";
import type { Drawing, Finish } from "./message.ts";
import type { JobNews } from "./runner.ts";

/** A request for a model that a server with OpenAI's API runs. */
export interface RemoteJob {
  readonly request: InferRequest;
  readonly answers: readonly Drawing[];
  readonly maxTokens: number;
  readonly manifest: ModelManifest;
  readonly digest: string;
  readonly remote: RemoteConfig | undefined;
}

/** Chunks of a streamed chat completion, as far as they are read. */
interface Chunk {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null };
    readonly finish_reason?: string | null;
    readonly logprobs?: { readonly content?: readonly { readonly logprob?: number }[] | null } | null;
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
  readonly error?: { readonly message?: string } | string;
}

/**
 * Asks vLLM, llama.cpp's server, Ollama or another server that speaks `POST /chat/completions` with streams. Answers come
 * one after the other; a slow reader holds the connection back; a cancel closes it.
 */
export function startRemote(job: RemoteJob): Work {
  if (job.remote === undefined) {
    throw failedPrecondition(
      "ENGINE_UNAVAILABLE",
      `cannot run the model ${job.digest}: another server runs it, and none is named; set ANRF_INFERENCE_REMOTE_URL`,
    );
  }
  const abort = new AbortController();
  const news = new Inbox<JobNews>();
  const gate = new Gate();
  void run(job, job.remote, news, gate, abort.signal);
  return {
    backend: "remote",
    determinism: Determinism.BEST_EFFORT,
    news,
    more: (tokens) => gate.open(tokens),
    cancel: () => {
      abort.abort();
      gate.open(Number.POSITIVE_INFINITY);
    },
  };
}

/** Pieces that may be read before their reader has taken them. */
const WINDOW = 16;

class Gate {
  #left = WINDOW;
  #wake: (() => void) | undefined;

  open(count: number): void {
    this.#left += count;
    this.#wake?.();
  }

  async pass(): Promise<void> {
    while (this.#left <= 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#left--;
  }
}

async function run(
  job: RemoteJob,
  remote: RemoteConfig,
  news: Inbox<JobNews>,
  gate: Gate,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const spent = { promptTokens: 0, reusedTokens: 0, tokens: 0, promptMs: 0, decodeMs: 0, lateTokens: 0 };
  news.push({ kind: "running" });
  try {
    for (const [answer, drawing] of job.answers.entries()) {
      const made = await ask(job, remote, answer, drawing, news, gate, signal);
      spent.promptTokens = Math.max(spent.promptTokens, made.promptTokens);
      spent.tokens += made.tokens;
    }
    spent.decodeMs = performance.now() - started;
    news.push({ kind: "done", job: 0, spent });
    news.end();
  } catch (error) {
    news.push({ kind: "failed", job: 0, why: "fault", message: String(error), spent });
    news.end(failureOf(error, remote));
  }
}

async function ask(
  job: RemoteJob,
  remote: RemoteConfig,
  answer: number,
  drawing: Drawing,
  news: Inbox<JobNews>,
  gate: Gate,
  signal: AbortSignal,
): Promise<{ readonly promptTokens: number; readonly tokens: number }> {
  const response = await fetch(`${remote.url}/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(remote.key === undefined ? {} : { authorization: `Bearer ${remote.key}` }),
    },
    body: JSON.stringify(bodyOf(job, drawing)),
    signal,
  });
  if (!response.ok || response.body === null) throw await refusal(response, remote);
  let promptTokens = 0;
  let pieces = 0;
  let tokens: number | undefined;
  let logprob: number | undefined;
  let finish: Finish | undefined;
  for await (const data of dataLines(response.body)) {
    if (data === "[DONE]") break;
    const chunk = parse(data);
    if (chunk.error !== undefined) throw new RemoteError(errorText(chunk.error));
    promptTokens = chunk.usage?.prompt_tokens ?? promptTokens;
    tokens = chunk.usage?.completion_tokens ?? tokens;
    const choice = chunk.choices?.[0];
    const text = choice?.delta?.content ?? "";
    if (text !== "") {
      await gate.pass();
      signal.throwIfAborted();
      pieces++;
      const each = choice?.logprobs?.content?.[0]?.logprob;
      if (each !== undefined) logprob = (logprob ?? 0) + each;
      news.push({ kind: "token", job: 0, answer, id: -1, text, logprob: each });
    }
    if (choice?.finish_reason) finish = choice.finish_reason === "length" ? "length" : "end";
  }
  // A connection that closes in silence has not ended an answer.
  if (finish === undefined) throw new RemoteError("the stream ended before its answer did");
  const made = tokens ?? pieces;
  news.push({ kind: "answer", job: 0, answer, finish, tokens: made, logprob, rest: "" });
  return { promptTokens, tokens: made };
}

function bodyOf({ request, maxTokens, manifest }: RemoteJob, drawing: Drawing): unknown {
  const last = request.messages.at(-1);
  const isBegun = last?.role === Message_Role.ASSISTANT;
  return {
    model: manifest.card?.remoteName ?? "",
    messages: request.messages.map((message) => ({ role: roleOf(message), content: message.text })),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: maxTokens,
    temperature: drawing.temperature,
    ...(drawing.topP > 0 ? { top_p: drawing.topP } : {}),
    // Beyond OpenAI's API; vLLM and llama.cpp's server read it, Ollama leaves it.
    ...(drawing.topK > 0 ? { top_k: drawing.topK } : {}),
    // Servers read seeds as signed 64-bit or smaller: what all of them take is 31 bits.
    seed: Number(drawing.seed & 0x7fff_ffffn),
    ...(request.stop.length > 0 ? { stop: request.stop } : {}),
    logprobs: true,
    // vLLM goes on with a begun answer only when it is told so; the others do it by themselves.
    ...(isBegun ? { continue_final_message: true, add_generation_prompt: false } : {}),
  };
}

function roleOf({ role }: Message): string {
  if (role === Message_Role.SYSTEM) return "system";
  return role === Message_Role.ASSISTANT ? "assistant" : "user";
}

/** The data of server-sent events, one line each. */
async function* dataLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of body) {
    rest += decoder.decode(piece, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
  }
  if (rest.startsWith("data:")) yield rest.slice(5).trim();
}

function parse(data: string): Chunk {
  try {
    return JSON.parse(data) as Chunk;
  } catch (error) {
    throw new RemoteError("it sent an event that is no JSON", { cause: error });
  }
}

/** The other server did not do what was asked. */
class RemoteError extends Error {
  /** Whether asking again can help. */
  readonly isPassing: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isPassing?: boolean } = {}) {
    super(message, options);
    this.isPassing = options.isPassing ?? true;
  }
}

async function refusal(response: Response, remote: RemoteConfig): Promise<RemoteError> {
  const text = (await response.text()).slice(0, 500);
  let said = text;
  try {
    said = errorText((JSON.parse(text) as Chunk).error ?? text);
  } catch {
    // It was no JSON: its text has to do.
  }
  const isPassing = response.status >= 500 || response.status === 429 || response.status === 408;
  return new RemoteError(`${remote.url} answered ${response.status}: ${said}`, { isPassing });
}

function errorText(error: NonNullable<Chunk["error"]>): string {
  return typeof error === "string" ? error : (error.message ?? "an error without words");
}

function failureOf(error: unknown, remote: RemoteConfig): RpcError | unknown {
  if (error instanceof RemoteError && !error.isPassing) {
    return failedPrecondition("MODEL_REFUSED", `the server of the model refuses: ${error.message}`);
  }
  if (error instanceof Error && error.name === "AbortError") return error;
  const why = error instanceof Error ? error.message : String(error);
  return unavailable(`the server of the model at ${remote.url} did not answer to the end: ${why}`, {
    cause: error,
  });
}
