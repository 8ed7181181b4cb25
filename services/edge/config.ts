import { type Env, readConfig } from "#platform/process/env.ts";
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
  }));
}
