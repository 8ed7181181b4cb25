import type { SyntaxNode } from "@lezer/common";
import type { Source } from "#anrf/import/source/source.ts";
import type { PythonText } from "./tree.ts";

type Token =
  | { readonly word: "and" | "or" | "not"; readonly node: SyntaxNode }
  | { readonly word: ""; readonly node: SyntaxNode };

/**
 * A chain of and, or and not. The grammar of the parser gives `not` the whole rest of the chain (`not a or b` reads as
 * `not (a or b)`), so the chain is taken apart and put together again by Python's precedence.
 */
export function readLogic(text: PythonText, node: SyntaxNode, leaf: (node: SyntaxNode) => Source): Source {
  const tokens = flattened(text, node);
  let at = 0;
  const word = (): string => tokens[at]?.word ?? "end";
  const either = (): Source => chained("or", () => chained("and", negation));
  function negation(): Source {
    const token = tokens[at];
    if (token === undefined) return text.broken(node);
    at++;
    if (token.word !== "not") return leaf(token.node);
    return { ...text.site(token.node), kind: "unary", op: "not", operand: negation() };
  }
  function chained(op: "and" | "or", part: () => Source): Source {
    let left = part();
    while (word() === op) {
      const site = text.site(tokens[at]?.node ?? node);
      at++;
      left = { ...site, kind: "logic", op, left, right: part() };
    }
    return left;
  }
  return either();
}

/** True for a node that is part of such a chain. */
export function isLogic(text: PythonText, node: SyntaxNode): boolean {
  const op = operatorOf(text, node);
  return op !== undefined;
}

function operatorOf(text: PythonText, node: SyntaxNode): "and" | "or" | "not" | undefined {
  if (node.name !== "BinaryExpression" && node.name !== "UnaryExpression") return undefined;
  const children = text.children(node);
  const word = children[node.name === "UnaryExpression" ? 0 : 1];
  const isOnly = node.name === "UnaryExpression" || children.length === 3;
  const name = word === undefined || !isOnly ? "" : text.of(word);
  return name === "and" || name === "or" || name === "not" ? name : undefined;
}

function flattened(text: PythonText, node: SyntaxNode): Token[] {
  const op = operatorOf(text, node);
  if (op === undefined) return [{ word: "", node }];
  const children = text.children(node);
  const [first, second, third] = children;
  if (first === undefined || second === undefined) return text.broken(node);
  if (op === "not") return [{ word: "not", node: first }, ...flattened(text, second)];
  if (third === undefined) return text.broken(node);
  return [...flattened(text, first), { word: op, node: second }, ...flattened(text, third)];
}
