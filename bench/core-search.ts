import { INT, listOf, STRING } from "#anrf/program/type.ts";
import { type SearchTask, search } from "#anrf/search/search.ts";
import type { BenchCase } from "./core.ts";

const PROGRAMS = 400_000;

/** Programs that the enumerator evaluates and keeps, each a second, on tasks that no short program solves. */
export function searchCases(): readonly BenchCase[] {
  const tasks = { ints: intTask(), lists: listTask(), strings: stringTask() };
  return Object.entries(tasks).flatMap(([name, task]) => [
    searchCase(`search/${name}-run`, "programs evaluated", task, (end) => end.evaluated),
    searchCase(`search/${name}-kept`, "programs kept", task, (end) => end.kept),
  ]);
}

interface Counts {
  readonly evaluated: number;
  readonly kept: number;
}

function searchCase(name: string, unit: string, task: SearchTask, count: (end: Counts) => number): BenchCase {
  return {
    name,
    unit,
    run() {
      const start = cpuMilliseconds();
      let end: Counts | undefined;
      for (const event of search(task)) if (event.kind === "end") end = event;
      if (end === undefined) throw new Error(`${name}: the search did not end`);
      return { amount: count(end), milliseconds: cpuMilliseconds() - start };
    },
  };
}

// CPU of all threads: a search shares its machine with others.
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const LIMITS = { programs: PROGRAMS, memoryBytes: 2 ** 29 };

function intTask(): SearchTask {
  const signature = {
    params: [
      { name: "x", type: INT },
      { name: "y", type: INT },
    ],
    result: INT,
  };
  const examples = [1, 2, 3, 4, 5].map((n) => ({
    args: [n * 3, n + 7],
    result: (n * 7919 + 104_729) % 1009,
  }));
  return { signature, examples, hints: [], constants: [], seed: 1, limits: LIMITS };
}

function listTask(): SearchTask {
  const signature = { params: [{ name: "xs", type: listOf(INT) }], result: listOf(INT) };
  const examples = [
    [
      [3, 1, 4, 1, 5],
      [97, 13, 58],
    ],
    [
      [2, 7, 1],
      [44, 6],
    ],
    [
      [9, 9, 8, 2],
      [12, 71, 3, 5],
    ],
  ].map(([xs = [], ys = []]) => ({ args: [xs], result: ys }));
  return { signature, examples, hints: [], constants: [], seed: 1, limits: LIMITS };
}

function stringTask(): SearchTask {
  const signature = { params: [{ name: "s", type: STRING }], result: STRING };
  const examples = [
    ["the quick brown fox", "zq-17"],
    ["jumps over", "kk_2"],
    ["a lazy dog", "w.93x"],
  ].map(([s = "", t = ""]) => ({ args: [s], result: t }));
  return { signature, examples, hints: [], constants: [], seed: 1, limits: LIMITS };
}
