import { create } from "@bufbuild/protobuf";
import { isSound } from "#anrf/check/check.ts";
import { DEFAULT_FORMAT, formatName, render } from "#anrf/view/view.ts";
import { type ViewResponse, ViewResponseSchema, ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { isProgramId, programId } from "../given.ts";
import type { Io } from "../io.ts";
import { diagnosticsOf, openFile } from "../offline.ts";
import { formatOf, writeAnswer } from "../output.ts";
import type { Input } from "../parse.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Shows a program by the platform, or a file by itself. */
export const run: Command = async (input, io) => {
  const target = input.args[0] ?? "";
  const response = isProgramId(target) ? await online(input, io) : await offline(target, input, io);
  writeAnswer(io, formatOf(input.flags), ViewResponseSchema, response, () => response.content);
  return EXIT.OK;
};

async function online(input: Input, io: Io): Promise<ViewResponse> {
  const { anrfId, version } = programId(input.args[0] ?? "");
  const platform = await connect(input, io);
  return platform
    .client(ViewService)
    .view({ anrfId, version, format: input.flags.text("format") ?? "" }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot view ${input.args[0]}`, error);
    });
}

async function offline(path: string, { flags }: Input, io: Io): Promise<ViewResponse> {
  const format = formatName(flags.text("format") ?? "") ?? DEFAULT_FORMAT;
  const document = await openFile(path, io);
  const diagnostics = diagnosticsOf(document);
  if (!isSound(diagnostics)) {
    const first = diagnostics[0];
    throw usage(
      `cannot view ${path}`,
      `${first?.code ?? ""}: ${first?.message ?? ""}`,
      `anrf verify ${path}`,
    );
  }
  return create(ViewResponseSchema, { content: render(format, document), format, digest: document.digest });
}
