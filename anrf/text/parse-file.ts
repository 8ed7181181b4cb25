import type { Type } from "#anrf/program/type.ts";
import { Cursor } from "./cursor.ts";
import type { Token, Tokens } from "./lexer.ts";
import { exprReader } from "./parse-expr.ts";
import { type Nominals, parseType } from "./parse-type.ts";
import { type Problem, refuse, TextError } from "./problems.ts";
import type { Reader } from "./reader.ts";
import {
  clauseWord,
  DECLARATION_WORDS,
  declarationWord,
  exampleArgs,
  expectArrow,
  isClause,
  isDeclaration,
  listOfParts,
  parseBody,
  skipModifiers,
  takeStray,
} from "./slips/declarations.ts";
import type {
  Binder,
  BrokenSyntax,
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
const MAX_PROBLEMS = 50;

/** A text as declarations, with everything that stopped the reading of one. */
export interface FileReading {
  readonly file: FileSyntax;
  readonly problems: readonly Problem[];
  /** Tokens looked at, again and again: what the work is counted in. */
  readonly steps: number;
}

/**
 * Reads a whole text. After a problem it goes on at the next declaration, so that one answer names the problems of all;
 * a function whose body is broken keeps its header, for those that call it.
 */
export function parseFile(tokens: Tokens): FileReading {
  const cursor = new Cursor(tokens);
  const reader = exprReader(cursor, declaredTypes(tokens.tokens));
  const file: Draft = {
    intent: "",
    records: [],
    variants: [],
    extensions: [],
    headers: [],
    functions: [],
    broken: [],
  };
  const problems: Problem[] = [];
  const told = { marks: 0 };
  let isFirst = true;
  while (problems.length < MAX_PROBLEMS && (isFirst || !cursor.isKind("end"))) {
    const from = cursor.index;
    file.opened = undefined;
    const found = problemOf(() => (isFirst ? parseHead(reader, file) : parseDeclaration(reader, file)));
    if (found !== undefined) {
      if (!isFirst) breakDeclaration(tokens.tokens, file, from);
      cursor.recover(from + Number(!isFirst), () => isDeclaration(cursor));
    }
    const marks = marksUntil(tokens.problems, told, cursor.isKind("end") ? undefined : cursor.peek().start);
    problems.push(...marks, ...(found === undefined || isEcho(found, marks) ? [] : [found]));
    isFirst = false;
  }
  if (problems.length === 0) cursor.remarkDropped();
  return { file, problems: problems.slice(0, MAX_PROBLEMS), steps: cursor.steps };
}

function problemOf(work: () => void): Problem | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof TextError) return error.problem;
    throw error;
  }
}

/** The broken marks that begin before that offset and are not told yet. */
function marksUntil(
  all: readonly Problem[],
  told: { marks: number },
  end = Number.POSITIVE_INFINITY,
): readonly Problem[] {
  const from = told.marks;
  while (told.marks < all.length && (all[told.marks]?.start ?? end) < end) told.marks++;
  return all.slice(from, told.marks);
}

/** True for a problem that a broken mark leaves behind: it stands at the mark, or after a string that is not closed. */
function isEcho(found: Problem, marks: readonly Problem[]): boolean {
  return marks.some((one) => one.start === found.start || (one.code === "P02" && one.start <= found.start));
}

/** What begins there counts as declared; of a function only the header, if it was read, is known. */
function breakDeclaration(tokens: readonly Token[], file: Draft, from: number): void {
  const at = tokens.findIndex((one, index) => index > from && index < from + 4 && /^t?name$/.test(one.kind));
  const name = tokens[at];
  if (file.opened !== undefined) file.broken.push(file.opened);
  else if (name !== undefined) file.broken.push({ name: name.text, start: name.start, end: name.end });
}

/** Reads a text that is one expression, such as the body of a derived builtin with its type variables. */
export function parseExpression(tokens: Tokens, vars: ReadonlyMap<string, Type>): Syntax {
  const [problem] = tokens.problems;
  if (problem !== undefined) throw new TextError(problem);
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
  readonly broken: BrokenSyntax[];
  /** The function whose header was read and whose body is not yet. */
  opened?: BrokenSyntax | undefined;
}

/** Types may be used before they are declared, so their names are found first. */
function declaredTypes(tokens: readonly Token[]): Nominals {
  const records = new Set<string>();
  const variants = new Set<string>();
  tokens.forEach((token, index) => {
    const name = tokens[index + 1];
    if (token.kind !== "name" || name?.kind !== "tname" || tokens[index + 2]?.text !== "{") return;
    const word = DECLARATION_WORDS.get(token.text);
    if (word === "record") records.add(name.text);
    if (word === "variant") variants.add(name.text);
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
  const first = cursor.peek();
  skipModifiers(cursor);
  const word = declarationWord(cursor);
  if (word === undefined) cursor.refuse("expected a declaration", ["fn", "record", "variant", "extension"]);
  if (word === "fn") {
    parseFunction(reader, file, first);
    return;
  }
  cursor.next();
  if (word === "record") file.records.push(parseRecord(reader));
  else if (word === "variant") file.variants.push(parseVariant(reader));
  else file.extensions.push(parseExtension(reader));
  takeStray(cursor, ";");
}

function parseRecord({ cursor, nominals }: Reader): RecordSyntax {
  const name = cursor.expectKind("tname", "a name with a capital");
  cursor.expect("{", "before the fields");
  const fields = listOfParts(cursor, () => {
    const field = cursor.expectName("the name of a field").text;
    cursor.expect(":", "before the type of the field");
    return { name: field, type: parseType(cursor, nominals) };
  });
  return { name: name.text, fields, start: name.start, end: name.end };
}

function parseVariant({ cursor, nominals }: Reader): VariantSyntax {
  const name = cursor.expectKind("tname", "a name with a capital");
  cursor.expect("{", "before the cases");
  const cases = listOfParts(cursor, () => {
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

function parseFunction(reader: Reader, file: Draft, first: Token): void {
  const { cursor, nominals } = reader;
  const doc = cursor.useComments(first) ?? "";
  cursor.next();
  const name = cursor.expectKind("name", "the name of the function");
  cursor.expect("(", "after the name of the function");
  const params = cursor.list(")", () => parseParam(reader));
  expectArrow(cursor);
  const result = parseType(cursor, nominals);
  const place = { start: name.start, end: name.end };
  if (cursor.take(";")) {
    const whole = { start: first.start, end: cursor.lastEnd };
    file.headers.push({ name: name.text, whole, ...place });
    return;
  }
  file.opened = { name: name.text, params, result, ...place };
  const clauses = parseClauses(reader, name.text);
  const head = { start: first.start, end: cursor.lastEnd };
  const body = parseBody(reader);
  takeStray(cursor, ";");
  const whole = { start: first.start, end: cursor.lastEnd };
  file.functions.push({ name: name.text, doc, params, result, ...clauses, body, ...place, head, whole });
}

function parseParam(reader: Reader): Binder & { readonly type: Type } {
  const { cursor } = reader;
  const name = cursor.expectName("the name of a parameter");
  cursor.expect(":", "before the type of the parameter");
  return { names: name.text, type: parseType(cursor, reader.nominals), start: name.start, end: name.end };
}

type Clauses = Pick<FunctionSyntax, "requires" | "ensures" | "decreases" | "examples">;

function parseClauses(reader: Reader, name: string): Clauses {
  const { cursor } = reader;
  const requires: ClauseSyntax[] = [];
  const ensures: ClauseSyntax[] = [];
  const examples: ExampleSyntax[] = [];
  let decreases: ClauseSyntax | undefined;
  for (;;) {
    const word = cursor.peek();
    const clause = clauseWord(cursor);
    if (clause === undefined)
      return { requires, ensures, examples, ...(decreases === undefined ? {} : { decreases }) };
    cursor.next();
    if (clause === "requires") requires.push(parseClause(reader, word));
    else if (clause === "ensures") ensures.push(parseClause(reader, word));
    else if (clause === "example") examples.push(parseExample(reader, word, name));
    else {
      if (decreases !== undefined) refuse("P21", word, "a function has one decreases clause");
      decreases = parseClause(reader, word, false);
    }
    takeStray(cursor, ";");
  }
}

function parseClause(reader: Reader, word: Token, hasLabel = true): ClauseSyntax {
  const { cursor } = reader;
  const comment = cursor.useComments(word);
  const expr = reader.expr();
  const mark = cursor.peek();
  const isLabelled = hasLabel && cursor.take(",");
  const isStray = isLabelled && (isClause(cursor) || cursor.is("{"));
  if (isStray) cursor.remark("P50", mark, 'no "," stands behind a clause without a label', "");
  const label =
    isLabelled && !isStray ? cursor.expectKind("string", "what the clause says, in quotes").text : "";
  return comment === undefined ? { expr, label } : { expr, label, comment };
}

function parseExample(reader: Reader, word: Token, name: string): ExampleSyntax {
  const { cursor } = reader;
  const args = exampleArgs(reader, name);
  const { start } = word;
  const isTrap = cursor.is("trap") && cursor.isKind("tname", 1);
  if (isTrap) {
    cursor.next();
    const at = cursor.next();
    return { args, expected: { trap: at.text, at }, start, end: cursor.lastEnd };
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
  return { args, expected, ...tolerances, start, end: cursor.lastEnd };
}
