import { type Expr, exprParts, type FunctionExpr } from "#anrf/build/expr.ts";
import { type ImportOptions, type ImportResult, importPython } from "#anrf/import/python.ts";
import type { Question } from "./prompt.ts";
import { pythonName } from "./python-text.ts";

/** One answer of a model: a function in Python. */
export interface Sample {
  /** Which one, from 0. */
  readonly index: number;
  /** The turn in which it ended. */
  readonly turn: number;
  /** The function with its head. */
  readonly text: string;
}

/** What became of a sample. */
export type SampleVerdict =
  | {
      readonly index: number;
      readonly kind: "PASSED";
      /** Programs that behave alike share a number. */
      readonly cluster: number;
      /** Whether the best program that the search has found behaves alike too. */
      readonly isShared: boolean;
    }
  /** It is no program of the language, or gives something else than an example. */
  | ({ readonly index: number; readonly kind: "REFUSED" | "FAILED" } & Failure);

/** What is wrong with a sample. */
export interface Failure {
  /** In words that a model may mend it by. */
  readonly wrong: string;
  /** How many examples it gives. */
  readonly solved: number;
}

/** The functions that a sample means, the one that was asked for under its own name, or why it means none. */
export function programOfSample(
  text: string,
  { name, params, result }: Question,
): { readonly functions: readonly FunctionExpr[]; readonly size: number } | { readonly refused: string } {
  const imported = read(text, {
    function: pythonName(name),
    name,
    signature: { params, returns: result },
    draft: true,
  });
  if (!imported.ok) {
    const [first] = imported.refusals;
    const { line, message, advice } = first ?? {
      line: 1,
      message: "it cannot be read",
      advice: "Write plain Python.",
    };
    return { refused: `Line ${line}: ${message}. ${advice}` };
  }
  const { functions } = imported.expr;
  // Whoever runs it gives it arguments of the task's types: nothing may rest on the importer alone for that.
  const entry = functions.find((fn) => fn.name === name);
  const isAsked =
    entry?.result.text === result.text &&
    entry.params.length === params.length &&
    entry.params.every((param, at) => param.type.text === params[at]?.type.text);
  if (!isAsked)
    return { refused: "Line 1: its types are others than those of the signature. Keep the signature." };
  return { functions, size: functions.reduce((sum, { body }) => sum + sizeOf(body), 0) };
}

/** One odd sample must not end a generation. */
function read(text: string, options: ImportOptions): ImportResult {
  try {
    return importPython(text, options);
  } catch {
    return { ok: false, refusals: [] };
  }
}

function sizeOf(expr: Expr): number {
  return exprParts(expr).reduce((sum, part) => sum + sizeOf(part), 1);
}
