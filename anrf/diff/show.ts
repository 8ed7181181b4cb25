import { quoted } from "#anrf/program/show.ts";
import type { ClauseChange, ExampleChange } from "./contract.ts";
import type { FunctionChange, ProgramDiff, TermChange } from "./diff.ts";

/** The difference for people: what went with `-`, what came with `+`, both in canonical text; the last line sums it up. */
export function showDiff(diff: ProgramDiff): string {
  if (diff.isSame) return "no difference\n";
  const lines = [
    ...(diff.intent === undefined
      ? []
      : ["intent", ...replaced(quoted(diff.intent.from), quoted(diff.intent.to))]),
    ...diff.types.flatMap((one) => [`type ${one.name}`, ...replaced(one.from, one.to)]),
    ...diff.removed.map((one) => `- ${one}`),
    ...diff.added.map((one) => `+ ${one}`),
    ...diff.functions.flatMap(functionLines),
    ...(diff.examples.length === 0 ? [] : ["examples", ...diff.examples.flatMap(exampleLines)]),
    summary(diff),
  ];
  return `${lines.join("\n")}\n`;
}

function functionLines(change: FunctionChange): string[] {
  const lines = [`fn ${change.name}${change.isEntry ? " (entry)" : ""}`];
  if (change.renamed !== undefined) lines.push(`  renamed: ${change.renamed.from} -> ${change.renamed.to}`);
  if (change.signature !== undefined)
    lines.push("  signature", ...replaced(change.signature.from, change.signature.to, "    "));
  for (const { from, to } of change.locals) lines.push(`  local renamed: ${from} -> ${to}`);
  if (change.isDocChanged) lines.push("  doc changed");
  for (const one of change.clauses) lines.push(...clauseLines(one));
  for (const one of change.terms) lines.push(...termLines(one));
  return lines;
}

function clauseLines({ clause, kind, from, to }: ClauseChange): string[] {
  const shown = kind === "relabelled" ? [quoted(from ?? ""), quoted(to ?? "")] : [from, to];
  return [`  ${clause} ${kind}`, ...replaced(shown[0], shown[1], "    ")];
}

const TITLES: Readonly<Record<TermChange["kind"], string>> = {
  changed: "changed",
  wrapped: "put inside something new",
  unwrapped: "taken out of what was around it",
  moved: "moved",
  removed: "removed",
  added: "added",
};

function termLines({ kind, from, to }: TermChange): string[] {
  if (kind === "moved") return ["  moved", ...block("    ", "  ", to ?? "")];
  return [`  ${TITLES[kind]}`, ...replaced(from, to, "    ")];
}

function exampleLines({ kind, args, from, to }: ExampleChange): string[] {
  if (kind === "removed") return [`  - ${args} -> ${from}`];
  return kind === "added" ? [`  + ${args} -> ${to}`] : [`  - ${args} -> ${from}`, `  + ${args} -> ${to}`];
}

function replaced(from: string | undefined, to: string | undefined, indent = "  "): string[] {
  return [
    ...(from === undefined ? [] : block(indent, "- ", from)),
    ...(to === undefined ? [] : block(indent, "+ ", to)),
  ];
}

function block(indent: string, mark: string, text: string): string[] {
  return text.split("\n").map((line) => `${indent}${mark}${line}`);
}

function summary({ functions, added, removed, unchanged, isSameModule, isBreaking }: ProgramDiff): string {
  const counts = [
    [functions.length, "changed"],
    [added.length, "added"],
    [removed.length, "removed"],
    [unchanged, "unchanged"],
  ] as const;
  const told = counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  const meaning = isSameModule ? "; the same module" : isBreaking ? "; breaks what callers rely on" : "";
  return `functions: ${told.join(", ")}${meaning}`;
}
