import { type Diagnostic, type Fix, FixSafety, type TextEdit } from "#gen/anrf/v1/diagnostic_pb.ts";
import { diagnose } from "./diagnose.ts";

/** Most rounds of mending: each round reads the text again. */
const MAX_ROUNDS = 20;

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Why edits could not be applied to a text. */
export interface EditFault {
  readonly error: string;
}

/**
 * The text with those edits, each a range of its code points; the order of the list does not matter. A fault where one
 * is out of range, names no range, or meets another one.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): { readonly text: string } | EditFault {
  const characters = [...text];
  const sorted: Replacement[] = [];
  for (const { target, text: written } of edits) {
    if (target.case !== "range") return { error: "an edit of a text names a range of it" };
    const { start, end } = target.value;
    if (start > end || end > characters.length)
      return {
        error: `the range ${start} to ${end} is outside of the text, which has ${characters.length} code points`,
      };
    sorted.push({ start, end, text: written });
  }
  sorted.sort((a, b) => a.start - b.start || a.end - b.end);
  const parts: string[] = [];
  let from = 0;
  for (const [index, one] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && meets(before, one))
      return { error: `the edits at ${before.start} and ${one.start} meet; give them as one` };
    parts.push(characters.slice(from, one.start).join(""), one.text);
    from = one.end;
  }
  return { text: `${parts.join("")}${characters.slice(from).join("")}` };
}

/** Two edits meet where they share a character, or a place at which both put something. */
function meets(a: Replacement, b: Replacement): boolean {
  return b.start < a.end || (a.start === b.start && a.end === a.start && b.end === b.start);
}

/** The text with as many of the fixes as do not meet, in their order. */
export function applyFixes(text: string, fixes: readonly Fix[]): string {
  const taken: TextEdit[] = [];
  let mended = text;
  for (const fix of fixes) {
    const tried = applyEdits(text, [...taken, ...fix.edits]);
    if ("error" in tried) continue;
    taken.push(...fix.edits);
    mended = tried.text;
  }
  return mended;
}

/** Whether a fix may be taken without anybody looking at it. */
export function isSafe(fix: Fix): boolean {
  return fix.safety === FixSafety.MEANING_KEPT;
}

/** The text after fixes, round by round, until none is left that may be taken; safe ones alone unless told otherwise. */
export function mend(text: string, mayTake: (fix: Fix, of: Diagnostic) => boolean = isSafe): string {
  let mended = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { diagnostics } = diagnose(mended);
    const fixes = diagnostics.flatMap((one) => one.fixes.filter((fix) => mayTake(fix, one)).slice(0, 1));
    const next = applyFixes(mended, fixes);
    if (next === mended) return mended;
    mended = next;
  }
  return mended;
}
