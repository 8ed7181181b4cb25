import type { Type } from "#anrf/program/type.ts";
import { parseType } from "#anrf/program/type-text.ts";
import type { TaskCase } from "../training/load-tasks.ts";
import { sameOutput } from "./judge.ts";
import { naive, naiveApplies } from "./naive.ts";
import type { TaskOptions } from "./options.ts";
import type { RivalLine, TaskLine } from "./report.ts";
import type { Found, Solved, Solver } from "./solve.ts";
import { type BenchTask, splitCases } from "./task-files.ts";

/** So many of the best programs are judged for `rank_first_right`. */
const RANKS = 20;

/** Solves one task, judges the answer on the cases that were not shown, and says it in one line. */
export async function attempt(
  task: BenchTask,
  options: TaskOptions,
  solver: Solver,
  say: (line: string) => void,
): Promise<TaskLine> {
  const { params, id } = task;
  const { seed, cpuSeconds, set } = options;
  const { shown, judging } = splitCases(task, options.k);
  const returns = parseType(task.returns);
  if ("error" in returns) throw new Error(`could not read the result type of ${id}: ${returns.error}`);
  const text = options.words ? task.text : "";
  const started = performance.now();
  const solved = await solver
    .solve({ id, text, params, returns: task.returns, shown, seed, cpuSeconds })
    .catch((error: unknown) => {
      say(`could not run ${id}: ${error instanceof Error ? error.message : String(error)}`);
      return failure(error);
    });
  const wall = (performance.now() - started) / 1000;
  const verdict = await judge(solved.ranked, returns, shown, judging);
  const rival = options.rival ? runRival(task, returns, shown, judging, cpuSeconds) : null;
  return {
    kind: "task",
    id,
    set,
    protocol: `${options.words ? "words+" : "examples:"}${task.visible === undefined ? options.k : "visible"}`,
    k: shown.length,
    seed,
    ...verdict,
    ...columnsOf(solved),
    wall_s: wall,
    versions: solver.versions,
    rival,
  };
}

function failure(error: unknown): Solved {
  return {
    outcome: "FAILED",
    reason: error instanceof Error ? error.name : "unknown",
    ranked: [],
    confidence: undefined,
    cpuSeconds: 0,
    firstCandidateSeconds: undefined,
    evaluated: 0,
    kept: 0,
    tokens: 0,
    budgetEnd: "",
  };
}

type Verdict = Pick<TaskLine, "right" | "right_visible" | "overfit_risk" | "rank_first_right">;

async function judge(
  ranked: readonly Found[],
  returns: Type,
  shown: readonly TaskCase[],
  judging: readonly TaskCase[],
): Promise<Verdict> {
  const answer = ranked[0];
  if (answer === undefined) {
    return { right: false, right_visible: false, overfit_risk: false, rank_first_right: null };
  }
  let rank: number | null = null;
  for (const [index, found] of ranked.slice(0, RANKS).entries()) {
    if (!(await passes(found, returns, judging))) continue;
    rank = index + 1;
    break;
  }
  return {
    right: rank === 1 && !answer.overfitRisk,
    right_visible: await passes(answer, returns, shown),
    overfit_risk: answer.overfitRisk,
    rank_first_right: rank,
  };
}

async function passes(found: Found, returns: Type, cases: readonly TaskCase[]): Promise<boolean> {
  const ran = await found.run(cases.map((example) => example.inputs));
  return cases.every((example, index) => {
    const run = ran[index];
    return run !== undefined && "output" in run && sameOutput(returns, example.output, run.output);
  });
}

function columnsOf(solved: Solved) {
  const answer = solved.ranked[0];
  const { confidence } = solved;
  return {
    outcome: solved.outcome,
    reason: solved.reason ?? null,
    confidenceScore: confidence?.score ?? null,
    p_correct: confidence?.pCorrect ?? null,
    error_p_value: confidence?.errorPValue ?? null,
    set_size_for_90: confidence?.setSizeFor90 ?? null,
    lane: answer?.lane ?? null,
    size: answer?.size ?? null,
    digest: answer?.digest ?? null,
    cpu_s: solved.cpuSeconds,
    first_candidate_s: solved.firstCandidateSeconds ?? null,
    evaluated: solved.evaluated,
    kept: solved.kept,
    tokens: solved.tokens,
    budget_end: solved.budgetEnd,
    ...(solved.agreement === undefined ? {} : { agreement: solved.agreement }),
  };
}

/** The naive rival on the same shown cases, under the same CPU limit, in this process. */
function runRival(
  task: BenchTask,
  returns: Type,
  shown: readonly TaskCase[],
  judging: readonly TaskCase[],
  cpuSeconds: number,
): RivalLine | null {
  if (!naiveApplies(task.params, task.returns) || shown.length === 0) return null;
  const began = cpuNow();
  const answer = naive(task.params, task.returns, shown, () => cpuNow() - began > cpuSeconds);
  const spent = cpuNow() - began;
  if (!("run" in answer)) return { right: false, size: null, cpu_s: spent, evaluated: answer.evaluated };
  const right = judging.every(({ inputs, output }) => sameOutput(returns, output, answer.run(inputs)));
  return { right, size: answer.size, cpu_s: spent, evaluated: answer.evaluated };
}

function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
