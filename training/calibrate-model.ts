// node training/calibrate-model.ts: fits the score of generations in which a model took part, and writes the model's table.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readResults, type TaskLine } from "../bench/report.ts";
import {
  GROUPS,
  type Group,
  groupOf,
  MODEL_SCORER,
  type ModelTable,
  type Row,
  readModelTables,
} from "../services/generation/confidence.ts";
import {
  AGREEMENT_WEIGHTS,
  type AgreementFeature,
  type AgreementFeatures,
  agreementScore,
} from "../services/generation/model/agreement.ts";
import { familyOf } from "./attempt.ts";
import { fitWeights, type Judgement, lossOf } from "./fit.ts";
import { cardOf, cardText, wholeCard } from "./report-card.ts";
import { fileText, inOrder, onePerTask } from "./rows.ts";
import { partOf } from "./split.ts";

const USAGE = `usage: node training/calibrate-model.ts --model FILE.gguf [--out FILE] LINES.jsonl…
Reads what \`npm run bench -- tasks --mode model\` wrote: tasks that may tune fit the score, those that may calibrate
make the table, and the rest tell how well it keeps its word.`;
const OUT = join(import.meta.dirname, "../services/generation/calibration-models.json");

/** What became of one task: only numbers. */
interface Attempt {
  readonly id: string;
  readonly group: Group;
  readonly features: AgreementFeatures | undefined;
  readonly right: boolean;
  readonly rank: number;
}

async function main(): Promise<number> {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
      model: { type: "string" },
      out: { type: "string", default: OUT },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || values.model === undefined || files.length === 0) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const weights = await sha256Of(values.model);
  const attempts = (await Promise.all(files.map((file) => readAttempts(file, weights)))).flat();
  const made = tableOf(attempts, weights);
  const others = readModelTables().filter((one) => one.weights !== weights);
  await writeFile(values.out, fileText([...others, made]));
  console.log(cardsOf(attempts, made));
  console.log(`wrote ${values.out}`);
  return 0;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/** The lines of a file; those of another model or scorer are an error, since their scores do not mean the same. */
async function readAttempts(file: string, weights: string): Promise<readonly Attempt[]> {
  const { run, tasks } = await readResults(file);
  const hasWords = run?.settings["words"] === true;
  return tasks.flatMap((line) => {
    const { model, scorer } = line.versions;
    if (model === undefined || !weights.startsWith(model) || scorer !== MODEL_SCORER)
      throw new Error(`${file} has results of ${model} and ${scorer}, not of this model and ${MODEL_SCORER}`);
    return line.outcome === "FAILED" ? [] : [attemptOf(line, groupOf(hasWords, line.k))];
  });
}

function attemptOf(line: TaskLine, group: Group): Attempt {
  const { id, right, outcome, agreement } = line;
  const features = outcome === "ACCEPTED" ? (agreement as AgreementFeatures | undefined) : undefined;
  return { id, group, features, right, rank: line.rank_first_right ?? 0 };
}

function tableOf(attempts: readonly Attempt[], weights: string): ModelTable {
  const tune = of(attempts, "tune").flatMap(
    ({ features, right }): (readonly Judgement<AgreementFeature>[])[] =>
      features === undefined ? [] : [[{ features, right }]],
  );
  const scorer = fitWeights(tune, AGREEMENT_WEIGHTS);
  const losses = [AGREEMENT_WEIGHTS, scorer].map((one) => lossOf(tune, one).toFixed(4));
  console.log(`${tune.length} tuning tasks, log loss ${losses[0]} bits by hand, ${losses[1]} fitted`);
  const calibrate = of(attempts, "calibrate");
  const rows = (group: Group): readonly Row[] =>
    calibrate.filter((one) => one.group === group).map((one) => rowOf(one, scorer));
  return {
    weights,
    table: {
      id: `${MODEL_SCORER} ${weights.slice(0, 12)}`,
      scorerVersion: MODEL_SCORER,
      groups: Object.fromEntries(GROUPS.map((group) => [group, inOrder(rows(group))])),
      pooled: inOrder(onePerTask(calibrate).map((one) => rowOf(one, scorer))),
    },
    scorer,
  };
}

function of(attempts: readonly Attempt[], part: ReturnType<typeof partOf>): readonly Attempt[] {
  return attempts.filter(({ id }) => partOf(familyOf(id)) === part);
}

function rowOf({ features, right, rank }: Attempt, scorer: AgreementFeatures): Row {
  if (features === undefined) return [-1, 0, rank];
  return [Math.round(agreementScore(features, scorer) * 1e6) / 1e6, right ? 1 : 0, rank];
}

function cardsOf(attempts: readonly Attempt[], { table, scorer }: ModelTable): string {
  const rows = of(attempts, "report").map((one) => ({
    group: one.group,
    row: rowOf(one, scorer ?? AGREEMENT_WEIGHTS),
  }));
  const cards = GROUPS.map((group) =>
    cardOf(
      group,
      group,
      rows.filter((one) => one.group === group).map(({ row }) => row),
      table,
    ),
  );
  return cardText([...cards, wholeCard(rows, table)]);
}

process.exitCode = await main();
