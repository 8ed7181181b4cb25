import type { Spec } from "#gen/anrf/v1/artifact_pb.ts";
import type { Clause } from "#gen/anrf/v1/ir_pb.ts";
import { diffNodes, type Side } from "./nodes.ts";
import { exampleText } from "./text.ts";

/** What happened to a clause, in canonical text; a relabelled one says the same in other words. */
export interface ClauseChange {
  readonly clause: "requires" | "ensures" | "decreases";
  readonly kind: "added" | "removed" | "changed" | "relabelled";
  readonly from?: string;
  readonly to?: string;
}

/** What happened to an example: text of arguments, and of what was and is expected of them. */
export interface ExampleChange {
  readonly kind: "added" | "removed" | "changed";
  readonly args: string;
  readonly from?: string;
  readonly to?: string;
}

/** How sub-terms of both sides are written. */
export interface Texts {
  readonly from: (id: number) => string;
  readonly to: (id: number) => string;
}

/** Clauses that say the same are paired wherever they stand; of the rest, those in the same order are taken as changed. */
export function clauseChanges(
  from: Side,
  to: Side,
  locals: ReadonlyMap<number, number>,
  texts: Texts,
): readonly ClauseChange[] {
  const isSame = (x: number, y: number): boolean => diffNodes(from, to, x, y, locals).changes.length === 0;
  const [a, b] = [from.fn.def, to.fn.def];
  const changes = [
    ...listChanges("requires", a.requires, b.requires, isSame, texts),
    ...listChanges("ensures", a.ensures, b.ensures, isSame, texts),
  ];
  const measures = (id: number | undefined): Clause[] =>
    id === undefined ? [] : [{ $typeName: "anrf.v1.Clause", root: id, label: "" }];
  return [
    ...changes,
    ...listChanges("decreases", measures(a.decreases), measures(b.decreases), isSame, texts),
  ];
}

function listChanges(
  clause: ClauseChange["clause"],
  older: readonly Clause[],
  newer: readonly Clause[],
  isSame: (x: number, y: number) => boolean,
  texts: Texts,
): ClauseChange[] {
  const changes: ClauseChange[] = [];
  const left = [...newer];
  const gone: Clause[] = [];
  for (const one of older) {
    const at = left.findIndex((other) => isSame(one.root, other.root));
    const same = at < 0 ? undefined : left.splice(at, 1)[0];
    if (same === undefined) gone.push(one);
    else if (same.label !== one.label)
      changes.push({ clause, kind: "relabelled", from: one.label, to: same.label });
  }
  for (const one of gone) {
    const other = left.shift();
    if (other === undefined) changes.push({ clause, kind: "removed", from: texts.from(one.root) });
    else changes.push({ clause, kind: "changed", from: texts.from(one.root), to: texts.to(other.root) });
  }
  return [
    ...changes,
    ...left.map((one): ClauseChange => ({ clause, kind: "added", to: texts.to(one.root) })),
  ];
}

/** Examples of the same arguments are compared by what they expect; their order is no difference. */
export function exampleChanges(from: Side, to: Side, older: Spec, newer: Spec): readonly ExampleChange[] {
  const texts = (side: Side, spec: Spec) => spec.examples.flatMap((one) => exampleText(side, one) ?? []);
  const left = texts(to, newer);
  const gone: { args: string; expected: string }[] = [];
  for (const one of texts(from, older)) {
    const at = left.findIndex((other) => other.args === one.args && other.expected === one.expected);
    if (at < 0) gone.push(one);
    else left.splice(at, 1);
  }
  const changes = gone.map((one): ExampleChange => {
    const at = left.findIndex((other) => other.args === one.args);
    const other = at < 0 ? undefined : left.splice(at, 1)[0];
    return other === undefined
      ? { kind: "removed", args: one.args, from: one.expected }
      : { kind: "changed", args: one.args, from: one.expected, to: other.expected };
  });
  return [
    ...changes,
    ...left.map((one): ExampleChange => ({ kind: "added", args: one.args, to: one.expected })),
  ];
}
