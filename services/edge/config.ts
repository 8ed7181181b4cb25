import { type CertificateFiles, readCertificate } from "#platform/process/certificate.ts";
import { type Env, readConfig, type Vars } from "#platform/process/env.ts";
import type { Rate } from "./limits.ts";

/** How the edge listens and whom it lets in. */
export interface EdgeConfig {
  readonly address: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly peerRate: Rate;
  readonly limitLoopback: boolean;
  /** Origins that browsers may call from; "*" for all. */
  readonly corsOrigins: readonly string[];
  /** Undefined: without TLS. */
  readonly tls: EdgeTls | undefined;
}

/** A second port, with TLS. */
export interface EdgeTls extends CertificateFiles {
  /** 0 for a free one. */
  readonly port: number;
  /** URIs of which a client's certificate has to hold one; empty: any that is signed by the authorities. */
  readonly clientSans: readonly string[];
}

/** Reads the edge's variables; throws with every mistake. */
export function readEdgeConfig(env: Env): EdgeConfig {
  return readConfig(env, (vars) => ({
    address: vars.text("ANRF_EDGE_ADDRESS", "127.0.0.1"),
    port: vars.int("ANRF_EDGE_PORT", 8080, { min: 0, max: 65_535 }),
    peerRate: {
      perSecond: vars.number("ANRF_EDGE_PEER_RATE", 500, { min: 1 }),
      burst: vars.int("ANRF_EDGE_PEER_BURST", 1000, { min: 1 }),
    },
    limitLoopback: vars.flag("ANRF_EDGE_LIMIT_LOOPBACK", false),
    corsOrigins: vars.list("ANRF_EDGE_CORS_ORIGINS", []),
    tls: readTls(vars),
  }));
}

function readTls(vars: Vars): EdgeTls | undefined {
  const certFile = vars.text("ANRF_EDGE_TLS_CERT_FILE");
  const keyFile = vars.text("ANRF_EDGE_TLS_KEY_FILE");
  const port = vars.int("ANRF_EDGE_TLS_PORT", 8443, { min: 0, max: 65_535 });
  const clientCaFile = vars.text("ANRF_EDGE_TLS_CLIENT_CA_FILE");
  const clientSans = vars.list("ANRF_EDGE_TLS_CLIENT_SANS", []);
  if (certFile === undefined && keyFile === undefined) {
    if (clientCaFile !== undefined || clientSans.length > 0)
      vars.mistake("ANRF_EDGE_TLS_CLIENT_CA_FILE: without ANRF_EDGE_TLS_CERT_FILE there is no TLS");
    return undefined;
  }
  if (certFile === undefined || keyFile === undefined) {
    vars.mistake("ANRF_EDGE_TLS_CERT_FILE and ANRF_EDGE_TLS_KEY_FILE belong together: set both");
    return undefined;
  }
  if (clientSans.length > 0 && clientCaFile === undefined)
    vars.mistake("ANRF_EDGE_TLS_CLIENT_SANS: needs ANRF_EDGE_TLS_CLIENT_CA_FILE, which signs the clients");
  const tls = { certFile, keyFile, clientCaFile, port, clientSans };
  try {
    readCertificate(tls);
  } catch (error) {
    vars.mistake(`TLS: ${error instanceof Error ? error.message : String(error)}`);
  }
  return tls;
}
