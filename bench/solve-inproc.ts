import { planProgram } from "#anrf/interpret/plan.ts";
import { openProgram } from "#anrf/program/program.ts";
import { CHECKS } from "#anrf/verify/verify.ts";
import { confidenceOf, groupOf, readTable, scorerWeights } from "../services/generation/confidence.ts";
import type { Judged } from "../services/generation/judge.ts";
import { SCORER_VERSION } from "../services/generation/rank.ts";
import { type SolveEnd, solve } from "../services/generation/solve.ts";
import { type Asked, ask, cpuSeconds, runPlain } from "./ask.ts";
import type { Found, ShownTask, Solved, Solver } from "./solve.ts";

const CANDIDATES = 24;
/** Out of reach, so that the CPU guard binds. */
const PROGRAMS = 2 ** 31;
const MEMORY_BYTES = 2 ** 30;

/** What becomes of a task that the platform does not take on. */
export const NOTHING: Solved = {
  outcome: "ABSTAINED",
  reason: "UNSUPPORTED_TYPE",
  ranked: [],
  confidence: undefined,
  cpuSeconds: 0,
  firstCandidateSeconds: undefined,
  evaluated: 0,
  kept: 0,
  tokens: 0,
  budgetEnd: "",
};

/** The platform's own functions in this process, in one thread: analysis, search, judge, rank, confidence. */
export function inprocSolver(): Solver {
  const table = readTable();
  return {
    versions: { protocol: "inproc", scorer: SCORER_VERSION, calibration: table?.id ?? "none" },
    solve: async (task) => solveOnce(task, table),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function solveOnce(task: ShownTask, table: ReturnType<typeof readTable>): Solved {
  const began = cpuSeconds();
  const asked = ask(task);
  if (asked === undefined) return NOTHING;
  const settings = {
    seed: BigInt(task.seed),
    programs: PROGRAMS,
    memoryBytes: MEMORY_BYTES,
    candidates: CANDIDATES,
    checks: CHECKS,
    weights: scorerWeights(table),
  };
  let first: number | undefined;
  let end: SolveEnd | undefined;
  const stop = (): string | undefined => (cpuSeconds() - began > task.cpuSeconds ? "TIME" : undefined);
  for (const event of solve(asked.synth, asked.source, settings, stop)) {
    if (event.kind === "candidate") first ??= cpuSeconds() - began;
    if (event.kind === "end") end = event;
  }
  const ranked = end?.ranked ?? [];
  const [best] = ranked;
  const group = groupOf(task.text !== "", asked.synth.examples.length);
  const confidence = best === undefined ? undefined : confidenceOf(best.score, group, table);
  return {
    outcome: best === undefined ? "ABSTAINED" : "ACCEPTED",
    reason: best === undefined ? "NO_CANDIDATE" : undefined,
    ranked: ranked.map(({ judged }) => foundOf(judged, asked)),
    confidence: confidence && { ...confidence, score: confidence.pLow },
    cpuSeconds: cpuSeconds() - began,
    firstCandidateSeconds: first,
    evaluated: end?.evaluated ?? 0,
    kept: end?.kept ?? 0,
    tokens: 0,
    budgetEnd: end?.reason ?? "",
  };
}

function foundOf({ digest, built, size, lane, overfitRisk }: Judged, { synth }: Asked): Found {
  const plan = planProgram(openProgram(built.module), "off");
  return {
    digest,
    size,
    lane,
    overfitRisk,
    run: async (all) => all.map((inputs) => runPlain(plan, inputs, synth.params, synth.result)),
  };
}
