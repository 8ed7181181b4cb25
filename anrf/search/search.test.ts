import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import type { FunctionExpr } from "#anrf/build/expr.ts";
import { check, isSound } from "#anrf/check/check.ts";
import { runProgram } from "#anrf/interpret/interpret.ts";
import { openProgram } from "#anrf/program/program.ts";
import { INT, type Type } from "#anrf/program/type.ts";
import { readType } from "#anrf/program/type-text.ts";
import { equalValues, Some, SortedMap, type Value } from "#anrf/program/value.ts";
import { call, callOf, int, ref } from "./express.ts";
import { type CandidateEvent, type SearchEvent, type SearchTask, search } from "./search.ts";

function typeOf(text: string): Type {
  const reading = readType(text, 0);
  if ("error" in reading) throw new Error(`cannot read the type ${text}: ${reading.error}`);
  return reading.type;
}

type Row = readonly [args: readonly Value[], result: Value];

function taskOf(
  params: string,
  result: string,
  rows: readonly Row[],
  more: Partial<SearchTask> = {},
): SearchTask {
  const types = params === "" ? [] : params.split("; ").map(typeOf);
  return {
    signature: { params: types.map((type, i) => ({ name: `p${i}`, type })), result: typeOf(result) },
    examples: rows.map(([args, output]) => ({ args, result: output })),
    hints: [],
    constants: [],
    seed: 7,
    limits: { programs: 400_000, memoryBytes: 2 ** 29 },
    ...more,
  };
}

/** n squared, plus one. */
const UP: FunctionExpr = (() => {
  const n = { name: "n", type: INT };
  return {
    name: "up",
    params: [n],
    result: INT,
    body: call("int.add", [call("int.mul", [ref(n), ref(n)]), int(1)]),
  };
})();

function candidatesOf(task: SearchTask): CandidateEvent[] {
  return [...search(task)].filter((event) => event.kind === "candidate");
}

function best(found: readonly CandidateEvent[]): CandidateEvent {
  const [first] = [...found].sort(
    (a, b) => Number(a.overfitRisk) - Number(b.overfitRisk) || a.score - b.score,
  );
  if (first === undefined) throw new Error("no candidate");
  return first;
}

/** Runs by the interpreter, after the checker has agreed. */
function run(fn: FunctionExpr, args: readonly Value[]): Value | undefined {
  const built = buildProgram({ entry: fn.name, functions: [fn] });
  expect(check(built.module).filter((one) => !isSound([one]))).toEqual([]);
  return runProgram(openProgram(built.module), args).value;
}

const SOLVED: readonly (readonly [
  name: string,
  params: string,
  result: string,
  shown: readonly Row[],
  hidden: readonly Row[],
])[] = [
  [
    "an offset",
    "int",
    "int",
    [
      [[3], 5],
      [[10], 12],
      [[-4], -2],
    ],
    [[[100], 102]],
  ],
  [
    "even ones squared",
    "list<int>",
    "list<int>",
    [
      [[[1, 2, 3, 4]], [4, 16]],
      [[[6, 7]], [36]],
      [[[5]], []],
      [[[8, 2]], [64, 4]],
    ],
    [[[[10, 11]], [100]]],
  ],
  [
    "a sum above a limit",
    "list<int>; int",
    "int",
    [
      [[[1, 5, 9], 4], 14],
      [[[2, 3], 10], 0],
      [[[7, 8, 1], 1], 15],
      [[[3, 3, 4], 3], 4],
    ],
    [[[[20, 1], 5], 20]],
  ],
  [
    "two words turned round",
    "string",
    "string",
    [
      [["ab cd"], "cd, ab"],
      [["long short"], "short, long"],
      [["x yz"], "yz, x"],
    ],
    [[["one two"], "two, one"]],
  ],
  [
    "a loud tail",
    "string",
    "string",
    [
      [["say hi"], "HI!"],
      [["go on"], "ON!"],
      [["not me"], "ME!"],
    ],
    [[["be you"], "YOU!"]],
  ],
  [
    "constants around a list",
    "list<int>",
    "list<int>",
    [
      [[[1, 2]], [9, 1, 2, 4]],
      [[[]], [9, 4]],
      [[[5, 6, 7]], [9, 5, 6, 7, 4]],
    ],
    [[[[8]], [9, 8, 4]]],
  ],
  [
    "a count by key",
    "list<string>",
    "map<string, int>",
    [
      [
        [["a", "b", "a"]],
        SortedMap.fromEntries([
          ["a", 2],
          ["b", 1],
        ]),
      ],
      [[["x"]], SortedMap.fromEntries([["x", 1]])],
    ],
    [],
  ],
  [
    "the largest if any",
    "list<int>",
    "option<int>",
    [
      [[[3, 9, 2]], new Some(9)],
      [[[]], null],
      [[[4]], new Some(4)],
    ],
    [[[[1, 2]], new Some(2)]],
  ],
  [
    "both ends",
    "list<int>",
    "(int, int)",
    [
      [[[3, 9, 2]], [3, 2]],
      [[[5]], [5, 5]],
      [[[1, 4]], [1, 4]],
    ],
    [[[[7, 0, 8]], [7, 8]]],
  ],
  [
    "a sign by branches",
    "int",
    "string",
    [
      [[5], "up"],
      [[-3], "down"],
      [[12], "up"],
      [[-40], "down"],
      [[1], "up"],
      [[-1], "down"],
    ],
    [
      [[77], "up"],
      [[-9], "down"],
    ],
  ],
  [
    "a float formula",
    "float; float",
    "float",
    [
      [[2, 3], 10],
      [[1, 4], 10],
      [[0.5, 2], 5],
    ],
    [[[3, 3], 12]],
  ],
];

describe("search", () => {
  it.each(SOLVED)("finds %s", (_, params, result, shown, hidden) => {
    const { fn } = best(candidatesOf(taskOf(params, result, shown)));
    for (const [args, output] of [...shown, ...hidden]) {
      const found = run(fn, args);
      expect(found !== undefined && equalValues(found, output)).toBe(true);
    }
  });

  it("gives the same events for the same task and seed", () => {
    const task = taskOf("list<int>", "int", [
      [[[4, 1, 3]], 3],
      [[[2]], 1],
    ]);
    const withoutLocals = (event: SearchEvent): string => JSON.stringify(event);
    const first = [...search(task)].map(withoutLocals);
    expect([...search(task)].map(withoutLocals)).toEqual(first);
    expect(first.length).toBeGreaterThan(3);
  });

  it("offers candidates that differ where few examples are shown", () => {
    const found = candidatesOf(taskOf("list<int>", "int", [[[[4, 1, 3]], 3]]));
    const outputs = new Set(found.map((one) => JSON.stringify(run(one.fn, [[5, 6, 7, 8]]) ?? null)));
    expect(outputs.size).toBeGreaterThan(2);
  });

  it("asks stop after every 1,000 terms and ends with its reason", () => {
    let asked = 0;
    const task = taskOf("list<int>", "list<int>", [
      [[[4, 1, 3]], [99, 98, 1234]],
      [[[2]], [77]],
      [[[1]], [5, 5, 5, 1]],
    ]);
    const events = [...search(task, { stop: () => (++asked === 5 ? "CANCELLED" : undefined) })];
    const end = events.at(-1);
    expect(end?.kind === "end" && end.reason).toBe("CANCELLED");
    expect(end?.kind === "end" && end.evaluated).toBeLessThanOrEqual(6_000);
  });

  it("ends by the number of programs, and by memory", () => {
    const rows: readonly Row[] = [
      [[[4, 1, 3]], [99, 98, 1234]],
      [[[2]], [77]],
      [[[1]], [5, 5, 5, 1]],
    ];
    const byWork = [
      ...search(
        taskOf("list<int>", "list<int>", rows, { limits: { programs: 20_000, memoryBytes: 2 ** 30 } }),
      ),
    ].at(-1);
    expect(byWork).toMatchObject({ kind: "end", reason: "WORK" });
    const byMemory = [
      ...search(
        taskOf("list<int>", "list<int>", rows, { limits: { programs: 10 ** 8, memoryBytes: 2 ** 21 } }),
      ),
    ].at(-1);
    expect(byMemory).toMatchObject({ kind: "end", reason: "MEMORY" });
  });

  it("flags branches that only memorise", () => {
    const rows: readonly Row[] = [
      [[31], "qa"],
      [[77], "zu"],
      [[12], "mo"],
    ];
    const found = candidatesOf(
      taskOf("int", "string", rows, { limits: { programs: 30_000, memoryBytes: 2 ** 29 } }),
    );
    for (const one of found) expect(one.leaves === 1 || one.overfitRisk).toBe(true);
  });

  it("follows words where examples leave a choice", () => {
    const rows: readonly Row[] = [[[[2, 2]], 4]];
    const led = best(
      candidatesOf(
        taskOf("list<int>", "int", rows, {
          hints: [
            { builtin: "list.product_int", weight: 1, group: 0 },
            { builtin: "int.mul", weight: 0.5, group: 0 },
          ],
        }),
      ),
    );
    expect(run(led.fn, [[3, 4, 5]])).toBe(60);
    const other = best(
      candidatesOf(
        taskOf("list<int>", "int", rows, {
          hints: [
            { builtin: "list.sum_int", weight: 1, group: 0 },
            { builtin: "int.add", weight: 0.5, group: 0 },
          ],
        }),
      ),
    );
    expect(run(other.fn, [[3, 4, 5]])).toBe(12);
  });

  it("offers typed programs without any example", () => {
    const found = candidatesOf(
      taskOf("list<int>", "int", [], {
        hints: [
          { builtin: "list.sum_int", weight: 1 },
          { builtin: "list.filter", weight: 0.2 },
        ],
      }),
    );
    expect(found.length).toBeGreaterThan(0);
    expect(run(best(found).fn, [[3, 4]])).toBe(7);
  });
});

describe("functions that a search may call", () => {
  const says = new Map([["up", 0.5]]);
  const rows = [[[[1, 2, 3]], [2, 5, 10]]] as const satisfies readonly Row[];

  it("stand inside lambdas, and the program names what it calls", () => {
    const first = best(
      candidatesOf(taskOf("list<int>", "list<int>", rows, { functions: [{ fn: UP, bits: 0, says }] })),
    );
    expect(first.callees).toEqual([UP]);
    expect(first.named).toBe(0.5);
    const built = buildProgram({ entry: first.fn.name, functions: [...first.callees, first.fn] });
    expect(runProgram(openProgram(built.module), [[4]]).value).toEqual([17]);
  });

  it("take the place of a body that is nothing but the call", () => {
    const params = [{ name: "p0", type: INT }];
    const body = callOf(UP, [ref(params[0] ?? { name: "", type: INT })]);
    const found = candidatesOf(
      taskOf("int", "int", [[[3], 10]], {
        functions: [{ fn: UP, bits: undefined, says }],
        fragments: [{ params, body, bits: 0 }],
      }),
    );
    expect(found[0]?.callees).toEqual([]);
    expect(found[0]?.named).toBe(0.5);
    expect(found[0] && run(found[0].fn, [5])).toBe(26);
  });

  it("count against a program that leaves them out, unless it spells them out", () => {
    const functions = [{ fn: UP, bits: 0, says }];
    const rows = [[[1], 2]] as const satisfies readonly Row[];
    const cheapest = (more: Partial<SearchTask>): CandidateEvent | undefined =>
      candidatesOf(taskOf("int", "int", rows, more)).find((one) => one.named === 0);
    const alone = cheapest({});
    const beside = cheapest({ functions });
    expect(beside?.fn.body).toEqual(alone?.fn.body);
    // Half of seven bits, which one example counts in full.
    expect((beside?.score ?? 0) - (alone?.score ?? 0)).toBeCloseTo(3.5);
  });
});
