import {
  CreateFeedbackResponseSchema,
  Feedback_Kind,
  FeedbackService,
} from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { examplesOf, programId } from "../given.ts";
import { formatOf, writeAnswer } from "../output.ts";
import type { Flags } from "../parse.ts";
import { rpcFailure } from "../rpc-failure.ts";

const KINDS: Readonly<Record<string, Feedback_Kind>> = {
  up: Feedback_Kind.THUMB_UP,
  down: Feedback_Kind.THUMB_DOWN,
  score: Feedback_Kind.SCORE,
  comment: Feedback_Kind.COMMENT,
  correction: Feedback_Kind.CORRECTION,
};

/** Says something of a program. */
export const run: Command = async (input, io) => {
  const { flags } = input;
  const { anrfId, version } = programId(input.args[0] ?? "");
  if (version === 0)
    throw usage("cannot say what version it is about", "the id has none", "write it as ID@VERSION");
  const [correctedExample] = await examplesOf(flags.texts("example"), io);
  const score = flags.number("score");
  const comment = flags.text("comment");
  const node = flags.text("node");
  const kind = KINDS[flags.text("kind") ?? kindOf(flags)] ?? Feedback_Kind.KIND_UNSPECIFIED;
  const platform = await connect(input, io);
  const response = await platform
    .client(FeedbackService)
    .createFeedback(
      {
        anrfId,
        version,
        kind,
        generationId: flags.text("generation") ?? "",
        ...(correctedExample === undefined ? {} : { correctedExample }),
        ...(score === undefined ? {} : { score }),
        ...(comment === undefined ? {} : { comment }),
        ...(node === undefined ? {} : { node }),
      },
      platform.options(),
    )
    .catch((error: unknown) => {
      throw rpcFailure(`cannot keep the feedback on ${input.args[0]}`, error);
    });
  writeAnswer(
    io,
    formatOf(flags),
    CreateFeedbackResponseSchema,
    response,
    () => response.feedback?.feedbackId ?? "",
  );
  return EXIT.OK;
};

function kindOf(flags: Flags): string {
  if (flags.texts("example").length > 0) return "correction";
  if (flags.text("score") !== undefined) return "score";
  if (flags.text("comment") !== undefined) return "comment";
  throw usage(
    "cannot keep the feedback",
    "nothing is said",
    "use --kind up, --kind down, --score, --comment or --example",
  );
}
