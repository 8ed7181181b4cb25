import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { AuthService, CreateApiKeyResponseSchema, Tier } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { nearest } from "../suggest.ts";

const TIERS = { basic: Tier.BASIC, standard: Tier.STANDARD, unlimited: Tier.UNLIMITED } as const;

/** Makes a key and shows it once. */
export const run: Command = async (input, io) => {
  const { flags, args } = input;
  const lasts = flags.seconds("expires");
  const tier = flags.text("tier") as keyof typeof TIERS | undefined;
  const request = {
    name: args[0] ?? "",
    scopes: scopesOf(flags.text("scopes")),
    tier: tier === undefined ? Tier.TIER_UNSPECIFIED : TIERS[tier],
    clientId: flags.text("client") ?? "",
    newClient: flags.text("new-client") ?? "",
    ...(lasts === undefined ? {} : { expireTime: timestampFromMs(Date.now() + lasts * 1000) }),
  };
  const platform = await connect(input, io);
  const response = await platform
    .client(AuthService)
    .createApiKey(request, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot make a key for ${args[0]}`, error);
    });
  writeAnswer(io, formatOf(flags), CreateApiKeyResponseSchema, response, () => response.key);
  if (formatOf(flags) === "text") io.err("this key is not shown again\n");
  return EXIT.OK;
};

function scopesOf(text: string | undefined): Scope[] {
  const names = (text ?? "")
    .split(",")
    .map((one) => one.trim().toUpperCase())
    .filter((one) => one !== "");
  return names.map((name) => {
    const scope = Object.entries(Scope).find(([known]) => known === name)?.[1];
    if (scope !== undefined && scope !== Scope.SCOPE_UNSPECIFIED && scope !== Scope.ANY_KEY) return scope;
    const known = Object.keys(Scope).filter((one) => one !== "SCOPE_UNSPECIFIED" && one !== "ANY_KEY");
    const near = nearest(
      name.toLowerCase(),
      known.map((one) => one.toLowerCase()),
    );
    throw usage(
      `cannot give the scope ${name}`,
      `it is one of ${known.join(", ")}`,
      near === undefined ? "" : `did you mean ${near.toUpperCase()}?`,
    );
  });
}
