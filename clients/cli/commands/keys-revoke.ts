import { AuthService, RevokeApiKeyResponseSchema } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { dateText } from "../texts.ts";

/** Ends a key; a whole key is taken by its id. */
export const run: Command = async (input, io) => {
  const given = input.args[0] ?? "";
  const keyId = /^anrf_([^_]+)_/.exec(given)?.[1] ?? given;
  const platform = await connect(input, io);
  const response = await platform
    .client(AuthService)
    .revokeApiKey({ keyId }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot revoke the key ${keyId}`, error);
    });
  writeAnswer(
    io,
    formatOf(input.flags),
    RevokeApiKeyResponseSchema,
    response,
    () => `${keyId} revoked ${dateText(response.apiKey?.revokeTime)}; felt within 10 seconds`,
  );
  return EXIT.OK;
};
