import { describe, expect, it } from "vitest";
import {
  confidenceOf,
  errorPValue,
  groupOf,
  type Row,
  setSize,
  type Table,
  vennAbers,
} from "./confidence.ts";
import { SCORER_VERSION } from "./rank.ts";

/** A seeded generator of numbers in [0, 1). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A task whose truth is known: a program that scores s is right with chance 1.3 s, and one in 25 wrong has no right one. */
function draw(random: () => number, digits = 6): Row {
  const score = Math.round(random() * 10 ** digits) / 10 ** digits;
  if (random() < 1.3 * score) return [score, 1, 1];
  return [score, 0, random() < 0.96 ? 1 + Math.ceil(random() * 5) : 0];
}

const rowsOf = (count: number, random: () => number, digits?: number): Row[] =>
  Array.from({ length: count }, () => draw(random, digits));

const tableOf = (rows: readonly Row[]): Table => ({
  id: "t",
  scorerVersion: SCORER_VERSION,
  groups: { words: rows },
  pooled: rows,
});

/** The isotonic fit by its definition: at each point, the greatest mean to the left of the least mean to the right. */
function directFit(rows: readonly Row[], score: number, label: 0 | 1): number {
  const points = [
    ...rows.map(([at, right]): [number, number] => [at, right]),
    [score, label] as [number, number],
  ].sort(([a], [b]) => a - b);
  let best = Number.NEGATIVE_INFINITY;
  for (const [low] of points.filter(([at]) => at <= score)) {
    let least = Number.POSITIVE_INFINITY;
    for (const [high] of points.filter(([at]) => at >= score)) {
      const between = points.filter(([at]) => at >= low && at <= high);
      least = Math.min(least, between.reduce((sum, [, right]) => sum + right, 0) / between.length);
    }
    best = Math.max(best, least);
  }
  return best;
}

describe("vennAbers", () => {
  it.each([0, 1, 9, 10, 40])("equals the direct fit on %i rows, ties included", (count) => {
    const random = randomOf(count + 1);
    for (const digits of [6, 1]) {
      const rows = rowsOf(count, random, digits);
      for (const score of [0, 0.35, 0.5, 0.9, 1, rows[0]?.[0] ?? 0.2]) {
        const { p0, p1 } = vennAbers(rows, score);
        expect(p0).toBeCloseTo(directFit(rows, score, 0), 12);
        expect(p1).toBeCloseTo(directFit(rows, score, 1), 12);
        expect(p0).toBeLessThanOrEqual(p1);
      }
    }
  });

  it("needs nine right rows at the top before it claims nine in ten", () => {
    const rows = (right: number): Row[] =>
      Array.from({ length: right }, (_, index) => [0.9 + index / 1000, 1, 1]);
    expect(vennAbers(rows(8), 0.95).p0).toBeLessThan(0.9);
    expect(vennAbers(rows(9), 0.99).p0).toBe(0.9);
  });
});

describe("confidence over many draws of tasks", () => {
  const DRAWS = 2_000;
  const ROWS = 100;
  const random = randomOf(20_240_601);
  const draws = Array.from({ length: DRAWS }, () => {
    const rows = rowsOf(ROWS, random);
    const fresh = draw(random);
    return { fresh, confidence: confidenceOf(fresh[0], "words", tableOf(rows)) };
  });
  /** Three standard errors of a share of so many. */
  const error = (share: number, count: number): number => 3 * Math.sqrt((share * (1 - share)) / count);

  it("gives a wrong program a p-value of at most a with a chance of at most a", () => {
    const wrong = draws.filter(({ fresh }) => fresh[1] === 0);
    for (const a of [0.05, 0.1, 0.2, 0.5]) {
      const share = wrong.filter(({ confidence }) => confidence.errorPValue <= a).length / wrong.length;
      expect(share).toBeLessThanOrEqual(a + error(a, wrong.length));
    }
  });

  it("shows at most one wrong program in ten among those shown with 0.9", () => {
    const high = draws.filter(({ confidence }) => confidence.pLow >= 0.9);
    expect(high.length).toBeGreaterThan(30);
    const wrong = high.filter(({ fresh }) => fresh[1] === 0).length / high.length;
    expect(wrong).toBeLessThanOrEqual(0.1 + error(0.1, high.length));
  });

  it("holds a right program in nine of ten sets of the promised size", () => {
    const covered = draws.filter(({ fresh, confidence: { setSizeFor90 } }) => {
      return setSizeFor90 === 0 || (fresh[2] > 0 && fresh[2] <= setSizeFor90);
    });
    expect(covered.length / DRAWS).toBeGreaterThanOrEqual(0.9 - error(0.9, DRAWS));
    expect(draws.filter(({ confidence }) => confidence.setSizeFor90 > 0).length / DRAWS).toBeGreaterThan(0.9);
  });
});

describe("errorPValue", () => {
  it("counts wrong tasks that score as high, the new one among them", () => {
    const rows: Row[] = [
      [0.9, 1, 1],
      [0.8, 0, 0],
      [0.5, 0, 2],
      [0.2, 0, 0],
    ];
    expect(errorPValue(rows, 0.85)).toBe(1 / 4);
    expect(errorPValue(rows, 0.8)).toBe(2 / 4);
    expect(errorPValue(rows, 0.1)).toBe(1);
    expect(errorPValue([], 0.5)).toBe(1);
  });
});

describe("setSize", () => {
  it.each<[readonly number[], number]>([
    [[], 0],
    [[1, 1, 1, 1, 1, 1, 1, 1], 0],
    [[1, 1, 1, 1, 1, 1, 1, 1, 1], 1],
    [[1, 1, 1, 1, 1, 1, 1, 1, 4], 4],
    [[1, 1, 1, 1, 1, 1, 1, 2, 3, 0], 0],
    [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 0], 3],
    [[1, 1, 1, 1, 1, 1, 1, 2, 0], 0],
  ])("of ranks %j is %i", (ranks, size) => {
    expect(
      setSize(
        ranks.map((rank): Row => [0.5, 0, rank]),
        0.9,
      ),
    ).toBe(size);
  });
});

describe("confidenceOf", () => {
  const rows = (count: number): Row[] =>
    Array.from({ length: count }, (_, index): Row => [index / count, index % 2 ? 1 : 0, 1]);

  it("claims nothing without a table, and says why", () => {
    for (const table of [
      undefined,
      { ...tableOf(rows(9)), scorerVersion: "another" },
      tableOf([]),
      tableOf([[-1, 0, 0]]),
    ]) {
      const found = confidenceOf(0.99, "words", table);
      expect(found).toMatchObject({ status: "MISSING", pLow: 0, errorPValue: 1, setSizeFor90: 0 });
      expect(found.explanation).toMatch(/nothing is claimed/);
    }
  });

  it("uses the group's own rows where there are enough, else the pooled ones", () => {
    const table: Table = {
      ...tableOf([]),
      groups: { words: rows(120), "words+1": rows(20) },
      pooled: rows(150),
    };
    expect(confidenceOf(0.5, "words", table)).toMatchObject({ group: "words", n: 120, status: "OK" });
    expect(confidenceOf(0.5, "words+1", table)).toMatchObject({ group: "pooled", n: 150, status: "OK" });
    expect(confidenceOf(0.5, "words", tableOf(rows(20)))).toMatchObject({
      group: "words",
      n: 20,
      status: "SMALL",
    });
  });

  it("leaves tasks without a program out of the scores, and counts them for the size of sets", () => {
    const found = confidenceOf(0.5, "words", tableOf([...rows(9), [-1, 0, 0], [-1, 0, 0]]));
    expect(found.n).toBe(9);
    expect(found.setSizeFor90).toBe(0);
  });
});

describe("groupOf", () => {
  it("tells tasks apart by words and examples", () => {
    expect([
      groupOf(true, 0),
      groupOf(true, 1),
      groupOf(true, 2),
      groupOf(true, 9),
      groupOf(false, 3),
    ]).toEqual(["words", "words+1", "words+2", "words+2", "examples"]);
  });
});
