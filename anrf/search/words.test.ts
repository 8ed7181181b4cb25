import { describe, expect, it } from "vitest";
import type { Expr, Local } from "#anrf/build/expr.ts";
import { BOOL, INT, listOf, STRING } from "#anrf/program/type.ts";
import { runFunction } from "./evaluate.ts";
import { branch, call, int, lambda, ref } from "./express.ts";
import { type CandidateEvent, search } from "./search.ts";
import type { Fragment } from "./words.ts";

const hours: Local = { name: "hours", type: INT };
const night: Local = { name: "night", type: BOOL };

function candidates(fragments: readonly Fragment[], examples: readonly [number, boolean, number][]) {
  const found: CandidateEvent[] = [];
  const task = {
    signature: {
      params: [
        { name: "h", type: INT },
        { name: "at_night", type: BOOL },
      ],
      result: INT,
    },
    examples: examples.map(([h, n, result]) => ({ args: [h, n], result })),
    hints: [],
    constants: [],
    fragments,
    seed: 1,
    limits: { programs: 20_000, memoryBytes: 2 ** 26 },
  };
  for (const event of search(task)) if (event.kind === "candidate") found.push(event);
  return found;
}

const rate = branch(ref(night), int(23), int(17));
const pay: Fragment = { params: [hours, night], body: call("int.mul", [ref(hours), rate]), bits: 1 };
const part: Fragment = { params: [hours, night], body: rate, bits: 1 };

describe("fragments", () => {
  it("proposes a reading of the words as a whole before all else", () => {
    const [first] = candidates(
      [pay],
      [
        [2, false, 34],
        [3, true, 69],
      ],
    );
    expect(first?.origin).toBe("WORDS");
    expect(first?.fn.params.map((param) => param.name)).toEqual(["h", "at_night"]);
    expect(first && runFunction(first.fn, [10, true])).toBe(230);
  });

  it("makes a part a term that others are built on", () => {
    const found = candidates(
      [part],
      [
        [2, false, 34],
        [3, true, 69],
        [5, true, 115],
      ],
    );
    const [best] = found.toSorted((a, b) => a.score - b.score);
    expect(best && runFunction(best.fn, [10, true])).toBe(230);
    expect(best && runFunction(best.fn, [10, false])).toBe(170);
  });

  it("drops a reading that an example contradicts", () => {
    for (const { fn } of candidates(
      [pay],
      [
        [2, false, 4],
        [3, true, 6],
      ],
    )) {
      expect(runFunction(fn, [2, false])).toBe(4);
      expect(runFunction(fn, [3, true])).toBe(6);
    }
  });

  it("gives the same events again", () => {
    const run = () =>
      JSON.stringify(
        candidates(
          [pay, part],
          [
            [2, false, 34],
            [3, true, 69],
          ],
        ),
      );
    expect(run()).toBe(run());
  });

  it("stays out of the search where its type is none of the task's", () => {
    const xs: Local = { name: "n", type: INT };
    const item: Local = { name: "x", type: STRING };
    const strange: Expr = call("list.map", [
      { kind: "list", items: [], type: listOf(STRING) },
      lambda([item], {
        kind: "tuple",
        items: [ref(item), ref(xs)],
        type: { kind: "tuple", items: [STRING, INT], text: "(string, int)" },
      }),
    ]);
    const found = candidates(
      [{ params: [xs, night], body: strange, bits: 0 }],
      [
        [1, true, 1],
        [2, false, 2],
      ],
    );
    expect(found.length).toBeGreaterThan(0);
  });
});
