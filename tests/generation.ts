import { readdirSync, readFileSync } from "node:fs";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Document, readArtifact } from "#anrf/program/artifact.ts";
import { type StructuredIntent, StructuredIntentSchema } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { type GenerationEvent, GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { GetAnrfRequest_View, RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { type RunningHost, startHost } from "#platform/process/host.ts";
import { createLogger } from "#platform/process/log.ts";
import type { Topology } from "#platform/process/target.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { asRpcError, type RpcError } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { target } from "../services/generation/target.ts";
import { target as intentTarget } from "../services/intent/target.ts";
import { target as registryTarget } from "../services/registry/target.ts";
import { TOPOLOGY } from "../services/topology.ts";
import { startTestHost, type TestHost } from "./host.ts";

/** A client whose call is made already. */
type Asking<C> = {
  readonly [K in keyof C]: C[K] extends (request: infer In, call: Call) => infer Out
    ? (request: In) => Out
    : never;
};

/** The generation service with the services that it calls. */
export interface World extends AsyncDisposable {
  readonly system: TestHost;
  generation(call: Call): Asking<Client<typeof GenerationService>>;
  intent(call: Call): Asking<Client<typeof IntentService>>;
  /** The file of a stored version. */
  stored(anrfId: string, version: number, call: Call): Promise<Document>;
}

/** Starts the three services on a fresh database. */
export async function makeWorld(env: Readonly<Record<string, string>> = {}): Promise<World> {
  const system = await startTestHost([registryTarget, intentTarget, target], {
    ANRF_GENERATION_WORKERS: "2",
    ANRF_GENERATION_MEMORY_MB: "128",
    ...env,
  });
  return worldOf(system.host, system, () => system[Symbol.asyncDispose]());
}

/** Another process on the database and objects of a world. */
export async function joinWorld(world: World, env: Readonly<Record<string, string>> = {}): Promise<World> {
  const { database, objects, folder } = world.system;
  const host = await startHost({
    topology: TOPOLOGY as Topology,
    targets: [registryTarget, intentTarget, target],
    env: {
      ANRF_DATA: folder,
      ANRF_DRAIN_MS: "2000",
      ANRF_GENERATION_WORKERS: "2",
      ANRF_GENERATION_MEMORY_MB: "128",
      ...env,
    },
    mesh: false,
    database,
    objects,
    log: createLogger({ level: "silent" }),
  });
  return worldOf(host, world.system, () => host[Symbol.asyncDispose]());
}

function worldOf(host: RunningHost, system: TestHost, dispose: () => PromiseLike<void>): World {
  const registry = host.client(RegistryService, "edge");
  return {
    system,
    generation: (call) => asking(host.client(GenerationService, "edge"), call),
    intent: (call) => asking(host.client(IntentService, "edge"), call),
    stored: async (anrfId, version, call) => {
      const { artifact } = await registry.getAnrf({ anrfId, version, view: GetAnrfRequest_View.FULL }, call);
      const { document, fault } = readArtifact(artifact ?? new Uint8Array());
      if (document === undefined) throw new Error(fault.message);
      return document;
    },
    [Symbol.asyncDispose]: async () => dispose(),
  };
}

function asking<C extends object>(client: C, call: Call): Asking<C> {
  const functions = Object.entries(
    client as Readonly<Record<string, (request: unknown, call: Call) => unknown>>,
  );
  return Object.fromEntries(
    functions.map(([name, ask]) => [name, (request: unknown) => ask(request, call)]),
  ) as Asking<C>;
}

/** Pids of this process's sandbox children for searches. */
export function searchPids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
        return (
          parent === `${process.pid}` &&
          readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("generation/job.ts")
        );
      } catch {
        return false; // it has ended meanwhile
      }
    });
}

/** An intent from its JSON. */
export function intentOf(json: JsonValue): StructuredIntent {
  return fromJson(StructuredIntentSchema, json);
}

/** What a stream told, and the error that it ended with. */
export interface Heard {
  readonly events: readonly GenerationEvent[];
  readonly error: RpcError | undefined;
}

/** Reads a stream to its end; `onEvent` hears each event. */
export async function hear(
  stream: AsyncIterable<GenerationEvent>,
  onEvent: (event: GenerationEvent) => void = () => {},
): Promise<Heard> {
  const events: GenerationEvent[] = [];
  try {
    for await (const event of stream) {
      events.push(event);
      onEvent(event);
    }
    return { events, error: undefined };
  } catch (error) {
    return { events, error: asRpcError(error) };
  }
}

/** The name of an error's code. */
export function codeOf(error: RpcError | undefined): string {
  return Object.entries(Code).find(([, code]) => code === error?.code)?.[0] ?? "OK";
}
