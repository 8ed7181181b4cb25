import { DeleteContextResponseSchema, FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Removes a context. */
export const run: Command = async (input, io) => {
  const contextId = input.args[0] ?? "";
  const platform = await connect(input, io);
  const response = await platform
    .client(FeedbackService)
    .deleteContext({ contextId, etag: input.flags.text("etag") ?? "" }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot delete the context ${contextId}`, error);
    });
  writeAnswer(io, formatOf(input.flags), DeleteContextResponseSchema, response, () => `${contextId} deleted`);
  return EXIT.OK;
};
