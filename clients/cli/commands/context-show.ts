import { create } from "@bufbuild/protobuf";
import { ContextSchema, FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { jsonOf } from "../json.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Shows one context; as text it is the same JSON. */
export const run: Command = async (input, io) => {
  const contextId = input.args[0] ?? "";
  const platform = await connect(input, io);
  const response = await platform
    .client(FeedbackService)
    .getContext({ contextId }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot show the context ${contextId}`, error);
    });
  const context = response.context ?? create(ContextSchema);
  writeAnswer(io, formatOf(input.flags), ContextSchema, context, () =>
    JSON.stringify(jsonOf(ContextSchema, context), null, 2),
  );
  return EXIT.OK;
};
