import { describe, expect, it } from "vitest";
import { parseType } from "#anrf/program/type-text.ts";
import { loadTasks, type OwnTask, problemOf } from "./load-tasks.ts";
import { partOf } from "./split.ts";

const tasks = await loadTasks();

const DOMAINS = [
  "business-rules",
  "dates-and-time",
  "geometry-and-statistics",
  "lists",
  "maps",
  "numbers",
  "records-and-tables",
  "strings",
  "text-parsing",
  "validation",
];

const good: OwnTask = {
  id: "numbers/same",
  domain: "numbers",
  text: "Give the number back.",
  params: [{ name: "n", type: "int" }],
  returns: "int",
  visible: 1,
  cases: [{ inputs: [1], output: 1 }],
  solution: "fn same(n: int) -> int {\n  n\n}\n",
  nodes: 1,
};

describe("problemOf", () => {
  it("accepts a task of the promised form", () => {
    expect(problemOf(good)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ["no object", [good], "it is not an object"],
    ["an empty text", { ...good, text: "" }, '"text" is not a text'],
    ["no visible case", { ...good, visible: 0 }, '"visible" is not a positive int'],
    [
      "a parameter without type",
      { ...good, params: [{ name: "n" }] },
      '"params" is not a list of {name, type}',
    ],
    ["a case with too many inputs", { ...good, cases: [{ inputs: [1, 2], output: 1 }] }, "case 0 is not"],
    ["a case without output", { ...good, cases: [...good.cases, { inputs: [1] }] }, "case 1 is not"],
  ])("refuses %s", (_, raw, problem) => {
    expect(problemOf(raw)).toContain(problem);
  });
});

describe("the own tasks", () => {
  it("are at least 120, ten or more in each of ten domains", () => {
    const counts = new Map<string, number>();
    for (const task of tasks) counts.set(task.domain, (counts.get(task.domain) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual(DOMAINS);
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(10);
    expect(tasks.length).toBeGreaterThanOrEqual(120);
  });

  it("have an id of their own that begins with their domain", () => {
    expect(new Set(tasks.map((task) => task.id)).size).toBe(tasks.length);
    expect(tasks.filter((task) => !task.id.startsWith(`${task.domain}/`))).toEqual([]);
  });

  it("have at most 25 reference answers of four nodes or fewer", () => {
    expect(tasks.filter((task) => task.nodes <= 4).length).toBeLessThanOrEqual(25);
  });

  it("have a fifth or more in each part of the split", () => {
    for (const part of ["tune", "calibrate", "report"]) {
      const share = tasks.filter((task) => partOf(task.id) === part).length / tasks.length;
      expect(share, part).toBeGreaterThan(0.2);
    }
  });

  it.each(tasks.map((task) => [task.id, task] as const))(
    "%s shows 1 to 3 cases, judges by ten or more, each with other inputs, and its types parse",
    (_, task) => {
      expect(task.visible).toBeLessThanOrEqual(3);
      expect(task.cases.length - task.visible).toBeGreaterThanOrEqual(10);
      expect(new Set(task.cases.map((c) => JSON.stringify(c.inputs))).size).toBe(task.cases.length);
      for (const text of [...task.params.map((p) => p.type), task.returns]) {
        const type = parseType(text);
        expect(type).not.toHaveProperty("error");
        expect(text).toBe("text" in type ? type.text : undefined);
        expect(text).not.toMatch(/decimal|date|unit|->/);
      }
    },
  );
});
