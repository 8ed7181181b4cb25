import type { ReportCard } from "#gen/anrf/models/v1/models_service_pb.ts";

/** The alias that moves only past its bars. */
export const CHAMPION = "champion";

const MIN_TASKS = 100;
const MIN_AUROC = 0.93;
/** A rate counts as over its bar when chance alone would give it less often than this. */
const DOUBT = 0.05;

/** What keeps a version from being champion, a sentence each; none: it may be. */
export function missingBars(report: ReportCard | undefined): readonly string[] {
  if (report === undefined) return ["it has no report card: import it again with one"];
  const wrong = report.tasks - report.right;
  const missing: string[] = [];
  const add = (isMissed: boolean, text: string): void => {
    if (isMissed) missing.push(text);
  };
  add(
    report.right > report.tasks || report.confidentWrong > Math.min(report.confident, wrong),
    "its report card contradicts itself: more are counted in a part than in the whole",
  );
  add(report.tasks < MIN_TASKS, `${report.tasks} tasks were judged: at least ${MIN_TASKS}`);
  add(
    isAbove(report.confidentWrong, report.confident, 0.1),
    `${report.confidentWrong} of ${report.confident} programs shown with 0.9 or more are wrong: at most 10 %`,
  );
  add(
    isAbove(report.confidentWrong, wrong, 0.1),
    `${report.confidentWrong} of ${wrong} wrong programs are shown with 0.9 or more: at most 10 %`,
  );
  const confidentRight = Math.max(0, report.confident - report.confidentWrong);
  add(
    report.right === 0 || isAbove(report.right - confidentRight, report.right, 0.5),
    `${confidentRight} of ${report.right} right programs are shown with 0.9 or more: at least 50 %`,
  );
  add(!(report.auroc >= MIN_AUROC), `its AUROC is ${report.auroc}: at least ${MIN_AUROC}`);
  const wanted = 1 - report.alpha - report.epsilon;
  add(
    !(report.alpha > 0) || !(report.coverage >= wanted),
    `its coverage is ${report.coverage}: at least 1 − alpha − epsilon = ${Math.round(wanted * 1e6) / 1e6}, alpha above 0`,
  );
  return missing;
}

/** Whether so many of `n` are more than a rate explains: P(X ≥ k), X binomial, is below the doubt. */
export function isAbove(k: number, n: number, rate: number): boolean {
  if (k <= n * rate) return false;
  let tail = 0;
  for (let at = k; at <= n; at++)
    tail += Math.exp(logChoose(n, at) + at * Math.log(rate) + (n - at) * Math.log1p(-rate));
  return tail < DOUBT;
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let at = 1; at <= Math.min(k, n - k); at++) sum += Math.log((n - at + 1) / at);
  return sum;
}
