import { INT, STRING } from "#anrf/program/type.ts";
import { namesOf, operand, quoted, type Term, type Variable, type View } from "./terms.ts";
import type { Token } from "./tokens.ts";
import { type Row, type Shown, spokenFields, type Target, variableOf } from "./views.ts";

/** A sample of a form: what varies, with what stands between. */
type Piece =
  | { readonly kind: "number"; readonly width: number; readonly isPadded: boolean }
  | { readonly kind: "text"; readonly text: string };

/** Numbers that a larger unit holds of a smaller one. */
const RADICES: readonly number[] = [60, 100, 24, 7, 12, 10, 1000];
const MOST_TEMPLATES = 4;

function piecesOf(sample: string): readonly Piece[] {
  return (sample.match(/\d+|\D+/gu) ?? []).map(
    (text): Piece =>
      /^\d/u.test(text)
        ? { kind: "number", width: text.length, isPadded: text.length > 1 && text.startsWith("0") }
        : { kind: "text", text },
  );
}

/**
 * How a text is written that a sample shows, such as '3:07' or '12.05 EUR': the numbers of the sample are parts of one
 * parameter, or one parameter each.
 */
export function formatsOf(words: readonly Token[], view: View, samples: readonly string[]): readonly Term[] {
  const numbers = view.variables.filter(({ type }) => type.kind === "int");
  const found: Term[] = [];
  const wide = words.some(
    (word, at) => /^(?:two)$/u.test(word.lower) && /^(?:digit|figure)/u.test(words[at + 1]?.lower ?? ""),
  );
  const seen = new Set<string>();
  for (const sample of samples) {
    const pieces = piecesOf(sample);
    const shape = pieces.map((piece) => (piece.kind === "text" ? piece.text : "0")).join("");
    const count = pieces.filter((piece) => piece.kind === "number").length;
    if (seen.has(shape) || count === 0 || count > 3 || pieces.length < 2 || seen.size >= MOST_TEMPLATES)
      continue;
    seen.add(shape);
    for (const values of valuesOf(
      count,
      numbers.map(({ text }) => text),
      words,
    )) {
      for (const isPadded of [false, true])
        found.push(written(pieces, values.parts, values.bits, isPadded, wide));
    }
  }
  return found;
}

/** The ways that so many numbers follow from the parameters. */
function* valuesOf(
  count: number,
  numbers: readonly string[],
  words: readonly Token[],
): Generator<{ readonly parts: readonly string[]; readonly bits: number }> {
  if (numbers.length === count) yield { parts: numbers, bits: 0.5 };
  const isUnit = (radix: number): boolean =>
    words.some((word) => (UNITS.get(radix) ?? /^$/u).test(word.lower));
  if (count === 2) {
    for (const number of numbers)
      for (const radix of RADICES)
        yield { parts: [`${number} // ${radix}`, `${number} % ${radix}`], bits: isUnit(radix) ? 0.8 : 2 };
  }
  if (count === 3)
    for (const number of numbers)
      yield { parts: [`${number} // 3600`, `${number} // 60 % 60`, `${number} % 60`], bits: 1 };
}

const UNITS = new Map([
  [60, /^(?:minutes?|hours?|seconds?|clock|time)$/u],
  [100, /^(?:cents?|percent|pence|euros?|dollars?|metres?|meters?|centimet)/u],
  [24, /^(?:hours?|days?)$/u],
  [7, /^(?:days?|weeks?)$/u],
  [12, /^(?:months?|years?|dozens?|inches|feet)$/u],
  [1000, /^(?:grams?|kilo|metres?|meters?|milli)/u],
]);

function written(
  pieces: readonly Piece[],
  values: readonly string[],
  bits: number,
  isPadded: boolean,
  isWide: boolean,
): Term {
  let index = 0;
  let cost = bits;
  const parts = pieces.map((piece) => {
    if (piece.kind === "text") return quoted(piece.text);
    const value = `${operand(values[index] ?? "0")}.to_string()`;
    const isFirst = index === 0;
    index++;
    const pads = isPadded && (piece.isPadded || (!isFirst && piece.width === 2));
    if (isPadded && !isFirst && !piece.isPadded && !isWide) cost += 0.3;
    return pads ? `${value}.pad_start(${piece.width}, "0")` : value;
  });
  if (!isPadded && (isWide || pieces.some((piece) => piece.kind === "number" && piece.isPadded))) cost += 1;
  return { text: parts.join(" + "), type: STRING, bits: cost };
}

/** The parts of a text of a form that samples show: 'Lovelace, Ada' has two texts, '3x4' two numbers, '07:45' a time. */
export function partsOf(words: readonly Token[], view: View, inputs: readonly string[]): readonly Term[] {
  const texts = view.variables.filter(({ type }) => type.kind === "string");
  const found: Term[] = [];
  const seen = new Set<string>();
  for (const form of [...spokenForms(words), ...sharedForms(inputs)]) {
    const key = form.separators.join("|");
    if (seen.has(key) || seen.size >= MOST_TEMPLATES) continue;
    seen.add(key);
    for (const { text } of texts) found.push(...piecesIn(text, form));
  }
  return found;
}

/** What varies in a sample, and what stands between. */
interface Form {
  readonly parts: readonly string[];
  readonly separators: readonly string[];
}

/** By characters that are no letters and digits, and by what is no digit. */
function formsOf(sample: string): readonly Form[] {
  return [/[\p{L}\p{N}_]+|[^\p{L}\p{N}_]+/gu, /\d+|\D+/gu].flatMap((pattern): Form[] => {
    const pieces = sample.match(pattern) ?? [];
    const separators = pieces.filter((_, at) => at % 2 === 1);
    const isForm = (pieces.length === 3 || pieces.length === 5) && new Set(separators).size === 1;
    if (!isForm || separators.some((text) => text.length > 5)) return [];
    return [{ parts: pieces.filter((_, at) => at % 2 === 0), separators }];
  });
}

/** "written like '3x4'", "a date such as '2024-03-17'". */
function spokenForms(words: readonly Token[]): readonly Form[] {
  return words.flatMap((word, at) => {
    const before = words.slice(Math.max(0, at - 4), at);
    const isShown = before.some((one) =>
      /^(?:like|as|form|format|written|from|example|looks?)$/u.test(one.lower),
    );
    return word.kind === "string" && isShown ? formsOf(word.text.slice(1, -1)) : [];
  });
}

/** The forms that all inputs have. */
function sharedForms(inputs: readonly string[]): readonly Form[] {
  const [first, ...others] = inputs;
  if (first === undefined) return [];
  return formsOf(first).filter(({ separators }) =>
    others.every((other) =>
      formsOf(other).some((form) => form.separators.join("|") === separators.join("|")),
    ),
  );
}

function piecesIn(text: string, { parts, separators }: Form): readonly Term[] {
  const [separator = ""] = separators;
  const pieces = parts.map((_, at) => `${text}.split(${quoted(separator)})[${at}]`);
  const numbers = pieces.map((piece) => `Int.parse(${piece}).unwrap()`);
  const isNumber = parts.map((part) => /^\d+$/u.test(part));
  const found: Term[] = pieces.flatMap((piece, at) => [
    { text: piece, type: STRING, bits: 1.2 },
    ...(isNumber[at] === true ? [{ text: numbers[at] ?? "", type: INT, bits: 1 }] : []),
  ]);
  if (separator === ":" && isNumber.every((one) => one)) {
    const [a = "", b = "", c] = numbers;
    const time = c === undefined ? `${a} * 60 + ${b}` : `${a} * 3600 + ${b} * 60 + ${c}`;
    found.push({ text: time, type: INT, bits: 0.8 });
  }
  return found;
}

/** What parts the entries of a text, by the places where they are sought. */
const ENTRY_ENDS: readonly string[] = ["\n", ";", ",", "&", "|"];

/**
 * The entries of a text, or of a list of texts, from within: '4 nails, 7 screws' has entries of a number and a text.
 * Entries that have another form are left out.
 */
export function formedRows(
  words: readonly Token[],
  target: Target,
  shown: Shown,
  isCaseless: boolean,
): readonly Row[] {
  const quotedTexts = words.flatMap((word) => (word.kind === "string" ? [word.text.slice(1, -1)] : []));
  return target.params.flatMap((source): readonly Row[] => {
    const { name, type } = source;
    const given = target.params.filter((param) => param !== source).map(variableOf);
    const common = { given, givesTexts: false, isCaseless };
    if (type.kind === "list" && type.item.kind === "string")
      return rowsOfForm(words, source, name, shown.items, common);
    if (type.kind !== "string") return [];
    return ENTRY_ENDS.flatMap((end): readonly Row[] => {
      const entries = [...shown.inputs, ...quotedTexts]
        .filter((text) => text.includes(end))
        .flatMap((text) => text.split(end));
      const list = `${name}.split(${quoted(end)}).map((part) => part.trim())`;
      return rowsOfForm(
        words,
        source,
        list,
        entries.map((text) => text.trim()),
        common,
      );
    });
  });
}

function rowsOfForm(
  words: readonly Token[],
  source: Row["source"],
  all: string,
  entries: readonly string[],
  common: Omit<View, "variables">,
): readonly Row[] {
  const votes = new Map<string, Form[]>();
  for (const entry of entries)
    for (const form of formsOf(entry).slice(0, 1))
      votes.set(form.separators.join("|"), [...(votes.get(form.separators.join("|")) ?? []), form]);
  const [most] = [...votes.values()].sort((a, b) => b.length - a.length);
  const [first] = most ?? [];
  if (most === undefined || first === undefined || most.length < 2 || most.length * 2 < entries.length)
    return [];
  const binder = source.name === "entry" ? "one_entry" : "entry";
  const [separator = ""] = first.separators;
  const pieces = separator === " " ? `${binder}.split_whitespace()` : `${binder}.split(${quoted(separator)})`;
  const fields = spokenFields(words, first.parts.length);
  const variables = first.parts.map((_, at): Variable => {
    const part = `${pieces}[${at}].trim()`;
    const isNumber = most.every((form) => /^\d+$/u.test(form.parts[at] ?? ""));
    const names = namesOf(fields?.[at] ?? (isNumber ? "number amount" : "name"));
    return isNumber
      ? { text: `Int.parse(${part}).unwrap()`, type: INT, names }
      : { text: part, type: STRING, names };
  });
  const tests = first.parts.flatMap((_, at) =>
    variables[at]?.type.kind === "int" ? [`Int.parse(${pieces}[${at}].trim()).is_some()`] : [],
  );
  const isForm = [`${pieces}.length() == ${first.parts.length}`, ...tests].join(" and ");
  const isWhole = most.length === entries.length;
  const list = isWhole ? all : `${all}.filter((${binder}) => ${isForm})`;
  return [{ list, binder, source, item: STRING, view: { ...common, variables, list } }];
}
