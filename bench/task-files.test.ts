import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type BenchTask, isUntouched, readSet, sampleOf, splitCases } from "./task-files.ts";

const task: BenchTask = {
  id: "t/1",
  text: "",
  params: [{ name: "n", type: "int" }],
  returns: "int",
  cases: [1, 2, 3, 4].map((n) => ({ inputs: [n], output: n })),
};

describe("readSet", () => {
  it("reads one task a line and says nothing of a set that is absent", async () => {
    const folder = await mkdtemp(join(tmpdir(), "anrf-bench-"));
    try {
      await writeFile(
        join(folder, "mbpp.jsonl"),
        `${JSON.stringify(task)}\n\n${JSON.stringify({ ...task, id: "t/2" })}\n`,
      );
      expect((await readSet("mbpp", folder))?.map((t) => t.id)).toEqual(["t/1", "t/2"]);
      expect(await readSet("re2", folder)).toBeUndefined();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("reads the own tasks from the repository, whatever the folder", async () => {
    expect((await readSet("own", "/nowhere"))?.length).toBeGreaterThan(100);
  });
});

describe("splitCases", () => {
  it.each<[string, number | undefined, number, number, number]>([
    ["the first k are shown, the others judge", undefined, 1, 1, 3],
    ["the task's own count wins", 3, 1, 3, 1],
    ["where all are shown all judge", 4, 1, 4, 4],
    ["without examples all judge", undefined, 0, 0, 4],
    ["k beyond the cases shows all", undefined, 9, 4, 4],
  ])("%s", (_, visible, k, shown, judging) => {
    const split = splitCases(visible === undefined ? task : { ...task, visible }, k);
    expect(split.shown.length).toBe(shown);
    expect(split.judging.length).toBe(judging);
    expect(split.judging.at(-1)).toBe(task.cases.at(-1));
  });
});

describe("sampleOf", () => {
  const tasks = Array.from({ length: 50 }, (_, i) => ({ id: `x/${i}` }));

  it("keeps the order, and a smaller sample is part of a larger one", () => {
    const ten = sampleOf(tasks, 10).map((t) => t.id);
    const twenty = sampleOf(tasks, 20).map((t) => t.id);
    expect(ten.length).toBe(10);
    expect(twenty.filter((id) => ten.includes(id))).toEqual(ten);
    expect(tasks.map((t) => t.id).filter((id) => ten.includes(id))).toEqual(ten);
  });

  it("does not depend on the order of the tasks", () => {
    const ids = new Set(sampleOf(tasks, 10).map((t) => t.id));
    expect(new Set(sampleOf([...tasks].reverse(), 10).map((t) => t.id))).toEqual(ids);
  });
});

describe("isUntouched", () => {
  it("leaves out what training may use", () => {
    expect(isUntouched("mbpp", "MBPP/600")).toBe(true);
    expect(isUntouched("mbpp", "MBPP/601")).toBe(false);
    expect(isUntouched("own", "numbers/next-even")).toBe(true);
    const kept = Array.from({ length: 1000 }, (_, i) => isUntouched("re2", `re2/${i}`)).filter(
      Boolean,
    ).length;
    expect(kept).toBeGreaterThan(150);
    expect(kept).toBeLessThan(250);
  });
});
