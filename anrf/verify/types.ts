import { type CheckOutcome, worst } from "./result.ts";
import { brokenRules, type Subject } from "./subject.ts";

/** The rules of types (V08–V10, V15): every node has the type that its parts give it. */
export function checkTypes(subject: Subject): CheckOutcome {
  const obligations = brokenRules(subject, ["types"]);
  if (obligations.length > 0) {
    const details = obligations
      .map((one) => one.reason)
      .slice(0, 10)
      .join("\n");
    return { check: "types", status: worst(obligations.map((one) => one.status)), details, obligations };
  }
  const isAsked = subject.program !== undefined;
  const nodes = subject.module.functions.reduce((sum, fn) => sum + fn.nodes.length, 0);
  const details = isAsked
    ? `all ${nodes} nodes have the type that their parts give them`
    : "the structure is broken, so not every type could be checked";
  return { check: "types", status: isAsked ? "PASS" : "WARN", details, obligations };
}
