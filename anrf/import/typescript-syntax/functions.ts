import type { SyntaxNode } from "@lezer/common";
import { commaParts } from "#anrf/import/python-syntax/tree.ts";
import type { FunctionSource, Param, Source, Statement } from "#anrf/import/source/source.ts";
import { readExpression } from "./expr.ts";
import { only, type ScriptText } from "./tree.ts";
import { readTypeOf } from "./types.ts";

/** A function with a body: a declaration, an expression or an arrow. */
export function readFunction(text: ScriptText, node: SyntaxNode, name: string, doc = ""): FunctionSource {
  const children = text.children(node);
  const unusual = children.find((one) => one.name === "async" || one.name === "Star");
  if (unusual !== undefined) return text.refuse("statement", node, "async functions and generators");
  const list = children.find((one) => one.name === "ParamList");
  const body = children.at(-1);
  if (list === undefined || body === undefined) return text.broken(node);
  const returns = children.find((one) => one.name === "TypeAnnotation");
  return text.ofFunction(() => {
    const params = readTypedParams(text, list);
    const made: readonly Statement[] =
      body.name === "Block" ? text.readers.block(text, body) : returnOf(text, body);
    return {
      ...text.site(node),
      name,
      doc,
      params,
      ...(returns === undefined ? {} : { returns: readTypeOf(text, returns) }),
      body:
        text.outer.size === 0
          ? made
          : [{ ...text.site(node), kind: "outer", names: [...text.outer] }, ...made],
    };
  });
}

function returnOf(text: ScriptText, body: SyntaxNode): readonly Statement[] {
  const value = readExpression(text, body);
  return [...text.pending.splice(0), { ...text.site(body), kind: "return", value }];
}

/** The parameters of a function or arrow. */
export function readTypedParams(text: ScriptText, list: SyntaxNode): readonly Param[] {
  const nodes = text.children(list).filter((one) => one.name !== "(" && one.name !== ")");
  return commaParts(nodes).map((part): Param => {
    const [first] = part;
    if (first === undefined) return text.broken(list);
    if (first.name === "Spread") return text.refuse("statement", first, "rest parameters are not supported");
    const type = part.find((one) => one.name === "TypeAnnotation");
    const equal = part.findIndex((one) => one.name === "Equals");
    const fallback = equal < 0 ? undefined : part[equal + 1];
    const isOptional = part.some((one) => one.name === "Optional");
    const annotation = type === undefined ? undefined : readTypeOf(text, type);
    const read = fallback === undefined ? undefined : readExpression(text, fallback);
    return {
      ...text.place(first),
      name: paramName(text, first),
      ...(annotation === undefined
        ? {}
        : { annotation: isOptional ? orNothing(text, first, annotation) : annotation }),
      ...(read === undefined
        ? isOptional
          ? { fallback: { ...text.site(first), kind: "none" } }
          : {}
        : { fallback: read }),
    };
  });
}

function orNothing(text: ScriptText, node: SyntaxNode, type: Source): Source {
  return {
    ...text.site(node),
    kind: "binary",
    op: "|",
    left: type,
    right: { ...text.site(node), kind: "none" },
  };
}

function paramName(text: ScriptText, node: SyntaxNode): string {
  if (node.name === "VariableDefinition") return text.declare(text.of(node));
  if (node.name !== "ArrayPattern") return text.refuse("statement", node, `${node.name} as a parameter`);
  const name = text.declare(text.fresh("pair"));
  const whole = (): Source => ({ ...text.site(node), kind: "name", name });
  const parts = commaParts(text.children(node).slice(1, -1));
  for (const [index, part] of parts.entries()) {
    const [definition] = part;
    if (definition === undefined) continue;
    if (only(text, node, part).name !== "VariableDefinition") {
      return text.refuse("statement", definition, "a pattern inside a pattern");
    }
    const at: Source = { ...text.site(definition), kind: "int", value: BigInt(index) };
    text.alias(text.of(definition), { ...text.site(definition), kind: "index", target: whole(), index: at });
  }
  return name;
}

/** An arrow function where a value stands: a lambda, or a function of its own before the statement. */
export function readArrow(text: ScriptText, node: SyntaxNode): Source {
  const children = text.children(node);
  const list = children.find((one) => one.name === "ParamList");
  const body = children.at(-1);
  if (list === undefined || body === undefined) return text.broken(node);
  if (children[0]?.name === "async") return text.refuse("statement", node, "async functions and generators");
  const expression = body.name === "Block" ? returned(text, body) : body;
  if (expression === undefined) return readFunctionValue(text, node);
  return text.scoped(() => {
    const params = readTypedParams(text, list);
    text.lambdas++;
    try {
      return { ...text.site(node), kind: "lambda", params, body: readExpression(text, expression) };
    } finally {
      text.lambdas--;
    }
  });
}

/** The expression of a body that is one return. */
function returned(text: ScriptText, body: SyntaxNode): SyntaxNode | undefined {
  const [statement, ...more] = text.children(body).slice(1, -1);
  if (statement?.name !== "ReturnStatement" || more.length > 0) return undefined;
  const [, value] = text.children(statement);
  return value === undefined || value.name === ";" ? undefined : value;
}

/** A function of statements where a value stands: it becomes a function before the statement, by a name of its own. */
export function readFunctionValue(text: ScriptText, node: SyntaxNode): Source {
  if (text.lambdas > 0)
    return text.refuse("expression", node, "a function of statements inside an arrow function");
  const name = text.declare(text.fresh("step"));
  text.pending.push({ ...text.site(node), kind: "def", fn: readFunction(text, node, name) });
  return { ...text.site(node), kind: "name", name };
}
