import type { Outcome } from "#anrf/interpret/interpret.ts";
import type { Program } from "#anrf/program/program.ts";
import { showValue } from "#anrf/program/show.ts";
import { trapName } from "#anrf/program/trap.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { PythonResult } from "./cpython.ts";
import { compareAnswer, showAnswer } from "./values.ts";

/**
 * How one run compares with the other language's.
 *
 *   equal      both gave the same value
 *   failed     the source raised, the program trapped
 *   overflow   an int left 64 bits, or the digits of a double: the program stops or is exact, as the documentation says
 *   ascii      the program stopped at text that case and class functions do not know
 *   stopped    the program trapped where the source went on with undefined, NaN or an infinity
 *   limit      one of the two used more than it may, which tells nothing
 *   close      floats differ by one unit in the last place
 *   different  the import has changed the meaning
 */
export const VERDICTS = [
  "equal",
  "failed",
  "overflow",
  "ascii",
  "stopped",
  "limit",
  "close",
  "different",
] as const;
/** One of them. */
export type Verdict = (typeof VERDICTS)[number];

const RESOURCES: ReadonlySet<TrapCode> = new Set([TrapCode.FUEL, TrapCode.MEMORY, TrapCode.DEPTH]);

/** Compares one run of the imported program with one run of its source. */
export function judge(found: PythonResult, outcome: Outcome, program: Program): Verdict {
  const code = outcome.trap?.code;
  if (found.limit === true || (code !== undefined && RESOURCES.has(code))) return "limit";
  const isPast = found.wide === true || found.inexact === true;
  if (outcome.trap !== undefined) {
    if (found.value === undefined) return "failed";
    if ((code === TrapCode.OVERFLOW && isPast) || found.inexact === true) return "overflow";
    if (found.lost === true) return "stopped";
    return code === TrapCode.FAIL && outcome.trap.message.includes("ASCII") ? "ascii" : "different";
  }
  if (found.value === undefined) return "different";
  const same = compareAnswer(found.value, outcome.value, program.entry.result);
  return same !== "equal" && found.inexact === true ? "overflow" : same;
}

/** A run of the imported program, for people. */
export function showOutcome(outcome: Outcome, program: Program): string {
  if (outcome.trap !== undefined) return `trap ${trapName(outcome.trap.code)} (${outcome.trap.message})`;
  return showValue(outcome.value, program.entry.result, program.nominals, 500);
}

/** A run of the source, for people. */
export function showResult(found: PythonResult): string {
  if (found.limit === true) return "more steps than are granted";
  return found.value === undefined ? `raised ${found.raised}` : showAnswer(found.value);
}
