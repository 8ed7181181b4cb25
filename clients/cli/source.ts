// Programs as people write them: texts of the language, .anrf files, functions of other languages.
import { type Diagnosis, diagnose, diagnoseDocument } from "#anrf/diagnose/diagnose.ts";
import { readText } from "./given.ts";
import type { Io } from "./io.ts";
import { openFile } from "./offline.ts";

/** Limits of the run of one example: nobody waits longer for a check. */
const LIMITS = { fuel: 50_000_000 };

/** What was given, and all that can be said of it. */
export interface Source {
  /** As it was written; empty for a .anrf file. */
  readonly text: string;
  readonly diagnosis: Diagnosis;
}

/** Reads a program: a .anrf file and functions of Python and TypeScript by their names, anything else as a text; "-" is stdin. */
export async function readSource(path: string, io: Io): Promise<Source> {
  if (path.endsWith(".anrf")) {
    return { text: "", diagnosis: diagnoseDocument(await openFile(path, io), { limits: LIMITS }) };
  }
  const text = await readText(path, io);
  if (path.endsWith(".py") || path.endsWith(".ts")) {
    const { diagnosePython, diagnoseTypeScript } = await import("#anrf/diagnose/imported.ts");
    const read = path.endsWith(".py") ? diagnosePython : diagnoseTypeScript;
    return { text, diagnosis: read(text, { limits: LIMITS }) };
  }
  return { text, diagnosis: diagnose(text, { limits: LIMITS }) };
}
