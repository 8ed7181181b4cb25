import { create } from "@bufbuild/protobuf";
import { type ImportOptions, type ImportResult, importPython } from "#anrf/import/python.ts";
import { importTypeScript } from "#anrf/import/typescript.ts";
import { diagnosticsOf } from "#anrf/text/problems.ts";
import { SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { type DiagnoseOptions, type Diagnosis, diagnoseProgram } from "./diagnose.ts";

/** How a function of another language is looked at: as a program, and what the importer is told beside its text. */
export interface ImportedOptions extends DiagnoseOptions {
  readonly imports?: ImportOptions;
}

/** Reads a function of Python as a program and says all that can be said of it; what cannot be read is P29, with its place. */
export function diagnosePython(source: string, options: ImportedOptions = {}): Diagnosis {
  return diagnoseImport(importPython(source, options.imports), source, options);
}

/** The same for a function of TypeScript. */
export function diagnoseTypeScript(source: string, options: ImportedOptions = {}): Diagnosis {
  return diagnoseImport(importTypeScript(source, options.imports), source, options);
}

function diagnoseImport(result: ImportResult, source: string, options: ImportedOptions): Diagnosis {
  if (result.ok) {
    const { module, annotations } = result.program;
    const found = diagnoseProgram({ module, annotations, spec: create(SpecSchema) }, options);
    const notes = result.notes.map((message) => ({ code: "P53" as const, start: 0, end: 0, message }));
    return { ...found, diagnostics: [...found.diagnostics, ...diagnosticsOf(notes, source)] };
  }
  const starts = lineStarts(source);
  const problems = result.refusals.map(({ line, column, message, advice }) => {
    const start = Math.min((starts[line - 1] ?? 0) + column - 1, source.length);
    const word = /^[\p{XIDC}]+/u.exec(source.slice(start))?.[0].length ?? 1;
    return { code: "P29" as const, start, end: start + word, message: `${message}: ${advice}` };
  });
  return { diagnostics: diagnosticsOf(problems, source) };
}

/** Offsets at which lines begin, in UTF-16 units. */
function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\n/g)].map((found) => found.index + 1)];
}
