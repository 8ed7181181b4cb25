import type { Expr } from "#anrf/build/expr.ts";
import { INT, listOf, STRING, sameType, type Type } from "#anrf/program/type.ts";
import * as e from "#anrf/testing/exprs.ts";
import { unmapped } from "./values.ts";

/** A method of CEL's strings and of its strings extension; undefined where the name or the types are of none. */
export function translateText(name: string, args: readonly Expr[]): Expr | undefined {
  return METHODS.find((one) => one.name === name && fits(one.params, args))?.make(...args);
}

interface Method {
  readonly name: string;
  readonly params: readonly Type[];
  readonly make: (...args: Expr[]) => Expr;
}

function fits(params: readonly Type[], args: readonly Expr[]): boolean {
  return (
    params.length === args.length && params.every((one, index) => sameType(one, args[index]?.type ?? INT))
  );
}

const builtin =
  (id: string) =>
  (...args: Expr[]): Expr =>
    e.call(id, args);

/** −1 for none. */
const orMinus = (option: Expr): Expr => e.call("option.get_or", [option, e.int(-1)]);

/** Binds a text and a place, and fails where the place lies outside 0 to the length. */
function placed(text: Expr, place: Expr, body: (text: Expr, place: Expr) => Expr): Expr {
  const [t, p] = [e.slot("text", STRING), e.slot("place", INT)];
  const isInside = e.call("bool.and", [
    e.call("ge", [e.use(p), e.int(0)]),
    e.call("le", [e.use(p), e.call("string.length", [e.use(t)])]),
  ]);
  const made = body(e.use(t), e.use(p));
  const outside: Expr = { kind: "fail", type: made.type, message: "the place lies outside the text" };
  return e.bind(t, text, e.bind(p, place, e.branch(isInside, made, outside)));
}

const METHODS: readonly Method[] = [
  { name: "contains", params: [STRING, STRING], make: builtin("string.contains") },
  { name: "startsWith", params: [STRING, STRING], make: builtin("string.starts_with") },
  { name: "endsWith", params: [STRING, STRING], make: builtin("string.ends_with") },
  {
    name: "matches",
    params: [STRING, STRING],
    make: (text, pattern) =>
      pattern.kind === "literal"
        ? e.call("regex.matches", [text, pattern])
        : unmapped("patterns that are computed"),
  },
  {
    name: "charAt",
    params: [STRING, INT],
    make: (text, place) =>
      placed(text, place, (t, p) => e.call("option.get_or", [e.call("string.at", [t, p]), e.text("")])),
  },
  { name: "indexOf", params: [STRING, STRING], make: (a, b) => orMinus(e.call("string.index_of", [a, b])) },
  {
    name: "indexOf",
    params: [STRING, STRING, INT],
    make: (a, b, from) => placed(a, from, (t, p) => orMinus(e.call("string.index_of_from", [t, b, p]))),
  },
  {
    name: "lastIndexOf",
    params: [STRING, STRING],
    make: (a, b) => orMinus(e.call("string.last_index_of", [a, b])),
  },
  {
    name: "lastIndexOf",
    params: [STRING, STRING, INT],
    // What begins at or before the place ends at most the sought length after it.
    make: (a, b, from) => {
      const sought = e.slot("sought", STRING);
      const end = (p: Expr) => e.call("int.add", [p, e.call("string.length", [e.use(sought)])]);
      const last = placed(a, from, (t, p) =>
        orMinus(e.call("string.last_index_of", [e.call("string.take", [t, end(p)]), e.use(sought)])),
      );
      return e.bind(sought, b, last);
    },
  },
  { name: "lowerAscii", params: [STRING], make: builtin("string.to_lower") },
  { name: "upperAscii", params: [STRING], make: builtin("string.to_upper") },
  { name: "trim", params: [STRING], make: builtin("string.trim") },
  { name: "reverse", params: [STRING], make: builtin("string.reverse") },
  { name: "replace", params: [STRING, STRING, STRING], make: builtin("string.replace") },
  {
    name: "replace",
    params: [STRING, STRING, STRING, INT],
    make: (text, from, to, count) => {
      const [f, t, n] = [e.slot("from", STRING), e.slot("to", STRING), e.slot("count", INT)];
      const all = e.slot("text", STRING);
      const pieces = e.call("string.split", [e.use(all), e.use(f)]);
      const some = limited(pieces, e.call("int.add", [e.use(n), e.int(1)]), e.use(f));
      const replaced = e.branch(
        e.call("lt", [e.use(n), e.int(0)]),
        e.call("string.replace", [e.use(all), e.use(f), e.use(t)]),
        e.call("string.join", [some, e.use(t)]),
      );
      return e.bind(all, text, e.bind(f, from, e.bind(t, to, e.bind(n, count, replaced))));
    },
  },
  { name: "split", params: [STRING, STRING], make: builtin("string.split") },
  {
    name: "split",
    params: [STRING, STRING, INT],
    make: (text, separator, count) => {
      const [s, n] = [e.slot("separator", STRING), e.slot("count", INT)];
      const pieces = e.slot("pieces", listOf(STRING));
      const some = e.branch(
        e.call("lt", [e.use(n), e.int(0)]),
        e.use(pieces),
        e.branch(
          e.call("eq", [e.use(n), e.int(0)]),
          e.list(STRING, []),
          limited(e.use(pieces), e.use(n), e.use(s)),
        ),
      );
      const split = e.bind(pieces, e.call("string.split", [text, e.use(s)]), some);
      return e.bind(s, separator, e.bind(n, count, split));
    },
  },
  {
    name: "substring",
    params: [STRING, INT],
    make: (text, start) => placed(text, start, (t, p) => e.call("string.drop", [t, p])),
  },
  {
    name: "substring",
    params: [STRING, INT, INT],
    make: (text, start, end) =>
      placed(text, end, (t, last) =>
        placed(e.call("string.take", [t, last]), start, (taken, p) => e.call("string.drop", [taken, p])),
      ),
  },
  { name: "join", params: [listOf(STRING)], make: (items) => e.call("string.join", [items, e.text("")]) },
  { name: "join", params: [listOf(STRING), STRING], make: builtin("string.join") },
];

/** At most so many pieces, the last of them with all that is left. */
function limited(pieces: Expr, count: Expr, separator: Expr): Expr {
  const [all, n] = [e.slot("all", listOf(STRING)), e.slot("most", INT)];
  const kept = e.call("int.sub", [e.use(n), e.int(1)]);
  const rest = e.call("string.join", [e.call("list.drop", [e.use(all), kept]), separator]);
  const cut = e.call("list.append", [e.call("list.take", [e.use(all), kept]), rest]);
  const isLong = e.call("gt", [e.call("list.length", [e.use(all)]), e.use(n)]);
  return e.bind(all, pieces, e.bind(n, count, e.branch(isLong, cut, e.use(all))));
}
