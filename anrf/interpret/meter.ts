import { TrapSignal } from "#anrf/program/trap.ts";
import type { Value } from "#anrf/program/value.ts";
import type { Gauge } from "#anrf/std/leaves.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";

/** What a run may use. */
export interface RunLimits {
  /** Units of work; see execution.md §7. */
  readonly fuel: number;
  /** Bytes of lists, maps, strings and variants made, as the meter estimates them. */
  readonly memory: number;
  /** Units of depth: an activation weighs 16 and its node count. */
  readonly depth: number;
}

/** The limits of the platform while the interpreter is the only engine. */
export const DEFAULT_LIMITS: RunLimits = { fuel: 10_000_000, memory: 64 * 1024 * 1024, depth: 250_000 };

/** Weight of an activation beside its nodes. */
export const ACTIVATION_WEIGHT = 16;

/** A clause that was false, or that trapped, in a run that only reports contracts. */
export interface ContractReport {
  readonly function: number;
  /** Root of the clause. */
  readonly node: number;
  readonly what: string;
  /** True where the clause trapped instead of being false. */
  readonly trapped: boolean;
}

/** Most reports that are kept of one run. */
export const MAX_REPORTS = 100;
/** Share of the fuel that clauses may use where they are only reported. */
const PURSE_SHARE = 0.1;

/**
 * What is left of the limits of the run in progress. One meter belongs to one plan, whose closures subtract from it
 * directly: a method call for each node would cost more than the node.
 */
export class Meter implements Gauge {
  fuel = 0;
  memory = 0;
  depth = 0;
  /** The least `depth` so far. */
  lowest = 0;
  /** Where a trap that knows no place of its own happened: the number of a node in the whole program. */
  site = 0;
  /** Set for the moment between a value call and the entry of its lambda: that activation has weight. */
  direct = false;
  /** Arguments of the self tail call in flight. */
  tail: readonly Value[] = [];
  purse = 0;
  /** True inside a clause that is only reported. */
  reporting = false;
  reports: ContractReport[] = [];
  /** By function: the measure of its innermost activation. */
  measures: (Value | undefined)[] = [];

  /** Starts a run. */
  reset(limits: RunLimits): void {
    this.fuel = limits.fuel;
    this.memory = limits.memory;
    this.depth = limits.depth;
    this.lowest = limits.depth;
    this.site = 0;
    this.direct = false;
    this.tail = [];
    this.purse = Math.floor(limits.fuel * PURSE_SHARE);
    this.reporting = false;
    this.reports = [];
    this.measures = [];
  }

  /**
   * A level of a structure that a comparison is about to meet; its site is set. Where the depth ends there, the leaves
   * before it are paid: with as much fuel as was used the run ends the same way.
   */
  enter(leaves: number): void {
    this.depth -= ACTIVATION_WEIGHT;
    if (this.depth < 0) {
      this.fuel -= Math.max(0, leaves);
      this.outOfDepth(this.site);
    }
    if (this.depth < this.lowest) this.lowest = this.depth;
  }

  /** That level is done. */
  leave(): void {
    this.depth += ACTIVATION_WEIGHT;
  }

  /** Ends the run with FUEL at that site. */
  outOfFuel(site: number): never {
    this.site = site;
    throw new TrapSignal(TrapCode.FUEL, "the fuel of the run is spent");
  }

  /** Ends the run with MEMORY at that site. */
  outOfMemory(site: number): never {
    this.site = site;
    throw new TrapSignal(TrapCode.MEMORY, "the memory of the run is spent");
  }

  /** Ends the run with DEPTH at that site. */
  outOfDepth(site: number): never {
    this.site = site;
    throw new TrapSignal(TrapCode.DEPTH, "the calls of the run nest too deeply");
  }

  /** Ends the run with that code at that site. */
  trap(code: TrapCode, message: string, site: number): never {
    this.site = site;
    throw new TrapSignal(code, message);
  }
}
