import { ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import { PartSource } from "#gen/anrf/api/v1/signature_pb.ts";
import {
  type AnalyzeIntentResponse,
  AnalyzeIntentResponseSchema,
  IntentService,
} from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { intentOf } from "../given.ts";
import { jsonOf } from "../json.ts";
import { formatOf, table, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Shows what the platform understands of an intent. */
export const run: Command = async (input, io) => {
  const request = await intentOf(input, io);
  const platform = await connect(input, io);
  const response = await platform
    .client(IntentService)
    .analyzeIntent(request, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure("cannot analyze the intent", error);
    });
  writeAnswer(io, formatOf(input.flags), AnalyzeIntentResponseSchema, response, () => textOf(response));
  return EXIT.OK;
};

function textOf(response: AnalyzeIntentResponse): string {
  const intent = response.structuredIntent;
  const signature = intent?.signature;
  const rows = [
    ["goal", `${intent?.goal?.summary ?? ""}${intent?.goal?.verbClass ? ` (${intent.goal.verbClass})` : ""}`],
    ...(signature?.params ?? []).map((param) => [
      "parameter",
      `${param.name}: ${param.type}`,
      sourceText(param.source),
    ]),
    ["returns", signature?.returns ?? "", sourceText(signature?.returnsSource)],
    ...(intent?.constraints ?? []).map((one) => ["constraint", one.text, one.clauses.join("; ")]),
    ...(intent?.examples ?? []).map((one) => {
      const json = jsonOf(ExampleSchema, one);
      const shown = typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
      return [
        "example",
        `${JSON.stringify(shown["inputs"])} → ${JSON.stringify(shown["output"] ?? shown["trap"])}`,
      ];
    }),
    ...(intent?.ambiguities ?? []).map((one) => ["question", one.question]),
    ...(intent?.warnings ?? []).map((one) => ["warning", one.message]),
    ["analysis", response.analysisId === "" ? "only checked" : response.analysisId],
  ];
  return table(rows.filter((row) => row[1] !== ""));
}

function sourceText(source: PartSource | undefined): string {
  const name = Object.entries(PartSource).find(([, value]) => value === source)?.[0];
  return source === undefined || source === PartSource.PART_SOURCE_UNSPECIFIED || name === undefined
    ? ""
    : `from ${name.toLowerCase()}`;
}
