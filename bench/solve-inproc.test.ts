import { describe, expect, it } from "vitest";
import type { ShownTask } from "./solve.ts";
import { inprocSolver } from "./solve-inproc.ts";

const task: ShownTask = {
  id: "t",
  text: "Add up the numbers and double the total.",
  params: [{ name: "xs", type: "list<int>" }],
  returns: "int",
  shown: [
    { inputs: [[1, 2]], output: 6 },
    { inputs: [[5, 0, 4]], output: 18 },
  ],
  seed: 1,
  cpuSeconds: 10,
};

describe("inprocSolver", () => {
  it("finds a program and runs it on inputs that it never saw", async () => {
    await using solver = inprocSolver();
    const solved = await solver.solve(task);
    expect(solved.outcome).toBe("ACCEPTED");
    expect(solved.evaluated).toBeGreaterThan(0);
    const [best] = solved.ranked;
    expect(best?.digest).toMatch(/^anrf1:[0-9a-f]{64}$/);
    expect(await best?.run([[[10, 20, 30]], [[]]])).toEqual([{ output: 120 }, { output: 0 }]);
  });

  it("names the trap of a run that has none", async () => {
    await using solver = inprocSolver();
    const first = {
      ...task,
      text: "The first number.",
      shown: [
        { inputs: [[7, 2]], output: 7 },
        { inputs: [[3, 9, 1]], output: 3 },
      ],
    };
    const { ranked } = await solver.solve(first);
    const runs = await Promise.all(ranked.map((found) => found.run([[[]], [[4, 5]]])));
    expect(
      runs.some(
        ([empty, full]) => empty !== undefined && "trap" in empty && full !== undefined && "output" in full,
      ),
    ).toBe(true);
  });
});
