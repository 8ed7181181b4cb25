import type { Message } from "@bufbuild/protobuf";
import { type FunctionDef, type Literal, type Module, type Node, ScalarKind } from "#gen/anrf/v1/ir_pb.ts";
import { isKnownBuiltin } from "./version.ts";

/** Content of a module that this version does not know, and where it stands. */
export interface UnknownContent {
  readonly function?: number;
  readonly node?: number;
  /** Lower case, for a message: `an unknown field`. */
  readonly what: string;
}

const KNOWN_SCALARS: ReadonlySet<number> = new Set(Object.values(ScalarKind).filter((kind) => kind !== 0));

/**
 * The first unknown field, enum value or empty oneof of a module, or undefined: such a module comes from a newer
 * version (or from nowhere) and must not be run. One loop over the table.
 */
export function unknownContent(module: Module): UnknownContent | undefined {
  const outside = unknownInHeader(module);
  if (outside !== undefined) return { what: outside };
  for (let index = 0; index < module.functions.length; index++) {
    const fn = module.functions[index];
    const found = fn === undefined ? undefined : unknownInFunction(fn);
    if (found !== undefined) return { function: index, ...found };
  }
  return undefined;
}

const FIELD = "an unknown field";

function hasUnknown(message: Message): boolean {
  return message.$unknown !== undefined && message.$unknown.length > 0;
}

function unknownInHeader(module: Module): string | undefined {
  if (hasUnknown(module)) return `${FIELD} in the module`;
  for (const type of module.types) {
    const kind = type.kind;
    if (hasUnknown(type)) return `${FIELD} in a type`;
    if (kind.case === undefined) return "a type of an unknown kind";
    if (kind.case === "scalar" && !KNOWN_SCALARS.has(kind.value)) return `scalar kind ${kind.value}`;
    if (typeof kind.value === "object" && hasUnknown(kind.value)) return `${FIELD} in a type`;
  }
  const nominal = [...module.records, ...module.variants, ...module.extensions];
  const parts = [
    ...module.records.flatMap((one) => one.fields),
    ...module.variants.flatMap((one) => one.cases),
  ];
  return [...nominal, ...parts].some(hasUnknown) ? `${FIELD} in a declaration` : undefined;
}

function unknownInFunction(fn: FunctionDef): { node?: number; what: string } | undefined {
  if (hasUnknown(fn) || [...fn.locals, ...fn.requires, ...fn.ensures].some(hasUnknown)) {
    return { what: `${FIELD} in a function` };
  }
  for (let id = 0; id < fn.nodes.length; id++) {
    const node = fn.nodes[id];
    const what = node === undefined ? undefined : unknownInNode(node);
    if (what !== undefined) return { node: id, what };
  }
  return undefined;
}

function unknownInNode(node: Node): string | undefined {
  const kind = node.kind;
  if (kind.case === undefined) return "a node of an unknown kind";
  if (hasUnknown(node) || hasUnknown(kind.value)) return `${FIELD} in a node`;
  if (kind.case === "builtinCall") {
    return isKnownBuiltin(kind.value.builtin) ? undefined : `builtin number ${kind.value.builtin}`;
  }
  if (kind.case === "literal") return unknownInLiteral(kind.value);
  if (kind.case !== "matchOn") return undefined;
  for (const arm of kind.value.arms) {
    if (hasUnknown(arm)) return `${FIELD} in an arm`;
    const pattern = arm.pattern;
    if (pattern === undefined || pattern.kind.case === undefined)
      return "an arm with a pattern of an unknown kind";
    if (hasUnknown(pattern)) return `${FIELD} in a pattern`;
    const inside = pattern.kind.case === "literal" ? unknownInLiteral(pattern.kind.value) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function unknownInLiteral(literal: Literal): string | undefined {
  if (literal.value.case === undefined) return "a literal of an unknown kind";
  const inside = literal.value.case === "decimal" && hasUnknown(literal.value.value);
  return inside || hasUnknown(literal) ? `${FIELD} in a literal` : undefined;
}
