import { DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import { applyFixes } from "./apply.ts";
import { CODES, type CodeRow, raisedBy } from "./codes.ts";
import { showDiagnostic } from "./show.ts";

const KINDS: Readonly<Record<number, string>> = {
  [DiagnosticSeverity.ERROR]: "An error: the program is refused.",
  [DiagnosticSeverity.WARNING]: "A warning: the program is accepted, with a doubt.",
  [DiagnosticSeverity.NOTE]: "A remark: it stops nothing.",
};

/** The page of one code as Markdown: cause, advice, an example with what it raises, and the example after its fix. */
export function codePage({ code, severity, cause, advice, example }: CodeRow): string {
  const raised = raisedBy(example);
  const text = "text" in example ? example.text : "python" in example ? example.python : "";
  const isLong = "text" in example && example.shown !== undefined;
  const messages = raised.map((one) =>
    showDiagnostic(isLong ? { ...one, range: undefined as never } : one, text),
  );
  const source =
    "text" in example
      ? fence("anrf", example.shown ?? example.text)
      : "python" in example
        ? fence("python", example.python)
        : fence("json", JSON.stringify(example, null, 2));
  const fixed = isLong
    ? text
    : applyFixes(
        text,
        raised.flatMap((one) => one.fixes.slice(0, 1)),
      );
  const parts = [
    `# ${code}: ${cause}`,
    KINDS[severity] ?? "",
    `What to do: ${advice}.`,
    `## Example`,
    source,
    "It is answered with",
    fence("text", messages.join("\n")),
    ...(fixed === text ? [] : ["With the fix it is", fence("anrf", fixed)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The list of all codes as Markdown, with a link to each page. */
export function codeIndex(): string {
  const rows = CODES.map(
    ({ code, cause, advice }) => `| [${code}](${code}.md) | ${cell(cause)} | ${cell(advice)} |\n`,
  );
  return `# Diagnostics

Printed from the table of \`anrf/diagnose/codes.ts\`; edits by hand are lost. \`anrf explain CODE\` shows a page.

V… are rules of a program (V01 to V23), P… what can be wrong with its text; from P50 on they are remarks. A code has
one cause and never changes it.

| code | what is wrong | what to do |
| --- | --- | --- |
${rows.join("")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** A fence longer than any run of backticks inside. */
function fence(language: string, text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const mark = "`".repeat(longest + 1);
  return `${mark}${language}\n${text.trimEnd()}\n${mark}`;
}
