import type { SyntaxNode } from "@lezer/common";
import type { Source, Statement } from "#anrf/import/source/source.ts";
import { readCondition, readExpression, readItems } from "./expr.ts";
import { inner, only, type ScriptText } from "./tree.ts";
import { readGeneric, readTypeOf } from "./types.ts";

/** `let a = 1, b: T = e;` as assignments; a name without a value begins as nothing. */
export function readDeclaration(text: ScriptText, node: SyntaxNode): Statement[] {
  const [word, ...rest] = text.children(node).filter((one) => one.name !== ";");
  if (word !== undefined && text.of(word) === "var")
    return text.refuse("statement", node, "var: write let or const");
  const groups: SyntaxNode[][] = [[]];
  for (const one of rest) {
    if (one.name === ",") groups.push([]);
    else groups.at(-1)?.push(one);
  }
  return groups.flatMap((part) => readDeclarator(text, node, part));
}

function readDeclarator(text: ScriptText, node: SyntaxNode, part: readonly SyntaxNode[]): Statement[] {
  const [target] = part;
  if (target === undefined) return text.broken(node);
  const type = part.find((one) => one.name === "TypeAnnotation");
  const equal = part.findIndex((one) => one.name === "Equals");
  const initial = equal < 0 ? undefined : part[equal + 1];
  const annotation = type === undefined ? typeOfNew(text, initial) : readTypeOf(text, type);
  // The value is read before the name is known: it may name what the new one hides.
  const value = initial === undefined ? undefined : readExpression(text, initial);
  const site = text.site(target);
  const made = readTarget(text, target);
  const typed = annotation === undefined ? {} : { annotation };
  if (value !== undefined) return [{ ...site, kind: "assign", targets: [made], value, ...typed }];
  if (made.kind !== "name") return text.refuse("statement", node, "a pattern without a value");
  if (annotation !== undefined && !mayBeNothing(annotation))
    return [{ ...site, kind: "declare", name: made.name, annotation }];
  return [{ ...site, kind: "assign", targets: [made], value: { ...site, kind: "none" }, ...typed }];
}

function mayBeNothing(type: Source): boolean {
  if (type.kind === "binary") return mayBeNothing(type.left) || mayBeNothing(type.right);
  return type.kind === "none";
}

/** `new Map<string, number>()` says what an empty map is of. */
function typeOfNew(text: ScriptText, node: SyntaxNode | undefined): Source | undefined {
  const made = node?.name === "NewExpression" ? node.getChild("InstantiationExpression") : null;
  const [name, list] = made === null || made === undefined ? [] : text.children(made);
  if (name === undefined || list === undefined || text.of(name) === "Array") return undefined;
  return readGeneric(text, list, text.of(name), list);
}

/** What is declared: a name, or a pattern of names. */
export function readTarget(text: ScriptText, node: SyntaxNode): Source {
  if (node.name === "VariableDefinition") {
    return { ...text.site(node), kind: "name", name: text.declare(text.of(node)) };
  }
  if (node.name !== "ArrayPattern") return text.refuse("statement", node, `${node.name} is not supported`);
  const parts = inner(text, node);
  for (const part of parts) {
    if (part.name === "ArrayPattern") readTarget(text, part);
    else if (part.name === "VariableDefinition") text.declare(text.of(part));
    else if (part.name !== ",") text.refuse("statement", part, `${part.name} inside a pattern`);
  }
  return { ...text.site(node), kind: "tuple", items: readItems(text, parts) };
}

/** An expression for its effect: an assignment, a count up or down, a call. */
export function readEffect(text: ScriptText, node: SyntaxNode): Statement[] {
  const swap = readSwap(text, node);
  if (swap !== undefined) return [swap];
  const site = text.site(node);
  const children = text.children(node);
  switch (node.name) {
    case "AssignmentExpression":
      return readAssignment(text, node);
    case "SequenceExpression":
      return children.filter((one) => one.name !== ",").flatMap((one) => readEffect(text, one));
    case "ParenthesizedExpression":
      return readEffect(text, only(text, node, inner(text, node)));
    case "PostfixExpression":
    case "UnaryExpression": {
      const sign = children.find((one) => /^(\+\+|--)$/.test(text.of(one)));
      const target = children.find((one) => one !== sign);
      if (sign === undefined || target === undefined) break;
      noteTargets(text, target);
      const value: Source = { ...site, kind: "int", value: 1n };
      const op = text.of(sign).slice(1);
      return [{ ...site, kind: "augment", target: readExpression(text, target), op, value, isStep: true }];
    }
    case "CallExpression":
      return [readCallEffect(text, node)];
    case "String":
      return [];
    default:
  }
  return [{ ...site, kind: "expr", value: readExpression(text, node) }];
}

/** The names that an assignment gives other values; what is changed inside a value is no such name. */
function noteTargets(text: ScriptText, target: SyntaxNode): void {
  if (target.name === "VariableName" || target.name === "VariableDefinition") text.assigned(text.of(target));
  if (target.name === "ArrayPattern") for (const one of inner(text, target)) noteTargets(text, one);
}

function readAssignment(text: ScriptText, node: SyntaxNode): Statement[] {
  const site = text.site(node);
  const [target, word, right] = text.children(node);
  if (target === undefined || word === undefined || right === undefined) return text.broken(node);
  noteTargets(text, target);
  const op = text.of(word);
  if (op === "=") {
    if (right.name === "AssignmentExpression")
      return text.refuse("statement", right, "an assignment as a value");
    // `[a, b] = [b, a]` makes no list.
    const value = readExpression(text, right);
    const isPair = target.name === "ArrayPattern" && value.kind === "list";
    return [
      {
        ...site,
        kind: "assign",
        targets: [readExpression(text, target)],
        value: isPair ? { ...value, kind: "tuple" } : value,
      },
    ];
  }
  if (["&&=", "||=", "??="].includes(op)) return [readLogical(text, node, target, op, right)];
  const value = readExpression(text, right);
  return [{ ...site, kind: "augment", target: readExpression(text, target), op: op.slice(0, -1), value }];
}

/** `a ??= b`: an assignment where the test of the operator asks for it. */
function readLogical(
  text: ScriptText,
  node: SyntaxNode,
  target: SyntaxNode,
  op: string,
  right: SyntaxNode,
): Statement {
  const site = text.site(node);
  const held = readCondition(text, target);
  const nothing: Source = { ...text.site(node), kind: "none" };
  const not: Source = { ...text.site(node), kind: "unary", op: "not", operand: held };
  const missing: Source = {
    ...text.site(node),
    kind: "compare",
    first: held,
    rest: [{ op: "is", right: nothing }],
  };
  const test = op === "&&=" ? held : op === "||=" ? not : missing;
  const targets = [readExpression(text, target)];
  const assign: Statement = {
    ...text.site(node),
    kind: "assign",
    targets,
    value: readExpression(text, right),
  };
  return { ...site, kind: "if", test, yes: [assign], other: [] };
}

/** `[a[i], a[j]] = [a[j], a[i]]`: the grammar has it as a member of an array around an error at the sign. */
function readSwap(text: ScriptText, node: SyntaxNode): Statement | undefined {
  const targets = node.firstChild;
  const fault = targets?.nextSibling;
  if (targets?.name !== "ArrayExpression" || fault?.type.isError !== true || text.of(fault) !== "=")
    return undefined;
  const value = fault.nextSibling?.nextSibling;
  if (value === null || value === undefined) return undefined;
  const items = value.name === "SequenceExpression" ? text.children(value) : [value];
  const site = text.site(node);
  return {
    ...site,
    kind: "assign",
    targets: [{ ...text.site(targets), kind: "tuple", items: readItems(text, inner(text, targets)) }],
    value: { ...text.site(value), kind: "tuple", items: readItems(text, items) },
  };
}

/** Methods that give back what is not kept: a length, or the object itself. */
const UNUSED: ReadonlySet<string> = new Set(["push", "unshift", "set", "add"]);

/** A call for its effect; what it gives is not used. */
function readCallEffect(text: ScriptText, node: SyntaxNode): Statement {
  const value = readExpression(text, node);
  const site = text.site(node);
  if (value.kind !== "call" || value.callee.kind !== "attr" || !UNUSED.has(value.callee.name)) {
    return { ...site, kind: "expr", value };
  }
  const callee: Source = { ...value.callee, name: `%${value.callee.name}` };
  return { ...site, kind: "expr", value: { ...value, callee } };
}
