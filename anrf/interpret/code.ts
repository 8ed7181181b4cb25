import type { Program, ProgramFunction } from "#anrf/program/program.ts";
import type { Value } from "#anrf/program/value.ts";
import type { Meter } from "./meter.ts";

/** The locals of one activation, by index. */
export type Frame = Value[];

/** One node as a closure: evaluates it in a frame. */
export type Code = (frame: Frame) => Value;

/** What happens to contract clauses: a false one traps, is reported, or is not evaluated at all. */
export type ContractMode = "enforce" | "report" | "off";

/** A function while it is planned: calls reach its code through this object, so order does not matter. */
export interface Target {
  readonly fn: ProgramFunction;
  /** Runs the function on a frame that holds its arguments. */
  run: Code;
}

/** What the closures of one function are made from. */
export interface Site {
  readonly meter: Meter;
  readonly program: Program;
  readonly fn: ProgramFunction;
  readonly targets: readonly Target[];
  readonly contracts: ContractMode;
  /** Number of the function's first node in the whole program. */
  readonly base: number;
  /** Closures of the nodes so far; operands are earlier, so they are there. */
  readonly codes: Code[];
  /** straight[i]: nodes below i that run whenever i runs. */
  readonly straight: Int32Array;
  /** sizes[i]: all nodes of the tree of i. */
  readonly sizes: Int32Array;
  /** tail[i] = 1: the value of node i is the value of the function. */
  readonly tail: Uint8Array;
  /** True where a lambda may outlive its builtin call: then frames are copied, not shared. */
  readonly escapes: boolean;
}

/** Stands for "call the function again with meter.tail"; never seen outside the function's own loop. */
export const TAIL: Value = Object.freeze([]) as readonly Value[];

/** The code of an operand. */
export function codeAt(site: Site, id: number): Code {
  const code = site.codes[id];
  if (code === undefined) throw new Error(`operand ${id} is not earlier than its node`);
  return code;
}

/** The code of a part that starts a straight line of its own: an arm, a lazy argument, a clause. */
export function charged(site: Site, id: number): Code {
  const { meter, base } = site;
  const code = codeAt(site, id);
  const cost = site.straight[id] ?? 1;
  return (frame) => {
    meter.fuel -= cost;
    if (meter.fuel < 0) meter.outOfFuel(base + id);
    return code(frame);
  };
}
