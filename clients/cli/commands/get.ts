import { writeFile } from "node:fs/promises";
import {
  GetAnrfRequest_View,
  GetAnrfResponseSchema,
  RegistryService,
} from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { programId } from "../given.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Downloads a program as a .anrf file. */
export const run: Command = async (input, io) => {
  const { anrfId, version } = programId(input.args[0] ?? "");
  const file = input.args[1] ?? "";
  const platform = await connect(input, io);
  const request = { anrfId, version, view: GetAnrfRequest_View.FULL };
  const program = await platform
    .client(RegistryService)
    .getAnrf(request, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot get ${input.args[0]}`, error);
    });
  const bytes = program.artifact ?? new Uint8Array();
  if (file === "-") {
    io.out(bytes);
    return EXIT.OK;
  }
  await write(file, bytes, input.flags.has("force"));
  // The file is written; what remains to be said is which version it holds.
  delete program.artifact;
  writeAnswer(
    io,
    formatOf(input.flags),
    GetAnrfResponseSchema,
    program,
    () => `${file}: version ${program.version}, ${bytes.length} bytes, ${program.digest}`,
  );
  return EXIT.OK;
};

async function write(file: string, bytes: Uint8Array, force: boolean): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: force ? "w" : "wx" });
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw usage(
      `cannot write ${file}`,
      exists ? "it exists" : error instanceof Error ? error.message : String(error),
      exists ? "choose another name, or use --force" : "",
    );
  }
}
