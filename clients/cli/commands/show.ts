import {
  GetAnrfResponseSchema,
  RegistryService,
  Visibility,
} from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { programId } from "../given.ts";
import { formatOf, table, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { dateText, enumText, signatureText } from "../texts.ts";

/** Shows what is known of a program, with its versions. */
export const run: Command = async (input, io) => {
  const { anrfId, version } = programId(input.args[0] ?? "");
  const platform = await connect(input, io);
  const registry = platform.client(RegistryService);
  const format = formatOf(input.flags);
  try {
    const program = await registry.getAnrf({ anrfId, version }, platform.options());
    const versions =
      format === "text" ? (await registry.listVersions({ anrfId }, platform.options())).versions : [];
    writeAnswer(io, format, GetAnrfResponseSchema, program, () =>
      table(
        [
          ["program", `anrf://${program.anrfId}@${program.version}`],
          ["name", program.name],
          ["summary", program.summary],
          ["signature", signatureText(program.signature)],
          ["digest", program.digest],
          ["size", `${program.size} bytes, ${program.nodeCount} nodes`],
          [
            "visibility",
            `${enumText(Visibility, program.visibility)}${program.owned ? "" : ", of another client"}`,
          ],
          ["aliases", program.aliases.join(", ")],
          ["made from", program.lineage.join(", ")],
          ["generation", program.generationId],
          ["stored", dateText(program.createTime)],
          ...versions.map((one) => [
            "version",
            `${one.version}  ${dateText(one.createTime)}  ${one.digest.slice(0, 18)}…`,
          ]),
        ].filter((row) => row[1] !== ""),
      ),
    );
    return EXIT.OK;
  } catch (error) {
    throw rpcFailure(`cannot show ${input.args[0]}`, error);
  }
};
