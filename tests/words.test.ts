import { describe, expect, it } from "vitest";
import { planProgram } from "#anrf/interpret/plan.ts";
import { openProgram } from "#anrf/program/program.ts";
import { CHECKS } from "#anrf/verify/verify.ts";
import { ask, runPlain } from "../bench/ask.ts";
import { readTable, scorerWeights } from "../services/generation/confidence.ts";
import { type SolveEnd, solve, textOf } from "../services/generation/solve.ts";

/** What somebody asks for: the first cases are shown, the others judge. */
interface Asked {
  readonly text: string;
  readonly params: readonly string[];
  readonly returns: string;
  readonly shown: readonly (readonly unknown[])[];
  /** The last of each is what comes out. */
  readonly judging: readonly (readonly unknown[])[];
}

/** Far fewer than any profile allows: the words have to lead. */
const PROGRAMS = 20_000;

const ALL: readonly Asked[] = [
  {
    text: "What does a letter cost? Up to 20 grams it is 80 cents, up to 50 grams 95 and above that 160.",
    params: ["weight: int"],
    returns: "int",
    shown: [
      [10, 80],
      [40, 95],
      [90, 160],
    ],
    judging: [
      [20, 80],
      [21, 95],
      [50, 95],
      [51, 160],
    ],
  },
  {
    text: "Membership costs 30 per month. Members under 18 and those over 64 pay 20 per month.",
    params: ["age: int", "months: int"],
    returns: "int",
    shown: [
      [30, 2, 60],
      [15, 3, 60],
      [70, 1, 20],
    ],
    judging: [
      [18, 4, 120],
      [64, 5, 150],
      [65, 6, 120],
      [17, 7, 140],
    ],
  },
  {
    text: "Call everybody under 13 'child', from 13 to 19 'teen' and otherwise 'adult'.",
    params: ["age: int"],
    returns: "string",
    shown: [
      [5, "child"],
      [15, "teen"],
      [40, "adult"],
    ],
    judging: [
      [12, "child"],
      [13, "teen"],
      [19, "teen"],
      [20, "adult"],
    ],
  },
  {
    text: "A user name is valid when it has 3 to 12 characters and consists only of letters and digits.",
    params: ["name: string"],
    returns: "bool",
    shown: [
      ["bob7", true],
      ["a", false],
      ["bad name", false],
    ],
    judging: [
      ["abc", true],
      ["ab", false],
      ["abcdefghijkl", true],
      ["abcdefghijklm", false],
      ["x_y_z", false],
    ],
  },
  {
    text: "The code has two capital letters followed by three digits.",
    params: ["code: string"],
    returns: "bool",
    shown: [
      ["AB123", true],
      ["A1123", false],
      ["AB12", false],
    ],
    judging: [
      ["ab123", false],
      ["AB1234", false],
      ["ZZ999", true],
      ["AB12C", false],
    ],
  },
  {
    text: "Rows are (name, department, salary). What is the highest salary in the given department, or 0 if nobody works there?",
    params: ["staff: list<(string, string, int)>", "department: string"],
    returns: "int",
    shown: [
      [
        [
          ["ann", "it", 50],
          ["bob", "hr", 40],
          ["cid", "it", 70],
        ],
        "it",
        70,
      ],
      [[["ann", "it", 50]], "hr", 0],
    ],
    judging: [
      [
        [
          ["a", "x", 10],
          ["b", "y", 90],
          ["c", "x", 30],
        ],
        "x",
        30,
      ],
      [[], "x", 0],
    ],
  },
  {
    text: "Sort the words by their length, longest first; words of the same length stand in alphabetical order.",
    params: ["words: list<string>"],
    returns: "list<string>",
    shown: [
      [
        ["pear", "fig", "apple", "kiwi"],
        ["apple", "kiwi", "pear", "fig"],
      ],
      [
        ["b", "a", "cc"],
        ["cc", "a", "b"],
      ],
    ],
    judging: [
      [
        ["zz", "aa", "ccc", "bbb", "d"],
        ["bbb", "ccc", "aa", "zz", "d"],
      ],
    ],
  },
  {
    text: "How many percent of the scores are at least 50? Round down, and give 0 for an empty list.",
    params: ["scores: list<int>"],
    returns: "int",
    shown: [
      [[50, 40, 90], 66],
      [[], 0],
      [[10, 20], 0],
    ],
    judging: [
      [[99], 100],
      [[49, 50], 50],
      [[50, 51, 52, 1, 2, 3, 4], 42],
    ],
  },
  {
    text: "Insurance costs 400 a year, 200 more for drivers under 25 and 100 more for each accident.",
    params: ["age: int", "accidents: int"],
    returns: "int",
    shown: [
      [30, 0, 400],
      [20, 0, 600],
      [30, 2, 600],
    ],
    judging: [
      [24, 1, 700],
      [25, 3, 700],
    ],
  },
];

function programFor({ text, params, returns, shown }: Asked) {
  const named = params.map((param) => {
    const [name = "", type = ""] = param.split(/: (.*)/u);
    return { name, type };
  });
  const cases = shown.map((row) => ({ inputs: row.slice(0, -1), output: row.at(-1) }));
  const asked = ask({ text, params: named, returns, shown: cases });
  if (asked === undefined) throw new Error(`${text} could not be asked`);
  const settings = {
    seed: 1n,
    programs: PROGRAMS,
    memoryBytes: 2 ** 28,
    candidates: 8,
    checks: CHECKS,
    weights: scorerWeights(readTable()),
  };
  let end: SolveEnd | undefined;
  for (const event of solve(asked.synth, asked.source, settings, () => undefined)) {
    if (event.kind === "end") end = event;
  }
  return { best: end?.ranked[0]?.judged, synth: asked.synth };
}

describe("words", () => {
  it.each(ALL)(
    "lead to a program that is right beyond the examples: $text",
    (asked) => {
      const { best, synth } = programFor(asked);
      if (best === undefined) throw new Error("no program was found");
      const plan = planProgram(openProgram(best.built.module), "off");
      for (const row of asked.judging) {
        const ran = runPlain(plan, row.slice(0, -1), synth.params, synth.result);
        expect(ran, `${textOf(best)} on ${JSON.stringify(row)}`).toEqual({ output: row.at(-1) });
      }
    },
    60_000,
  );
});
