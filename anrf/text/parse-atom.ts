import { parseIf, parseLoop, parseMatch } from "./parse-forms.ts";
import { refuse } from "./problems.ts";
import { base, type Reader } from "./reader.ts";
import type { FieldSyntax, Syntax } from "./syntax.ts";

/** Reads an atom and the members, indices and calls behind it. */
export function parseAtom(reader: Reader): Syntax {
  const { cursor } = reader;
  let left = atom(reader);
  for (;;) {
    const start = left.start;
    if (cursor.take(".")) left = member(reader, left);
    else if (cursor.is("[")) {
      const at = cursor.next();
      const right = reader.expr();
      cursor.expect("]", "after the index");
      left = { kind: "binary", op: "[]", left, right, at, ...base(reader, start, [left, right]) };
    } else if (cursor.take("(")) {
      const args = parseArgs(reader);
      left = {
        kind: "call",
        callee: left,
        args,
        ...base(reader, start, left.kind === "name" ? args : [left, ...args]),
      };
    } else return left;
  }
}

function member(reader: Reader, target: Syntax): Syntax {
  const { cursor } = reader;
  const at = cursor.next();
  if (at.kind === "int") {
    const index = at.text.length > 2 ? 99 : Number(at.text);
    return { kind: "part", target, index, ...base(reader, target.start, [target]) };
  }
  if (at.kind !== "name" && at.kind !== "tname" && at.kind !== "word") {
    refuse("P06", at, 'expected a name or a number after "."');
  }
  if (!cursor.take("("))
    return { kind: "member", target, name: at.text, at, ...base(reader, target.start, [target]) };
  const args = parseArgs(reader);
  return {
    kind: "method",
    target,
    name: at.text,
    args,
    at,
    ...base(reader, target.start, [target, ...args]),
  };
}

function atom(reader: Reader): Syntax {
  const { cursor } = reader;
  const token = cursor.peek();
  switch (token.kind) {
    case "int":
      return { kind: "int", value: BigInt(cursor.next().text), ...base(reader, token.start, []) };
    case "float":
      return floatLiteral(reader);
    case "decimal":
    case "string":
      return { kind: token.kind, text: cursor.next().text, ...base(reader, token.start, []) };
    case "name":
      return { kind: "name", name: cursor.next().text, ...base(reader, token.start, []) };
    case "tname":
      return capital(reader);
    case "word":
      return word(reader);
    case "op":
      return bracket(reader);
    case "end":
      return cursor.refuse("expected an expression");
    default:
      throw new Error(`unreachable: ${token.kind satisfies never}`);
  }
}

function floatLiteral(reader: Reader): Syntax {
  const token = reader.cursor.next();
  const value = Number(token.text);
  if (!Number.isFinite(value)) refuse("P04", token, `${token.text} is no finite float`);
  return { kind: "float", value, ...base(reader, token.start, []) };
}

function word(reader: Reader): Syntax {
  const { cursor } = reader;
  const token = cursor.peek();
  const { start } = token;
  switch (token.text) {
    case "true":
    case "false":
      return { kind: "bool", value: cursor.next().text === "true", ...base(reader, start, []) };
    case "none":
    case "result":
      cursor.next();
      return { kind: token.text, ...base(reader, start, []) };
    case "min":
    case "max":
    case "compare": {
      cursor.next();
      cursor.expect("(", `after ${token.text}`);
      const args = parseArgs(reader);
      return { kind: "plain", name: token.text, args, ...base(reader, start, args) };
    }
    case "some": {
      cursor.next();
      cursor.expect("(", "after some");
      const value = reader.expr();
      cursor.take(",");
      cursor.expect(")", "after the value");
      return { kind: "some", value, ...base(reader, start, [value]) };
    }
    case "fail":
    case "hole": {
      cursor.next();
      cursor.expect("(", `after ${token.text}`);
      const message = cursor.expectKind("string", "a text in quotes").text;
      cursor.expect(")", "after the text");
      return { kind: token.text, message, ...base(reader, start, []) };
    }
    case "if":
      cursor.enter();
      return cursor.leave(parseIf(reader));
    case "match":
      cursor.enter();
      return cursor.leave(parseMatch(reader));
    case "loop":
      cursor.enter();
      return cursor.leave(parseLoop(reader));
    default:
      return cursor.refuse("expected an expression");
  }
}

/** Words of other languages that stand alone, where no name with a capital can. */
const FOREIGN: Readonly<Record<string, string>> = { True: "true", False: "false", None: "none" };

function foreign(reader: Reader): Syntax | undefined {
  const { cursor } = reader;
  const token = cursor.peek();
  const meant = Object.hasOwn(FOREIGN, token.text) ? FOREIGN[token.text] : undefined;
  if (meant === undefined || cursor.is(".", 1) || cursor.is("(", 1)) return undefined;
  cursor.next();
  cursor.remark("P50", token, `"${token.text}" is read as "${meant}"`, meant);
  const place = base(reader, token.start, []);
  return meant === "none" ? { kind: "none", ...place } : { kind: "bool", value: meant === "true", ...place };
}

function capital(reader: Reader): Syntax {
  const { cursor } = reader;
  const read = foreign(reader);
  if (read !== undefined) return read;
  const token = cursor.next();
  const { start } = token;
  if (cursor.take("(")) {
    if (token.text === "Date" && cursor.isKind("string")) {
      const { text } = cursor.next();
      cursor.expect(")", "after the date");
      return { kind: "date", text, ...base(reader, start, []) };
    }
    const fields = cursor.list(")", () => field(reader));
    return {
      kind: "record",
      name: token.text,
      fields,
      ...base(
        reader,
        start,
        fields.map((one) => one.value),
      ),
    };
  }
  cursor.expect(".", `after ${token.text}`);
  const name = cursor.next();
  const hasArgs = cursor.is("(");
  if (token.text === "Float" && !hasArgs && (name.text === "nan" || name.text === "inf")) {
    const value = name.text === "nan" ? Number.NaN : Number.POSITIVE_INFINITY;
    return { kind: "float", value, ...base(reader, start, []) };
  }
  if (name.kind === "tname") {
    const args = cursor.take("(") ? parseArgs(reader) : [];
    return { kind: "case", type: token.text, name: name.text, args, ...base(reader, start, args) };
  }
  if (name.kind !== "name" && name.kind !== "word")
    refuse("P06", name, `expected a name after "${token.text}."`);
  cursor.expect("(", `after ${token.text}.${name.text}`);
  const args = parseArgs(reader);
  return { kind: "family", family: token.text, name: name.text, args, ...base(reader, start, args) };
}

function field(reader: Reader): FieldSyntax {
  const { cursor } = reader;
  const name = cursor.expectKind("name", "the name of a field");
  cursor.expect("=", "after the name of the field");
  return { name: name.text, value: reader.expr(), start: name.start, end: name.end };
}

function bracket(reader: Reader): Syntax {
  const { cursor } = reader;
  const { start } = cursor.peek();
  if (cursor.take("[")) {
    const items = parseItems(reader);
    return { kind: "list", items, ...base(reader, start, items) };
  }
  if (cursor.take("{")) return map(reader, start);
  if (!cursor.take("(")) return cursor.refuse("expected an expression");
  const items = cursor.list(")", () => reader.expr());
  const [only] = items;
  if (only === undefined) return { kind: "unit", ...base(reader, start, []) };
  if (items.length === 1) return { ...only, isGrouped: true, start, end: cursor.lastEnd };
  if (items.length > 16) refuse("P13", { start, end: cursor.lastEnd }, "a tuple has 2 to 16 parts");
  return { kind: "tuple", items, ...base(reader, start, items) };
}

function parseItems(reader: Reader): Syntax[] {
  const { cursor } = reader;
  return cursor.list("]", () => {
    const item = reader.expr();
    if (cursor.is("for")) refuse("P19", cursor.peek(), "comprehensions are not part of the language");
    return item;
  });
}

function map(reader: Reader, start: number): Syntax {
  const { cursor } = reader;
  const items: Syntax[] = [];
  cursor.list("}", () => {
    items.push(reader.expr());
    cursor.expect(":", "between key and value");
    items.push(reader.expr());
  });
  return { kind: "map", items, ...base(reader, start, items) };
}

function parseArgs(reader: Reader): Syntax[] {
  return reader.cursor.list(")", () => reader.expr());
}
