import { RULES } from "#anrf/program/diagnostic.ts";
import { DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";

/** docs/language/rules.md. */
export function rulesPage(): string {
  const rows = Object.entries(RULES).map(([code, { rule, advice, family, severity }]) => {
    const grade = severity === DiagnosticSeverity.ERROR ? "refused" : "doubt";
    return `| [\`${code}\`](../diagnostics/${code}.md) | ${cell(rule)} | ${family} | ${grade} | ${cell(advice)} |\n`;
  });
  return `# Rules

Printed from \`anrf/program/diagnostic.ts\`; edits by hand are lost.

What a stored program obeys. The checker asks all of them in one pass over the table (\`anrf/check/check.ts\`); V21 is asked where examples are run. A module that obeys them
gives a value of its type, or a trap that it declares, and nothing else.

| rule | what has to hold | check | otherwise | what to do |
| --- | --- | --- | --- | --- |
${rows.join("")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
