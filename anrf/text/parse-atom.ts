import { parseIf, parseLoop, parseMatch } from "./parse-forms.ts";
import { refuse } from "./problems.ts";
import { base, type Reader } from "./reader.ts";
import { bracedRecord, foreignAtom, foreignCapital, parseIndex, refuseComprehension } from "./slips/atoms.ts";
import type { FieldSyntax, Syntax } from "./syntax.ts";

/** Reads an atom and the members, indices and calls behind it. */
export function parseAtom(reader: Reader): Syntax {
  const { cursor } = reader;
  let left = atom(reader);
  for (;;) {
    const start = left.start;
    if (cursor.take(".")) left = member(reader, left);
    else if (cursor.is("[")) left = parseIndex(reader, left);
    else if (cursor.take("(")) {
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
      return (
        foreignAtom(reader) ?? { kind: "name", name: cursor.next().text, ...base(reader, token.start, []) }
      );
    case "tname":
      return capital(reader);
    case "word":
      return word(reader);
    case "op":
      return bracket(reader);
    case "bad":
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
      if (!cursor.is("(", 1)) {
        const name = cursor.expectName("a name").text;
        return { kind: "name", name, ...base(reader, start, []) };
      }
      cursor.next();
      cursor.next();
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

function capital(reader: Reader): Syntax {
  const { cursor } = reader;
  const read = foreignCapital(reader);
  if (read !== undefined) return read;
  const token = cursor.next();
  const { start } = token;
  if (cursor.is("{") && reader.nominals.records.has(token.text)) return bracedRecord(reader, token, field);
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

/** `name = value`; a colon is read too, and a value alone: then the field is found by its place. */
function field(reader: Reader): FieldSyntax {
  const { cursor } = reader;
  const name = cursor.peek();
  const mark = cursor.peek(1);
  if (!cursor.is("=", 1) && !cursor.is(":", 1)) {
    const value = reader.expr();
    return { name: "", value, start: value.start, end: value.end };
  }
  cursor.expectName("the name of a field");
  cursor.next();
  if (mark.text === ":") cursor.remark("P50", mark, '":" is read as "="', "=");
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
  const { start } = cursor.lastToken;
  return cursor.list("]", () => {
    const item = reader.expr();
    if (cursor.is("for")) refuseComprehension(reader, start, item, "]");
    return item;
  });
}

function map(reader: Reader, start: number): Syntax {
  const { cursor } = reader;
  const items: Syntax[] = [];
  cursor.list("}", () => {
    items.push(reader.expr());
    const mark = cursor.peek();
    if (cursor.take("=>") || cursor.take("="))
      cursor.remark("P50", mark, `"${mark.text}" is read as ":"`, ":");
    else cursor.expect(":", "between key and value");
    items.push(reader.expr());
    if (cursor.is("for")) refuse("P19", cursor.peek(), "comprehensions are not part of the language");
  });
  return { kind: "map", items, ...base(reader, start, items) };
}

function parseArgs(reader: Reader): Syntax[] {
  const { cursor } = reader;
  return cursor.list(")", () => {
    const arg = reader.expr();
    if (cursor.is("for")) refuseComprehension(reader, arg.start, arg, ")");
    return arg;
  });
}
