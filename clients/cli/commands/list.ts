import { AnrfSummarySchema, RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatOf, writeList } from "../output.ts";
import { pageOf, tellNextPage } from "../pages.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { dateText, signatureText } from "../texts.ts";

/** Lists programs. */
export const run: Command = async (input, io) => {
  const { flags, args } = input;
  const platform = await connect(input, io);
  const request = { query: args.join(" "), signature: flags.text("signature") ?? "", ...pageOf(flags) };
  const page = await platform
    .client(RegistryService)
    .listAnrfs(request, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure("cannot list programs", error);
    });
  writeList(io, formatOf(flags), AnrfSummarySchema, page.anrfs, (one) => [
    `${one.anrfId}@${one.version}`,
    one.name,
    signatureText(one.signature),
    dateText(one.createTime),
    one.summary.slice(0, 60),
  ]);
  tellNextPage(io, page.nextPageToken);
  return EXIT.OK;
};
