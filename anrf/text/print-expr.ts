import type { Program, ProgramFunction } from "#anrf/program/program.ts";
import { quoted } from "#anrf/program/show.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import type { Node } from "#gen/anrf/v1/ir_pb.ts";
import { bracketed, type Doc } from "./layout.ts";
import { ATOM } from "./operators.ts";
import { builtinDoc, callDoc, functionDoc, postfixDoc } from "./print-call.ts";
import { branchDoc, doDoc, lambdaDoc, loopDoc, matchDoc } from "./print-forms.ts";
import type { LocalName } from "./print-names.ts";
import { scalarText } from "./print-value.ts";
import { bindingOf, isOpenForm, nodeAt, type Printing, typeAt } from "./printing.ts";
import { nameText } from "./words.ts";

/** A printer of the nodes of one function. */
export function nodePrinter(
  program: Program,
  fn: ProgramFunction,
  names: readonly LocalName[],
  comments: ReadonlyMap<number, string>,
): Printing {
  const used = new Set<number>();
  const printing: Printing = {
    program,
    fn,
    names,
    comment: (id) => {
      if (used.has(id)) return undefined;
      used.add(id);
      return comments.get(id);
    },
    hasComment: (id) => !used.has(id) && comments.has(id),
    node: (id, isExpected) => nodeDoc(printing, id, isExpected),
    operand: (id, isExpected, least) => {
      const doc = nodeDoc(printing, id, isExpected);
      return bindingOf(nodeAt(printing, id), isExpected) < least ? ["(", doc, ")"] : doc;
    },
  };
  return printing;
}

function nodeDoc(printing: Printing, id: number, isExpected: boolean): Doc {
  const node = nodeAt(printing, id);
  const doc = kindDoc(printing, node, id, isExpected);
  return isOpenForm(node) && !isExpected ? [doc, " as ", typeAt(printing, node).text] : doc;
}

function kindDoc(printing: Printing, node: Node, id: number, isExpected: boolean): Doc {
  const { kind } = node;
  const all = (ids: readonly number[]): Doc[] => ids.map((one) => printing.node(one, true));
  switch (kind.case) {
    case "literal":
      return scalarText(literalValue(kind.value), typeAt(printing, node));
    case "localRef":
      return localDoc(printing, kind.value.local);
    case "letIn":
      return doDoc(printing, id, isExpected);
    case "branch":
      return branchDoc(printing, id, isExpected);
    case "matchOn":
      return matchDoc(printing, kind.value, isExpected);
    case "lambdaExpr":
      return lambdaDoc(printing, kind.value, { isTyped: !isExpected, isBodyExpected: isExpected });
    case "builtinCall":
      return builtinDoc(printing, id, isExpected);
    case "valueCall":
      return callDoc(printing, calleeDoc(printing, kind.value.callee), kind.value.args);
    case "functionCall":
      return functionDoc(printing, kind.value);
    case "extensionCall": {
      const name = printing.program.module.extensions[kind.value.extension]?.name ?? "";
      return callDoc(printing, `Ext.${name}`, kind.value.args);
    }
    case "makeList":
      return bracketed("[", itemDocs(printing, kind.value.items, isExpected, 1), "]");
    case "makeMap": {
      const items = itemDocs(printing, kind.value.items, isExpected, 2);
      const entries = items.flatMap((key, index): Doc[] =>
        index % 2 === 0 ? [[key, ": ", items[index + 1] ?? ""]] : [],
      );
      return bracketed("{", entries, "}");
    }
    case "makeTuple":
      return bracketed(
        "(",
        kind.value.items.map((one) => printing.node(one, isExpected)),
        ")",
      );
    case "makeRecord":
      return recordDoc(printing, node, all(kind.value.items));
    case "makeVariant":
      return variantDoc(printing, node, kind.value.caseIndex, all(kind.value.args));
    case "makeOption":
      return kind.value.some === undefined
        ? "none"
        : ["some(", printing.node(kind.value.some, isExpected), ")"];
    case "getField":
      return postfixDoc(printing, id);
    case "loopWhile":
      return loopDoc(printing, kind.value);
    case "failWith":
      return `fail(${quoted(kind.value.message)})`;
    case "hole":
      return `hole(${quoted(kind.value.goal)})`;
    case undefined:
      throw new Error(`node ${id} has no kind`);
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

/** A local by its name; where its parts have the names, it never stands alone. */
function localDoc(printing: Printing, local: number): string {
  if (local === printing.fn.def.resultLocal) return "result";
  const name = printing.names[local];
  if (typeof name !== "string") throw new Error(`local ${local} has names for its parts only`);
  return name;
}

/** Items from the second round on have the type of the first. */
function itemDocs(printing: Printing, items: readonly number[], isExpected: boolean, first: number): Doc[] {
  return items.map((item, index) => printing.node(item, isExpected || index >= first));
}

function recordDoc(printing: Printing, node: Node, items: readonly Doc[]): Doc {
  const type = typeAt(printing, node);
  const fields = type.kind === "record" ? (printing.program.nominals.records.get(type.name) ?? []) : [];
  return bracketed(
    `${type.text}(`,
    items.map((item, index) => [nameText(fields[index]?.name ?? ""), "=", item]),
    ")",
  );
}

function variantDoc(printing: Printing, node: Node, caseIndex: number, args: readonly Doc[]): Doc {
  const type = typeAt(printing, node);
  const found =
    type.kind === "variant" ? printing.program.nominals.variants.get(type.name)?.[caseIndex] : undefined;
  const name = `${type.text}.${found?.name ?? caseIndex}`;
  return args.length === 0 ? name : bracketed(`${name}(`, args, ")");
}

/** `(r.f)(x)`: without parentheses it would be a method. */
function calleeDoc(printing: Printing, callee: number): Doc {
  const node = nodeAt(printing, callee);
  const doc = printing.operand(callee, false, ATOM);
  return node.kind.case === "getField" ? ["(", doc, ")"] : doc;
}
