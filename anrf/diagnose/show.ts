import { escapeHidden } from "#anrf/text/escape.ts";
import { type Diagnostic, DiagnosticSeverity, type Fix, FixSafety } from "#gen/anrf/v1/diagnostic_pb.ts";

const SEVERITIES: Readonly<Record<number, string>> = {
  [DiagnosticSeverity.ERROR]: "error",
  [DiagnosticSeverity.WARNING]: "warning",
  [DiagnosticSeverity.NOTE]: "note",
};
const SAFETIES: Readonly<Record<number, string>> = {
  [FixSafety.MEANING_KEPT]: "keeps the meaning",
  [FixSafety.LOCAL]: "changes this place only",
  [FixSafety.NEEDS_REVIEW]: "look before you take it",
};
/** Most characters of a source line that are shown. */
const WIDTH = 160;

/**
 * A diagnostic for people: its message, the line of the text that it points at with carets under the place, and its
 * patches. `name` says where the text comes from, such as a file.
 */
export function showDiagnostic(diagnostic: Diagnostic, text: string, name = ""): string {
  const { code, range, message, candidates, fixes } = diagnostic;
  const severity = SEVERITIES[diagnostic.severity] ?? "error";
  const lines = [`${severity} ${code}: ${message}`];
  if (range !== undefined && range.line > 0) {
    const place = `${range.line}:${range.column}`;
    lines.push(`  at ${name === "" ? place : `${name}:${place}`}`, ...sourceLines(text, range));
  } else if (name !== "") lines.push(`  at ${name}`);
  if (candidates.length > 0 && fixes.length === 0)
    lines.push(`  could be: ${candidates.slice(0, 8).join(", ")}`);
  for (const fix of fixes) lines.push(...fixLines(fix, text));
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

function sourceLines(
  text: string,
  { start, end, line, column }: { start: number; end: number; line: number; column: number },
): readonly string[] {
  const source = [...(text.split("\n")[line - 1] ?? "")];
  const from = column > WIDTH ? column - 40 : 1;
  const shown = source.slice(from - 1, from - 1 + WIDTH);
  const number = String(line);
  const before = shown.slice(0, column - from).map((char) => escapeHidden(char).length);
  const marked = shown.slice(column - from, column - from + Math.max(1, end - start));
  const width = marked.reduce((sum, char) => sum + escapeHidden(char).length, 0);
  const blanks = " ".repeat(before.reduce((sum, one) => sum + one, 0));
  const margin = " ".repeat(number.length);
  return [
    `  ${number} | ${shown.map(escapeHidden).join("")}`,
    `  ${margin} | ${blanks}${"^".repeat(Math.max(1, width))}`,
  ];
}

function fixLines({ edits, safety }: Fix, text: string): readonly string[] {
  const characters = [...text];
  const changes = edits.flatMap(({ target, text: written }) => {
    if (target.case !== "range") return [];
    const { start, end } = target.value;
    const old = brief(characters.slice(start, end).join(""));
    if (start === end) return [`put ${brief(written)} at ${target.value.line}:${target.value.column}`];
    return [written === "" ? `remove ${old}` : `write ${brief(written)} for ${old}`];
  });
  return changes.length === 0 ? [] : [`  fix (${SAFETIES[safety] ?? "?"}): ${changes.join(", ")}`];
}

function brief(text: string): string {
  const line = escapeHidden(text);
  return `«${line.length > 60 ? `${line.slice(0, 57)}…` : line}»`;
}
