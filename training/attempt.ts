import { createHash } from "node:crypto";
import { planProgram } from "#anrf/interpret/plan.ts";
import { openProgram } from "#anrf/program/program.ts";
import { CHECKS } from "#anrf/verify/verify.ts";
import { ask, cpuSeconds, runPlain } from "../bench/ask.ts";
import { sameOutput } from "../bench/judge.ts";
import {
  type BenchTask,
  isUntouched,
  PROTOCOLS,
  readSet,
  SETS,
  type SetName,
  sampleOf,
} from "../bench/task-files.ts";
import { type Group, groupOf } from "../services/generation/confidence.ts";
import type { Judged } from "../services/generation/judge.ts";
import type { Feature } from "../services/generation/rank.ts";
import { type SolveEnd, solve } from "../services/generation/solve.ts";
import type { SynthTask } from "../services/generation/task.ts";
import type { Judgement } from "./fit.ts";
import type { TaskCase } from "./load-tasks.ts";

/** A task with how many of its cases are shown. */
export interface CalibrationTask {
  readonly key: string;
  readonly family: string;
  readonly task: BenchTask;
  readonly hasWords: boolean;
  readonly shown: number;
}

/** What became of one: no content of the task, only numbers. */
export interface Attempt {
  readonly id: string;
  readonly family: string;
  readonly group: Group;
  /** False where the task cannot be asked for, such as for its types. */
  readonly usable: boolean;
  readonly isGuess: boolean;
  readonly candidates: readonly Judgement<Feature>[];
}

/** Sets that may calibrate: all but the one without a licence. */
const POOL: readonly SetName[] = SETS.filter((set) => set !== "sygus-slia");
/** With words, a task is asked with none, one and two of its cases. */
const SHOWN_WITH_WORDS = [0, 1, 2];
const SHOWN_WITHOUT_WORDS = [2, 3, 5, 9];
const MOST_CANDIDATES = 24;

/** Tasks of all sets that may be used, each with how much of it is shown; at most `sample` of each set. */
export async function readPool(folder: string, sample: number): Promise<readonly CalibrationTask[]> {
  const pool: CalibrationTask[] = [];
  for (const set of POOL) {
    const tasks = (await readSet(set, folder)) ?? [];
    const { words } = PROTOCOLS[set];
    const usable = tasks.filter(({ id }) => isUntouched(set, id));
    for (const task of sampleOf(usable, sample)) {
      const counts = words ? SHOWN_WITH_WORDS : [chosen(SHOWN_WITHOUT_WORDS, task.id)];
      for (const shown of counts) {
        if (task.cases.length <= shown) continue;
        pool.push({ key: `${task.id} ${shown}`, family: familyOf(task.id), task, hasWords: words, shown });
      }
    }
  }
  return pool;
}

function chosen(counts: readonly number[], id: string): number {
  const byte = createHash("sha256").update(id).digest()[0] ?? 0;
  return counts[byte % counts.length] ?? 3;
}

/** Variants in size of one task are one family, which never stands on two sides of a split. */
export function familyOf(id: string): string {
  return id.replace(/([-_](long|repeat|small|short|large))+$/u, "");
}

/** Runs the platform's own functions on one task in this thread. */
export function attempt(
  { task, family, hasWords, shown }: CalibrationTask,
  budget: { readonly programs: number; readonly cpuSeconds: number },
): Attempt {
  const nothing = {
    id: task.id,
    family,
    group: groupOf(hasWords, shown),
    usable: false,
    isGuess: false,
    candidates: [],
  };
  const text = hasWords ? task.text : "";
  const asked = ask({ text, params: task.params, returns: task.returns, shown: task.cases.slice(0, shown) });
  if (asked === undefined) return nothing;
  const { synth, source } = asked;
  const begin = cpuSeconds();
  const settings = {
    seed: 1n,
    programs: budget.programs,
    memoryBytes: 2 ** 29,
    candidates: MOST_CANDIDATES,
    checks: CHECKS,
  };
  let end: SolveEnd | undefined;
  const stop = (): string | undefined => (cpuSeconds() - begin > budget.cpuSeconds ? "TIME" : undefined);
  try {
    for (const event of solve(synth, source, settings, stop)) if (event.kind === "end") end = event;
  } catch (error) {
    console.error(`${task.id}: the search failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
  const hidden = task.cases.slice(shown);
  const candidates = (end?.ranked ?? []).slice(0, MOST_CANDIDATES).map(({ judged, features }) => ({
    features,
    right: givesAll(judged, synth, hidden),
  }));
  return {
    ...nothing,
    group: groupOf(hasWords, synth.examples.length),
    usable: true,
    isGuess: end?.isGuess ?? false,
    candidates,
  };
}

function givesAll({ built }: Judged, synth: SynthTask, cases: readonly TaskCase[]): boolean {
  const plan = planProgram(openProgram(built.module), "off");
  return cases.every(({ inputs, output }) => {
    const ran = runPlain(plan, inputs, synth.params, synth.result);
    return "output" in ran && sameOutput(synth.result, output, ran.output);
  });
}
