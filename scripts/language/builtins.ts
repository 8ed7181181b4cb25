import { trapName } from "#anrf/program/trap.ts";
import { type Builtin, CATALOGUE } from "#anrf/std/catalogue.ts";
import { isSupported } from "#anrf/std/supported.ts";

/** What runs programs, and which builtins of the catalogue it has. */
const ENGINES: readonly {
  readonly name: string;
  readonly letter: string;
  readonly runs: (number: number) => boolean;
}[] = [{ name: "the interpreter (`anrf/interpret`)", letter: "I", runs: isSupported }];

const FAMILIES: readonly (readonly [family: string, title: string])[] = [
  ["", "Any type"],
  ["bool", "bool"],
  ["int", "int"],
  ["float", "float"],
  ["string", "string"],
  ["regex", "Regular expressions"],
  ["list", "list"],
  ["map", "map"],
  ["option", "option"],
  ["decimal", "decimal"],
  ["date", "date"],
];

/** docs/language/builtins.md. */
export function builtinsPage(): string {
  const sections = FAMILIES.map(([family, title]) => {
    const rows = CATALOGUE.filter((one) => one.family === family).map(row);
    return `## ${title}

| builtin | written | type | traps | fuel | tier | engines | what it gives |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("")}`;
  });
  const engines = ENGINES.map(({ name, letter, runs }) => {
    const missing = CATALOGUE.filter((one) => !runs(one.number)).map((one) => one.id);
    const rest = missing.length === 0 ? "all of them" : `without ${missing.join(", ")}`;
    return `| ${letter} | ${name} | ${CATALOGUE.length - missing.length} of ${CATALOGUE.length} | ${rest} |\n`;
  });
  return `# Builtins

Printed from the catalogue (\`proto/anrf/v1/builtins.proto\`); edits by hand are lost.

Every function that a program can call without defining it: ${CATALOGUE.length} in all. A builtin is named in a program by its number, for ever. *Written*: its one spelling; an operator stands
between its arguments, \`.name\` is a method of the first, \`Family.name\` a function, \`[]\` an index. Classes of type variables: \`eq\` and \`ord\` are all types without a
function inside, \`key\` those without a float as well. *Fuel*: what a call costs before its work; *n* is the size of the argument that counts, or of the result. *Tier*: \`core\` is implemented by each
engine, \`derived\` by a body in the language, \`host\` by each engine that offers it: a file that calls one names the feature \`HOST_MATH\`, and the verifier warns of it.

| letter | engine | runs | |
| --- | --- | --- | --- |
${engines.join("")}
${sections.join("\n")}`;
}

function row(one: Builtin): string {
  const { id, text, signature, traps, cost, tier, doc, number } = one;
  const engines = ENGINES.filter(({ runs }) => runs(number)).map(({ letter }) => letter);
  const cells = [
    `\`${id}\``,
    `\`${text}\``,
    `\`${signature.text}\``,
    traps.map((code) => `\`${trapName(code)}\``).join(" "),
    fuelText(cost),
    tier,
    engines.join(" "),
    doc,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}

function fuelText({ base, perItem, linearithmic, sizedResult }: Builtin["cost"]): string {
  if (perItem === 0) return String(base);
  const size = linearithmic ? "n log n" : "n";
  return `${base} + ${perItem === 1 ? "" : `${perItem} `}${size}${sizedResult ? " (result)" : ""}`;
}
