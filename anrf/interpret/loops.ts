import { compareValues, type Value } from "#anrf/program/value.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { LoopWhile } from "#gen/anrf/v1/ir_pb.ts";
import { clause, isMeasure, watched } from "./clauses.ts";
import { type Code, charged, codeAt, type Frame, type Site } from "./code.ts";

/** `loop state = init while condition { step }`, with its invariants and its measure where contracts are evaluated. */
export function loopCode(site: Site, loop: LoopWhile, id: number): Code {
  const { meter, base, straight, contracts } = site;
  const { state, condition, step } = loop;
  const init = codeAt(site, loop.init);
  const test = codeAt(site, condition);
  const next = codeAt(site, step);
  const testCost = straight[condition] ?? 1;
  const stepCost = straight[step] ?? 1;
  const checks = contracts === "off" ? undefined : loopChecks(site, loop, id);
  if (checks !== undefined) return checkedLoop(site, loop, checks);
  return (frame) => {
    frame[state] = init(frame);
    for (;;) {
      meter.fuel -= testCost;
      if (meter.fuel < 0) meter.outOfFuel(base + condition);
      if (test(frame) !== true) return frame[state] as Value;
      meter.fuel -= stepCost;
      if (meter.fuel < 0) meter.outOfFuel(base + step);
      frame[state] = next(frame);
    }
  };
}

/** What is asked before each test; gives the measure of the state, if there is one. */
type LoopChecks = (frame: Frame, before: Value | undefined) => Value | undefined;

function checkedLoop(site: Site, loop: LoopWhile, checks: LoopChecks): Code {
  const init = codeAt(site, loop.init);
  const test = charged(site, loop.condition);
  const next = charged(site, loop.step);
  return (frame) => {
    frame[loop.state] = init(frame);
    let measure: Value | undefined;
    for (;;) {
      measure = checks(frame, measure);
      if (test(frame) !== true) return frame[loop.state] as Value;
      frame[loop.state] = next(frame);
    }
  };
}

function loopChecks(site: Site, loop: LoopWhile, id: number): LoopChecks | undefined {
  const invariants = loop.invariants.map((root) => clause(site, root, "an invariant of the loop is false"));
  const measured = loop.decreases === undefined ? undefined : measureCheck(site, loop.decreases, id);
  if (invariants.length === 0 && measured === undefined) return undefined;
  return (frame, before) => {
    for (const check of invariants) check(frame);
    return measured?.(frame, before);
  };
}

/** The measure must shrink from test to test, and must not be negative when a step follows a step. */
function measureCheck(site: Site, root: number, id: number): LoopChecks {
  const code = charged(site, root);
  const { meter, base } = site;
  return (frame, before) => {
    let now: Value | undefined;
    watched(site, root, () => {
      now = code(frame);
      if (before === undefined || (isMeasure(before) && compareValues(now, before) < 0)) return true;
      return meter.trap(
        TrapCode.CONTRACT,
        "what the loop decreases does not shrink, or is below 0",
        base + id,
      );
    });
    return now;
  };
}
