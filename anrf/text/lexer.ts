import { commentText, fromHex } from "./escape.ts";
import { type Problem, refuse } from "./problems.ts";
import { isIdentifier, isTypeName, RESERVED } from "./words.ts";

/** What a token is; `word` is a reserved word. */
export type TokenKind = "name" | "tname" | "word" | "int" | "float" | "decimal" | "string" | "op" | "end";

/** One token with its place in UTF-16 units. */
export interface Token {
  readonly kind: TokenKind;
  /** A name without its backticks, a string without quotes and escapes, else what stands there. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The comment lines right before it. */
  readonly comments: readonly Comment[];
}

/** One comment line, its escapes read. */
export interface Comment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The tokens of a text, an `end` last, and the remarks on spellings that are read but never written. */
export interface Tokens {
  readonly tokens: readonly Token[];
  readonly remarks: Problem[];
}

const OPERATORS = [
  "===",
  "!==",
  "=>",
  "->",
  "==",
  "!=",
  "<=",
  ">=",
  "<<",
  ">>",
  "**",
  "//",
  "??",
  "&&",
  "||",
];
const SINGLE = "(){}[]<>,;:.=+-*/%&|^~!?";
/** Spellings of other languages, and what they mean here. */
const FOREIGN: Readonly<Record<string, string>> = {
  "===": "==",
  "!==": "!=",
  "&&": "and",
  "||": "or",
  "!": "not",
};
const BLANK = /\s/;
const WORD = /[\p{XIDS}_][\p{XIDC}]*/uy;
const NUMBER = /\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+(?![\p{XIDC}]))?/uy;
const DIGITS = /\d+/y;

/** Splits a text into tokens. Throws a TextError at the first thing that is no token. */
export function tokenize(text: string): Tokens {
  const lexer = new Lexer(text);
  return { tokens: lexer.run(), remarks: lexer.remarks };
}

class Lexer {
  readonly remarks: Problem[] = [];
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #comments: Comment[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly Token[] {
    for (this.#blanks(); this.#at < this.#text.length; this.#blanks()) this.#token();
    this.#push("end", "", this.#at);
    return this.#tokens;
  }

  #blanks(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === "#") this.#comment();
      else if (char !== undefined && (BLANK.test(char) || char === "\ufeff")) this.#at++;
      else return;
    }
  }

  #comment(): void {
    const start = this.#at;
    let end = this.#text.indexOf("\n", start);
    if (end < 0) end = this.#text.length;
    const line = this.#text.slice(start + 1, end).replace(/\r$/, "");
    this.#comments.push({ text: commentText(line.startsWith(" ") ? line.slice(1) : line), start, end });
    this.#at = end;
  }

  #push(kind: TokenKind, text: string, start: number): void {
    this.#tokens.push({ kind, text, start, end: this.#at, comments: this.#comments });
    this.#comments = [];
  }

  #token(): void {
    const start = this.#at;
    const char = this.#text[start] ?? "";
    if (char >= "0" && char <= "9") this.#number(start);
    else if (char === '"' || char === "'") this.#string(start, char);
    else if (char === "`") this.#backticks(start);
    else {
      const word = this.#match(WORD);
      if (word === undefined) this.#operator(start);
      else this.#word(word, start);
    }
  }

  #operator(start: number): void {
    const char = String.fromCodePoint(this.#text.codePointAt(start) ?? 0);
    const long = OPERATORS.find((one) => this.#text.startsWith(one, start));
    if (long === undefined && !SINGLE.includes(char)) {
      refuse("P01", { start, end: start + char.length }, `unexpected character ${JSON.stringify(char)}`);
    }
    const op = long ?? char;
    this.#at = start + op.length;
    const meant = FOREIGN[op];
    const isWord = meant === "and" || meant === "or" || meant === "not";
    if (meant !== undefined)
      this.#remark(start, `"${op}" is read as "${meant}"`, isWord ? ` ${meant} ` : meant);
    this.#push(isWord ? "word" : "op", meant ?? op, start);
  }

  #word(word: string, start: number): void {
    if (!isIdentifier(word))
      refuse("P05", { start, end: this.#at }, `"${word.slice(0, 80)}" is no identifier`);
    this.#push(RESERVED.has(word) ? "word" : isTypeName(word) ? "tname" : "name", word, start);
  }

  #backticks(start: number): void {
    this.#at++;
    const word = this.#match(WORD);
    if (word === undefined || this.#text[this.#at] !== "`" || !isIdentifier(word)) {
      refuse("P05", { start, end: Math.max(this.#at, start + 1) }, "backticks hold one identifier");
    }
    this.#at++;
    this.#push("name", word, start);
  }

  #number(start: number): void {
    const last = this.#tokens.at(-1);
    if (last?.kind === "op" && last.text === ".") {
      this.#push("int", this.#match(DIGITS) ?? "", start);
      return;
    }
    const written = this.#match(NUMBER) ?? "";
    const digits = written.replaceAll("_", "");
    if (digits !== written) this.#remark(start, `"${written}" is read as "${digits}"`, digits);
    if (digits.length > 400) refuse("P04", { start, end: this.#at }, "a number has more than 400 digits");
    const isDecimal =
      this.#text[this.#at] === "m" && !/^[\p{XIDC}]/u.test(this.#text.slice(this.#at + 1, this.#at + 3));
    if (isDecimal && !/[eE]/.test(digits)) {
      this.#at++;
      this.#push("decimal", digits, start);
    } else this.#push(/[.eE]/.test(digits) ? "float" : "int", digits, start);
  }

  #string(start: number, quote: string): void {
    const parts: string[] = [];
    let from = start + 1;
    for (this.#at = from; ; ) {
      const char = this.#text[this.#at];
      if (char === undefined || char === "\n")
        refuse("P02", { start, end: this.#at }, "a string does not end on its line");
      if (char === quote) break;
      if (char === "\\") {
        parts.push(this.#text.slice(from, this.#at), this.#escape(quote));
        from = this.#at;
      } else this.#at++;
    }
    parts.push(this.#text.slice(from, this.#at));
    this.#at++;
    if (quote === "'") this.#remark(start, "a string in single quotes is read as one in double quotes");
    this.#push("string", parts.join(""), start);
  }

  #escape(quote: string): string {
    const start = this.#at;
    const char = this.#text[start + 1] ?? "";
    this.#at = start + 2;
    const simple: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", n: "\n", t: "\t", r: "\r" };
    if (char === quote) return quote;
    if (Object.hasOwn(simple, char)) return simple[char] ?? "";
    const hex = /^u\{([0-9a-fA-F]{1,6})\}/.exec(this.#text.slice(start + 1, start + 11));
    const read = hex?.[1] === undefined ? undefined : fromHex(hex[1]);
    if (read === undefined)
      refuse(
        "P03",
        { start, end: start + 2 },
        `the escape \\${JSON.stringify(char).slice(1, -1)} is not known`,
      );
    this.#at = start + 1 + (hex?.[0].length ?? 0);
    return read;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #remark(start: number, message: string, instead?: string): void {
    const fix = instead === undefined ? {} : { instead };
    if (this.remarks.length < 100) this.remarks.push({ code: "P50", start, end: this.#at, message, ...fix });
  }
}
