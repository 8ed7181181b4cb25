import { Agent, request } from "node:http";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { BenchPlatform } from "./gateway-platform.ts";
import { cpuOf, inParallel, median, quantile } from "./processes.ts";

const ROUNDS = 5;
const ID = "018f0000-0000-7000-8000-0000000000aa";

/** One call; resolves when its answer was read. */
type Ask = () => Promise<void>;

/** The ways to the same handler. */
interface Ways extends Disposable {
  readonly direct: Ask;
  readonly withoutAuth: Ask;
  readonly envoy: Ask;
  readonly edge: Ask;
}

/** Lines: p50 and p99 of each way, and what it adds to the direct call. */
export async function measureLatency(platform: BenchPlatform, calls: number): Promise<readonly string[]> {
  using ways = waysTo(platform);
  const names = ["direct", "withoutAuth", "envoy", "edge"] as const;
  const times: Record<(typeof names)[number], number[]> = {
    direct: [],
    withoutAuth: [],
    envoy: [],
    edge: [],
  };
  // Interleaved, so that all meet the same machine; the first round warms.
  for (let round = -1; round < ROUNDS; round++) {
    for (const name of names) {
      for (let call = 0; call < calls / ROUNDS; call++) {
        const began = performance.now();
        await ways[name]();
        if (round >= 0) times[name].push(performance.now() - began);
      }
    }
  }
  const near = { p50: median(times.direct), p99: quantile(times.direct, 0.99) };
  const says = {
    direct: "direct, grpc-js",
    withoutAuth: "Envoy without the auth hop",
    envoy: "Envoy with it",
    edge: "TypeScript edge",
  };
  return names.map((name) => {
    const p50 = median(times[name]);
    const p99 = quantile(times[name], 0.99);
    const added =
      name === "direct"
        ? ""
        : `   added p50 ${(p50 - near.p50).toFixed(2)}  p99 ${(p99 - near.p99).toFixed(2)}`;
    return `${says[name].padEnd(28)} p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)} ms${added}`;
  });
}

/** Lines: requests a second and CPU a request, by number of callers. */
export async function measureRates(platform: BenchPlatform, calls: number): Promise<readonly string[]> {
  using ways = waysTo(platform);
  const { envoy, withoutAuth, auth, service, edge } = platform;
  const lines: string[] = [];
  for (const callers of [1, 16, 64]) {
    for (const [name, ask, members] of [
      ["Envoy", ways.envoy, { Envoy: envoy.pid, auth: auth.pid, service: service.pid }],
      ["Envoy without auth", ways.withoutAuth, { Envoy: withoutAuth.pid, service: service.pid }],
      ["edge", ways.edge, { "edge with the service": edge.pid }],
    ] as const) {
      await inParallel(callers * 4, callers, ask);
      const pids = Object.values(members);
      const before = await Promise.all(pids.map(cpuOf));
      const began = performance.now();
      await inParallel(calls, callers, ask);
      const seconds = (performance.now() - began) / 1000;
      const after = await Promise.all(pids.map(cpuOf));
      const cpu = Object.keys(members).map(
        (member, at) => `${member} ${(((after[at] ?? 0) - (before[at] ?? 0)) / calls).toFixed(0)} µs`,
      );
      const rate = (calls / seconds).toFixed(0).padStart(5);
      lines.push(
        `${String(callers).padStart(2)} callers, ${name.padEnd(18)} ${rate} requests/s; CPU a request: ${cpu.join(", ")}`,
      );
    }
  }
  return lines;
}

function waysTo(platform: BenchPlatform): Ways {
  const agents = [new Agent(KEEP), new Agent(KEEP), new Agent(KEEP)] as const;
  const rest =
    (base: string, agent: Agent): Ask =>
    () =>
      get(`${base}/v1/anrfs/${ID}`, platform.key, agent);
  const direct = directly(platform);
  return {
    direct: direct.ask,
    withoutAuth: rest(platform.withoutAuth.url, agents[0]),
    envoy: rest(platform.envoy.url, agents[1]),
    edge: rest(`http://127.0.0.1:${platform.edge.port}`, agents[2]),
    [Symbol.dispose]: () => {
      direct.close();
      for (const agent of agents) agent.destroy();
    },
  };
}

const KEEP = { keepAlive: true, maxSockets: 64 };

function get(url: string, key: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { "x-api-key": key } }, (response) => {
      response.resume();
      response.once("end", () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`${url} answered with ${response.statusCode}`)),
      );
    });
    sent.once("error", reject);
    sent.end();
  });
}

/** Calls the service as the gateway does: with the mesh token, and saying who asks. */
function directly({ meshToken, port }: BenchPlatform): { ask: Ask; close(): void } {
  const client = new GrpcClient(`127.0.0.1:${port("registry")}`, credentials.createInsecure());
  const { getAnrf: method } = RegistryService.method;
  const metadata = new Metadata();
  const headers = {
    "x-anrf-mesh-token": meshToken,
    "x-anrf-caller": "edge",
    "x-client-id": "018f0000-0000-7000-8000-000000000001",
    "x-client-scopes": "admin,registry",
    "x-client-tier": "unlimited",
  };
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const encode = (): Buffer => Buffer.from(toBinary(method.input, create(method.input, { anrfId: ID })));
  const decode = (bytes: Buffer) => fromBinary(method.output, bytes);
  const path = `/${RegistryService.typeName}/${method.name}`;
  const ask: Ask = () =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, encode, decode, {}, metadata, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  return { ask, close: () => client.close() };
}
