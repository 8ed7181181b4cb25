import {
  functionOf,
  listOf,
  mapOf,
  optionOf,
  recordOf,
  scalarType,
  type Type,
  tupleOf,
  variantOf,
} from "#anrf/program/type.ts";
import { MAX_TYPE_DEPTH } from "#anrf/program/type-text.ts";
import { FixSafety } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./lexer.ts";
import { nearest } from "./nearest.ts";
import { refuse } from "./problems.ts";
import { foreignSuffix, foreignType } from "./slips/types.ts";

/** The nominal types that a text declares, by name. */
export interface Nominals {
  readonly records: ReadonlySet<string>;
  readonly variants: ReadonlySet<string>;
  /** Type variables, in the bodies of derived builtins alone. */
  readonly vars?: ReadonlyMap<string, Type>;
}

/** Reads one type; throws a TextError where none stands. */
export function parseType(cursor: Cursor, nominals: Nominals, depth = 1): Type {
  if (depth > MAX_TYPE_DEPTH) refuse("P07", cursor.peek(), `a type may nest ${MAX_TYPE_DEPTH} levels`);
  const first = cursor.peek();
  return foreignSuffix(cursor, first, plainType(cursor, nominals, depth));
}

function plainType(cursor: Cursor, nominals: Nominals, depth: number): Type {
  if (cursor.is("(")) return parenthesis(cursor, nominals, depth);
  const token = cursor.peek();
  const declared = nominal(token.text, nominals);
  const part = (): Type => parseType(cursor, nominals, depth + 1);
  const foreign = declared === undefined ? foreignType(cursor, part) : undefined;
  if (foreign !== undefined) return foreign;
  if (token.kind !== "name" && token.kind !== "tname")
    cursor.refuse("expected a type such as int, list<int> or (int, string)");
  cursor.next();
  switch (token.text) {
    case "list":
    case "option": {
      cursor.expect("<", `after ${token.text}`);
      const item = part();
      cursor.takeAngle();
      return token.text === "list" ? listOf(item) : optionOf(item);
    }
    case "map": {
      cursor.expect("<", "after map");
      const key = part();
      cursor.expect(",", "between the key type and the value type");
      const value = part();
      cursor.takeAngle();
      return mapOf(key, value);
    }
    default: {
      const found = scalarType(token.text) ?? declared;
      return found ?? refuseUnknown(token, nominals);
    }
  }
}

function refuseUnknown(token: Token, { records, variants }: Nominals): never {
  const known = ["unit", "bool", "int", "float", "string", "decimal", "date", ...records, ...variants];
  const [best] = nearest(token.text, known);
  return refuse("P09", token, `unknown type "${token.text}"`, known, best, FixSafety.NEEDS_REVIEW);
}

function nominal(name: string, { records, variants, vars }: Nominals): Type | undefined {
  const variable = vars?.get(name);
  if (variable !== undefined) return variable;
  if (records.has(name)) return recordOf(name);
  return variants.has(name) ? variantOf(name) : undefined;
}

function parenthesis(cursor: Cursor, nominals: Nominals, depth: number): Type {
  const open = cursor.next();
  const parts = cursor.list(")", () => parseType(cursor, nominals, depth + 1));
  if (cursor.take("->")) return functionOf(parts, parseType(cursor, nominals, depth + 1));
  if (parts.length < 2 || parts.length > 16) {
    refuse(
      "P13",
      { start: open.start, end: cursor.lastEnd },
      "a tuple type has 2 to 16 parts; a function type goes on with ->",
    );
  }
  return tupleOf(parts);
}
