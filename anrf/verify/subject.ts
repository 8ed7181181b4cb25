import { check, isSound } from "#anrf/check/check.ts";
import type { Document } from "#anrf/program/artifact.ts";
import type { RuleFamily } from "#anrf/program/diagnostic.ts";
import { ruleOf } from "#anrf/program/diagnostic.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import type { Spec } from "#gen/anrf/v1/artifact_pb.ts";
import { type Diagnostic, DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";
import type { Obligation } from "./result.ts";

/** What is verified, looked at once for all checks. */
export interface Subject {
  readonly module: Module;
  readonly spec: Spec;
  readonly diagnostics: readonly Diagnostic[];
  /** The opened program; undefined where the checker refuses the module. */
  readonly program: Program | undefined;
}

/** Runs the checker over a document and opens its program where that is possible. */
export function subjectOf({ module, moduleBytes, artifact, spec }: Document): Subject {
  const header = artifact.header;
  const diagnostics = check(module, { bytes: moduleBytes, ...(header === undefined ? {} : { header }) });
  return { module, spec, diagnostics, program: isSound(diagnostics) ? openProgram(module) : undefined };
}

/** One obligation for each diagnostic of a family. */
export function brokenRules(
  { module, diagnostics }: Subject,
  families: readonly RuleFamily[],
): readonly Obligation[] {
  const counts = new Map<string, number>();
  return diagnostics.flatMap((one): readonly Obligation[] => {
    const rule = ruleOf(one);
    if (rule === undefined || !families.includes(rule.family)) return [];
    const count = (counts.get(one.code) ?? 0) + 1;
    counts.set(one.code, count);
    return [
      {
        id: `${one.code}-${count}`,
        kind: "rule",
        function: one.function === undefined ? "" : (module.functions[one.function]?.name ?? ""),
        node: one.node,
        status: one.severity === DiagnosticSeverity.ERROR ? "FAIL" : "WARN",
        tier: "PROVED",
        reason: `${one.code}: ${one.message}`,
        engine: "checker",
      },
    ];
  });
}
