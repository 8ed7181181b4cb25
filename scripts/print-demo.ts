// Runs the demo and prints its capture in README.md, between the markers. With --check it only compares.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const MARKERS = /(<!-- demo: [^>]*-->\n)([\s\S]*?)(<!-- \/demo -->)/;
/** Intents that the capture shows; the others are left out for the reader's patience. */
const SHOWN = 2;

/** All that the demo writes to stdout. */
export async function demoOutput(): Promise<string> {
  const cli = join(ROOT, "clients/cli/anrf.ts");
  const env = { ...process.env, NO_COLOR: "1" };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", cli, "demo"],
    {
      env,
    },
  );
  return stdout;
}

/** What README.md shows of it: the head, the first intents and the end. */
export function captureOf(output: string): string {
  const parts = output.replace(/^.* {2}progress .*\n/gm, "").split("\n\n");
  const [head = "", ...rest] = parts;
  const tail = rest.pop() ?? "";
  const left = rest.length - SHOWN;
  const shown = [head, ...rest.slice(0, SHOWN), ...(left > 0 ? [`… and ${left} more`] : []), tail.trimEnd()];
  return `\`\`\`text\n$ bin/anrf demo\n${shown.join("\n\n")}\n\`\`\`\n`;
}

/** The capture as it stands in README.md. */
export function captureIn(readme: string): string {
  return MARKERS.exec(readme)?.[2] ?? "";
}

/** A capture without what differs from run to run, times and ports, or with each calibration, the confidence. */
export function masked(capture: string): string {
  return capture
    .replace(/ *\d+\.\d s/g, " TIME")
    .replace(/127\.0\.0\.1:\d+/g, "ADDRESS")
    .replace(/confidence [^·]*·/g, "confidence ·");
}

if (import.meta.main) {
  const file = join(ROOT, "README.md");
  const readme = await readFile(file, "utf8");
  const capture = captureOf(await demoOutput());
  if (!process.argv.includes("--check")) {
    await writeFile(
      file,
      readme.replace(MARKERS, (_all, open, _old, close) => `${open}${capture}${close}`),
    );
  } else if (masked(captureIn(readme)) !== masked(capture)) {
    console.error("the demo's capture in README.md differs: run node scripts/print-demo.ts");
    process.exitCode = 1;
  }
}
