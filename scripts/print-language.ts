import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtinsPage } from "./language/builtins.ts";
import { grammarPage } from "./language/grammar-page.ts";
import { rulesPage } from "./language/rules.ts";
import { trapsPage } from "./language/traps.ts";

/** The pages of docs/language that are made of the code, by file name. */
export const LANGUAGE_PAGES: Readonly<Record<string, () => string>> = {
  "builtins.md": builtinsPage,
  "grammar.md": grammarPage,
  "rules.md": rulesPage,
  "traps.md": trapsPage,
};

/** Writes them below a folder that stands for the root. */
export async function printLanguage(folder: string): Promise<void> {
  const target = join(folder, "docs", "language");
  await mkdir(target, { recursive: true });
  for (const [file, page] of Object.entries(LANGUAGE_PAGES)) await writeFile(join(target, file), page());
}
