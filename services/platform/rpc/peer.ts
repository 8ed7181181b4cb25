import { timingSafeEqual } from "node:crypto";
import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { KeyLimitsSchema } from "#gen/anrf/api/v1/key_limits_pb.ts";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { NOBODY, type Principal, type Tier } from "./call.ts";

/** The headers that say who asks; a gateway removes them from what clients send. */
export const CLIENT_HEADERS = [
  "x-client-id",
  "x-client-key",
  "x-client-scopes",
  "x-client-tier",
  "x-client-limits",
] as const;

/** Proves a peer: the secret that gateways and services of one mesh share. */
export const MESH_TOKEN_HEADER = "x-anrf-mesh-token";

/** Which target calls; absent: a gateway. */
export const CALLER_HEADER = "x-anrf-caller";

/** Reads one header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

/** What a peer says of itself, once it is proven. */
export interface Peer {
  readonly proven: boolean;
  /** The calling target; "" for a gateway, or for a peer that is not proven. */
  readonly caller: string;
  readonly client: Principal;
}

/** Believes headers only beside the mesh token; without a configured token nobody is believed. */
export function readPeer(header: HeaderReader, meshToken: string | undefined): Peer {
  const proven = meshToken !== undefined && equalSecrets(header(MESH_TOKEN_HEADER) ?? "", meshToken);
  if (!proven) return { proven, caller: "", client: NOBODY };
  return { proven, caller: header(CALLER_HEADER) ?? "", client: readPrincipal(header) };
}

/** Whether two secrets are equal, in a time that tells their lengths at most. */
export function equalSecrets(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The headers of a principal; readPrincipal reads them back. */
export function principalHeaders(principal: Principal): Readonly<Record<string, string>> {
  if (principal.clientId === "") return {};
  const headers: Record<string, string> = {
    "x-client-id": principal.clientId,
    "x-client-key": principal.keyId,
    "x-client-scopes": [...principal.scopes].map(scopeName).join(","),
    "x-client-tier": principal.tier,
  };
  if (principal.limits !== undefined)
    headers["x-client-limits"] = toJsonString(KeyLimitsSchema, principal.limits);
  return headers;
}

/** The principal that the headers tell of; NOBODY without a client id. The headers have to come from a proven peer. */
export function readPrincipal(header: HeaderReader): Principal {
  const clientId = header("x-client-id") ?? "";
  if (clientId === "") return NOBODY;
  const limits = header("x-client-limits");
  return {
    clientId,
    keyId: header("x-client-key") ?? "",
    scopes: scopesOf(header("x-client-scopes") ?? ""),
    tier: tierFromName(header("x-client-tier") ?? ""),
    limits: limits === undefined || limits === "" ? undefined : fromJsonString(KeyLimitsSchema, limits),
  };
}

const SCOPE_SETS = new Map<string, ReadonlySet<Scope>>();

// There are few sets of scopes, and each call brings one.
function scopesOf(names: string): ReadonlySet<Scope> {
  const known = SCOPE_SETS.get(names);
  if (known !== undefined) return known;
  const scopes = new Set(names.split(",").flatMap((name) => scopeFromName(name.trim()) ?? []));
  if (SCOPE_SETS.size < 1_000) SCOPE_SETS.set(names, scopes);
  return scopes;
}

const SCOPES = new Map<string, Scope>(
  Object.entries(Scope).map(([name, value]) => [name.toLowerCase(), value]),
);

/** A scope by its name in any case, such as "generate"; undefined for a name that is none. */
export function scopeFromName(name: string): Scope | undefined {
  const scope = SCOPES.get(name.toLowerCase());
  return scope === Scope.SCOPE_UNSPECIFIED ? undefined : scope;
}

/** The lower-case name of a scope, such as "generate". */
export function scopeName(scope: Scope): string {
  for (const [name, value] of SCOPES) if (value === scope) return name;
  return String(scope);
}

function tierFromName(name: string): Tier {
  return name === "standard" || name === "unlimited" ? name : "basic";
}
