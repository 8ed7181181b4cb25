import { TrapSignal } from "#anrf/program/trap.ts";
import { compareValues, type Value } from "#anrf/program/value.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Clause } from "#gen/anrf/v1/ir_pb.ts";
import { type Code, charged, type Frame, type Site, TAIL } from "./code.ts";
import { MAX_REPORTS } from "./meter.ts";

/** Evaluates something of a contract in a frame; traps with CONTRACT, or reports, by the mode of the plan. */
export type Check = (frame: Frame) => void;

const LIMITS: ReadonlySet<TrapCode> = new Set([TrapCode.FUEL, TrapCode.MEMORY, TrapCode.DEPTH]);

/** A clause that must be true. */
export function clause(site: Site, root: number, what: string): Check {
  const code = charged(site, root);
  const { meter, base } = site;
  return (frame) => {
    watched(site, root, () => {
      if (code(frame) !== true) meter.trap(TrapCode.CONTRACT, what, base + root);
    });
  };
}

/**
 * Runs the evaluation of a contract. ENFORCE: a trap inside it counts as false, limits of the run pass. REPORT: it
 * has a purse of its own, every trap becomes a report, and clauses inside clauses are not asked.
 */
export function watched(site: Site, root: number, evaluate: () => unknown): void {
  if (site.contracts === "enforce") enforced(site, root, evaluate);
  else reported(site, root, evaluate);
}

function enforced({ meter, base }: Site, root: number, evaluate: () => unknown): void {
  try {
    evaluate();
  } catch (error) {
    if (!(error instanceof TrapSignal) || error.code === TrapCode.CONTRACT || LIMITS.has(error.code))
      throw error;
    meter.trap(TrapCode.CONTRACT, `a contract clause traps: ${error.message}`, base + root);
  }
}

function reported({ meter, fn }: Site, root: number, evaluate: () => unknown): void {
  if (meter.reporting || meter.purse <= 0) return;
  const { fuel, depth, memory, lowest, tail, direct } = meter;
  meter.fuel = meter.purse;
  meter.reporting = true;
  try {
    evaluate();
  } catch (error) {
    if (!(error instanceof TrapSignal)) throw error;
    const known = !LIMITS.has(error.code);
    if (known && meter.reports.length < MAX_REPORTS) {
      const trapped = error.code !== TrapCode.CONTRACT;
      meter.reports.push({ function: fn.index, node: root, what: error.message, trapped });
    }
  }
  meter.purse = Math.max(0, meter.fuel);
  meter.reporting = false;
  Object.assign(meter, { fuel, depth, memory, lowest, tail, direct });
}

/** All `requires` of a function, on a frame that holds the arguments; undefined without any. */
export function requiresCheck(site: Site): Check | undefined {
  return all(site, site.fn.def.requires, "requires");
}

/** All `ensures` of a function, given the frame of the activation and its result; undefined without any. */
export function ensuresCheck(site: Site): ((frame: Frame, result: Value) => void) | undefined {
  const { ensures, resultLocal } = site.fn.def;
  const check = all(site, ensures, "ensures");
  if (check === undefined) return undefined;
  return (frame, result) => {
    if (resultLocal !== undefined) frame[resultLocal] = result;
    check(frame);
  };
}

function all(site: Site, clauses: readonly Clause[], kind: string): Check | undefined {
  const name = site.fn.def.name;
  const checks = clauses.map(({ root, label }) =>
    clause(site, root, `"${name}" ${kind}${label === "" ? "" : ` "${label}"`}, and that is false`),
  );
  if (checks.length === 0) return undefined;
  return (frame) => {
    for (const check of checks) check(frame);
  };
}

/** True for a measure whose parts are all at least 0. */
export function isMeasure(value: Value): boolean {
  if (Array.isArray(value)) return value.every((part) => isMeasure(part));
  return (typeof value === "number" || typeof value === "bigint") && value >= 0;
}

/**
 * A function whose `decreases` is evaluated at each entry: inside an activation of the same function it must be
 * below that activation's, and neither may be negative. Self tail calls count as calls inside.
 */
export function measuredBody(site: Site, root: number, once: Code): Code {
  const { meter, base, fn } = site;
  const measure = charged(site, root);
  const size = fn.localTypes.length;
  const entered = (frame: Frame): void => {
    watched(site, root, () => {
      const now = measure(frame);
      const open = meter.measures[fn.index];
      meter.measures[fn.index] = now;
      if (isMeasure(now) && (open === undefined || compareValues(now, open) < 0)) return;
      meter.trap(
        TrapCode.CONTRACT,
        `what "${fn.def.name}" decreases does not shrink, or is below 0`,
        base + root,
      );
    });
  };
  return (first) => {
    const outer = meter.measures[fn.index];
    let frame = first;
    for (;;) {
      entered(frame);
      const result = once(frame);
      if (result !== TAIL) {
        meter.measures[fn.index] = outer;
        return result;
      }
      const args = meter.tail;
      frame = new Array<Value>(size);
      for (let i = 0; i < args.length; i++) frame[i] = args[i] as Value;
    }
  };
}
