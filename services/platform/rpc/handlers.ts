import {
  type DescMessage,
  type DescMethod,
  type DescService,
  getOption,
  hasOption,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type Scope, scope } from "#gen/anrf/api/v1/options_pb.ts";
import type { Seconds, ServicePlan } from "../process/target.ts";
import type { Call } from "./call.ts";
import { opaqueSchema } from "./opaque.ts";

type Rpc = { input: DescMessage; output: DescMessage; methodKind: string };

// The contract has no other kind than these two.
type Fn<Kind, In, Out> = Kind extends "unary"
  ? (request: In, call: Call) => Promise<Out>
  : Kind extends "server_streaming"
    ? (request: In, call: Call) => AsyncIterable<Out>
    : never;

/** What a service does: one function per RPC, knowing no transport. */
export type Handlers<S extends DescService> = {
  readonly [K in keyof S["method"]]: S["method"][K] extends infer M extends Rpc
    ? Fn<M["methodKind"], MessageShape<M["input"]>, MessageInitShape<M["output"]>>
    : never;
};

/**
 * How a service is called. A client is a handler: Client<S> is assignable to Handlers<S>, so that a gateway proxies
 * with `serve(S, host.client(S))`.
 */
export type Client<S extends DescService> = {
  readonly [K in keyof S["method"]]: S["method"][K] extends infer M extends Rpc
    ? Fn<M["methodKind"], MessageInitShape<M["input"]>, MessageShape<M["output"]>>
    : never;
};

/** A function of a service whose types are forgotten: a promise for unary RPCs, else an iterable. */
export type AnyHandler = (request: never, call: Call) => Promise<unknown> | AsyncIterable<unknown>;

/** A service with its functions, their types forgotten; made by `serve`. */
export interface Served {
  readonly service: DescService;
  /** By local name, such as `analyzeIntent`. */
  readonly handlers: Readonly<Record<string, AnyHandler>>;
}

/** Puts a service and its functions together; throws if one is missing. */
export function serve<S extends DescService>(service: S, handlers: Handlers<S>): Served {
  const found = handlers as Readonly<Record<string, AnyHandler | undefined>>;
  const entries = service.methods.map((method): [string, AnyHandler] => {
    const handler = found[method.localName];
    if (handler === undefined) throw new Error(`${service.typeName} has no handler for ${method.name}`);
    return [method.localName, handler];
  });
  return { service, handlers: Object.fromEntries(entries) };
}

/** One RPC of this process, with all that the pipeline needs to know of it. */
export interface Route {
  /** Such as "/anrf.view.v1.ViewService/View". */
  readonly path: string;
  readonly method: DescMethod;
  readonly streams: boolean;
  readonly handler: AnyHandler;
  /** By what a request is read: opaque fields stay bytes. */
  readonly input: DescMessage;
  readonly output: DescMessage;
  /** What the key needs; undefined for the RPCs by which gateways find out who asks. */
  readonly scope: Scope | undefined;
  readonly seconds: Seconds;
  readonly messageBytes: number;
  /** The target that serves it. */
  readonly target: string;
}

const MESSAGE_BYTES = 8 * 1024 * 1024;
// Envoy's file is not ours to put an option into.
const WITHOUT_SCOPE = new Set(["envoy.service.auth.v3.Authorization"]);

/** The routes of a service; throws if one of its RPCs has no scope or no deadline. */
export function routesOf(served: Served, plan: ServicePlan, target: string): readonly Route[] {
  return served.service.methods.map((method) => {
    const handler = served.handlers[method.localName];
    const seconds = plan.deadlines[method.localName];
    const path = methodPath(served.service, method);
    if (handler === undefined) throw new Error(`${path} has no handler`);
    if (seconds === undefined) throw new Error(`${path} has no deadline in the topology`);
    if (!hasOption(method, scope) && !WITHOUT_SCOPE.has(served.service.typeName)) {
      throw new Error(`${path} has no scope: give it the option anrf.api.v1.scope`);
    }
    return {
      path,
      method,
      streams: method.methodKind === "server_streaming",
      handler,
      input: opaqueSchema(method.input),
      output: method.output,
      scope: hasOption(method, scope) ? getOption(method, scope) : undefined,
      seconds,
      messageBytes: plan.messageBytes ?? MESSAGE_BYTES,
      target,
    };
  });
}

/** Such as "/anrf.view.v1.ViewService/View". */
export function methodPath(service: DescService, method: DescMethod): string {
  return `/${service.typeName}/${method.name}`;
}
