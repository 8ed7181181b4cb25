import { BOOL, FLOAT, INT, STRING, type Type } from "#anrf/program/type.ts";
import { compareStrings, SortedMap, type Value } from "#anrf/program/value.ts";

/** A constant that a program may use. */
export interface Constant {
  readonly value: Value;
  readonly type: Type;
  /** Bits. */
  readonly cost: number;
}

/** A constant of the words, with how likely it is meant (0 to 1). */
export interface GivenConstant {
  readonly value: Value;
  readonly type: Type;
  readonly weight: number;
}

/** One shown case. */
export interface Case {
  readonly args: readonly Value[];
  readonly result: Value;
}

const MOST = 48;

/** The scalar constants of a task, cheapest first: the usual ones, those of the words and those of the examples. */
export function constantsOf(
  params: readonly Type[],
  result: Type,
  cases: readonly Case[],
  given: readonly GivenConstant[],
): readonly Constant[] {
  const found = new Map<string, Constant>();
  const add = (value: Value, type: Type, cost: number): void => {
    const key = `${type.text}:${String(value)}`;
    const known = found.get(key);
    if (known === undefined || known.cost > cost) found.set(key, { value, type, cost });
  };
  addUsual([...params, result], add);
  if (result.kind === "option") add(null, result, 3);
  for (const type of [result, ...params]) {
    if (type.kind === "list") add([], type, 4);
    if (type.kind === "map") add(SortedMap.EMPTY, type, 4);
  }
  for (const one of given) {
    const { value, type, weight } = one;
    add(value, type, isTold(one, cases) ? 8 : weight >= 0.75 ? 2 : weight >= 0.4 ? 3 : 4);
    if (type.kind === "int" && Number.isSafeInteger(value)) add(Number(value), FLOAT, 4);
  }
  const isTime = given.some(
    (one) => one.value === 60 || one.value === 24 || one.value === 3600 || one.value === 1440,
  );
  if (isTime) for (const value of [24, 60, 1440, 3600]) add(value, INT, 6);
  const outputs = cases.map((one) => atomsOf(one.result, result));
  const inputs = cases.map((one) => one.args.flatMap((arg, i) => atomsOf(arg, params[i] ?? result)));
  addInts(inputs, outputs, add);
  addFloats(outputs, add);
  addStrings(inputs, outputs, add);
  return [...found.values()].sort((a, b) => a.cost - b.cost).slice(0, MOST);
}

/** True for what the words most likely tell as an example: a number that is an input of one, a text that is its whole result. */
export function isTold({ value }: GivenConstant, cases: readonly Case[]): boolean {
  if (typeof value === "number")
    return Math.abs(value) > 10 && cases.some((one) => one.args.some((arg) => arg === value));
  if (typeof value !== "string" || value.length <= 3 || cases.length >= 4) return false;
  return cases.some((one) => one.result === value || one.args.some((arg) => arg === value));
}

type Add = (value: Value, type: Type, cost: number) => void;

function addUsual(types: readonly Type[], add: Add): void {
  for (const value of [0, 1]) add(value, INT, 2);
  add(2, INT, 3);
  for (const value of [-1, 3]) add(value, INT, 4);
  for (const value of [4, 5, 10]) add(value, INT, 5);
  for (const value of [6, 7, 8, 9]) add(value, INT, 6);
  add(true, BOOL, 4);
  add(false, BOOL, 4);
  if (types.some((type) => type.text.includes("float"))) {
    for (const value of [0, 1, 2]) add(value, FLOAT, 4);
    for (const value of [0.5, 10, 100]) add(value, FLOAT, 6);
  }
  for (const value of ["", " "]) add(value, STRING, 3);
}

/** All scalars inside a value. */
function atomsOf(value: Value, type: Type): Atom[] {
  switch (type.kind) {
    case "int":
      return [{ kind: "int", value: Number(value) }];
    case "float":
      return [{ kind: "float", value: Number(value) }];
    case "string":
      return [{ kind: "string", value: String(value) }];
    case "list":
      return Array.isArray(value) ? value.flatMap((item: Value) => atomsOf(item, type.item)) : [];
    case "tuple":
      return Array.isArray(value)
        ? value.flatMap((item: Value, i) => atomsOf(item, type.items[i] ?? type))
        : [];
    default:
      return [];
  }
}

type Atom =
  | { readonly kind: "int" | "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string };

/** Ints that outputs hold and the inputs of the same cases do not. */
function addInts(inputs: readonly Atom[][], outputs: readonly Atom[][], add: Add): void {
  const counts = new Map<number, number>();
  outputs.forEach((atoms, i) => {
    const known = new Set((inputs[i] ?? []).map((atom) => atom.value));
    const fresh = new Set(atoms.flatMap((atom) => (atom.kind === "int" ? [atom.value] : [])));
    for (const value of fresh) if (!known.has(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
  });
  if (outputs.length < 3) return;
  for (const [value, count] of counts) {
    const share = count / outputs.length;
    if (count >= 2) add(value, INT, share > 0.8 ? 4 : share > 0.4 ? 6 : 7);
  }
}

function addFloats(outputs: readonly Atom[][], add: Add): void {
  if (outputs.length < 3) return;
  const counts = new Map<number, number>();
  for (const atoms of outputs) {
    for (const value of new Set(atoms.flatMap((atom) => (atom.kind === "float" ? [atom.value] : [])))) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  for (const [value, count] of counts) if (count >= 2) add(value, FLOAT, 6);
}

const DELIMITER = /[^\p{L}\p{N}]/gu;

/** Delimiters that many inputs hold, whole short outputs that recur, and what outputs have in common. */
function addStrings(inputs: readonly Atom[][], outputs: readonly Atom[][], add: Add): void {
  const texts = inputs.map((atoms) => atoms.flatMap((atom) => (atom.kind === "string" ? [atom.value] : [])));
  const made = outputs.map((atoms) => atoms.flatMap((atom) => (atom.kind === "string" ? [atom.value] : [])));
  const delimiters = countIn(texts, (text) => text.match(DELIMITER) ?? []);
  for (const [delimiter, count] of delimiters) add(delimiter, STRING, count === texts.length ? 3 : 4);
  for (const [delimiter, count] of countIn(made, (text) => text.match(DELIMITER) ?? [])) {
    add(delimiter, STRING, count === made.length ? 3 : 4);
  }
  const pairs = countIn(texts, (text) => text.match(/[^\p{L}\p{N}]{2,3}/gu) ?? []);
  for (const [pair, count] of pairs) if (count * 2 >= texts.length) add(pair, STRING, 5);
  if (outputs.length < 2) return;
  for (const [text, count] of countIn(made, (text) => [text])) {
    if (count >= 2 && text.length <= 24) add(text, STRING, 4 + Math.min(4, text.length >> 2));
  }
  const affixes = countIn(
    made.map((list, i) => list.filter((text) => !(texts[i] ?? []).includes(text))),
    (text) => affixesOf(text),
  );
  for (const [affix, count] of affixes) {
    if (count === made.length && count > 1) add(affix, STRING, 5 + (affix.length >> 2));
  }
  const words = countIn(texts, (text) => text.match(/[\p{L}\p{N}]+/gu) ?? []);
  for (const [word, count] of words)
    if (count >= 2 && word.length <= 12) add(word, STRING, count * 2 >= texts.length ? 6 : 7);
}

function affixesOf(text: string): string[] {
  const found: string[] = [];
  for (let length = 1; length <= Math.min(6, text.length); length++) {
    found.push(text.slice(0, length), text.slice(-length));
  }
  return found;
}

/** In how many of the groups each piece stands, in the order of the pieces. */
function countIn(
  groups: readonly (readonly string[])[],
  pieces: (text: string) => readonly string[],
): [string, number][] {
  const counts = new Map<string, number>();
  for (const group of groups) {
    for (const piece of new Set(group.flatMap(pieces))) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || compareStrings(a[0], b[0]));
}
