import { join } from "node:path";
import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type Example, ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import type { Signature } from "#gen/anrf/api/v1/signature_pb.ts";
import type { StructuredIntent } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { analyze } from "../services/intent/analyze.ts";
import { type BenchTask, isUntouched, readSet, type SetName } from "./task-files.ts";

const FOLDER = process.env["ANRF_TASKS"] ?? join(import.meta.dirname, "../../shared/data/tasks");

/**
 * How well intents are understood: signatures right from words and k examples, doctests found, spans that read back.
 * Prints counts only, never a task's content; without the task files it says "skipped".
 */
export async function intentBench(_args: readonly string[]): Promise<number> {
  await signatures("mbpp", 1);
  await signatures("mbpp", 0);
  await signatures("humaneval", 1);
  await signatures("re2", 0);
  await doctests();
  await spans();
  return 0;
}

/** The tasks of a public set that nothing is trained on; none where its file is not there, which is said. */
export async function tasksOf(set: SetName): Promise<readonly BenchTask[]> {
  const tasks = await readSet(set, FOLDER);
  if (tasks === undefined) console.log(`${set}: skipped, ${FOLDER}/${set}.jsonl is not there`);
  return (tasks ?? []).filter((task) => isUntouched(set, task.id));
}

function exampleOf(one: BenchTask["cases"][number]): Example {
  return create(ExampleSchema, {
    inputs: fromJson(ValueSchema, one.inputs as JsonValue),
    expected: { case: "output", value: fromJson(ValueSchema, one.output as JsonValue) },
  });
}

/** What the analysis makes of the words and the first k cases; undefined where it refuses. */
export function understood(task: BenchTask, k: number): StructuredIntent | undefined {
  try {
    return analyze(task.text, { examples: task.cases.slice(0, k).map(exampleOf) });
  } catch {
    // A task without words and examples is refused.
    return undefined;
  }
}

/** Whether a signature has the task's types, names apart. */
export function hasTypesOf(task: BenchTask, found: Signature | undefined): boolean {
  const types = found?.params.map(({ type }) => type).join();
  return found?.returns === task.returns && types === task.params.map(({ type }) => type).join();
}

async function signatures(set: SetName, k: number): Promise<void> {
  const tasks = await tasksOf(set);
  if (tasks.length === 0) return;
  const right = { all: 0, count: 0, result: 0 };
  const start = process.cpuUsage();
  for (const task of tasks) {
    const found = understood(task, k)?.signature;
    const types = found?.params.map((param) => param.type) ?? [];
    if (types.length === task.params.length) right.count += 1;
    if (found?.returns === task.returns) right.result += 1;
    if (hasTypesOf(task, found)) right.all += 1;
  }
  const used = process.cpuUsage(start);
  const ms = (used.user + used.system) / 1000 / tasks.length;
  const share = ((100 * right.all) / tasks.length).toFixed(1);
  console.log(
    `${set}, words and ${k} examples: signature right ${right.all} of ${tasks.length} (${share} %), ` +
      `number of parameters ${right.count}, result ${right.result}; ${ms.toFixed(2)} CPU ms a task`,
  );
}

/** A `>>>` line counts as found if an example starts right behind its prompt. */
async function doctests(): Promise<void> {
  const tasks = await tasksOf("humaneval");
  let prompts = 0;
  let found = 0;
  for (const task of tasks) {
    const points = [...task.text];
    const starts =
      understood(task, 0)?.examples.map((one) => points.slice(0, one.span?.start).join("")) ?? [];
    prompts += [...task.text.matchAll(/^\s*>>>/gmu)].length;
    found += starts.filter((before) => />>>\s*$/u.test(before)).length;
  }
  if (tasks.length > 0) console.log(`humaneval: doctests found ${found} of ${prompts}`);
}

/** The words of an example's span, analyzed alone, give the same inputs again. */
async function spans(): Promise<void> {
  let all = 0;
  let same = 0;
  for (const task of [...(await tasksOf("humaneval")), ...(await tasksOf("mbpp"))]) {
    const points = [...task.text];
    const intent = understood(task, 0);
    const signature = intent?.signature;
    for (const one of intent?.examples ?? []) {
      const words = points.slice(one.span?.start, one.span?.end).join("");
      const given = signature === undefined ? {} : { signature };
      all += 1;
      const again = analyze(/\n/u.test(words) ? `>>> ${words}` : words, given).examples[0];
      if (JSON.stringify(again?.inputs) === JSON.stringify(one.inputs)) same += 1;
    }
  }
  if (all > 0) console.log(`examples in texts: spans that read back ${same} of ${all}`);
}

if (import.meta.main) process.exitCode = await intentBench(process.argv.slice(2));
