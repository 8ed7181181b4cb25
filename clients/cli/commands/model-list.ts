import { ModelSchema, ModelService, SignatureState } from "#gen/anrf/models/v1/models_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatOf, writeList } from "../output.ts";
import { pageOf, tellNextPage } from "../pages.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { dateText, enumText } from "../texts.ts";

/** Lists models. */
export const run: Command = async (input, io) => {
  const platform = await connect(input, io);
  const page = await platform
    .client(ModelService)
    .listModels(pageOf(input.flags), platform.options())
    .catch((error: unknown) => {
      throw rpcFailure("cannot list models", error);
    });
  writeList(io, formatOf(input.flags), ModelSchema, page.models, (model) => [
    `${model.name}@${model.version}`,
    model.format,
    `${Math.ceil(Number(model.size) / 1024 / 1024)} MiB`,
    model.notation,
    model.license,
    enumText(SignatureState, model.signatureState),
    model.aliases.map(({ alias, version }) => `${alias}@${version}`).join(","),
    dateText(model.createTime),
  ]);
  tellNextPage(io, page.nextPageToken);
  return EXIT.OK;
};
