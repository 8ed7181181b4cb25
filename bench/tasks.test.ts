import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readTaskOptions, type TaskOptions } from "./options.ts";
import { comparisonOf, readResults } from "./report.ts";
import type { Found, ShownTask, Solved, Solver } from "./solve.ts";
import type { BenchTask } from "./task-files.ts";
import { runTasks } from "./tasks.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-bench-"));
});
afterEach(() => rm(folder, { recursive: true }));

const tasks: readonly BenchTask[] = ["a", "b", "c"].map((name) => ({
  id: `model/${name}`,
  text: `secret words of ${name}`,
  params: [{ name: "xs", type: "list<int>" }],
  returns: "int",
  cases: [[1], [5, 7], [3, 4], [], [9]].map((xs) => ({ inputs: [xs], output: xs.length })),
}));

function optionsWith(extra: Partial<TaskOptions> = {}): TaskOptions {
  const read = readTaskOptions(["--set", "list-functions", "--k", "2", "--rival", "off"], {});
  if (typeof read === "string") throw new Error(read);
  return { ...read, folder, out: join(folder, "out.jsonl"), ...extra };
}

type Length = (xs: readonly number[]) => unknown;

function found(length: Length, overfitRisk = false): Found {
  return {
    digest: "anrf1:00",
    size: 2,
    lane: "enumerator",
    overfitRisk,
    run: async (inputs) =>
      inputs.map(([xs]) => {
        const output = length(xs as readonly number[]);
        return output === undefined ? { trap: "INDEX" } : { output };
      }),
  };
}

function solverOf(answers: Readonly<Record<string, readonly Found[]>>, asked: ShownTask[] = []): Solver {
  return {
    versions: { engine: "test" },
    solve: async (task) => {
      asked.push(task);
      const ranked = answers[task.id];
      if (ranked === undefined) throw new TypeError("out of order");
      return solved(ranked);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function solved(ranked: readonly Found[]): Solved {
  return {
    outcome: ranked.length > 0 ? "ACCEPTED" : "ABSTAINED",
    reason: ranked.length > 0 ? undefined : "NO_CANDIDATE",
    ranked,
    confidence: undefined,
    cpuSeconds: 0.5,
    firstCandidateSeconds: 0.1,
    evaluated: 10,
    kept: 5,
    tokens: 0,
    budgetEnd: "WORK",
  };
}

const right: Length = (xs) => xs.length;
const wrong: Length = (xs) => xs[0] ?? 0;

async function writeSet(): Promise<void> {
  await writeFile(
    join(folder, "list-functions.jsonl"),
    tasks.map((task) => `${JSON.stringify(task)}\n`).join(""),
  );
}

describe("runTasks", () => {
  it("says that it skipped a set that is absent", async () => {
    const summary = await runTasks(
      optionsWith(),
      async () => solverOf({}),
      () => {},
    );
    expect(summary).toContain("skipped");
  });

  it("judges on the cases that were not shown, and writes a line a task without content", async () => {
    await writeSet();
    const asked: ShownTask[] = [];
    const answers = {
      "model/a": [found(right)],
      "model/b": [found(wrong), found(right)],
      "model/c": [found(right, true)],
    };
    const summary = await runTasks(
      optionsWith(),
      async () => solverOf(answers, asked),
      () => {},
    );
    const { run, tasks: lines } = await readResults(join(folder, "out.jsonl"));
    expect(run?.settings).toMatchObject({ set: "list-functions", k: 2 });
    expect(lines.map((line) => [line.id, line.right, line.overfit_risk, line.rank_first_right])).toEqual([
      ["model/a", true, false, 1],
      ["model/b", false, false, 2],
      ["model/c", false, true, 1],
    ]);
    expect(lines[1]?.right_visible).toBe(false);
    expect(summary).toContain("1 of 3 right");
    expect(asked[0]).toMatchObject({ text: "", shown: tasks[0]?.cases.slice(0, 2) });
    expect(await readFile(join(folder, "out.jsonl"), "utf8")).not.toContain("secret");
  });

  it("passes the words on where the protocol says so", async () => {
    await writeSet();
    const asked: ShownTask[] = [];
    const answers = Object.fromEntries(tasks.map((task) => [task.id, []]));
    await runTasks(
      optionsWith({ words: true }),
      async () => solverOf(answers, asked),
      () => {},
    );
    expect(asked.map((task) => task.text)).toEqual(tasks.map((task) => task.text));
  });

  it("counts a trap as wrong and an abstention as no answer", async () => {
    await writeSet();
    const answers = {
      "model/a": [found((xs) => (xs.length > 0 ? xs.length : undefined))],
      "model/b": [],
      "model/c": [found(right)],
    };
    await runTasks(
      optionsWith(),
      async () => solverOf(answers),
      () => {},
    );
    const lines = (await readResults(join(folder, "out.jsonl"))).tasks;
    expect(lines.map((line) => [line.outcome, line.reason, line.right, line.right_visible])).toEqual([
      ["ACCEPTED", null, false, true],
      ["ABSTAINED", "NO_CANDIDATE", false, false],
      ["ACCEPTED", null, true, true],
    ]);
  });

  it("goes on after a task that fails, and a second run asks only for what is missing", async () => {
    await writeSet();
    const first = optionsWith({ sample: 2 });
    const asked: ShownTask[] = [];
    const answers = { "model/a": [found(right)], "model/c": [found(right)] };
    await runTasks(
      first,
      async () => solverOf(answers, asked),
      () => {},
    );
    expect(asked.length).toBe(2);
    await runTasks(
      optionsWith(),
      async () => solverOf(answers, asked),
      () => {},
    );
    expect(asked.map((task) => task.id).sort()).toEqual(["model/a", "model/b", "model/c"]);
    const lines = (await readResults(first.out)).tasks;
    expect(lines.find((line) => line.id === "model/b")).toMatchObject({
      outcome: "FAILED",
      reason: "TypeError",
    });
    await runTasks(
      optionsWith(),
      () => Promise.reject(new Error("nothing is open")),
      () => {},
    );
  });

  it("refuses to go on with a file of other settings or with a torn line", async () => {
    await writeSet();
    const answers = Object.fromEntries(tasks.map((task) => [task.id, []]));
    await runTasks(
      optionsWith({ sample: 1 }),
      async () => solverOf(answers),
      () => {},
    );
    const run = (options: TaskOptions) =>
      runTasks(
        options,
        async () => solverOf(answers),
        () => {},
      );
    await expect(run(optionsWith({ k: 3 }))).rejects.toThrow("other settings");
    await appendFile(join(folder, "out.jsonl"), '{"kind":"ta');
    await expect(run(optionsWith())).rejects.toThrow("cut short");
  });

  it("runs the naive rival beside the solver", async () => {
    await writeSet();
    const answers = Object.fromEntries(tasks.map((task) => [task.id, []]));
    const summary = await runTasks(
      optionsWith({ rival: true }),
      async () => solverOf(answers),
      () => {},
    );
    const lines = (await readResults(join(folder, "out.jsonl"))).tasks;
    expect(lines.map((line) => line.rival?.right)).toEqual([true, true, true]);
    expect(summary).toContain("naive rival 3 of 3 (ours on these: 0)");
  });
});

describe("comparisonOf", () => {
  it("lists the tasks won and lost", async () => {
    await writeSet();
    const both = async (name: string, answers: Readonly<Record<string, readonly Found[]>>) => {
      const options = optionsWith({ out: join(folder, name) });
      await runTasks(
        options,
        async () => solverOf(answers),
        () => {},
      );
      return (await readResults(options.out)).tasks;
    };
    const before = await both("before", {
      "model/a": [found(right)],
      "model/b": [found(wrong)],
      "model/c": [],
    });
    const after = await both("after", {
      "model/a": [found(wrong)],
      "model/b": [found(right)],
      "model/c": [found(wrong)],
    });
    expect(comparisonOf(before, after).split("\n")).toEqual([
      "3 tasks in both; right before 1, after 1",
      "won: 1",
      "  model/b (ACCEPTED → ACCEPTED)",
      "lost: 1",
      "  model/a (ACCEPTED → ACCEPTED)",
      "other outcome, equally right or wrong: 1",
      "  model/c (ABSTAINED → ACCEPTED)",
    ]);
  });
});

describe("readTaskOptions", () => {
  it.each<[readonly string[], string]>([
    [[], "--set is one of"],
    [["--set", "other"], "--set is one of"],
    [["--set", "own", "--mode", "none"], "--mode is one of"],
    [["--set", "own", "--k", "-1"], "k"],
    [["--set", "own", "--k", "many"], "--k is a whole number"],
    [["--set", "own", "--cpu", "0"], "--cpu is a number"],
    [["--set", "own", "--colour", "red"], "colour"],
  ])("refuses %j", (args, problem) => {
    expect(readTaskOptions(args, {})).toContain(problem);
  });

  it("takes the protocol of the set where nothing is said", () => {
    expect(readTaskOptions(["--set", "bustle"], {})).toMatchObject({
      k: 10,
      words: false,
      cpuSeconds: 30,
      seed: 1,
    });
    const options = readTaskOptions(["--set", "mbpp", "--k", "0", "--cpu", "2.5", "--sample", "5"], {
      ANRF_TASKS: "/t",
    });
    expect(options).toMatchObject({ k: 0, words: true, cpuSeconds: 2.5, sample: 5, folder: "/t" });
  });
});
