import { children } from "#anrf/program/children.ts";
import type { ProgramFunction } from "#anrf/program/program.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import type { FunctionDef, Node } from "#gen/anrf/v1/ir_pb.ts";

/** Operands that run whenever the node runs: not arms, bodies, conditions, steps, clauses, lazy arguments. */
export function straightOperands(node: Node): readonly number[] {
  const kind = node.kind;
  switch (kind.case) {
    case "branch":
      return [kind.value.condition];
    case "matchOn":
      return [kind.value.subject];
    case "lambdaExpr":
      return [];
    case "loopWhile":
      return [kind.value.init];
    case "builtinCall": {
      const params = builtinByNumber(kind.value.builtin)?.signature.params;
      return kind.value.args.filter((_, index) => params?.[index]?.mark !== "lazy");
    }
    default:
      return children(node);
  }
}

/** For each node how many nodes run whenever it runs, itself included: what its straight line costs. */
export function straightCosts(nodes: readonly Node[]): Int32Array {
  return sums(nodes, straightOperands);
}

/** For each node the number of nodes of its tree. */
export function treeSizes(nodes: readonly Node[]): Int32Array {
  return sums(nodes, children);
}

function sums(nodes: readonly Node[], parts: (node: Node) => readonly number[]): Int32Array {
  const totals = new Int32Array(nodes.length);
  nodes.forEach((node, id) => {
    let total = 1;
    for (const part of parts(node)) total += totals[part] ?? 0;
    totals[id] = total;
  });
  return totals;
}

/** Marks the nodes whose value is the value of the function; none where `ensures` has to see the result. */
export function tailNodes(def: FunctionDef, hasEnsures: boolean): Uint8Array {
  const tail = new Uint8Array(def.nodes.length);
  if (hasEnsures) return tail;
  tail[def.body] = 1;
  for (let id = def.nodes.length - 1; id >= 0; id--) {
    const kind = def.nodes[id]?.kind;
    if (tail[id] !== 1 || kind === undefined) continue;
    if (kind.case === "letIn") tail[kind.value.body] = 1;
    if (kind.case === "branch") {
      tail[kind.value.whenTrue] = 1;
      tail[kind.value.whenFalse] = 1;
    }
    if (kind.case === "matchOn") for (const arm of kind.value.arms) tail[arm.body] = 1;
  }
  return tail;
}

/**
 * True where some lambda is anything but the argument of a builtin that takes a function: only such a lambda is
 * certainly gone when its frame goes on.
 */
export function hasEscapingLambda(fn: ProgramFunction): boolean {
  const safe = new Set<number>();
  for (const node of fn.nodes) {
    if (node.kind.case !== "builtinCall") continue;
    const { builtin, args } = node.kind.value;
    const params = builtinByNumber(builtin)?.signature.params;
    args.forEach((arg, index) => {
      if (params?.[index]?.type.kind === "function") safe.add(arg);
    });
  }
  return fn.nodes.some((node, id) => node.kind.case === "lambdaExpr" && !safe.has(id));
}
