import type { Value } from "#anrf/program/value.ts";
import type { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";

/** What a check says: it holds, it is broken, neither was shown. */
export type Status = "PASS" | "FAIL" | "WARN";

/** How strong an answer is; strengths are never merged into one. */
export type Tier = "PROVED" | "BOUNDED" | "SAMPLED" | "GUARDED" | "UNCHECKED";

/** An input of the entry with what should come out and what did. */
export interface Counterexample {
  readonly args: readonly Value[];
  readonly expected: { readonly value: Value } | { readonly trap: TrapCode } | undefined;
  readonly got: { readonly value: Value } | { readonly trap: TrapCode };
}

/** One part of a check: a rule, or an example. */
export interface Obligation {
  /** Unique in its result: `V08-1`, `example-3`. */
  readonly id: string;
  readonly kind: "rule" | "example";
  /** Name of the function; empty for none. */
  readonly function: string;
  readonly node: number | undefined;
  readonly status: Status;
  readonly tier: Tier;
  /** Lower case: why. */
  readonly reason: string;
  /** What found it: `checker`, `interpreter`. */
  readonly engine: string;
  readonly counterexample?: Counterexample;
}

/** The outcome of one check. */
export interface CheckOutcome {
  readonly check: string;
  readonly status: Status;
  /** A sentence or a few lines, for people. */
  readonly details: string;
  readonly obligations: readonly Obligation[];
}

/** The worst of several: FAIL, else WARN, else PASS; WARN for none at all. */
export function worst(all: readonly Status[]): Status {
  if (all.includes("FAIL")) return "FAIL";
  return all.length === 0 || all.includes("WARN") ? "WARN" : "PASS";
}
