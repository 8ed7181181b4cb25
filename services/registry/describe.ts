import type { Document } from "#anrf/program/artifact.ts";
import { openProgram } from "#anrf/program/program.ts";
import { functionOf } from "#anrf/program/type.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";

/** What the registry keeps of a program so that it can be found without its file. */
export interface Description {
  readonly name: string;
  /** The first sentence of the entry's doc, else of the intent; may be empty. */
  readonly summary: string;
  /** `(list<int>) -> int`: types only, so that equal signatures are equal texts. */
  readonly signatureKey: string;
  readonly params: readonly { readonly name: string; readonly type: string }[];
  readonly returns: string;
  readonly nodeCount: number;
  /** Ids of the builtins in use, ascending. */
  readonly builtins: readonly string[];
}

const SUMMARY_LENGTH = 200;

/** Describes a checked program. */
export function describe(document: Document): Description {
  const program = openProgram(document.module);
  const entry = program.entry;
  const names = document.annotations.functions[entry.index]?.localNames ?? [];
  const params = entry.params.map((type, index) => ({
    name: names[index] || `arg${index}`,
    type: type.text,
  }));
  const builtins = new Set<string>();
  let nodeCount = 0;
  for (const fn of program.functions) {
    nodeCount += fn.nodes.length;
    for (const { kind } of fn.nodes) {
      if (kind.case === "builtinCall") builtins.add(builtinByNumber(kind.value.builtin)?.id ?? "");
    }
  }
  return {
    name: entry.def.name,
    summary: summary(document.annotations.functions[entry.index]?.doc || document.spec.intentText),
    signatureKey: functionOf(entry.params, entry.result).text,
    params,
    returns: entry.result.text,
    nodeCount,
    builtins: [...builtins].sort(),
  };
}

function summary(text: string): string {
  const line = text.trim().split(/\n/)[0] ?? "";
  const points = [...line];
  // PostgreSQL's text holds no U+0000.
  const short = points.length > SUMMARY_LENGTH ? `${points.slice(0, SUMMARY_LENGTH - 1).join("")}…` : line;
  return short.replaceAll("\u0000", " ");
}
