import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Answer_Finish,
  Determinism,
  InferenceService,
  Message_Role,
  NodeModel_State,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { reasonOf } from "#platform/rpc/error.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { type Heard, hear, type Request, TEST_TOPOLOGY } from "../../tests/infer.ts";
import { putManifest } from "../../tests/models.ts";
import { target } from "./target.ts";

/** A chunk as servers write it after "data: ". */
type Chunk = object | "[DONE]";

/** What a server does with a request. */
type Serve = (body: Asked, response: ServerResponse, request: IncomingMessage) => Promise<void> | void;

/** The fields of a request that servers look at. */
interface Asked {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly [field: string]: unknown;
}

let serve: Serve = () => {};
let asked: Asked[] = [];
let headers: IncomingMessage["headers"] = {};
let server: Server;
let system: TestHost;
let model = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (piece: Buffer) => {
      text += piece.toString("utf8");
    });
    request.on("end", () => {
      const body = JSON.parse(text) as Asked;
      asked.push(body);
      ({ headers } = request);
      if (request.url === "/v1/chat/completions") void serve(body, response, request);
      else response.writeHead(404).end("404 page not found");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  system = await startTestHost(
    [target],
    { ANRF_MODELS_UNSIGNED: "allow", ANRF_INFERENCE_REMOTE_URL: `http://127.0.0.1:${port}/v1/` },
    TEST_TOPOLOGY,
  );
  model = await putManifest(system.objects, { format: "remote", card: { remoteName: "some/model" } });
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  server?.closeAllConnections();
  server?.close();
});

const ask = (more: Request = {}): Request => ({
  modelDigest: model,
  messages: [
    { role: Message_Role.SYSTEM, text: "short" },
    { role: Message_Role.USER, text: "hello" },
  ],
  maxTokens: 16,
  ...more,
});
async function run(request: Request, by: Serve): Promise<Heard> {
  serve = by;
  asked = [];
  const inference = system.host.client(InferenceService, "generation");
  return hear(inference, request, await system.newCall());
}

/** Resolves when a response takes more, or nothing ever again. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

/** Streams chunks as server-sent events. */
function stream(response: ServerResponse, chunks: readonly Chunk[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const chunk of chunks)
    response.write(`data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}\n\n`);
  response.end();
}

// Shaped as each server writes its streams: which fields stand where, which are null, what ends them.
const SERVERS: Readonly<Record<string, Serve>> = {
  vLLM: (_, response) => {
    const base = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "some/model" };
    const piece = (content: string, logprob: number) => ({
      ...base,
      choices: [
        {
          index: 0,
          delta: { content },
          logprobs: { content: [{ token: content, logprob, bytes: null, top_logprobs: [] }] },
          finish_reason: null,
        },
      ],
    });
    stream(response, [
      {
        ...base,
        choices: [
          { index: 0, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null },
        ],
      },
      piece("Hel", -0.5),
      piece("lo", -0.25),
      {
        ...base,
        choices: [
          { index: 0, delta: { content: "" }, logprobs: null, finish_reason: "stop", stop_reason: null },
        ],
      },
      { ...base, choices: [], usage: { prompt_tokens: 9, total_tokens: 11, completion_tokens: 2 } },
      "[DONE]",
    ]);
  },
  "llama.cpp's server": (_, response) => {
    const base = { created: 1, id: "chatcmpl-2", model: "some/model", object: "chat.completion.chunk" };
    const piece = (content: string, logprob: number) => ({
      ...base,
      choices: [
        {
          finish_reason: null,
          index: 0,
          delta: { content },
          logprobs: { content: [{ id: 5, token: content, bytes: [72], logprob, top_logprobs: [] }] },
        },
      ],
    });
    stream(response, [
      { ...base, choices: [{ finish_reason: null, index: 0, delta: { role: "assistant", content: null } }] },
      piece("Hel", -0.5),
      piece("lo", -0.25),
      { ...base, choices: [{ finish_reason: "stop", index: 0, delta: {} }] },
      {
        ...base,
        choices: [],
        usage: { completion_tokens: 2, prompt_tokens: 9, total_tokens: 11 },
        timings: { prompt_n: 9, predicted_n: 2 },
      },
      "[DONE]",
    ]);
  },
  Ollama: (_, response) => {
    const base = {
      id: "chatcmpl-3",
      object: "chat.completion.chunk",
      created: 1,
      model: "some/model",
      system_fingerprint: "fp_ollama",
    };
    const piece = (content: string, finish_reason: string | null) => ({
      ...base,
      choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason }],
    });
    stream(response, [
      piece("Hel", null),
      piece("lo", null),
      piece("", "stop"),
      { ...base, choices: [], usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } },
      "[DONE]",
    ]);
  },
};

describe.each(Object.entries(SERVERS))("a model behind %s", (name, by) => {
  it("answers with the same events as one of this node", async () => {
    const { events, answers, error } = await run(ask(), by);
    expect(error).toBeUndefined();
    expect(events[0]?.event).toMatchObject({
      case: "started",
      value: { backend: "remote", determinism: Determinism.BEST_EFFORT, notation: "python" },
    });
    const hasLogprobs = name !== "Ollama";
    expect(answers).toEqual([
      {
        ids: [],
        text: "Hello",
        logprobs: hasLogprobs ? [-0.5, -0.25] : [],
        finish: Answer_Finish.END,
        seed: expect.any(BigInt),
      },
    ]);
    const last = events.at(-1)?.event;
    expect(last?.case === "completed" ? last.value.usage : undefined).toMatchObject({
      promptTokens: 9,
      tokens: 2,
    });
  });

  it("gets the request in the words of OpenAI's API", async () => {
    await run(
      ask({ sampling: { temperature: 0.8, topK: 40, topP: 0.95, seed: 7n }, stop: ["```"], maxTokens: 33 }),
      by,
    );
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      model: "some/model",
      messages: [
        { role: "system", content: "short" },
        { role: "user", content: "hello" },
      ],
      stream: true,
      temperature: 0.8,
      top_p: 0.95,
      top_k: 40,
      seed: 7,
      stop: ["```"],
      max_tokens: 33,
    });
    expect(headers.authorization).toBeUndefined();
  });
});

const LLAMA = SERVERS["llama.cpp's server"] ?? (() => {});

describe("a server", () => {
  it("is asked once for each answer, each with a seed of its own", async () => {
    const { answers } = await run(
      ask({ sampling: { temperature: 1, n: 3, seed: 5n, greedyFirst: true } }),
      LLAMA,
    );
    expect(answers.map(({ text }) => text)).toEqual(["Hello", "Hello", "Hello"]);
    expect(asked.map(({ temperature }) => temperature)).toEqual([0, 1, 1]);
    expect(new Set(asked.map(({ seed }) => seed)).size).toBe(3);
    for (const { seed } of asked) expect(seed).toBeLessThan(2 ** 31);
  });

  it("is told to go on with an answer that was begun", async () => {
    const messages = [
      { role: Message_Role.USER, text: "write f" },
      { role: Message_Role.ASSISTANT, text: "def f(" },
    ];
    await run(ask({ messages }), LLAMA);
    expect(asked[0]).toMatchObject({
      messages: [{ role: "user" }, { role: "assistant", content: "def f(" }],
      continue_final_message: true,
      add_generation_prompt: false,
    });
  });

  it.each<[string, Serve, number, string, RegExp]>([
    [
      "does not know the model",
      (_, response) =>
        response
          .writeHead(404)
          .end('{"error":{"message":"The model `x` does not exist.","type":"NotFoundError"}}'),
      9,
      "MODEL_REFUSED",
      /answered 404: The model `x` does not exist/,
    ],
    [
      "says so in Ollama's words",
      (_, response) => response.writeHead(404).end('{"error":"model not found, try pulling it first"}'),
      9,
      "MODEL_REFUSED",
      /model not found, try pulling it first/,
    ],
    [
      "is busy",
      (_, response) => response.writeHead(503).end("upstream connect error"),
      14,
      "DEPENDENCY_DOWN",
      /answered 503: upstream connect error/,
    ],
    [
      "fails in the middle",
      (_, response) =>
        stream(response, [
          { choices: [{ delta: { content: "Hel" } }] },
          { error: { message: "CUDA out of memory" } },
        ]),
      14,
      "DEPENDENCY_DOWN",
      /CUDA out of memory/,
    ],
    [
      "ends without an end",
      (_, response) => stream(response, [{ choices: [{ delta: { content: "Hel" } }] }]),
      14,
      "DEPENDENCY_DOWN",
      /ended before its answer did/,
    ],
    [
      "breaks the connection",
      (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write('data: {"choices":[{"delta":{"content":"Hel"}}]}\n\n');
        setTimeout(() => response.destroy(), 20);
      },
      14,
      "DEPENDENCY_DOWN",
      /did not answer to the end/,
    ],
    [
      "writes no JSON",
      (_, response) => {
        response.writeHead(200).end("data: <html>\n\n");
      },
      14,
      "DEPENDENCY_DOWN",
      /no JSON/,
    ],
  ])("that %s is told from others", async (_, by, code, reason, words) => {
    const { error, events } = await run(ask(), by);
    expect({ code: error?.code, reason: error && reasonOf(error) }).toEqual({ code, reason });
    expect(error?.message).toMatch(words);
    expect(events.at(-1)?.event.case).toBe("failed");
  });

  it("loses its connection when the request is called off", async () => {
    const closed = Promise.withResolvers<void>();
    serve = (_, response, request) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[{"delta":{"content":"Hel"}}]}\n\n');
      request.socket.once("close", () => closed.resolve());
    };
    const inference = system.host.client(InferenceService, "generation");
    const call = await system.newCall();
    await hear(inference, ask(), call, ({ event }) => event.case === "tokens");
    await closed.promise;
  });

  it("is held back by a reader that does not read", async () => {
    let sent = 0;
    serve = async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const piece = `data: ${JSON.stringify({ choices: [{ delta: { content: "x".repeat(20_000) } }] })}\n\n`;
      while (sent < 3_000 && !response.destroyed) {
        sent++;
        if (!response.write(piece)) {
          await drained(response);
        }
      }
    };
    const inference = system.host.client(InferenceService, "generation");
    const events = inference.infer(ask(), await system.newCall())[Symbol.asyncIterator]();
    for (let at = 0; at < 3; at++) await events.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await events.return?.();
    // 60 MB would have come; what fits into buffers on the way is a few.
    expect(sent).toBeLessThan(1_500);
  });

  it("is shown by its node", async () => {
    const inference = system.host.client(InferenceService, "generation");
    const { models } = await inference.getNode({}, await system.newCall());
    expect(models).toMatchObject([{ modelDigest: model, state: NodeModel_State.REMOTE }]);
  });
});

it("a remote model without a server is refused with what to do", async () => {
  await using alone = await startTestHost([target], { ANRF_MODELS_UNSIGNED: "allow" }, TEST_TOPOLOGY);
  const digest = await putManifest(alone.objects, { format: "remote", card: { remoteName: "m" } });
  const inference = alone.host.client(InferenceService, "generation");
  const { error, events } = await hear(inference, ask({ modelDigest: digest }), await alone.newCall());
  expect(error?.message).toMatch(/another server runs it, and none is named; set ANRF_INFERENCE_REMOTE_URL/);
  expect(events).toEqual([]);
});
