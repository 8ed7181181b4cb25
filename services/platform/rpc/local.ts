import {
  create,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import type { Call, Inbound } from "./call.ts";
import { asRpcError, freshError, unavailable } from "./error.ts";
import type { Client } from "./handlers.ts";
import { methodPath, type Route } from "./handlers.ts";
import type { Pipeline } from "./pipeline.ts";

/** The part of a caller's time that a hop keeps for itself, so that its own answer comes before the caller gives up. */
export const HOP_MS = 50;

/**
 * A client of a service in this process, with the meaning of the wire: both sides work on their own copies, errors
 * lose all but code, message and details, and the handler never runs in the caller's stack. `routeOf` is asked at each
 * call, so services may start in any order.
 */
export function localClient<S extends DescService>(
  service: S,
  caller: string,
  pipeline: Pipeline,
  routeOf: (path: string) => Route | undefined,
): Client<S> {
  const client: Record<string, unknown> = {};
  for (const method of service.methods) {
    const path = methodPath(service, method);
    const find = (): Route => {
      const route = routeOf(path);
      if (route === undefined) throw unavailable(`${service.typeName} does not run here yet`);
      return route;
    };
    client[method.localName] =
      method.methodKind === "server_streaming"
        ? (request: Message, call: Call) => stream(method, request, call, caller, pipeline, find)
        : (request: Message, call: Call) => unary(method, request, call, caller, pipeline, find);
  }
  return client as Client<S>;
}

async function unary(
  method: DescMethod,
  request: Message,
  call: Call,
  caller: string,
  pipeline: Pipeline,
  find: () => Route,
): Promise<Message> {
  try {
    const route = find();
    const inbound = inboundOf(method, request, call, caller);
    // A later microtask: the handler never runs in the caller's stack.
    await undefined;
    const answer = await pipeline.unary(route, inbound);
    return fromBinary(method.output, pipeline.encode(route, answer));
  } catch (error) {
    throw freshError(asRpcError(error));
  }
}

async function* stream(
  method: DescMethod,
  request: Message,
  call: Call,
  caller: string,
  pipeline: Pipeline,
  find: () => Route,
): AsyncGenerator<Message, void, undefined> {
  try {
    const route = find();
    const inbound = inboundOf(method, request, call, caller);
    for await (const event of pipeline.stream(route, inbound)) {
      yield fromBinary(method.output, pipeline.encode(route, event));
    }
  } catch (error) {
    throw freshError(asRpcError(error));
  }
}

function inboundOf(method: DescMethod, request: Message, call: Call, caller: string): Inbound {
  return {
    requestId: call.requestId,
    client: call.client,
    caller,
    signal: call.signal,
    deadline: call.deadline - HOP_MS,
    trace: call.trace,
    told: call.told,
    bytes: toBinary(method.input, create(method.input, request)),
  };
}
