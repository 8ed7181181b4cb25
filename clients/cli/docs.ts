import { EXIT_CODES } from "./exit-codes.ts";
import { exitsOf, flagHelp, flagText, usageLine } from "./help.ts";
import { CALL_FLAGS, COMMON_FLAGS, type Flag, GROUPS, type Group, VERBS, type Verb } from "./spec.ts";

/** docs/cli.md: the whole command line as Markdown. */
export function cliPage(): string {
  const groups = (Object.keys(GROUPS) as Group[]).map((group) => {
    const verbs = VERBS.filter((verb) => verb.group === group);
    return `## ${GROUPS[group]}\n\n${verbs.map(verbSection).join("\n")}`;
  });
  return `# The command line

Printed from \`clients/cli/spec.ts\`; edits by hand are lost.

stdout is data, stderr is everything else. A bare sentence means \`generate\`: \`anrf "sum the even numbers"\`.

${groups.join("\n")}
## Flags of all verbs

${flagTable(COMMON_FLAGS)}
## Flags of all verbs that call the platform

Flag, then variable, then profile, then the platform that runs in the data folder.

${flagTable(CALL_FLAGS)}
## Exit codes

| code | meaning |
| --- | --- |
${EXIT_CODES.map(([code, meaning]) => `| ${code} | ${cell(meaning)} |\n`).join("")}
If several apply: 2, 4, 64 and above, 1, then 3, 5, 6, 7.
`;
}

function verbSection(verb: Verb): string {
  const args = verb.args.map((arg) => `- \`${arg.name}\`: ${cell(arg.help)}\n`).join("");
  const exits = exitsOf(verb).map(([code]) => code);
  const samples = verb.samples.map((one) => `${one.command}\n    # ${one.does}\n`).join("");
  return [
    `### ${verb.name}\n`,
    `${verb.summary.charAt(0).toUpperCase()}${verb.summary.slice(1)}.\n`,
    `\`${usageLine(verb).replace("usage: ", "")}\`\n`,
    ...(args === "" ? [] : [args]),
    ...(verb.flags.length === 0 ? [] : [flagTable(verb.flags)]),
    `Exit codes: ${exits.join(", ")}.\n`,
    `\`\`\`sh\n${samples}\`\`\`\n`,
  ].join("\n");
}

function flagTable(flags: readonly Flag[]): string {
  const rows = flags.map((flag) => `| \`${cell(flagText(flag))}\` | ${cell(flagHelp(flag))} |\n`);
  return `| flag | does |\n| --- | --- |\n${rows.join("")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
