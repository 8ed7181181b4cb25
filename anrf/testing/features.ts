import { builtinByNumber } from "#anrf/std/catalogue.ts";
import type { FunctionDef, Module, Node } from "#gen/anrf/v1/ir_pb.ts";

/**
 * What a program uses of the language, each by a name: `node loopWhile`, `builtin list.map`, `pattern literal date`,
 * `type mapOf`, `clause requires`, `recursion mutual`, `a function as a value` and so on.
 */
export function featuresOf(module: Module): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { kind } of module.types)
    found.add(`type ${kind.case === "scalar" ? `scalar ${kind.value}` : kind.case}`);
  if (module.records.length > 0) found.add("record");
  if (module.functions.length > 1) found.add("several functions");
  if (module.variants.some((_, index) => isRecursive(module, index))) found.add("recursive variant");
  for (const fn of module.functions) {
    for (const node of fn.nodes) nodeFeatures(node, module, found);
    clauseFeatures(fn, found);
  }
  recursionFeatures(module, found);
  return found;
}

function nodeFeatures(node: Node, { types }: Module, found: Set<string>): void {
  const { kind } = node;
  found.add(`node ${kind.case}`);
  if (kind.case === "builtinCall") found.add(`builtin ${builtinByNumber(kind.value.builtin)?.id}`);
  if (kind.case === "literal") found.add(`literal ${kind.value.value.case}`);
  if (kind.case === "matchOn") {
    for (const { pattern } of kind.value.arms) {
      const part = pattern?.kind;
      const more =
        part?.case === "literal"
          ? ` ${part.value.value.case}`
          : part?.case === "optionSome"
            ? ` ${part.value}`
            : "";
      found.add(`pattern ${part?.case}${more}`);
    }
  }
  if (kind.case === "loopWhile") {
    if (kind.value.invariants.length > 0) found.add("loop invariant");
    if (kind.value.decreases !== undefined) found.add("loop decreases");
  }
  if (kind.case === "localRef" && types[node.type]?.kind.case === "functionOf")
    found.add("a function as a value");
  if (kind.case === "makeOption") found.add(`option ${kind.value.some === undefined ? "none" : "some"}`);
}

function clauseFeatures(fn: FunctionDef, found: Set<string>): void {
  if (fn.requires.length > 0) found.add("clause requires");
  if (fn.ensures.length > 0) found.add("clause ensures");
  if (fn.decreases !== undefined) found.add("clause decreases");
  if (fn.resultLocal !== undefined) found.add("result in a clause");
  if ([...fn.requires, ...fn.ensures].some((one) => one.label !== "")) found.add("label of a clause");
}

function recursionFeatures(module: Module, found: Set<string>): void {
  const calls = module.functions.map((fn) =>
    fn.nodes.flatMap(({ kind }) => (kind.case === "functionCall" ? [kind.value.function] : [])),
  );
  calls.forEach((called, index) => {
    if (called.includes(index)) found.add("recursion self");
    if (called.some((other) => other !== index && calls[other]?.includes(index)))
      found.add("recursion mutual");
  });
}

function isRecursive({ types, variants }: Module, index: number): boolean {
  return (variants[index]?.cases ?? []).some((one) =>
    one.payload.some((type) => {
      const kind = types[type]?.kind;
      return kind?.case === "variantRef" && kind.value === index;
    }),
  );
}
