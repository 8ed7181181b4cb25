import { Some, SortedMap, type Value } from "#anrf/program/value.ts";
import type { Judged } from "./judge.ts";
import type { SynthTask } from "./task.ts";

/** Bumped by hand whenever a score may come out differently; a calibration table holds for one version. */
export const SCORER_VERSION = "search-4";

/** What a score is made of, each about 0 to 1. */
export const FEATURES = [
  "bias",
  "bits",
  "cost",
  "size",
  "examples",
  "bitsPerExample",
  "explained",
  "share",
  "margin",
  "clusters",
  "hints",
  "unhinted",
  "named",
  "unread",
  "constant",
  "traps",
  "overfit",
  "soft",
  "constants",
  "wordsOnly",
  "ambiguities",
  "candidates",
] as const;
/** One of them. */
export type Feature = (typeof FEATURES)[number];
/** A number for each. */
export type Features = Readonly<Record<Feature, number>>;

/** Weights that stand until a fit replaces them: cheap, agreed on, hinted at, shown by examples. */
export const HAND_WEIGHTS: Features = {
  bias: 1.4,
  bits: -3.5,
  cost: -0.2,
  size: -0.2,
  examples: 1.4,
  bitsPerExample: -1.6,
  explained: 1.2,
  share: 1.6,
  margin: 0.8,
  clusters: -0.5,
  hints: 0.8,
  unhinted: -0.2,
  named: 2.0,
  unread: -1.0,
  constant: -1.0,
  traps: -0.5,
  overfit: -2.5,
  soft: 0.5,
  constants: 0.4,
  wordsOnly: -1.2,
  ambiguities: -0.3,
  candidates: -0.3,
};

/** A program with its score. */
export interface Scored {
  readonly judged: Judged;
  readonly features: Features;
  /** 0 to 1; calibration says what it means. */
  readonly score: number;
}

/** What samples of a model stand for. */
export interface Votes {
  /** Samples that behave like the programs of a cluster. */
  readonly clusters: ReadonlyMap<number, number>;
  /** Samples that mean just this program, by digest. */
  readonly programs: ReadonlyMap<string, number>;
}

const NO_VOTES: Votes = { clusters: new Map(), programs: new Map() };
/**
 * A model knows the words, a search only the examples: what a sample says outweighs any difference in bits, and of two
 * kinds of program that samples agree on, the one with more of them leads.
 */
const VOTE_BITS = 1_000;
/** Where probes tell no difference the words may: a program that a sample means goes before one that only behaves like it. */
const OWN_BITS = 500;

/** Programs by preference, best first; equal ones by digest. Scores never rise along the list. */
export function rank(
  all: readonly Judged[],
  task: SynthTask,
  weights: Features = HAND_WEIGHTS,
  votes: Votes = NO_VOTES,
): readonly Scored[] {
  const shares = clusterShares(all);
  const names = clusterNames(all);
  let least = 1;
  return all
    .map((judged) => ({
      judged,
      order:
        orderOf(judged, shares.get(judged.cluster) ?? 0) -
        VOTE_BITS * (votes.clusters.get(judged.cluster) ?? 0) -
        (votes.programs.has(judged.digest) ? OWN_BITS : 0),
    }))
    .sort((a, b) => a.order - b.order || (a.judged.digest < b.judged.digest ? -1 : 1))
    .map(({ judged }) => {
      const features = featuresOf(judged, { shares, names, candidates: all.length }, task);
      least = Math.min(least, scoreOf(features, weights));
      return { judged, features, score: least };
    });
}

/** Bits of a program that traps on every probe, that breaks every soft clause, that is alone in what it does. */
const TRAP_BITS = 6;
const SOFT_BITS = 4;
const LONELY_BITS = 2;

/**
 * What is preferred, in bits: a fit over a few hundred tasks tells how far to trust the best program, but bits
 * tell better which one it is.
 */
function orderOf({ bits, trapShare, softShare, overfitRisk, isConstant }: Judged, share: number): number {
  return (
    bits +
    TRAP_BITS * trapShare +
    SOFT_BITS * (1 - softShare) +
    LONELY_BITS * (1 - share) +
    (overfitRisk ? 12 : 0) +
    (isConstant ? 6 : 0)
  );
}

/** The logistic score. */
export function scoreOf(features: Features, weights: Features): number {
  let sum = 0;
  for (const name of FEATURES) sum += features[name] * weights[name];
  return 1 / (1 + Math.exp(-sum));
}

/** Each cluster's part of one unit of weight, spread over programs by 2^−bits. */
export function clusterShares(all: readonly Judged[]): ReadonlyMap<number, number> {
  const least = Math.min(...all.map((one) => one.bits));
  const weights = new Map<number, number>();
  let total = 0;
  for (const { cluster, bits } of all) {
    const weight = 2 ** (least - bits);
    weights.set(cluster, (weights.get(cluster) ?? 0) + weight);
    total += weight;
  }
  return new Map([...weights].map(([cluster, weight]) => [cluster, weight / total]));
}

/** What behaves like a function that the words name is as good as that function: the most that a cluster names. */
function clusterNames(all: readonly Judged[]): ReadonlyMap<number, number> {
  const names = new Map<number, number>();
  for (const { cluster, named } of all) names.set(cluster, Math.max(names.get(cluster) ?? 0, named));
  return names;
}

/** What a program stands among; by cluster. */
interface Field {
  readonly shares: ReadonlyMap<number, number>;
  readonly names: ReadonlyMap<number, number>;
  readonly candidates: number;
}

function featuresOf(judged: Judged, { shares, names, candidates }: Field, task: SynthTask): Features {
  const { bits, cost, size, cluster } = judged;
  const count = task.examples.length;
  const share = shares.get(cluster) ?? 0;
  let rival = 0;
  for (const [other, weight] of shares) if (other !== cluster && weight > rival) rival = weight;
  return {
    bias: 1,
    bits: Math.min(bits, 90) / 30,
    cost: Math.min(cost, 60) / 30,
    size: Math.min(size, 40) / 20,
    examples: Math.min(count, 8) / 8,
    bitsPerExample: Math.min(bits / (1 + count), 30) / 15,
    explained: Math.min(shownBits(task) / Math.max(1, bits), 4) / 4,
    share,
    margin: share - rival,
    clusters: Math.log2(shares.size) / 4,
    hints: hintShare(judged, task),
    unhinted: task.hints.length === 0 ? 1 : 0,
    named: names.get(cluster) ?? 0,
    unread: task.params.length === 0 ? 0 : 1 - judged.reads.size / task.params.length,
    constant: judged.isConstant ? 1 : 0,
    traps: judged.trapShare,
    overfit: judged.overfitRisk ? 1 : 0,
    soft: judged.softShare,
    constants: constantShare(judged, task),
    wordsOnly: count === 0 ? 1 : 0,
    ambiguities: Math.min(task.ambiguities, 4) / 4,
    candidates: Math.log2(1 + candidates) / 9,
  };
}

/** The part of the hints' weight that the program follows, one hint a place in the words; 0 without hints. */
export function hintShare(judged: Judged, task: SynthTask): number {
  const places = new Map<number, { most: number; followed: number }>();
  for (const { builtin, weight, group } of task.hints) {
    const { most, followed } = places.get(group) ?? { most: 0, followed: 0 };
    const own = judged.builtins.has(builtin) ? weight : 0;
    places.set(group, { most: Math.max(most, weight), followed: Math.max(followed, own) });
  }
  let total = 0;
  let covered = 0;
  for (const { most, followed } of places.values()) {
    total += most;
    covered += followed;
  }
  return total === 0 ? 0 : covered / total;
}

/** Bits that the examples' results tell, roughly: a program much shorter than what it explains is rarely luck. */
function shownBits(task: SynthTask): number {
  let bits = 0;
  for (const { expected } of task.examples) bits += "value" in expected ? bitsOf(expected.value) : 2;
  return bits;
}

function bitsOf(value: Value): number {
  if (typeof value === "boolean" || value === null) return 1;
  if (typeof value === "number" || typeof value === "bigint")
    return 1 + Math.log2(2 + Math.abs(Number(value)));
  if (typeof value === "string") return 2 + 4 * Math.min(value.length, 100);
  if (Array.isArray(value)) return value.slice(0, 50).reduce<number>((sum, item) => sum + bitsOf(item), 2);
  if (value instanceof Some) return 1 + bitsOf(value.value);
  if (value instanceof SortedMap) return bitsOf(value.keys) + bitsOf(value.values);
  return 1;
}

function constantShare(judged: Judged, task: SynthTask): number {
  const wanted = new Set(task.constants.filter((one) => one.weight >= 0.7).map((one) => String(one.value)));
  if (wanted.size === 0) return 0;
  return [...wanted].filter((text) => judged.literals.has(text)).length / wanted.size;
}
