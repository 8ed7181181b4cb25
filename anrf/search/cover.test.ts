import { describe, expect, it } from "vitest";
import { type Condition, leavesOf, treeOf } from "./branch.ts";
import { coverOf, type Step } from "./cover.ts";

const LIMITS = {
  joinCost: 2,
  constantCost: (items: Int32Array) => 3 + items.length,
  mostConstant: 10,
  mostCost: 60,
  mostStates: 1000,
};
const codes = (text: string): Int32Array => Int32Array.from(text, (char) => char.charCodeAt(0));

/** What the steps give for an example. */
function filled(steps: readonly Step[], pieces: readonly (readonly string[])[], example: number): string {
  return steps
    .map((step) => ("piece" in step ? pieces[step.piece]?.[example] : String.fromCharCode(...step.items)))
    .join("");
}

const COVERS: readonly (readonly [wanted: readonly string[], pieces: readonly (readonly string[])[]])[] = [
  [
    ["b, a!", "yy, x!"],
    [
      ["a", "x"],
      ["b", "yy"],
    ],
  ],
  [
    ["abab", "xyxy"],
    [
      ["ab", "xy"],
      ["a", "x"],
    ],
  ],
  [["", ""], [["a", "b"]]],
  [
    ["aXb", "b"],
    [
      ["aX", ""],
      ["b", "b"],
    ],
  ],
];

describe("coverOf", () => {
  it.each(COVERS)("gives %j when its steps are filled", (wanted, pieces) => {
    const made = pieces.map((piece) => ({ cost: 4, items: piece.map(codes) }));
    const cover = coverOf(wanted.map(codes), made, LIMITS);
    expect(wanted.map((_, e) => filled(cover?.steps ?? [], pieces, e))).toEqual(wanted);
  });

  it("takes the cheapest of several", () => {
    const pieces = [
      { cost: 9, items: [codes("ab")] },
      { cost: 2, items: [codes("a")] },
      { cost: 2, items: [codes("b")] },
    ];
    expect(coverOf([codes("ab")], pieces, LIMITS)).toEqual({ cost: 5, steps: [{ items: codes("ab") }] });
    expect(coverOf([codes("ab")], pieces, { ...LIMITS, constantCost: () => 50 })).toEqual({
      cost: 6,
      steps: [{ piece: 1 }, { piece: 2 }],
    });
  });

  it("has no answer where a piece would have to differ between examples", () => {
    const pieces = [{ cost: 1, items: [codes("a"), undefined] }];
    expect(coverOf([codes("ab"), codes("cd")], pieces, LIMITS)).toBeUndefined();
  });
});

describe("treeOf", () => {
  const partials = [
    { mask: 0b0011, cost: 3, term: "low" },
    { mask: 0b0100, cost: 4, term: "mid" },
    { mask: 0b1000, cost: 5, term: "high" },
  ];
  const conditions: readonly Condition<string>[] = [
    { holds: 0b0011, traps: 0, cost: 6, term: "isLow" },
    { holds: 0b0111, traps: 0, cost: 6, term: "notHigh" },
    { holds: 0b0001, traps: 0b1000, cost: 1, term: "trapping" },
  ];
  const cover = (mask: number) => partials.find((one) => (one.mask & mask) === mask);

  it("covers every example with as few leaves as it can", () => {
    const tree = treeOf(0b1111, 4, conditions, cover);
    expect(tree === undefined ? 0 : leavesOf(tree)).toBe(3);
    expect(tree?.cost).toBe(3 + 4 + 5 + 6 + 6 + 5 + 5);
  });

  it("uses no condition that traps on an example of its part", () => {
    expect(treeOf(0b1001, 2, conditions.slice(2), cover)).toBeUndefined();
  });

  it("gives up beyond the number of leaves", () => {
    expect(treeOf(0b1111, 2, conditions, cover)).toBeUndefined();
  });
});
