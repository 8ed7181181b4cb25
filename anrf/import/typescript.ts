import { importModule } from "./import.ts";
import type { ImportOptions, ImportResult } from "./python.ts";
import { RefusalError } from "./source/refusal.ts";
import type { FunctionSource, ModuleSource, Source, Statement } from "./source/source.ts";
import { TYPESCRIPT } from "./typescript-meaning/meaning.ts";
import { readTypeScript, tupleLengths } from "./typescript-syntax/read.ts";

/** What `number` stands for in parameters, in the items of containers among them, and in results. */
interface Numbers {
  readonly scalar: "int" | "float";
  readonly item: "int" | "float";
  readonly result: "int" | "float";
}

const INTS: readonly Numbers[] = [
  { scalar: "int", item: "int", result: "int" },
  { scalar: "int", item: "int", result: "float" },
  { scalar: "float", item: "float", result: "float" },
];
/** Where the source has fractions: as many floats as can be. */
const FLOATS: readonly Numbers[] = [
  { scalar: "float", item: "float", result: "float" },
  { scalar: "int", item: "float", result: "float" },
  { scalar: "int", item: "int", result: "float" },
];

/**
 * Reads a function of TypeScript and what it calls as a program, or refuses it: its meaning is never changed. `number`
 * is what the signature says; without one it is int, and float where the source divides or has fractions.
 */
export function importTypeScript(source: string, options: ImportOptions = {}): ImportResult {
  let first: ImportResult | undefined;
  for (const asTuples of tupleLengths(source).size > 0 ? [false, true] : [false]) {
    const module = read(source, asTuples);
    if ("ok" in module) return module;
    for (const numbers of hasFractions(module) ? FLOATS : INTS) {
      const made = importModule(withNumbers(module, numbers), TYPESCRIPT, options);
      if (made.ok) return { ...made, notes: [...made.notes, ...notesOf(numbers)] };
      first ??= made;
    }
  }
  if (first === undefined) throw new Error("there is no reading of number to try");
  return first;
}

function read(source: string, asTuples: boolean): ModuleSource | (ImportResult & { ok: false }) {
  try {
    return readTypeScript(source, asTuples);
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    return { ok: false, refusals: [error.refusal] };
  }
}

function notesOf({ scalar, item, result }: Numbers): readonly string[] {
  if (scalar === "float" && item === "float" && result === "float") return [];
  return [
    "number is read as int where it can be: past 2^53 an int keeps its digits, and past 2^63 it ends the program",
  ];
}

/** Division, fractions, and functions that make them. */
function hasFractions(module: ModuleSource): boolean {
  const visit = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(visit);
    if (typeof value !== "object" || value === null) return false;
    const node = value as {
      readonly kind?: string;
      readonly op?: string;
      readonly name?: string;
      readonly right?: Source;
    };
    if (node.kind === "float") return true;
    if ((node.kind === "binary" || node.kind === "augment") && node.op === "/") return true;
    if (node.kind === "binary" && node.op === "**" && node.right?.kind !== "int") return true;
    const isMaker =
      node.kind === "name" &&
      /^(Math\.(sqrt|exp|log|PI|E|pow)|Number|parseFloat|Infinity|NaN|Number\.(POSITIVE|NEGATIVE)_INFINITY)$/.test(
        node.name ?? "",
      );
    if (isMaker || (node.kind === "attr" && node.name === "toFixed")) return true;
    return Object.values(value).some(visit);
  };
  return [...module.functions, ...module.constants].some(visit);
}

/** The module with `number` as int or float in every annotation. */
function withNumbers(module: ModuleSource, numbers: Numbers): ModuleSource {
  const inFunction = (fn: FunctionSource): FunctionSource => ({
    ...fn,
    params: fn.params.map((param) =>
      param.annotation === undefined
        ? param
        : { ...param, annotation: typed(param.annotation, numbers.scalar, numbers.item) },
    ),
    ...(fn.returns === undefined ? {} : { returns: typed(fn.returns, numbers.result, numbers.result) }),
    body: inBody(fn.body),
  });
  const inBody = (body: readonly Statement[]): readonly Statement[] => body.map(inStatement);
  const inStatement = (one: Statement): Statement => {
    switch (one.kind) {
      case "assign":
        return one.annotation === undefined ? one : { ...one, annotation: local(one.annotation) };
      case "declare":
        return { ...one, annotation: local(one.annotation) };
      case "if":
        return { ...one, yes: inBody(one.yes), other: inBody(one.other) };
      case "while":
      case "for":
        return { ...one, body: inBody(one.body) };
      case "def":
        return { ...one, fn: inFunction(one.fn) };
      default:
        return one;
    }
  };
  const local = (annotation: Source): Source => owned(typed(annotation, numbers.scalar, numbers.item));
  return {
    ...module,
    functions: module.functions.map(inFunction),
    constants: module.constants.map((one) =>
      one.annotation === undefined ? one : { ...one, annotation: local(one.annotation) },
    ),
  };
}

/** An annotation with `number` by name: outside of containers the one, inside the other. */
function typed(source: Source, scalar: string, item: string): Source {
  switch (source.kind) {
    case "name":
      return source.name === "number" ? { ...source, name: scalar } : source;
    case "index":
      return { ...source, index: typedParts(source.target, source.index, item) };
    case "tuple":
      return { ...source, items: source.items.map((one) => typed(one, item, item)) };
    case "binary":
      return { ...source, left: typed(source.left, scalar, item), right: typed(source.right, scalar, item) };
    default:
      return source;
  }
}

/** What a container holds; keys are ints. */
function typedParts(target: Source, index: Source, item: string): Source {
  const name = target.kind === "name" ? target.name : "";
  if (name.endsWith("Set")) return typed(index, "int", "int");
  const isMap = ["Map", "ReadonlyMap", "Record"].includes(name);
  if (!isMap || index.kind !== "tuple") return typed(index, item, item);
  return {
    ...index,
    items: index.items.map((one, i) => (i === 0 ? typed(one, "int", "int") : typed(one, item, item))),
  };
}

/** The type of a local: what it holds is put in by the function itself, so its order is known. */
function owned(source: Source): Source {
  switch (source.kind) {
    case "index": {
      const isMap = source.target.kind === "name" && source.target.name === "Map";
      return {
        ...source,
        index: owned(source.index),
        ...(isMap ? { target: { ...source.target, name: "Map.own" } as Source } : {}),
      };
    }
    case "tuple":
      return { ...source, items: source.items.map(owned) };
    case "binary":
      return { ...source, left: owned(source.left), right: owned(source.right) };
    default:
      return source;
  }
}
