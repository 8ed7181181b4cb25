import type { SyntaxNode } from "@lezer/common";
import type { Clause, FormatPart, Param, Source } from "#anrf/import/source/source.ts";
import { isLogic, readLogic } from "./logic.ts";
import { readFormat, readString } from "./strings-read.ts";
import { commaParts, type PythonText } from "./tree.ts";

/** An expression of Lezer's Python tree as a source tree. */
export function readExpression(text: PythonText, node: SyntaxNode): Source {
  const go = (child: SyntaxNode): Source => readExpression(text, child);
  if (isLogic(text, node)) return readLogic(text, node, go);
  const site = text.site(node);
  switch (node.name) {
    case "Number":
      return readNumber(text, node);
    case "String":
      return { ...site, kind: "str", value: readString(text, node) };
    case "FormatString":
      return { ...site, kind: "format", parts: readFormat(text, node, go) };
    case "ContinuedString":
      return readContinued(text, node);
    case "Boolean":
      return { ...site, kind: "bool", value: text.of(node) === "True" };
    case "None":
      return { ...site, kind: "none" };
    case "Ellipsis":
      return { ...site, kind: "name", name: "..." };
    case "VariableName":
      return { ...site, kind: "name", name: text.of(node) };
    case "ParenthesizedExpression":
      return go(only(text, node, inside(text, node)));
    case "TupleExpression":
      return { ...site, kind: "tuple", items: readItems(text, inside(text, node)) };
    case "ArrayExpression":
      return { ...site, kind: "list", items: readItems(text, inside(text, node)) };
    case "SetExpression":
      return { ...site, kind: "set", items: readItems(text, inside(text, node)) };
    case "DictionaryExpression":
      return { ...site, kind: "dict", items: readPairs(text, node) };
    case "ArrayComprehensionExpression":
      return readComprehension(text, node, "list");
    case "SetComprehensionExpression":
      return readComprehension(text, node, "set");
    case "DictionaryComprehensionExpression":
      return readComprehension(text, node, "dict");
    case "ComprehensionExpression":
      return readComprehension(text, node, "gen");
    case "UnaryExpression": {
      const [op, operand] = text.children(node);
      if (op === undefined || operand === undefined) return text.broken(node);
      const name = text.of(op);
      const value = go(operand);
      // −2⁶³ is in range and 2⁶³ is not: a sign belongs to its literal.
      if (name === "-" && value.kind === "int") return { ...value, value: -value.value };
      if (name === "-" && value.kind === "float") return { ...value, value: -value.value };
      return { ...site, kind: "unary", op: name, operand: value };
    }
    case "BinaryExpression":
      return readBinary(text, node);
    case "ConditionalExpression": {
      const parts = text.children(node).filter((one) => one.name !== "if" && one.name !== "else");
      const [yes, test, other] = parts;
      if (yes === undefined || test === undefined || other === undefined) return text.broken(node);
      return { ...site, kind: "if", test: go(test), yes: go(yes), other: go(other) };
    }
    case "CallExpression":
      return readCall(text, node);
    case "MemberExpression":
      return readMember(text, node);
    case "LambdaExpression": {
      const children = text.children(node);
      const list = children.find((one) => one.name === "ParamList");
      const body = children.at(-1);
      if (body === undefined) return text.broken(node);
      return {
        ...site,
        kind: "lambda",
        params: list === undefined ? [] : readParams(text, list),
        body: go(body),
      };
    }
    case "NamedExpression": {
      const [name, , value] = text.children(node);
      if (name === undefined || value === undefined) return text.broken(node);
      return { ...site, kind: "walrus", name: text.of(name), value: go(value) };
    }
    default:
      if (node.type.isError) return text.broken(node);
      return text.refuse("expression", node, `${node.name} is not supported`);
  }
}

/** One expression, or a tuple of those between commas. */
export function readTuple(text: PythonText, nodes: readonly SyntaxNode[]): Source {
  const [first] = nodes;
  if (first === undefined) throw new Error("a tuple is read from no node");
  const hasComma = nodes.some((one) => one.name === ",");
  if (!hasComma && first.name !== "*") return readExpression(text, only(text, first, nodes));
  return { ...text.site(first), kind: "tuple", items: readItems(text, nodes) };
}

/** The parameters of a function or lambda. */
export function readParams(text: PythonText, list: SyntaxNode): Param[] {
  const nodes = text.children(list).filter((one) => one.name !== "(" && one.name !== ")");
  return commaParts(nodes).flatMap((part) => {
    const [name] = part;
    if (name === undefined) return text.broken(list);
    if (name.name === "/" || (name.name === "*" && part.length === 1)) return [];
    if (name.name !== "VariableName")
      return text.refuse("statement", name, "star parameters are not supported");
    const annotation = part.find((one) => one.name === "TypeDef");
    const equal = part.findIndex((one) => one.name === "AssignOp");
    const fallback = equal < 0 ? undefined : part[equal + 1];
    return [
      {
        ...text.place(name),
        name: text.of(name),
        ...(annotation === undefined ? {} : { annotation: readAnnotation(text, annotation) }),
        ...(fallback === undefined ? {} : { fallback: readExpression(text, fallback) }),
      },
    ];
  });
}

/** The type in a `: type` or `-> type`. */
export function readAnnotation(text: PythonText, node: SyntaxNode): Source {
  const parts = text.children(node).filter((one) => one.name !== ":" && one.name !== "->");
  return readExpression(text, only(text, node, parts));
}

function inside(text: PythonText, node: SyntaxNode): SyntaxNode[] {
  return text.children(node).slice(1, -1);
}

function only(text: PythonText, node: SyntaxNode, nodes: readonly SyntaxNode[]): SyntaxNode {
  const [first, second] = nodes;
  if (first === undefined || second !== undefined) return text.broken(second ?? node);
  return first;
}

function readItems(text: PythonText, nodes: readonly SyntaxNode[]): Source[] {
  return commaParts(nodes).map((part) => readItem(text, part));
}

function readItem(text: PythonText, part: readonly SyntaxNode[]): Source {
  const [first, second] = part;
  if (first === undefined) throw new Error("an item has no node");
  if (first.name !== "*") return readExpression(text, only(text, first, part));
  if (second === undefined) return text.broken(first);
  return { ...text.site(first), kind: "star", value: readExpression(text, second) };
}

function readPairs(text: PythonText, node: SyntaxNode): { key: Source; value: Source }[] {
  return commaParts(inside(text, node)).map((part) => {
    const [key, , value] = part;
    if (key?.name === "**") return text.refuse("expression", key, "** inside a dict is not supported");
    if (key === undefined || value === undefined) return text.broken(node);
    return { key: readExpression(text, key), value: readExpression(text, value) };
  });
}

function readContinued(text: PythonText, node: SyntaxNode): Source {
  const parts: FormatPart[] = [];
  for (const child of text.children(node)) {
    if (child.name === "String") parts.push(readString(text, child));
    else parts.push(...readFormat(text, child, (one) => readExpression(text, one)));
  }
  const site = text.site(node);
  if (parts.every((part) => typeof part === "string")) return { ...site, kind: "str", value: parts.join("") };
  return { ...site, kind: "format", parts };
}

function readNumber(text: PythonText, node: SyntaxNode): Source {
  const raw = text.of(node).replaceAll("_", "");
  const site = text.site(node);
  if (/[jJ]$/.test(raw)) return text.refuse("expression", node, "complex numbers are not supported");
  if (/^0[xXbBoO]/.test(raw) || /^\d+$/.test(raw)) return { ...site, kind: "int", value: BigInt(raw) };
  const value = Number(raw);
  if (Number.isNaN(value)) return text.broken(node);
  return { ...site, kind: "float", value };
}

const COMPARING = new Set(["<", ">", "<=", ">=", "==", "!=", "in", "not in", "is", "is not"]);

function readBinary(text: PythonText, node: SyntaxNode): Source {
  const children = text.children(node);
  const left = children[0];
  const right = children.at(-1);
  if (left === undefined || right === undefined || children.length < 3) return text.broken(node);
  const op = children
    .slice(1, -1)
    .map((one) => text.of(one))
    .join(" ");
  const site = text.site(node);
  if (COMPARING.has(op)) return readComparison(text, node);
  if (op === "@") return text.refuse("expression", node, "the operator @ is not supported");
  return {
    ...site,
    kind: "binary",
    op,
    left: readExpression(text, left),
    right: readExpression(text, right),
  };
}

/** A chain a < b < c is nested to the left, without parentheses. */
function readComparison(text: PythonText, node: SyntaxNode): Source {
  const rest: { op: string; right: Source }[] = [];
  let at = node;
  for (;;) {
    const children = text.children(at);
    const op = children
      .slice(1, -1)
      .map((one) => text.of(one))
      .join(" ");
    const right = children.at(-1);
    if (at.name !== "BinaryExpression" || !COMPARING.has(op) || right === undefined) break;
    rest.unshift({ op, right: readExpression(text, right) });
    const [left] = children;
    if (left === undefined) return text.broken(at);
    at = left;
  }
  return { ...text.site(node), kind: "compare", first: readExpression(text, at), rest };
}

function readCall(text: PythonText, node: SyntaxNode): Source {
  const [callee, list] = text.children(node);
  if (callee === undefined || list === undefined) return text.broken(node);
  const args: Source[] = [];
  const named: { name: string; value: Source }[] = [];
  const children = inside(text, list);
  const generator = children.findIndex((one) => one.name === "for");
  if (generator > 0) {
    args.push(readComprehension(text, list, "gen"));
    return { ...text.site(node), kind: "call", callee: readExpression(text, callee), args, named };
  }
  for (const part of commaParts(children)) {
    const [first, second, third] = part;
    if (first?.name === "**") return text.refuse("expression", first, "** arguments are not supported");
    if (first !== undefined && second?.name === "AssignOp" && third !== undefined) {
      if (text.of(second) === ":=") {
        args.push({
          ...text.site(first),
          kind: "walrus",
          name: text.of(first),
          value: readExpression(text, third),
        });
      } else named.push({ name: text.of(first), value: readExpression(text, third) });
    } else args.push(readItem(text, part));
  }
  return { ...text.site(node), kind: "call", callee: readExpression(text, callee), args, named };
}

function readMember(text: PythonText, node: SyntaxNode): Source {
  const children = text.children(node);
  const [first, second, third] = children;
  if (first === undefined || second === undefined || third === undefined) return text.broken(node);
  const site = text.site(node);
  const target = readExpression(text, first);
  if (second.name === ".") return { ...site, kind: "attr", target, name: text.of(third) };
  const parts = children.slice(2, -1);
  const hasColon = parts.some((one) => one.name === ":");
  if (!hasColon) return { ...site, kind: "index", target, index: readTuple(text, parts) };
  if (parts.some((one) => one.name === ","))
    return text.refuse("expression", node, "a slice of several axes");
  const bounds: (Source | undefined)[] = [undefined];
  for (const part of parts) {
    if (part.name === ":") bounds.push(undefined);
    else bounds[bounds.length - 1] = readExpression(text, part);
  }
  const [from, to, step] = bounds;
  return {
    ...site,
    kind: "slice",
    target,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(step === undefined ? {} : { step }),
  };
}

function readComprehension(
  text: PythonText,
  node: SyntaxNode,
  shape: "list" | "set" | "dict" | "gen",
): Source {
  const children = inside(text, node);
  const start = children.findIndex((one) => one.name === "for" || one.name === "async");
  const head = children.slice(0, start);
  const clauses: Clause[] = [];
  let at = start;
  while (at < children.length) {
    const word = children[at]?.name;
    const end = nextClause(children, at + 1);
    const part = children.slice(at + 1, end);
    if (word === "for") {
      const split = part.findIndex((one) => one.name === "in");
      const target = readTuple(text, part.slice(0, split));
      clauses.push({ kind: "for", target, iter: readTuple(text, part.slice(split + 1)) });
    } else if (word === "if") {
      clauses.push({ kind: "if", test: readTuple(text, part) });
    } else return text.broken(children[at] ?? node);
    at = end;
  }
  const site = text.site(node);
  if (shape === "dict") {
    const [key, , value] = head;
    if (key === undefined || value === undefined) return text.broken(node);
    return {
      ...site,
      kind: "comp",
      shape,
      key: readExpression(text, key),
      value: readExpression(text, value),
      clauses,
    };
  }
  return { ...site, kind: "comp", shape, value: readTuple(text, head), clauses };
}

function nextClause(children: readonly SyntaxNode[], from: number): number {
  for (let at = from; at < children.length; at++) {
    const name = children[at]?.name;
    if (name === "for" || name === "if" || name === "async") return at;
  }
  return children.length;
}
