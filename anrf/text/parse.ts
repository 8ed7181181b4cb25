import { create } from "@bufbuild/protobuf";
import { type BuiltProgram, buildProgram } from "#anrf/build/builder.ts";
import type { Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import type { NominalTypes, Type } from "#anrf/program/type.ts";
import { type Example, ExampleSchema, type Spec, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { type Diagnostic, FixSafety, TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { constantValue } from "./constant.ts";
import { attempt, type Context, commented, inferBool } from "./context.ts";
import { inferenceContext } from "./infer.ts";
import { MAX_TOLD, type Tokens, tokenize } from "./lexer.ts";
import { parseFile } from "./parse-file.ts";
import { diagnosticsOf, type Place, type Problem, refuse, TextError } from "./problems.ts";
import { bind, type Scope } from "./scope.ts";
import { doubtfulNames, mentions } from "./slips/doubt.ts";
import type { ClauseSyntax, ExampleSyntax, FileSyntax, FunctionSyntax, HeaderSyntax } from "./syntax.ts";

/** Most UTF-8 bytes of a text. */
export const MAX_TEXT_BYTES = 1024 * 1024;

/** A text as a program, or why it is none. Remarks (P50 and up) never stop a text. */
export type ParseResult =
  | {
      readonly ok: true;
      readonly program: BuiltProgram;
      readonly spec: Spec;
      /** Where the parts of the program stand in the text. */
      readonly places: ProgramPlaces;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Places of a text, in UTF-16 units, by function index. */
export interface ProgramPlaces {
  readonly functions: readonly {
    readonly name: Place;
    /** Of its parameters, as the text spells them. */
    readonly params: readonly string[];
    /** From its first word to the end of its clauses: where one more can be put. */
    readonly head: Place;
    /** By node id; undefined for a node that the text does not spell. */
    readonly nodes: readonly (Place | undefined)[];
  }[];
  /** The names of records, variants and extensions where they are declared. */
  readonly declarations: ReadonlyMap<string, Place>;
  /** Of the examples, in order: the whole clause and what is expected. */
  readonly examples: readonly { readonly whole: Place; readonly expected: Place }[];
}

/**
 * Reads a program text (anrf.md §5): any input gives a result, and nothing is thrown. A mistake in one declaration does
 * not hide those in another: all are told at once, errors first, in the order of the text. The module is in canonical
 * numbering and well formed; whether it is well typed in full (classes, exhaustive matches, contracts) is for `check`
 * to say.
 */
export function parse(text: string): ParseResult {
  try {
    return parseText(text);
  } catch (error) {
    if (error instanceof TextError) return { ok: false, diagnostics: diagnosticsOf([error.problem], text) };
    if (!(error instanceof RangeError)) throw error;
    // The caller has left us too little of the host's stack for the depth that the language allows.
    const message = "the text nests too deeply to be read here";
    return { ok: false, diagnostics: diagnosticsOf([{ code: "P07", start: 0, end: 0, message }], text) };
  }
}

function parseText(text: string): ParseResult {
  const place = { start: 0, end: 0 };
  if (text.length > MAX_TEXT_BYTES || new TextEncoder().encode(text).length > MAX_TEXT_BYTES) {
    refuse("P08", place, `a text has at most ${MAX_TEXT_BYTES} bytes`);
  }
  if (!text.isWellFormed()) refuse("P08", place, "the text holds half of a surrogate pair");
  const tokens = tokenize(text);
  const { file, problems } = parseFile(tokens);
  const found = [...problems];
  const made = elaborate(file, tokens, found);
  const byPlace = (a: Problem, b: Problem): number => a.start - b.start;
  const diagnostics = diagnosticsOf(
    [...found.sort(byPlace).slice(0, MAX_TOLD), ...tokens.remarks.toSorted(byPlace)],
    text,
  );
  return made === undefined ? { ok: false, diagnostics } : { ok: true, ...made, diagnostics };
}

/** Finds the types of everything that can be read; a program only where nothing is wrong. */
function elaborate(
  file: FileSyntax,
  { tokens, remarks }: Tokens,
  found: Problem[],
): Pick<Extract<ParseResult, { ok: true }>, "program" | "spec" | "places"> | undefined {
  const report = (problem: Problem): void => {
    if (found.length < MAX_TOLD) found.push(problem);
  };
  const context = attempt({ report }, () => declare(file, remarks, report));
  if (context === undefined) return undefined;
  const doubtful = doubtfulNames(file);
  const functions: FunctionExpr[] = [];
  for (const fn of file.functions) {
    if (found.length >= MAX_TOLD) return undefined;
    if (doubtful.size > 0 && mentions(tokens, fn.whole, doubtful)) continue;
    const made = inferFunction(hinted(context, fn.result), fn);
    if (made !== undefined) functions.push(made);
  }
  const entry = file.functions.at(-1);
  if (entry === undefined || file.broken.length > 0) return undefined;
  const examples = examplesOf(context, file, entry);
  if (found.length > 0) return undefined;
  const program = buildProgram({ ...file, entry: entry.name, functions });
  const reached = new Set(program.module.functions.map((one) => one.name));
  for (const { name, start, end, whole } of file.functions) {
    const instead = [{ ...whole, text: "" }];
    if (!reached.has(name) && remarks.length < MAX_TOLD)
      remarks.push({ code: "P52", start, end, message: `the function "${name}" is not reached`, instead });
  }
  const spec = create(SpecSchema, { intentText: file.intent, examples });
  return { program, spec, places: placesOf(file, program, entry) };
}

function placesOf(file: FileSyntax, program: BuiltProgram, entry: FunctionSyntax): ProgramPlaces {
  const byName = new Map(file.functions.map((fn) => [fn.name, fn]));
  const functions = program.module.functions.map((one, index) => {
    const fn = byName.get(one.name) ?? entry;
    const name = { start: fn.start, end: fn.end };
    const params = fn.params.map((one) => String(one.names));
    return { name, params, head: fn.head, nodes: program.places[index] ?? [] };
  });
  const examples = entry.examples.map(({ start, end, expected }) => {
    const { start: from, end: to } = "trap" in expected ? expected.at : expected;
    return { whole: { start, end }, expected: { start: from, end: to } };
  });
  const declared = [...file.records, ...file.variants, ...file.extensions];
  const declarations = new Map(declared.map(({ name, start, end }) => [name, { start, end }]));
  return { functions, declarations, examples };
}

/** The declarations of a text; refuses names that are declared twice and headers without a function. */
function declare(file: FileSyntax, remarks: Problem[], report: (problem: Problem) => void): Context {
  const checks = [
    () => refuseNone(file),
    () => refuseTwice([...file.records, ...file.variants], "type"),
    () => refuseTwice(file.functions, "function"),
    () => refuseTwice(file.extensions, "extension"),
    ...file.records.map(
      (one) => () =>
        refuseTwice(
          one.fields.map(({ name }) => ({ ...one, name })),
          "field",
        ),
    ),
    ...file.variants.map(
      (one) => () =>
        refuseTwice(
          one.cases.map(({ name }) => ({ ...one, name })),
          "case",
        ),
    ),
    ...file.headers.map((one) => () => refuseAlone(file, one)),
  ];
  for (const one of checks) attempt({ report }, one);
  const functions = new Map(
    [...file.broken, ...file.functions].flatMap(({ name, params, result }) =>
      params === undefined || result === undefined
        ? []
        : [[name, { params: params.map((param) => param.type), result }] as const],
    ),
  );
  const nominals: NominalTypes = {
    records: new Map(file.records.map((one) => [one.name, one.fields])),
    variants: new Map(file.variants.map((one) => [one.name, one.cases])),
  };
  return inferenceContext({
    functions,
    extensions: new Map(file.extensions.map((one) => [one.name, one])),
    nominals,
    report,
    remark: (code, { start, end }, message, instead) => {
      if (remarks.length < MAX_TOLD) remarks.push({ code, start, end, message, instead });
    },
  });
}

function refuseNone({ functions, broken }: FileSyntax): void {
  if (functions.length + broken.length === 0) refuse("P23", { start: 0, end: 0 }, "the text has no function");
}

function refuseAlone({ functions, broken }: FileSyntax, header: HeaderSyntax): void {
  if ([...functions, ...broken].some((one) => one.name === header.name)) return;
  const message = `the function "${header.name}" is announced and never written`;
  refuse("P25", header, message, [], [{ ...header.whole, text: "" }], FixSafety.NEEDS_REVIEW);
}

function refuseTwice(declared: readonly (Place & { readonly name: string })[], what: string): void {
  const seen = new Set<string>();
  for (const one of declared) {
    if (seen.has(one.name)) refuse("P21", one, `the ${what} "${one.name}" is declared twice`);
    seen.add(one.name);
  }
}

/** A function with its types; undefined where something in it is refused, and each of its parts is told apart. */
function inferFunction(context: Context, fn: FunctionSyntax): FunctionExpr | undefined {
  let scope: Scope | undefined;
  const named = fn.params.map((one) => ({ name: String(one.names), start: one.start, end: one.end }));
  attempt(context, () =>
    refuseTwice(
      named.filter((one) => one.name !== "_"),
      "parameter",
    ),
  );
  const params = fn.params.map((param) => {
    const bound = bind(param, param.type, scope, context.functions);
    scope = bound.scope;
    return bound.local;
  });
  const result: Local = { name: "", type: fn.result };
  const uses = { result: false };
  const clause = (inner: Context, one: ClauseSyntax) =>
    attempt(context, () => ({
      expr: commented(inferBool(inner, one.expr, scope), one.comment),
      label: one.label,
    }));
  const requires = fn.requires.map((one) => clause(context, one));
  const ensuring = resultContext(context, result, uses);
  const ensures = fn.ensures.map((one) => clause(ensuring, one));
  const measure = fn.decreases;
  const decreases =
    measure && attempt(context, () => commented(context.infer(measure.expr, scope), measure.comment));
  const body = attempt(context, () => context.infer(fn.body, scope, fn.result));
  if (body === undefined || (measure !== undefined && decreases === undefined)) return undefined;
  return {
    name: fn.name,
    doc: fn.doc,
    params,
    result: fn.result,
    requires: requires.filter((one) => one !== undefined),
    ensures: ensures.filter((one) => one !== undefined),
    ...(uses.result ? { resultLocal: result } : {}),
    ...(decreases === undefined ? {} : { decreases }),
    body,
  };
}

/** The context of a function with that type of value. */
function hinted({ infer: _, ...declared }: Context, hint: Type): Context {
  return inferenceContext({ ...declared, hint });
}

/** The context of an ensures clause; it sees whether `result` is used. */
function resultContext(context: Context, local: Local, uses: { result: boolean }): Context {
  const { infer: _, ...declared } = context;
  return inferenceContext({
    ...declared,
    result: () => {
      uses.result = true;
      return local;
    },
  });
}

function examplesOf(context: Context, file: FileSyntax, entry: FunctionSyntax): Example[] {
  for (const fn of file.functions) {
    const [first] = fn.examples;
    if (fn !== entry && first !== undefined)
      context.remark("P51", first, "examples of other functions than the entry are dropped");
  }
  return entry.examples.flatMap((one) => attempt(context, () => exampleOf(context, one, entry)) ?? []);
}

function exampleOf(context: Context, example: ExampleSyntax, entry: FunctionSyntax): Example {
  if (example.args.length !== entry.params.length) {
    refuse(
      "P13",
      example,
      `the example has ${example.args.length} arguments, and ${entry.name} takes ${entry.params.length}`,
    );
  }
  const value = (expr: Expr, at: Place) => constantValue(expr, at, context.nominals);
  const args = entry.params.map((param, index) => {
    const arg = example.args[index];
    if (arg === undefined) throw new Error(`argument ${index} is missing`);
    return value(context.infer(arg, undefined, param.type), arg);
  });
  const made = create(ExampleSchema, { args });
  const { expected } = example;
  if ("trap" in expected) made.expected = { case: "trap", value: trapOf(expected.trap, expected.at) };
  else
    made.expected = {
      case: "result",
      value: value(context.infer(expected, undefined, entry.result), expected),
    };
  if (example.absolute !== undefined) made.absTolerance = example.absolute;
  if (example.relative !== undefined) made.relTolerance = example.relative;
  return made;
}

function trapOf(name: string, at: Place): TrapCode {
  const names = Object.entries(TrapCode);
  const found = names.find(([known, code]) => known === name && code !== TrapCode.UNSPECIFIED);
  return (
    found?.[1] ??
    refuse(
      "P10",
      at,
      `unknown trap "${name}"`,
      names.slice(1).map(([known]) => known),
    )
  );
}
