import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { credentials, Client as GrpcClient, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { ListAnrfsRequestSchema } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { folderLayout } from "#platform/data/folder-layout.ts";
import { PARTS } from "../clients/cli/spec-platform.ts";
import { findTool } from "../scripts/tools.ts";
import { isAlive, type ProcessState, type RunState, readState } from "../services/run-state.ts";
import { PROCESSES, stopWaves, TOPOLOGY } from "../services/topology.ts";
import { emptyDatabase } from "./database.ts";
import { sleep, startPlatform, until } from "./platform.ts";
import { artifactOf } from "./programs.ts";
import { errorOf, type Json, objectAt, restClient } from "./rest.ts";
import { wireTo } from "./wire.ts";

const CLI = join(import.meta.dirname, "../clients/cli/anrf.ts");
const PATIENCE = 240_000;
const binary = await findTool("envoy");
const without = binary === undefined ? " (skipped: there is no Envoy here)" : "";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let folder = "";

/** What all of it is started with. */
function environment(): Readonly<Record<string, string | undefined>> {
  return {
    PATH: process.env["PATH"],
    HOME: folder,
    ANRF_DATA: folder,
    ANRF_DURABLE: "false",
    // Longer than Envoy's health checks are apart: they notice a process that drains.
    ANRF_DRAIN_MS: "7000",
    ANRF_GENERATION_WORKERS: "1",
    ANRF_GENERATION_LEASE_MS: "4000",
    ENVOY_BIN: binary,
  };
}

/** The command line as people start it, with a data folder of its own. */
function anrf(...args: readonly string[]): Promise<Ran> {
  return anrfWith({}, ...args);
}

function anrfWith(more: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran> {
  const env = { ...environment(), ...more };
  const words = ["--disable-warning=ExperimentalWarning", CLI, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, words, { env, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

async function state(): Promise<RunState> {
  const found = await readState(folderLayout(folder));
  if (found === undefined) throw new Error(`no state in ${folder}`);
  return found;
}

async function member(name: string): Promise<ProcessState> {
  const found = (await state()).processes.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no process ${name}`);
  return found;
}

// No short program says this: its search runs as long as it may.
const HARD = {
  inputText: "",
  signature: { params: [{ name: "x", type: "int" }], returns: "int" },
  examples: [17, 4, 93, 58, 31].map((x) => ({ inputs: { x }, output: (x * 7919 + 104_729) % 1009 })),
};
const LONG = { programs: 900_000_000, wallSeconds: 250, cpuSeconds: 250 };

const SUM = "fn total(xs: list<int>) -> int { xs.sum() }";

describe("the processes of the mesh", () => {
  it("hold every target but the gateway once, and stop callers before callees", () => {
    const names = PROCESSES.flatMap(({ targets }) => targets);
    const all = TOPOLOGY.map(({ name }) => name).filter((name) => name !== "edge");
    expect([...names].sort()).toEqual([...all].sort());
    const waves = stopWaves().map((wave) => wave.flatMap(({ targets }) => targets));
    const waveOf = (name: string): number => waves.findIndex((wave) => wave.some((one) => one === name));
    const wrong = TOPOLOGY.filter(({ name }) => name !== "edge").flatMap(({ name, callees }) =>
      callees.filter((callee) => waveOf(callee) <= waveOf(name)).map((callee) => `${name} → ${callee}`),
    );
    expect(wrong).toEqual([]);
    expect(PARTS).toEqual(expect.arrayContaining(PROCESSES.map(({ name }) => name)));
  });
});

describe.skipIf(binary === undefined)(`up --gateway envoy${without}`, { timeout: PATIENCE }, () => {
  let url = "";
  let key = "";
  let anrfId = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "anrf-mesh-"));
    const up = await anrf("up", "--gateway", "envoy", "--port", "0", "--json");
    expect(up.code, up.err).toBe(0);
    const said = JSON.parse(up.out) as { readonly url: string; readonly apiKey: string };
    url = said.url;
    key = said.apiKey;
  }, PATIENCE);
  afterAll(async () => {
    await anrf("down");
    await rm(folder, { recursive: true, force: true });
  }, PATIENCE);

  it("runs a process a service behind Envoy, with the mesh's secret for its owner alone", async () => {
    const { processes, gateway, phase } = await state();
    expect([gateway, phase]).toEqual(["envoy", "ready"]);
    expect(processes.map(({ name }) => name).sort()).toEqual(
      [...PROCESSES.map(({ name }) => name), "envoy"].sort(),
    );
    expect(processes.every(({ pid }) => isAlive(pid))).toBe(true);
    expect((await stat(join(folder, "keys/mesh-token"))).mode & 0o777).toBe(0o600);
    const token = (await readFile(join(folder, "keys/mesh-token"), "utf8")).trim();
    expect(await readFile(join(folder, "run/envoy.json"), "utf8")).not.toContain(token);
  });

  it("answers from sentence to result, as a stream too", async () => {
    const rest = restClient(url, key);
    const request = {
      inputText: "Add up the even numbers in the list.",
      examples: [{ inputs: { xs: [1, 2, 4] }, output: 6 }],
    };
    const analysed = await rest.post("/intent/analyze", request);
    expect(analysed.status, JSON.stringify(analysed.body)).toBe(200);
    const { analysisId } = analysed.body;
    const events: Json[] = [];
    for await (const event of rest.events("/generate/stream", { analysisId })) events.push(event);
    const completed = objectAt(events.at(-1) ?? {}, "completed");
    expect(completed["outcome"]).toBe("ACCEPTED");
    anrfId = String(completed["anrfId"]);
    const ran = await rest.post(`/execute/${anrfId}`, { inputs: { xs: [10, 15, 20] } });
    expect(ran.body["output"]).toEqual({ result: 30 });
    expect((await rest.get(`/verify/${anrfId}?checks=types,examples`)).body["verdict"]).toBe("PASS");
    expect((await rest.get(`/view/${anrfId}?format=text`)).status).toBe(200);
    const document = await restClient(url, undefined).get("/openapi.json");
    expect([document.status, document.body["openapi"]]).toEqual([200, expect.stringMatching(/^3\./)]);
  });

  it("is known to status, logs and doctor", async () => {
    const status = await anrf("status", "--json");
    expect(status.code, status.err).toBe(0);
    const said = JSON.parse(status.out) as { readonly ready: boolean; readonly needs: readonly Json[] };
    expect(said.ready).toBe(true);
    expect(said.needs.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["auth: database", "registry: object store"]),
    );
    for (const name of PROCESSES.map((one) => one.name)) {
      const logs = await readFile(join(folder, `logs/${name}.log`), "utf8");
      expect(logs, name).toContain('"msg":"ready"');
    }
    const access = await anrf("logs", "-n", "50");
    expect(access.out).toContain('"path":"/intent/analyze"');
    const auth = await anrf("logs", "--of", "auth", "-n", "20");
    expect(auth.out).toContain('"targets":["auth"]');
    const doctor = await anrf("doctor", "--json");
    const checks = JSON.parse(doctor.out) as readonly { readonly name: string; readonly status: string }[];
    const names = ["envoy", "platform", "metrics", "first key", "reflection"];
    expect(checks.filter(({ name }) => names.includes(name))).toEqual(
      names.map((name) => expect.objectContaining({ name, status: "ok" })),
    );
  });

  it("refuses a second one with the other gateway, and says what runs", async () => {
    const edge = await anrf("up", "--gateway", "edge");
    expect([edge.code, edge.err]).toEqual([2, expect.stringContaining("runs already, with envoy")]);
  });

  it("believes identity only from the gateway: neither from a client nor from a stranger on a mesh port", async () => {
    const headers = { "x-client-id": "00000000-0000-7000-8000-000000000000", "x-client-scopes": "registry" };
    const spoofed = await fetch(`${url}/v1/anrfs`, { headers });
    expect(spoofed.status).toBe(401);
    const ops = new URL((await member("registry")).opsUrl);
    // An ops port stands 4000 above the mesh port.
    const address = `127.0.0.1:${Number(ops.port) - 4_000}`;
    const token = (await readFile(join(folder, "keys/mesh-token"), "utf8")).trim();
    const ask = (more: Readonly<Record<string, string>>): Promise<number> =>
      listAnrfs(address, { ...headers, ...more });
    expect(await ask({})).toBe(16);
    expect(await ask({ "x-anrf-caller": "edge", "x-anrf-mesh-token": "wrong" })).toBe(16);
    // With the secret the call graph still holds: nobody lets auth call the registry.
    expect(await ask({ "x-anrf-caller": "auth", "x-anrf-mesh-token": token })).toBe(7);
  });

  it("passes deadlines on: what a caller gives is what the service has", async () => {
    const rest = restClient(url, key);
    const loop = "fn spin(n: int) -> int { loop i = 0 while n == n { i + 1 - 1 } }";
    const artifact = Buffer.from(artifactOf(loop)).toString("base64");
    const stored = await rest.post("/v1/anrfs", { artifact });
    const response = await fetch(`${url}/execute/${stored.body["anrfId"]}`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json", "grpc-timeout": "900m" },
      body: JSON.stringify({ inputs: [1], limits: { fuel: "10000000000", wallMs: 10_000 } }),
    });
    expect([response.status, await response.json()]).toEqual([504, expect.anything()]);
    // The service gave up as well: alone it would have run for ten seconds and answered with a trap, which is OK.
    await until("the service logs that it gave up", async () => {
      const log = await readFile(join(folder, "logs/execution.log"), "utf8");
      return /"method":"\/anrf.execution.v1.ExecutionService\/Execute","code":"(DEADLINE_EXCEEDED|CANCELLED)"/.test(
        log,
      );
    });
  });

  it("serves the edge too, in a process of its own: a stream whose service dies ends with UNAVAILABLE", async () => {
    const opsPort = Number(new URL((await member("registry")).opsUrl).port);
    const registry = TOPOLOGY.find(({ name }) => name === "registry");
    const env = {
      ANRF_MESH_TOKEN_FILE: join(folder, "keys/mesh-token"),
      ANRF_MESH_PORT_OFFSET: String(opsPort - 4_000 - (registry?.port ?? 0)),
      ANRF_DRAIN_DELAY_MS: "0",
    };
    await using edge = await startPlatform(folder, env, ["edge"]);
    const rest = restClient(edge.url, key);
    expect((await rest.post(`/execute/${anrfId}`, { inputs: { xs: [4, 5] } })).body["output"]).toEqual({
      result: 4,
    });
    const { analysisId } = (await rest.post("/intent/analyze", HARD)).body;
    using wire = wireTo(edge.url, "grpc", key);
    const request = { analysisId: String(analysisId), budget: LONG };
    let events = 0;
    const read = async (): Promise<void> => {
      for await (const _event of wire.stream(GenerationService.method.generateStream, request)) {
        if (events++ === 0) process.kill((await member("generation")).pid, "SIGKILL");
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 14 });
    const found = async (): Promise<boolean> => (await rest.get("/v1/generations")).status === 200;
    await until("the edge finds generation again", found, PATIENCE / 2);
    expect(await edge.kill("SIGTERM")).toBe(0);
  });

  it("finds a killed service again when it is back; the others answer meanwhile", async () => {
    const rest = restClient(url, key);
    const artifact = Buffer.from(artifactOf(SUM)).toString("base64");
    const id = String((await rest.post("/v1/anrfs", { artifact })).body["anrfId"]);
    const run = () => rest.post(`/execute/${id}`, { inputs: [[1, 2]] });
    expect((await run()).body["output"]).toEqual({ result: 3 });
    const before = await member("execution");
    process.kill(before.pid, "SIGKILL");
    const broken = await run();
    expect(errorOf(broken).slice(0, 2)).toEqual([503, "UNAVAILABLE"]);
    expect((await rest.get("/v1/anrfs")).status).toBe(200);
    await until("execution answers again", async () => (await run()).status === 200, PATIENCE / 2);
    const after = await member("execution");
    expect([after.restarts, after.pid === before.pid]).toEqual([1, false]);
    expect(await readFile(join(folder, "logs/supervisor.log"), "utf8")).toContain("execution ended unasked");
  });

  it("cuts a stream whose service dies, and tells its end to whoever watches the generation again", async () => {
    const rest = restClient(url, key);
    const { analysisId } = (await rest.post("/intent/analyze", HARD)).body;
    let id = "";
    const stream = (async () => {
      for await (const event of rest.events("/generate/stream", { analysisId, budget: LONG })) {
        if (id !== "") continue;
        id = String(event["generationId"]);
        process.kill((await member("generation")).pid, "SIGKILL");
      }
    })();
    await expect(stream).rejects.toThrow();
    const watch = async (): Promise<Json | undefined> => {
      const events: Json[] = [];
      for await (const event of rest.events(`/v1/generations/${id}/events`, undefined)) events.push(event);
      return events.at(-1);
    };
    let last: Json | undefined;
    await until(
      "the generation is known to have ended",
      async () => {
        last = await watch().catch(() => undefined);
        return last !== undefined && "failed" in last;
      },
      PATIENCE / 2,
    );
    expect(objectAt(objectAt(last ?? {}, "failed"), "status")["code"]).toBe(14);
  });

  it("lets running streams go on while auth is away, and finds it again", async () => {
    const rest = restClient(url, key);
    const { analysisId } = (await rest.post("/intent/analyze", HARD)).body;
    const leave = new AbortController();
    let heard = 0;
    let failure: unknown;
    const stream = (async () => {
      for await (const _event of rest.events("/generate/stream", { analysisId, budget: LONG }, leave.signal))
        heard++;
    })().catch((error: unknown) => {
      failure = error;
    });
    await until("the stream is open", async () => heard > 0);
    const { pid } = await member("auth");
    process.kill(pid, "SIGKILL");
    expect((await rest.get("/v1/self")).status).toBe(503);
    const before = heard;
    await until("the stream goes on", async () => heard > before);
    await until("auth answers again", async () => (await rest.get("/v1/self")).status === 200, PATIENCE / 2);
    expect(failure).toBeUndefined();
    leave.abort();
    await stream;
  });

  it("starts Envoy again at the same address", async () => {
    const { pid } = await member("envoy");
    process.kill(pid, "SIGKILL");
    await until("Envoy is back", async () => {
      const now = await member("envoy");
      return now.phase === "ready" && now.pid !== pid;
    });
    expect((await restClient(url, key).get("/v1/self")).status).toBe(200);
  });

  it("down leaves no process, after kill -9 of the supervisor as well", async () => {
    const { pid, processes, postgresPid } = await state();
    process.kill(pid, "SIGKILL");
    await until("the supervisor is gone", async () => !isAlive(pid));
    expect(processes.every((one) => isAlive(one.pid))).toBe(true);
    const down = await anrf("down", "--json");
    expect(down.code, down.err).toBe(0);
    const { ended } = JSON.parse(down.out) as { readonly ended: readonly string[] };
    expect([...ended].sort()).toEqual([...processes.map(({ name }) => name), "postgres"].sort());
    expect([...processes.map((one) => one.pid), postgresPid].filter(isAlive)).toEqual([]);
    expect(await readState(folderLayout(folder))).toBeUndefined();
  });

  it("starts again in the same folder with what was stored, and down drains it in order", async () => {
    const up = await anrf("up", "--gateway", "envoy", "--port", new URL(url).port, "--json");
    expect(up.code, up.err).toBe(0);
    const ran = await restClient(url, key).post(`/execute/${anrfId}`, { inputs: { xs: [10, 15, 20] } });
    expect(ran.body["output"]).toEqual({ result: 30 });
    const { processes, postgresPid, pid } = await state();
    const rest = restClient(url, key);
    const { analysisId } = (await rest.post("/intent/analyze", HARD)).body;
    let open = 0;
    const streams = Array.from({ length: 20 }, async () => {
      let last: Json | undefined;
      for await (const event of rest.events("/generate/stream", { analysisId, budget: LONG })) {
        if (last === undefined) open++;
        last = event;
      }
      return last;
    });
    await until("all streams are open", async () => open === streams.length);
    const down = await anrf("down", "--json");
    const lasts = await Promise.all(streams);
    expect(lasts.filter((last) => last !== undefined && "failed" in last).length).toBe(streams.length);
    expect(JSON.parse(down.out)).toEqual({ dataDir: folder, ended: ["supervisor"] });
    expect([pid, ...processes.map((one) => one.pid), postgresPid].filter(isAlive)).toEqual([]);
    const endings = await Promise.all(
      ["generation", "intent", "control", "auth"].map(async (name) => {
        const log = await readFile(join(folder, `logs/${name}.log`), "utf8");
        const last = log.trim().split("\n").at(-1) ?? "{}";
        return JSON.parse(last) as { readonly msg: string; readonly time: number };
      }),
    );
    expect(endings.map(({ msg }) => msg)).toEqual(endings.map(() => "stopped"));
    expect(endings.map(({ time }) => time)).toEqual(endings.map(({ time }) => time).sort((a, b) => a - b));
  });
});

describe.skipIf(binary === undefined)(
  `up --gateway envoy in other ways${without}`,
  { timeout: PATIENCE },
  () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "anrf-mesh-"));
    });
    // Also after a test that failed, so that the next one finds the folder free.
    afterEach(() => anrf("down"), PATIENCE);
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it("uses a PostgreSQL of yours with --profile postgres, and starts none", async () => {
      await using database = new AsyncDisposableStack();
      const { url, drop } = await emptyDatabase();
      database.defer(drop);
      const words = ["up", "--gateway", "envoy", "--profile", "postgres", "--port", "0", "--json"];
      const more = { ANRF_DATABASE_URL: url, ANRF_EDGE_CORS_ORIGINS: "https://app.example" };
      const up = await anrfWith(more, ...words);
      expect(up.code, up.err).toBe(0);
      const said = JSON.parse(up.out) as { readonly url: string; readonly apiKey: string };
      const listed = await restClient(said.url, said.apiKey).get("/v1/anrfs");
      expect(listed.status, JSON.stringify(listed.body)).toBe(200);
      // The variables of the edge hold for Envoy too.
      const headers = { origin: "https://app.example" };
      const page = await fetch(`${said.url}/v1/anrfs`, { headers });
      expect([page.status, page.headers.get("access-control-allow-origin")]).toEqual([401, headers.origin]);
      const { postgresPid, processes } = await state();
      expect(postgresPid).toBe(0);
      expect((await anrf("down")).code).toBe(0);
      expect(processes.map((one) => one.pid).filter(isAlive)).toEqual([]);
    });

    it.each([300, 1_500, 3_000])("ends cleanly when it is told to %i ms after its start", async (ms) => {
      const script = join(import.meta.dirname, "../services/supervise.ts");
      const words = [script, "up", "--gateway", "envoy", "--port", "0"];
      const child = spawn(process.execPath, words, { env: environment(), stdio: "ignore" });
      await until("its state is written", async () => {
        return (await readState(folderLayout(folder)))?.pid === child.pid;
      });
      await sleep(ms);
      const begun = (await state()).processes.map((one) => one.pid).filter((pid) => pid > 0);
      child.kill("SIGTERM");
      expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
      expect(begun.filter(isAlive)).toEqual([]);
      expect(await readState(folderLayout(folder))).toBeUndefined();
    });
  },
);

/** Asks the registry on its mesh port; answers with the status of gRPC. */
function listAnrfs(address: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const client = new GrpcClient(address, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const same = (bytes: Buffer): Buffer => bytes;
  const request = Buffer.from(toBinary(ListAnrfsRequestSchema, create(ListAnrfsRequestSchema)));
  const path = "/anrf.registry.v1.RegistryService/ListAnrfs";
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, same, same, request, metadata, (error: ServiceError | null) => {
      client.close();
      resolve(error?.code ?? 0);
    });
  });
}
