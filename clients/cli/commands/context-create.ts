import { CreateContextResponseSchema, FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { contentOf } from "../contents.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Stores what a module or function knows. */
export const run: Command = async (input, io) => {
  const { flags } = input;
  const module = flags.text("module") ?? "";
  const name = flags.text("function") ?? "";
  if (module === "" && name === "")
    throw usage("cannot store a context", "neither --module nor --function is given");
  const content = await contentOf(flags, io);
  const platform = await connect(input, io);
  const response = await platform
    .client(FeedbackService)
    .createContext({ module, function: name, content }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure("cannot store the context", error);
    });
  writeAnswer(
    io,
    formatOf(flags),
    CreateContextResponseSchema,
    response,
    () => response.context?.contextId ?? "",
  );
  return EXIT.OK;
};
