import { dataRoot } from "../data/folder-layout.ts";
import type { S3Options } from "../data/s3.ts";
import { type Env, readConfig, type Vars } from "./env.ts";
import { LOG_LEVELS } from "./log.ts";
import type { StoresOptions } from "./stores.ts";

/** What a process is told beside what its targets read. */
export interface ProcessConfig extends StoresOptions {
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Where ports are opened; loopback unless configured. */
  readonly bind: string;
  /** 0 for a free one; undefined: none is opened. */
  readonly opsPort: number | undefined;
  /** Where other targets are, with `{target}` and `{port}` in it. */
  readonly peers: string;
  /** Added to every mesh port of the topology, here and of peers: several platforms on one machine. */
  readonly portOffset: number;
  readonly meshToken: string | undefined;
  /** Base address of an OTLP collector over HTTP; undefined: no traces are sent. */
  readonly otlpEndpoint: string | undefined;
  /** The share of new traces that is sent. */
  readonly traceRatio: number;
  /** Between "not ready" and the end of new work, so that balancers notice. */
  readonly drainDelayMs: number;
  /** How long running work may take to end. */
  readonly drainMs: number;
}

/** Reads the variables of a process; throws with every mistake. `mesh`: it talks to other processes. */
export function readProcessConfig(env: Env, mesh: boolean): ProcessConfig {
  return readConfig(env, (vars) => {
    const meshToken = vars.file("ANRF_MESH_TOKEN_FILE");
    if (mesh && meshToken === undefined) {
      vars.mistake("ANRF_MESH_TOKEN_FILE: targets in several processes need a file with their shared secret");
    }
    const opsPort = vars.int("ANRF_OPS_PORT", -1, { min: -1, max: 65_535 });
    return {
      dataRoot: dataRoot({
        ANRF_DATA: vars.text("ANRF_DATA"),
        XDG_DATA_HOME: vars.text("XDG_DATA_HOME"),
        HOME: vars.text("HOME"),
      }),
      databaseUrl: vars.url("ANRF_DATABASE_URL", ["postgres:", "postgresql:"]),
      s3: readS3(vars),
      durable: vars.flag("ANRF_DURABLE", true),
      logLevel: vars.choice("ANRF_LOG_LEVEL", LOG_LEVELS, "info"),
      bind: vars.text("ANRF_BIND", "127.0.0.1"),
      opsPort: opsPort < 0 ? undefined : opsPort,
      peers: vars.text("ANRF_PEERS", "127.0.0.1:{port}"),
      portOffset: vars.int("ANRF_MESH_PORT_OFFSET", 0, { min: -50_000, max: 15_000 }),
      meshToken,
      otlpEndpoint: vars.url("ANRF_OTLP_ENDPOINT", ["http:", "https:"]),
      traceRatio: vars.number("ANRF_TRACE_RATIO", 1, { min: 0, max: 1 }),
      drainDelayMs: vars.int("ANRF_DRAIN_DELAY_MS", mesh ? 5_000 : 0, { min: 0, max: 60_000 }),
      drainMs: vars.int("ANRF_DRAIN_MS", 30_000, { min: 0, max: 600_000 }),
    };
  });
}

function readS3(vars: Vars): S3Options | undefined {
  const endpoint = vars.url("ANRF_S3_ENDPOINT", ["http:", "https:"]);
  const accessKey = vars.file("ANRF_S3_ACCESS_KEY_FILE");
  const secretKey = vars.file("ANRF_S3_SECRET_KEY_FILE");
  if (endpoint === undefined) return undefined;
  if (accessKey === undefined || secretKey === undefined) {
    vars.mistake("ANRF_S3_ENDPOINT: needs ANRF_S3_ACCESS_KEY_FILE and ANRF_S3_SECRET_KEY_FILE");
    return undefined;
  }
  return {
    endpoint,
    accessKey,
    secretKey,
    bucket: vars.text("ANRF_S3_BUCKET", "anrf"),
    region: vars.text("ANRF_S3_REGION", "us-east-1"),
  };
}
