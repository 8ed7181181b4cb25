import { conformanceProblem } from "#anrf/testing/conform.ts";
import type { Mapping } from "./suite.ts";

/** What became of CEL's tests; the numbers add up. */
export interface CelTable {
  readonly tests: number;
  readonly passed: number;
  /** Mapped and not passed: each stands in gaps.json. */
  readonly gaps: number;
  /** Not mapped, by the reason. */
  readonly unmapped: Readonly<Record<string, number>>;
}

/** A mapped test that none of its cases passes. */
export interface CelFailure {
  readonly id: string;
  readonly problem: string;
}

/** Runs what is mapped and counts the rest. */
export function celTable(mappings: readonly Mapping[]): {
  readonly table: CelTable;
  readonly failures: readonly CelFailure[];
} {
  const reasons = new Map<string, number>();
  const failures: CelFailure[] = [];
  let passed = 0;
  for (const { id, cases, unmapped } of mappings) {
    if (unmapped !== undefined) {
      reasons.set(unmapped, (reasons.get(unmapped) ?? 0) + 1);
      continue;
    }
    const problems = cases.map(conformanceProblem);
    if (problems.includes(undefined)) passed++;
    else failures.push({ id, problem: problems[0] ?? "it has no case" });
  }
  const unmapped = Object.fromEntries([...reasons].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { table: { tests: mappings.length, passed, gaps: failures.length, unmapped }, failures };
}
