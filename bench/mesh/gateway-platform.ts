import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataFolder } from "#platform/data/folder-layout.ts";
import { migrate } from "#platform/data/migrate.ts";
import { startPostgres } from "#platform/data/postgres.ts";
import { ADDRESS, freeOffset, freePort } from "#platform/process/ports.ts";
import type { Json } from "../../envoy/any.ts";
import { startEnvoy } from "../../envoy/run.ts";
import { DEPLOYED, type EnvoySettings } from "../../envoy/settings.ts";
import { TOPOLOGY } from "../../services/topology.ts";
import { type BenchServer, startServer } from "./processes.ts";

/** What is measured: one process each, but for the edge, which holds the service too. */
export interface BenchPlatform extends AsyncDisposable {
  readonly key: string;
  /** The secret by which a direct caller proves itself as the gateway does. */
  readonly meshToken: string;
  /** Mesh port of a target. */
  port(target: string): number;
  readonly auth: BenchServer;
  readonly service: BenchServer;
  readonly edge: BenchServer;
  readonly envoy: { readonly pid: number; readonly url: string };
  /** Envoy with the same chain of filters, but the one that asks auth. */
  readonly withoutAuth: { readonly pid: number; readonly url: string };
}

const SERVER = new URL("./gateway-server.ts", import.meta.url);
const AUTHZ = "envoy.filters.http.ext_authz";

/** Starts the stand-ins behind a real Envoy, behind a second one that asks nobody, and behind the TypeScript edge. */
export async function startBenchPlatform(envoy: string): Promise<BenchPlatform> {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "anrf-gateway-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startPostgres(await openDataFolder(join(folder, "data")), { durable: false });
  stack.defer(() => postgres.stop());
  await migrate(postgres.url);
  const meshToken = randomBytes(16).toString("hex");
  await writeFile(join(folder, "token"), meshToken);
  const mesh = TOPOLOGY.filter((target) => !("gateway" in target)).map(({ port }) => port);
  const offset = await freeOffset(mesh);
  const keyFile = join(folder, "key");
  const env = {
    ANRF_DATA: join(folder, "data"),
    ANRF_DATABASE_URL: postgres.url,
    ANRF_MESH_TOKEN_FILE: join(folder, "token"),
    ANRF_MESH_PORT_OFFSET: String(offset),
    ANRF_FIRST_KEY_FILE: keyFile,
    ANRF_EDGE_PORT: "0",
    ANRF_DRAIN_DELAY_MS: "0",
    ANRF_DRAIN_MS: "1000",
  };
  const start = async (role: string): Promise<BenchServer> => {
    const server = await startServer(SERVER, [role], join(folder, `${role}.log`), env);
    stack.defer(() => server.end?.());
    return server;
  };
  const auth = await start("auth");
  const service = await start("service");
  const edge = await start("edge");
  const gateways = [];
  for (const [name, adjust] of [
    ["with", (config: Json) => config],
    ["without", withoutAuthHop],
  ] as const) {
    const settings = await envoySettings(join(folder, `${name}.binpb`), offset);
    const at = await mkdtemp(join(folder, name));
    const running = stack.use(await startEnvoy(envoy, at, settings, meshToken, adjust));
    gateways.push({ pid: running.process.pid ?? 0, url: `http://${ADDRESS}:${settings.port}` });
  }
  const [first, second] = gateways;
  if (first === undefined || second === undefined) throw new Error("unreachable: two gateways were started");
  return {
    key: (await readFile(keyFile, "utf8")).trim(),
    meshToken,
    port: (target) => (TOPOLOGY.find(({ name }) => name === target)?.port ?? 0) + offset,
    auth,
    service,
    edge,
    envoy: first,
    withoutAuth: second,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function envoySettings(descriptorsPath: string, offset: number): Promise<EnvoySettings> {
  const [port, tlsPort, adminPort, statsPort] = [
    await freePort(0),
    await freePort(0),
    await freePort(0),
    await freePort(0),
  ];
  const address: EnvoySettings["address"] = (_, target) => ({ host: ADDRESS, port: target + offset });
  return {
    ...DEPLOYED,
    bind: ADDRESS,
    port,
    tlsPort,
    adminPort,
    statsPort,
    address,
    checkSeconds: 5,
    descriptorsPath,
  };
}

/** Leaves out the filter that asks auth, and says in its place who calls. */
function withoutAuthHop(config: Json): Json {
  const client = {
    "x-client-id": "018f0000-0000-7000-8000-000000000001",
    "x-client-scopes": "admin,registry,generate",
    "x-client-tier": "unlimited",
  };
  const headers = Object.entries(client).map(([key, value]) => ({ header: { key, value } }));
  return JSON.parse(JSON.stringify(config), (key, value) => {
    if (key === "http_filters") return (value as Json[]).filter(({ name }) => name !== AUTHZ);
    if (key === "typed_per_filter_config") {
      const { [AUTHZ]: _, ...rest } = value as Json;
      return rest;
    }
    return key === "request_headers_to_add" ? [...(value as Json[]), ...headers] : value;
  }) as Json;
}
