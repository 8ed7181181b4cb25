import { describe, expect, it } from "vitest";
import { answerSeed, type Candidate, draw, fraction } from "./draw.ts";

const CANDIDATES: readonly Candidate[] = [
  [7, 0.5],
  [3, 0.3],
  [9, 0.15],
  [1, 0.05],
];
const drawing = { temperature: 1, topK: 0, topP: 0, seed: 1n };

/** How often each token is drawn at 100,000 positions. */
function shares(change: Partial<typeof drawing>): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (let at = 0; at < 100_000; at++) {
    const [token] = draw(CANDIDATES, { ...drawing, ...change }, at);
    counts[token] = (counts[token] ?? 0) + 1 / 100_000;
  }
  return counts;
}

describe("draw", () => {
  it("takes the likeliest at temperature 0, whatever the seed", () => {
    expect(shares({ temperature: 0 })).toEqual({ 7: expect.closeTo(1) });
  });

  it("draws by the chances at temperature 1", () => {
    const got = shares({});
    for (const [token, chance] of CANDIDATES) expect(got[token]).toBeCloseTo(chance, 1.7);
  });

  it("sharpens below 1 and flattens above", () => {
    const power = (temperature: number): number[] => {
      const weights = CANDIDATES.map(([, chance]) => chance ** (1 / temperature));
      const sum = weights.reduce((a, b) => a + b);
      return weights.map((weight) => weight / sum);
    };
    for (const temperature of [0.5, 2]) {
      const got = shares({ temperature });
      for (const [at, share] of power(temperature).entries())
        expect(got[CANDIDATES[at]?.[0] ?? -1]).toBeCloseTo(share, 1.7);
    }
  });

  it("keeps the k likeliest, and the smallest set that holds p", () => {
    expect(Object.keys(shares({ topK: 2 })).sort()).toEqual(["3", "7"]);
    expect(Object.keys(shares({ topP: 0.79 })).sort()).toEqual(["3", "7"]);
    expect(Object.keys(shares({ topP: 0.81 })).sort()).toEqual(["3", "7", "9"]);
    expect(Object.keys(shares({ topP: 0.1 }))).toEqual(["7"]);
  });

  it("depends on seed and position alone", () => {
    const line = (seed: bigint): number[] =>
      Array.from({ length: 50 }, (_, at) => draw(CANDIDATES, { ...drawing, seed }, at)[0]);
    expect(line(5n)).toEqual(line(5n));
    expect(line(5n)).not.toEqual(line(6n));
  });

  it("says when there is nothing to draw from", () => {
    expect(() => draw([], drawing, 0)).toThrow("no token");
  });
});

describe("fraction", () => {
  it("gives what SplitMix64 gives", () => {
    // The first output of the reference generator for state 0 is 0xe220a8397b1dcdaf.
    expect(fraction(0n, 0)).toBe(Number(0xe220a8397b1dcdafn >> 11n) / 2 ** 53);
    expect(fraction(2n ** 64n - 1n, 3)).toBeLessThan(1);
  });
});

describe("answerSeed", () => {
  it("is the request's own for answer 0, and another one for each further answer", () => {
    expect(answerSeed(9n, 0)).toBe(9n);
    const seeds = Array.from({ length: 64 }, (_, at) => answerSeed(9n, at));
    expect(new Set(seeds).size).toBe(64);
    expect(answerSeed(9n, 5)).toBe(answerSeed(9n, 5));
  });
});
