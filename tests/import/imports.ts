import { importPython } from "#anrf/import/python.ts";
import { importTypeScript } from "#anrf/import/typescript.ts";
import type { Import } from "./differential.ts";

/** A TypeScript function as the importer takes it. */
export function fromTypeScript(source: string, name: string): Import {
  return importOf(importTypeScript(source, { function: name }));
}

/** A Python function as the importer takes it. */
export function fromPython(source: string, name: string): Import {
  return importOf(importPython(source, { function: name }));
}

function importOf(made: ReturnType<typeof importPython>): Import {
  if (made.ok) return { module: made.program.module };
  return { refusals: made.refusals.map((one) => `${one.line}:${one.column} ${one.code}: ${one.message}`) };
}
