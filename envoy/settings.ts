import type { TargetName } from "../services/topology.ts";

/** A token bucket, as both gateways count. */
export interface Rate {
  /** Tokens a second. */
  readonly perSecond: number;
  readonly burst: number;
}

/** Everything in the configuration that is not the same everywhere. */
export interface EnvoySettings {
  /** Where the listeners are opened. */
  readonly bind: string;
  readonly port: number;
  /** With a certificate: the port of TLS. */
  readonly tlsPort: number;
  /** Loopback only, always: the admin interface has no authentication. */
  readonly adminPort: number;
  readonly statsPort: number;
  /** Where a target is; its port stands in the topology. */
  address(target: TargetName, port: number): { readonly host: string; readonly port: number };
  readonly corsOrigins: readonly string[];
  readonly peerRate: Rate;
  /** Loopback peers share one address, so they are exempt unless limited on purpose. */
  readonly limitLoopback: boolean;
  /** Seconds that `Check` may take. */
  readonly checkSeconds: number;
  /** Seconds that a stream may be silent, or its reader may stand still. */
  readonly streamIdleSeconds: number;
  readonly headersSeconds: number;
  readonly drainSeconds: number;
  /**
   * After which a connection to a service takes no new calls. Less than the age at which services end theirs: whoever
   * asks has to leave first, as what is on its way to an ended connection is refused.
   */
  readonly upstreamSeconds: number;
  /** Folder of `certificate.yaml`, and of `clients.yaml` where clients show one: watched files; undefined: no TLS. */
  readonly tlsFolder: string | undefined;
  /** Whether a client has to show a certificate that the authorities of `clients.yaml` sign. */
  readonly clientCa: boolean;
  /** URIs of which it has to hold one; empty: any. */
  readonly clientSans: readonly string[];
  /** Where traces go: a collector of OTLP over plain HTTP, and the share of new traces; undefined: nowhere. */
  readonly otlp: { readonly host: string; readonly port: number; readonly ratio: number } | undefined;
  /** Connections from outside at once. */
  readonly maxConnections: number;
  readonly descriptorsPath: string;
}

/** What is committed as envoy.yaml: one container each, names found by DNS. */
export const DEPLOYED: EnvoySettings = {
  bind: "0.0.0.0",
  port: 8080,
  tlsPort: 8443,
  adminPort: 9901,
  statsPort: 9902,
  address: (target, port) => ({ host: target, port }),
  corsOrigins: [],
  peerRate: { perSecond: 500, burst: 1000 },
  limitLoopback: false,
  checkSeconds: 1,
  streamIdleSeconds: 120,
  headersSeconds: 10,
  drainSeconds: 30,
  upstreamSeconds: 240,
  tlsFolder: undefined,
  clientCa: false,
  clientSans: [],
  otlp: undefined,
  maxConnections: 20_000,
  descriptorsPath: "/etc/envoy/descriptors.binpb",
};
