import { type Comment, MAX_TOLD, type Token, type TokenKind, type Tokens } from "./lexer.ts";
import { type Edit, type Instead, type Place, type Problem, refuse } from "./problems.ts";

/** Levels of nesting that are read; the checker's own limit is the same. */
export const MAX_DEPTH = 512;

/** Reserved words that people and models call their values by. */
const READ_AS_NAMES: ReadonlySet<string> = new Set(["result", "min", "max", "compare"]);

/** A place in a token list, with the questions and demands that a parser has. It lives for one parse. */
export class Cursor {
  /** Remarks so far. */
  readonly remarks: Problem[];
  readonly #tokens: Token[];
  readonly #closers: ReadonlyMap<number, number>;
  readonly #kept = new Set<readonly Comment[]>();
  #at = 0;
  #open = 0;
  #half = 0;
  #steps = 0;

  /** At the first token. */
  constructor({ tokens, remarks }: Tokens) {
    this.#tokens = [...tokens];
    this.#closers = matchBrackets(tokens);
    this.remarks = remarks;
  }

  /** How many tokens were looked at: what the work of a parse is counted in. */
  get steps(): number {
    return this.#steps;
  }

  /** Index of the token here. */
  get index(): number {
    return this.#at;
  }

  /** The token here, or that many further on. */
  peek(ahead = 0): Token {
    this.#steps++;
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
    const before = this.#tokens[this.#at - 1]?.end ?? 0;
    // Half of the token here may be taken already.
    return this.#half > before && this.#half <= this.peek().start ? this.#half : before;
  }

  /** True when the token here is the first of its line. */
  isNewLine(): boolean {
    return this.peek().isFirst;
  }

  /** True when something stands between that token and the one before it. */
  isSpaced(ahead = 0): boolean {
    const before = this.#tokens[this.#at + ahead - 1];
    return before !== undefined && before.end < this.peek(ahead).start;
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
    return this.refuse(`expected "${text}" ${where}`, [text], this.#missing(text));
  }

  /** Takes a token of that kind or refuses the text. */
  expectKind(kind: TokenKind, what: string): Token {
    if (this.isKind(kind)) return this.next();
    return this.refuse(`expected ${what}`);
  }

  /** Takes a name or refuses the text. A reserved word that reads well as a name is one, with a remark. */
  expectName(what: string): Token {
    const token = this.peek();
    if (token.kind !== "word" || !READ_AS_NAMES.has(token.text)) return this.expectKind("name", what);
    this.remark(
      "P50",
      token,
      `"${token.text}" is a reserved word: in backticks it is a name`,
      `\`${token.text}\``,
    );
    return this.next();
  }

  /** Refuses the token here. */
  refuse(expectation: string, candidates: readonly string[] = [], instead?: Instead): never {
    const token = this.peek();
    const found = token.kind === "end" ? "the text ends" : `found ${JSON.stringify(token.text.slice(0, 40))}`;
    return refuse("P06", token, `${expectation}, but ${found}`, candidates, instead);
  }

  /** A closing or dividing mark that is missing can be put right behind the token before. */
  #missing(text: string): Instead | undefined {
    const at = this.lastEnd;
    if (/^[)\]}]$/.test(text)) return [{ start: at, end: at, text }];
    if (/^[;:=(]$|^->$|^=>$/.test(text))
      return [{ start: at, end: at, text: text === ";" ? text : ` ${text}` }];
    return undefined;
  }

  /** Index, from here, of the token after the bracket that closes the one here, or further on; undefined without one. */
  afterBracket(ahead = 0): number | undefined {
    const closer = this.#closers.get(this.#at + ahead);
    return closer === undefined ? undefined : closer + 1 - this.#at;
  }

  /** Takes the first character of `>>` or `>=` as a token of its own: two types can end together. */
  takeAngle(): void {
    const token = this.peek();
    if (token.kind !== "op" || !token.text.startsWith(">")) this.expect(">", "at the end of the type");
    else if (token.text === ">") this.next();
    else {
      this.#half = token.start + 1;
      this.#tokens[this.#at] = { ...token, text: token.text.slice(1), start: this.#half };
    }
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

  /** Goes to the next place, from a token on, where something holds, or to the end: there reading starts anew. */
  recover(from: number, holds: () => boolean): void {
    this.#open = 0;
    this.#at = Math.min(Math.max(from, this.#at), this.#tokens.length - 1);
    while (!this.isKind("end") && !holds()) this.next();
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
  remark(code: Problem["code"], at: Place, message: string, instead?: Instead): Problem {
    const made = { code, start: at.start, end: at.end, message, instead };
    if (this.remarks.length < MAX_TOLD) this.remarks.push(made);
    return made;
  }

  /** Takes remarks back, and gives their edits: they are made only together with those of another remark. */
  absorb(remarks: readonly Problem[]): readonly Edit[] {
    return remarks.flatMap((one) => {
      const index = this.remarks.indexOf(one);
      if (index >= 0) this.remarks.splice(index, 1);
      return Array.isArray(one.instead) ? (one.instead as readonly Edit[]) : [];
    });
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
