/**
 * JSON as ANRF needs it (anrf.md §6): members keep their order, equal keys are refused, depth is limited, and the text
 * of a number survives where a double would lose it.
 */
export type Json = null | boolean | number | string | JsonNumber | readonly Json[] | JsonObject;

/** A number whose text is not what a double would print: `9007199254740993`, `1.0`, `-0`. */
export class JsonNumber {
  /** As written. */
  readonly text: string;

  /** Takes the text as it is: the reader has checked it. */
  constructor(text: string) {
    this.text = text;
  }
}

/** Members in the order in which they were written; no two keys are equal. */
export class JsonObject {
  /** In order. */
  readonly keys: readonly string[];
  /** values[i] belongs to keys[i]. */
  readonly values: readonly Json[];

  /** Takes both columns as they are. */
  constructor(keys: readonly string[], values: readonly Json[]) {
    this.keys = keys;
    this.values = values;
  }

  /** An object of members in order; equal keys are the caller's bug. */
  static of(members: readonly (readonly [string, Json])[]): JsonObject {
    return new JsonObject(
      members.map(([key]) => key),
      members.map(([, value]) => value),
    );
  }

  /** The value of a key, or undefined. */
  get(key: string): Json | undefined {
    const index = this.keys.indexOf(key);
    return index < 0 ? undefined : this.values[index];
  }
}

/** What is wrong with a JSON text; `at` counts UTF-16 units. */
export interface JsonFault {
  /** Lower case. */
  readonly error: string;
  readonly at: number;
  /** True when only the depth limit was met. */
  readonly tooDeep: boolean;
}

/** A JSON value, or why the text has none. */
export type JsonReading = { readonly json: Json; readonly fault?: undefined } | { readonly fault: JsonFault };

/** Arrays and objects inside one another that are read where nothing else is asked for. */
export const MAX_JSON_DEPTH = 64;

/** Reads a whole JSON text (RFC 8259, equal keys refused); never throws and never recurses past `maxDepth`. */
export function parseJson(text: string, maxDepth: number = MAX_JSON_DEPTH): JsonReading {
  try {
    return { json: new Reading(text, maxDepth).whole() };
  } catch (error) {
    if (error instanceof Refusal)
      return { fault: { error: error.message, at: error.at, tooDeep: error.tooDeep } };
    throw error;
  }
}

/** JSON text with members in order; with `indent` one item a line. */
export function writeJson(json: Json, indent = 0): string {
  const parts: string[] = [];
  write(json, indent, "\n", parts);
  return parts.join("");
}

function write(json: Json, indent: number, lineEnd: string, parts: string[]): void {
  if (typeof json === "number") parts.push(String(json));
  else if (json instanceof JsonNumber) parts.push(json.text);
  else if (json instanceof JsonObject) {
    const colon = indent > 0 ? ": " : ":";
    bracket("{", "}", json.keys.length, indent, lineEnd, parts, (index, inner) => {
      parts.push(JSON.stringify(json.keys[index]), colon);
      write(json.values[index] ?? null, indent, inner, parts);
    });
  } else if (isArray(json)) {
    bracket("[", "]", json.length, indent, lineEnd, parts, (index, inner) =>
      write(json[index] ?? null, indent, inner, parts),
    );
  } else parts.push(JSON.stringify(json));
}

function bracket(
  open: string,
  close: string,
  count: number,
  indent: number,
  lineEnd: string,
  parts: string[],
  item: (index: number, lineEnd: string) => void,
): void {
  const inner = indent > 0 ? lineEnd + " ".repeat(indent) : "";
  parts.push(open);
  for (let index = 0; index < count; index++) {
    parts.push(index === 0 ? inner : `,${inner}`);
    item(index, inner);
  }
  parts.push(count > 0 && indent > 0 ? lineEnd : "", close);
}

/** True for the array arm; `Array.isArray` does not narrow read-only arrays. */
export function isArray(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

class Refusal {
  readonly message: string;
  readonly at: number;
  readonly tooDeep: boolean;

  constructor(message: string, at: number, tooDeep = false) {
    this.message = message;
    this.at = at;
    this.tooDeep = tooDeep;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const NUMBER_PART = /[.eE0-9]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside strings
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** The state of one reading; it lives for one call. */
class Reading {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  whole(): Json {
    const json = this.#value(0);
    this.#blanks();
    if (this.#at < this.#text.length) throw new Refusal("unexpected text after the JSON value", this.#at);
    return json;
  }

  #value(depth: number): Json {
    this.#blanks();
    const first = this.#text.charCodeAt(this.#at);
    switch (first) {
      case 0x22:
        return this.#string();
      case 0x5b:
        return this.#array(depth + 1);
      case 0x7b:
        return this.#object(depth + 1);
      case 0x74:
        return this.#word("true", true);
      case 0x66:
        return this.#word("false", false);
      case 0x6e:
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #blanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #word(word: string, json: Json): Json {
    if (!this.#text.startsWith(word, this.#at)) throw new Refusal("expected a JSON value", this.#at);
    this.#at += word.length;
    return json;
  }

  #number(): number | JsonNumber {
    const small = this.#smallInt();
    if (small !== undefined) return small;
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) throw new Refusal("expected a JSON value", this.#at);
    this.#at += text.length;
    const value = Number(text);
    return String(value) === text ? value : new JsonNumber(text);
  }

  /** At most 15 digits that stand alone, without a regular expression: most numbers of most inputs. */
  #smallInt(): number | undefined {
    const text = this.#text;
    let at = this.#at;
    let value = 0;
    for (let code = text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = text.charCodeAt(at)) {
      value = value * 10 + (code - 0x30);
      at++;
    }
    const length = at - this.#at;
    const isWhole = length === 1 || (length > 1 && length <= 15 && text.charCodeAt(this.#at) !== 0x30);
    if (!isWhole || NUMBER_PART.test(text.charAt(at))) return undefined;
    this.#at = at;
    return value;
  }

  #string(): string {
    const start = this.#at++;
    let made = "";
    for (;;) {
      PLAIN.lastIndex = this.#at;
      made += PLAIN.exec(this.#text)?.[0] ?? "";
      this.#at = PLAIN.lastIndex;
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (code !== 0x5c) throw new Refusal("a string is not ended, or holds a control character", start);
      made += this.#escape();
    }
    this.#at++;
    return made;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    if (letter === "u") {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Refusal("expected four hex digits after \\u", this.#at);
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (plain === undefined) throw new Refusal("unknown escape in a string", this.#at);
    this.#at += 2;
    return plain;
  }

  #enter(depth: number): void {
    if (depth > this.#maxDepth)
      throw new Refusal(`JSON nests more than ${this.#maxDepth} levels`, this.#at, true);
    this.#at++;
    this.#blanks();
  }

  /** True after a comma, false after the closing bracket. */
  #more(close: string): boolean {
    this.#blanks();
    const found = this.#text[this.#at];
    if (found !== "," && found !== close) throw new Refusal(`expected "," or "${close}"`, this.#at);
    this.#at++;
    return found === ",";
  }

  #array(depth: number): readonly Json[] {
    this.#enter(depth);
    const items: Json[] = [];
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return items;
    }
    do items.push(this.#value(depth));
    while (this.#more("]"));
    return items;
  }

  #object(depth: number): JsonObject {
    this.#enter(depth);
    const keys: string[] = [];
    const values: Json[] = [];
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return new JsonObject(keys, values);
    }
    const seen = new Set<string>();
    do {
      this.#blanks();
      if (this.#text[this.#at] !== '"') throw new Refusal("expected a key in quotes", this.#at);
      const start = this.#at;
      const key = this.#string();
      if (seen.has(key)) throw new Refusal(`the key ${JSON.stringify(key)} stands twice`, start);
      seen.add(key);
      this.#blanks();
      if (this.#text[this.#at] !== ":") throw new Refusal('expected ":"', this.#at);
      this.#at++;
      keys.push(key);
      values.push(this.#value(depth));
    } while (this.#more("}"));
    return new JsonObject(keys, values);
  }
}
