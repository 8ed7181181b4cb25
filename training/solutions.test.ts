import { describe, expect, it } from "vitest";
import { interpret } from "#anrf/interpret/interpret.ts";
import { planProgram } from "#anrf/interpret/plan.ts";
import { openProgram } from "#anrf/program/program.ts";
import { jsonFromPlain, jsonToPlain } from "#anrf/program/proto-json.ts";
import { argsFromJson, valueToJson } from "#anrf/program/value-json.ts";
import { parse } from "#anrf/text/parse.ts";
import { sameOutput } from "../bench/judge.ts";
import { loadTasks, type OwnTask } from "./load-tasks.ts";

const tasks = await loadTasks();

/** The reference answer's program, or the diagnostics that stand against it. */
function programOf(task: OwnTask) {
  const parsed = parse(task.solution);
  if (parsed.ok) return openProgram(parsed.program.module);
  throw new Error(parsed.diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n"));
}

describe("the reference answers", () => {
  it.each(tasks.map((task) => [task.id, task] as const))("%s gives every output", (_, task) => {
    const program = programOf(task);
    const { entry } = program;
    const types = entry.params;
    expect(types.map((type) => type.text)).toEqual(task.params.map((param) => param.type));
    expect(entry.nodes.length).toBe(task.nodes);
    const plan = planProgram(program);
    const params = task.params.map(({ name }, index) => ({ name, type: types[index] ?? entry.result }));
    for (const { inputs, output } of task.cases) {
      const json = jsonFromPlain(inputs as Parameters<typeof jsonFromPlain>[0]);
      const { args, problem } = argsFromJson(json ?? null, params);
      if (args === undefined) throw new Error(`${problem.path}: ${problem.message}`);
      const outcome = interpret(plan, args);
      if (outcome.trap !== undefined)
        throw new Error(`${JSON.stringify(inputs)} traps: ${outcome.trap.message}`);
      const written = valueToJson(outcome.value, entry.result);
      const found = written.problem === undefined ? jsonToPlain(written.json) : undefined;
      const isSame = sameOutput(entry.result, output, found);
      expect(isSame, `${JSON.stringify(inputs)} gives ${JSON.stringify(found)}`).toBe(true);
    }
  });
});
