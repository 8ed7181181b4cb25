import type { DescService } from "@bufbuild/protobuf";
import { grpcClient } from "../rpc/grpc-client.ts";
import { type GrpcServer, startGrpcServer } from "../rpc/grpc-server.ts";
import type { Client, Served } from "../rpc/handlers.ts";
import { methodPath, type Route, routesOf } from "../rpc/handlers.ts";
import { httpBindings } from "../rpc/http-rules.ts";
import { localClient } from "../rpc/local.ts";
import { createPipeline } from "../rpc/pipeline.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Seconds, ServicePlan, TargetPlan, Topology } from "./target.ts";
import type { Tracer } from "./tracer.ts";

/** What the links of a process are made from. */
export interface LinksOptions {
  readonly topology: Topology;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer | undefined;
  /** Fires when running work has to break off. */
  readonly stop: AbortSignal;
  /** Where other targets are, with `{target}` and `{port}` in it. */
  readonly peers: string;
  /** Added to every port of the topology. */
  readonly portOffset: number;
  readonly meshToken: string | undefined;
  /** Whether other processes exist. */
  readonly mesh: boolean;
}

/** Who serves what, here and elsewhere: the call graph made of clients and ports. */
export interface Links extends AsyncDisposable {
  /** Mesh ports by target. */
  readonly ports: ReadonlyMap<string, number>;
  /** Makes what a target serves known. */
  add(target: string, served: readonly Served[]): void;
  /** A client for a target; throws where the call graph has no such call. */
  client<S extends DescService>(service: S, caller: string): Client<S>;
  /** Seconds of an RPC by its path; undefined for an unknown one. */
  seconds(path: string): Seconds | undefined;
  /** Opens a mesh port for each target here. */
  listen(address: string, files: readonly Uint8Array[]): Promise<void>;
  setServing(serving: boolean): void;
  /** Takes no new calls from other processes. */
  closeDoors(): void;
  /** Resolves with true as soon as no call is under way, with false after `ms`. */
  idle(ms: number): Promise<boolean>;
  /** Compiles validation rules in idle moments. */
  warm(): void;
}

/** Makes the links of a process; nothing is opened yet. */
export function createLinks(options: LinksOptions): Links {
  const plans = new Map(options.topology.map((plan) => [plan.name, plan]));
  const seconds = secondsByPath(options.topology);
  const routes = new Map<string, Route>();
  const routesByTarget = new Map<string, readonly Route[]>();
  const servers = new Map<string, GrpcServer>();
  const ports = new Map<string, number>();
  const clients = new Map<string, { readonly client: unknown } & Disposable>();
  const mayCall = (caller: string, target: string): boolean =>
    plans.get(caller)?.callees.includes(target) ?? false;
  const isGateway = (caller: string): boolean => plans.get(caller)?.gateway === true;
  const { log, metrics, tracer, stop } = options;
  const pipeline = createPipeline({ log, metrics, tracer, stop, isGateway, mayCall });

  const remote = <S extends DescService>(service: S, caller: string, plan: TargetPlan): Client<S> => {
    const key = `${caller} ${service.typeName}`;
    const address = options.peers
      .replaceAll("{target}", plan.name)
      .replaceAll("{port}", String(plan.port + options.portOffset));
    const known = clients.get(key) ?? grpcClient(service, { address, caller, meshToken: options.meshToken });
    clients.set(key, known);
    return known.client as Client<S>;
  };

  return {
    ports,
    add: (target, served) => {
      const all = served.flatMap((one) => routesOf(one, planOf(plans, target, one.service), target));
      for (const route of all) routes.set(route.path, route);
      routesByTarget.set(target, all);
    },
    client: (service, caller) => {
      const plan = options.topology.find((one) =>
        one.services.some((each) => each.service.typeName === service.typeName),
      );
      if (plan === undefined) throw new Error(`no target of the topology serves ${service.typeName}`);
      if (!mayCall(caller, plan.name))
        throw new Error(`${caller} may not call ${plan.name}: the topology has no such call`);
      // A target here may start later than its caller, so the choice is made by the topology of the process.
      const local = localClient(service, caller, pipeline, (path) => routes.get(path));
      if (!options.mesh) return local;
      return eitherClient(
        service,
        () => routesByTarget.has(plan.name),
        local,
        () => remote(service, caller, plan),
      );
    },
    seconds: (path) => seconds.get(path),
    listen: async (address, files) => {
      const listed = offered(options.topology);
      for (const [target, all] of routesByTarget) {
        const port = plans.get(target)?.port;
        if (port === undefined || all.length === 0) continue;
        const { meshToken } = options;
        const server = await startGrpcServer({
          port: port + options.portOffset,
          address,
          pipeline,
          routes: all,
          meshToken,
          files,
          listed,
        });
        servers.set(target, server);
        ports.set(target, server.port);
      }
    },
    setServing: (serving) => {
      for (const server of servers.values()) server.setServing(serving);
    },
    closeDoors: () => {
      for (const server of servers.values()) server.drain().catch(() => {});
    },
    idle: (ms) => pipeline.idle(ms),
    warm: () => warmInIdle([...routes.values()], pipeline.warm, stop),
    [Symbol.asyncDispose]: async () => {
      for (const client of clients.values()) client[Symbol.dispose]();
      for (const server of servers.values()) await server[Symbol.asyncDispose]();
    },
  };
}

/** Names of what gateways offer to everybody: a service without any path of REST is for services alone. */
function offered(topology: Topology): readonly string[] {
  const all = topology.flatMap(({ services }) => services.map(({ service }) => service));
  return all.filter((service) => httpBindings([service]).length > 0).map(({ typeName }) => typeName);
}

/** Asks at each call where the service is: targets of one process start at the same time. */
function eitherClient<S extends DescService>(
  service: S,
  isHere: () => boolean,
  local: Client<S>,
  remote: () => Client<S>,
): Client<S> {
  const either: Record<string, unknown> = {};
  for (const { localName } of service.methods) {
    either[localName] = (request: unknown, call: unknown) => {
      const client = (isHere() ? local : remote()) as Record<
        string,
        (request: unknown, call: unknown) => unknown
      >;
      return client[localName]?.(request, call);
    };
  }
  return either as Client<S>;
}

function planOf(plans: ReadonlyMap<string, TargetPlan>, target: string, service: DescService): ServicePlan {
  const found = plans.get(target)?.services.find((plan) => plan.service.typeName === service.typeName);
  if (found === undefined)
    throw new Error(`${target} serves ${service.typeName}, which the topology does not know`);
  return found;
}

function secondsByPath(topology: Topology): ReadonlyMap<string, Seconds> {
  const plans = topology.flatMap(({ services }) => services);
  return new Map(
    plans.flatMap(({ service, deadlines }) =>
      service.methods.flatMap((method): [string, Seconds][] => {
        const seconds = deadlines[method.localName];
        return seconds === undefined ? [] : [[methodPath(service, method), seconds]];
      }),
    ),
  );
}

function warmInIdle(routes: readonly Route[], warm: (route: Route) => void, stop: AbortSignal): void {
  const [first, ...rest] = routes;
  if (first === undefined || stop.aborted) return;
  setImmediate(() => {
    warm(first);
    warmInIdle(rest, warm, stop);
  });
}
