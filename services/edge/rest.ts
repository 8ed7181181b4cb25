import { type Message, toJson } from "@bufbuild/protobuf";
import type { HttpBody } from "#gen/google/api/httpbody_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { asRpcError, rpcError } from "#platform/rpc/error.ts";
import type { HttpBinding, HttpRoutes } from "#platform/rpc/http-rules.ts";
import { requestMessage } from "./body.ts";
import type { BodyWorker } from "./body-worker.ts";
import { REGISTRY } from "./public.ts";
import { type EdgeRequest, type EdgeResponse, readBody } from "./request.ts";
import { streamForm, writeStream } from "./stream.ts";

/** Calls an RPC by its binding, as the client of the gate: a promise, or the events of a stream. */
export type Invoke = (
  binding: HttpBinding,
  message: Message,
  call: Call,
) => Promise<Message> | AsyncIterable<Message>;

/** What REST needs. */
export interface RestDeps {
  readonly routes: HttpRoutes;
  readonly invoke: Invoke;
  readonly worker: BodyWorker;
}

const MIB = 1024 * 1024;
/** REST bodies: 8 MiB where programs and their inputs go in, else 1 MiB. */
const LARGE_BODIES: ReadonlySet<string> = new Set(["PutAnrf", "Execute"]);

/** Finds the binding of a REST request, or throws NOT_FOUND `ROUTE_UNKNOWN`. */
export function findRoute(routes: HttpRoutes, method: string, url: URL) {
  const match = routes.match(method, url.pathname);
  if (match !== undefined) return match;
  const message = `no route for ${method} ${url.pathname}`;
  throw rpcError(Code.NOT_FOUND, "ROUTE_UNKNOWN", message, { metadata: { method, path: url.pathname } });
}

/** Answers one REST request for a client that was let in; throws an RpcError before anything was written. */
export async function answerRest(
  request: EdgeRequest,
  response: EdgeResponse,
  match: ReturnType<typeof findRoute>,
  url: URL,
  call: Call,
  deps: RestDeps,
): Promise<void> {
  const { binding } = match;
  const limit = LARGE_BODIES.has(binding.method.name) ? 8 * MIB : MIB;
  const body = await readBody(request, limit);
  const message = await requestMessage({ match, query: url.searchParams, body }, deps.worker);
  setIdempotencyKey(message, request);
  const headers = { "x-request-id": call.requestId };
  const answer = deps.invoke(binding, message, call);
  if (Symbol.asyncIterator in answer) {
    const form = streamForm(String(request.headers.accept ?? ""));
    await writeStream(answer, response, { form, desc: binding.method.output, registry: REGISTRY, headers });
    return;
  }
  writeUnary(await answer, binding, response, headers);
}

/** The header `Idempotency-Key` stands for the field of that name, where the RPC has one. */
function setIdempotencyKey(message: Message, request: EdgeRequest): void {
  const key = request.headers["idempotency-key"];
  const keyed = message as Message & { idempotencyKey?: string };
  if (typeof key === "string" && keyed.idempotencyKey === "") keyed.idempotencyKey = key;
}

function writeUnary(
  answer: Message,
  binding: HttpBinding,
  response: EdgeResponse,
  headers: Readonly<Record<string, string>>,
): void {
  const raw = binding.responseBody === "" ? undefined : httpBody(answer, binding.responseBody);
  const type = raw?.contentType ?? "application/json";
  // Text leaves together with the headers; bytes would be a second piece.
  const body = raw === undefined ? jsonOf(answer, binding) : raw.data;
  const size = String(Buffer.byteLength(body));
  response.writeHead(200, { ...headers, "content-type": type, "content-length": size });
  response.end(body);
}

function jsonOf(answer: Message, binding: HttpBinding): string {
  try {
    return JSON.stringify(
      toJson(binding.method.output, answer, { registry: REGISTRY, alwaysEmitImplicit: true }),
    );
  } catch (error) {
    throw asRpcError(error);
  }
}

function httpBody(answer: Message, field: string): HttpBody {
  const found = (answer as Message & Readonly<Record<string, unknown>>)[field] as HttpBody | undefined;
  if (found === undefined) throw new Error(`${answer.$typeName} has no ${field}`);
  return found;
}
