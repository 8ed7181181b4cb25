import { readdirSync, readFileSync } from "node:fs";
import { create, fromJson, type JsonValue, toJsonString } from "@bufbuild/protobuf";
import { type Document, readArtifact } from "#anrf/program/artifact.ts";
import { type StructuredIntent, StructuredIntentSchema } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import {
  type GenerationEvent,
  GenerationEventSchema,
  GenerationService,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { GetAnrfRequest_View, RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { type RunningHost, startHost } from "#platform/process/host.ts";
import { createLogger } from "#platform/process/log.ts";
import type { Target, Topology } from "#platform/process/target.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { asRpcError, type RpcError } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { isPassing } from "../services/generation/runs/event-log.ts";
import { target } from "../services/generation/target.ts";
import { target as intentTarget } from "../services/intent/target.ts";
import { target as modelsTarget } from "../services/models/target.ts";
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

/** Starts generation and the services that it calls on a fresh database; without others, no model is there. */
export async function makeWorld(
  env: Readonly<Record<string, string>> = {},
  others: readonly Target[] = [],
): Promise<World> {
  const models = others.some(({ name }) => name === modelsTarget.name) ? [] : [modelsTarget];
  const system = await startTestHost([registryTarget, intentTarget, target, ...models, ...others], {
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

/** Found in a moment. */
export const DOUBLE = intentOf({
  goal: { summary: "double every number", hints: [{ builtin: "list.map", weight: 0.8 }] },
  signature: { name: "twice", params: [{ name: "xs", type: "list<int>" }], returns: "list<int>" },
  examples: [
    { inputs: { xs: [1, 2, 3] }, output: [2, 4, 6] },
    { inputs: { xs: [5] }, output: [10] },
  ],
});

/** No small program gives these, so that a search for it goes on. */
export const HARD = intentOf({
  signature: {
    name: "odd",
    params: [
      { name: "s", type: "string" },
      { name: "n", type: "int" },
    ],
    returns: "string",
  },
  examples: [
    { inputs: ["abcdef", 3], output: "q9#fe" },
    { inputs: ["hello", 2], output: "zz!7" },
    { inputs: ["World", 5], output: "0x__k1" },
    { inputs: ["anrf", 8], output: "~~b" },
    { inputs: ["tree", 1], output: "p" },
    { inputs: ["sky", 9], output: "mmm4n" },
  ],
});

/** Bounds that replay. */
export const LIMITED = { programs: 200_000, cpuSeconds: 20 };
/** Bounds that nobody waits for. */
export const ENDLESS = { programs: 900_000_000, cpuSeconds: 200, wallSeconds: 200 };

/** What a stream told, without passing events. */
export const cases = (events: readonly GenerationEvent[]): readonly string[] =>
  events.filter((event) => !isPassing(event)).map((event) => event.event.case ?? "");

/** The answer of a generation that has one. */
export function completedOf(events: readonly GenerationEvent[]) {
  const last = events.at(-1)?.event;
  if (last?.case !== "completed") throw new Error(`the last event is ${last?.case}`);
  return last.value;
}

/** The end of a generation that has no answer. */
export function failedOf(events: readonly GenerationEvent[]) {
  const last = events.at(-1)?.event;
  if (last?.case !== "failed") throw new Error(`the last event is ${last?.case}`);
  return last.value;
}

/** What a replay has to repeat. */
export function replayed(events: readonly GenerationEvent[]): readonly string[] {
  return events
    .filter((event) => !isPassing(event))
    .map((event) => {
      const copy = create(GenerationEventSchema, { event: event.event });
      if (copy.event.case === "completed") {
        copy.event = { case: "completed", value: { ...copy.event.value, generationId: "", anrfId: "" } };
        delete copy.event.value.timings;
        if (copy.event.value.usage !== undefined) copy.event.value.usage.cpuSeconds = 0;
      }
      return toJsonString(GenerationEventSchema, copy);
    });
}
