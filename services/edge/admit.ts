import { hash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { AttributeContext_HttpRequestSchema } from "#gen/envoy/service/auth/v3/attribute_context_pb.ts";
import type { Authorization, CheckResponse } from "#gen/envoy/service/auth/v3/external_auth_pb.ts";
import type { Call, Principal } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { errorFromStatus, exhausted, unauthenticated, unavailable } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { readPrincipal } from "#platform/rpc/peer.ts";
import { Buckets, type Rate, tierRate } from "./limits.ts";

/** What a request shows before anything of it is read. */
export interface Arrival {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The peer's address. */
  readonly address: string;
}

/** How the gate is set. */
export interface AdmissionOptions {
  readonly auth: Client<typeof Authorization>;
  /** The bucket of a peer address, before anybody asks for a key. */
  readonly peerRate: Rate;
  /** Loopback peers share one address, so they are exempt unless configured. */
  readonly limitLoopback: boolean;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** Decides who asks and whether they may ask now; throws an RpcError to refuse. */
export interface Admission {
  /** Takes from the bucket of the peer; nothing is known of the caller yet. */
  peer(address: string): void;
  /** Finds who the key belongs to, then takes from that client's bucket. */
  client(arrival: Arrival, call: Call): Promise<Principal>;
  /** A key was revoked through this gateway: what is remembered of keys no longer counts. */
  forget(): void;
}

/** Time that `Check` may take: it answers from memory, or with one read. */
const CHECK_MS = 5_000;

/**
 * So long a good key is remembered, by its hash alone. Together with the time for which auth remembers keys it is the
 * time after which a revocation elsewhere is felt at the latest.
 */
const REMEMBERED_MS = 2_000;
const MOST_REMEMBERED = 10_000;

/** The gate of the edge: a bucket a peer, the key, a bucket a client by tier. */
export function createAdmission(options: AdmissionOptions): Admission {
  const peers = new Buckets();
  const clients = new Buckets();
  let remembered = new Map<string, { readonly principal: Principal; readonly until: number }>();
  const ask = async (name: string, arrival: Arrival, call: Call): Promise<Principal> => {
    const into = remembered;
    const until = options.now() + REMEMBERED_MS;
    const deadline = Math.min(call.deadline, Date.now() + CHECK_MS);
    const principal = principalOf(await options.auth.check(checkRequest(arrival), { ...call, deadline }));
    if (into.size >= MOST_REMEMBERED) into.clear();
    // What was asked before a revocation goes into a map that nobody reads any more.
    into.set(name, { principal, until });
    return principal;
  };
  return {
    peer: (address) => {
      if (!options.limitLoopback && isLoopback(address)) return;
      refuseAbove(peers.take(address, options.peerRate, options.now()), "requests from this address");
    },
    client: async (arrival, call) => {
      const name = keyHash(arrival.headers);
      const known = remembered.get(name);
      const principal =
        known !== undefined && options.now() < known.until ? known.principal : await ask(name, arrival, call);
      const rate = tierRate(principal.tier);
      if (rate !== undefined) {
        refuseAbove(
          clients.take(principal.clientId, rate, options.now()),
          `requests of tier ${principal.tier}`,
        );
      }
      return principal;
    },
    forget: () => {
      remembered = new Map();
    },
  };
}

/** Names the key of a request without keeping it. */
function keyHash(headers: Readonly<Record<string, string>>): string {
  return hash("sha256", `${headers["x-api-key"] ?? ""}\n${headers["authorization"] ?? ""}`, "base64");
}

function checkRequest(arrival: Arrival) {
  const { method, path, headers } = arrival;
  const http = create(AttributeContext_HttpRequestSchema, {
    method,
    path,
    headers: { ...headers },
    host: headers["host"] ?? "",
  });
  return { attributes: { request: { http } } };
}

function principalOf(answer: CheckResponse): Principal {
  const code = answer.status?.code ?? Code.OK;
  if (answer.status !== undefined && code !== Code.OK) throw errorFromStatus(answer.status);
  if (answer.httpResponse.case !== "okResponse")
    throw unauthenticated("KEY_MISSING", "no API key: send one as x-api-key");
  const headers = new Map(
    answer.httpResponse.value.headers.map((one) => [one.header?.key ?? "", one.header?.value ?? ""]),
  );
  const principal = readPrincipal((name) => headers.get(name));
  if (principal.clientId === "") throw unavailable("the authorization service named no client");
  return principal;
}

function refuseAbove(
  verdict: { readonly allowed: boolean; readonly retryAfter: number },
  what: string,
): void {
  if (verdict.allowed) return;
  throw exhausted("RATE_LIMITED", `too many ${what}: try again in ${verdict.retryAfter} s`, {
    retrySeconds: verdict.retryAfter,
  });
}

/** 127.0.0.0/8, ::1, and the former written as IPv6. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
