import type { JsonValue } from "@bufbuild/protobuf";
import { check, isSound } from "#anrf/check/check.ts";
import { type Compared, diffPrograms } from "#anrf/diff/diff.ts";
import { showDiff } from "#anrf/diff/show.ts";
import { type Document, readArtifact } from "#anrf/program/artifact.ts";
import { parse } from "#anrf/text/parse.ts";
import { GetAnrfRequest_View, RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { Diagnostic } from "#gen/anrf/v1/diagnostic_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { safe } from "../escape.ts";
import { EXIT, EXIT_RPC } from "../exit-codes.ts";
import { Failure, usage } from "../failure.ts";
import { isProgramId, programId, readText } from "../given.ts";
import type { Io } from "../io.ts";
import { diagnosticsOf, openFile } from "../offline.ts";
import { formatOf, writeJson } from "../output.ts";
import type { Input } from "../parse.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Shows what changed between two programs; exits 8 where callers break, or on any difference if asked to. */
export const run: Command = async (input, io) => {
  const [older = "", newer = ""] = input.args;
  const found = diffPrograms(await programOf(older, input, io), await programOf(newer, input, io));
  const format = formatOf(input.flags);
  if (format === "text") io.out(safe(showDiff(found)));
  else writeJson(io, format, found as unknown as JsonValue);
  return found.isBreaking || (input.flags.has("exit-code") && !found.isSame) ? EXIT.DIFFERS : EXIT.OK;
};

/** A program of the platform, a .anrf file, or a text: one that breaks no rule. */
async function programOf(given: string, input: Input, io: Io): Promise<Compared> {
  if (isProgramId(given)) return stored(given, input, io);
  if (given.endsWith(".anrf")) {
    const document = await openFile(given, io);
    return sound(given, document, diagnosticsOf(document));
  }
  const read = parse(await readText(given, io));
  if (!read.ok) throw refused(given, read.diagnostics);
  return sound(given, { ...read.program, spec: read.spec }, check(read.program.module));
}

async function stored(given: string, input: Input, io: Io): Promise<Document> {
  const platform = await connect(input, io);
  const loaded = await platform
    .client(RegistryService)
    .getAnrf({ ...programId(given), view: GetAnrfRequest_View.FULL }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot get ${given}`, error);
    });
  const { document, fault } = readArtifact(loaded.artifact ?? new Uint8Array());
  if (document !== undefined) return document;
  throw new Failure(
    EXIT_RPC + 15,
    `cannot read ${given}`,
    `the platform sent no readable file: ${fault.message}`,
  );
}

function sound(given: string, program: Compared, diagnostics: readonly Diagnostic[]): Compared {
  if (isSound(diagnostics)) return program;
  throw refused(given, diagnostics);
}

function refused(given: string, diagnostics: readonly Diagnostic[]): Failure {
  const first = diagnostics[0];
  return usage(
    `cannot compare ${given}`,
    `${first?.code ?? ""}: ${first?.message ?? ""}`,
    `anrf check ${given}`,
  );
}
