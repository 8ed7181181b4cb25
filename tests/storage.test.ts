import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ObjectStore } from "#platform/data/objects.ts";
import { openS3Store } from "#platform/data/s3.ts";
import { emptyDatabase } from "./database.ts";
import { type FaultProxy, startProxy } from "./faults.ts";
import { type Platform, startPlatform } from "./platform.ts";
import { artifactOf } from "./programs.ts";
import { errorOf, objectAt, type Rest, restClient } from "./rest.ts";
import { type S3Server, startS3, through } from "./s3.ts";

// `main.ts all` as an operator runs it: a PostgreSQL and an S3 server that are not its own.
const stack = new AsyncDisposableStack();
let s3: S3Server | string = "not started";
let bucket: ObjectStore;
let folder = "";
let env: Record<string, string> = {};
let ways: { readonly database: FaultProxy; readonly objects: FaultProxy };
let platform: Platform | undefined;
let rest: Rest;
let migrations: readonly string[] = [];

const ARTIFACT = Buffer.from(artifactOf("fn double(x: int) -> int { x + x }"));
const RETRY = "type.googleapis.com/google.rpc.RetryInfo";

beforeAll(async () => {
  s3 = await startS3();
  if (typeof s3 === "string") return;
  stack.use(s3);
  bucket = await openS3Store(s3.options);
  folder = await mkdtemp(join(tmpdir(), "anrf-storage-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const database = await emptyDatabase();
  stack.defer(database.drop);
  const url = new URL(database.url);
  ways = {
    database: stack.use(await startProxy({ port: Number(url.port) })),
    objects: stack.use(await startProxy(s3)),
  };
  migrations = await Promise.all([1, 2, 3].map(() => migrateProcess(database.url)));
  url.port = String(ways.database.port);
  env = await environment(s3, url.href);
  stack.defer(async () => platform?.[Symbol.asyncDispose]());
  await start();
}, 240_000);
afterAll(() => stack.disposeAsync());

async function environment(server: S3Server, databaseUrl: string): Promise<Record<string, string>> {
  const { endpoint, bucket: name, accessKey, secretKey } = through(server.options, ways.objects.port);
  const files = { ANRF_S3_ACCESS_KEY_FILE: accessKey, ANRF_S3_SECRET_KEY_FILE: secretKey };
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return {
    ANRF_DATABASE_URL: databaseUrl,
    ANRF_OPS_PORT: "0",
    ANRF_FIRST_KEY_FILE: join(folder, "first-key"),
    ANRF_S3_ENDPOINT: endpoint,
    ANRF_S3_BUCKET: name,
    ...Object.fromEntries(Object.keys(files).map((file) => [file, join(folder, file)])),
  };
}

async function start(): Promise<void> {
  platform = await startPlatform(folder, env);
  const key = (await readFile(join(folder, "first-key"), "utf8")).trim();
  rest = restClient(platform.url, key);
}

/** Runs `main.ts migrate` in a process of its own; answers with its last line, or with how it failed. */
function migrateProcess(url: string): Promise<string> {
  const main = join(import.meta.dirname, "../services/main.ts");
  const child = spawn(process.execPath, [main, "migrate"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ANRF_DATA: folder, ANRF_DATABASE_URL: url },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => {
      said += part.toString();
    });
  return new Promise((resolve) => {
    child.once("close", (code) => resolve(code === 0 ? said.trim() : `exit ${code}: ${said}`));
  });
}

const onServers = (title: string, body: () => Promise<void>): void =>
  it(title, async (test) => {
    if (typeof s3 === "string") return test.skip(s3);
    try {
      await body();
    } finally {
      for (const way of [ways.database, ways.objects]) way.set({ kind: "none" });
    }
  }, 120_000);

async function put(): Promise<string> {
  const { status, body } = await rest.post("/v1/anrfs", { artifact: ARTIFACT.toString("base64") });
  expect([status, body]).toEqual([200, expect.objectContaining({ version: 1 })]);
  return String(body["anrfId"]);
}

async function doubled(anrfId: string, x: number): Promise<unknown> {
  const { status, body } = await rest.post(`/execute/${anrfId}`, { inputs: [x] });
  return status === 200 ? objectAt(body, "output")["result"] : body;
}

/** What the ops port says of the process itself. */
async function health(): Promise<number> {
  const line = platform?.lines.find((one) => one.includes('"msg":"ready"')) ?? "{}";
  const { opsPort } = JSON.parse(line) as { readonly opsPort?: number };
  return (await fetch(`http://127.0.0.1:${opsPort}/healthz`)).status;
}

async function expectDown(work: ReturnType<Rest["get"]>): Promise<void> {
  const answer = await work;
  expect(errorOf(answer)).toEqual([503, "UNAVAILABLE", "DEPENDENCY_DOWN"]);
  expect(JSON.stringify(answer.body["details"])).toContain(RETRY);
}

describe("the platform on a PostgreSQL and an S3 server of the operator's", () => {
  onServers("is migrated once by three starters at once", async () => {
    const done = migrations.filter((line) => line.startsWith("migrated: "));
    const idle = migrations.filter((line) => line === "the schema is up to date");
    expect([migrations, done.length, idle.length]).toEqual([expect.anything(), 1, 2]);
  });

  onServers("stores, reads and runs, with nothing of it in the data folder", async () => {
    const anrfId = await put();
    const got = (await rest.get(`/v1/anrfs/${anrfId}?view=FULL`)).body;
    expect(got["artifact"]).toBe(ARTIFACT.toString("base64"));
    expect(await doubled(anrfId, 21)).toBe(42);
    expect(ARTIFACT.equals(await bucket.get(`anrf/${anrfId}/1.anrf`))).toBe(true);
    const local = await readdir(folder);
    expect(local.filter((name) => name === "postgres" || name === "objects")).toEqual([]);
  });

  onServers("has all of it again after kill -9", async () => {
    const anrfId = await put();
    await platform?.kill("SIGKILL");
    await start();
    expect(await doubled(anrfId, 4)).toBe(8);
  });
});

describe("the platform in want of a store", () => {
  onServers(
    "without the object store: programs in use run, the rest is UNAVAILABLE until it is back",
    async () => {
      const used = await put();
      const cold = await put();
      expect(await doubled(used, 1)).toBe(2);
      ways.objects.set({ kind: "refuse" });
      expect(await doubled(used, 3)).toBe(6);
      await expectDown(rest.post("/v1/anrfs", { artifact: ARTIFACT.toString("base64") }));
      await expectDown(rest.post(`/execute/${cold}`, { inputs: [1] }));
      expect([(await rest.get("/v1/anrfs")).status, await health()]).toEqual([200, 200]);
      ways.objects.set({ kind: "none" });
      expect(await doubled(cold, 5)).toBe(10);
      expect(await doubled(await put(), 6)).toBe(12);
    },
  );

  onServers(
    "without the database: programs in use run, the rest is UNAVAILABLE until it is back",
    async () => {
      const used = await put();
      expect(await doubled(used, 1)).toBe(2);
      ways.database.set({ kind: "refuse" });
      expect(await doubled(used, 3)).toBe(6);
      await expectDown(rest.post("/v1/anrfs", { artifact: ARTIFACT.toString("base64") }));
      await expectDown(rest.get("/v1/anrfs"));
      await expectDown(rest.get("/v1/executions"));
      expect(await health()).toBe(200);
      ways.database.set({ kind: "none" });
      expect(await doubled(await put(), 6)).toBe(12);
      expect((await rest.get("/v1/executions")).status).toBe(200);
    },
  );
});
