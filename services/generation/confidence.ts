import { readFileSync } from "node:fs";
import type { JobAnswer } from "./job-message.ts";
import { AGREEMENT_VERSION, type AgreementFeatures, agreementScore } from "./model/agreement.ts";
import type { ChosenModel } from "./model/choice.ts";
import { PROMPT_VERSION } from "./model/prompt.ts";
import { type Features, SCORER_VERSION } from "./rank.ts";

/** What a task shows, the unit within which scores are compared. */
export const GROUPS = ["words", "words+1", "words+2", "examples"] as const;
/** One of them. */
export type Group = (typeof GROUPS)[number];

/**
 * One task with a known answer: the score of its top program, −1 where none was shown; whether it was right; the rank
 * of the first right one, 0 for none.
 */
export type Row = readonly [score: number, right: 0 | 1, rank: number];

/** Tasks with known answers. Rows hold no task content. */
export interface Table {
  readonly id: string;
  readonly scorerVersion: string;
  /** Rows of each group. */
  readonly groups: Readonly<Partial<Record<Group, readonly Row[]>>>;
  /** One row a task, for groups that are too small. */
  readonly pooled: readonly Row[];
  /** Weights of the scorer that made the scores; absent: those by hand. */
  readonly weights?: Features;
}

/** What the table says of a score. */
export interface Confidence {
  readonly pCorrect: number;
  /** The confidence score. */
  readonly pLow: number;
  readonly pHigh: number;
  readonly errorPValue: number;
  /** 0: not reachable. */
  readonly setSizeFor90: number;
  readonly id: string;
  /** Which way of scoring it holds for. */
  readonly scorerVersion: string;
  /** The group whose rows were used: `pooled` where the own one is too small. */
  readonly group: string;
  readonly n: number;
  readonly nWrong: number;
  readonly status: "OK" | "SMALL" | "SEARCH_ONLY" | "MISSING";
  /** Why nothing is claimed; "" otherwise. */
  readonly explanation: string;
}

/** Fewer rows than these make a table small. */
export const ENOUGH_ROWS = 100;

/** Reads the table that ships with the service; undefined where there is none. */
export function readTable(file: URL = new URL("./calibration.json", import.meta.url)): Table | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Table;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new Error(`cannot read the calibration table ${file.pathname}: make it again`, { cause: error });
  }
}

/** The weights that the table's scores were made with; undefined, those by hand, where the table is for another scorer. */
export function scorerWeights(table: Table | undefined): Features | undefined {
  return table?.scorerVersion === SCORER_VERSION ? table.weights : undefined;
}

/** The group of a task. */
export function groupOf(hasWords: boolean, examples: number): Group {
  if (!hasWords) return "examples";
  if (examples === 0) return "words";
  return examples === 1 ? "words+1" : "words+2";
}

/** What stands behind a score; without a table that fits, nothing is claimed. */
export function confidenceOf(
  score: number,
  group: Group,
  table: Table | undefined,
  version: string = SCORER_VERSION,
): Confidence {
  if (table === undefined) return missing(group, "", version, "there is no calibration table");
  if (table.scorerVersion !== version) {
    return missing(
      group,
      table.id,
      version,
      `the calibration table is for scorer ${table.scorerVersion}, not ${version}`,
    );
  }
  const own = table.groups[group] ?? [];
  const isEnough = own.length >= ENOUGH_ROWS || own.length >= table.pooled.length;
  const all = isEnough ? own : table.pooled;
  // What was not shown has no score to compare with; it counts only for how many candidates hold a right one.
  const rows = all.filter(([at]) => at >= 0);
  if (rows.length === 0) return missing(group, table.id, version, "the calibration table has no tasks");
  const { p0, p1 } = vennAbers(rows, score);
  // The least of the group's own and of all tasks': a group's top block is small, and luck in it must not become a claim.
  const shared = vennAbers(
    table.pooled.filter(([at]) => at >= 0),
    score,
  );
  return {
    pCorrect: p1 / (1 - p0 + p1),
    pLow: Math.min(p0, shared.p0),
    pHigh: p1,
    errorPValue: errorPValue(rows, score),
    setSizeFor90: setSize(all, 0.9),
    id: table.id,
    scorerVersion: version,
    group: isEnough ? group : "pooled",
    n: rows.length,
    nWrong: rows.filter(([, right]) => right === 0).length,
    status: rows.length >= ENOUGH_ROWS ? "OK" : "SMALL",
    explanation: "",
  };
}

function missing(group: Group, id: string, scorerVersion: string, explanation: string): Confidence {
  const nothing = { pCorrect: 0, pLow: 0, pHigh: 1, errorPValue: 1, setSizeFor90: 0, n: 0, nWrong: 0 };
  return {
    ...nothing,
    id,
    scorerVersion,
    group,
    status: "MISSING",
    explanation: `${explanation}, so nothing is claimed`,
  };
}

/**
 * Inductive Venn-Abers (Vovk, Petej, Fedorova 2015): isotonic fits with the new score labelled wrong and right. One of
 * p0 and p1 is calibrated for exchangeable tasks; p0 ≤ p1.
 */
export function vennAbers(rows: readonly Row[], score: number): { readonly p0: number; readonly p1: number } {
  return { p0: fitAt(rows, score, 0), p1: fitAt(rows, score, 1) };
}

/** The isotonic fit at the new point, by pooling adjacent violators; equal scores are one point. */
function fitAt(rows: readonly Row[], score: number, label: 0 | 1): number {
  const points = new Map<number, { sum: number; count: number }>();
  const add = (at: number, right: number): void => {
    const point = points.get(at) ?? { sum: 0, count: 0 };
    points.set(at, { sum: point.sum + right, count: point.count + 1 });
  };
  for (const [at, right] of rows) add(at, right);
  add(score, label);
  const blocks: { sum: number; count: number; last: number }[] = [];
  for (const [at, { sum, count }] of [...points].sort(([a], [b]) => a - b)) {
    let block = { sum, count, last: at };
    for (let before = blocks.at(-1); before !== undefined; before = blocks.at(-1)) {
      if (before.sum * block.count < block.sum * before.count) break;
      block = { sum: before.sum + block.sum, count: before.count + block.count, last: at };
      blocks.pop();
    }
    blocks.push(block);
  }
  const found = blocks.find((block) => block.last >= score);
  if (found === undefined) throw new Error("the fit lost its own point");
  return found.sum / found.count;
}

/** Conformal p-value against "the program is wrong": small where few wrong ones score as high. */
export function errorPValue(rows: readonly Row[], score: number): number {
  const wrong = rows.filter(([, right]) => right === 0);
  return (1 + wrong.filter(([other]) => other >= score).length) / (1 + wrong.length);
}

/** How many candidates hold a right one in that share of tasks, for exchangeable tasks; 0: not reachable. */
export function setSize(rows: readonly Row[], share: number): number {
  const ranks = rows.map(([, , at]) => (at === 0 ? Number.POSITIVE_INFINITY : at)).sort((a, b) => a - b);
  // Rounding errors of 0.9 × 10 must not ask for one more.
  const wanted = ranks[Math.ceil(share * (rows.length + 1) - 1e-9) - 1];
  return wanted !== undefined && Number.isFinite(wanted) ? wanted : 0;
}

/** Calibration of programs of generations in which one model took part. */
export interface ModelTable {
  /** SHA-256 of the model's weights: manifests of the same weights may differ in words. */
  readonly weights: string;
  /** Rows of each group; `scorerVersion` is of the agreement and of the prompt. */
  readonly table: Omit<Table, "weights">;
  /** What the scores were made with; absent: the weights by hand. */
  readonly scorer?: AgreementFeatures;
}

/** Which way of asking and scoring a table holds for. */
export const MODEL_SCORER = `${AGREEMENT_VERSION} ${PROMPT_VERSION}`;

/** Reads the tables that ship with the service. */
export function readModelTables(
  file: URL = new URL("./calibration-models.json", import.meta.url),
): readonly ModelTable[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as readonly ModelTable[];
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new Error(`cannot read the calibration tables ${file.pathname}: make them again`, { cause: error });
  }
}

/** Where scores are looked up. */
export interface Tables {
  readonly search: Table | undefined;
  readonly models: readonly ModelTable[];
}

/**
 * What stands behind the best program of an answer. Where a model took part that no table covers, the search's own table
 * answers for it, and the status says SEARCH_ONLY.
 */
export function confidenceIn(
  answer: Pick<JobAnswer, "best" | "agreement">,
  group: Group,
  model: ChosenModel | undefined,
  { search, models }: Tables,
): Confidence {
  const ofSearch = confidenceOf(answer.best?.score ?? 0, group, search);
  if (answer.agreement === undefined || model === undefined) return ofSearch;
  const found = models.find((one) => one.weights === model.weights);
  if (found !== undefined) {
    const score = agreementScore(answer.agreement, found.scorer);
    const confidence = confidenceOf(score, group, found.table, MODEL_SCORER);
    if (confidence.status !== "MISSING") return confidence;
  }
  if (ofSearch.status === "MISSING") return ofSearch;
  const explanation = `no calibration table covers ${model.name}: the search's table answers for it`;
  return { ...ofSearch, status: "SEARCH_ONLY", explanation };
}
