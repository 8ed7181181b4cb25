/** Bumped by hand whenever an agreement or its score may come out differently. */
export const AGREEMENT_VERSION = "model-3";

/** How far the samples of a model, and the search, stand behind the best program. */
export interface Agreement {
  /** Samples that were judged, and those of them that passed. */
  readonly samples: number;
  readonly passed: number;
  /** Samples that behave like the best program, and like the next kind of program. */
  readonly votes: number;
  readonly rivals: number;
  /** What the search found by itself: the same behaviour, another one, or nothing that the examples support. */
  readonly search: "SAME" | "OTHER" | "NONE";
  /** The program's score by the search's own features. */
  readonly score: number;
}

/** What running a program has shown. */
export interface JudgedProgram {
  /** Nodes. */
  readonly size: number;
  /** Share of the probes that trap. */
  readonly trapShare: number;
  /** Whether all probes have one outcome. */
  readonly isConstant: boolean;
  /** Parameters that it reads. */
  readonly reads: ReadonlySet<number>;
  /** Who proposed it. */
  readonly lane: string;
}

/** What the score of a program is made of where a model took part, each about 0 to 1. */
export const AGREEMENT_FEATURES = [
  "bias",
  "voteShare",
  "votes",
  "passShare",
  "margin",
  "noVotes",
  "repaired",
  "searchSame",
  "searchOther",
  "score",
  "examples",
  "wordsOnly",
  "traps",
  "constant",
  "unread",
  "size",
] as const;
/** One of them. */
export type AgreementFeature = (typeof AGREEMENT_FEATURES)[number];
/** A number for each. */
export type AgreementFeatures = Readonly<Record<AgreementFeature, number>>;

/** Weights that stand until a fit replaces them. */
export const AGREEMENT_WEIGHTS: AgreementFeatures = {
  bias: -1.2,
  voteShare: 1.2,
  votes: 1.0,
  passShare: 1.0,
  margin: 0.8,
  noVotes: -1.0,
  repaired: -0.5,
  searchSame: 1.5,
  searchOther: -0.5,
  score: 1.0,
  examples: 1.2,
  wordsOnly: -0.4,
  traps: -0.6,
  constant: -1.0,
  unread: -1.0,
  size: -0.4,
};

/** Nothing stands behind anything yet. */
export const NO_AGREEMENT = Object.fromEntries(
  AGREEMENT_FEATURES.map((name) => [name, 0]),
) as AgreementFeatures;

/** The features of a program and of what stands behind it. */
export function agreementFeatures(
  judged: JudgedProgram,
  agreement: Agreement,
  asked: { readonly params: number; readonly examples: number },
): AgreementFeatures {
  const { samples, passed, votes, rivals, search, score } = agreement;
  const of = (count: number): number => (samples === 0 ? 0 : count / samples);
  return {
    bias: 1,
    voteShare: of(votes),
    votes: Math.min(votes, 4) / 4,
    passShare: of(passed),
    margin: of(Math.max(0, votes - rivals)),
    noVotes: votes === 0 ? 1 : 0,
    repaired: judged.lane === "repair" ? 1 : 0,
    searchSame: search === "SAME" ? 1 : 0,
    searchOther: search === "OTHER" ? 1 : 0,
    score,
    examples: Math.min(asked.examples, 4) / 4,
    wordsOnly: asked.examples === 0 ? 1 : 0,
    traps: judged.trapShare,
    constant: judged.isConstant ? 1 : 0,
    unread: asked.params === 0 ? 0 : 1 - judged.reads.size / asked.params,
    size: Math.min(judged.size, 100) / 50,
  };
}

/** The logistic score, 0 to 1; calibration says what it means. */
export function agreementScore(
  features: AgreementFeatures,
  weights: AgreementFeatures = AGREEMENT_WEIGHTS,
): number {
  let sum = 0;
  for (const name of AGREEMENT_FEATURES) sum += features[name] * weights[name];
  return 1 / (1 + Math.exp(-sum));
}
