import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CODES } from "../anrf/diagnose/codes.ts";
import { codeIndex, codePage } from "../anrf/diagnose/page.ts";

/** Writes docs/diagnostics, a page a code and their list, below a folder that stands for the root. */
export async function printDiagnostics(folder: string): Promise<void> {
  const target = join(folder, "docs", "diagnostics");
  await mkdir(target, { recursive: true });
  await writeFile(join(target, "README.md"), codeIndex());
  for (const row of CODES) await writeFile(join(target, `${row.code}.md`), codePage(row));
}
