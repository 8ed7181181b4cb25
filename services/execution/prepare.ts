import { check } from "#anrf/check/check.ts";
import type { ContractMode } from "#anrf/interpret/code.ts";
import { missingBuiltins, type Plan, planProgram } from "#anrf/interpret/plan.ts";
import { type Document, readArtifact } from "#anrf/program/artifact.ts";
import { hasErrors } from "#anrf/program/diagnostic.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { RunAnswer } from "./run-message.ts";

/** A program that was read and checked, with a plan for each function and mode that was asked for. */
export interface Prepared {
  readonly document: Document;
  readonly program: Program;
  readonly plans: Map<string, Plan>;
}

/** Programs that a worker keeps. */
const KEPT = 64;
const kept = new Map<string, Prepared>();

/** Reads and checks a program once for many runs; a program that cannot be run gives the answer that says why. */
export function prepare(artifact: Uint8Array, digest: string): Prepared | RunAnswer {
  const known = kept.get(digest);
  if (known !== undefined) {
    kept.delete(digest);
    kept.set(digest, known);
    return known;
  }
  const { document, fault } = readArtifact(artifact);
  if (fault !== undefined) {
    const reason =
      fault.reason === "ANRF_MINOR_UNSUPPORTED" || fault.reason === "ANRF_UNKNOWN_CONTENT"
        ? fault.reason
        : "PROGRAM_INVALID";
    return { kind: "program", reason, message: fault.message, metadata: fault.metadata };
  }
  const findings = check(document.module, { bytes: document.moduleBytes });
  const worst = findings.find((one) => one.severity === DiagnosticSeverity.ERROR);
  if (hasErrors(findings) && worst !== undefined) {
    return {
      kind: "program",
      reason: "PROGRAM_INVALID",
      message: `${worst.code}: ${worst.message}`,
      metadata: { rule: worst.code },
    };
  }
  const program = openProgram(document.module);
  const [missing] = missingBuiltins(program);
  if (missing !== undefined) {
    const builtin = builtinByNumber(missing.builtin)?.id ?? String(missing.builtin);
    const message = `the interpreter does not run ${builtin} in this release`;
    return {
      kind: "program",
      reason: "ENGINE_UNAVAILABLE",
      message,
      metadata: { engine: "INTERPRETER", builtin },
    };
  }
  const made = { document, program, plans: new Map<string, Plan>() };
  kept.set(digest, made);
  const oldest = kept.size > KEPT ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
  return made;
}

/** The plan of one function in one mode, or undefined where the program has no such function. */
export function planOf(
  prepared: Prepared,
  name: string | undefined,
  contracts: ContractMode,
): Plan | undefined {
  const entry =
    name === undefined
      ? prepared.program.entry
      : prepared.program.functions.find((fn) => fn.def.name === name);
  if (entry === undefined) return undefined;
  const key = `${contracts} ${entry.index}`;
  const known = prepared.plans.get(key) ?? planProgram({ ...prepared.program, entry }, contracts);
  prepared.plans.set(key, known);
  return known;
}
