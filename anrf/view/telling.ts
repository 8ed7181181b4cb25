import type { Program, ProgramFunction } from "#anrf/program/program.ts";
import type { Type } from "#anrf/program/type.ts";
import type { LocalName } from "#anrf/text/print-names.ts";
import type { Node } from "#gen/anrf/v1/ir_pb.ts";

/** One function whose nodes are told in words. */
export interface Telling {
  readonly program: Program;
  readonly fn: ProgramFunction;
  readonly names: readonly LocalName[];
  /** Words made so far: a phrase is asked for more than once. */
  readonly told: Map<number, Phrase>;
}

/**
 * Words for a node. `form` says where they may stand: an atom anywhere; a noun in other nouns and beside operators; an
 * open one (its end is a sentence of its own) at the end only; a test beside and, or; a loose one in brackets.
 */
export interface Phrase {
  readonly text: string;
  readonly form: "atom" | "noun" | "open" | "test" | "loose";
}

/** The name of a local without marks; parts of a tuple are listed. */
export function nameOf({ names }: Telling, local: number): string {
  const name = names[local] ?? "_";
  const plain = (one: string): string =>
    one === "_" ? "something" : one.replaceAll("`", "").replace(/^_(\d+)$/, "value$1");
  return typeof name === "string"
    ? plain(name)
    : `(${name.map((one) => (one === "_" ? "_" : plain(one))).join(", ")})`;
}

/** The node of that id. */
export function nodeOf({ fn }: Telling, id: number): Node {
  const node = fn.nodes[id];
  if (node === undefined) throw new Error(`node ${id} is out of range`);
  return node;
}

/** The type of a node. */
export function typeOf({ program }: Telling, node: Node): Type {
  const type = program.types[node.type];
  if (type === undefined) throw new Error(`type ${node.type} is out of range`);
  return type;
}
