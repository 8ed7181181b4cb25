import { RULES, type RuleCode } from "#anrf/program/diagnostic.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { type CheckOutcome, type Obligation, worst } from "./result.ts";
import { brokenRules, type Subject } from "./subject.ts";

/**
 * The rules of structure (V01–V07, V11–V14, V17–V20, V22): FAIL where one is broken or a hole is left, WARN where the
 * program uses what is deprecated, unstable or not run by this build.
 */
export function checkStructure(subject: Subject): CheckOutcome {
  const broken = brokenRules(subject, ["structure", "engine"]);
  const obligations = [...broken, ...holes(subject), ...doubtful(subject)];
  const status = obligations.length === 0 ? "PASS" : worst(obligations.map((one) => one.status));
  const rules = (Object.keys(RULES) as RuleCode[]).filter((code) => RULES[code].family === "structure");
  const details =
    status === "PASS"
      ? `all ${rules.length} rules of structure hold`
      : obligations
          .map((one) => one.reason)
          .slice(0, 10)
          .join("\n");
  return { check: "structure", status, details, obligations };
}

function holes({ module }: Subject): readonly Obligation[] {
  return module.functions.flatMap((fn) =>
    fn.nodes.flatMap((node, id): readonly Obligation[] => {
      if (node.kind.case !== "hole") return [];
      const reason = `INCOMPLETE: a part is still to be written: ${node.kind.value.goal.slice(0, 200)}`;
      return [{ ...place(`hole-${fn.name}-${id}`, fn.name, id), status: "FAIL", reason }];
    }),
  );
}

function doubtful({ module }: Subject): readonly Obligation[] {
  return module.functions.flatMap((fn) =>
    fn.nodes.flatMap((node, id): readonly Obligation[] => {
      const entry = node.kind.case === "builtinCall" ? builtinByNumber(node.kind.value.builtin) : undefined;
      if (entry === undefined || (entry.isStable && entry.deprecatedMinor === undefined)) return [];
      const what = entry.isStable ? "deprecated" : "not stable yet";
      return [
        {
          ...place(`feature-${fn.name}-${id}`, fn.name, id),
          status: "WARN",
          reason: `${entry.id} is ${what}`,
        },
      ];
    }),
  );
}

function place(id: string, fn: string, node: number): Omit<Obligation, "status" | "reason"> {
  return { id, kind: "rule", function: fn, node, tier: "PROVED", engine: "checker" };
}
