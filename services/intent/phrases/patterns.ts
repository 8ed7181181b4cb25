import { numeralAt } from "./numerals.ts";
import { characterKindAt } from "./predicates.ts";
import { operand, quoted, type Term, truth, type View } from "./terms.ts";
import type { Token } from "./tokens.ts";

/** One stretch of a text of a fixed form: a literal, or so many characters of a kind. */
type Part =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "run"; readonly count: number; readonly test: string };

const HEXADECIMAL = "0123456789abcdef";

/** "two capital letters followed by three digits", "a # and then six hexadecimal digits": the whole text has this form. */
export function patternsOf(words: readonly Token[], view: View): readonly Term[] {
  const found: Term[] = [];
  const texts = view.variables.filter(({ type }) => type.kind === "string");
  for (const parts of partRuns(words)) {
    if (parts.length < 2 && !parts.some((part) => part.kind === "run" && part.count > 1)) continue;
    for (const { text } of texts) found.push(formOf(operand(text), parts));
  }
  return found;
}

/** Parts that follow each other with nothing but links between them. */
function* partRuns(words: readonly Token[]): Generator<readonly Part[]> {
  let parts: Part[] = [];
  for (let at = 0; at < words.length; ) {
    const part = partAt(words, at);
    if (part !== undefined) {
      parts.push(part.part);
      at = part.next;
    } else if (isLink(words[at]) && parts.length > 0) at++;
    else {
      if (parts.length > 0) yield parts;
      parts = [];
      at++;
    }
  }
  if (parts.length > 0) yield parts;
}

function isLink(word: Token | undefined): boolean {
  return (
    word !== undefined &&
    /^(?:,|and|then|followed|by|a|an|the|exactly|plus|with|next|after|that)$/u.test(word.lower)
  );
}

function partAt(
  words: readonly Token[],
  at: number,
): { readonly part: Part; readonly next: number } | undefined {
  const word = words[at];
  if (word === undefined) return undefined;
  if (word.kind === "string")
    return { part: { kind: "literal", text: word.text.slice(1, -1) }, next: at + 1 };
  if (word.kind === "mark" && /^[#@&$*+/|~^_]$/u.test(word.text))
    return { part: { kind: "literal", text: word.text }, next: at + 1 };
  const named = NAMED.get(word.lower);
  if (named !== undefined) return { part: { kind: "literal", text: named }, next: at + 1 };
  const numeral = numeralAt(words, at);
  const isOne = /^(?:an?|one)$/u.test(word.lower);
  const count = numeral?.value ?? (isOne ? 1 : undefined);
  if (count === undefined || count < 1 || count > 40) return undefined;
  let next = numeral?.next ?? at + 1;
  // "a 4-digit number"
  if (words[next]?.text === "-") next++;
  if (/^hex/u.test(words[next]?.lower ?? "")) {
    const last = /^(?:digits?|characters?)$/u.test(words[next + 1]?.lower ?? "") ? next + 2 : next + 1;
    return { part: { kind: "run", count, test: "hex" }, next: last };
  }
  const kind = characterKindAt(words, next);
  return kind === undefined ? undefined : { part: { kind: "run", count, test: kind.test }, next: kind.next };
}

const NAMED = new Map([
  ["hyphen", "-"],
  ["dash", "-"],
  ["dot", "."],
  ["period", "."],
  ["colon", ":"],
  ["slash", "/"],
  ["underscore", "_"],
  ["hash", "#"],
]);

function formOf(text: string, parts: readonly Part[]): Term {
  const total = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  const tests = [`${text}.length() == ${total}`];
  let place = 0;
  for (const part of parts) {
    const size = sizeOf(part);
    const piece =
      size === total
        ? text
        : place === 0
          ? `${text}.take(${size})`
          : place + size === total
            ? `${text}.drop(${place})`
            : `${text}.slice(${place}, ${place + size})`;
    if (part.kind === "literal")
      tests.push(
        place === 0 ? `${text}.starts_with(${quoted(part.text)})` : `${piece} == ${quoted(part.text)}`,
      );
    else if (part.test === "hex")
      tests.push(`${piece}.to_lower().chars().all((c) => ${quoted(HEXADECIMAL)}.contains(c))`);
    else tests.push(`${piece}.${part.test}()`);
    place += size;
  }
  return truth(tests.join(" and "), 0.5);
}

function sizeOf(part: Part): number {
  return part.kind === "literal" ? [...part.text].length : part.count;
}
