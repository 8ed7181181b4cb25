import {
  GetVersionResponseSchema,
  ModelService,
  type ModelVersion,
  SignatureState,
} from "#gen/anrf/models/v1/models_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { modelId, versionAt } from "../models/signing.ts";
import { formatOf, table, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { dateText, enumText } from "../texts.ts";

/** Shows a version of a model, and which others there are. */
export const run: Command = async (input, io) => {
  const id = modelId(input.args[0] ?? "");
  const platform = await connect(input, io);
  const stored = await versionAt(id, platform);
  const { versions } = await platform
    .client(ModelService)
    .listVersions({ name: id.name }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot list the versions of ${id.name}`, error);
    });
  writeAnswer(io, formatOf(input.flags), GetVersionResponseSchema, stored, () =>
    stored.version === undefined ? "" : textOf(stored.version, versions),
  );
  return EXIT.OK;
};

function textOf(version: ModelVersion, all: readonly ModelVersion[]): string {
  const { manifest, report } = version;
  const card = manifest?.card;
  const rows = [
    ["model", `${version.name}@${version.version}`],
    ["digest", version.digest],
    ["signature", enumText(SignatureState, version.signatureState)],
    ["aliases", version.aliases.join(", ")],
    ["format", [manifest?.format, manifest?.architecture, manifest?.quantization].filter(Boolean).join(" ")],
    ["parameters", manifest?.parameters ? String(manifest.parameters) : ""],
    ["context", manifest?.contextTokens ? `${manifest.contextTokens} tokens` : ""],
    ["notation", card?.notation ?? ""],
    ["chat format", card?.chatFormat ?? ""],
    ["licence", card?.license ?? ""],
    ["attribution", card?.attribution ?? ""],
    ["runs at", card?.remoteName ?? ""],
    ...(manifest?.files ?? []).map((file) => ["file", `${file.path}  ${file.size} bytes  ${file.sha256}`]),
    [
      "report card",
      report === undefined
        ? ""
        : `${report.right} of ${report.tasks} right, ${report.confidentWrong} of ${report.confident} confident ones wrong, AUROC ${report.auroc}, coverage ${report.coverage}`,
    ],
    ["stored", dateText(version.createTime)],
    ["versions", all.map((one) => one.version).join(", ")],
  ];
  return table(rows.filter(([, value]) => value !== ""));
}
