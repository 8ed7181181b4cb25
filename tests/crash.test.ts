import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArtifact } from "#anrf/program/artifact.ts";
import { moduleDigest } from "#anrf/program/digest.ts";
import { Random } from "#anrf/testing/random.ts";
import { type FolderLayout, folderLayout } from "#platform/data/folder-layout.ts";
import { stopOrphan } from "#platform/data/postgres.ts";
import { readLock } from "#platform/data/postgres-lock.ts";
import { commandOf, descendants, lives, type Platform, startPlatform, until } from "./platform.ts";
import { artifactOf } from "./programs.ts";
import { errorOf, type Json, objectAt, type Rest, restClient } from "./rest.ts";

const FULL = process.env["ANRF_FULL"] === "1";
const ROUNDS = FULL ? 50 : 10;
const SEED = Number(process.env["ANRF_SEED"] ?? 20_260);
const ENV = { ANRF_GENERATION_LEASE_MS: "1000", ANRF_GENERATION_WORKERS: "2", ANRF_EXECUTION_WORKERS: "2" };

/** All that a client was ever told, by what it can ask for it. */
interface Told {
  readonly intents: string[];
  /** Digest by `id/version`. */
  readonly versions: Map<string, string>;
  readonly executions: string[];
  /** By generation id: the program that it said it stored, "" for none, undefined if its end was not heard. */
  readonly generations: Map<string, string | undefined>;
}

const nothing = (): Told => ({ intents: [], versions: new Map(), executions: [], generations: new Map() });
/** Since the last crash. */
let told = nothing();
/** Before it. */
const ever: Told[] = [];
let folder = "";
let layout: FolderLayout;
let key = "";
let platform: Platform | undefined;
const orphaned = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-crash-"));
  layout = folderLayout(folder);
  platform = await startPlatform(folder, ENV);
  key = (await readFile(join(layout.keys, "first-key"), "utf8")).trim();
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await stopOrphan(layout);
  await rm(folder, { recursive: true, force: true });
});

/** Work of several clients until the platform goes away; tells of each id as soon as it came. */
class Load {
  readonly #rest: Rest;
  readonly #enough = Promise.withResolvers<void>();
  #left: number;
  #over = false;

  constructor(rest: Rest, ids: number) {
    this.#rest = rest;
    this.#left = ids;
  }

  /** Resolves when so many ids were told. */
  get enough(): Promise<void> {
    return this.#enough.promise;
  }

  async run(): Promise<void> {
    const clients = [this.#forever(() => this.#generate(EASY)), this.#forever(() => this.#generate(HARD))];
    await Promise.all([...clients, this.#forever(() => this.#put()), this.#forever(() => this.#execute())]);
  }

  end(): void {
    this.#over = true;
  }

  async #forever(work: () => Promise<void>): Promise<void> {
    while (!this.#over) {
      try {
        await work();
      } catch (error) {
        // A dead platform answers nobody; anything else that goes wrong is a fault.
        if (!this.#over)
          await until(`the platform is being killed after ${error}`, async () => this.#over, 10_000);
      }
    }
  }

  #count(): void {
    this.#left--;
    if (this.#left === 0) this.#enough.resolve();
  }

  async #generate(task: Json): Promise<void> {
    const analysis = await this.#post("/intent/analyze", task);
    const analysisId = String(analysis["analysisId"]);
    told.intents.push(analysisId);
    this.#count();
    const budget = { programs: 3_000_000, wallSeconds: 60, cpuSeconds: 60 };
    for await (const event of this.#rest.events("/generate/stream", { analysisId, budget, seed: "1" })) {
      const id = String(event["generationId"]);
      if (!told.generations.has(id)) {
        told.generations.set(id, undefined);
        this.#count();
      }
      const { anrfId, version, digest } = objectAt(event, "completed");
      if (!("completed" in event)) continue;
      told.generations.set(id, String(anrfId));
      if (anrfId !== "") told.versions.set(`${anrfId}/${version}`, String(digest));
      this.#count();
    }
  }

  async #put(): Promise<void> {
    const known = [...told.versions.keys()].at(-1)?.split("/")[0] ?? "";
    const artifact = artifactOf(`fn put(x: int) -> int { x + ${told.versions.size} }`);
    const anrfId = told.versions.size % 3 === 0 ? "" : known;
    const answer = await this.#post("/v1/anrfs", {
      anrfId,
      artifact: Buffer.from(artifact).toString("base64"),
    });
    told.versions.set(`${answer["anrfId"]}/${answer["version"]}`, String(answer["digest"]));
    this.#count();
  }

  async #execute(): Promise<void> {
    const [anrfId, version] = [...told.versions.keys()].at(-1)?.split("/") ?? [];
    if (anrfId === undefined) return this.#put();
    const answer = await this.#post(`/execute/${anrfId}`, { version: Number(version), inputs: [1] });
    told.executions.push(String(answer["executionId"]));
    this.#count();
  }

  async #post(path: string, body: Json): Promise<Json> {
    const answer = await this.#rest.post(path, body);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

const NUMBER = { params: [{ name: "x", type: "int" }], returns: "int" };
const EASY = {
  inputText: "double the number and add one",
  signature: NUMBER,
  examples: [1, 5, 9].map((x) => ({ inputs: { x }, output: 2 * x + 1 })),
};
// No short program says this, so that its search runs until it is killed.
const HARD = {
  inputText: "",
  signature: NUMBER,
  examples: [17, 4, 93, 58, 31].map((x) => ({ inputs: { x }, output: (x * 7919 + 104_729) % 1009 })),
};

/** Kills node, and in half of the rounds PostgreSQL too, before or after it. */
async function crash(victim: Platform, random: Random): Promise<void> {
  const server = (await readLock(layout))?.pid;
  const below: number[] = [];
  for (const pid of await descendants(victim.pid)) {
    if (!(await commandOf(pid)).includes("postgres")) below.push(pid);
  }
  const both = random.chance(0.5);
  const first = random.chance(0.5);
  if (server === undefined) throw new Error("PostgreSQL does not run");
  if (both && first) process.kill(server, "SIGKILL");
  expect(await victim.kill("SIGKILL")).toBe("SIGKILL");
  if (both && !first) process.kill(server, "SIGKILL");
  await until("the sandbox ends with its service", async () => {
    const alive = await Promise.all(below.map(lives));
    return !alive.includes(true);
  });
}

async function verifyTold(rest: Rest, { intents, executions, versions, generations }: Told): Promise<void> {
  for (const id of intents) {
    expect([id, (await rest.get(`/v1/intents/${id}`)).status]).toEqual([id, 200]);
  }
  for (const id of executions) {
    expect([id, (await rest.get(`/v1/executions/${id}`)).status]).toEqual([id, 200]);
  }
  for (const [at, digest] of versions) {
    const [id, version] = at.split("/");
    const answer = await rest.get(`/v1/anrfs/${id}/versions/${version}`);
    expect([at, answer.status, answer.body["digest"]]).toEqual([at, 200, digest]);
  }
  for (const [id, anrfId] of generations) await verifyGeneration(rest, id, anrfId);
}

async function verifyGeneration(rest: Rest, id: string, anrfId: string | undefined): Promise<void> {
  const { status, body } = await rest.get(`/v1/generations/${id}`);
  expect([id, status]).toEqual([id, 200]);
  const { state, result, failure } = objectAt(body, "generation");
  if (anrfId !== undefined)
    expect([state, objectAt({ result }, "result")["anrfId"]]).toEqual(["COMPLETED", anrfId]);
  const events: Json[] = [];
  for await (const event of rest.events(`/v1/generations/${id}/events`, undefined)) events.push(event);
  const last = events.at(-1) ?? {};
  expect([id, Object.keys(last).at(-1)]).toEqual([id, state === "COMPLETED" ? "completed" : "failed"]);
  if (state !== "FAILED") return;
  orphaned.add(id);
  expect(failure).toMatchObject({ code: 14 });
  expect(JSON.stringify(failure)).toContain("GENERATION_ORPHANED");
}

/** Nothing is listed that is not whole, and nothing runs that nobody works at. */
async function verifyLists(rest: Rest): Promise<void> {
  await until("no generation is QUEUED or RUNNING", async () => {
    const states = await pages(rest, "/v1/generations?pageSize=1000", "generations");
    return states.every(({ state }) => state === "COMPLETED" || state === "FAILED");
  });
  for (const { anrfId } of await pages(rest, "/v1/anrfs?pageSize=1000", "anrfs")) {
    for (const { version, digest } of await pages(
      rest,
      `/v1/anrfs/${anrfId}/versions?pageSize=1000`,
      "versions",
    )) {
      const url = `${platform?.url}/v1/anrfs/${anrfId}/versions/${version}:download`;
      const file = await fetch(url, { headers: { "x-api-key": key } });
      expect([anrfId, version, file.status]).toEqual([anrfId, version, 200]);
      const read = readArtifact(new Uint8Array(await file.arrayBuffer()));
      if (read.document === undefined) throw new Error(`${anrfId}/${version} is listed and cannot be read`);
      expect(moduleDigest(read.document.moduleBytes)).toBe(digest);
    }
  }
}

async function pages(rest: Rest, path: string, name: string): Promise<readonly Json[]> {
  const { status, body } = await rest.get(path);
  expect([path, status, body["nextPageToken"]]).toEqual([path, 200, ""]);
  return body[name] as readonly Json[];
}

describe(`kill -9, ${ROUNDS} rounds of seed ${SEED}`, () => {
  const random = new Random(SEED);

  it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
    "leaves every id in its place and nothing half done: round %i",
    async () => {
      platform ??= await startPlatform(folder, ENV);
      const load = new Load(restClient(platform.url, key), 4 + random.below(60));
      const work = load.run();
      await load.enough;
      await new Promise((resolve) => setTimeout(resolve, random.below(40)));
      load.end();
      await crash(platform, random);
      await work;
      platform = await startPlatform(folder, ENV);
      const rest = restClient(platform.url, key);
      await verifyLists(rest);
      await verifyTold(rest, told);
      ever.push(told);
      told = nothing();
      expect(errorOf(await rest.get("/v1/self"))[0]).toBe(200);
    },
    120_000,
  );

  it("leaves every id of all rounds in its place at the end", { timeout: 300_000 }, async () => {
    const rest = restClient(platform?.url ?? "", key);
    expect(ever.length).toBe(ROUNDS);
    for (const round of ever) await verifyTold(rest, round);
  });

  it("did interrupt generations", () => {
    expect(orphaned.size).toBeGreaterThanOrEqual(Math.min(ROUNDS, 5));
  });
});
