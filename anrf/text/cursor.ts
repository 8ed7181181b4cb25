import type { Comment, Token, TokenKind, Tokens } from "./lexer.ts";
import { type Place, type Problem, refuse } from "./problems.ts";

/** Levels of nesting that are read; the checker's own limit is the same. */
export const MAX_DEPTH = 512;

/** A place in a token list, with the questions and demands that a parser has. It lives for one parse. */
export class Cursor {
  /** Remarks so far. */
  readonly remarks: Problem[];
  readonly #tokens: Token[];
  readonly #closers: ReadonlyMap<number, number>;
  readonly #kept = new Set<readonly Comment[]>();
  #at = 0;
  #open = 0;

  /** At the first token. */
  constructor({ tokens, remarks }: Tokens) {
    this.#tokens = [...tokens];
    this.#closers = matchBrackets(tokens);
    this.remarks = remarks;
  }

  /** The token here, or that many further on. */
  peek(ahead = 0): Token {
    const token = this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1);
    if (token === undefined) throw new Error("a token list has no end");
    return token;
  }

  /** The token before; the first one at the start. */
  get lastToken(): Token {
    return this.#tokens[this.#at - 1] ?? this.peek();
  }

  /** The end of the token before. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  /** Takes the token here. */
  next(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#at++;
    return token;
  }

  /** True when that operator, word or name stands here. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (
      token.text === text &&
      (token.kind === "op" || token.kind === "word" || token.kind === "name") &&
      !this.isQuoted(token)
    );
  }

  /** True when a token of that kind stands here. */
  isKind(kind: TokenKind, ahead = 0): boolean {
    return this.peek(ahead).kind === kind;
  }

  /** True for a name in backticks: it is never a keyword. */
  isQuoted(token: Token): boolean {
    return token.kind === "name" && token.end - token.start !== token.text.length;
  }

  /** Takes the token if that text stands here. */
  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  /** Takes the token or refuses the text. */
  expect(text: string, where: string): Token {
    if (this.is(text)) return this.next();
    return this.refuse(`expected "${text}" ${where}`, [text]);
  }

  /** Takes a token of that kind or refuses the text. */
  expectKind(kind: TokenKind, what: string): Token {
    if (this.isKind(kind)) return this.next();
    return this.refuse(`expected ${what}`);
  }

  /** Refuses the token here. */
  refuse(expectation: string, candidates: readonly string[] = []): never {
    const token = this.peek();
    const found = token.kind === "end" ? "the text ends" : `found ${JSON.stringify(token.text.slice(0, 40))}`;
    return refuse("P06", token, `${expectation}, but ${found}`, candidates);
  }

  /** Index, from here, of the token after the bracket that closes the one here; undefined without one. */
  afterBracket(): number | undefined {
    const closer = this.#closers.get(this.#at);
    return closer === undefined ? undefined : closer + 1 - this.#at;
  }

  /** Takes the first character of `>>` or `>=` as a token of its own: two types can end together. */
  takeAngle(): void {
    const token = this.peek();
    if (token.kind !== "op" || !token.text.startsWith(">")) this.expect(">", "at the end of the type");
    else if (token.text === ">") this.next();
    else this.#tokens[this.#at] = { ...token, text: token.text.slice(1), start: token.start + 1 };
  }

  /** Items until the closing text, separated by commas; a comma may follow the last. */
  list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.is(close)) {
      items.push(item());
      if (!this.take(",")) break;
    }
    this.expect(close, "or a comma");
    return items;
  }

  /** Goes to the next token that is that reserved word, past the one here: where reading starts anew. */
  skipTo(word: string): void {
    this.#open = 0;
    for (this.next(); !this.isKind("end") && !(this.isKind("word") && this.is(word)); ) this.next();
  }

  /** Begins a level; refuses more than twice MAX_DEPTH of them, for parentheses are levels too. `leave` ends it. */
  enter(): void {
    if (++this.#open > 2 * MAX_DEPTH) refuse("P07", this.peek(), `expressions may nest ${MAX_DEPTH} levels`);
  }

  /** Ends a level and passes what was read in it. */
  leave<T>(read: T): T {
    this.#open--;
    return read;
  }

  /** Notes that something was read that is never written. */
  remark(code: Problem["code"], at: Place, message: string, instead?: string): void {
    const fix = instead === undefined ? {} : { instead };
    if (this.remarks.length < 100) this.remarks.push({ code, start: at.start, end: at.end, message, ...fix });
  }

  /** The comment above a token as one text, or undefined without any; it is not dropped. */
  useComments({ comments }: Token): string | undefined {
    if (comments.length === 0) return undefined;
    this.#kept.add(comments);
    return comments.map((one) => one.text).join("\n");
  }

  /** Remarks on every comment that nothing has used. */
  remarkDropped(): void {
    for (const { comments } of this.#tokens) {
      const [first] = comments;
      if (first !== undefined && !this.#kept.has(comments)) this.remark("P51", first, "a comment is dropped");
    }
  }
}

/** For each opening bracket its closing one, by token index, in one pass. */
function matchBrackets(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const closers = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach((token, index) => {
    if (token.kind !== "op") return;
    if ("([{".includes(token.text)) open.push(index);
    else if (")]}".includes(token.text)) {
      const opener = open.pop();
      if (opener !== undefined) closers.set(opener, index);
    }
  });
  return closers;
}
