/**
 * Runs CEL's conformance tests as programs: `node scripts/make-cel-cases.ts [--write] [--show ID]`. Prints how many pass,
 * how many are gaps, and why the others have no counterpart; `--write` keeps the table in anrf/testdata/cel.json.
 */
import { writeFileSync } from "node:fs";
import { conformanceProblem } from "#anrf/testing/conform.ts";
import { celMappings } from "./cel/suite.ts";
import { celTable } from "./cel/table.ts";

const args = process.argv.slice(2);
const mappings = celMappings();
const shown = args.includes("--show") ? (args[args.indexOf("--show") + 1] ?? "") : undefined;
if (shown === undefined) {
  const { table, failures } = celTable(mappings);
  for (const { id, problem } of failures) console.log(`${id}: ${problem}`);
  console.log(JSON.stringify(table, null, 2));
  if (args.includes("--write")) {
    const target = new URL("../anrf/testdata/cel.json", import.meta.url);
    writeFileSync(target, `${JSON.stringify(table, null, 2)}\n`);
  }
} else {
  for (const { id, cases, unmapped } of mappings) {
    if (!id.startsWith(shown)) continue;
    console.log(`${id}: ${unmapped ?? ""}`);
    for (const one of cases)
      console.log(one.text, JSON.stringify(one.args), one.expect, conformanceProblem(one) ?? "passes");
  }
}
