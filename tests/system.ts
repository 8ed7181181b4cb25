import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { AuthService, Tier } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import type { Topology } from "#platform/process/target.ts";
import { loadTargets } from "../services/targets.ts";
import { type TargetName, TOPOLOGY } from "../services/topology.ts";
import { startTestHost, type TestHost } from "./host.ts";
import { artifactOf } from "./programs.ts";
import { type Rest, restClient } from "./rest.ts";
import { type Protocol, type Wire, wireTo } from "./wire.ts";

/** The whole platform in this process, behind its edge, with a fresh database and a fresh folder. */
export interface System extends TestHost {
  readonly port: number;
  readonly url: string;
  /** The first key: every scope, ADMIN too, and no rate. */
  readonly key: string;
  /** REST with the first key, or another. */
  rest(key?: string): Rest;
  /** A protocol of RPCs with the first key, or another; it is closed with the system. */
  wire(protocol: Protocol, key?: string): Wire;
  newKey(wish?: KeyWish): Promise<NewKey>;
  /** Stores a program that a test writes as text; answers with its id. */
  put(text: string, key?: string): Promise<string>;
}

/** What a new key shall be; by default of the first key's client, with all scopes but ADMIN, and no rate. */
export interface KeyWish {
  readonly scopes?: readonly Scope[];
  readonly tier?: Tier;
  /** Makes a client of this name for it. */
  readonly newClient?: string;
  readonly expires?: Date;
}

/** A key and whose it is. */
export interface NewKey {
  readonly key: string;
  readonly keyId: string;
  readonly clientId: string;
}

const ALL: readonly TargetName[] = TOPOLOGY.map(({ name }) => name);

/** Starts all targets, or some, with the edge on a free port. */
export async function startSystem(
  env: Readonly<Record<string, string>> = {},
  names: readonly TargetName[] = ALL,
  topology: Topology = TOPOLOGY,
): Promise<System> {
  const stack = new AsyncDisposableStack();
  const targets = await loadTargets(names);
  const host = stack.use(await startTestHost(targets, { ANRF_EDGE_PORT: "0", ...env }, topology));
  const port = portOf(host.host.started("edge"));
  const url = `http://127.0.0.1:${port}`;
  const key = (await readFile(join(host.folder, "keys", "first-key"), "utf8")).trim();
  const wire = (protocol: Protocol, by = key): Wire => stack.use(wireTo(url, protocol, by));
  const admin = wire("connect");
  return {
    ...host,
    port,
    url,
    key,
    rest: (by = key) => restClient(url, by),
    wire,
    newKey: async ({ scopes = [], tier = Tier.UNLIMITED, newClient = "", expires } = {}) => {
      const request = { name: "test", scopes: [...scopes], tier, newClient };
      const expireTime = expires === undefined ? {} : { expireTime: timestampFromDate(expires) };
      const answer = await admin.unary(AuthService.method.createApiKey, { ...request, ...expireTime });
      const { keyId = "", clientId = "" } = answer.apiKey ?? {};
      return { key: answer.key, keyId, clientId };
    },
    put: async (text, by = key) => {
      const artifact = Buffer.from(artifactOf(text)).toString("base64");
      const { status, body } = await restClient(url, by).post("/v1/anrfs", { artifact });
      if (status !== 200) throw new Error(`PutAnrf was answered with ${status}: ${JSON.stringify(body)}`);
      return String(body["anrfId"]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function portOf(started: object | undefined): number {
  if (started === undefined || !("port" in started) || typeof started.port !== "number") {
    throw new Error("the edge does not say its port");
  }
  return started.port;
}
