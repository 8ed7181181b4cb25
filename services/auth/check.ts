import type { MessageInitShape } from "@bufbuild/protobuf";
import { HeaderValueOption_HeaderAppendAction } from "#gen/envoy/config/core/v3/base_pb.ts";
import type { CheckRequest, CheckResponseSchema } from "#gen/envoy/service/auth/v3/external_auth_pb.ts";
import { RpcError, statusFromError, unauthenticated } from "#platform/rpc/error.ts";
import { principalHeaders } from "#platform/rpc/peer.ts";
import type { KeyCache } from "./key-cache.ts";
import { isSecret, parseKey } from "./keys.ts";
import type { KeyRow } from "./store.ts";

/** What a check needs. */
export interface CheckDeps {
  readonly keys: Pick<KeyCache, "get">;
  /** Told of each key that was found good. */
  readonly used: (keyId: string) => void;
  readonly now: () => Date;
}

/** Whose key a request carries; throws UNAUTHENTICATED if it is missing, unknown, expired or revoked. */
export async function identify(headers: Readonly<Record<string, string>>, deps: CheckDeps): Promise<KeyRow> {
  const text = keyOf(headers);
  if (text === undefined) {
    throw unauthenticated("KEY_MISSING", 'no API key: send one as "x-api-key" or "authorization: Bearer …"');
  }
  const key = parseKey(text);
  const row = key === undefined ? undefined : await deps.keys.get(key.keyId);
  if (key === undefined || row === undefined || !isSecret(key.secret, row.secretSha256)) {
    throw unauthenticated("KEY_UNKNOWN", "unknown API key: check that it was copied whole");
  }
  if (row.revokeTime !== undefined || row.disableTime !== undefined) {
    throw unauthenticated("KEY_REVOKED", "this API key was revoked: ask for a new one");
  }
  if (row.expireTime !== undefined && row.expireTime <= deps.now()) {
    throw unauthenticated(
      "KEY_EXPIRED",
      `this API key expired at ${row.expireTime.toISOString()}: ask for a new one`,
    );
  }
  deps.used(row.keyId);
  return row;
}

/**
 * Answers a gateway: OK with the headers that name the client and without the key, or a denial with status, reason
 * and text. Throws UNAVAILABLE if the database does not answer and nothing is known of the key.
 */
export async function check(
  request: CheckRequest,
  deps: CheckDeps,
): Promise<MessageInitShape<typeof CheckResponseSchema>> {
  const headers = request.attributes?.request?.http?.headers ?? {};
  try {
    const row = await identify(headers, deps);
    const { clientId, keyId, scopes, tier, limits } = row;
    const named = Object.entries(principalHeaders({ clientId, keyId, scopes, tier, limits }));
    return {
      status: { code: 0 },
      httpResponse: {
        case: "okResponse",
        value: {
          headers: named.map(([name, value]) => header(name, value)),
          headersToRemove: [...KEY_HEADERS],
        },
      },
    };
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== UNAUTHENTICATED) throw error;
    return denial(error, headers["x-anrf-kind"] === "grpc-web");
  }
}

const KEY_HEADERS = ["x-api-key", "authorization"] as const;
const UNAUTHENTICATED = 16;

function keyOf(headers: Readonly<Record<string, string>>): string | undefined {
  const given = headers["x-api-key"]?.trim();
  if (given) return given;
  return /^Bearer +(\S+) *$/i.exec(headers["authorization"] ?? "")?.[1];
}

function denial(error: RpcError, isGrpcWeb: boolean): MessageInitShape<typeof CheckResponseSchema> {
  const headers = [header("www-authenticate", 'Bearer realm="anrf"')];
  // Envoy's fixed text for gRPC-Web would hide the reason; the header is percent-encoded as gRPC wants it.
  if (isGrpcWeb) headers.push(header("grpc-message", encodeURIComponent(error.message)));
  return {
    status: statusFromError(error),
    httpResponse: {
      case: "deniedResponse",
      value: { status: { code: 401 }, headers, body: error.message },
    },
  };
}

function header(key: string, value: string) {
  return {
    header: { key, value },
    appendAction: HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD,
  };
}
