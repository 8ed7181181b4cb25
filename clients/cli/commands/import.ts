import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type GivenSignature, importPython } from "#anrf/import/python.ts";
import type { Refusal } from "#anrf/import/source/refusal.ts";
import { importTypeScript } from "#anrf/import/typescript.ts";
import { type ArtifactParts, makeArtifact, writeArtifact } from "#anrf/program/artifact.ts";
import { digestText } from "#anrf/program/digest.ts";
import type { Type } from "#anrf/program/type.ts";
import { parseType } from "#anrf/program/type-text.ts";
import { print } from "#anrf/text/print.ts";
import { SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, usage } from "../failure.ts";
import { readText, signatureOf } from "../given.ts";
import type { Io } from "../io.ts";
import { formatOf, writeJson } from "../output.ts";

/** Reads a function of Python, or of TypeScript where the file is named so, as a program, offline; exits 3 where it cannot be one without a change of its meaning. */
export const run: Command = async ({ args: [path = "-"], flags }, io) => {
  const source = await readText(path, io);
  const [name, written] = [flags.text("function"), flags.text("signature")];
  const importSource = /\.[cm]?ts$/.test(path) ? importTypeScript : importPython;
  const imported = importSource(source, {
    ...(name === undefined ? {} : { function: name }),
    ...(written === undefined ? {} : { signature: typedSignature(written) }),
  });
  const format = formatOf(flags);
  if (!imported.ok) {
    if (format === "json" || format === "jsonl")
      writeJson(io, format, { refusals: imported.refusals.map(refusalJson) });
    else io.err(imported.refusals.map((one) => refusalText(path, one)).join(""));
    const why = `${imported.refusals.length} refusal${imported.refusals.length === 1 ? "" : "s"}`;
    throw new Failure(EXIT.CHECK_FAILED, `cannot import ${path}`, why, "docs/importer.md says what is taken");
  }
  const { module, annotations } = imported.program;
  const parts: ArtifactParts = { module, annotations, producer: "anrf import", producerVersion: "1" };
  const text = print({ module, annotations, spec: create(SpecSchema) });
  const out = flags.text("out");
  if (out !== undefined) await writeOut(out, writeArtifact(parts));
  if (format === "json" || format === "jsonl") {
    const digest = digestText(makeArtifact(parts).header?.moduleDigest) ?? "";
    writeJson(io, format, { digest, text, notes: [...imported.notes] });
  } else if (format === "text" && out === undefined) io.out(text);
  tellNotes(io, imported.notes);
  return EXIT.OK;
};

function tellNotes(io: Io, notes: readonly string[]): void {
  for (const note of notes) io.err(`note: ${note}\n`);
}

async function writeOut(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(
      EXIT.FAULT,
      `cannot write ${path}`,
      why,
      `check that ${dirname(path)} exists and can be written`,
    );
  }
}

function typedSignature(text: string): GivenSignature {
  const { params, returns } = signatureOf(text);
  const typed = (written: string): Type => {
    const read = parseType(written);
    if ("error" in read)
      throw usage(
        `cannot read the signature ${text}`,
        `${written}: ${read.error}`,
        "write it such as '(xs: list<int>) -> int'",
      );
    return read;
  };
  return {
    params: params.map((one) => ({ name: one.name, type: typed(one.type) })),
    returns: typed(returns),
  };
}

function refusalText(path: string, { line, column, code, message, construct, advice }: Refusal): string {
  return `${path}:${line}:${column}: ${code}: ${message}\n  refused: ${construct}\n  instead: ${advice}\n`;
}

function refusalJson({ code, line, column, construct, message, advice }: Refusal) {
  return { code, line, column, construct, message, advice };
}
