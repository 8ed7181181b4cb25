/** Numbers by name: what a score is made of, or what each part of it weighs. */
export type Numbers<Name extends string = string> = Readonly<Record<Name, number>>;

/** One candidate of one task: what its score is made of, and whether hidden cases say that it is right. */
export interface Judgement<Name extends string = string> {
  readonly features: Numbers<Name>;
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
export function fitWeights<Name extends string>(
  tasks: readonly (readonly Judgement<Name>[])[],
  hand: Numbers<Name>,
): Numbers<Name> {
  const names = Object.keys(hand) as Name[];
  let weights: Record<Name, number> = { ...hand };
  const used = tasks.filter((candidates) => candidates.length > 0);
  if (used.length === 0) return hand;
  for (let step = 0; step < STEPS; step++) {
    const gradient = gradientOf(used, weights, hand, names);
    const next = { ...weights };
    for (const name of names) next[name] -= RATE * gradient[name];
    weights = next;
  }
  // Three digits are more than the tasks can tell apart, and the file stays readable.
  for (const name of names) weights[name] = Math.round(weights[name] * 1000) / 1000;
  return weights;
}

function gradientOf<Name extends string>(
  tasks: readonly (readonly Judgement<Name>[])[],
  weights: Numbers<Name>,
  hand: Numbers<Name>,
  names: readonly Name[],
): Numbers<Name> {
  const sums = Object.fromEntries(
    names.map((name) => [name, (PRIOR * (weights[name] - hand[name])) / tasks.length]),
  ) as Record<Name, number>;
  for (const candidates of tasks) {
    for (const { features, right } of candidates) {
      const error = (logistic(features, weights) - (right ? 1 : 0)) / candidates.length / tasks.length;
      for (const name of names) sums[name] += error * features[name];
    }
  }
  return sums;
}

/** The logistic score of features, 0 to 1. */
function logistic<Name extends string>(features: Numbers<Name>, weights: Numbers<Name>): number {
  let sum = 0;
  for (const name of Object.keys(weights) as Name[]) sum += features[name] * weights[name];
  return 1 / (1 + Math.exp(-sum));
}

/** Mean log loss over tasks, in bits. */
export function lossOf<Name extends string>(
  tasks: readonly (readonly Judgement<Name>[])[],
  weights: Numbers<Name>,
): number {
  const used = tasks.filter((candidates) => candidates.length > 0);
  const losses = used.map((candidates) => {
    const each = candidates.map(({ features, right }) => {
      const score = logistic(features, weights);
      return -Math.log2(Math.max(1e-12, right ? score : 1 - score));
    });
    return each.reduce((sum, one) => sum + one, 0) / each.length;
  });
  return losses.reduce((sum, one) => sum + one, 0) / Math.max(1, losses.length);
}
