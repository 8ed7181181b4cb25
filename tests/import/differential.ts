import { interpret, type Outcome } from "#anrf/interpret/interpret.ts";
import { planProgram } from "#anrf/interpret/plan.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import { showValue } from "#anrf/program/show.ts";
import type { Value } from "#anrf/program/value.ts";
import { callInputs } from "#anrf/testing/inputs.ts";
import { Random } from "#anrf/testing/random.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";
import type { PythonAnswer, PythonJob } from "./cpython.ts";
import { judge, showOutcome, showResult, VERDICTS, type Verdict } from "./judge.ts";
import { encodeValue } from "./values.ts";

/** What an importer makes of one source. */
export type Import = { readonly module: Module } | { readonly refusals: readonly string[] };

/** What is compared. */
export interface Compared {
  readonly name: string;
  readonly source: string;
  readonly function: string;
  readonly seed: number;
  /** Inputs hold no character beyond the basic plane: where a language counts in UTF-16 units. */
  readonly hasBasicText?: boolean;
}

/** A program that was accepted, its inputs, and what it gave for each. */
export interface Ran {
  readonly program: Program;
  readonly inputs: readonly (readonly Value[])[];
  readonly outcomes: readonly Outcome[];
}

/** How the runs of one source came out. */
export interface Report {
  readonly name: string;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Each silent difference, with all that is needed to see it. */
  readonly differences: readonly string[];
  readonly refusals?: readonly string[];
}

/** What a source may use in one run: enough for what it does with inputs of a few items. */
const LIMITS = { fuel: 1_000_000, depth: 20_000 };

/**
 * Imports a source, runs it on inputs made from its parameter types, asks the other language for the same and reports
 * how the two compare.
 */
export async function compareRuns(
  one: Compared,
  makeImport: () => Import,
  inputCount: number,
  ask: (job: PythonJob) => Promise<PythonAnswer>,
): Promise<Report> {
  const imported = attempted(makeImport);
  if ("refusals" in imported) return { ...emptyReport(one.name), refusals: imported.refusals };
  if ("thrown" in imported) {
    return {
      ...emptyReport(one.name),
      differences: [`${one.name}: the importer throws ${imported.thrown}\n${one.source}`],
    };
  }
  const program = openProgram(imported.module);
  const inputs = callInputs(new Random(one.seed), program.entry.params, inputCount, one);
  const calls = inputs.map((args) => args.map((arg, index) => encodeValue(arg, typeAt(program, index))));
  const pending = ask({ source: one.source, function: one.function, calls });
  const plan = planProgram(program);
  const outcomes = inputs.map((args) => interpret(plan, args, LIMITS));
  const answer = await pending;
  if ("broken" in answer) throw new Error(`cannot compare ${one.name}: ${answer.broken}\n${one.source}`);
  return reportOf(one, { program, inputs, outcomes }, answer.results);
}

/** The importer never throws, not even where what it makes is not sound: it checks that itself. */
function attempted(makeImport: () => Import): Import | { readonly thrown: string } {
  try {
    return makeImport();
  } catch (error) {
    return { thrown: String(error) };
  }
}

function typeAt(program: Program, index: number) {
  const type = program.entry.params[index];
  if (type === undefined) throw new Error(`the entry has no parameter ${index}`);
  return type;
}

function emptyReport(name: string): Report {
  return { name, counts: emptyCounts(), differences: [] };
}

/** A count of zero for each verdict. */
export function emptyCounts(): Record<Verdict, number> {
  return Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
}

function reportOf(
  one: Compared,
  { program, inputs, outcomes }: Ran,
  results: Extract<PythonAnswer, { results: unknown }>["results"],
): Report {
  const counts = emptyCounts();
  const differences: string[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const found = results[index];
    if (found === undefined) throw new Error(`there is no answer to call ${index} of ${one.name}`);
    const verdict = judge(found, outcome, program);
    counts[verdict]++;
    if (verdict !== "different") continue;
    const args = (inputs[index] ?? []).map((arg, at) =>
      showValue(arg, typeAt(program, at), program.nominals, 300),
    );
    differences.push(
      `${one.name}(${args.join(", ")}) (seed ${one.seed})\n  source: ${showResult(found)}\n  import: ${showOutcome(outcome, program)}`,
    );
  }
  return { name: one.name, counts, differences };
}
