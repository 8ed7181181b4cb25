// Prints docs/cli.md from the table of verbs. With --check it changes nothing and fails on a difference.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cliPage } from "../clients/cli/docs.ts";

const file = join(import.meta.dirname, "../docs/cli.md");

/** Writes the page below a folder that stands for the root. */
export async function printCli(folder: string): Promise<void> {
  const target = join(folder, "docs/cli.md");
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, cliPage());
}

if (import.meta.main) {
  const kept = await readFile(file, "utf8").catch(() => "");
  if (!process.argv.includes("--check")) await printCli(join(import.meta.dirname, ".."));
  else if (kept !== cliPage()) {
    console.error("docs/cli.md differs: run node scripts/print-cli.ts");
    process.exitCode = 1;
  }
}
