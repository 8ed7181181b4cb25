import { buildProgram } from "#anrf/build/builder.ts";
import type { FunctionExpr } from "#anrf/build/expr.ts";
import { check } from "#anrf/check/check.ts";
import { interpret, type Outcome } from "#anrf/interpret/interpret.ts";
import { planProgram } from "#anrf/interpret/plan.ts";
import { hasErrors } from "#anrf/program/diagnostic.ts";
import { openProgram } from "#anrf/program/program.ts";
import type { Value } from "#anrf/program/value.ts";
import { type Edit, editsOf, type KnownConstant } from "./edits.ts";

/** A program that gives something else than an example, though it has the right types. */
export interface NearMiss {
  readonly functions: readonly FunctionExpr[];
  /** Nodes. */
  readonly size: number;
  /** Examples that it gives. */
  readonly solved: number;
  /** Samples that mean it. */
  readonly samples: number;
}

/** A program that gives every example after one change. */
export interface Repaired {
  readonly functions: readonly FunctionExpr[];
  readonly size: number;
  /** Bits that tell the change, and which near miss it was made to. */
  readonly cost: number;
}

/** What a program is to do. */
export interface RepairTask {
  readonly name: string;
  readonly constants: readonly KnownConstant[];
  /** Arguments of each example. */
  readonly inputs: readonly (readonly Value[])[];
  /** Whether a run ends as that example says. */
  readonly gives: (run: Outcome, example: number) => boolean;
}

/** What repair may do. */
export interface RepairLimits {
  /** Programs that are run, in all near misses together. */
  readonly programs: number;
}

/** Near misses that are looked at. */
const MOST_MISSES = 8;
const FUEL = 100_000;
/** Once one was found, changes that take so many bits more are not looked at. */
const GRACE_BITS = 2;

/**
 * Programs that differ from a near miss in one place and give every example, cheapest first (one sub-term of a program
 * becomes a hole; the changes that fill it are those of `editsOf`). The order depends on task and near misses alone.
 */
export function* repairs(
  misses: readonly NearMiss[],
  task: RepairTask,
  limits: RepairLimits,
): Generator<Repaired, number> {
  const plans = planned(misses, task.constants);
  let left = limits.programs;
  let most = Number.POSITIVE_INFINITY;
  for (const { miss, at, edit, cost } of plans) {
    if (left <= 0 || cost > most) break;
    left--;
    const functions = miss.functions.map((fn, index) => (index === at ? edit.fn : fn));
    if (!givesAll(functions, task)) continue;
    most = Math.min(most, cost + GRACE_BITS);
    yield { functions, size: miss.size, cost };
  }
  return limits.programs - left;
}

interface Planned {
  readonly miss: NearMiss;
  /** Which function is changed. */
  readonly at: number;
  readonly edit: Edit;
  readonly cost: number;
}

/** All changes of all near misses, cheapest first; what many samples mean is cheap. */
function planned(misses: readonly NearMiss[], constants: readonly KnownConstant[]): readonly Planned[] {
  const best = [...misses]
    .sort((a, b) => b.solved - a.solved || b.samples - a.samples || a.size - b.size)
    .slice(0, MOST_MISSES);
  const all = best.reduce((sum, { samples }) => sum + samples, 0);
  return best
    .flatMap((miss) =>
      miss.functions.flatMap((fn, at) =>
        editsOf(fn, constants).map((edit) => ({
          miss,
          at,
          edit,
          cost: edit.cost + Math.log2(all / miss.samples),
        })),
      ),
    )
    .sort((a, b) => a.cost - b.cost);
}

function givesAll(functions: readonly FunctionExpr[], task: RepairTask): boolean {
  const { module } = buildProgram({ entry: task.name, functions });
  // A change keeps types, but not each rule: what runs unchecked may fail in the host.
  if (hasErrors(check(module))) return false;
  const plan = planProgram(openProgram(module), "off");
  return task.inputs.every((args, at) => task.gives(interpret(plan, [...args], { fuel: FUEL }), at));
}
