import { type DiagnosticPlace, diagnosticOf, type RuleCode } from "#anrf/program/diagnostic.ts";
import type { Diagnostic } from "#gen/anrf/v1/diagnostic_pb.ts";

/** Most diagnostics of one check: a hostile table breaks a rule at each node. */
export const MAX_FINDINGS = 200;

/** The diagnostics of one check, in the order in which they are found. */
export class Findings {
  readonly #all: Diagnostic[] = [];
  #function: number | undefined = undefined;

  /** What follows belongs to that function, or to none. */
  inFunction(index: number | undefined): void {
    this.#function = index;
  }

  /** Adds one; past the limit it is dropped. `node` is an id of the current function. */
  add(code: RuleCode, message: string, node?: number, candidates: readonly string[] = []): void {
    if (this.#all.length >= MAX_FINDINGS) return;
    const place: DiagnosticPlace = { function: this.#function, node };
    this.#all.push(diagnosticOf(code, message, place, candidates));
  }

  /** How many there are. */
  get count(): number {
    return this.#all.length;
  }

  /** All of them. */
  all(): readonly Diagnostic[] {
    return this.#all;
  }
}
