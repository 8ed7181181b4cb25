import { readArtifact } from "#anrf/program/artifact.ts";
import {
  PutAnrfResponseSchema,
  RegistryService,
  Visibility,
} from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { programId, readBytes } from "../given.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Stores a .anrf file; one that cannot be read is refused before any call. */
export const run: Command = async (input, io) => {
  const { flags, args } = input;
  const file = args[0] ?? "";
  const artifact = new Uint8Array(await readBytes(file, io));
  const { fault } = readArtifact(artifact);
  if (fault !== undefined) throw usage(`cannot store ${file}`, `${fault.message} (${fault.reason})`);
  const program = flags.text("program");
  const parentVersion = flags.integer("parent", 1);
  const expectedVersion = flags.integer("expect");
  const who = flags.text("visibility");
  const platform = await connect(input, io);
  const response = await platform
    .client(RegistryService)
    .putAnrf(
      {
        artifact,
        anrfId: program === undefined ? "" : programId(program).anrfId,
        visibility:
          who === "public"
            ? Visibility.PUBLIC
            : who === "private"
              ? Visibility.PRIVATE
              : Visibility.VISIBILITY_UNSPECIFIED,
        ...(parentVersion === undefined ? {} : { parentVersion }),
        ...(expectedVersion === undefined ? {} : { expectedVersion }),
      },
      platform.options(),
    )
    .catch((error: unknown) => {
      throw rpcFailure(`cannot store ${file}`, error);
    });
  writeAnswer(
    io,
    formatOf(flags),
    PutAnrfResponseSchema,
    response,
    () => `anrf://${response.anrfId}@${response.version}  ${response.digest}`,
  );
  return EXIT.OK;
};
