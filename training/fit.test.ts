import { describe, expect, it } from "vitest";
import type { Row, Table } from "../services/generation/confidence.ts";
import {
  FEATURES,
  type Feature,
  type Features,
  HAND_WEIGHTS,
  SCORER_VERSION,
  scoreOf,
} from "../services/generation/rank.ts";
import { fitWeights, type Judgement, lossOf } from "./fit.ts";
import { cardOf, cardText } from "./report-card.ts";

const features = (over: Partial<Features>): Features => ({
  ...(Object.fromEntries(FEATURES.map((name) => [name, 0])) as Features),
  bias: 1,
  ...over,
});

/** Programs that trap on many probes are wrong, whatever the weights by hand say. */
const tasks: readonly (readonly Judgement<Feature>[])[] = Array.from({ length: 60 }, (_, index) => [
  { features: features({ traps: (index % 10) / 10, bits: 0.4 }), right: index % 10 < 3 },
  { features: features({ traps: 1, bits: 0.5 }), right: false },
]);

describe("fitWeights", () => {
  it("lowers the loss and learns what the tasks show", () => {
    const fitted = fitWeights(tasks, HAND_WEIGHTS);
    expect(lossOf(tasks, fitted)).toBeLessThan(lossOf(tasks, HAND_WEIGHTS));
    expect(fitted.traps).toBeLessThan(HAND_WEIGHTS.traps);
    const [good, bad] = [features({ bits: 0.4 }), features({ bits: 0.4, traps: 1 })];
    expect(scoreOf(good, fitted)).toBeGreaterThan(scoreOf(bad, fitted));
  });

  it("gives the same weights for the same tasks, and those by hand without any", () => {
    expect(fitWeights(tasks, HAND_WEIGHTS)).toEqual(fitWeights(tasks, HAND_WEIGHTS));
    expect(fitWeights([[], []], HAND_WEIGHTS)).toEqual(HAND_WEIGHTS);
  });
});

describe("cardOf", () => {
  it("counts what a table promised against what happened", () => {
    const known: Row[] = Array.from({ length: 40 }, (_, index): Row => [index / 40, index >= 20 ? 1 : 0, 1]);
    const table: Table = { id: "t", scorerVersion: SCORER_VERSION, groups: { words: known }, pooled: known };
    const card = cardOf(
      "words",
      "words",
      [
        [0.99, 1, 1],
        [0.98, 0, 2],
        [0.1, 0, 0],
        [-1, 0, 0],
      ],
      table,
    );
    expect(card).toMatchObject({
      tasks: 4,
      shown: 3,
      right: 1 / 3,
      auroc: 1,
      at90: 2,
      wrongAt90: 0.5,
      reach90: 1,
    });
    expect(card.wrongShownAt90).toBe(0.5);
    expect(cardText([card]).split("\n")).toHaveLength(2);
  });
});
