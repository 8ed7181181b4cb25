import { ContextSchema, FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatOf, writeList } from "../output.ts";
import { pageOf, tellNextPage } from "../pages.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { dateText } from "../texts.ts";

/** Lists contexts. */
export const run: Command = async (input, io) => {
  const platform = await connect(input, io);
  const page = await platform
    .client(FeedbackService)
    .listContexts({ module: input.flags.text("module") ?? "", ...pageOf(input.flags) }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure("cannot list contexts", error);
    });
  writeList(io, formatOf(input.flags), ContextSchema, page.contexts, (one) => [
    one.contextId,
    one.module,
    one.function,
    dateText(one.updateTime ?? one.createTime),
  ]);
  tellNextPage(io, page.nextPageToken);
  return EXIT.OK;
};
