import { quoted } from "#anrf/program/show.ts";
import { commentText, fromHex } from "./escape.ts";
import type { Instead, Problem } from "./problems.ts";
import { CHARACTERS, FOREIGN_OPERATORS, fenced, isCommentPlace } from "./slips/marks.ts";
import { isIdentifier, isTypeName, RESERVED } from "./words.ts";

/** What a token is; `word` is a reserved word, `bad` what is none. */
export type TokenKind =
  | "name"
  | "tname"
  | "word"
  | "int"
  | "float"
  | "decimal"
  | "string"
  | "op"
  | "bad"
  | "end";

/** One token with its place in UTF-16 units. */
export interface Token {
  readonly kind: TokenKind;
  /** A name without its backticks, a string without quotes and escapes, else what stands there. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The comment lines right before it. */
  readonly comments: readonly Comment[];
  /** Stands first on its line. */
  readonly isFirst: boolean;
}

/** One comment line, its escapes read. */
export interface Comment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The tokens of a text, an `end` last, with what is wrong and the remarks on spellings that are never written. */
export interface Tokens {
  readonly tokens: readonly Token[];
  readonly problems: readonly Problem[];
  readonly remarks: Problem[];
}

/** Most problems and most remarks that a text is told of. */
export const MAX_TOLD = 100;

const OPERATORS = [
  "...",
  "..=",
  "===",
  "!==",
  "=>",
  "->",
  "==",
  "!=",
  "<=",
  ">=",
  "<>",
  "<<",
  ">>",
  "**",
  "++",
  "+=",
  "-=",
  "*=",
  ":=",
  "::",
  "..",
  "//",
  "??",
  "&&",
  "||",
];
const SINGLE = "(){}[]<>,;:.=+-*/%&|^~!?";
/** Opening quotes of typography with their closing ones. */
const CURLY: Readonly<Record<string, string>> = { "“": "”", "‘": "’", "„": "“" };
const BLANK = /\s/;
const WORD = /[\p{XIDS}_][\p{XIDC}]*/uy;
const NUMBER = /\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+(?![\p{XIDC}]))?/uy;
const DIGITS = /\d+/y;
const BASED = /0(?:[xX]_*[\da-fA-F][\da-fA-F_]*|[bB]_*[01][01_]*|[oO]_*[0-7][0-7_]*)(?![\p{XIDC}])/uy;
const SUFFIX = /(?:[uif](?:8|16|32|64|size)?|[lLUfFdDn])(?![\p{XIDC}])/uy;

/** Splits a text into tokens. What is no token is told and left out, so that the rest can be read. */
export function tokenize(text: string): Tokens {
  const lexer = new Lexer(text);
  return { tokens: lexer.run(), problems: lexer.problems, remarks: lexer.remarks };
}

class Lexer {
  readonly problems: Problem[] = [];
  readonly remarks: Problem[] = [];
  #text: string;
  readonly #tokens: Token[] = [];
  #comments: Comment[] = [];
  #isFirst = true;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly Token[] {
    this.#unfence();
    for (this.#blanks(); this.#at < this.#text.length; this.#blanks()) this.#token();
    this.#push("end", "", this.#at);
    return this.#tokens;
  }

  /** Models put programs into code fences: what stands outside is no part of the text. */
  #unfence(): void {
    const inside = fenced(this.#text);
    if (inside === undefined) return;
    const { start, end } = inside;
    this.#at = this.#text.length;
    const edits = [
      { start: 0, end: start, text: "" },
      { start: end, end: this.#text.length, text: "" },
    ];
    this.#remark(0, "what stands outside of the code fence is dropped", edits);
    this.#text = this.#text.slice(0, end);
    this.#at = start;
  }

  #blanks(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === "#") this.#comment();
      else if (char === "/" && this.#text.startsWith("/*", this.#at)) this.#blockComment();
      else if (char === "/" && isCommentPlace(this.#text, this.#at, this.#tokens)) this.#comment(2);
      else if (char !== undefined && (BLANK.test(char) || char === "\ufeff")) {
        if (char === "\n") this.#isFirst = true;
        this.#at++;
      } else return;
    }
  }

  #comment(width = 1): void {
    const start = this.#at;
    let end = this.#text.indexOf("\n", start);
    if (end < 0) end = this.#text.length;
    if (width > 1) {
      this.#at = start + width;
      this.#remark(start, '"//" is read as "#": it begins a comment here', "#");
    }
    const line = this.#text.slice(start + width, end).replace(/\r$/, "");
    this.#comments.push({ text: commentText(line.startsWith(" ") ? line.slice(1) : line), start, end });
    this.#at = end;
  }

  /** Of C: dropped, since its lines have no place of their own. */
  #blockComment(): void {
    const start = this.#at;
    const close = this.#text.indexOf("*/", start + 2);
    this.#at = close < 0 ? this.#text.length : close + 2;
    this.#remark(start, "a comment between /* and */ is dropped: write lines that begin with #", "");
  }

  #push(kind: TokenKind, text: string, start: number): void {
    this.#tokens.push({ kind, text, start, end: this.#at, comments: this.#comments, isFirst: this.#isFirst });
    this.#comments = [];
    this.#isFirst = false;
  }

  #token(): void {
    const start = this.#at;
    const char = this.#text[start] ?? "";
    if (char >= "0" && char <= "9") this.#number(start);
    else if (char === "." && this.#isFraction()) this.#fraction(start);
    else if (char === '"' || char === "'") this.#string(start, char);
    else if (CURLY[char] !== undefined) this.#string(start, CURLY[char]);
    else if (char === "`") this.#backticks(start);
    else {
      const word = this.#match(WORD);
      if (word === undefined) this.#operator(start);
      else this.#word(word, start);
    }
  }

  #operator(start: number): void {
    const char = String.fromCodePoint(this.#text.codePointAt(start) ?? 0);
    const long = OPERATORS.find((one) => this.#text.startsWith(one, start)) ?? CHARACTERS[char];
    if (long === undefined && !SINGLE.includes(char)) {
      this.#at = start + char.length;
      this.#problem("P01", start, `unexpected character ${JSON.stringify(char)}`, "");
      this.#push("bad", char, start);
      return;
    }
    const op = long ?? char;
    this.#at = start + (long !== undefined && CHARACTERS[char] === long ? char.length : op.length);
    const meant = FOREIGN_OPERATORS[op] ?? op;
    const isWord = meant === "and" || meant === "or" || meant === "not";
    const written = this.#text.slice(start, this.#at);
    if (meant !== written)
      this.#remark(start, `"${written}" is read as "${meant}"`, isWord ? ` ${meant} ` : meant);
    this.#push(isWord ? "word" : "op", meant, start);
  }

  #word(word: string, start: number): void {
    if (!isIdentifier(word)) {
      const normal = word.normalize("NFC");
      this.#problem(
        "P05",
        start,
        `"${word.slice(0, 80)}" is no identifier`,
        isIdentifier(normal) ? normal : undefined,
      );
    }
    const quote = this.#text[this.#at];
    if ((quote === '"' || quote === "'") && /^(?:f|rf|fr)$/i.test(word)) this.#interpolated(start, quote);
    else this.#push(RESERVED.has(word) ? "word" : isTypeName(word) ? "tname" : "name", word, start);
  }

  #interpolated(start: number, quote: string): void {
    this.#string(this.#at, quote);
    this.#problem("P27", start, "a string holds no expressions");
  }

  #backticks(start: number): void {
    this.#at++;
    const word = this.#match(WORD);
    const isClosed = word !== undefined && this.#text[this.#at] === "`";
    if (!isClosed || !isIdentifier(word)) {
      this.#at = Math.max(this.#at, start + 1) + Number(isClosed);
      this.#problem("P05", start, "backticks hold one identifier");
      this.#push("bad", word ?? "`", start);
      return;
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
    const based = this.#match(BASED);
    if (based !== undefined) {
      const value = String(BigInt(based.replaceAll("_", "").toLowerCase()));
      this.#remark(start, `"${based}" is read as "${value}"`, value);
      this.#push("int", value, start);
      return;
    }
    const written = this.#match(NUMBER) ?? "";
    const digits = written.replaceAll("_", "");
    if (digits !== written) this.#remark(start, `"${written}" is read as "${digits}"`, digits);
    if (digits.length > 400) {
      this.#problem("P04", start, "a number has more than 400 digits");
      this.#push("int", "0", start);
      return;
    }
    const isDecimal =
      this.#text[this.#at] === "m" && !/^[\p{XIDC}]/u.test(this.#text.slice(this.#at + 1, this.#at + 3));
    if (isDecimal && !/[eE]/.test(digits)) {
      this.#at++;
      this.#push("decimal", digits, start);
      return;
    }
    const isFloat = /[.eE]/.test(digits);
    const suffix = this.#match(SUFFIX);
    if (suffix === undefined) {
      this.#push(isFloat ? "float" : "int", digits, start);
      return;
    }
    const value = /^[fFdD]/.test(suffix) && !isFloat ? `${digits}.0` : digits;
    this.#remark(start, `"${digits}${suffix}" is read as "${value}"`, value);
    this.#push(/[.eE]/.test(value) ? "float" : "int", value, start);
  }

  /** True at a point that begins a number, such as .5: what stands before it has no parts. */
  #isFraction(): boolean {
    const last = this.#tokens.at(-1);
    const isOperator = last === undefined || last.kind === "op" || last.kind === "word";
    return (
      isOperator &&
      !/^[)\]}.]$|^result$/.test(last?.text ?? "") &&
      /^\.\d/.test(this.#text.slice(this.#at, this.#at + 2))
    );
  }

  #fraction(start: number): void {
    this.#at++;
    const value = `0.${this.#match(DIGITS) ?? "0"}`;
    this.#remark(start, `"${value.slice(1)}" is read as "${value}"`, value);
    this.#push("float", value, start);
  }

  #string(start: number, quote: string): void {
    const parts: string[] = [];
    let from = start + 1;
    for (this.#at = from; ; ) {
      const char = this.#text[this.#at];
      if (char === undefined || char === "\n") {
        this.#problem("P02", start, "a string does not end on its line", [
          { start: this.#at, end: this.#at, text: quote },
        ]);
        parts.push(this.#text.slice(from, this.#at));
        this.#push("string", parts.join(""), start);
        return;
      }
      if (char === quote) break;
      if (char === "\\") {
        parts.push(this.#text.slice(from, this.#at), this.#escape(quote));
        from = this.#at;
      } else this.#at++;
    }
    parts.push(this.#text.slice(from, this.#at));
    this.#at++;
    const text = parts.join("");
    if (quote !== '"')
      this.#remark(start, "a string in other quotes is read as one in double quotes", quoted(text));
    this.#push("string", text, start);
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
    if (read === undefined) {
      const isBroken = char === "" || char === "\n";
      this.#at = isBroken ? start + 1 : start + 2;
      this.#problem("P03", start, `the escape \\${JSON.stringify(char).slice(1, -1)} is not known`, [
        { start, end: start, text: "\\" },
      ]);
      return isBroken ? "" : char;
    }
    this.#at = start + 1 + (hex?.[0].length ?? 0);
    return read;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #remark(start: number, message: string, instead?: Instead): void {
    if (this.remarks.length < MAX_TOLD)
      this.remarks.push({ code: "P50", start, end: this.#at, message, instead });
  }

  #problem(code: Problem["code"], start: number, message: string, instead?: Instead): void {
    if (this.problems.length < MAX_TOLD) this.problems.push({ code, start, end: this.#at, message, instead });
  }
}
