import { parseArgs } from "node:util";
import type { StructuredIntent } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { isUnsure, typeHints } from "../../services/generation/model/hints.ts";
import { readTask } from "../../services/generation/task.ts";
import { hasTypesOf, tasksOf, understood } from "../intent.ts";
import { sampleOf } from "../task-files.ts";
import { openModel } from "./open-model.ts";

const USAGE = "usage: npm run bench -- hints FILE.gguf [--sample N]";
/** As a generation gives it. */
const TOKENS = 2_048;

/**
 * How often a model's types are right where the words alone leave a part of the signature to a default: beside the
 * analysis, on a hash sample of mbpp's tasks. Prints counts only, never a task's content.
 */
export async function hintsBench(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { sample: { type: "string", default: "100" } },
    allowPositionals: true,
  });
  const [file] = positionals;
  if (file === undefined || !/^[1-9][0-9]*$/u.test(values.sample)) {
    console.error(USAGE);
    return 2;
  }
  const tasks = sampleOf(await tasksOf("mbpp"), Number(values.sample));
  const counts = {
    sure: 0,
    sureRight: 0,
    asked: 0,
    defaultsRight: 0,
    given: 0,
    before: 0,
    numberRight: 0,
    right: 0,
  };
  const start = performance.now();
  await using model = await openModel({ file, backend: "cpu" });
  const { inference, call, name, digest, weights } = model;
  for (const task of tasks) {
    const intent = understood(task, 0);
    const asked = intent && askedOf(intent);
    if (asked === undefined) {
      counts.sure += 1;
      if (hasTypesOf(task, intent?.signature)) counts.sureRight += 1;
      continue;
    }
    counts.asked += 1;
    if (hasTypesOf(task, intent?.signature)) counts.defaultsRight += 1;
    const hints = await typeHints(task.text, asked, {
      model: { name, digest, weights },
      tokens: TOKENS,
      infer: (request, signal) =>
        inference.infer(request, { ...call, signal, deadline: Date.now() + 600_000 }),
      signal: new AbortController().signal,
    });
    if (hints === undefined) continue;
    counts.given += 1;
    if (hasTypesOf(task, intent?.signature)) counts.before += 1;
    if (hints.signature.params.length === task.params.length) counts.numberRight += 1;
    if (hasTypesOf(task, hints.signature)) counts.right += 1;
  }
  const { sure, sureRight, asked, defaultsRight, given, before, numberRight, right } = counts;
  console.log(
    `mbpp, words alone, ${tasks.length} tasks: no model is asked for ${sure}, of which the analysis has ${sureRight} right; ` +
      `a part of the signature is a default for ${asked}, right for ${defaultsRight}`,
  );
  console.log(
    `of those ${asked} ${name} gives types for ${given}: right ${right}, by the analysis ${before}; ` +
      `number of parameters right ${numberRight}; ` +
      `${((performance.now() - start) / 1000).toFixed(0)} s in all`,
  );
  return 0;
}

/** The name of the function whose head the platform would ask a model for; undefined where it asks for none. */
function askedOf(intent: StructuredIntent): string | undefined {
  return isUnsure(intent) ? readTask(intent, intent.constraints).task?.name : undefined;
}
