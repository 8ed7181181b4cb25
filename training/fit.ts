import { FEATURES, type Feature, type Features, scoreOf } from "../services/generation/rank.ts";

/** One candidate of one task: what its score is made of, and whether hidden cases say that it is right. */
export interface Judgement {
  readonly features: Features;
  readonly right: boolean;
}

/** Pull of the weights towards those by hand, in tasks. */
const PRIOR = 2;
const STEPS = 400;
const RATE = 0.3;

/**
 * Logistic weights by gradient descent from the weights by hand, which are also the centre of the prior: few tasks
 * move them little. Each task counts once, however many candidates it has. The same input gives the same weights.
 */
export function fitWeights(tasks: readonly (readonly Judgement[])[], hand: Features): Features {
  let weights: Record<Feature, number> = { ...hand };
  const used = tasks.filter((candidates) => candidates.length > 0);
  if (used.length === 0) return hand;
  for (let step = 0; step < STEPS; step++) {
    const gradient = gradientOf(used, weights, hand);
    const next = { ...weights };
    for (const name of FEATURES) next[name] -= RATE * gradient[name];
    weights = next;
  }
  // Three digits are more than the tasks can tell apart, and the file stays readable.
  for (const name of FEATURES) weights[name] = Math.round(weights[name] * 1000) / 1000;
  return weights;
}

function gradientOf(
  tasks: readonly (readonly Judgement[])[],
  weights: Features,
  hand: Features,
): Readonly<Record<Feature, number>> {
  const sums = Object.fromEntries(
    FEATURES.map((name) => [name, (PRIOR * (weights[name] - hand[name])) / tasks.length]),
  ) as Record<Feature, number>;
  for (const candidates of tasks) {
    for (const { features, right } of candidates) {
      const error = (scoreOf(features, weights) - (right ? 1 : 0)) / candidates.length / tasks.length;
      for (const name of FEATURES) sums[name] += error * features[name];
    }
  }
  return sums;
}

/** Mean log loss over tasks, in bits. */
export function lossOf(tasks: readonly (readonly Judgement[])[], weights: Features): number {
  const used = tasks.filter((candidates) => candidates.length > 0);
  const losses = used.map((candidates) => {
    const each = candidates.map(({ features, right }) => {
      const score = scoreOf(features, weights);
      return -Math.log2(Math.max(1e-12, right ? score : 1 - score));
    });
    return each.reduce((sum, one) => sum + one, 0) / each.length;
  });
  return losses.reduce((sum, one) => sum + one, 0) / Math.max(1, losses.length);
}
