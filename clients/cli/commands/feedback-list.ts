import { Feedback_Kind, FeedbackSchema, FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { programId } from "../given.ts";
import { formatOf, writeList } from "../output.ts";
import { pageOf, tellNextPage } from "../pages.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { dateText, enumText } from "../texts.ts";

/** Lists feedback. */
export const run: Command = async (input, io) => {
  const given = input.args[0];
  const anrfId = given === undefined ? "" : programId(given).anrfId;
  const platform = await connect(input, io);
  const page = await platform
    .client(FeedbackService)
    .listFeedback({ anrfId, ...pageOf(input.flags) }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure("cannot list feedback", error);
    });
  writeList(io, formatOf(input.flags), FeedbackSchema, page.feedback, (one) => [
    one.feedbackId,
    `${one.anrfId}@${one.version}`,
    enumText(Feedback_Kind, one.kind),
    one.score === undefined ? "" : String(one.score),
    (one.comment ?? "").slice(0, 60),
    dateText(one.createTime),
  ]);
  tellNextPage(io, page.nextPageToken);
  return EXIT.OK;
};
