import type { Type } from "#anrf/program/type.ts";
import { Cursor } from "./cursor.ts";
import type { Token, Tokens } from "./lexer.ts";
import { exprReader } from "./parse-expr.ts";
import { type Nominals, parseType } from "./parse-type.ts";
import { type Problem, refuse, TextError } from "./problems.ts";
import type { Reader } from "./reader.ts";
import type {
  Binder,
  ClauseSyntax,
  ExampleSyntax,
  ExtensionSyntax,
  FileSyntax,
  FunctionSyntax,
  HeaderSyntax,
  RecordSyntax,
  Syntax,
  VariantSyntax,
} from "./syntax.ts";

/** After so many problems a text is not read further. */
const MAX_PROBLEMS = 20;

/** A text as declarations, with everything that stopped the reading of one. */
export interface FileReading {
  readonly file: FileSyntax;
  readonly problems: readonly Problem[];
}

/** Reads a whole text. After a problem it goes on at the next `fn`, so that one answer names several. */
export function parseFile(tokens: Tokens): FileReading {
  const cursor = new Cursor(tokens);
  const reader = exprReader(cursor, declaredTypes(tokens.tokens));
  const file: Draft = { intent: "", records: [], variants: [], extensions: [], headers: [], functions: [] };
  const problems: Problem[] = [];
  let isFirst = true;
  while (problems.length < MAX_PROBLEMS && (isFirst || !cursor.isKind("end"))) {
    try {
      if (isFirst) parseHead(reader, file);
      else parseDeclaration(reader, file);
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      problems.push(error.problem);
      cursor.skipTo("fn");
    }
    isFirst = false;
  }
  if (problems.length === 0) cursor.remarkDropped();
  return { file, problems };
}

/** Reads a text that is one expression, such as the body of a derived builtin with its type variables. */
export function parseExpression(tokens: Tokens, vars: ReadonlyMap<string, Type>): Syntax {
  const reader = exprReader(new Cursor(tokens), { records: new Set(), variants: new Set(), vars });
  const read = reader.expr();
  if (!reader.cursor.isKind("end")) reader.cursor.refuse("expected the end");
  return read;
}

interface Draft {
  intent: string;
  readonly records: RecordSyntax[];
  readonly variants: VariantSyntax[];
  readonly extensions: ExtensionSyntax[];
  readonly headers: HeaderSyntax[];
  readonly functions: FunctionSyntax[];
}

/** Types may be used before they are declared, so their names are found first. */
function declaredTypes(tokens: readonly Token[]): Nominals {
  const records = new Set<string>();
  const variants = new Set<string>();
  tokens.forEach((token, index) => {
    const name = tokens[index + 1];
    if (token.kind !== "name" || name?.kind !== "tname" || tokens[index + 2]?.text !== "{") return;
    if (token.text === "record") records.add(name.text);
    if (token.text === "variant") variants.add(name.text);
  });
  return { records, variants };
}

function parseHead({ cursor }: Reader, file: Draft): void {
  if (cursor.is("anrf") && cursor.isKind("int", 1)) {
    cursor.next();
    const version = cursor.next();
    if (version.text !== "1")
      refuse("P06", version, `this reader knows version 1 of the language, not ${version.text}`);
  }
  if (cursor.take("intent")) file.intent = cursor.expectKind("string", "the intent in quotes").text;
}

function parseDeclaration(reader: Reader, file: Draft): void {
  const { cursor } = reader;
  if (cursor.is("fn")) parseFunction(reader, file);
  else if (cursor.take("record")) file.records.push(parseRecord(reader));
  else if (cursor.take("variant")) file.variants.push(parseVariant(reader));
  else if (cursor.take("extension")) file.extensions.push(parseExtension(reader));
  else cursor.refuse("expected a declaration", ["fn", "record", "variant", "extension"]);
}

function parseRecord({ cursor, nominals }: Reader): RecordSyntax {
  const name = cursor.expectKind("tname", "a name with a capital");
  cursor.expect("{", "before the fields");
  const fields = cursor.list("}", () => {
    const field = cursor.expectKind("name", "the name of a field").text;
    cursor.expect(":", "before the type of the field");
    return { name: field, type: parseType(cursor, nominals) };
  });
  return { name: name.text, fields, start: name.start, end: name.end };
}

function parseVariant({ cursor, nominals }: Reader): VariantSyntax {
  const name = cursor.expectKind("tname", "a name with a capital");
  cursor.expect("{", "before the cases");
  const cases = cursor.list("}", () => {
    const one = cursor.expectKind("tname", "the name of a case, with a capital").text;
    return {
      name: one,
      payload: cursor.take("(") ? cursor.list(")", () => parseType(cursor, nominals)) : [],
    };
  });
  return { name: name.text, cases, start: name.start, end: name.end };
}

function parseExtension({ cursor, nominals }: Reader): ExtensionSyntax {
  const name = cursor.expectKind("name", "the name of the extension");
  cursor.expect(":", "before its type");
  const at = cursor.peek();
  const type = parseType(cursor, nominals);
  if (type.kind !== "function") refuse("P06", at, "an extension has a function type such as (int) -> int");
  cursor.expect("=", "before its URN");
  const urn = cursor.expectKind("string", "the URN in quotes").text;
  const version = cursor.expectKind("string", "the version in quotes").text;
  cursor.expect(";", "after the version");
  const { params, result } = type;
  return { name: name.text, urn, version, params, result, start: name.start, end: name.end };
}

function parseFunction(reader: Reader, file: Draft): void {
  const { cursor, nominals } = reader;
  const doc = cursor.useComments(cursor.next()) ?? "";
  const name = cursor.expectKind("name", "the name of the function");
  cursor.expect("(", "after the name of the function");
  const params = cursor.list(")", () => parseParam(reader));
  cursor.expect("->", "before the result type");
  const result = parseType(cursor, nominals);
  const place = { start: name.start, end: name.end };
  if (cursor.take(";")) {
    file.headers.push({ name: name.text, ...place });
    return;
  }
  const clauses = parseClauses(reader);
  const body = reader.block();
  file.functions.push({ name: name.text, doc, params, result, ...clauses, body, ...place });
}

function parseParam(reader: Reader): Binder & { readonly type: Type } {
  const { cursor } = reader;
  const name = cursor.expectKind("name", "the name of a parameter");
  cursor.expect(":", "before the type of the parameter");
  return { names: name.text, type: parseType(cursor, reader.nominals), start: name.start, end: name.end };
}

type Clauses = Pick<FunctionSyntax, "requires" | "ensures" | "decreases" | "examples">;

function parseClauses(reader: Reader): Clauses {
  const { cursor } = reader;
  const requires: ClauseSyntax[] = [];
  const ensures: ClauseSyntax[] = [];
  const examples: ExampleSyntax[] = [];
  let decreases: ClauseSyntax | undefined;
  for (;;) {
    const word = cursor.peek();
    if (cursor.take("requires")) requires.push(parseClause(reader, word));
    else if (cursor.take("ensures")) ensures.push(parseClause(reader, word));
    else if (cursor.take("example")) examples.push(parseExample(reader, word));
    else if (cursor.is("decreases")) {
      if (decreases !== undefined) refuse("P21", word, "a function has one decreases clause");
      cursor.next();
      decreases = parseClause(reader, word, false);
    } else return { requires, ensures, examples, ...(decreases === undefined ? {} : { decreases }) };
  }
}

function parseClause(reader: Reader, word: Token, hasLabel = true): ClauseSyntax {
  const { cursor } = reader;
  const comment = cursor.useComments(word);
  const expr = reader.expr();
  const label =
    hasLabel && cursor.take(",") ? cursor.expectKind("string", "what the clause says, in quotes").text : "";
  return comment === undefined ? { expr, label } : { expr, label, comment };
}

function parseExample(reader: Reader, word: Token): ExampleSyntax {
  const { cursor } = reader;
  cursor.expect("(", "before the arguments of the example");
  const args = cursor.list(")", () => reader.expr());
  cursor.expect("->", "before the expected result");
  const isTrap = cursor.is("trap") && cursor.isKind("tname", 1);
  if (isTrap) {
    cursor.next();
    const at = cursor.next();
    return { args, expected: { trap: at.text, at }, start: word.start, end: cursor.lastEnd };
  }
  const expected = reader.expr();
  let absolute: number | undefined;
  let relative: number | undefined;
  while (cursor.take("within")) {
    const token = cursor.isKind("int")
      ? cursor.next()
      : cursor.expectKind("float", "a tolerance such as 0.001");
    if (cursor.take("relative")) relative = Number(token.text);
    else absolute = Number(token.text);
  }
  const tolerances = {
    ...(absolute === undefined ? {} : { absolute }),
    ...(relative === undefined ? {} : { relative }),
  };
  return { args, expected, ...tolerances, start: word.start, end: cursor.lastEnd };
}
