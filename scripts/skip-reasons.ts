import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** The variable that names the file for the reasons. */
export const SKIPS_FILE = "ANRF_TEST_SKIPS";

/** A reporter that writes why tests were skipped, which vitest's own reports leave out: one JSON list of texts. */
// biome-ignore lint/style/noDefaultExport: that is how vitest finds a reporter.
export default class SkipReasons implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env[SKIPS_FILE];
    if (file === undefined) return;
    const reasons: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const note = result.state === "skipped" ? result.note : undefined;
        reasons.push(note === undefined ? test.fullName : `${test.fullName}: ${note}`);
      }
    }
    writeFileSync(file, JSON.stringify(reasons));
  }
}
