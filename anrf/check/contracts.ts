import type { FunctionDef, Module } from "#gen/anrf/v1/ir_pb.ts";
import type { Findings } from "./findings.ts";
import type { Trees } from "./structure.ts";
import { type TypeTable, textOf } from "./types.ts";

/** V15: clauses and invariants are bools without holes, measures are ints or tuples of ints. */
export function checkClauses(table: TypeTable, def: FunctionDef, trees: Trees, findings: Findings): void {
  const clauses: number[] = [...def.requires, ...def.ensures].map((clause) => clause.root);
  const measures: number[] = def.decreases === undefined ? [] : [def.decreases];
  for (const node of def.nodes) {
    if (node.kind.case !== "loopWhile") continue;
    clauses.push(...node.kind.value.invariants);
    if (node.kind.value.decreases !== undefined) measures.push(node.kind.value.decreases);
  }
  for (const root of clauses) {
    const type = def.nodes[root]?.type ?? -1;
    if (table.types[type]?.kind !== "bool")
      findings.add("V15", `a clause has type ${textOf(table, type)}`, root);
  }
  for (const root of measures) {
    const type = def.nodes[root]?.type ?? -1;
    if (!isMeasureType(table, type)) findings.add("V15", `a measure has type ${textOf(table, type)}`, root);
  }
  if (clauses.length + measures.length > 0) checkHoles(def, trees, [...clauses, ...measures], findings);
}

function isMeasureType(table: TypeTable, type: number): boolean {
  const parts = table.types[type]?.kind === "tuple" ? (table.parts[type] ?? []) : [type];
  return parts.every((part) => table.types[part]?.kind === "int");
}

function checkHoles(def: FunctionDef, trees: Trees, roots: readonly number[], findings: Findings): void {
  const inside = new Uint8Array(def.nodes.length);
  for (const root of roots) {
    const end = trees.order[root] ?? 0;
    inside.fill(1, end - (trees.sizes[root] ?? 0) + 1, end + 1);
  }
  def.nodes.forEach((node, id) => {
    if (node.kind.case === "hole" && inside[trees.order[id] ?? 0] === 1)
      findings.add("V15", "a clause has a hole", id);
  });
}

/** V16: a function that can reach itself through calls states what decreases. */
export function checkRecursion(module: Module, findings: Findings): void {
  const calls = module.functions.map((def) => [
    ...new Set(
      def.nodes.flatMap((node) => (node.kind.case === "functionCall" ? [node.kind.value.function] : [])),
    ),
  ]);
  const component = components(calls);
  const sizes = new Map<number, number>();
  for (const id of component) sizes.set(id, (sizes.get(id) ?? 0) + 1);
  module.functions.forEach((def, index) => {
    const isRecursive =
      (sizes.get(component[index] ?? -1) ?? 0) > 1 || calls[index]?.includes(index) === true;
    if (!isRecursive || def.decreases !== undefined) return;
    findings.inFunction(index);
    findings.add("V16", `function "${def.name}" can call itself and states nothing that decreases`);
  });
  findings.inFunction(undefined);
}

/** Strongly connected components of the call graph (Tarjan, with a stack of its own): a number for each function. */
function components(calls: readonly (readonly number[])[]): Int32Array {
  const component = new Int32Array(calls.length).fill(-1);
  const seen = new Int32Array(calls.length).fill(-1);
  const low = new Int32Array(calls.length);
  const open: number[] = [];
  let clock = 0;
  for (let start = 0; start < calls.length; start++) {
    const stack: { id: number; next: number }[] = [];
    const enter = (id: number): void => {
      seen[id] = clock;
      low[id] = clock++;
      open.push(id);
      stack.push({ id, next: 0 });
    };
    if (seen[start] === -1) enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const callee = calls[top.id]?.[top.next++];
      if (callee === undefined) {
        stack.pop();
        const above = stack.at(-1);
        if (above !== undefined) low[above.id] = Math.min(low[above.id] ?? 0, low[top.id] ?? 0);
        if (low[top.id] === seen[top.id]) close(top.id, open, component);
      } else if (seen[callee] === -1) enter(callee);
      else if (component[callee] === -1) low[top.id] = Math.min(low[top.id] ?? 0, seen[callee] ?? 0);
    }
  }
  return component;
}

function close(root: number, open: number[], component: Int32Array): void {
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    component[id] = root;
    if (id === root) return;
  }
}
