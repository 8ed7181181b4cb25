import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CHECKS } from "#anrf/verify/verify.ts";
import { ask } from "../bench/ask.ts";
import { readTable, scorerWeights } from "../services/generation/confidence.ts";
import { SCORER_VERSION } from "../services/generation/rank.ts";
import { type SolveEnd, solve } from "../services/generation/solve.ts";
import { loadTasks } from "./load-tasks.ts";
import { partOf } from "./split.ts";

/** Scores of the best programs of 40 own tasks: `npm test -- -u training/drift` writes them anew. */
const GOLDEN = fileURLToPath(new URL("./testdata/drift.json", import.meta.url));
const TASKS = 40;
const PROGRAMS = 40_000;

async function scores(): Promise<Readonly<Record<string, number | null>>> {
  const tasks = (await loadTasks()).filter((task) => partOf(task.id) !== "report").slice(0, TASKS);
  const weights = scorerWeights(readTable());
  return Object.fromEntries(
    tasks.map((task) => {
      const asked = ask({ ...task, shown: task.cases.slice(0, task.visible) });
      if (asked === undefined) return [task.id, null];
      const settings = {
        seed: 1n,
        programs: PROGRAMS,
        memoryBytes: 2 ** 28,
        candidates: 8,
        checks: CHECKS,
        weights,
      };
      let end: SolveEnd | undefined;
      for (const event of solve(asked.synth, asked.source, settings, () => undefined)) {
        if (event.kind === "end") end = event;
      }
      const score = end?.ranked[0]?.score;
      return [task.id, score === undefined ? null : Math.round(score * 1e6) / 1e6];
    }),
  );
}

describe("the scorer", () => {
  it("gives the scores that the calibration table was made with, or has another version", async () => {
    const found = { scorerVersion: SCORER_VERSION, scores: await scores() };
    // Where this fails, either the change was not meant to move scores, or SCORER_VERSION goes up and the table is made anew.
    await expect(`${JSON.stringify(found, null, 1)}\n`).toMatchFileSnapshot(GOLDEN);
    expect(Object.values(found.scores).filter((score) => score !== null).length).toBeGreaterThan(TASKS / 2);
  }, 300_000);
});
