import { children, steps } from "#anrf/program/children.ts";
import type { FunctionDef, Module, Node } from "#gen/anrf/v1/ir_pb.ts";
import type { Findings } from "./findings.ts";
import { isIdentifier } from "./names.ts";
import { shown } from "./types.ts";

/** Most nodes of one function. */
export const MAX_NODES = 65_536;
/** Most levels of one tree. */
export const MAX_DEPTH = 512;
/** Longest string constant, in UTF-8 bytes. */
export const MAX_STRING_BYTES = 1024 * 1024;

/** The trees of a function whose structure is sound: each node's place in canonical post-order, and its tree's size. */
export interface Trees {
  readonly roots: readonly number[];
  /** sizes[i]: nodes of the tree of i. */
  readonly sizes: Int32Array;
  /** order[i]: number of node i in canonical post-order; the tree of i has the numbers order[i] − sizes[i] + 1 … order[i]. */
  readonly order: Int32Array;
  /** depths[i]: levels of the tree of i. */
  readonly depths: Int32Array;
}

/** Roots in the order of canonical numbering. */
export function rootsOf(def: FunctionDef): readonly number[] {
  return [
    ...def.requires.map((clause) => clause.root),
    ...def.ensures.map((clause) => clause.root),
    ...(def.decreases === undefined ? [] : [def.decreases]),
    def.body,
  ];
}

/** Indices that every other rule relies on: functions, locals, types and parts of each node (V07, V13, V17). */
export function checkIndices(module: Module, findings: Findings): boolean {
  const before = findings.count;
  findings.inFunction(undefined);
  if (module.entry >= module.functions.length) {
    findings.add("V17", `the entry is function ${module.entry} of ${module.functions.length}`);
  }
  const names = new Set<string>();
  module.functions.forEach((def, index) => {
    findings.inFunction(index);
    if (!isIdentifier(def.name)) findings.add("V13", `"${shown(def.name)}" cannot be the name of a function`);
    if (names.has(def.name)) findings.add("V13", `the function name "${shown(def.name)}" is declared twice`);
    names.add(def.name);
    checkHeader(module, def, findings);
    checkNodes(module, def, findings);
  });
  findings.inFunction(undefined);
  return findings.count === before;
}

function checkHeader(module: Module, def: FunctionDef, findings: Findings): void {
  const types = module.types.length;
  const locals = def.locals.length;
  if (def.nodes.length > MAX_NODES) findings.add("V01", `the function has ${def.nodes.length} nodes`);
  if (def.resultType >= types) findings.add("V07", `the result has type ${def.resultType} of ${types}`);
  if (def.paramCount > locals)
    findings.add("V13", `the function has ${def.paramCount} parameters and ${locals} locals`);
  def.locals.forEach((local, id) => {
    if (local.type >= types) findings.add("V07", `local ${id} has type ${local.type} of ${types}`);
  });
  if (def.resultLocal !== undefined && def.resultLocal >= locals) {
    findings.add("V13", `the result is local ${def.resultLocal} of ${locals}`);
  }
  for (const root of rootsOf(def)) {
    if (root >= def.nodes.length) findings.add("V02", `root ${root} is none of ${def.nodes.length} nodes`);
  }
}

function checkNodes(module: Module, def: FunctionDef, findings: Findings): void {
  const types = module.types.length;
  for (let id = 0; id < def.nodes.length; id++) {
    const node = def.nodes[id];
    if (node === undefined) continue;
    if (node.type >= types) findings.add("V07", `the node has type ${node.type} of ${types}`, id);
    const kind = node.kind;
    const local = kind.case === "localRef" ? kind.value.local : largest(binderIds(node));
    if (local >= def.locals.length)
      findings.add("V06", `the node names local ${local} of ${def.locals.length}`, id);
    if (kind.case === "functionCall" && kind.value.function >= module.functions.length) {
      findings.add("V13", `the node calls function ${kind.value.function} of ${module.functions.length}`, id);
    }
    if (kind.case === "extensionCall" && kind.value.extension >= module.extensions.length) {
      findings.add(
        "V13",
        `the node calls extension ${kind.value.extension} of ${module.extensions.length}`,
        id,
      );
    }
    if (constantBytes(node) > MAX_STRING_BYTES)
      findings.add("V01", "the node holds a string of more than 1 MiB", id);
  }
}

const NO_LOCALS: readonly number[] = [];

function largest(ids: readonly number[]): number {
  let found = -1;
  for (const id of ids) if (id > found) found = id;
  return found;
}

function binderIds(node: Node): readonly number[] {
  const kind = node.kind;
  switch (kind.case) {
    case "letIn":
      return [kind.value.local];
    case "lambdaExpr":
      return kind.value.params;
    case "matchOn":
      return kind.value.arms.flatMap((arm) => arm.binders);
    case "loopWhile":
      return [kind.value.state];
    default:
      return NO_LOCALS;
  }
}

const ENCODER = new TextEncoder();

function constantBytes({ kind }: Node): number {
  const text =
    kind.case === "failWith"
      ? kind.value.message
      : kind.case === "hole"
        ? kind.value.goal
        : kind.case === "literal" && kind.value.value.case === "string"
          ? kind.value.value.value
          : "";
  return text.length * 3 <= MAX_STRING_BYTES ? 0 : ENCODER.encode(text).length;
}

/** V01 to V04 for one function; undefined where the table is no set of trees. */
export function checkTrees(def: FunctionDef, findings: Findings): Trees | undefined {
  const { nodes } = def;
  const roots = rootsOf(def);
  const before = findings.count;
  const parents = new Int32Array(nodes.length).fill(-1);
  const sizes = new Int32Array(nodes.length);
  const depths = new Int32Array(nodes.length);
  const operands = nodes.map(children);
  for (let id = 0; id < nodes.length; id++) {
    let size = 1;
    let depth = 0;
    for (const operand of operands[id] as readonly number[]) {
      if (operand >= id) findings.add("V02", `operand ${operand} does not come before its node`, id);
      else if (parents[operand] !== -1) findings.add("V03", `node ${operand} has a second parent`, id);
      else {
        parents[operand] = id;
        size += sizes[operand] ?? 0;
        depth = Math.max(depth, depths[operand] ?? 0);
      }
    }
    sizes[id] = size;
    depths[id] = depth + 1;
    if (depth >= MAX_DEPTH)
      findings.add("V01", `the node stands above ${depth} levels, at most ${MAX_DEPTH} are allowed`, id);
  }
  checkRoots(roots, parents, findings);
  if (findings.count > before) return undefined;
  return { roots, sizes, depths, order: canonicalOrder(operands, roots, sizes) };
}

function checkRoots(roots: readonly number[], parents: Int32Array, findings: Findings): void {
  const seen = new Set<number>();
  for (const root of roots) {
    if (seen.has(root)) findings.add("V03", `node ${root} is a root twice`, root);
    if (parents[root] !== -1) findings.add("V03", `root ${root} has a parent`, root);
    seen.add(root);
  }
  for (let id = 0; id < parents.length; id++) {
    if (parents[id] === -1 && !seen.has(id)) findings.add("V04", `no root reaches node ${id}`, id);
  }
}

/** Numbers by tree sizes, parents before operands: two loops and no stack. */
function canonicalOrder(
  operands: readonly (readonly number[])[],
  roots: readonly number[],
  sizes: Int32Array,
): Int32Array {
  const order = new Int32Array(operands.length);
  let next = 0;
  for (const root of roots) {
    next += sizes[root] ?? 0;
    order[root] = next - 1;
  }
  for (let id = operands.length - 1; id >= 0; id--) {
    let end = (order[id] ?? 0) - (sizes[id] ?? 0);
    for (const operand of operands[id] as readonly number[]) {
      end += sizes[operand] ?? 0;
      order[operand] = end;
    }
  }
  return order;
}

/** V05 and V06: every local is bound once, and each use stands in its scope. Scopes are ranges of the order. */
export function checkScopes(def: FunctionDef, trees: Trees, findings: Findings): void {
  const { nodes, locals } = def;
  const first = new Int32Array(locals.length).fill(-1);
  const last = new Int32Array(locals.length).fill(-1);
  const scope = (local: number, from: number, to: number, node?: number): void => {
    if (first[local] !== -1) findings.add("V05", `local ${local} is bound a second time`, node);
    first[local] = from;
    last[local] = to;
  };
  for (let local = 0; local < def.paramCount; local++) scope(local, 0, nodes.length);
  if (def.resultLocal !== undefined) {
    const [from, to] = rangeOf(
      trees,
      def.ensures.map((clause) => clause.root),
    );
    scope(def.resultLocal, from, to);
  }
  for (let id = 0; id < nodes.length; id++) {
    for (const [local, roots] of scopesOf(nodes[id] as Node)) {
      const [from, to] = rangeOf(trees, roots);
      scope(local, from, to, id);
    }
  }
  first.forEach((from, local) => {
    if (from === -1) findings.add("V05", `local ${local} is not bound`);
  });
  for (let id = 0; id < nodes.length; id++) {
    const kind = nodes[id]?.kind;
    if (kind?.case !== "localRef") continue;
    const place = trees.order[id] ?? 0;
    const { local } = kind.value;
    if (place < (first[local] ?? 0) || place > (last[local] ?? 0)) {
      findings.add("V06", `local ${local} is used where its binder does not enclose the use`, id);
    }
  }
}

/** The numbers that the trees of these roots take; they stand side by side. Empty without roots. */
function rangeOf({ order, sizes }: Trees, roots: readonly number[]): readonly [number, number] {
  const [head] = roots;
  const tail = roots.at(-1);
  if (head === undefined || tail === undefined) return [0, -1];
  return [(order[head] ?? 0) - (sizes[head] ?? 0) + 1, order[tail] ?? 0];
}

const NO_SCOPES: readonly (readonly [number, readonly number[]])[] = [];

/** Each binder of a node with the roots of its scope, in order. */
function scopesOf(node: Node): readonly (readonly [number, readonly number[]])[] {
  const kind = node.kind;
  switch (kind.case) {
    case "letIn":
      return [[kind.value.local, [kind.value.body]]];
    case "lambdaExpr":
      return kind.value.params.map((param) => [param, [kind.value.body]] as const);
    case "matchOn":
      return kind.value.arms.flatMap((arm) => arm.binders.map((binder) => [binder, [arm.body]] as const));
    case "loopWhile":
      return [[kind.value.state, children(node).slice(1)]];
    default:
      return NO_SCOPES;
  }
}

/** A binder, with the operand whose tree begins its scope. */
export interface BinderPlace {
  readonly local: number;
  readonly before: number;
}

const NO_BINDERS: readonly BinderPlace[] = [];

/** Binders of a node in the order of canonical numbering. */
export function bindersOf(node: Node): readonly BinderPlace[] {
  if (binderIds(node).length === 0) return NO_BINDERS;
  const found: { local: number; before: number }[] = [];
  const waiting: number[] = [];
  for (const step of steps(node)) {
    if ("bind" in step) waiting.push(step.bind);
    else for (const local of waiting.splice(0)) found.push({ local, before: step.operand });
  }
  return found;
}
