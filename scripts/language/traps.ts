import { trapName } from "#anrf/program/trap.ts";
import { CATALOGUE } from "#anrf/std/catalogue.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";

/** When a run ends with the trap; `tsc` asks for a line as soon as there is a new code. */
export const TRAPS = {
  OVERFLOW: "an int leaves the signed 64-bit range",
  DIV_ZERO: "a division or a remainder by zero of ints or decimals",
  INDEX: "a place outside a list",
  NONE: "the value of an option that has none",
  INVALID: "an argument outside the domain of a builtin",
  DECIMAL: "a decimal that needs more than a 64-bit coefficient or more than 18 digits after the point",
  DATE: "a date before 0001-01-01 or after 9999-12-31",
  FAIL: "`fail` was reached",
  CONTRACT: "a clause, a measure or an invariant is false, or traps, and contracts are enforced",
  HOLE: "a part that is still to be written was reached",
  FUEL: "the run used up its fuel",
  MEMORY: "the run made more values than it may",
  DEPTH: "calls or values nest more deeply than they may",
  TIME: "the wall clock of the platform ran out; no engine raises it",
  OUTPUT: "the result is larger than the platform sends; no engine raises it",
} as const satisfies Readonly<Record<Exclude<keyof typeof TrapCode, "UNSPECIFIED">, string>>;

/** docs/language/traps.md. */
export function trapsPage(): string {
  const rows = Object.entries(TRAPS).map(([name, meaning]) => {
    const raised = CATALOGUE.filter((one) => one.traps.some((code) => trapName(code) === name));
    const by = raised.map((one) => `\`${one.id}\``).join(" ");
    return `| \`${name}\` | ${TrapCode[name as keyof typeof TrapCode]} | ${meaning} | ${by} |\n`;
  });
  return `# Traps

Printed from \`scripts/language/traps.ts\` and the catalogue; edits by hand are lost.

A trap ends a run without a value and names its function and its node. It is an ordinary outcome: the same on every machine and in every engine.
The traps of a function argument are those of its body.

| trap | number | when | builtins that raise it |
| --- | --- | --- | --- |
${rows.join("")}`;
}
