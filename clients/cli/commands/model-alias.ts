import {
  DeleteAliasResponseSchema,
  ModelService,
  SetAliasResponseSchema,
} from "#gen/anrf/models/v1/models_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { modelId } from "../models/signing.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Moves or removes an alias. */
export const run: Command = async (input, io) => {
  const { flags, args } = input;
  const [alias = "", model = ""] = args;
  const { name, version } = modelId(model);
  const platform = await connect(input, io);
  const models = platform.client(ModelService);
  const fail = (error: unknown): never => {
    throw rpcFailure(`cannot change the alias ${alias} of ${name}`, error);
  };
  if (flags.has("remove")) {
    const gone = await models.deleteAlias({ name, alias }, platform.options()).catch(fail);
    writeAnswer(io, formatOf(flags), DeleteAliasResponseSchema, gone, () => `${alias} of ${name} is removed`);
    return EXIT.OK;
  }
  if (version === 0) throw usage("cannot tell which version is meant", "", `write it as ${name}@VERSION`);
  const etag = flags.text("etag") ?? "";
  const moved = await models.setAlias({ name, alias, version, etag }, platform.options()).catch(fail);
  writeAnswer(io, formatOf(flags), SetAliasResponseSchema, moved, () => `${alias} is ${name}@${version}`);
  return EXIT.OK;
};
