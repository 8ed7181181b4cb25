import type { SyntaxNode } from "@lezer/common";
import { commaParts } from "#anrf/import/python-syntax/tree.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Source, Statement } from "#anrf/import/source/source.ts";
import { readDeclaration, readEffect, readTarget } from "./assign.ts";
import { call, readCondition, readExpression } from "./expr.ts";
import { readTypedParams } from "./functions.ts";
import { inner, only, type ScriptText } from "./tree.ts";

/** A loop of the language as the loops of the source tree. */
export function readLoop(text: ScriptText, node: SyntaxNode, children: readonly SyntaxNode[]): Statement[] {
  const site = text.site(node);
  if (node.name === "WhileStatement") {
    const [, test, body] = children;
    if (test === undefined || body === undefined) return text.broken(node);
    return [
      {
        ...site,
        kind: "while",
        test: readCondition(text, test),
        body: text.readers.body(text, body),
        other: [],
      },
    ];
  }
  if (node.name === "DoStatement") return readDo(text, node, children);
  const [, head, body] = children;
  if (head === undefined || body === undefined) return text.broken(node);
  if (head.name === "ForOfSpec") return text.scoped(() => readForOf(text, node, head, body));
  if (head.name === "ForSpec") return text.scoped(() => readFor(text, node, head, body));
  return text.refuse("order", node, "for … in walks the keys of an object: use a Map, or for … of");
}

function readForOf(text: ScriptText, node: SyntaxNode, head: SyntaxNode, body: SyntaxNode): Statement[] {
  const parts = inner(text, head).filter((one) => !["const", "let", "var"].includes(one.name));
  const split = parts.findIndex((one) => one.name === "of");
  const [target, iter] = [parts[split - 1], parts[split + 1]];
  if (target === undefined || iter === undefined) return text.broken(head);
  const walked = readExpression(text, iter);
  const made = readTarget(text, target);
  return [
    {
      ...text.site(node),
      kind: "for",
      target: made,
      iter: walked,
      body: text.readers.body(text, body),
      other: [],
    },
  ];
}

/** `do body while (test)`: the test is looked at before each further round, after `continue` too. */
function readDo(text: ScriptText, node: SyntaxNode, children: readonly SyntaxNode[]): Statement[] {
  const site = text.site(node);
  const [, body, , test] = children;
  if (body === undefined || test === undefined) return text.broken(node);
  const last = (): Statement[] => [
    {
      ...text.site(test),
      kind: "if",
      test: { ...text.site(test), kind: "unary", op: "not", operand: readCondition(text, test) },
      yes: [{ ...text.site(test), kind: "break" }],
      other: [],
    },
  ];
  const made = beforeContinue(text.readers.body(text, body), last);
  const always: Source = { ...text.site(node), kind: "bool", value: true };
  return [{ ...site, kind: "while", test: always, body: [...made, ...last()], other: [] }];
}

/** The body with statements before each `continue` that belongs to this loop. */
function beforeContinue(body: readonly Statement[], make: () => Statement[]): Statement[] {
  return body.flatMap((one): Statement[] => {
    if (one.kind === "continue") return [...make(), one];
    if (one.kind !== "if") return [one];
    return [{ ...one, yes: beforeContinue(one.yes, make), other: beforeContinue(one.other, make) }];
  });
}

interface ForParts {
  readonly first: SyntaxNode | undefined;
  readonly test: SyntaxNode | undefined;
  readonly step: SyntaxNode | undefined;
}

/** `for (first; test; step)`: a declaration carries its own semicolon. */
function forParts(text: ScriptText, head: SyntaxNode): ForParts {
  const parts: (SyntaxNode | undefined)[] = [undefined];
  for (const one of inner(text, head)) {
    if (one.name === ";") parts.push(undefined);
    else {
      parts[parts.length - 1] = one;
      if (one.name === "VariableDeclaration") parts.push(undefined);
    }
  }
  const [first, test, step] = parts;
  return { first, test, step };
}

function readFor(text: ScriptText, node: SyntaxNode, head: SyntaxNode, body: SyntaxNode): Statement[] {
  const { first, test, step } = forParts(text, head);
  const before =
    first === undefined
      ? []
      : first.name === "VariableDeclaration"
        ? readDeclaration(text, first)
        : readEffect(text, first);
  const made = text.readers.body(text, body);
  const isOwn = first?.name === "VariableDeclaration";
  const walk = isOwn ? asRange(text, node, before, test, step, made) : undefined;
  if (walk !== undefined) return [walk];
  const after = (): Statement[] => (step === undefined ? [] : readEffect(text, step));
  const site = text.site(node);
  const condition: Source =
    test === undefined ? { ...site, kind: "bool", value: true } : readCondition(text, test);
  const rounds = [...beforeContinue(made, after), ...after()];
  return [...before, { ...site, kind: "while", test: condition, body: rounds, other: [] }];
}

/** `for (let i = a; i < b; i += k)` walks a range where neither i nor what b is made of changes on the way. */
function asRange(
  text: ScriptText,
  node: SyntaxNode,
  before: readonly Statement[],
  test: SyntaxNode | undefined,
  step: SyntaxNode | undefined,
  body: readonly Statement[],
): Statement | undefined {
  const [start] = before;
  const [counter] = start?.kind === "assign" ? start.targets : [];
  if (before.length !== 1 || start?.kind !== "assign" || counter?.kind !== "name") return undefined;
  if (test === undefined || step === undefined) return undefined;
  const by = stepOf(text, step, counter.name);
  const bound = boundOf(text, test, counter.name);
  if (by === undefined || bound === undefined || by.value === 0n || bound.isUp !== by.value > 0n)
    return undefined;
  const changed = new Set([...changedNames(body), ...text.changedByCalls]);
  if (callsOwn(bound.value)) return undefined;
  if (changed.has(counter.name) || namesOf(bound.value).some((name) => changed.has(name))) return undefined;
  const site = text.site(node);
  const steps: Source = { ...site, kind: "int", value: by.value };
  const edge = bound.isOpen ? bound.value : call(text, node, "%past", [bound.value, steps]);
  const iter = call(text, node, "%range", [start.value, edge, steps]);
  return { ...site, kind: "for", target: counter, iter, body, other: [] };
}

function stepOf(text: ScriptText, step: SyntaxNode, name: string): { value: bigint } | undefined {
  const [made, ...more] = readEffect(text, step);
  if (made?.kind !== "augment" || more.length > 0 || made.target.kind !== "name" || made.target.name !== name)
    return undefined;
  if (made.value.kind !== "int" || (made.op !== "+" && made.op !== "-")) return undefined;
  return { value: made.op === "+" ? made.value.value : -made.value.value };
}

function boundOf(
  text: ScriptText,
  test: SyntaxNode,
  name: string,
): { readonly value: Source; readonly isUp: boolean; readonly isOpen: boolean } | undefined {
  const made = readCondition(text, test);
  if (made.kind !== "compare" || made.first.kind !== "name" || made.first.name !== name) return undefined;
  const [rest] = made.rest;
  if (rest === undefined || !["<", "<=", ">", ">="].includes(rest.op)) return undefined;
  return { value: rest.right, isUp: rest.op.startsWith("<"), isOpen: rest.op.length === 1 };
}

/** A call of a function of the file, which may give something else each time. */
function callsOwn(tree: unknown): boolean {
  if (Array.isArray(tree)) return tree.some(callsOwn);
  if (typeof tree !== "object" || tree === null) return false;
  const { callee } = tree as { readonly callee?: Source };
  if (callee?.kind === "name" && /^[a-z_$]/.test(callee.name)) return true;
  return Object.values(tree).some(callsOwn);
}

/** Every name that the statements may give another value, or change in place by a method or an index. */
function changedNames(body: readonly Statement[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) visit(one);
    else if (typeof value === "object" && value !== null) {
      const node = value as Partial<Statement> & { readonly callee?: Source };
      if (node.kind === "assign")
        for (const target of node.targets ?? []) for (const name of namesOf(target)) found.add(name);
      if (node.kind === "augment" && node.target !== undefined)
        for (const name of namesOf(node.target)) found.add(name);
      if (node.kind === "for" && node.target !== undefined)
        for (const name of namesOf(node.target)) found.add(name);
      if (node.callee?.kind === "attr") for (const name of namesOf(node.callee.target)) found.add(name);
      // A function that is called may change what it is given and what it sees.
      if (node.callee?.kind === "name" && /^[a-z]/.test(node.callee.name))
        for (const name of namesOf(value)) found.add(name);
      if (node.kind === "def") for (const name of namesOf(value)) found.add(name);
      for (const part of Object.values(value)) visit(part);
    }
  };
  visit(body);
  return found;
}

/** Every name in a tree. */
function namesOf(tree: unknown): readonly string[] {
  if (Array.isArray(tree)) return tree.flatMap(namesOf);
  if (typeof tree !== "object" || tree === null) return [];
  const { kind, name } = tree as { readonly kind?: string; readonly name?: string };
  const own = (kind === "name" || kind === "walrus") && name !== undefined ? [name] : [];
  return [...own, ...Object.values(tree).flatMap(namesOf)];
}

/** `xs.forEach((x, i) => { … })` as a loop; undefined where the call is another. */
export function readForEach(text: ScriptText, node: SyntaxNode): Statement[] | undefined {
  if (node.name !== "CallExpression") return undefined;
  const [callee, list] = text.children(node);
  const property = callee?.name === "MemberExpression" ? callee.lastChild : null;
  if (callee === undefined || list === undefined || property === null || text.of(property) !== "forEach")
    return undefined;
  const arrow = only(text, list, inner(text, list));
  const owner = callee.firstChild;
  const [body] = text.children(arrow).slice(-1);
  if (arrow.name !== "ArrowFunction" || owner === null || body === undefined) return undefined;
  const walked = readExpression(text, owner);
  return text.scoped(() => {
    const params = arrow.getChild("ParamList");
    if (params === null) return text.broken(arrow);
    if (commaParts(inner(text, params)).length > 2)
      return text.refuse("call", params, "the third parameter of forEach");
    const read = readTypedParams(text, params);
    const [item, index] = read.map((one): Source => ({ ...text.site(params), kind: "name", name: one.name }));
    if (item === undefined) return text.broken(params);
    const made = body.name === "Block" ? text.readers.block(text, body) : readEffect(text, body);
    const site = text.site(node);
    const changed = changedNames(made);
    if (namesOf(walked).some((name) => changed.has(name))) {
      return text.refuse("iterating", node, "what forEach walks is changed on the way");
    }
    const rounds = returnsToContinue(made);
    const walk = (name: string): Source => {
      const callee: Source = { ...text.site(node), kind: "attr", target: walked, name };
      return { ...text.site(node), kind: "call", callee, args: [], named: [] };
    };
    if (index === undefined) {
      return [{ ...site, kind: "for", target: item, iter: walk("%each"), body: rounds, other: [] }];
    }
    const target: Source = { ...text.site(params), kind: "tuple", items: [index, item] };
    return [{ ...site, kind: "for", target, iter: walk("%indexed"), body: rounds, other: [] }];
  });
}

/** What returns from the function of a round goes on with the next. */
function returnsToContinue(body: readonly Statement[]): Statement[] {
  return body.map((one): Statement => {
    if (one.kind === "return") {
      if (one.value !== undefined)
        return refuse("statement", one, "a value that forEach does not use is returned");
      return { ...one, kind: "continue" };
    }
    if (one.kind === "if") {
      return { ...one, yes: returnsToContinue(one.yes), other: returnsToContinue(one.other) };
    }
    if (one.kind === "for" || one.kind === "while") {
      const isLeft = (part: readonly Statement[]): boolean =>
        part.some(
          (two) => two.kind === "return" || (two.kind === "if" && (isLeft(two.yes) || isLeft(two.other))),
        );
      if (isLeft(one.body)) refuse("statement", one, "a return from a loop inside forEach: write for … of");
    }
    return one;
  });
}
