import type { Program, ProgramFunction } from "#anrf/program/program.ts";
import type { Type } from "#anrf/program/type.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import type { Node } from "#gen/anrf/v1/ir_pb.ts";
import type { Doc } from "./layout.ts";
import { ATOM, NOT, POWER, PRECEDENCE, UNARY } from "./operators.ts";
import type { LocalName } from "./print-names.ts";

/** What the parts of the printer share: one function with its names, and each other. */
export interface Printing {
  readonly program: Program;
  readonly fn: ProgramFunction;
  readonly names: readonly LocalName[];
  /** The comment of a node, once; undefined afterwards and where there is none. */
  readonly comment: (id: number) => string | undefined;
  /** True where the node has a comment that is not written yet. */
  readonly hasComment: (id: number) => boolean;
  /** A node where any expression may stand; `isExpected` tells whether a reader knows its type beforehand. */
  readonly node: (id: number, isExpected: boolean) => Doc;
  /** The same, in parentheses where it binds less tightly than `least`. */
  readonly operand: (id: number, isExpected: boolean, least: number) => Doc;
}

/** The node of that id. */
export function nodeAt({ fn }: Printing, id: number): Node {
  const node = fn.nodes[id];
  if (node === undefined) throw new Error(`node ${id} is out of range`);
  return node;
}

/** The type of a node. */
export function typeAt({ program }: Printing, node: Node): Type {
  const type = program.types[node.type];
  if (type === undefined) throw new Error(`type ${node.type} is out of range`);
  return type;
}

/** True for `[]`, `{}`, `none`, `fail` and `hole`: their type is not found in themselves. */
export function isOpenForm(node: Node): boolean {
  const { kind } = node;
  if (kind.case === "makeList" || kind.case === "makeMap") return kind.value.items.length === 0;
  if (kind.case === "makeOption") return kind.value.some === undefined;
  return kind.case === "failWith" || kind.case === "hole";
}

/** How tightly the text of a node binds: 0 for forms that always need parentheses as an operand. */
export function bindingOf(node: Node, isExpected: boolean): number {
  const { kind } = node;
  if (isOpenForm(node)) return isExpected ? ATOM : 0;
  switch (kind.case) {
    case "literal":
      return isNegative(literalValue(kind.value)) ? UNARY : ATOM;
    case "letIn":
    case "branch":
    case "matchOn":
    case "lambdaExpr":
    case "loopWhile":
      return 0;
    case "builtinCall": {
      const text = builtinByNumber(kind.value.builtin)?.text ?? "";
      if (kind.value.args.length === 1)
        return text === "not" ? NOT : text === "-" || text === "~" ? UNARY : ATOM;
      return text === "**" ? POWER : (PRECEDENCE[text] ?? ATOM);
    }
    default:
      return ATOM;
  }
}

function isNegative(value: unknown): boolean {
  if (typeof value === "number") return value < 0 || Object.is(value, -0);
  if (typeof value === "bigint") return value < 0n;
  return (
    typeof value === "object" && value !== null && "coefficient" in value && Number(value.coefficient) < 0
  );
}
