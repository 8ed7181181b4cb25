import type { SyntaxNode } from "@lezer/common";
import { commaParts } from "#anrf/import/python-syntax/tree.ts";
import type { Clause, FormatPart, Param, Source } from "#anrf/import/source/source.ts";
import { readLiteralText, readTemplateText } from "#anrf/import/typescript-meaning/strings.ts";
import { inner, only, type ScriptText } from "./tree.ts";

/** Objects of the language whose members are functions and constants: `Math.floor` is one name. */
const SPACES: ReadonlySet<string> = new Set(["Math", "Number", "Array", "Object", "String"]);

/** An expression of Lezer's tree as a source tree. */
export function readExpression(text: ScriptText, node: SyntaxNode): Source {
  const go = (child: SyntaxNode): Source => readExpression(text, child);
  const site = text.site(node);
  switch (node.name) {
    case "Number":
      return readNumber(text, node);
    case "String":
      return { ...site, kind: "str", value: readLiteralText(text, node) };
    case "TemplateString":
      return readTemplate(text, node);
    case "BooleanLiteral":
      return { ...site, kind: "bool", value: text.of(node) === "true" };
    case "null":
      return { ...site, kind: "none" };
    case "VariableName":
    case "VariableDefinition":
      return readName(text, node);
    case "ParenthesizedExpression":
      return go(only(text, node, inner(text, node)));
    case "ArrayExpression":
      return readArray(text, node);
    case "ArrayPattern":
      return { ...site, kind: "tuple", items: readItems(text, inner(text, node)) };
    case "ObjectExpression":
      return { ...site, kind: "dict", items: readProperties(text, node) };
    case "UnaryExpression":
      return readUnary(text, node);
    case "PostfixExpression": {
      const [operand, op] = text.children(node);
      if (operand === undefined || op === undefined) return text.broken(node);
      if (text.of(op) === "!") return readPresent(text, node, operand);
      return text.refuse("expression", node, `${text.of(op)} inside an expression`);
    }
    case "BinaryExpression":
      return readBinary(text, node);
    case "ConditionalExpression": {
      const [test, yes, other] = text.children(node).filter((one) => one.name !== "LogicOp");
      if (yes === undefined || test === undefined || other === undefined) return text.broken(node);
      return { ...site, kind: "if", test: go(test), yes: go(yes), other: go(other) };
    }
    case "CallExpression":
      return readCall(text, node);
    case "NewExpression":
      return readNew(text, node);
    case "MemberExpression":
      return readMember(text, node);
    case "ArrowFunction":
      return text.readers.arrow(text, node);
    case "FunctionExpression":
      return text.readers.functionValue(text, node);
    case "RegExp":
      return call(text, node, "new RegExp", [{ ...site, kind: "str", value: text.of(node) }]);
    case "AssignmentExpression":
      return text.refuse("expression", node, "an assignment inside an expression");
    default:
      if (node.type.isError) return text.broken(node);
      return text.refuse("expression", node, `${node.name} is not supported`);
  }
}

/** An expression where undefined counts: an item that is not there is none, and does not end the program. */
export function readCondition(text: ScriptText, node: SyntaxNode): Source {
  if (node.name === "ParenthesizedExpression")
    return readCondition(text, only(text, node, inner(text, node)));
  const made = readExpression(text, node);
  return made.kind === "index" ? call(text, node, "%at", [made.target, made.index]) : made;
}

/** `x!`: what is asked of a map stays a place, so that it can be changed there. */
function readPresent(text: ScriptText, node: SyntaxNode, operand: SyntaxNode): Source {
  const made = readExpression(text, operand);
  if (made.kind === "index") return made;
  const [key, ...more] = made.kind === "call" ? made.args : [];
  if (
    made.kind === "call" &&
    made.callee.kind === "attr" &&
    made.callee.name === "get" &&
    key !== undefined &&
    more.length === 0
  ) {
    return { ...text.site(node), kind: "index", target: made.callee.target, index: key };
  }
  return call(text, node, "!", [made]);
}

/** `[a, b]`; `[...new Set(xs)]` is the items without repeats, in the order in which they came. */
function readArray(text: ScriptText, node: SyntaxNode): Source {
  const items = readItems(text, inner(text, node));
  const [item, ...more] = items;
  const values = item?.kind === "star" && more.length === 0 ? setItems(item.value) : undefined;
  if (values !== undefined) return call(text, node, "%distinct", [values]);
  const isPlain = items.every((one) => one.kind !== "star");
  return { ...text.site(node), kind: isPlain && text.tuples.has(items.length) ? "tuple" : "list", items };
}

/** What `new Set(xs)` is made of. */
function setItems(source: Source): Source | undefined {
  const isSet = source.kind === "call" && source.callee.kind === "name" && source.callee.name === "new Set";
  return isSet && source.args.length === 1 ? source.args[0] : undefined;
}

/** A call of something that the meaning knows by that name. */
export function call(text: ScriptText, node: SyntaxNode, name: string, args: readonly Source[]): Source {
  const callee: Source = { ...text.site(node), kind: "name", name };
  return { ...text.site(node), kind: "call", callee, args, named: [] };
}

function readName(text: ScriptText, node: SyntaxNode): Source {
  const name = text.of(node);
  const site = text.site(node);
  const known = text.lookup(name);
  if (known === undefined) {
    if (name === "undefined") return { ...site, kind: "none" };
    return { ...site, kind: "name", name };
  }
  return typeof known === "string" ? { ...site, kind: "name", name: known } : { ...known, ...site };
}

function readNumber(text: ScriptText, node: SyntaxNode): Source {
  const raw = text.of(node).replaceAll("_", "");
  if (raw.endsWith("n")) return text.refuse("expression", node, "a bigint literal");
  const value = Number(raw);
  if (Number.isNaN(value)) return text.refuse("expression", node, "an old octal literal");
  const site = text.site(node);
  if (!Number.isInteger(value)) return { ...site, kind: "float", value };
  // Past 2^53 the literal is not the number that is written.
  if (!Number.isSafeInteger(value)) return { ...site, kind: "float", value };
  return { ...site, kind: "int", value: BigInt(value) };
}

function readTemplate(text: ScriptText, node: SyntaxNode): Source {
  const parts: FormatPart[] = [];
  let from = node.from + 1;
  for (const child of text.children(node)) {
    if (child.name !== "Interpolation") continue;
    if (child.from > from) parts.push(readTemplateText(text, node, from, child.from));
    const value = readExpression(text, only(text, child, inner(text, child)));
    parts.push({ value, conversion: "", spec: [] });
    from = child.to;
  }
  if (node.to - 1 > from) parts.push(readTemplateText(text, node, from, node.to - 1));
  return { ...text.site(node), kind: "format", parts };
}

/** Items between commas, spread ones among them. */
export function readItems(text: ScriptText, nodes: readonly SyntaxNode[]): Source[] {
  return commaParts(nodes).map((part) => {
    const [first, second] = part;
    if (first === undefined) return { ...holeSite(text, nodes), kind: "name", name: text.fresh("unused") };
    if (first.name !== "Spread") return readExpression(text, only(text, first, part));
    if (second === undefined) return text.broken(first);
    return { ...text.site(first), kind: "star", value: readExpression(text, second) };
  });
}

function holeSite(text: ScriptText, nodes: readonly SyntaxNode[]) {
  return text.site(nodes[0] ?? { from: 0 });
}

function readProperties(text: ScriptText, node: SyntaxNode): { key: Source; value: Source }[] {
  return commaParts(inner(text, node)).map((part) => {
    const property = only(text, node, part);
    if (property.name !== "Property") return text.refuse("expression", property, "a spread in an object");
    const parts = text.children(property);
    const colon = parts.findIndex((one) => one.name === ":");
    const value = parts[colon + 1];
    const [key] = parts;
    if (key === undefined || colon < 0 || value === undefined) {
      return text.refuse("expression", property, "a property without a value");
    }
    const computed = key.name === "[" ? parts[1] : undefined;
    if (computed !== undefined)
      return { key: readExpression(text, computed), value: readExpression(text, value) };
    const name = key.name === "String" ? readLiteralText(text, key) : text.of(key);
    return { key: { ...text.site(key), kind: "str", value: name }, value: readExpression(text, value) };
  });
}

function readUnary(text: ScriptText, node: SyntaxNode): Source {
  const [op, operand] = text.children(node);
  if (op === undefined || operand === undefined) return text.broken(node);
  const name = text.of(op);
  const site = text.site(node);
  if (name === "++" || name === "--") return text.refuse("expression", node, `${name} inside an expression`);
  if (name === "typeof" || name === "void" || name === "delete") {
    return text.refuse("expression", node, `the operator ${name}`);
  }
  const value = name === "!" ? readCondition(text, operand) : readExpression(text, operand);
  if (name === "-" && value.kind === "int" && value.value !== 0n) return { ...value, value: -value.value };
  if (name === "-" && value.kind === "float") return { ...value, value: -value.value };
  return { ...site, kind: "unary", op: name === "!" ? "not" : name, operand: value };
}

const COMPARING: Readonly<Record<string, string>> = {
  "===": "==",
  "!==": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

function readBinary(text: ScriptText, node: SyntaxNode): Source {
  const [left, word, right] = text.children(node);
  if (left === undefined || word === undefined || right === undefined) return text.broken(node);
  const op = text.of(word);
  if (op === "as" || op === "satisfies") return readExpression(text, left);
  const site = text.site(node);
  // What may be undefined is asked for as an option.
  const nothing = [left, right].some((one) => one.name === "null" || text.of(one) === "undefined");
  const asOption = op === "??" || op === "||" || op === "&&" || nothing;
  const a = asOption ? readCondition(text, left) : readExpression(text, left);
  const b = nothing ? readCondition(text, right) : readExpression(text, right);
  if (op === "&&" || op === "||")
    return { ...site, kind: "logic", op: op === "&&" ? "and" : "or", left: a, right: b };
  if (op === "??") return call(text, node, "??", [a, b]);
  const isNothing = a.kind === "none" || b.kind === "none";
  if (isNothing && /^[!=]==?$/.test(op)) {
    const [first, rest] = a.kind === "none" ? [b, a] : [a, b];
    return {
      ...site,
      kind: "compare",
      first,
      rest: [{ op: op.startsWith("=") ? "is" : "is not", right: rest }],
    };
  }
  if (op === "==" || op === "!=")
    return text.refuse("expression", word, `${op} converts its operands: write ${op}=`);
  const comparing = COMPARING[op];
  if (comparing !== undefined)
    return { ...site, kind: "compare", first: a, rest: [{ op: comparing, right: b }] };
  if (op === "in" || op === "instanceof") return text.refuse("expression", word, `the operator ${op}`);
  return { ...site, kind: "binary", op, left: a, right: b };
}

function readArguments(text: ScriptText, list: SyntaxNode | undefined): Source[] {
  return list === undefined ? [] : readItems(text, inner(text, list));
}

function readCall(text: ScriptText, node: SyntaxNode): Source {
  const children = text.children(node).filter((one) => one.name !== "TypeArgList");
  const [callee, list] = children;
  if (callee === undefined || list === undefined) return text.broken(node);
  if (list.name !== "ArgList") return text.refuse("expression", node, "an optional call");
  const target = callee.name === "InstantiationExpression" ? callee.firstChild : callee;
  if (target === null) return text.broken(callee);
  const known = text.of(target);
  if (known === "Array.from") return readArrayFrom(text, node, list);
  if (known === "Array") return call(text, node, "new Array", readArguments(text, list));
  const args = readArguments(text, list);
  const quotient = args[0]?.kind === "binary" && args[0].op === "/" ? args[0] : undefined;
  if (
    quotient !== undefined &&
    /^Math\.(floor|trunc|ceil)$/.test(known) &&
    text.lookup("Math") === undefined
  ) {
    return call(text, node, `${known}/`, [quotient.left, quotient.right]);
  }
  const made = readExpression(text, target);
  const size =
    made.kind === "attr" && made.name === "fill" && made.target.kind === "call" ? made.target : undefined;
  const [length] = size?.args ?? [];
  const isNew = size?.callee.kind === "name" && size.callee.name === "new Array" && length !== undefined;
  if (isNew && size.args.length === 1 && args.length === 1)
    return call(text, node, "%filled", [length, ...args]);
  return { ...text.site(node), kind: "call", callee: made, args, named: [] };
}

/** `Array.from({ length: n }, (_, i) => e)` is a comprehension; of an iterable it is a copy. */
function readArrayFrom(text: ScriptText, node: SyntaxNode, list: SyntaxNode): Source {
  const [first, second] = commaParts(inner(text, list));
  const source = first === undefined ? undefined : only(text, list, first);
  if (source === undefined) return text.broken(list);
  const made = second === undefined ? undefined : only(text, list, second);
  const lengthOf = source.name === "ObjectExpression" ? readProperties(text, source) : undefined;
  if (lengthOf === undefined) {
    const from = readExpression(text, source);
    const values = setItems(from);
    const copy =
      values === undefined ? call(text, node, "Array.from", [from]) : call(text, node, "%distinct", [values]);
    if (made === undefined) return copy;
    const callee: Source = { ...text.site(node), kind: "attr", target: copy, name: "map" };
    return { ...text.site(node), kind: "call", callee, args: [readExpression(text, made)], named: [] };
  }
  const [length] = lengthOf;
  if (length?.key.kind !== "str" || length.key.value !== "length" || made?.name !== "ArrowFunction") {
    return text.refuse("call", node, "Array.from of this shape: write { length: n } and an arrow function");
  }
  const iter = call(text, node, "%range", [length.value]);
  return text.scoped(() => {
    const { params, body } = arrowParts(text, made);
    const target: Source = { ...text.site(node), kind: "name", name: params[1]?.name ?? text.fresh("index") };
    const clauses: Clause[] = [{ kind: "for", target, iter }];
    text.lambdas++;
    const value = readExpression(text, body);
    text.lambdas--;
    return { ...text.site(node), kind: "comp", shape: "list", value, clauses };
  });
}

function arrowParts(text: ScriptText, arrow: SyntaxNode): { params: readonly Param[]; body: SyntaxNode } {
  const children = text.children(arrow);
  const list = children.find((one) => one.name === "ParamList");
  const body = children.at(-1);
  if (list === undefined || body === undefined) return text.broken(arrow);
  if (body.name === "Block") return text.refuse("expression", body, "statements inside this arrow function");
  return { params: text.readers.params(text, list), body };
}

function readNew(text: ScriptText, node: SyntaxNode): Source {
  const [, what, list] = text.children(node).filter((one) => one.name !== "TypeArgList");
  if (what === undefined) return text.broken(node);
  const name = what.name === "InstantiationExpression" ? what.firstChild : what;
  if (name === null) return text.broken(what);
  const made = text.of(name);
  if (!["Map", "Set", "Array", "Error"].includes(made) || text.lookup(made) !== undefined) {
    return text.refuse("expression", node, `new ${made.slice(0, 40)} is not supported`);
  }
  const args = readArguments(text, list);
  return call(text, node, `new ${made}`, made === "Map" ? args.map(asPairs) : args);
}

/** The entries of `new Map([[key, value]])` are pairs. */
function asPairs(source: Source): Source {
  if (source.kind !== "list") return source;
  return {
    ...source,
    items: source.items.map(
      (one): Source => (one.kind === "list" && one.items.length === 2 ? { ...one, kind: "tuple" } : one),
    ),
  };
}

function readMember(text: ScriptText, node: SyntaxNode): Source {
  const children = text.children(node);
  const [first, second, third] = children;
  if (first === undefined || second === undefined || third === undefined) return text.broken(node);
  if (second.name === "?.") return text.refuse("expression", node, "the operator ?.");
  const site = text.site(node);
  if (second.name === ".") {
    const space = text.of(first);
    const isSpace = first.name === "VariableName" && SPACES.has(space) && text.lookup(space) === undefined;
    if (isSpace) return { ...site, kind: "name", name: `${space}.${text.of(third)}` };
    return { ...site, kind: "attr", target: readExpression(text, first), name: text.of(third) };
  }
  return { ...site, kind: "index", target: readExpression(text, first), index: readExpression(text, third) };
}
