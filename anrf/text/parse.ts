import { create } from "@bufbuild/protobuf";
import { type BuiltProgram, buildProgram } from "#anrf/build/builder.ts";
import type { Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import type { NominalTypes } from "#anrf/program/type.ts";
import { type Example, ExampleSchema, type Spec, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { type Diagnostic, TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { constantValue } from "./constant.ts";
import { type Context, commented, inferBool } from "./context.ts";
import { inferenceContext } from "./infer.ts";
import { tokenize } from "./lexer.ts";
import { parseFile } from "./parse-file.ts";
import { diagnosticOf, type Place, type Problem, refuse, TextError } from "./problems.ts";
import { bind, type Scope } from "./scope.ts";
import type { ClauseSyntax, ExampleSyntax, FileSyntax, FunctionSyntax } from "./syntax.ts";

/** Most UTF-8 bytes of a text. */
export const MAX_TEXT_BYTES = 1024 * 1024;

/** A text as a program, or why it is none. Remarks (P50 and up) never stop a text. */
export type ParseResult =
  | {
      readonly ok: true;
      readonly program: BuiltProgram;
      readonly spec: Spec;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads a program text (anrf.md §5): any input gives a result, and nothing is thrown. The module is in canonical
 * numbering and well formed; whether it is well typed in full (classes, exhaustive matches, contracts) is for
 * `check` to say.
 */
export function parse(text: string): ParseResult {
  try {
    return parseText(text);
  } catch (error) {
    if (error instanceof TextError) return { ok: false, diagnostics: [diagnosticOf(error.problem, text)] };
    if (!(error instanceof RangeError)) throw error;
    // The caller has left us too little of the host's stack for the depth that the language allows.
    const problem: Problem = {
      code: "P07",
      start: 0,
      end: 0,
      message: "the text nests too deeply to be read here",
    };
    return { ok: false, diagnostics: [diagnosticOf(problem, text)] };
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
  const made = found.length > 0 ? undefined : elaborate(file, tokens.remarks, found);
  const diagnostics = [...found, ...tokens.remarks].map((one) => diagnosticOf(one, text));
  return made === undefined ? { ok: false, diagnostics } : { ok: true, ...made, diagnostics };
}

function elaborate(
  file: FileSyntax,
  remarks: Problem[],
  found: Problem[],
): { program: BuiltProgram; spec: Spec } | undefined {
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      found.push(error.problem);
      return undefined;
    }
  };
  const context = attempt(() => declare(file, remarks));
  if (context === undefined) return undefined;
  const functions: FunctionExpr[] = [];
  for (const fn of file.functions) {
    const made = attempt(() => inferFunction(context, fn));
    if (made !== undefined) functions.push(made);
  }
  const entry = file.functions.at(-1);
  if (entry === undefined) return undefined;
  const spec = attempt(() =>
    create(SpecSchema, { intentText: file.intent, examples: examplesOf(context, file, entry) }),
  );
  if (spec === undefined || found.length > 0) return undefined;
  const program = buildProgram({ ...file, entry: entry.name, functions });
  const reached = new Set(program.module.functions.map((one) => one.name));
  for (const { name, start, end } of file.functions) {
    if (!reached.has(name))
      remarks.push({ code: "P52", start, end, message: `the function "${name}" is not reached` });
  }
  return { program, spec };
}

/** The declarations of a text; refuses names that are declared twice and headers without a function. */
function declare(file: FileSyntax, remarks: Problem[]): Context {
  if (file.functions.length === 0) refuse("P23", { start: 0, end: 0 }, "the text has no function");
  refuseTwice([...file.records, ...file.variants], "type");
  refuseTwice(file.functions, "function");
  refuseTwice(file.extensions, "extension");
  for (const record of file.records)
    refuseTwice(
      record.fields.map((one) => ({ ...record, name: one.name })),
      "field",
    );
  for (const variant of file.variants)
    refuseTwice(
      variant.cases.map((one) => ({ ...variant, name: one.name })),
      "case",
    );
  const functions = new Map(
    file.functions.map((fn) => [
      fn.name,
      { params: fn.params.map((param) => param.type), result: fn.result },
    ]),
  );
  for (const header of file.headers) {
    if (!functions.has(header.name))
      refuse("P25", header, `the function "${header.name}" is announced and never written`);
  }
  const nominals: NominalTypes = {
    records: new Map(file.records.map((one) => [one.name, one.fields])),
    variants: new Map(file.variants.map((one) => [one.name, one.cases])),
  };
  return inferenceContext({
    functions,
    extensions: new Map(file.extensions.map((one) => [one.name, one])),
    nominals,
    remark: (code, { start, end }, message, instead) => {
      if (remarks.length < 100)
        remarks.push({ code, start, end, message, ...(instead === undefined ? {} : { instead }) });
    },
  });
}

function refuseTwice(declared: readonly (Place & { readonly name: string })[], what: string): void {
  const seen = new Set<string>();
  for (const one of declared) {
    if (seen.has(one.name)) refuse("P21", one, `the ${what} "${one.name}" is declared twice`);
    seen.add(one.name);
  }
}

function inferFunction(context: Context, fn: FunctionSyntax): FunctionExpr {
  refuseTwice(
    fn.params
      .map((one) => ({ name: String(one.names), start: one.start, end: one.end }))
      .filter((one) => one.name !== "_"),
    "parameter",
  );
  let scope: Scope | undefined;
  const params = fn.params.map((param) => {
    const bound = bind(param, param.type, scope, context.functions);
    scope = bound.scope;
    return bound.local;
  });
  const result: Local = { name: "", type: fn.result };
  const uses = { result: false };
  const clause = (inner: Context, one: ClauseSyntax) => ({
    expr: commented(inferBool(inner, one.expr, scope), one.comment),
    label: one.label,
  });
  const requires = fn.requires.map((one) => clause(context, one));
  const ensuring = resultContext(context, result, uses);
  const ensures = fn.ensures.map((one) => clause(ensuring, one));
  const decreases = fn.decreases && commented(context.infer(fn.decreases.expr, scope), fn.decreases.comment);
  const body = context.infer(fn.body, scope, fn.result);
  return {
    name: fn.name,
    doc: fn.doc,
    params,
    result: fn.result,
    requires,
    ensures,
    ...(uses.result ? { resultLocal: result } : {}),
    ...(decreases === undefined ? {} : { decreases }),
    body,
  };
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
  return entry.examples.map((one) => exampleOf(context, one, entry));
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
