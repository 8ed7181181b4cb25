import { readTaskOptions, TASKS_USAGE, type TaskOptions } from "./options.ts";
import { comparisonOf, readResults } from "./report.ts";
import type { Solver } from "./solve.ts";
import { runTasks } from "./tasks.ts";

/** `bench tasks …`: runs a set and prints its counts. Returns the exit code: 0, or 2 for wrong arguments. */
export async function tasksCommand(args: readonly string[]): Promise<number> {
  const options = readTaskOptions(args, process.env);
  if (typeof options === "string") {
    console.error(`${options}\n\n${TASKS_USAGE}`);
    return 2;
  }
  const summary = await runTasks(
    options,
    () => solverOf(options),
    (line) => console.error(line),
  );
  console.log(summary);
  return 0;
}

async function solverOf(options: TaskOptions): Promise<Solver> {
  switch (options.mode) {
    case "api":
      return (await import("./solve-api.ts")).apiSolver(options.server);
    case "model":
      return (await import("./model/solve-model.ts")).modelSolver(options.model);
    case "inproc":
      return (await import("./solve-inproc.ts")).inprocSolver();
    default:
      throw new Error(`unreachable: ${options.mode satisfies never}`);
  }
}

/** `bench compare BEFORE AFTER`: the tasks won and lost between two result files. */
export async function compareCommand(args: readonly string[]): Promise<number> {
  const [before, after] = args;
  if (before === undefined || after === undefined) {
    console.error("usage: npm run bench -- compare BEFORE AFTER");
    return 2;
  }
  const [old, now] = await Promise.all([readResults(before), readResults(after)]);
  console.log(comparisonOf(old.tasks, now.tasks));
  return 0;
}
