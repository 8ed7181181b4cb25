import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { basename } from "node:path";
import { partOf } from "../training/split.ts";
import { attempt } from "./attempt.ts";
import type { TaskOptions } from "./options.ts";
import { appendLine, type Results, type RunLine, readResults, summaryOf } from "./report.ts";
import type { Solver } from "./solve.ts";
import { type BenchTask, isUntouched, readSet, sampleOf } from "./task-files.ts";

/**
 * Runs a set and appends one line a task to the file; tasks that the file holds are not run again. Returns the summary of
 * all its lines, or "skipped" where the set is absent.
 */
export async function runTasks(
  options: TaskOptions,
  solverOf: () => Promise<Solver>,
  say: (line: string) => void,
): Promise<string> {
  const all = await readSet(options.set, options.folder);
  if (all === undefined) return `skipped: ${options.folder} has no ${options.set}.jsonl (set ANRF_TASKS)`;
  const chosen = choose(all, options);
  const settings = settingsOf(options);
  const results = await readResults(options.out);
  const problem = continued(results, settings);
  if (problem !== undefined) throw new Error(`could not go on with ${options.out}: ${problem}`);
  if (results.run === undefined) await appendLine(options.out, runLine(settings));
  const done = new Set(results.tasks.map((line) => line.id));
  const open = chosen.filter((task) => !done.has(task.id));
  say(
    `${options.set}: ${chosen.length} tasks, ${chosen.length - open.length} of them done; lines go to ${options.out}`,
  );
  if (open.length > 0) {
    await using solver = await solverOf();
    for (const task of open) {
      const line = await attempt(task, options, solver, say);
      await appendLine(options.out, line);
      say(`${line.right ? "right" : line.outcome.toLowerCase()} ${task.id} ${line.cpu_s.toFixed(2)} s`);
    }
  }
  const wanted = new Set(chosen.map((task) => task.id));
  return summaryOf((await readResults(options.out)).tasks.filter((line) => wanted.has(line.id)));
}

function choose(all: readonly BenchTask[], options: TaskOptions): readonly BenchTask[] {
  const allowed = all.filter(
    (task) =>
      (options.allIds || isUntouched(options.set, task.id)) &&
      (options.set !== "own" || options.part === "all" || partOf(task.id) === options.part),
  );
  const chosen = options.sample === undefined ? allowed : sampleOf(allowed, options.sample);
  const { index, of } = options.shard;
  return chosen.filter((_, at) => at % of === index);
}

/** What must be equal for a file to be continued. */
function settingsOf(options: TaskOptions): Readonly<Record<string, unknown>> {
  const { set, mode, k, words, cpuSeconds, seed, rival } = options;
  const { file, samples, repair, search } = options.model;
  const model = mode === "model" ? { model: basename(file), samples, repair, search } : {};
  return { set, mode, k, words, cpuSeconds, seed, rival, ...model };
}

function continued(results: Results, settings: Readonly<Record<string, unknown>>): string | undefined {
  if (results.torn) return "its last line is cut short; take that line out";
  if (results.run === undefined) return undefined;
  const same = JSON.stringify(results.run.settings) === JSON.stringify(settings);
  return same ? undefined : `it holds a run with other settings: ${JSON.stringify(results.run.settings)}`;
}

function runLine(settings: Readonly<Record<string, unknown>>): RunLine {
  const processors = cpus();
  return {
    kind: "run",
    settings,
    node: process.version,
    machine: `${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model ?? "unknown"}`,
    commit: commit(),
  };
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}
