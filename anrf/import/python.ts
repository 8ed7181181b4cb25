import type { BuiltProgram } from "#anrf/build/builder.ts";
import type { ProgramExpr } from "#anrf/build/expr.ts";
import type { Type } from "#anrf/program/type.ts";
import { importModule } from "./import.ts";
import { withAssumedImports } from "./python-meaning/assumed.ts";
import { PYTHON } from "./python-meaning/meaning.ts";
import { readPython } from "./python-syntax/read.ts";
import { type Refusal, RefusalError } from "./source/refusal.ts";
import type { ModuleSource } from "./source/source.ts";

/** The types of a function, where the source does not say them or says others. */
export interface GivenSignature {
  readonly params: readonly { readonly name?: string; readonly type: Type }[];
  readonly returns: Type;
}

/** What is imported, and what is known of it beside the text. */
export interface ImportOptions {
  /** Which function; without it the one called `name`, or the last one that no other calls. */
  readonly function?: string;
  readonly signature?: GivenSignature;
  /** Examples to find types in, where there is neither signature nor annotation. */
  readonly examples?: readonly { readonly args: readonly unknown[]; readonly result: unknown }[];
  /** The name of the function in the program; its own without it. */
  readonly name?: string;
  /**
   * The text is a draft that somebody runs before it is trusted, such as one of a model, and is taken where it would be
   * refused: a path that gives None, or a value of another type than the declared one, ends the program with trap FAIL;
   * well-known modules and their functions need no import; sets, and dicts from outside, are walked in ascending order.
   */
  readonly draft?: boolean;
}

/** A program that means what the source means, or why there is none. Nothing is thrown. */
export type ImportResult =
  | {
      readonly ok: true;
      readonly program: BuiltProgram;
      /** The same before it became a table, for whoever adds contracts to it. */
      readonly expr: ProgramExpr;
      /** Where the program answers less than the source: what a reader should know. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Reads a function of Python and what it calls as a program, or refuses it: its meaning is never changed. */
export function importPython(source: string, options: ImportOptions = {}): ImportResult {
  let module: ModuleSource;
  try {
    module = readPython(source);
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    return { ok: false, refusals: [error.refusal] };
  }
  return importModule(options.draft === true ? withAssumedImports(module) : module, PYTHON, options);
}
