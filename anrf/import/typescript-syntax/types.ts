import type { SyntaxNode } from "@lezer/common";
import { commaParts } from "#anrf/import/python-syntax/tree.ts";
import type { Source } from "#anrf/import/source/source.ts";
import { inner, only, type ScriptText } from "./tree.ts";

/** A `: type` as a source tree: `number[]` is `Array[number]`, `a | b` an operator, `[a, b]` a tuple. */
export function readTypeOf(text: ScriptText, annotation: SyntaxNode): Source {
  const parts = text.children(annotation).filter((one) => one.name !== ":");
  return readType(text, only(text, annotation, parts));
}

/** A type as a source tree. */
export function readType(text: ScriptText, node: SyntaxNode): Source {
  const site = text.site(node);
  const named = (name: string): Source => ({ ...text.site(node), kind: "name", name });
  switch (node.name) {
    case "TypeName": {
      const name = text.of(node);
      const alias = text.types.get(name);
      if (alias !== undefined) return aliased(text, name, alias);
      return name === "undefined" ? { ...site, kind: "none" } : named(name);
    }
    case "NullType":
    case "VoidType":
      return { ...site, kind: "none" };
    case "ArrayType": {
      const [item] = text.children(node);
      if (item === undefined) return text.broken(node);
      return { ...site, kind: "index", target: named("Array"), index: readType(text, item) };
    }
    case "ReadonlyType":
      return readType(text, only(text, node, text.children(node).slice(1)));
    case "ParenthesizedType":
      return readType(text, only(text, node, inner(text, node)));
    case "TupleType":
      return { ...site, kind: "tuple", items: tupleParts(text, node).map((one) => readType(text, one)) };
    case "UnionType": {
      const [left, , right] = text.children(node);
      if (right === undefined || left === undefined) return text.broken(node);
      return { ...site, kind: "binary", op: "|", left: readType(text, left), right: readType(text, right) };
    }
    case "LiteralType": {
      const [literal] = text.children(node);
      if (literal?.name === "String") return named("string");
      if (literal?.name === "Number") return named("number");
      return named("boolean");
    }
    case "ParameterizedType": {
      const [name, list] = text.children(node);
      if (name === undefined || list === undefined) return text.broken(node);
      return readGeneric(text, node, text.of(name), list);
    }
    default:
      return text.refuse("untyped", node, `the type ${text.of(node).slice(0, 60)} is not supported`);
  }
}

/** What a name stands for; a type that names itself has no end. */
function aliased(text: ScriptText, name: string, alias: SyntaxNode): Source {
  text.types.delete(name);
  try {
    return readType(text, alias);
  } finally {
    text.types.set(name, alias);
  }
}

/** `name<a, b>`; the list is the node in angle brackets. */
export function readGeneric(text: ScriptText, node: SyntaxNode, name: string, list: SyntaxNode): Source {
  const args = commaParts(inner(text, list)).map((part) => readType(text, only(text, list, part)));
  const [first] = args;
  if (first === undefined) return text.broken(list);
  const index: Source = args.length === 1 ? first : { ...text.site(list), kind: "tuple", items: args };
  return { ...text.site(node), kind: "index", target: { ...text.site(node), kind: "name", name }, index };
}

/** The types of a tuple; names before a colon say nothing. */
function tupleParts(text: ScriptText, node: SyntaxNode): SyntaxNode[] {
  return commaParts(inner(text, node)).map((part) => {
    const colon = part.findIndex((one) => one.name === ":");
    return only(text, node, part.slice(colon + 1));
  });
}
