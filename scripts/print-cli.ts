import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cliPage } from "../clients/cli/docs.ts";

/** Writes docs/cli.md, made of the table of verbs, below a folder that stands for the root. */
export async function printCli(folder: string): Promise<void> {
  const target = join(folder, "docs", "cli.md");
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, cliPage());
}
