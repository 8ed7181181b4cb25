import { appendFile, readFile } from "node:fs/promises";

/** The first line of a result file: what the numbers below it depend on. */
export interface RunLine {
  readonly kind: "run";
  readonly settings: Readonly<Record<string, unknown>>;
  readonly node: string;
  readonly machine: string;
  readonly commit: string;
}

/** One task of a run, without any of its content. */
export interface TaskLine {
  readonly kind: "task";
  readonly id: string;
  readonly set: string;
  readonly protocol: string;
  readonly k: number;
  readonly seed: number;
  readonly outcome: string;
  readonly reason: string | null;
  /** Right on every judging case, and not flagged `overfit_risk`. */
  readonly right: boolean;
  readonly right_visible: boolean;
  readonly overfit_risk: boolean;
  readonly confidenceScore: number | null;
  readonly p_correct: number | null;
  readonly error_p_value: number | null;
  readonly set_size_for_90: number | null;
  readonly rank_first_right: number | null;
  readonly lane: string | null;
  readonly size: number | null;
  readonly digest: string | null;
  readonly cpu_s: number;
  readonly wall_s: number;
  readonly first_candidate_s: number | null;
  readonly evaluated: number;
  readonly kept: number;
  readonly tokens: number;
  readonly budget_end: string;
  /** What stood behind the answer, where a model took part. */
  readonly agreement?: Readonly<Record<string, number>>;
  readonly versions: Readonly<Record<string, string>>;
  /** The naive rival on the same task; null where it has no operators for its types. */
  readonly rival: RivalLine | null;
}

/** What the rival made of a task. */
export interface RivalLine {
  readonly right: boolean;
  readonly size: number | null;
  readonly cpu_s: number;
  readonly evaluated: number;
}

/** A result file; a last line that was cut short by a kill is left out. */
export interface Results {
  readonly run: RunLine | undefined;
  readonly tasks: readonly TaskLine[];
  /** Whether the file ends inside a line. */
  readonly torn: boolean;
}

/** Reads a result file; an absent one is empty. */
export async function readResults(path: string): Promise<Results> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const end = text.lastIndexOf("\n") + 1;
  const lines = text
    .slice(0, end)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunLine | TaskLine);
  return {
    run: lines.find((line) => line.kind === "run"),
    tasks: lines.filter((line) => line.kind === "task"),
    torn: end < text.length,
  };
}

/** Appends one line. */
export async function appendLine(path: string, line: RunLine | TaskLine): Promise<void> {
  await appendFile(path, `${JSON.stringify(line)}\n`);
}

/** The counts of a run, for people: one line a set, and the rival's beside ours. */
export function summaryOf(tasks: readonly TaskLine[]): string {
  const sets = Map.groupBy(tasks, (task) => `${task.set} ${task.protocol}`);
  return [...sets].map(([name, lines]) => `${name}: ${countsOf(lines)}`).join("\n");
}

function countsOf(lines: readonly TaskLine[]): string {
  const count = (holds: (line: TaskLine) => boolean): number => lines.filter(holds).length;
  const right = count((line) => line.right);
  const share = lines.length === 0 ? 0 : (100 * right) / lines.length;
  const parts = [
    `${right} of ${lines.length} right (${share.toFixed(1)} %)`,
    `${count((line) => line.outcome === "ACCEPTED" && !line.right && !line.overfit_risk)} wrong`,
    `${count((line) => line.outcome === "ABSTAINED")} abstained`,
    `${count((line) => line.outcome === "FAILED")} failed`,
    `${count((line) => line.overfit_risk)} flagged overfit_risk`,
    `median ${median(lines.map((line) => line.cpu_s)).toFixed(2)} CPU s`,
  ];
  const rivals = lines.filter((line) => line.rival !== null);
  if (rivals.length > 0) {
    const ours = rivals.filter((line) => line.right).length;
    const theirs = rivals.filter((line) => line.rival?.right === true).length;
    parts.push(`naive rival ${theirs} of ${rivals.length} (ours on these: ${ours})`);
  }
  return parts.join(", ");
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Two runs side by side: tasks won, lost and answered with another outcome, over the ids that both hold. */
export function comparisonOf(before: readonly TaskLine[], after: readonly TaskLine[]): string {
  const earlier = new Map(before.map((line) => [`${line.set} ${line.id}`, line]));
  const pairs = after.flatMap((line) => {
    const old = earlier.get(`${line.set} ${line.id}`);
    return old === undefined ? [] : [{ old, line }];
  });
  const won = pairs.filter(({ old, line }) => line.right && !old.right);
  const lost = pairs.filter(({ old, line }) => !line.right && old.right);
  const other = pairs.filter(({ old, line }) => line.outcome !== old.outcome && line.right === old.right);
  const list = (title: string, found: typeof pairs): string =>
    [
      `${title}: ${found.length}`,
      ...found.map(({ old, line }) => `  ${line.id} (${old.outcome} → ${line.outcome})`),
    ].join("\n");
  return [
    `${pairs.length} tasks in both; right before ${pairs.filter(({ old }) => old.right).length}, after ${pairs.filter(({ line }) => line.right).length}`,
    list("won", won),
    list("lost", lost),
    list("other outcome, equally right or wrong", other),
  ].join("\n");
}
