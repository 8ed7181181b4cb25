import { bytesToHex } from "@noble/hashes/utils.js";
import { sameLiteral } from "#anrf/program/canonical.ts";
import { binders, children } from "#anrf/program/children.ts";
import { nodeHash } from "#anrf/program/digest.ts";
import type { Program, ProgramFunction } from "#anrf/program/program.ts";
import type { Node } from "#gen/anrf/v1/ir_pb.ts";
import { inCommon } from "./common.ts";

/** One function of one of the two programs. */
export interface Side {
  readonly program: Program;
  readonly fn: ProgramFunction;
}

/** What happened to a sub-term; ids are nodes of the older and of the newer function. */
export type NodeChange =
  | { readonly kind: "changed"; readonly from: number; readonly to: number }
  /** The older stands unchanged inside the newer, or the newer inside the older. */
  | { readonly kind: "wrapped" | "unwrapped"; readonly from: number; readonly to: number }
  | { readonly kind: "moved"; readonly from: number; readonly to: number }
  | { readonly kind: "removed"; readonly from: number }
  | { readonly kind: "added"; readonly to: number };

/** What a comparison found. */
export interface NodeDifference {
  readonly changes: readonly NodeChange[];
  /** Locals of the newer function by those of the older that they stand for. */
  readonly locals: ReadonlyMap<number, number>;
}

/** Most alternatives that are tried inside a term for one that was put around another. */
const MAX_WRAP = 64;

/**
 * What changed between the sub-trees below two nodes, as small as it can be told: terms of the same head are compared
 * part by part, lets of a block, items and arms are aligned by node hash, and what left one place and appears at
 * another with the same hash has moved. Names of locals play no part. `locals` begins with the parameters.
 */
export function diffNodes(
  older: Side,
  newer: Side,
  from: number,
  to: number,
  locals: ReadonlyMap<number, number>,
): NodeDifference {
  const walk = new Walk(older, newer, locals);
  walk.compare(from, to);
  return { changes: withMoves(walk), locals: walk.locals };
}

/** A run of lets and what it ends in. */
interface Chain {
  readonly lets: readonly { readonly local: number; readonly value: number }[];
  readonly body: number;
}

/** The state of one comparison. */
class Walk {
  readonly changes: NodeChange[] = [];
  readonly locals: Map<number, number>;
  readonly older: Side;
  readonly newer: Side;
  readonly #hashes = new Map<string, string>();
  /** A probe only asks whether there is a change: it stops at the first. */
  readonly #isProbe: boolean;

  constructor(older: Side, newer: Side, locals: ReadonlyMap<number, number>, isProbe = false) {
    this.#isProbe = isProbe;
    this.older = older;
    this.newer = newer;
    this.locals = new Map(locals);
  }

  compare(from: number, to: number): void {
    if (this.#isProbe && this.changes.length > 0) return;
    const [a, b] = [nodeOf(this.older, from), nodeOf(this.newer, to)];
    if (a.kind.case === "letIn" || b.kind.case === "letIn") {
      this.#chains(from, to);
      return;
    }
    if (!this.#sameHead(a, b)) {
      const enclosed = this.#isProbe ? undefined : this.#enclosed(from, to);
      this.changes.push(enclosed ?? { kind: "changed", from, to });
      return;
    }
    this.#bind(a, b);
    const [x, y] = [children(a), children(b)];
    if (x.length === y.length) {
      for (const [index, child] of x.entries()) this.compare(child, y[index] ?? 0);
    } else if (this.#isProbe) this.changes.push({ kind: "changed", from, to });
    else this.#align(x, y);
  }

  /** The hash of a node of one side. */
  hash(side: "older" | "newer", id: number): string {
    const key = `${side}${id}`;
    const known = this.#hashes.get(key);
    if (known !== undefined) return known;
    const { program, fn } = this[side];
    const made = bytesToHex(nodeHash(program.module, fn.index, id));
    this.#hashes.set(key, made);
    return made;
  }

  /** True when nothing changed between two sub-trees, given what is known of the locals. */
  #isSame(from: number, to: number): boolean {
    const inner = new Walk(this.older, this.newer, this.locals, true);
    inner.compare(from, to);
    return inner.changes.length === 0;
  }

  #chains(from: number, to: number): void {
    const [a, b] = [chainOf(this.older, from), chainOf(this.newer, to)];
    if (this.#isProbe && a.lets.length !== b.lets.length) this.changes.push({ kind: "changed", from, to });
    else if (this.#isProbe || (a.lets.length === 1 && b.lets.length === 1)) this.#pairLets(a, b, []);
    else {
      const keys = (side: "older" | "newer", { lets }: Chain) =>
        lets.map(({ value }) => this.hash(side, value));
      this.#pairLets(a, b, inCommon(keys("older", a), keys("newer", b)));
    }
    this.compare(a.body, b.body);
  }

  /** Lets that are the same are bound to each other; those between are taken in order, the rest came or went. */
  #pairLets(a: Chain, b: Chain, same: readonly (readonly [number, number])[]): void {
    const pairs: [number, number][] = [];
    const gone: number[] = [];
    const come: number[] = [];
    let [i, j] = [0, 0];
    for (const [x, y] of [...same, [a.lets.length, b.lets.length] as const]) {
      while (i < x && j < y) pairs.push([i++, j++]);
      while (i < x) gone.push(i++);
      while (j < y) come.push(j++);
      if (x < a.lets.length && y < b.lets.length) pairs.push([i++, j++]);
    }
    if (!this.#isProbe) this.#unpairMoved(a, b, pairs, gone, come);
    for (const [x, y] of pairs) {
      const [one, other] = [a.lets[x], b.lets[y]];
      if (one !== undefined && other !== undefined) this.locals.set(one.local, other.local);
    }
    for (const [x, y] of pairs) this.compare(a.lets[x]?.value ?? 0, b.lets[y]?.value ?? 0);
    for (const x of gone) this.changes.push({ kind: "removed", from: a.lets[x]?.value ?? 0 });
    for (const y of come) this.changes.push({ kind: "added", to: b.lets[y]?.value ?? 0 });
  }

  /** Pairs made only by their order give way where the same value stands at another place: it has moved. */
  #unpairMoved(a: Chain, b: Chain, pairs: [number, number][], gone: number[], come: number[]): void {
    const left = (x: number): string => this.hash("older", a.lets[x]?.value ?? 0);
    const right = (y: number): string => this.hash("newer", b.lets[y]?.value ?? 0);
    if (a.lets.length < 2 || b.lets.length < 2) return;
    const unlike = pairs.filter(([x, y]) => left(x) !== right(y));
    const olds = new Set([...unlike.map(([x]) => left(x)), ...gone.map(left)]);
    const news = new Set([...unlike.map(([, y]) => right(y)), ...come.map(right)]);
    for (const pair of unlike) {
      if (!news.has(left(pair[0])) && !olds.has(right(pair[1]))) continue;
      pairs.splice(pairs.indexOf(pair), 1);
      gone.push(pair[0]);
      come.push(pair[1]);
    }
    for (const x of gone) {
      const y = come.find((one) => right(one) === left(x));
      const [one, other] = [a.lets[x], b.lets[y ?? -1]];
      if (one !== undefined && other !== undefined) this.locals.set(one.local, other.local);
    }
  }

  #align(x: readonly number[], y: readonly number[]): void {
    const same = inCommon(
      x.map((id) => this.hash("older", id)),
      y.map((id) => this.hash("newer", id)),
    );
    let [i, j] = [0, 0];
    for (const [at, other] of [...same, [x.length, y.length] as const]) {
      while (i < at && j < other) this.compare(x[i++] ?? 0, y[j++] ?? 0);
      while (i < at) this.changes.push({ kind: "removed", from: x[i++] ?? 0 });
      while (j < other) this.changes.push({ kind: "added", to: y[j++] ?? 0 });
      if (at < x.length && other < y.length) this.compare(x[i++] ?? 0, y[j++] ?? 0);
    }
  }

  /** The older term inside the newer one, or the other way round, one or two levels down. */
  #enclosed(from: number, to: number): NodeChange | undefined {
    if (isLeaf(nodeOf(this.older, from)) && isLeaf(nodeOf(this.newer, to))) return undefined;
    const isInside = insideOf(this.newer, to).some(
      (id) =>
        nodeOf(this.newer, id).kind.case === nodeOf(this.older, from).kind.case && this.#isSame(from, id),
    );
    if (isInside) return { kind: "wrapped", from, to };
    const holds = insideOf(this.older, from).some(
      (id) => nodeOf(this.older, id).kind.case === nodeOf(this.newer, to).kind.case && this.#isSame(id, to),
    );
    return holds ? { kind: "unwrapped", from, to } : undefined;
  }

  #bind(a: Node, b: Node): void {
    const [x, y] = [binders(a), binders(b)];
    x.forEach((local, index) => {
      const other = y[index];
      if (other !== undefined) this.locals.set(local, other);
    });
  }

  /** Everything about two nodes but their operands, locals by what they stand for. */
  #sameHead(a: Node, b: Node): boolean {
    const [x, y] = [a.kind, b.kind];
    if (this.older.program.types[a.type]?.text !== this.newer.program.types[b.type]?.text) return false;
    if (x.case === "localRef" && y.case === "localRef")
      return this.locals.get(x.value.local) === y.value.local;
    if (x.case === "literal" && y.case === "literal") return sameLiteral(x.value, y.value);
    if (x.case === "functionCall" && y.case === "functionCall")
      return nameOf(this.older, x.value.function) === nameOf(this.newer, y.value.function);
    if (x.case === "extensionCall" && y.case === "extensionCall")
      return (
        this.older.program.module.extensions[x.value.extension]?.urn ===
        this.newer.program.module.extensions[y.value.extension]?.urn
      );
    if (x.case === "matchOn" && y.case === "matchOn")
      return (
        x.value.arms.length === y.value.arms.length &&
        x.value.arms.every((arm, index) => samePattern(arm.pattern, y.value.arms[index]?.pattern))
      );
    return headOf(a) === headOf(b);
  }
}

/** The rest of a head as text; what holds locals, literals or functions is compared above. */
function headOf({ kind }: Node): string {
  switch (kind.case) {
    case "builtinCall":
      return `builtin ${kind.value.builtin}`;
    case "lambdaExpr":
      return `lambda ${kind.value.params.length}`;
    case "makeVariant":
      return `case ${kind.value.caseIndex}`;
    case "makeOption":
      return `option ${kind.value.some !== undefined}`;
    case "getField":
      return `field ${kind.value.field}`;
    case "loopWhile":
      return `loop ${kind.value.invariants.length} ${kind.value.decreases !== undefined}`;
    case "failWith":
      return `fail ${kind.value.message}`;
    case "hole":
      return `hole ${kind.value.goal}`;
    default:
      return kind.case ?? "";
  }
}

type Pattern = Extract<Node["kind"], { case: "matchOn" }>["value"]["arms"][number]["pattern"];

function samePattern(a: Pattern, b: Pattern): boolean {
  const [x, y] = [a?.kind, b?.kind];
  if (x?.case === "literal" && y?.case === "literal") return sameLiteral(x.value, y.value);
  if (x?.case === "wildcard" || x?.case === undefined) return y?.case === x?.case;
  return x.case === y?.case && x.value === y.value;
}

/** Pairs what left and what came with the same hash. */
function withMoves(walk: Walk): readonly NodeChange[] {
  const come = new Map<string, (NodeChange & { to: number })[]>();
  for (const change of walk.changes) {
    if (change.kind !== "added" && change.kind !== "changed") continue;
    if (isLeaf(nodeOf(walk.newer, change.to))) continue;
    const key = walk.hash("newer", change.to);
    come.set(key, [...(come.get(key) ?? []), change]);
  }
  const moved: NodeChange[] = [];
  const [lost, found] = [new Set<NodeChange>(), new Set<NodeChange>()];
  for (const change of walk.changes) {
    if (change.kind !== "removed" && change.kind !== "changed") continue;
    if (isLeaf(nodeOf(walk.older, change.from))) continue;
    const target = come.get(walk.hash("older", change.from))?.find((one) => !found.has(one));
    if (target === undefined) continue;
    lost.add(change);
    found.add(target);
    moved.push({ kind: "moved", from: change.from, to: target.to });
  }
  const rest = walk.changes.flatMap((change): NodeChange[] => {
    const [isLost, isFound] = [lost.has(change), found.has(change)];
    if (change.kind !== "changed") return isLost || isFound ? [] : [change];
    if (isLost && isFound) return [];
    return isLost
      ? [{ kind: "added", to: change.to }]
      : isFound
        ? [{ kind: "removed", from: change.from }]
        : [change];
  });
  return [...moved, ...rest];
}

function chainOf(side: Side, start: number): Chain {
  const lets: { local: number; value: number }[] = [];
  let body = start;
  for (;;) {
    const { kind } = nodeOf(side, body);
    if (kind.case !== "letIn") return { lets, body };
    lets.push({ local: kind.value.local, value: kind.value.value });
    body = kind.value.body;
  }
}

/** Nodes one and two levels below. */
function insideOf(side: Side, id: number): readonly number[] {
  const direct = children(nodeOf(side, id));
  return [...direct, ...direct.flatMap((child) => children(nodeOf(side, child)))].slice(0, MAX_WRAP);
}

function isLeaf(node: Node): boolean {
  return node.kind.case === "localRef" || node.kind.case === "literal";
}

function nameOf({ program }: Side, index: number): string {
  return program.functions[index]?.def.name ?? "";
}

function nodeOf({ fn }: Side, id: number): Node {
  const node = fn.nodes[id];
  if (node === undefined) throw new Error(`node ${id} of function "${fn.def.name}" is out of range`);
  return node;
}
