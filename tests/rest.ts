/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; an empty object where there was none or no JSON. */
  readonly body: Json;
}

/** REST as a program without our code would speak it. */
export interface Rest {
  get(path: string): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  post(path: string, body: Json | string): Promise<Answer>;
  patch(path: string, body: Json): Promise<Answer>;
  /** Server-sent events, as they come; throws where the answer is no stream. */
  events(path: string, body: Json | undefined, signal?: AbortSignal): AsyncGenerator<Json, void, undefined>;
}

/** REST at a URL; `key` undefined sends none. */
export function restClient(url: string, key: string | undefined): Rest {
  const headers: Record<string, string> = key === undefined ? {} : { "x-api-key": key };
  const send = (
    method: string,
    path: string,
    body?: Json | string,
    signal?: AbortSignal,
  ): Promise<Response> =>
    fetch(new URL(path, url), {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  const answer = async (response: Response): Promise<Answer> => ({
    status: response.status,
    headers: response.headers,
    body: jsonOf(await response.text()),
  });
  return {
    get: async (path) => answer(await send("GET", path)),
    delete: async (path) => answer(await send("DELETE", path)),
    post: async (path, body) => answer(await send("POST", path, body)),
    patch: async (path, body) => answer(await send("PATCH", path, body)),
    events: async function* (path, body, signal) {
      const response = await send(body === undefined ? "GET" : "POST", path, body, signal);
      const type = response.headers.get("content-type") ?? "";
      if (!response.ok || response.body === null || !type.startsWith("text/event-stream")) {
        throw new Error(`${path} was answered with ${response.status} ${type}: ${await response.text()}`);
      }
      yield* eventsOf(response.body);
    },
  };
}

/** The error of an answer in three words: status, code, reason. */
export function errorOf(answer: Answer): readonly [status: number, code: unknown, reason: unknown] {
  const { code, details } = answer.body;
  const all = Array.isArray(details) ? (details as readonly Json[]) : [];
  const info = all.find((one) => String(one["@type"]).endsWith("google.rpc.ErrorInfo"));
  return [answer.status, code, info?.["reason"]];
}

/** The object under a key; an empty one where there is none. */
export function objectAt(from: Json, key: string): Json {
  const value = from[key];
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Json, void, undefined> {
  let rest = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      if (!block.startsWith("data: ")) throw new Error(`a line that is no event: ${block.slice(0, 200)}`);
      yield JSON.parse(block.slice("data: ".length)) as Json;
    }
  }
  if (rest !== "") throw new Error(`the stream ends within an event: ${rest.slice(0, 200)}`);
}

function jsonOf(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}
