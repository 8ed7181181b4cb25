import type { SyntaxNode } from "@lezer/common";
import { parser } from "@lezer/javascript";
import type { FunctionSource, ModuleSource, Statement, StatementOf } from "#anrf/import/source/source.ts";
import { readDeclaration, readEffect } from "./assign.ts";
import { readCondition, readExpression } from "./expr.ts";
import { readArrow, readFunction, readFunctionValue, readTypedParams } from "./functions.ts";
import { readForEach, readLoop } from "./loops.ts";
import { readSwitch } from "./switch.ts";
import { inner, only, type Readers, ScriptText } from "./tree.ts";

const TYPES_ONLY: ReadonlySet<string> = new Set([
  "TypeAliasDeclaration",
  "InterfaceDeclaration",
  "AmbientDeclaration",
  ";",
]);

/**
 * Reads a file of TypeScript; what is not in the subset is refused where it stands. With `asTuples` the array literals
 * that are as long as a tuple type of the file are tuples: the text alone does not say which they are.
 */
export function readTypeScript(source: string, asTuples = false): ModuleSource {
  const text = new ScriptText(source, READERS, asTuples ? tupleLengths(source) : new Set());
  const root = PARSER.parse(source).topNode;
  const functions: FunctionSource[] = [];
  const constants: StatementOf<"assign">[] = [];
  const all = text
    .children(root)
    .flatMap((one) => (one.name === "ExportDeclaration" ? exported(text, one) : [one]));
  for (const one of all) noteType(text, one);
  const nodes = all.filter((one) => !TYPES_ONLY.has(one.name));
  for (const node of nodes) for (const name of declaredNames(text, node)) text.declare(name);
  for (const node of nodes) {
    const fn = functionOf(text, node);
    if (fn !== undefined) functions.push(fn);
    else if (node.name === "VariableDeclaration") {
      for (const made of readDeclaration(text, node)) if (made.kind === "assign") constants.push(made);
    } else if (node.name === "ImportDeclaration") {
      text.refuse("import", node, "imports are not supported: put the function into this file");
    } else if (node.name !== "ExpressionStatement") {
      text.refuse("statement", node, `${node.name} at the top of a file is not supported`);
    }
  }
  return { functions, constants, imports: new Map() };
}

/** The lengths of the tuple types that the file names. */
export function tupleLengths(source: string): ReadonlySet<number> {
  const found = new Set<number>();
  PARSER.parse(source).iterate({
    enter: ({ name, node }) => {
      if (name === "TupleType") found.add(node.getChildren(",").length + 1);
    },
  });
  return found;
}

const PARSER = parser.configure({ dialect: "ts" });

function exported(text: ScriptText, node: SyntaxNode): SyntaxNode[] {
  return text.children(node).filter((one) => /Declaration$/.test(one.name));
}

/** `type Name = …`, without parameters of its own. */
function noteType(text: ScriptText, node: SyntaxNode): void {
  if (node.name !== "TypeAliasDeclaration" || node.getChild("TypeParamList") !== null) return;
  const name = node.getChild("TypeDefinition");
  const type = text
    .children(node)
    .filter((one) => one.name !== ";")
    .at(-1);
  if (name !== null && type !== undefined) text.types.set(text.of(name), type);
}

/** Names of the top of a file are known in all of it. */
function declaredNames(text: ScriptText, node: SyntaxNode): string[] {
  if (node.name !== "FunctionDeclaration" && node.name !== "VariableDeclaration") return [];
  return text
    .children(node)
    .filter((one) => one.name === "VariableDefinition")
    .map((one) => text.of(one));
}

/** A function declaration, or a constant that is an arrow function. */
function functionOf(text: ScriptText, node: SyntaxNode): FunctionSource | undefined {
  if (node.name === "FunctionDeclaration") {
    const name = text.children(node).find((one) => one.name === "VariableDefinition");
    if (name === undefined) return text.broken(node);
    return readFunction(text, node, text.declare(text.of(name)), docBefore(text, node));
  }
  if (node.name !== "VariableDeclaration") return undefined;
  const [, name, ...rest] = text.children(node).filter((one) => one.name !== ";");
  const value = rest.at(-1);
  const isFunction = value?.name === "ArrowFunction" || value?.name === "FunctionExpression";
  if (name?.name !== "VariableDefinition" || value === undefined || !isFunction) return undefined;
  if (rest.some((one) => one.name === ",")) return undefined;
  return readFunction(text, value, text.declare(text.of(name)), docBefore(text, node));
}

/** The text of a doc comment right before the node. */
function docBefore(text: ScriptText, node: SyntaxNode): string {
  const outer = node.parent?.name === "ExportDeclaration" ? node.parent : node;
  const comment = outer.prevSibling;
  if (comment?.name !== "BlockComment" || !text.of(comment).startsWith("/**")) return "";
  return text
    .of(comment)
    .slice(3, -2)
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, "").trimEnd())
    .join("\n")
    .trim();
}

/** The statements of a block, in a scope of their own; functions of the block come first, as the language has it. */
function readBlock(text: ScriptText, block: SyntaxNode): Statement[] {
  return text.scoped(() => readStatements(text, inner(text, block)));
}

/** Statements in the scope that is open. */
function readStatements(text: ScriptText, nodes: readonly SyntaxNode[]): Statement[] {
  const isFunction = (one: SyntaxNode): boolean => one.name === "FunctionDeclaration";
  return [...nodes.filter(isFunction), ...nodes.filter((one) => !isFunction(one))].flatMap((one) =>
    readStatement(text, one),
  );
}

/** The body of a branch or loop: a block, or one statement. */
function readBody(text: ScriptText, node: SyntaxNode): Statement[] {
  return node.name === "Block" ? readBlock(text, node) : text.scoped(() => readStatement(text, node));
}

/** One statement, after the functions that its expressions need. */
function readStatement(text: ScriptText, node: SyntaxNode): Statement[] {
  const outer = text.pending;
  text.pending = [];
  const made = readOne(text, node);
  const before = text.pending;
  text.pending = outer;
  return [...before, ...made];
}

function readOne(text: ScriptText, node: SyntaxNode): Statement[] {
  const site = text.site(node);
  const children = text.children(node).filter((one) => one.name !== ";");
  switch (node.name) {
    case "VariableDeclaration": {
      const fn = functionOf(text, node);
      return fn === undefined ? readDeclaration(text, node) : [{ ...site, kind: "def", fn }];
    }
    case "FunctionDeclaration": {
      const fn = functionOf(text, node);
      return fn === undefined ? text.broken(node) : [{ ...site, kind: "def", fn }];
    }
    case "ExpressionStatement": {
      const effect = only(text, node, children);
      return readForEach(text, effect) ?? readEffect(text, effect);
    }
    case "Block":
      return readBlock(text, node);
    case "IfStatement": {
      const [, test, yes, , other] = children;
      if (test === undefined || yes === undefined) return text.broken(node);
      const made = { test: readCondition(text, test), yes: readBody(text, yes) };
      return [{ ...site, kind: "if", ...made, other: other === undefined ? [] : readBody(text, other) }];
    }
    case "ForStatement":
    case "WhileStatement":
    case "DoStatement":
      return readLoop(text, node, children);
    case "SwitchStatement":
      return readSwitch(text, node, children);
    case "BreakStatement":
    case "ContinueStatement":
      if (children.length > 1) return text.refuse("statement", node, "a jump to a label");
      return [{ ...site, kind: node.name === "BreakStatement" ? "break" : "continue" }];
    case "ReturnStatement": {
      const [, value] = children;
      return [
        { ...site, kind: "return", ...(value === undefined ? {} : { value: readExpression(text, value) }) },
      ];
    }
    case "ThrowStatement":
      return [{ ...site, kind: "raise", message: thrown(text, children[1]) }];
    case ";":
      return [];
    default:
      if (TYPES_ONLY.has(node.name)) return [];
      if (node.type.isError) return text.broken(node);
      return text.refuse("statement", node, `${node.name} is not supported`);
  }
}

/** The message of an error that is thrown, where it is a literal; else its text. */
function thrown(text: ScriptText, value: SyntaxNode | undefined): string {
  if (value === undefined) return "an error is thrown";
  const literal = /^new \w*Error\((["'`])([^"'`$]*)\1\)$/.exec(text.of(value));
  return literal?.[2] ?? text.of(value).slice(0, 200);
}

const READERS: Readers = {
  block: readBlock,
  body: readBody,
  statements: readStatements,
  arrow: readArrow,
  functionValue: readFunctionValue,
  params: readTypedParams,
};
