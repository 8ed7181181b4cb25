import type { Program } from "#anrf/program/program.ts";
import { TrapSignal } from "#anrf/program/trap.ts";
import type { Value } from "#anrf/program/value.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { ContractMode } from "./code.ts";
import { type ContractReport, DEFAULT_LIMITS, type Meter, type RunLimits } from "./meter.ts";
import { type Plan, planProgram } from "./plan.ts";

/** Why a run ended without a value, and where. */
export interface Trap {
  readonly code: TrapCode;
  readonly function: number;
  readonly node: number;
  /** Lower case, for people. */
  readonly message: string;
  /** True for a DEPTH that the host's stack met before the meter did: a defect of ours. */
  readonly backstop: boolean;
}

/** What a run used. */
export interface RunCosts {
  readonly fuelUsed: number;
  readonly depthUsed: number;
  /** As the meter estimates it. */
  readonly memoryUsed: number;
  /** Clauses that were false, where contracts are only reported. */
  readonly reports: readonly ContractReport[];
}

/** A value or a trap, and what it took. */
export type Outcome = RunCosts &
  (
    | { readonly value: Value; readonly trap?: undefined }
    | { readonly trap: Trap; readonly value?: undefined }
  );

/**
 * One run of the entry. The same plan, arguments and limits give the same outcome; with `fuel: fuelUsed` it is the
 * same again, with one unit less it is FUEL. A program never makes this throw; an exception is a defect of ours.
 */
export function interpret(plan: Plan, args: readonly Value[], limits: Partial<RunLimits> = {}): Outcome {
  const { meter, entry } = plan;
  const given = { ...DEFAULT_LIMITS, ...limits };
  if (args.length !== entry.fn.def.paramCount) {
    throw new Error(`the entry takes ${entry.fn.def.paramCount} arguments, not ${args.length}`);
  }
  meter.reset(given);
  const frame = new Array<Value>(entry.fn.localTypes.length);
  for (let i = 0; i < args.length; i++) frame[i] = args[i] as Value;
  try {
    const value = entry.run(frame);
    return { value, ...costs(meter, given) };
  } catch (error) {
    return { trap: trapOf(plan, error), ...costs(meter, given) };
  }
}

/** Plans and runs once: for tests and tools; keep the plan where a program runs more than once. */
export function runProgram(
  program: Program,
  args: readonly Value[],
  limits: Partial<RunLimits> = {},
  contracts: ContractMode = "enforce",
): Outcome {
  return interpret(planProgram(program, contracts), args, limits);
}

function costs(meter: Meter, limits: RunLimits): RunCosts {
  return {
    fuelUsed: Math.min(limits.fuel, limits.fuel - meter.fuel),
    depthUsed: limits.depth - Math.max(0, meter.lowest),
    memoryUsed: Math.min(limits.memory, limits.memory - meter.memory),
    reports: meter.reports,
  };
}

function trapOf(plan: Plan, error: unknown): Trap {
  const place = placeOf(plan, plan.meter.site);
  if (error instanceof TrapSignal)
    return { code: error.code, ...place, message: error.message, backstop: false };
  if (isStackOverflow(error)) {
    const message = "the calls of the run nest more deeply than the host allows";
    return { code: TrapCode.DEPTH, ...place, message, backstop: true };
  }
  if (isTooLarge(error)) {
    return { code: TrapCode.MEMORY, ...place, message: "a value of the run is too large", backstop: true };
  }
  throw error;
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && /Invalid (string|array) length/.test(error.message);
}

function placeOf({ bases }: Plan, site: number): { function: number; node: number } {
  let index = bases.length - 1;
  while (index > 0 && (bases[index] ?? 0) > site) index--;
  return { function: index, node: site - (bases[index] ?? 0) };
}
