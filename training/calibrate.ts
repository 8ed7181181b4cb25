// node training/calibrate.ts: runs tasks with known answers, fits the scorer's weights, and writes the calibration table.
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { GROUPS, type Group, type Row, type Table } from "../services/generation/confidence.ts";
import { HAND_WEIGHTS, SCORER_VERSION, scoreOf } from "../services/generation/rank.ts";
import { type Attempt, attempt, type CalibrationTask, readPool } from "./attempt.ts";
import { fitWeights, lossOf } from "./fit.ts";
import { cardOf, cardText, wholeCard } from "./report-card.ts";
import { fileText, inOrder, onePerTask } from "./rows.ts";
import { partOf } from "./split.ts";

const USAGE = `usage: node training/calibrate.ts [--tasks DIR] [--cache FILE] [--out FILE] [--programs N] [--cpu SECONDS] [--sample N]
Runs the own tasks, and those of DIR that may be used; FILE keeps each answer, so that a run goes on where it stopped.`;
const OUT = join(import.meta.dirname, "../services/generation/calibration.json");
/** Below so many tasks the weights by hand stay. */
const ENOUGH_TO_FIT = 30;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tasks: { type: "string", default: join(import.meta.dirname, "../../shared/data/tasks") },
      cache: { type: "string", default: join(import.meta.dirname, "../.anrf/calibration.jsonl") },
      out: { type: "string", default: OUT },
      programs: { type: "string", default: "500000" },
      cpu: { type: "string", default: "1" },
      sample: { type: "string", default: "1000000" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const budget = { programs: Number(values.programs), cpuSeconds: Number(values.cpu) };
  const pool = await readPool(values.tasks, Number(values.sample));
  const attempts = await runAll(pool, budget, values.cache);
  const table = tableOf(attempts, budget);
  await writeFile(values.out, fileText(table));
  console.log(cardsOf(attempts, table));
  console.log(`wrote ${values.out}`);
}

interface Budget {
  readonly programs: number;
  readonly cpuSeconds: number;
}

/** One line a task in the cache: what was run before with the same settings is not run again. */
async function runAll(
  pool: readonly CalibrationTask[],
  budget: Budget,
  cache: string,
): Promise<readonly Attempt[]> {
  await mkdir(dirname(cache), { recursive: true });
  const settings = `${SCORER_VERSION} ${budget.programs} ${budget.cpuSeconds}`;
  const known = new Map<string, Attempt>();
  for (const line of (await readFile(cache, "utf8").catch(() => "")).split("\n")) {
    if (line === "") continue;
    const read = JSON.parse(line) as {
      readonly settings: string;
      readonly key: string;
      readonly attempt: Attempt;
    };
    if (read.settings === settings) known.set(read.key, read.attempt);
  }
  const attempts: Attempt[] = [];
  for (const [index, task] of pool.entries()) {
    const found = known.get(task.key) ?? attempt(task, budget);
    if (!known.has(task.key)) {
      await appendFile(cache, `${JSON.stringify({ settings, key: task.key, attempt: found })}\n`);
      if (index % 25 === 0) console.error(`${index} of ${pool.length}`);
    }
    attempts.push(found);
  }
  return attempts;
}

function tableOf(attempts: readonly Attempt[], budget: Budget): Table {
  const tune = attempts
    .filter((one) => one.usable && partOf(one.family) === "tune")
    .map((one) => one.candidates);
  const isEnough = tune.filter((candidates) => candidates.length > 0).length >= ENOUGH_TO_FIT;
  const fitted = isEnough ? fitWeights(tune, HAND_WEIGHTS) : HAND_WEIGHTS;
  const losses = [HAND_WEIGHTS, fitted].map((weights) => lossOf(tune, weights).toFixed(4));
  console.log(`log loss on tuning tasks: ${losses[0]} bits by hand, ${losses[1]} fitted`);
  console.log(
    `right at the first place of tuning tasks: ${firstRight(tune, fitted)} by score, ${firstRight(tune)} by bits`,
  );
  const calibrate = attempts.filter((one) => one.usable && partOf(one.family) === "calibrate");
  const rows = (group: Group): readonly Row[] =>
    firstPerTask(calibrate.filter((one) => one.group === group)).map((one) => rowOf(one, fitted));
  return {
    id: `${SCORER_VERSION} ${budget.programs} programs`,
    scorerVersion: SCORER_VERSION,
    groups: Object.fromEntries(GROUPS.map((group) => [group, inOrder(rows(group))])),
    pooled: inOrder(onePerTask(calibrate).map((one) => rowOf(one, fitted))),
    weights: fitted,
  };
}

/** How many tasks have a right program at the first place, by score or, without weights, by the search's own bits. */
function firstRight(tasks: readonly Attempt["candidates"][], weights?: typeof HAND_WEIGHTS): number {
  return tasks.filter((candidates) => {
    const key = ({ features }: Attempt["candidates"][number]): number =>
      weights === undefined ? -features.bits - 10 * features.overfit : scoreOf(features, weights);
    return [...candidates].sort((a, b) => key(b) - key(a))[0]?.right === true;
  }).length;
}

function firstPerTask(attempts: readonly Attempt[]): readonly Attempt[] {
  const seen = new Set<string>();
  return attempts.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Score of the best program (−1: none was shown), whether it is right, and the rank of the first right one. */
function rowOf({ candidates, isGuess }: Attempt, weights: typeof HAND_WEIGHTS): Row {
  const ranked = candidates
    .map(({ features, right }) => ({ score: scoreOf(features, weights), right }))
    .sort((a, b) => b.score - a.score);
  const [best] = ranked;
  const first = ranked.findIndex((one) => one.right) + 1;
  if (best === undefined || isGuess) return [-1, 0, first];
  return [Math.round(best.score * 1e6) / 1e6, best.right ? 1 : 0, first];
}

function cardsOf(attempts: readonly Attempt[], table: Table): string {
  const report = attempts.filter((one) => one.usable && partOf(one.family) === "report");
  const rows = GROUPS.flatMap((group) =>
    firstPerTask(report.filter((one) => one.group === group)).map((one) => ({
      group,
      row: rowOf(one, table.weights ?? HAND_WEIGHTS),
    })),
  );
  const cards = GROUPS.map((group) =>
    cardOf(
      group,
      group,
      rows.filter((one) => one.group === group).map((one) => one.row),
      table,
    ),
  );
  return cardText([...cards, wholeCard(rows, table)]);
}

await main();
