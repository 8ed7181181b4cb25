import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Type } from "#anrf/program/type.ts";
import { parseType, type TypeNames } from "#anrf/program/type-text.ts";
import type { Example, ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import type { SignatureSchema } from "#gen/anrf/api/v1/signature_pb.ts";
import type { StructuredIntent } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { type FieldViolation, invalid, invalidField } from "#platform/rpc/error.ts";
import { ambiguities, contradictionsOf } from "./ambiguities.ts";
import { constants } from "./constants.ts";
import { constraints, type Rule } from "./constraints.ts";
import type { StoredContext } from "./context.ts";
import { tolerance } from "./cues.ts";
import { codeSignature, type Found, findExamples } from "./examples.ts";
import { goal } from "./goal.ts";
import { type Literal, literalKey } from "./literals.ts";
import { intentMessage, literalFromValue } from "./message.ts";
import { fits, leastType } from "./shapes.ts";
import { isIdentifier, type Plain, type Sources, type Unified, unify } from "./types.ts";
import { blanked, type Mention, mentions, openings, type Place, tokens, withoutOpening } from "./words.ts";

/** What a request gives beside its text. */
export interface Given {
  readonly signature?: MessageInitShape<typeof SignatureSchema> | undefined;
  readonly examples?: readonly Example[] | undefined;
  /** Sentences, or ANRF clauses over the parameters and `result`. */
  readonly constraints?: readonly string[] | undefined;
  readonly languageTag?: string | undefined;
  readonly context?: StoredContext | undefined;
  /** Said once in the answer: why a context could not be used. */
  readonly warnings?: readonly string[] | undefined;
}

/** One example, aligned with the parameters. */
export interface Row {
  readonly inputs: readonly Literal[];
  readonly output: Literal | undefined;
  readonly trap: string | undefined;
  readonly origin: "REQUEST" | "TEXT" | "CONTEXT";
  readonly certainty: number;
  readonly tolerance?: number | undefined;
  readonly place?: Place;
}

/** What could not be used, with the words that it is about. */
export interface Notice {
  readonly message: string;
  readonly place?: Place;
}

/** The most examples that one intent holds. */
export const MAX_EXAMPLES = 1000;

/** The most code points of a text. */
export const MAX_CODE_POINTS = 20_000;

/**
 * Understands an intent (generation.md §2): the passes in their order, without model, clock or randomness. Every part
 * of the answer that stands in the text has its span. A request that cannot be understood is an RpcError
 * INVALID_ARGUMENT with the field.
 */
export function analyze(inputText: string, given: Given = {}): StructuredIntent {
  refuseUnreadable(inputText, given);
  const signature = readSignature(given);
  const found = findExamples(inputText);
  const code = codeSignature(blanked(inputText, found));
  const hidden: Place[] = [...found, ...(code === undefined ? [] : [code])];
  const words = withoutOpening(blanked(inputText, hidden)).toLowerCase();
  const spoken = mentions(tokens(inputText, [...hidden, ...openings(inputText)]));
  const notices: Notice[] = (given.warnings ?? []).map((message) => ({ message }));
  for (const message of given.context?.warnings ?? []) notices.push({ message });
  const names = parameterNames(signature, code, given);
  const aligned = alignedRows(given, found, names, spokenInputs(spoken), notices);
  refuseUntyped(aligned, signature);
  const telling = tellingRows(aligned.rows);
  const base: Sources = {
    ...(signature === undefined ? {} : { given: signature }),
    ...(code === undefined ? {} : { code }),
    ...(telling.length === 0 ? {} : { columns: columnsOf(telling) }),
    outputs: outputsOf(telling),
    names: aligned.names,
    mentions: spoken,
    words,
    ...(given.context?.signature === undefined ? {} : { context: given.context.signature }),
  };
  const unified = unify(base);
  const rows = fittingRows(aligned.rows, unified, signature !== undefined, notices);
  return assembled(inputText, given, { unified, rows, words, hidden, notices });
}

const MAX_RULES = 200;

interface Pieces {
  readonly unified: Unified;
  readonly rows: readonly Row[];
  readonly words: string;
  readonly hidden: readonly Place[];
  readonly notices: Notice[];
}

function assembled(text: string, given: Given, pieces: Pieces): StructuredIntent {
  const { unified, rows, words, hidden, notices } = pieces;
  const visible = tokens(text, hidden);
  const types = [...unified.params.map((param) => param.type), unified.returns.type];
  const names = new Set(unified.params.map((param) => param.name));
  const scope = { params: unified.params.map(clauseName), returns: unified.returns.type };
  const rules = [
    ...(given.constraints ?? []).flatMap((sentence) => givenRules(sentence, scope)),
    ...constraints(text, scope, hidden),
  ]
    .slice(0, MAX_RULES)
    .map((rule) => obeyed(rule, rows, notices));
  const close = tolerance(text);
  const aim = goal(text, visible, types, hidden);
  const contradictions = contradictionsOf(rows);
  return intentMessage({
    text,
    // The lexicon is English: a text that it understands is.
    languageTag: given.languageTag || (aim.hints.length > 0 ? "en" : "und"),
    unified,
    rows: rows.map((row) =>
      close === undefined || row.output?.kind !== "number"
        ? row
        : { ...row, tolerance: row.tolerance ?? close },
    ),
    goal: withDoc(aim, given.context),
    rules,
    constants: constants(visible, names),
    questions: ambiguities({ text, words, unified, contradictions, exampleCount: rows.length }),
    ...(given.context === undefined ? {} : { context: given.context }),
    notices,
  });
}

function withDoc(aim: ReturnType<typeof goal>, context: StoredContext | undefined): ReturnType<typeof goal> {
  return aim.summary === "" && context !== undefined && context.doc !== ""
    ? { ...aim, summary: context.doc }
    : aim;
}

function refuseUnreadable(text: string, given: Given): void {
  if (!text.isWellFormed()) {
    throw invalidField("inputText", "holds half of a character (a lone surrogate); send valid Unicode");
  }
  if (text.includes("\0")) throw invalidField("inputText", "holds the character U+0000; leave it out");
  const length = text.length > MAX_CODE_POINTS ? [...text].length : text.length;
  if (length > MAX_CODE_POINTS) {
    throw invalidField("inputText", `has ${length} characters; at most ${MAX_CODE_POINTS} are read`);
  }
  const spoken =
    (given.examples?.length ?? 0) > 0 ||
    given.signature !== undefined ||
    given.context?.signature !== undefined;
  if (text.trim() === "" && !spoken) {
    throw invalidField(
      "inputText",
      "says nothing: write a sentence, or give an example or a signature",
      "INTENT_EMPTY",
    );
  }
  for (const [at, sentence] of (given.constraints ?? []).entries()) {
    if (!sentence.isWellFormed() || sentence.includes("\0"))
      throw invalidField(`constraints[${at}]`, "is no valid text");
  }
}

/** The request's signature with its types read; every wrong part is reported at once. */
function readSignature(given: Given): Plain | undefined {
  const { signature } = given;
  if (signature === undefined) return undefined;
  const violations: FieldViolation[] = [];
  const names: TypeNames = { records: given.context?.records ?? new Set<string>() };
  const read = (text: string | undefined, field: string): Type | undefined => {
    if (text === undefined || text.trim() === "") return undefined;
    const type = parseType(text, names);
    if (!("error" in type)) return type;
    violations.push({ field, description: `cannot read the type ${JSON.stringify(text)}: ${type.error}` });
    return undefined;
  };
  const seen = new Set<string>();
  const params = (signature.params ?? []).map((param, at) => {
    const name = param.name === undefined || param.name === "" ? `arg${at}` : param.name;
    if (!isIdentifier(name)) {
      violations.push({
        field: `signature.params[${at}].name`,
        description: `${JSON.stringify(name)} is no identifier`,
      });
    } else if (seen.has(name)) {
      violations.push({
        field: `signature.params[${at}].name`,
        description: `two parameters are called ${JSON.stringify(name)}`,
      });
    }
    seen.add(name);
    const type = read(param.type, `signature.params[${at}].type`);
    return type === undefined ? { name } : { name, type };
  });
  const returns = read(signature.returns, "signature.returns");
  if (violations.length > 0) throw invalid(violations, "SIGNATURE_INVALID");
  const name = signature.name === undefined || signature.name === "" ? {} : { name: signature.name };
  return { ...name, params, ...(returns === undefined ? {} : { returns }) };
}

function parameterNames(
  signature: Plain | undefined,
  code: Plain | undefined,
  given: Given,
): readonly string[] | undefined {
  const known = signature ?? code ?? given.context?.signature;
  return known?.params.map((param) => param.name);
}

/** How many inputs the words speak of. */
function spokenInputs(spoken: readonly Mention[]): number {
  return spoken.reduce(
    (sum, one) => sum + (one.role === "in" ? Math.max(one.count, one.names.length) : 0),
    0,
  );
}

interface Aligned {
  readonly rows: readonly Row[];
  readonly names: readonly string[];
}

interface Loose extends Omit<Row, "inputs"> {
  readonly args: readonly Literal[];
  /** Names of the arguments, all of them or none. */
  readonly names: readonly string[];
  readonly call: boolean;
  readonly field: string;
}

/** Brings all examples into the order of the parameters. Those of the request must fit; others are left out with a notice. */
function alignedRows(
  given: Given,
  found: readonly Found[],
  known: readonly string[] | undefined,
  spoken: number,
  notices: Notice[],
): Aligned {
  const all = [
    ...(given.examples ?? []).map(requestExample),
    ...storedExamples(given.context),
    ...textExamples(found, spoken),
  ];
  const loose = all.slice(0, MAX_EXAMPLES);
  if (all.length > MAX_EXAMPLES)
    notices.push({ message: `only the first ${MAX_EXAMPLES} of ${all.length} examples were read` });
  const named = loose.find((one) => one.names.length > 0)?.names;
  const names = known ?? named ?? [];
  const count = known?.length ?? arity(loose);
  const rows: Row[] = [];
  for (const one of loose) {
    const inputs = ordered(one, names, count);
    if (inputs !== undefined) rows.push({ ...one, inputs });
    else if (one.origin === "REQUEST") throw misaligned(one, names, count);
    else {
      const message = `an example was left out: it has ${one.args.length} input${one.args.length === 1 ? "" : "s"}, the function ${count}`;
      notices.push({ message, ...(one.place === undefined ? {} : { place: one.place }) });
    }
  }
  return { rows, names: known === undefined ? (named ?? []) : [] };
}

/** The number of inputs that most examples have; those of the request, then calls, count first. */
function arity(loose: readonly Loose[]): number | undefined {
  const request = loose.filter((one) => one.origin === "REQUEST");
  const calls = loose.filter((one) => one.call);
  const voters = request.length > 0 ? request : calls.length > 0 ? calls : loose;
  const votes = new Map<number, number>();
  for (const one of voters) votes.set(one.args.length, (votes.get(one.args.length) ?? 0) + 1);
  return [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0];
}

function ordered(
  one: Loose,
  names: readonly string[],
  count: number | undefined,
): readonly Literal[] | undefined {
  if (one.names.length > 0 && names.length > 0) {
    const byName = names.map((name) => one.args[one.names.indexOf(name)]);
    if (one.names.length === names.length && byName.every((value) => value !== undefined)) return byName;
    if (one.origin === "REQUEST") return undefined;
  }
  if (count === undefined || one.args.length === count) return one.args;
  if (one.origin === "REQUEST" || one.call) return undefined;
  // Several values on the left are several arguments if the signature says so, else one tuple.
  if (count === 1) return [{ kind: "tuple", items: one.args }];
  const [only] = one.args;
  return one.args.length === 1 && only?.kind === "tuple" && only.items.length === count
    ? only.items
    : undefined;
}

function misaligned(one: Loose, names: readonly string[], count: number | undefined): Error {
  const wanted = names.length > 0 ? names.join(", ") : `${count ?? 0} by position`;
  const got = one.names.length > 0 ? one.names.join(", ") : `${one.args.length} by position`;
  return invalidField(
    `${one.field}.inputs`,
    `does not fit the parameters: wanted ${wanted}; got ${got}`,
    "EXAMPLE_INVALID",
  );
}

function requestExample(example: MessageInitShape<typeof ExampleSchema> & Example, at: number): Loose {
  const field = `examples[${at}]`;
  const inputs =
    example.inputs === undefined ? undefined : literalFromValue(example.inputs, `${field}.inputs`, 0);
  if (inputs?.kind !== "list" && inputs?.kind !== "map") {
    throw invalidField(
      `${field}.inputs`,
      "must be an object by parameter name, or a list by position",
      "EXAMPLE_INVALID",
    );
  }
  const named = inputs.kind === "map" ? inputs.entries : [];
  for (const [key] of named) {
    if (key.kind === "string" && isIdentifier(key.value)) continue;
    const description = `${JSON.stringify(key.kind === "string" ? key.value : "")} is no name of a parameter: names are identifiers`;
    throw invalidField(`${field}.inputs`, description, "EXAMPLE_INVALID");
  }
  const { expected } = example;
  if (expected.case === undefined) {
    throw invalidField(field, "says neither output nor trap; give one of them", "EXAMPLE_INVALID");
  }
  return {
    args: inputs.kind === "map" ? named.map((entry) => entry[1]) : inputs.items,
    names: named.map(([key]) => (key.kind === "string" ? key.value : "")),
    call: true,
    output: expected.case === "output" ? literalFromValue(expected.value, `${field}.output`, 1) : undefined,
    trap: expected.case === "trap" ? expected.value : undefined,
    origin: "REQUEST",
    certainty: 1,
    tolerance: example.tolerance,
    field,
  };
}

function storedExamples(context: StoredContext | undefined): Loose[] {
  return (context?.examples ?? []).map((example, at) => ({
    args: [...example.inputs.values()],
    names: example.inputs instanceof Map ? [...example.inputs.keys()] : [],
    call: false,
    output: example.output,
    trap: undefined,
    origin: "CONTEXT",
    certainty: 0.6,
    field: `context.examples[${at}]`,
  }));
}

function textExamples(found: readonly Found[], spoken: number): Loose[] {
  return found.map((one) => {
    const names = one.args.flatMap((arg) => arg.name ?? []);
    const whole = names.length === one.args.length ? names : [];
    const values = one.args.map((arg) => arg.value);
    const tuple = one.call === undefined && whole.length === 0 && values.length > 1 && spoken < 2;
    return {
      args: tuple ? [{ kind: "tuple", items: values } as const] : values,
      names: whole,
      call: one.call !== undefined,
      output: one.output,
      trap: one.output === undefined ? "ANY" : undefined,
      origin: "TEXT",
      certainty: one.certainty,
      tolerance: one.tolerance,
      field: "inputText",
      place: { start: one.start, end: one.end },
    };
  });
}

function columnsOf(rows: readonly Row[]): Literal[][] {
  const width = Math.max(0, ...rows.map((row) => row.inputs.length));
  return Array.from({ length: width }, (_, at) => rows.flatMap((row) => row.inputs[at] ?? []));
}

function outputsOf(rows: readonly Row[]): Literal[] {
  return rows.flatMap((row) => row.output ?? []);
}

/** The rows that tell types: all of them if they agree on some, else those of the request, else none but the first. */
function tellingRows(rows: readonly Row[]): readonly Row[] {
  const agree = (some: readonly Row[]): boolean =>
    columnsOf(some).every((column) => leastType(column) !== undefined) &&
    leastType(outputsOf(some)) !== undefined;
  if (agree(rows)) return rows;
  const request = rows.filter((row) => row.origin === "REQUEST");
  return request.length > 0 ? request : rows.slice(0, 1);
}

/** Values of a request that no type holds are the request's fault, unless its signature says what they are. */
function refuseUntyped(aligned: Aligned, signature: Plain | undefined): void {
  const rows = aligned.rows.filter((row) => row.origin === "REQUEST");
  const mixed = "mixes values that no type holds: give a signature, or values of one type";
  for (const [at, column] of columnsOf(rows).entries()) {
    if (signature?.params[at]?.type !== undefined || leastType(column) !== undefined) continue;
    const name = signature?.params[at]?.name ?? aligned.names[at] ?? `${at}`;
    throw invalidField(`examples.inputs.${name}`, mixed, "EXAMPLE_INVALID");
  }
  if (signature?.returns === undefined && leastType(outputsOf(rows)) === undefined) {
    throw invalidField("examples.output", mixed, "EXAMPLE_INVALID");
  }
}

/** Examples of the text that do not have the types of the signature are left out; those of the request are refused. */
function fittingRows(rows: readonly Row[], unified: Unified, strict: boolean, notices: Notice[]): Row[] {
  const key = (row: Row): string =>
    [...row.inputs, ...(row.output ? [row.output] : [])].map(literalKey).join();
  const requested = new Set(rows.filter((row) => row.origin === "REQUEST").map(key));
  return rows.filter((row, at) => {
    // The text often repeats what the request gives.
    if (row.origin !== "REQUEST" && requested.has(key(row))) return false;
    const wrong = unified.params.find((param, place) => {
      const value = row.inputs[place];
      return value === undefined || !fits(value, param.type);
    });
    const output = row.output === undefined || fits(row.output, unified.returns.type);
    if (wrong === undefined && output) return true;
    const part =
      wrong === undefined
        ? `the output is no ${unified.returns.type.text}`
        : `${wrong.name} is no ${wrong.type.text}`;
    if (row.origin === "REQUEST" && strict) {
      throw invalidField(`examples[${at}]`, `does not fit the signature: ${part}`, "EXAMPLE_INVALID");
    }
    notices.push({
      message: `an example was left out: ${part}`,
      ...(row.place === undefined ? {} : { place: row.place }),
    });
    return false;
  });
}

/** Names that the language reserves stand in backticks inside clauses. */
function clauseName(param: { name: string; type: Type }): { name: string; type: Type } {
  const reserved =
    /^(?:and|as|compare|do|else|fail|false|fn|hole|if|let|loop|match|max|min|none|not|or|result|some|true|while|\p{Lu}.*)$/u;
  return { name: reserved.test(param.name) ? `\`${param.name}\`` : param.name, type: param.type };
}

/** A constraint of the request: an ANRF clause as it stands, or a sentence by the rules of the text. */
function givenRules(sentence: string, scope: Parameters<typeof constraints>[1]): Rule[] {
  const nowhere = { start: 0, end: 0 };
  const trimmed = sentence.trim();
  if (trimmed === "") return [];
  const clause =
    /(?:==|!=|<=|>=|[<>]|\.\w+\(|\bnot\b|\band\b|\bor\b)/u.test(trimmed) && isExpression(trimmed, scope);
  if (clause) {
    const kind = /\bresult\b/u.test(trimmed) ? "POSTCONDITION" : "PRECONDITION";
    return [{ kind, text: trimmed, clauses: [trimmed], certainty: 1, enforced: "CHECKED", ...nowhere }];
  }
  const read = constraints(sentence, scope, []).map((rule): Rule => {
    const { kind, clauses, holds } = rule;
    const enforced = clauses.length > 0 ? "CHECKED" : rule.enforced;
    return {
      kind,
      text: trimmed,
      clauses,
      certainty: 1,
      enforced,
      ...nowhere,
      ...(holds === undefined ? {} : { holds }),
    };
  });
  if (read.length > 0) return read;
  return [{ kind: "STYLE", text: trimmed, clauses: [], certainty: 1, enforced: "SOFT", ...nowhere }];
}

/** Every bare word of a clause is a name of the scope, a word of the language, or follows a dot. */
function isExpression(text: string, scope: Parameters<typeof constraints>[1]): boolean {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/gu, '""').replaceAll(/\(\s*[\w, ]+\)\s*=>/gu, "=>");
  const locals = [...text.matchAll(/\(\s*([\w, ]+)\)\s*=>/gu)].flatMap((match) =>
    (match[1] ?? "").split(/[\s,]+/u),
  );
  const known = new Set([...scope.params.map((param) => param.name.replaceAll("`", "")), ...locals]);
  const language = /^(?:result|and|or|not|true|false|none|some|min|max|compare|if|else|List|Int|Float|Map)$/u;
  return [...bare.matchAll(/(?<![\w.])[A-Za-z_]\w*/gu)].every(
    (match) => known.has(match[0]) || language.test(match[0]),
  );
}

/** Examples outrank words: a clause that one of them breaks only ranks. */
function obeyed(rule: Rule, rows: readonly Row[], notices: Notice[]): Rule {
  if (rule.holds === undefined || rule.clauses.length === 0) return rule;
  const broken = rows.findIndex(
    (row) => row.output !== undefined && rule.holds?.(row.inputs, row.output) === false,
  );
  if (broken < 0) return rule;
  const message = `example ${broken + 1} breaks ${JSON.stringify(rule.text.slice(0, 200))}: it only ranks`;
  notices.push({
    message,
    ...(rule.end > rule.start ? { place: { start: rule.start, end: rule.end } } : {}),
  });
  return { ...rule, certainty: Math.min(rule.certainty, 0.5), enforced: "SOFT" };
}
