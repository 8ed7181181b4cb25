import { FeedbackService, UpdateContextResponseSchema } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { contentOf } from "../contents.ts";
import { EXIT } from "../exit-codes.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Replaces the content of a context. */
export const run: Command = async (input, io) => {
  const contextId = input.args[0] ?? "";
  const content = await contentOf(input.flags, io);
  const request = {
    contextId,
    content,
    etag: input.flags.text("etag") ?? "",
    updateMask: { paths: ["content"] },
  };
  const platform = await connect(input, io);
  const response = await platform
    .client(FeedbackService)
    .updateContext(request, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot update the context ${contextId}`, error);
    });
  writeAnswer(
    io,
    formatOf(input.flags),
    UpdateContextResponseSchema,
    response,
    () => `${contextId} updated, etag ${response.context?.etag ?? ""}`,
  );
  return EXIT.OK;
};
