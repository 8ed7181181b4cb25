import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { openFolderStore } from "#platform/data/folder.ts";
import type { ObjectStore } from "#platform/data/objects.ts";
import { type RunningHost, startHost } from "#platform/process/host.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import { createLogger } from "#platform/process/log.ts";
import type { Target, Topology } from "#platform/process/target.ts";
import { newTrace } from "#platform/process/trace.ts";
import type { Call } from "#platform/rpc/call.ts";
import { TOPOLOGY } from "../services/topology.ts";
import { makeClient, type TestDatabase, testDatabase } from "./database.ts";

/** Targets in this process, with a fresh database and a fresh folder. */
export interface TestHost extends AsyncDisposable {
  readonly host: RunningHost;
  readonly database: TestDatabase;
  readonly objects: ObjectStore;
  /** Its objects, for tests that damage them. */
  readonly folder: string;
  /** A new client's call, with every scope. */
  newCall(changes?: Partial<Call>): Promise<Call>;
}

/** Starts targets without a mesh; doubles are targets too. */
export async function startTestHost(
  targets: readonly Target[],
  env: Readonly<Record<string, string>> = {},
  topology: Topology = TOPOLOGY,
): Promise<TestHost> {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  const folder = await mkdtemp(join(tmpdir(), "anrf-objects-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const objects = await openFolderStore(folder, { durable: false });
  const log = createLogger({ level: "silent" });
  const host = stack.use(
    await startHost({
      topology,
      targets,
      env: { ANRF_DATA: folder, ANRF_DRAIN_MS: "2000", ...env },
      mesh: false,
      database,
      objects,
      log,
    }),
  );
  return {
    host,
    database,
    objects,
    folder,
    newCall: async (changes = {}) => ({ ...callOf(await makeClient(database)), ...changes }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A call of a client with every scope and 60 seconds. */
export function callOf(clientId: string): Call {
  return {
    requestId: uuidv7(),
    client: {
      clientId,
      keyId: randomUUID(),
      scopes: new Set(Object.values(Scope)),
      tier: "unlimited",
      limits: undefined,
    },
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
    log: createLogger({ level: "silent" }),
    trace: newTrace(),
  };
}
