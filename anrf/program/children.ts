import type { Node, TypeDef } from "#gen/anrf/v1/ir_pb.ts";

/** One step of evaluation order: visit an operand, or enter the scope of a local. */
export type Step = { readonly operand: number } | { readonly bind: number };

/** The operands of a node, first one first: the one place that knows where each kind keeps them. */
export function children(node: Node): readonly number[] {
  const kind = node.kind;
  switch (kind.case) {
    case "literal":
    case "localRef":
    case "failWith":
    case "hole":
    case undefined:
      return [];
    case "letIn":
      return [kind.value.value, kind.value.body];
    case "branch":
      return [kind.value.condition, kind.value.whenTrue, kind.value.whenFalse];
    case "matchOn":
      return [kind.value.subject, ...kind.value.arms.map((arm) => arm.body)];
    case "lambdaExpr":
      return [kind.value.body];
    case "builtinCall":
    case "functionCall":
    case "makeVariant":
    case "extensionCall":
      return kind.value.args;
    case "valueCall":
      return [kind.value.callee, ...kind.value.args];
    case "makeList":
    case "makeMap":
    case "makeTuple":
    case "makeRecord":
      return kind.value.items;
    case "makeOption":
      return kind.value.some === undefined ? [] : [kind.value.some];
    case "getField":
      return [kind.value.target];
    case "loopWhile": {
      const { init, condition, step, invariants, decreases } = kind.value;
      return [init, condition, step, ...invariants, ...(decreases === undefined ? [] : [decreases])];
    }
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

/** Locals that the node binds, each with the scope it is bound in by `steps`. */
export function binders(node: Node): readonly number[] {
  return steps(node).flatMap((step) => ("bind" in step ? [step.bind] : []));
}

/**
 * Operands and binders of a node in the order of canonical numbering: a binder comes before the operands
 * that see it and after those that do not.
 */
export function steps(node: Node): readonly Step[] {
  const kind = node.kind;
  const operand = (id: number): Step => ({ operand: id });
  const bind = (local: number): Step => ({ bind: local });
  switch (kind.case) {
    case "letIn":
      return [operand(kind.value.value), bind(kind.value.local), operand(kind.value.body)];
    case "lambdaExpr":
      return [...kind.value.params.map(bind), operand(kind.value.body)];
    case "matchOn":
      return [
        operand(kind.value.subject),
        ...kind.value.arms.flatMap((arm) => [...arm.binders.map(bind), operand(arm.body)]),
      ];
    case "loopWhile": {
      const [init, ...seeing] = children(node);
      return [operand(init ?? 0), bind(kind.value.state), ...seeing.map(operand)];
    }
    default:
      return children(node).map(operand);
  }
}

/** The entries of the type table that a type names, in the order of the format. */
export function typeOperands({ kind }: TypeDef): readonly number[] {
  switch (kind.case) {
    case "listOf":
    case "optionOf":
      return [kind.value];
    case "mapOf":
      return [kind.value.key, kind.value.value];
    case "tupleOf":
      return kind.value.elements;
    case "functionOf":
      return [...kind.value.params, kind.value.result];
    case "scalar":
    case "recordRef":
    case "variantRef":
    case undefined:
      return [];
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}
