import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadTasks, type TaskCase } from "../training/load-tasks.ts";

/** The sets the runner knows; all but `own` are read from a folder outside the repository. */
export const SETS = [
  "own",
  "list-functions",
  "sygus-slia",
  "ec-list",
  "bustle",
  "mbpp",
  "re2",
  "humaneval",
] as const;
/** One of them. */
export type SetName = (typeof SETS)[number];

/** A task of any set. */
export interface BenchTask {
  readonly id: string;
  readonly text: string;
  readonly params: readonly { readonly name: string; readonly type: string }[];
  readonly returns: string;
  readonly cases: readonly TaskCase[];
  /** How many leading cases may be shown, where the set says so. */
  readonly visible?: number;
}

/** How a set is run unless the command says otherwise. */
export interface Protocol {
  /** Leading cases shown where the task does not say. */
  readonly k: number;
  /** Whether the words are passed on: some sets hold a file name or the answer's name there. */
  readonly words: boolean;
  readonly cpuSeconds: number;
}

/** The protocols of generation.md §14. */
export const PROTOCOLS: Readonly<Record<SetName, Protocol>> = {
  own: { k: 3, words: true, cpuSeconds: 10 },
  "list-functions": { k: 10, words: false, cpuSeconds: 10 },
  "sygus-slia": { k: 10, words: false, cpuSeconds: 10 },
  "ec-list": { k: 10, words: false, cpuSeconds: 10 },
  bustle: { k: 10, words: false, cpuSeconds: 30 },
  mbpp: { k: 1, words: true, cpuSeconds: 10 },
  re2: { k: 1, words: true, cpuSeconds: 10 },
  humaneval: { k: 1, words: true, cpuSeconds: 10 },
};

/** The tasks of a set, in the order of its file, or undefined where the folder has no such file. */
export async function readSet(set: SetName, folder: string): Promise<readonly BenchTask[] | undefined> {
  if (set === "own") return loadTasks();
  let text: string;
  try {
    text = await readFile(join(folder, `${set}.jsonl`), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as BenchTask);
}

const MBPP_FIRST_TRAINED = 601;
const RE2_TRAINED_BELOW = 80;

/** Whether the id may be reported: nothing is ever trained on it (generation.md §17). */
export function isUntouched(set: SetName, id: string): boolean {
  if (set === "mbpp") return Number(id.slice(id.lastIndexOf("/") + 1)) < MBPP_FIRST_TRAINED;
  return set !== "re2" || hashOf(id) % 100 >= RE2_TRAINED_BELOW;
}

/** At most `count` tasks, chosen by the hash of their ids, hence the same ones in every run. */
export function sampleOf<T extends { readonly id: string }>(
  tasks: readonly T[],
  count: number,
): readonly T[] {
  if (count >= tasks.length) return tasks;
  const byHash = [...tasks].sort((a, b) => hashOf(a.id) - hashOf(b.id) || (a.id < b.id ? -1 : 1));
  const chosen = new Set(byHash.slice(0, count).map((task) => task.id));
  return tasks.filter((task) => chosen.has(task.id));
}

function hashOf(id: string): number {
  return createHash("sha256").update(id, "utf8").digest().readUInt32BE(0);
}

/** The cases that are shown and those that judge; where all are shown they judge as well. */
export function splitCases(
  task: BenchTask,
  k: number,
): { readonly shown: readonly TaskCase[]; readonly judging: readonly TaskCase[] } {
  const count = Math.min(task.visible ?? k, task.cases.length);
  const shown = task.cases.slice(0, count);
  const judging = task.cases.slice(count);
  return { shown, judging: judging.length > 0 ? judging : shown };
}
