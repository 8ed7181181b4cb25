import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type ApiKey, ApiKeySchema, Tier as TierEnum } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import type { Tier } from "#platform/rpc/call.ts";
import type { KeyRow } from "./store.ts";

/** A tier as the contract writes it. */
export function tierToEnum(tier: Tier): TierEnum {
  if (tier === "unlimited") return TierEnum.UNLIMITED;
  return tier === "standard" ? TierEnum.STANDARD : TierEnum.BASIC;
}

/** A tier as the platform names it; an unset one is basic. */
export function tierFromEnum(tier: number): Tier {
  if (tier === TierEnum.UNLIMITED) return "unlimited";
  return tier === TierEnum.STANDARD ? "standard" : "basic";
}

/** What people may know of a key: all but its secret. */
export function apiKeyFromRow(row: KeyRow): ApiKey {
  const { keyId, clientId, clientName, name, tier, limits } = row;
  return create(ApiKeySchema, {
    keyId,
    clientId,
    clientName,
    name,
    scopes: [...row.scopes].sort((a, b) => a - b),
    tier: tierToEnum(tier),
    ...(limits === undefined ? {} : { limits }),
    createTime: timestampFromDate(row.createTime),
    ...(row.expireTime === undefined ? {} : { expireTime: timestampFromDate(row.expireTime) }),
    ...(row.revokeTime === undefined ? {} : { revokeTime: timestampFromDate(row.revokeTime) }),
    ...(row.lastUsedTime === undefined ? {} : { lastUsedTime: timestampFromDate(row.lastUsedTime) }),
  });
}
