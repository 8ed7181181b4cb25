import type { SyntaxNode } from "@lezer/common";
import { parser } from "@lezer/python";
import type { FunctionSource, Handler, ModuleSource, Source, Statement } from "#anrf/import/source/source.ts";
import { readAnnotation, readExpression, readParams, readTuple } from "./expr.ts";
import { readString } from "./strings-read.ts";
import { commaParts, PythonText } from "./tree.ts";

/** Reads a file of Python; what is not in the subset is refused where it stands in a function or constant. */
export function readPython(source: string): ModuleSource {
  const text = new PythonText(source);
  const tree = parser.parse(source);
  const root = tree.topNode;
  const functions: FunctionSource[] = [];
  const constants: ModuleSource["constants"][number][] = [];
  const imports = new Map<string, string>();
  // An import inside a function names the same thing as one at the top.
  tree.iterate({
    enter: ({ name, node }) => {
      if (name === "ImportStatement") readImport(text, node, imports);
    },
  });
  for (const node of statementsOf(text, root)) {
    if (node.name === "ImportStatement") continue;
    if (node.name === "FunctionDefinition") functions.push(readFunction(text, node));
    else if (node.name === "AssignStatement") {
      const made = readAssign(text, node);
      if (made.kind === "assign") constants.push(made);
    } else if (!isIdle(text, node)) {
      text.refuse("statement", node, `${node.name} at the top of a file is not supported`);
    }
  }
  return { functions, constants, imports };
}

/** Docs, `pass`, asserts and calls at the top of a file say nothing about its functions. */
function isIdle(text: PythonText, node: SyntaxNode): boolean {
  if (node.name === "PassStatement" || node.name === "AssertStatement") return true;
  if (node.name === "IfStatement") return text.of(node).startsWith("if __name__");
  return node.name === "ExpressionStatement";
}

function statementsOf(text: PythonText, node: SyntaxNode): SyntaxNode[] {
  return text
    .children(node)
    .flatMap((one) => (one.name === "StatementGroup" ? text.children(one) : [one]))
    .filter((one) => one.name !== ";" && one.name !== ":");
}

function readImport(text: PythonText, node: SyntaxNode, imports: Map<string, string>): void {
  const children = text.children(node);
  const isFrom = children[0]?.name === "from";
  const split = children.findIndex((one) => one.name === "import");
  const from = isFrom
    ? children
        .slice(1, split)
        .map((one) => text.of(one))
        .join("")
    : "";
  for (const part of commaParts(
    children.slice(split + 1).filter((one) => one.name !== "(" && one.name !== ")"),
  )) {
    const as = part.findIndex((one) => one.name === "as");
    const full = part
      .slice(0, as < 0 ? part.length : as)
      .map((one) => text.of(one))
      .join("");
    const alias = as < 0 ? undefined : part[as + 1];
    const name = alias === undefined ? full : text.of(alias);
    imports.set(name, isFrom ? `${from}.${full}` : full);
  }
}

function readFunction(text: PythonText, node: SyntaxNode): FunctionSource {
  const children = text.children(node);
  if (children[0]?.name !== "def") return text.refuse("statement", node, "async functions are not supported");
  const name = children.find((one) => one.name === "VariableName");
  const list = children.find((one) => one.name === "ParamList");
  const returns = children.find((one) => one.name === "TypeDef");
  const body = children.find((one) => one.name === "Body");
  if (name === undefined || list === undefined || body === undefined) return text.broken(node);
  const { statements, doc } = readBody(text, body);
  return {
    ...text.site(node),
    name: text.of(name),
    doc,
    params: readParams(text, list),
    ...(returns === undefined ? {} : { returns: readAnnotation(text, returns) }),
    body: statements,
  };
}

function readBody(text: PythonText, body: SyntaxNode): { statements: Statement[]; doc: string } {
  const nodes = statementsOf(text, body);
  const [first] = nodes;
  const literal = first?.name === "ExpressionStatement" ? first.firstChild : null;
  const isDoc = literal?.name === "String";
  const doc = isDoc ? dedented(readString(text, literal)) : "";
  return { statements: readStatements(text, isDoc ? nodes.slice(1) : nodes), doc };
}

function dedented(doc: string): string {
  return doc
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .trim();
}

function readStatements(text: PythonText, nodes: readonly SyntaxNode[]): Statement[] {
  return nodes.flatMap((node) => readStatement(text, node) ?? []);
}

function block(text: PythonText, node: SyntaxNode | undefined): Statement[] {
  return node === undefined ? [] : readStatements(text, statementsOf(text, node));
}

function readStatement(text: PythonText, node: SyntaxNode): Statement | undefined {
  const site = text.site(node);
  const children = text.children(node);
  switch (node.name) {
    case "AssignStatement":
      return readAssign(text, node);
    case "UpdateStatement": {
      const [target, op, ...value] = children;
      if (target === undefined || op === undefined) return text.broken(node);
      const name = text.of(op).slice(0, -1);
      return {
        ...site,
        kind: "augment",
        target: readExpression(text, target),
        op: name,
        value: readTuple(text, value),
      };
    }
    case "ExpressionStatement":
      return readExpressionStatement(text, node, children);
    case "IfStatement":
      return readIf(text, node, children);
    case "WhileStatement": {
      const [body, other] = children.filter((one) => one.name === "Body");
      const test = children[1];
      if (test === undefined || body === undefined) return text.broken(node);
      const made = { test: readExpression(text, test), body: block(text, body), other: block(text, other) };
      return { ...site, kind: "while", ...made };
    }
    case "ForStatement": {
      const [body, other] = children.filter((one) => one.name === "Body");
      const split = children.findIndex((one) => one.name === "in");
      const end = children.findIndex((one) => one.name === "Body");
      if (body === undefined || split < 2 || children[0]?.name !== "for") return text.broken(node);
      return {
        ...site,
        kind: "for",
        target: readTuple(text, children.slice(1, split)),
        iter: readTuple(text, children.slice(split + 1, end)),
        body: block(text, body),
        other: block(text, other),
      };
    }
    case "BreakStatement":
      return { ...site, kind: "break" };
    case "ContinueStatement":
      return { ...site, kind: "continue" };
    case "PassStatement":
      return undefined;
    case "ReturnStatement":
      return children.length < 2
        ? { ...site, kind: "return" }
        : { ...site, kind: "return", value: readTuple(text, children.slice(1)) };
    case "RaiseStatement":
      return { ...site, kind: "raise", message: raised(text, children) };
    case "AssertStatement": {
      const [, test] = children;
      if (test === undefined) return text.broken(node);
      return { ...site, kind: "assert", test: readExpression(text, test) };
    }
    case "FunctionDefinition":
      return { ...site, kind: "def", fn: readFunction(text, node) };
    case "DeleteStatement":
      return {
        ...site,
        kind: "del",
        targets: commaParts(children.slice(1)).map((part) => readTuple(text, part)),
      };
    case "ScopeStatement":
      return { ...site, kind: "outer", names: names(text, children) };
    case "TryStatement":
      return readTry(text, node, children);
    case "ImportStatement":
      return undefined;
    default:
      if (node.type.isError) return text.broken(node);
      return text.refuse("statement", node, `${node.name} is not supported`);
  }
}

function names(text: PythonText, children: readonly SyntaxNode[]): string[] {
  return children.filter((one) => one.name === "VariableName").map((one) => text.of(one));
}

function readExpressionStatement(
  text: PythonText,
  node: SyntaxNode,
  children: readonly SyntaxNode[],
): Statement | undefined {
  if (children.length === 1 && ["String", "ContinuedString", "Ellipsis"].includes(children[0]?.name ?? "")) {
    return undefined;
  }
  return { ...text.site(node), kind: "expr", value: readTuple(text, children) };
}

function readAssign(text: PythonText, node: SyntaxNode): Statement {
  const children = text.children(node);
  const type = children.find((one) => one.name === "TypeDef");
  const parts: SyntaxNode[][] = [[]];
  for (const child of children) {
    if (child === type) continue;
    if (child.name === "AssignOp") parts.push([]);
    else parts.at(-1)?.push(child);
  }
  const targets = parts.filter((part) => part.length > 0).map((part) => readTuple(text, part));
  const site = text.site(node);
  if (parts.length === 1 && type !== undefined) {
    const [target] = targets;
    if (target?.kind !== "name") return text.refuse("statement", node, "only a name can be declared");
    return { ...site, kind: "declare", name: target.name, annotation: readAnnotation(text, type) };
  }
  const value = targets.pop();
  if (value === undefined || targets.length === 0) return text.broken(node);
  return {
    ...site,
    kind: "assign",
    targets,
    value,
    ...(type === undefined ? {} : { annotation: readAnnotation(text, type) }),
  };
}

function readIf(text: PythonText, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const [, test, body, word, ...rest] = children;
  if (test === undefined || body === undefined) return text.broken(node);
  const site = text.site(node);
  const made = { ...site, kind: "if" as const, test: readExpression(text, test), yes: block(text, body) };
  if (word === undefined) return { ...made, other: [] };
  if (word.name === "else") return { ...made, other: block(text, rest[0]) };
  // elif: the rest reads like an if of its own.
  return { ...made, other: [readIf(text, node, [word, ...rest])] };
}

function raised(text: PythonText, children: readonly SyntaxNode[]): string {
  const what = children[1];
  if (what === undefined) return "an exception is raised again";
  const source: Source | undefined = what.name === "CallExpression" ? readExpression(text, what) : undefined;
  const first = source?.kind === "call" ? source.args[0] : undefined;
  if (first?.kind === "str") return first.value;
  return text.of(what).slice(0, 200);
}

function readTry(text: PythonText, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const handlers: Handler[] = [];
  let body: Statement[] = [];
  let other: Statement[] = [];
  let word = "";
  let head: SyntaxNode[] = [];
  for (const child of children) {
    if (child.name !== "Body") {
      if (["try", "except", "else", "finally"].includes(child.name)) {
        word = child.name;
        head = [child];
      } else head.push(child);
      continue;
    }
    if (word === "try") body = block(text, child);
    else if (word === "except") handlers.push(readHandler(text, head, child));
    else if (word === "else") other = block(text, child);
    else return text.refuse("try", child, "finally is not supported");
  }
  return { ...text.site(node), kind: "try", body, handlers, other };
}

function readHandler(text: PythonText, head: readonly SyntaxNode[], body: SyntaxNode): Handler {
  const [word, type, , bound] = head;
  const caught =
    type === undefined
      ? []
      : type.name === "TupleExpression"
        ? names(text, text.children(type))
        : [text.of(type)];
  return {
    ...text.place(word ?? body),
    names: caught,
    ...(bound === undefined ? {} : { bound: text.of(bound) }),
    body: block(text, body),
  };
}
