import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import type { BenchPlatform } from "./gateway-platform.ts";
import { type BenchServer, cpuOf, inParallel, median, memoryOf, quantile } from "./processes.ts";
import { SILENT } from "./stand-in.ts";

const OPENINGS = 500;
const READERS = 16;
const TOKENS = 400;
const PACE_MS = 10;
const OPEN_STREAMS = 1_000;
const ROUNDS = 3;

/** A gateway, and the processes that work for a stream through it. */
interface Way {
  readonly name: string;
  readonly url: string;
  readonly members: Readonly<Record<string, number>>;
}

/** Lines: time to the first event, and CPU of each further one. */
export async function measureStreams(platform: BenchPlatform): Promise<readonly string[]> {
  const ways = waysTo(platform);
  const agent = new Agent({ keepAlive: true, maxSockets: READERS });
  const firsts = new Map(ways.map(({ name }) => [name, [] as number[]]));
  const costs = new Map(
    ways.map(({ name, members }) => [name, Object.keys(members).map(() => [] as number[])]),
  );
  // The first round warms.
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, url, members } of ways) {
      const times: number[] = [];
      await inParallel(OPENINGS / ROUNDS, 1, async () => {
        times.push(await read(url, platform.key, "1 0", agent));
      });
      const pids = Object.values(members);
      const before = await Promise.all(pids.map(cpuOf));
      await inParallel(READERS, READERS, async () => {
        await read(url, platform.key, `${TOKENS} ${PACE_MS}`, agent);
      });
      const after = await Promise.all(pids.map(cpuOf));
      if (round < 0) continue;
      firsts.get(name)?.push(...times);
      for (const [at, used] of (costs.get(name) ?? []).entries())
        used.push(((after[at] ?? 0) - (before[at] ?? 0)) / (READERS * TOKENS));
    }
  }
  agent.destroy();
  return ways.map(({ name, members }) => {
    const times = firsts.get(name) ?? [];
    const cpu = Object.keys(members).map(
      (member, at) => `${member} ${median(costs.get(name)?.[at] ?? []).toFixed(0)} µs`,
    );
    return `${name.padEnd(6)} first event p50 ${median(times).toFixed(2)}  p99 ${quantile(times, 0.99).toFixed(2)} ms; CPU an event at ${READERS} × ${1000 / PACE_MS} a second: ${cpu.join(", ")}`;
  });
}

/** Lines: what a process holds more when streams stand open that have had one event. */
export async function measureMemory(platform: BenchPlatform): Promise<readonly string[]> {
  const lines: string[] = [];
  const { envoy, service, edge } = platform;
  for (const { name, url } of waysTo(platform)) {
    // Envoy frees what it uses at once; of Node only what is alive counts.
    const kinds: Readonly<Record<string, () => Promise<number>>> =
      name === "Envoy"
        ? { Envoy: () => memoryOf(envoy.pid), service: () => heldBy(service) }
        : { "edge with the service": () => heldBy(edge) };
    const measures = Object.values(kinds);
    const before = await Promise.all(measures.map((measure) => measure()));
    const agent = new Agent({ keepAlive: false });
    const streams: ClientRequest[] = [];
    await inParallel(OPEN_STREAMS, READERS, async () => {
      streams.push(await open(url, platform.key, agent));
    });
    const after = await Promise.all(measures.map((measure) => measure()));
    const each = Object.keys(kinds).map(
      (member, at) => `${member} ${(((after[at] ?? 0) - (before[at] ?? 0)) / OPEN_STREAMS).toFixed(0)} KiB`,
    );
    lines.push(`${name.padEnd(6)} ${each.join(", ")}`);
    for (const stream of streams) stream.destroy();
    agent.destroy();
  }
  return lines;
}

function heldBy(server: BenchServer): Promise<number> {
  if (server.held === undefined) throw new Error("this server does not tell what it holds");
  return server.held();
}

function waysTo({ envoy, service, edge }: BenchPlatform): readonly Way[] {
  return [
    { name: "Envoy", url: envoy.url, members: { Envoy: envoy.pid, service: service.pid } },
    {
      name: "edge",
      url: `http://127.0.0.1:${edge.port}`,
      members: { "edge with the service": edge.pid },
    },
  ];
}

/** Reads a stream to its end; answers with the milliseconds to its first event. */
function read(url: string, key: string, model: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    let first = 0;
    const sent = ask(url, key, model, agent, (status, response) => {
      if (status !== 200) return reject(new Error(`${url} answered with ${status}`));
      response.on("data", () => {
        if (first === 0) first = performance.now() - began;
      });
      response.once("end", () => resolve(first));
      response.once("error", reject);
      return undefined;
    });
    sent.once("error", reject);
  });
}

/** Opens a stream and reads its first event. */
function open(url: string, key: string, agent: Agent): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const sent = ask(url, key, SILENT, agent, (status, response) => {
      if (status !== 200) return reject(new Error(`${url} answered with ${status}`));
      response.once("data", () => resolve(sent));
      // It is left in the middle.
      response.on("error", () => {});
      return undefined;
    });
    sent.on("error", reject);
  });
}

type Take = (status: number, response: IncomingMessage) => unknown;

function ask(url: string, key: string, model: string, agent: Agent, take: Take): ClientRequest {
  const body = JSON.stringify({ model });
  const headers = {
    "x-api-key": key,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  const sent = request(`${url}/generate/stream`, { agent, method: "POST", headers }, (response) =>
    take(response.statusCode ?? 0, response),
  );
  sent.end(body);
  return sent;
}
