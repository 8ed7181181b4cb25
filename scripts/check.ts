import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

/** One step of the check: what it proves and the command that proves it. */
export interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

/** Everything that is checked without running the system. */
export const STEPS: readonly Step[] = [
  { name: "types (tsc)", command: ["tsc", "-p", "."] },
  { name: "format, lint and layers (biome)", command: ["biome", "check", "--error-on-warnings", "."] },
  { name: "contract style (buf lint)", command: ["buf", "lint"] },
  {
    name: "contract layout (buf format)",
    command: ["buf", "format", "--diff", "--exit-code", "--path", "proto/anrf"],
  },
  { name: "nothing generated differs", command: ["node", "scripts/generate.ts", "--check"] },
];

/** What one step said. */
export interface StepResult {
  readonly step: Step;
  readonly code: number;
  readonly output: string;
}

/** Runs one step in the project's folder; resolves with its exit code, never rejects. */
export function runStep(step: Step): Promise<StepResult> {
  const [program = "", ...args] = step.command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => resolve({ step, code: 127, output: String(error) }));
    child.on("close", (code) => resolve({ step, code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

/** Runs all steps, as many at once as there are cores, and reports each as it ends. */
export async function runSteps(report: (result: StepResult) => void): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  const pending = [...STEPS];
  const lane = async (): Promise<void> => {
    for (let step = pending.shift(); step !== undefined; step = pending.shift()) {
      const result = await runStep(step);
      results.push(result);
      report(result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return results;
}

/** Prints a result as one line, with the output of the command when it failed. */
export function printStep(result: StepResult): void {
  process.stdout.write(`${result.code === 0 ? "ok  " : "FAIL"} ${result.step.name}\n`);
  if (result.code !== 0) process.stdout.write(`${result.output.trimEnd()}\n`);
}

if (import.meta.main) {
  const results = await runSteps(printStep);
  process.exitCode = results.some((result) => result.code !== 0) ? 1 : 0;
}
