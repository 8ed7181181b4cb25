import type { Program, ProgramFunction } from "#anrf/program/program.ts";
import type { Value } from "#anrf/program/value.ts";
import { implementation } from "#anrf/std/supported.ts";
import type { Builtin } from "#gen/anrf/v1/builtins_pb.ts";
import { ensuresCheck, measuredBody, requiresCheck } from "./clauses.ts";
import { type Code, type ContractMode, type Frame, type Site, TAIL, type Target } from "./code.ts";
import { ACTIVATION_WEIGHT, Meter } from "./meter.ts";
import { nodeCode } from "./nodes.ts";
import { hasEscapingLambda, straightCosts, tailNodes, treeSizes } from "./regions.ts";

/** A program as closures. It owns the meter of its run, so one plan makes one run at a time. */
export interface Plan {
  readonly program: Program;
  readonly contracts: ContractMode;
  readonly meter: Meter;
  readonly entry: Target;
  /** The number of each function's first node in the whole program. */
  readonly bases: readonly number[];
}

/** A builtin that a program calls and this engine does not run. */
export interface MissingBuiltin {
  readonly builtin: Builtin;
  readonly function: number;
  readonly node: number;
}

/**
 * Makes the closures of a checked program, once for many runs. A builtin that this build does not run throws when it
 * is planned: ask `missingBuiltins` first.
 */
export function planProgram(program: Program, contracts: ContractMode = "enforce"): Plan {
  const meter = new Meter();
  const bases: number[] = [];
  let next = 0;
  for (const fn of program.functions) {
    bases.push(next);
    next += fn.nodes.length;
  }
  const targets = program.functions.map((fn): Target => ({ fn, run: unplanned }));
  targets.forEach((target, index) => {
    planFunction(target, { program, meter, targets, contracts, base: bases[index] ?? 0 });
  });
  const entry = targets[program.entry.index];
  if (entry === undefined) throw new Error(`entry ${program.entry.index} is out of range`);
  return { program, contracts, meter, entry, bases };
}

/** Every call of a builtin that this engine does not run, in order of the table. */
export function missingBuiltins(program: Program): readonly MissingBuiltin[] {
  const missing: MissingBuiltin[] = [];
  for (const fn of program.functions) {
    fn.nodes.forEach((node, id) => {
      if (node.kind.case !== "builtinCall" || implementation(node.kind.value.builtin) !== undefined) return;
      missing.push({ builtin: node.kind.value.builtin, function: fn.index, node: id });
    });
  }
  return missing;
}

type Shared = Pick<Site, "program" | "meter" | "targets" | "contracts" | "base">;

function unplanned(): never {
  throw new Error("a function is called before it is planned");
}

function planFunction(target: Target, shared: Shared): void {
  const { fn } = target;
  const { nodes, def } = fn;
  const checked = shared.contracts !== "off";
  const site: Site = {
    ...shared,
    fn,
    codes: [],
    straight: straightCosts(nodes),
    sizes: treeSizes(nodes),
    tail: tailNodes(def, checked && def.ensures.length > 0),
    escapes: hasEscapingLambda(fn),
  };
  nodes.forEach((node, id) => {
    site.codes.push(nodeCode(site, node, id));
  });
  target.run = activation(site, checked);
}

/** Depth, fuel, `requires`, the body with its self tail calls, `ensures`. */
function activation(site: Site, checked: boolean): Code {
  const { meter, fn, base } = site;
  const { def } = fn;
  const body = bodyCode(site, checked);
  const ensures = checked ? ensuresCheck(site) : undefined;
  const weight = ACTIVATION_WEIGHT + fn.nodes.length;
  const place = base + def.body;
  const enter = (frame: Frame): Value => {
    meter.depth -= weight;
    if (meter.depth < 0) meter.outOfDepth(place);
    if (meter.depth < meter.lowest) meter.lowest = meter.depth;
    const result = body(frame);
    meter.depth += weight;
    return result;
  };
  if (ensures === undefined) return enter;
  return (frame) => {
    const result = enter(frame);
    ensures(frame, result);
    return result;
  };
}

function bodyCode(site: Site, checked: boolean): Code {
  const { meter, fn, base, straight, tail } = site;
  const { def } = fn;
  const code = site.codes[def.body];
  if (code === undefined) throw new Error(`body ${def.body} of function "${def.name}" is out of range`);
  const cost = straight[def.body] ?? 1;
  const place = base + def.body;
  const requires = checked ? requiresCheck(site) : undefined;
  const once: Code = (frame) => {
    requires?.(frame);
    meter.fuel -= cost;
    if (meter.fuel < 0) meter.outOfFuel(place);
    return code(frame);
  };
  if (checked && def.decreases !== undefined) return measuredBody(site, def.decreases, once);
  return selfTailCalls(fn, tail) ? againWhileTail(site, once) : once;
}

function selfTailCalls(fn: ProgramFunction, tail: Uint8Array): boolean {
  return fn.nodes.some(
    (node, id) =>
      tail[id] === 1 && node.kind.case === "functionCall" && node.kind.value.function === fn.index,
  );
}

/** A self tail call is a loop and adds no depth. Frames that a lambda may hold are left alone. */
function againWhileTail(site: Site, once: Code): Code {
  const { meter, fn, escapes } = site;
  const size = fn.localTypes.length;
  return (first) => {
    let frame = first;
    for (;;) {
      const result = once(frame);
      if (result !== TAIL) return result;
      const args = meter.tail;
      if (escapes) frame = new Array<Value>(size);
      for (let i = 0; i < args.length; i++) frame[i] = args[i] as Value;
    }
  };
}
