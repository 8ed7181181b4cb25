import { DeleteModelVersionResponseSchema, ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { modelId } from "../models/signing.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Hides a version of a model. */
export const run: Command = async (input, io) => {
  const { name, version } = modelId(input.args[0] ?? "");
  if (version === 0) throw usage("cannot tell which version is meant", "", `write it as ${name}@VERSION`);
  const platform = await connect(input, io);
  const gone = await platform
    .client(ModelService)
    .deleteModelVersion({ name, version }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot remove ${name}@${version}`, error);
    });
  writeAnswer(
    io,
    formatOf(input.flags),
    DeleteModelVersionResponseSchema,
    gone,
    () => `${name}@${version} is removed`,
  );
  return EXIT.OK;
};
