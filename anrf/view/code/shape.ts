import { binders, children } from "#anrf/program/children.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import type { MatchArm, Node } from "#gen/anrf/v1/ir_pb.ts";
import type { Accepts } from "./code.ts";

/** 1 for each node that no expression can hold, or whose branches cannot be held by one. */
export function blockyNodes(nodes: readonly Node[]): Uint8Array {
  const blocky = new Uint8Array(nodes.length);
  nodes.forEach(({ kind }, id) => {
    const isBlocky =
      kind.case === "letIn" ||
      kind.case === "matchOn" ||
      kind.case === "loopWhile" ||
      (kind.case === "branch" && (blocky[kind.value.whenTrue] === 1 || blocky[kind.value.whenFalse] === 1));
    if (isBlocky) blocky[id] = 1;
  });
  return blocky;
}

/** What an arm accepts. */
export function acceptsOf({ pattern }: MatchArm): Accepts {
  const kind = pattern?.kind;
  switch (kind?.case) {
    case "variantCase":
      return { kind: "case", caseIndex: kind.value };
    case "optionSome":
      return { kind: kind.value ? "some" : "none" };
    case "literal":
      return { kind: "literal", value: literalValue(kind.value) };
    case "wildcard":
    case undefined:
      return { kind: "rest" };
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

/** The locals that a sub-tree uses and does not bind, in any order. */
export function freeLocals(nodes: readonly Node[], root: number): readonly number[] {
  const used = new Set<number>();
  const own = new Set<number>();
  const pending = [root];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = nodes[id];
    if (node === undefined) throw new Error(`node ${id} is out of range`);
    for (const local of binders(node)) own.add(local);
    if (node.kind.case === "localRef") used.add(node.kind.value.local);
    pending.push(...children(node));
  }
  return [...used].filter((local) => !own.has(local));
}
