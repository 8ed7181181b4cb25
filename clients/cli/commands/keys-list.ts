import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { ApiKeySchema, AuthService, Tier } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatOf, writeList } from "../output.ts";
import { pageOf, tellNextPage } from "../pages.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { dateText, enumText } from "../texts.ts";

/** Lists keys without their secrets. */
export const run: Command = async (input, io) => {
  const platform = await connect(input, io);
  const page = await platform
    .client(AuthService)
    .listApiKeys(pageOf(input.flags), platform.options())
    .catch((error: unknown) => {
      throw rpcFailure("cannot list keys", error);
    });
  writeList(io, formatOf(input.flags), ApiKeySchema, page.apiKeys, (key) => [
    key.keyId,
    key.name,
    key.clientName,
    enumText(Tier, key.tier),
    key.scopes.map((scope) => enumText(Scope, scope)).join(","),
    key.revokeTime === undefined
      ? key.expireTime === undefined
        ? "valid"
        : `until ${dateText(key.expireTime)}`
      : "revoked",
  ]);
  tellNextPage(io, page.nextPageToken);
  return EXIT.OK;
};
