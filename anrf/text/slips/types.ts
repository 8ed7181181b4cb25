// Types as other languages spell them: read with a remark, never written.
import { listOf, mapOf, optionOf, scalarType, type Type, tupleOf } from "#anrf/program/type.ts";
import type { Cursor } from "#anrf/text/cursor.ts";
import type { Token } from "#anrf/text/lexer.ts";

const SCALARS: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        "int",
        "Int integer Integer long Long short i8 i16 i32 i64 u8 u16 u32 u64 isize usize int32 int64 bigint",
      ],
      ["float", "Float double Double real f32 f64 float32 float64"],
      ["string", "str String text Text char Char varchar"],
      ["bool", "Bool boolean Boolean"],
      ["unit", "Unit void Void"],
      ["decimal", "Decimal BigDecimal"],
      ["date", "Date"],
    ] as const
  ).flatMap(([scalar, names]) => names.split(" ").map((name) => [name, scalar] as const)),
);

/** Generic types by their names elsewhere. */
const GENERICS: ReadonlyMap<string, "list" | "option" | "map" | "tuple"> = new Map(
  (
    [
      ["list", "List Array array Vec vec Vector Seq seq sequence Sequence Iterable"],
      ["option", "Option Optional optional Maybe maybe Nullable"],
      ["map", "Map HashMap Dict dict Dictionary dictionary BTreeMap"],
      ["tuple", "Tuple tuple Pair pair"],
    ] as const
  ).flatMap(([kind, names]) => names.split(" ").map((name) => [name, kind] as const)),
);

/** The scalar that another language calls by that name. */
export function scalarAlias(name: string): Type | undefined {
  const known = SCALARS.get(name);
  return known === undefined ? undefined : scalarType(known);
}

/** A type that another language writes so, from the token here on; undefined where none is known. */
export function foreignType(cursor: Cursor, part: () => Type): Type | undefined {
  const token = cursor.peek();
  const scalar = scalarAlias(token.text);
  if (cursor.take("&")) {
    cursor.remark("P50", token, '"&" says nothing here: values never change', "");
    return part();
  }
  if (cursor.is("[")) return bracketed(cursor, part);
  if (scalar !== undefined) return told(cursor, cursor.next(), scalar);
  const own =
    token.text === "list" || token.text === "option" || token.text === "map" ? token.text : undefined;
  const kind = own ?? GENERICS.get(token.text);
  if (kind === undefined || !(cursor.is("<", 1) || cursor.is("[", 1))) return undefined;
  if (own !== undefined && cursor.is("<", 1)) return undefined;
  cursor.next();
  return generic(cursor, token, kind, part);
}

/** `[T]`. */
function bracketed(cursor: Cursor, part: () => Type): Type {
  const first = cursor.next();
  const item = part();
  cursor.expect("]", "after the item type");
  return told(cursor, first, listOf(item));
}

function generic(
  cursor: Cursor,
  first: Token,
  kind: "list" | "option" | "map" | "tuple",
  part: () => Type,
): Type {
  const isAngle = cursor.next().text === "<";
  const parts = [part()];
  while (cursor.take(",")) parts.push(part());
  if (isAngle) cursor.takeAngle();
  else cursor.expect("]", "at the end of the type");
  const [one, two] = parts;
  if (one === undefined) throw new Error("a generic type has no part");
  if (kind === "tuple" && parts.length > 1) return told(cursor, first, tupleOf(parts));
  if (kind === "map" && two !== undefined && parts.length === 2) return told(cursor, first, mapOf(one, two));
  if ((kind === "list" || kind === "option") && parts.length === 1)
    return told(cursor, first, kind === "list" ? listOf(one) : optionOf(one));
  return cursor.refuse(`expected another number of parts in ${kind}`);
}

/** `T[]` and `T?` behind a type. */
export function foreignSuffix(cursor: Cursor, first: Token, type: Type): Type {
  let read = type;
  for (;;) {
    if (cursor.is("[") && cursor.is("]", 1)) {
      cursor.next();
      cursor.next();
      read = told(cursor, first, listOf(read));
    } else if (cursor.is("?") && !cursor.isSpaced()) {
      cursor.next();
      read = told(cursor, first, optionOf(read));
    } else return read;
  }
}

/** The type, with a remark that says how it is written. */
function told(cursor: Cursor, first: Token, type: Type): Type {
  const place = { start: first.start, end: cursor.lastEnd };
  cursor.remark("P50", place, `the type is written as "${type.text}"`, type.text);
  return type;
}
