import { createHash } from "node:crypto";
import type { Drawing } from "./message.ts";

/** How many of the likeliest tokens are looked at: chances are shares among these. */
export const CANDIDATES = 256;

/** A token that may come next, with its chance among the candidates. */
export type Candidate<T extends number = number> = readonly [token: T, chance: number];

/**
 * Draws the next token from candidates, the likeliest first. Chance comes from seed and position alone: the same
 * candidates give the same token, whatever ran before. Cuts are made as usual: top-k, temperature's distribution, then
 * the smallest set of the likeliest that holds `topP` (Holtzman et al., The Curious Case of Neural Text Degeneration).
 */
export function draw<T extends number>(
  candidates: readonly Candidate<T>[],
  drawing: Drawing,
  position: number,
): Candidate<T> {
  const first = candidates[0];
  if (first === undefined) throw new Error("a model gave no token to draw from");
  if (drawing.temperature === 0) return first;
  const kept = drawing.topK === 0 ? candidates : candidates.slice(0, drawing.topK);
  // Relative to the likeliest, so that a small temperature loses no more than the unlikely.
  const weights = kept.map(([, chance]) => (chance / first[1]) ** (1 / drawing.temperature));
  const last = lastWithin(weights, drawing.topP);
  const sum = total(weights.slice(0, last + 1));
  let left = fraction(drawing.seed, position) * sum;
  for (const [at, one] of kept.slice(0, last + 1).entries()) {
    left -= weights[at] ?? 0;
    if (left < 0) return one;
  }
  return kept[last] ?? first;
}

/** Index of the last token of the smallest set that holds this share; 0 or 1 as share: all. */
function lastWithin(weights: readonly number[], share: number): number {
  if (share <= 0 || share >= 1) return weights.length - 1;
  const wanted = total(weights) * share;
  let held = 0;
  const at = weights.findIndex((weight) => {
    held += weight;
    return held >= wanted;
  });
  return at < 0 ? weights.length - 1 : at;
}

function total(weights: readonly number[]): number {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return sum;
}

const MASK = (1n << 64n) - 1n;

/** A number in [0, 1) by seed and position (the finaliser of SplitMix64 over their mix). */
export function fraction(seed: bigint, position: number): number {
  let mixed = (seed + (BigInt(position) + 1n) * 0x9e3779b97f4a7c15n) & MASK;
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK;
  mixed ^= mixed >> 31n;
  return Number(mixed >> 11n) / 2 ** 53;
}

/** The seed of one answer of a request: answer 0 has the request's own, so that one answer replays alone. */
export function answerSeed(seed: bigint, answer: number): bigint {
  if (answer === 0) return seed;
  const hash = createHash("sha256").update(`${seed}/${answer}`).digest();
  return hash.readBigUInt64BE(0);
}
