import { checkResponse } from "#anrf/diagnose/response.ts";
import { showDiagnostic } from "#anrf/diagnose/show.ts";
import { hasErrors } from "#anrf/program/diagnostic.ts";
import { type Diagnostic, DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import {
  type CheckProgramResponse,
  CheckProgramResponseSchema,
} from "#gen/anrf/verification/v1/verification_service_pb.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { jsonOf } from "../json.ts";
import { formatOf, writeJson } from "../output.ts";
import { readSource, type Source } from "../source.ts";
import { run as project } from "./project.ts";

/** Says all that is wrong with programs, offline; without a file, the project's own check. Exits 3 on an error. */
export const run: Command = async (input, io) => {
  const { args, flags } = input;
  if (args.length === 0) return project(input, io);
  const format = formatOf(flags);
  const answers: CheckProgramResponse[] = [];
  for (const path of args) {
    const source = await readSource(path, io);
    answers.push(checkResponse(source.diagnosis));
    if (format === "text") io.out(textOf(path, source));
  }
  const json = answers.map((one) => jsonOf(CheckProgramResponseSchema, one));
  const [only] = json;
  if (format === "json") writeJson(io, format, json.length === 1 && only !== undefined ? only : json);
  if (format === "jsonl") for (const one of json) writeJson(io, format, one);
  const found = answers.flatMap((one) => one.diagnostics);
  const isDoubtful = found.some((one) => one.severity === DiagnosticSeverity.WARNING);
  return hasErrors(found) || (isDoubtful && flags.text("fail-on") === "warn") ? EXIT.CHECK_FAILED : EXIT.OK;
};

function textOf(path: string, { text, diagnosis }: Source): string {
  const { diagnostics, examples } = diagnosis;
  const shown = diagnostics.map((one) => `${showDiagnostic(one, text, path)}\n`);
  const count = (severity: DiagnosticSeverity, word: string): string => {
    const of = (one: Diagnostic): boolean => one.severity === severity;
    const many = diagnostics.filter(of).length;
    return `${many} ${word}${many === 1 ? "" : "s"}`;
  };
  const counts = [
    count(DiagnosticSeverity.ERROR, "error"),
    count(DiagnosticSeverity.WARNING, "warning"),
    count(DiagnosticSeverity.NOTE, "remark"),
  ].join(", ");
  const ran = examples === undefined ? "" : `; ${examples.details.split("\n")[0]}`;
  return `${shown.join("")}${path}: ${counts}${ran}\n`;
}
