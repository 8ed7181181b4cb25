import type { RunLimits } from "#anrf/interpret/meter.ts";
import type { Document } from "#anrf/program/artifact.ts";
import { checkExamples } from "./examples.ts";
import type { CheckOutcome } from "./result.ts";
import { checkStructure } from "./structure.ts";
import { type Subject, subjectOf } from "./subject.ts";
import { checkTypes } from "./types.ts";

const RUNNERS = {
  structure: checkStructure,
  types: checkTypes,
  examples: checkExamples,
} as const satisfies Readonly<
  Record<string, (subject: Subject, limits?: Partial<RunLimits>) => CheckOutcome>
>;

/** A check of this build. */
export type CheckName = keyof typeof RUNNERS;

/** The checks of this build, in the order in which they run. */
export const CHECKS: readonly CheckName[] = ["structure", "types", "examples"];

/** True for the name of a check of this build. */
export function isCheck(name: string): name is CheckName {
  return Object.hasOwn(RUNNERS, name);
}

/**
 * Verifies a document: one outcome for each check asked for, in their own order, as they settle. A check that crashes
 * gives WARN `CHECK_FAILED` for itself; the others are delivered.
 */
export function* verify(
  document: Document,
  checks: readonly CheckName[] = CHECKS,
  limits: Partial<RunLimits> = {},
): Generator<CheckOutcome, void> {
  const subject = subjectOf(document);
  for (const name of CHECKS) {
    if (checks.includes(name)) yield outcomeOf(name, subject, limits);
  }
}

function outcomeOf(name: CheckName, subject: Subject, limits: Partial<RunLimits>): CheckOutcome {
  try {
    return RUNNERS[name](subject, limits);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      check: name,
      status: "WARN",
      details: `CHECK_FAILED: the check itself failed: ${why}`,
      obligations: [],
    };
  }
}
