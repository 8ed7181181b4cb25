import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One example of a task: JSON values by anrf.md §6, led by the task's types. */
export interface TaskCase {
  readonly inputs: readonly unknown[];
  readonly output: unknown;
}

/** One synthesis task of the project's own, as its file says it. */
export interface OwnTask {
  readonly id: string;
  readonly domain: string;
  readonly text: string;
  readonly params: readonly { readonly name: string; readonly type: string }[];
  readonly returns: string;
  /** How many leading cases may be shown; the others judge. */
  readonly visible: number;
  readonly cases: readonly TaskCase[];
  /** A reference answer: one `fn` of ANRF text. */
  readonly solution: string;
  /** Nodes of the reference answer. */
  readonly nodes: number;
}

const FOLDER = join(import.meta.dirname, "tasks");

/** Every own task, ordered by id. Throws with the file's name where a file does not have the promised form. */
export async function loadTasks(folder: string = FOLDER): Promise<readonly OwnTask[]> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".json"));
  const tasks = await Promise.all(files.map((name) => loadTask(folder, name)));
  return tasks.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function loadTask(folder: string, name: string): Promise<OwnTask> {
  const raw: unknown = JSON.parse(await readFile(join(folder, name), "utf8"));
  const problem = problemOf(raw);
  if (problem !== undefined) throw new Error(`could not read the task ${name}: ${problem}`);
  const task = raw as OwnTask;
  const expected = `${task.id}.json`;
  if (name.replaceAll("\\", "/") !== expected) {
    throw new Error(`could not read the task ${name}: its id says that it is ${expected}`);
  }
  return task;
}

/** What is wrong with the form of a task, or undefined. */
export function problemOf(raw: unknown): string | undefined {
  if (!isObject(raw)) return "it is not an object";
  for (const key of ["id", "domain", "text", "returns", "solution"]) {
    const value = raw[key];
    if (typeof value !== "string" || value === "") return `"${key}" is not a text`;
  }
  for (const key of ["visible", "nodes"]) {
    const value = raw[key];
    if (!Number.isSafeInteger(value) || Number(value) < 1) return `"${key}" is not a positive int`;
  }
  const params = raw["params"];
  if (!Array.isArray(params) || !params.every(isParam)) return '"params" is not a list of {name, type}';
  const cases = raw["cases"];
  if (!Array.isArray(cases)) return '"cases" is not a list';
  const bad = cases.findIndex((item) => !isCase(item, params.length));
  return bad < 0 ? undefined : `case ${bad} is not {inputs, output} with ${params.length} inputs`;
}

function isObject(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}

function isParam(raw: unknown): boolean {
  return isObject(raw) && typeof raw["name"] === "string" && typeof raw["type"] === "string";
}

function isCase(raw: unknown, arity: number): boolean {
  return isObject(raw) && "output" in raw && Array.isArray(raw["inputs"]) && raw["inputs"].length === arity;
}
