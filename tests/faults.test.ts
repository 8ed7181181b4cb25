import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyIs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GetAnrfRequest_View, RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { RetryInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { type Database, openDatabase } from "#platform/data/database.ts";
import { openDataFolder } from "#platform/data/folder-layout.ts";
import { migrate } from "#platform/data/migrate.ts";
import { type Postgres, startPostgres } from "#platform/data/postgres.ts";
import { openS3Store } from "#platform/data/s3.ts";
import { type RunningHost, startHost } from "#platform/process/host.ts";
import { createLogger } from "#platform/process/log.ts";
import type { Topology } from "#platform/process/target.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { RpcError } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { target as registryTarget } from "../services/registry/target.ts";
import { TOPOLOGY } from "../services/topology.ts";
import { makeClient } from "./database.ts";
import { type Fault, type FaultProxy, startProxy } from "./faults.ts";
import { callOf } from "./host.ts";
import { artifactOf } from "./programs.ts";
import { type S3Server, startS3, through } from "./s3.ts";

// A registry on a PostgreSQL and an S3 server of its own, each behind a proxy that can misbehave.
const stack = new AsyncDisposableStack();
let s3: S3Server | string = "not started";
let postgres: Postgres;
let postgresPort = 0;
let durableFolder = "";
let direct: Database;
let proxies: { readonly database: FaultProxy; readonly objects: FaultProxy };
let host: RunningHost;
let registry: Client<typeof RegistryService>;

const DOUBLE = artifactOf("fn double(x: int) -> int { x + x }");

beforeAll(async () => {
  s3 = await startS3();
  if (typeof s3 === "string") return;
  stack.use(s3);
  durableFolder = await mkdtemp(join(tmpdir(), "anrf-faults-"));
  stack.defer(() => rm(durableFolder, { recursive: true, force: true }));
  postgres = await startPostgres(await openDataFolder(durableFolder), { durable: false });
  stack.defer(() => postgres.stop());
  postgresPort = postgres.port;
  await migrate(postgres.url);
  await openS3Store(s3.options);
  direct = stack.use(openDatabase(postgres.url));
  proxies = {
    database: stack.use(await startProxy(postgres)),
    objects: stack.use(await startProxy(s3)),
  };
  host = stack.use(await startRegistry(s3));
  registry = host.client(RegistryService, "edge");
}, 240_000);
afterAll(() => stack.disposeAsync());

async function startRegistry(server: S3Server): Promise<RunningHost> {
  const url = new URL(postgres.url);
  url.port = String(proxies.database.port);
  const options = through(server.options, proxies.objects.port);
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(durableFolder, name);
    await writeFile(path, text);
    return path;
  };
  return startHost({
    topology: TOPOLOGY as Topology,
    targets: [registryTarget],
    mesh: false,
    log: createLogger({ level: "silent" }),
    env: {
      ANRF_DATA: durableFolder,
      ANRF_DRAIN_MS: "1000",
      ANRF_DATABASE_URL: url.href,
      ANRF_S3_ENDPOINT: options.endpoint,
      ANRF_S3_BUCKET: options.bucket,
      ANRF_S3_ACCESS_KEY_FILE: await file("access", options.accessKey),
      ANRF_S3_SECRET_KEY_FILE: await file("secret", options.secretKey),
    },
  });
}

/** Long enough that no deadline ends a call before the platform does. */
async function newCall(): Promise<Call> {
  return { ...callOf(await makeClient(direct)), deadline: Date.now() + 120_000 };
}

const outcomeOf = <T>(work: Promise<T>): Promise<T | RpcError> =>
  work.catch((error: unknown) => {
    if (error instanceof RpcError) return error;
    throw error;
  });

function expectUnavailable(outcome: unknown): void {
  expect(outcome).toBeInstanceOf(RpcError);
  if (!(outcome instanceof RpcError)) return;
  expect([outcome.message, outcome.code]).toEqual([expect.any(String), Code.UNAVAILABLE]);
  expect(outcome.details.some((one) => anyIs(one, RetryInfoSchema))).toBe(true);
}

/** Every version that this client sees, each with its bytes. */
async function visible(call: Call): Promise<readonly string[]> {
  const found: string[] = [];
  const { anrfs } = await registry.listAnrfs({}, call);
  for (const { anrfId } of anrfs) {
    for (const { version } of (await registry.listVersions({ anrfId }, call)).versions) {
      const got = await registry.getAnrf({ anrfId, version, view: GetAnrfRequest_View.FULL }, call);
      expect(Buffer.from(got.artifact ?? []).equals(Buffer.from(DOUBLE))).toBe(true);
      found.push(`${anrfId}@${version}`);
    }
  }
  return found;
}

interface Row {
  readonly title: string;
  readonly before: "database" | "objects";
  readonly fault: Fault;
  readonly when?: (sent: Buffer) => boolean;
  /** What a read under the same fault meets; "struck" by default. */
  readonly read?: "fine";
}

const SLOW: Fault = { kind: "slow", ms: 80 };
const isPut = (sent: Buffer): boolean => sent.subarray(0, 4).toString() === "PUT ";
const isCommit = (sent: Buffer): boolean => sent.includes("commit");
const isAllocation = (sent: Buffer): boolean => sent.includes('update "anrfs"');

const FAULTS: readonly Row[] = [
  { title: "answers with 500", before: "objects", fault: { kind: "status", status: 500 } },
  { title: "answers with 503", before: "objects", fault: { kind: "status", status: 503 } },
  { title: "is cut in its answer", before: "objects", fault: { kind: "cut" } },
  { title: "loses every answer", before: "objects", fault: { kind: "lose" } },
  {
    title: "loses the answer after the write",
    before: "objects",
    fault: { kind: "lose" },
    when: isPut,
    read: "fine",
  },
  { title: "is a black hole", before: "objects", fault: { kind: "hole" } },
  { title: "refuses", before: "objects", fault: { kind: "refuse" } },
  { title: "is cut in its answer", before: "database", fault: { kind: "cut" } },
  { title: "loses every answer", before: "database", fault: { kind: "lose" } },
  {
    title: "loses the answer to the commit",
    before: "database",
    fault: { kind: "lose" },
    when: isCommit,
    read: "fine",
  },
  {
    title: "is cut in the answer to the commit",
    before: "database",
    fault: { kind: "cut" },
    when: isCommit,
    read: "fine",
  },
  {
    title: "is a black hole from the commit on",
    before: "database",
    fault: { kind: "hole" },
    when: isCommit,
    read: "fine",
  },
  {
    title: "loses the answer with the number",
    before: "database",
    fault: { kind: "lose" },
    when: isAllocation,
    read: "fine",
  },
  { title: "is a black hole", before: "database", fault: { kind: "hole" } },
  { title: "refuses", before: "database", fault: { kind: "refuse" } },
];

const faulty = (title: string, body: () => Promise<void>): void =>
  it(title, async (test) => {
    if (typeof s3 === "string") return test.skip(s3);
    try {
      await body();
    } finally {
      for (const proxy of [proxies.database, proxies.objects]) {
        proxy.set({ kind: "none" });
      }
    }
  }, 120_000);

describe("a version stored", () => {
  for (const row of FAULTS) {
    faulty(
      `while the way to the ${row.before} ${row.title}: UNAVAILABLE, and once after a repeat`,
      async () => {
        const call = await newCall();
        const keyed = { artifact: DOUBLE, idempotencyKey: randomUUID() };
        const proxy = proxies[row.before];
        proxy.set(row.fault, row.when);
        expectUnavailable(await outcomeOf(registry.putAnrf(keyed, call)));
        expect(proxy.struck).toBeGreaterThan(0);
        proxy.set({ kind: "none" });
        expect((await visible(call)).length).toBeLessThanOrEqual(1);
        const stored = await registry.putAnrf(keyed, call);
        expect(await registry.putAnrf(keyed, call)).toEqual(stored);
        expect(await visible(call)).toEqual([`${stored.anrfId}@1`]);
      },
    );
  }

  faulty("over slow ways is stored once", async () => {
    const call = await newCall();
    const keyed = { artifact: DOUBLE, idempotencyKey: randomUUID() };
    proxies.database.set(SLOW);
    proxies.objects.set(SLOW);
    const stored = await registry.putAnrf(keyed, call);
    expect([proxies.database.struck > 5, proxies.objects.struck > 1]).toEqual([true, true]);
    expect(await registry.putAnrf(keyed, call)).toEqual(stored);
    expect(await visible(call)).toEqual([`${stored.anrfId}@1`]);
  });
});

describe("a version read", () => {
  for (const row of FAULTS) {
    faulty(`while the way to the ${row.before} ${row.title}: ${row.read ?? "UNAVAILABLE"}`, async () => {
      const call = await newCall();
      const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
      const read = () => outcomeOf(registry.getAnrf({ anrfId, view: GetAnrfRequest_View.FULL }, call));
      const whole = expect.objectContaining({ anrfId, version: 1, size: DOUBLE.length });
      const proxy = proxies[row.before];
      proxy.set(row.fault, row.when);
      const outcome = await read();
      if (row.read === "fine") expect(outcome).toEqual(whole);
      else expectUnavailable(outcome);
      proxy.set({ kind: "none" });
      expect(await read()).toEqual(whole);
    });
  }
});

describe("a restart amid writers", () => {
  const restarts = {
    "the object store, killed": async (server: S3Server) => {
      await server.stop("SIGKILL");
      await server.start();
    },
    "the database": async () => {
      await postgres.stop();
      postgres = await startPostgres(await openDataFolder(durableFolder), {
        durable: false,
        port: postgresPort,
      });
    },
  } as const;

  for (const [name, restart] of Object.entries(restarts)) {
    faulty(`of ${name}: what was answered is there, and repeats end in one version a key`, async () => {
      if (typeof s3 === "string") throw new Error(s3);
      const call = await newCall();
      const keys = Array.from({ length: 40 }, () => randomUUID());
      const answered = new Map<string, string>();
      const attempt = async (idempotencyKey: string): Promise<boolean> => {
        const outcome = await outcomeOf(registry.putAnrf({ artifact: DOUBLE, idempotencyKey }, call));
        if (outcome instanceof RpcError) expectUnavailable(outcome);
        else answered.set(idempotencyKey, outcome.anrfId);
        return !(outcome instanceof RpcError);
      };
      const waiting = [...keys];
      let refused = 0;
      const writer = async (): Promise<void> => {
        for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
          if (await attempt(key)) continue;
          refused++;
          waiting.push(key);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      };
      const writers = Promise.all([writer(), writer(), writer(), writer()]);
      while (answered.size < 8) await new Promise((resolve) => setTimeout(resolve, 10));
      const before = new Map(answered);
      await restart(s3);
      await writers;
      expect([refused > 0, answered.size]).toEqual([true, keys.length]);
      for (const [key, anrfId] of before) expect(answered.get(key)).toBe(anrfId);
      const found = await visible(call);
      expect(new Set(found)).toEqual(new Set([...answered.values()].map((anrfId) => `${anrfId}@1`)));
      expect(found).toHaveLength(keys.length);
    });
  }
});
