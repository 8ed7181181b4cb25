import type { Value as ProtoValue } from "@bufbuild/protobuf/wkt";
import { jsonFromProto } from "#anrf/program/proto-json.ts";
import { type Type, typeParts } from "#anrf/program/type.ts";
import { parseType } from "#anrf/program/type-text.ts";
import { compareValues, type Value } from "#anrf/program/value.ts";
import { argsFromJson, valueFromJson } from "#anrf/program/value-json.ts";
import type { Fragment } from "#anrf/search/words.ts";
import { isChosenName } from "#anrf/text/words.ts";
import { type Example, Example_Origin } from "#gen/anrf/api/v1/example_pb.ts";
import type { Signature } from "#gen/anrf/api/v1/signature_pb.ts";
import {
  type Constant,
  Constant_Why,
  type Constraint,
  Constraint_Enforcement,
  Constraint_Kind,
  type Hint,
  type StructuredIntent,
} from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { invalidField, type Reason } from "#platform/rpc/error.ts";
import { type Clause, compileClause, readFragments } from "./clauses.ts";

/** One example with typed values. */
export interface TaskExample {
  readonly args: readonly Value[];
  readonly expected: { readonly value: Value } | { readonly trap: string };
  /** Floats may differ by this much. */
  readonly tolerance: number;
}

/** What a program is sought for: an intent with its types and values checked. */
export interface SynthTask {
  readonly name: string;
  /** Goal sentence; "" without words. */
  readonly summary: string;
  readonly params: readonly { readonly name: string; readonly type: Type }[];
  readonly result: Type;
  readonly examples: readonly TaskExample[];
  /** A program that breaks one is refused. */
  readonly clauses: readonly Clause[];
  /** They only rank. */
  readonly soft: readonly Clause[];
  /** Hints of one place in the words share a group: they are alternatives. */
  readonly hints: readonly { readonly builtin: string; readonly weight: number; readonly group: number }[];
  readonly constants: readonly { readonly value: Value; readonly type: Type; readonly weight: number }[];
  /** What pieces of the words say as expressions. */
  readonly fragments: readonly Fragment[];
  /** Questions that the analysis left open. */
  readonly ambiguities: number;
  readonly warnings: readonly string[];
}

/** A task, or the type that keeps this build from running any program for it. */
export type TaskReading =
  | { readonly task: SynthTask; readonly unsupported?: undefined }
  | { readonly unsupported: string; readonly task?: undefined };

const KNOWN_TRAPS = new Set(Object.keys(TrapCode).filter((name) => name !== "UNSPECIFIED"));
const PATH = "structuredIntent";
/** From this certainty on, a clause without a word on it is checked, and an example out of the words is given. */
const CERTAIN_FROM = 0.8;
const WEIGHTS: Readonly<Record<number, number>> = {
  [Constant_Why.NUMBER_WORD]: 0.8,
  [Constant_Why.QUOTED]: 0.9,
  [Constant_Why.NAMED_CHARACTER]: 0.7,
  [Constant_Why.CLASS]: 0.4,
};

/** Reads an intent as a task; what cannot be read is INVALID_ARGUMENT with its field. */
export function readTask(intent: StructuredIntent, constraints: readonly Constraint[]): TaskReading {
  const { name, params, result } = readSignature(intent.signature);
  const unsupported = [...params.map((param) => param.type), result].flatMap(unsupportedIn);
  if (unsupported[0] !== undefined) return { unsupported: unsupported[0] };
  const warnings: string[] = [];
  const read = intent.examples.flatMap((one, index) => {
    if (isCertain(one)) return [readExample(one, index, params, result)];
    warnings.push(`an example that the text may not have meant is left out: examples[${index}]`);
    return [];
  });
  const examples = distinct(read);
  if (intent.contextRefs.length > 0)
    warnings.push("functions of the stored context do not take part in the search");
  const { clauses, soft } = readClauses(constraints, params, result, warnings);
  return {
    task: {
      name,
      summary: intent.goal?.summary.trim() ?? "",
      params,
      result,
      examples,
      clauses,
      soft,
      hints: (intent.goal?.hints ?? []).map(readHint),
      constants: intent.constants.flatMap((one) => readConstant(one, warnings)),
      fragments: readFragments(intent.fragments, params),
      ambiguities: intent.ambiguities.length,
      warnings,
    },
  };
}

function refuse(field: string, description: string, reason: Reason): never {
  throw invalidField(field === "" ? PATH : `${PATH}.${field}`, description, reason);
}

function readSignature(signature: Signature | undefined): Pick<SynthTask, "name" | "params" | "result"> {
  if (signature === undefined || signature.returns === "") {
    return refuse(
      "signature",
      "is needed: say the types of the parameters and of the result",
      "SIGNATURE_INVALID",
    );
  }
  const name = signature.name === undefined || signature.name === "" ? "f" : signature.name;
  if (!isChosenName(name))
    refuse("signature.name", `${JSON.stringify(name)} is no identifier`, "SIGNATURE_INVALID");
  const taken = new Set<string>();
  const params = signature.params.map((param, index) => {
    const path = `signature.params[${index}]`;
    const own = param.name === "" ? `arg${index}` : param.name;
    if (!isChosenName(own))
      refuse(`${path}.name`, `${JSON.stringify(own)} is no identifier`, "SIGNATURE_INVALID");
    if (taken.has(own)) refuse(`${path}.name`, `${own} names two parameters`, "SIGNATURE_INVALID");
    taken.add(own);
    return { name: own, type: readType(param.type, `${path}.type`) };
  });
  return { name, params, result: readType(signature.returns, "signature.returns") };
}

function readType(text: string, path: string): Type {
  const type = parseType(text);
  return "error" in type ? refuse(path, `${type.error} (at ${type.at})`, "SIGNATURE_INVALID") : type;
}

/** The parts of a type that programs of this build are not searched for. */
function unsupportedIn(type: Type): readonly string[] {
  if (["unit", "decimal", "date", "function", "record", "variant", "var"].includes(type.kind))
    return [type.text];
  return typeParts(type).flatMap(unsupportedIn);
}

/** Examples that were read out of words count from a certainty on; what somebody gave counts in any case. */
function isCertain({ origin, certainty }: Example): boolean {
  return origin !== Example_Origin.TEXT || certainty === undefined || certainty >= CERTAIN_FROM;
}

function readExample(
  example: Example,
  index: number,
  params: SynthTask["params"],
  result: Type,
): TaskExample & { readonly index: number } {
  const path = `examples[${index}]`;
  const json = example.inputs === undefined ? undefined : jsonFromProto(example.inputs);
  if (json === undefined) return refuse(`${path}.inputs`, "nests more than 32 levels", "INPUT_TOO_DEEP");
  const reading = argsFromJson(json, params);
  if (reading.problem !== undefined) {
    return refuse(`${path}.${reading.problem.path}`, reading.problem.message, "EXAMPLE_INVALID");
  }
  const common = { index, args: reading.args, tolerance: example.tolerance ?? 0 };
  const { expected } = example;
  switch (expected.case) {
    case "trap":
      if (expected.value !== "ANY" && !KNOWN_TRAPS.has(expected.value))
        refuse(`${path}.trap`, `${expected.value} is no trap`, "EXAMPLE_INVALID");
      return { ...common, expected: { trap: expected.value } };
    case "output":
      return { ...common, expected: { value: readOutput(expected.value, result, path) } };
    case undefined:
      return refuse(path, "says neither output nor trap", "EXAMPLE_INVALID");
    default:
      throw new Error(`unreachable: ${expected satisfies never}`);
  }
}

function readOutput(output: ProtoValue, type: Type, path: string): Value {
  const json = jsonFromProto(output);
  if (json === undefined) return refuse(`${path}.output`, "nests more than 32 levels", "INPUT_TOO_DEEP");
  const reading = valueFromJson(json, type, undefined, "output");
  if (reading.problem === undefined) return reading.value;
  return refuse(`${path}.${reading.problem.path}`, reading.problem.message, "EXAMPLE_INVALID");
}

/** Each input once; equal inputs with two outcomes are refused. */
function distinct(examples: readonly (TaskExample & { readonly index: number })[]): readonly TaskExample[] {
  const sorted = [...examples].sort((a, b) => compareValues(a.args, b.args) || a.index - b.index);
  const kept: (TaskExample & { readonly index: number })[] = [];
  for (const example of sorted) {
    const last = kept.at(-1);
    if (last === undefined || compareValues(last.args, example.args) !== 0) kept.push(example);
    else if (!sameExpected(last, example)) {
      const [first, second] = [last.index, example.index].sort((a, b) => a - b);
      refuse(
        `examples[${second}]`,
        `contradicts examples[${first}]: equal inputs with another outcome; remove one of them`,
        "EXAMPLES_CONTRADICT",
      );
    }
  }
  return kept
    .sort((a, b) => a.index - b.index)
    .map(({ args, expected, tolerance }) => ({ args, expected, tolerance }));
}

function sameExpected(a: TaskExample, b: TaskExample): boolean {
  if ("trap" in a.expected || "trap" in b.expected) {
    const traps = [a, b].map(({ expected }) => ("trap" in expected ? expected.trap : undefined));
    return traps[0] === traps[1] || (!traps.includes(undefined) && traps.includes("ANY"));
  }
  return compareValues(a.expected.value, b.expected.value) === 0;
}

/** Beyond the places of any text: a hint without a place stands for itself. */
const NO_PLACE = 1_000_000;

function readHint({ builtin, weight, span }: Hint, index: number): SynthTask["hints"][number] {
  const hasPlace = span !== undefined && span.end > span.start;
  return { builtin, weight, group: hasPlace ? span.start : NO_PLACE + index };
}

function readConstant(constant: Constant, warnings: string[]): SynthTask["constants"] {
  const type = parseType(constant.type);
  const json = constant.value === undefined ? undefined : jsonFromProto(constant.value);
  if ("error" in type || json === undefined) return [];
  const reading = valueFromJson(json, type);
  if (reading.problem !== undefined) {
    warnings.push(`a constant was left out: ${reading.problem.message}`);
    return [];
  }
  if (typeParts(type).length > 0 || unsupportedIn(type).length > 0) return [];
  return [{ value: reading.value, type, weight: WEIGHTS[constant.why] ?? 0.5 }];
}

function readClauses(
  constraints: readonly Constraint[],
  params: SynthTask["params"],
  result: Type,
  warnings: string[],
): { readonly clauses: readonly Clause[]; readonly soft: readonly Clause[] } {
  const clauses: Clause[] = [];
  const soft: Clause[] = [];
  const locals = { params, result: { name: "", type: result } };
  constraints.forEach((constraint, at) => {
    if (constraint.kind === Constraint_Kind.STYLE) return;
    const level = enforcementOf(constraint);
    if (level === Constraint_Enforcement.UNSUPPORTED) {
      warnings.push(`a constraint is not checked: ${constraint.text}`);
      return;
    }
    constraint.clauses.forEach((text, index) => {
      const kind = constraint.kind === Constraint_Kind.PRECONDITION ? "requires" : "ensures";
      const isCase = constraint.kind === Constraint_Kind.CASE;
      const clause: Clause = { kind, text, label: constraint.text, isCase };
      const made = compileClause(clause, locals);
      const isChecked = level === Constraint_Enforcement.CHECKED;
      if (!("error" in made)) (isChecked ? clauses : soft).push(clause);
      else if (isChecked) {
        const path = `constraints[${at}].clauses[${index}]`;
        throw invalidField(path, `does not compile: ${made.error}`, "CONSTRAINT_INVALID");
      }
    });
  });
  return { clauses, soft };
}

function enforcementOf({ enforced, certainty, clauses }: Constraint): Constraint_Enforcement {
  if (enforced !== Constraint_Enforcement.ENFORCEMENT_UNSPECIFIED) return enforced;
  if (clauses.length === 0) return Constraint_Enforcement.UNSUPPORTED;
  return certainty >= CERTAIN_FROM ? Constraint_Enforcement.CHECKED : Constraint_Enforcement.SOFT;
}
