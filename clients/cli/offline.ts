// A .anrf file, read without any server.

import { create } from "@bufbuild/protobuf";
import { check } from "#anrf/check/check.ts";
import { type Document, readArtifact } from "#anrf/program/artifact.ts";
import { ruleOf } from "#anrf/program/diagnostic.ts";
import { type CheckResult, CheckResult_Status, CheckResultSchema } from "#gen/anrf/api/v1/check_result_pb.ts";
import { type Diagnostic, DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import { usage } from "./failure.ts";
import { readBytes } from "./given.ts";
import type { Io } from "./io.ts";

/** Checks that need no server. */
export const OFFLINE_CHECKS = ["structure", "types"] as const;

/** Reads a .anrf file; one that cannot be read is a usage failure with its reason. */
export async function openFile(path: string, io: Io): Promise<Document> {
  const reading = readArtifact(new Uint8Array(await readBytes(path, io)));
  if (reading.document !== undefined) return reading.document;
  throw usage(`cannot read ${path}`, `${reading.fault.message} (${reading.fault.reason})`);
}

/** What is wrong with the program of a file. */
export function diagnosticsOf(document: Document): readonly Diagnostic[] {
  const header = document.artifact.header;
  return check(document.module, { bytes: document.moduleBytes, ...(header === undefined ? {} : { header }) });
}

/** The results of structure and types. */
export function resultsOf(document: Document, checks: readonly string[]): readonly CheckResult[] {
  const found = diagnosticsOf(document);
  return checks.map((name) => {
    const own = found.filter((one) => (ruleOf(one)?.family === "types") === (name === "types"));
    const errors = own.filter((one) => one.severity === DiagnosticSeverity.ERROR);
    return create(CheckResultSchema, {
      check: name,
      status:
        errors.length > 0
          ? CheckResult_Status.FAIL
          : own.length > 0
            ? CheckResult_Status.WARN
            : CheckResult_Status.PASS,
      details: own.map((one) => `${one.code}: ${one.message}`).join("\n"),
    });
  });
}
