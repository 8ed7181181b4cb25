import { describe, expect, it } from "vitest";
import type { TaskCase } from "../training/load-tasks.ts";
import { naive, naiveApplies } from "./naive.ts";

function solve(types: readonly string[], returns: string, cases: readonly TaskCase[], steps = 300_000) {
  let asked = 0;
  const params = types.map((type) => ({ type }));
  return naive(params, returns, cases, () => {
    asked += 256;
    return asked >= steps;
  });
}

describe("naive", () => {
  it.each<[string, readonly string[], string, readonly TaskCase[], readonly unknown[], unknown]>([
    ["an input as it is", ["string"], "string", [{ inputs: ["a"], output: "a" }], ["q"], "q"],
    [
      "the sum of a list times two",
      ["list<int>"],
      "int",
      [
        { inputs: [[1, 2]], output: 6 },
        { inputs: [[4]], output: 8 },
        { inputs: [[]], output: 0 },
      ],
      [[5, 5, 1]],
      22,
    ],
    [
      "the text before a comma, in capitals",
      ["string"],
      "string",
      [
        { inputs: ["ab,c"], output: "AB" },
        { inputs: ["x,yz"], output: "X" },
        { inputs: ["hello,w"], output: "HELLO" },
      ],
      ["one,two"],
      "ONE",
    ],
    [
      "the odd numbers, largest first",
      ["list<int>"],
      "list<int>",
      [
        { inputs: [[1, 2, 5, 3]], output: [5, 3, 1] },
        { inputs: [[9, 8, 11]], output: [11, 9] },
      ],
      [[4, 7, 13]],
      [13, 7],
    ],
  ])("finds %s", (_, types, returns, cases, inputs, output) => {
    const answer = solve(types, returns, cases);
    if (!("run" in answer)) throw new Error(`nothing found in ${answer.evaluated} terms`);
    expect(answer.run(inputs)).toEqual(output);
    for (const example of cases) expect(answer.run(example.inputs)).toEqual(example.output);
  });

  it("gives up when it is told to", () => {
    const answer = solve(
      ["int"],
      "int",
      [
        { inputs: [1], output: 7919 },
        { inputs: [2], output: 104729 },
      ],
      5000,
    );
    expect("run" in answer).toBe(false);
    expect(answer.evaluated).toBeGreaterThan(4000);
    expect(answer.evaluated).toBeLessThan(6000);
  });

  it("counts the nodes of what it found", () => {
    const answer = solve(["int"], "int", [
      { inputs: [3], output: 9 },
      { inputs: [5], output: 25 },
    ]);
    expect(answer).toMatchObject({ size: 3, text: "mul(x0, x0)" });
  });
});

describe("naiveApplies", () => {
  it("knows which signatures it has operators for", () => {
    expect(naiveApplies([{ type: "list<int>" }], "int")).toBe(true);
    expect(naiveApplies([{ type: "float" }], "int")).toBe(false);
    expect(naiveApplies([{ type: "int" }], "map<int, int>")).toBe(false);
    expect(naiveApplies([], "int")).toBe(false);
  });
});
