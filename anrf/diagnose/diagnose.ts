import { clone } from "@bufbuild/protobuf";
import { check, isSound } from "#anrf/check/check.ts";
import type { RunLimits } from "#anrf/interpret/meter.ts";
import type { Document } from "#anrf/program/artifact.ts";
import { diagnosticOf } from "#anrf/program/diagnostic.ts";
import { type Positions, positionsOf } from "#anrf/program/positions.ts";
import { openProgram, type Program, resolveTypes } from "#anrf/program/program.ts";
import { functionOf } from "#anrf/program/type.ts";
import { type ProgramPlaces, parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import { diagnosticsOf, type Place } from "#anrf/text/problems.ts";
import { checkExamples } from "#anrf/verify/examples.ts";
import type { CheckOutcome } from "#anrf/verify/result.ts";
import type { Annotations, Example, Spec } from "#gen/anrf/v1/artifact_pb.ts";
import { type Diagnostic, DiagnosticSchema } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";
import { ruleFixes, wrongResultFix } from "./rule-fixes.ts";

/** Most examples that are told of one by one; the results of all stand in the outcome. */
const MAX_WRONG = 50;

/** A program that was read from a text. */
export interface ReadProgram {
  readonly module: Module;
  readonly annotations: Annotations;
  readonly spec: Spec;
}

/** All that can be said of a text. */
export interface Diagnosis {
  /** Errors of the text first, then what the checker says, each with its place; remarks last. */
  readonly diagnostics: readonly Diagnostic[];
  /** The program, where the text is one; the checker may still refuse it. */
  readonly program?: ReadProgram;
  /** The canonical text, where the program passes the rules. */
  readonly text?: string;
  /** What came of the examples, where they were run. */
  readonly examples?: CheckOutcome;
}

/** How to look at a program. */
export interface DiagnoseOptions {
  /** Limits of the run of one example; without them no example is run. */
  readonly limits?: Partial<RunLimits>;
  /** Which builtins the engine runs; without it those of this build. */
  readonly runs?: (builtin: number) => boolean;
  /** The type that the entry has to have, such as `(int) -> string`. */
  readonly signature?: string;
  /** Examples to run behind those of the program, given its entry and the names of the parameters. */
  readonly more?: (program: Program, names: readonly string[]) => readonly Example[];
}

/**
 * Reads a text, checks it by every rule and runs its examples: one answer with everything that is wrong, each with its
 * place in the text and, where there is one, a patch. Pure; it never throws on any text.
 */
export function diagnose(text: string, options: DiagnoseOptions = {}): Diagnosis {
  const read = parse(text);
  if (!read.ok) return { diagnostics: read.diagnostics };
  const { module, annotations } = read.program;
  const program = { module, annotations, spec: read.spec };
  const findings = check(module, options.runs === undefined ? {} : { runs: options.runs });
  const positions = positionsOf(text);
  const found = findings.map((one) => placed(one, module, read.places, positions, text));
  const entry = read.places.functions[module.entry]?.name;
  const judged = judge(program, findings, options, { places: read.places, positions });
  const diagnostics = [
    ...found,
    ...signatureProblems(module, findings, options.signature, text, entry),
    ...judged.wrong,
    ...read.diagnostics,
  ];
  return { diagnostics, program, ...judged.rest };
}

/** The same for the program of a file, whose diagnostics have no places. */
export function diagnoseDocument(document: Document, options: DiagnoseOptions = {}): Diagnosis {
  const { module, annotations, spec, moduleBytes, artifact } = document;
  const { header } = artifact;
  const runs = options.runs === undefined ? {} : { runs: options.runs };
  const findings = check(module, {
    bytes: moduleBytes,
    ...(header === undefined ? {} : { header }),
    ...runs,
  });
  const program = { module, annotations, spec };
  const judged = judge(program, findings, options);
  const others = signatureProblems(module, findings, options.signature, "");
  return { diagnostics: [...findings, ...others, ...judged.wrong], program, ...judged.rest };
}

/** The same for a program that is made of something else, such as a function of another language. */
export function diagnoseProgram(program: ReadProgram, options: DiagnoseOptions = {}): Diagnosis {
  const findings = check(program.module, options.runs === undefined ? {} : { runs: options.runs });
  const judged = judge(program, findings, options);
  const others = signatureProblems(program.module, findings, options.signature, "");
  return { diagnostics: [...findings, ...others, ...judged.wrong], program, ...judged.rest };
}

interface Judged {
  readonly wrong: readonly Diagnostic[];
  readonly rest: Pick<Diagnosis, "text" | "examples">;
}

/** The canonical text and what came of the examples, where the rules accept the program. */
function judge(
  program: ReadProgram,
  findings: readonly Diagnostic[],
  { limits, more }: DiagnoseOptions,
  where?: { readonly places: ProgramPlaces; readonly positions: Positions },
): Judged {
  if (!isSound(findings)) return { wrong: [], rest: {} };
  const text = print(program);
  const { module, spec } = program;
  const opened = openProgram(module);
  const names = program.annotations.functions[module.entry]?.localNames ?? [];
  const all = { ...spec, examples: [...spec.examples, ...(more?.(opened, names) ?? [])] };
  if (limits === undefined || all.examples.length === 0) return { wrong: [], rest: { text } };
  const examples = checkExamples({ module, spec: all, diagnostics: findings, program: opened }, limits);
  return { wrong: wrongExamples(examples, opened, where), rest: { text, examples } };
}

/** P28 where the entry has another type than was asked for. */
function signatureProblems(
  module: Module,
  findings: readonly Diagnostic[],
  wanted: string | undefined,
  text: string,
  place: Place = { start: 0, end: 0 },
): readonly Diagnostic[] {
  if (wanted === undefined || !isSound(findings)) return [];
  const { entry } = openProgram(module);
  const found = functionOf(entry.params, entry.result).text;
  if (found === wanted) return [];
  const message = `"${entry.def.name}" is ${found}, and ${wanted} was asked for`;
  return diagnosticsOf([{ code: "P28", ...place, message }], text);
}

/** The diagnostic with its place in the text: that of its node, of its function's name, or of what it speaks of. */
function placed(
  diagnostic: Diagnostic,
  module: Module,
  places: ProgramPlaces,
  positions: Positions,
  text: string,
): Diagnostic {
  const fn = diagnostic.function === undefined ? undefined : places.functions[diagnostic.function];
  const own = (diagnostic.node === undefined ? undefined : fn?.nodes[diagnostic.node]) ?? fn?.name;
  const place =
    own ?? declaredPlace(diagnostic.message, places) ?? typedPlace(diagnostic.message, module, places);
  if (place === undefined) return diagnostic;
  const fixes = ruleFixes(diagnostic, module, places, positions, text);
  return { ...clone(DiagnosticSchema, diagnostic), range: positions.range(place), fixes };
}

/** Where the declaration stands that a message names in quotes. */
function declaredPlace(message: string, places: ProgramPlaces): Place | undefined {
  const name = /"([^"]+)"/.exec(message)?.[1];
  return name === undefined ? undefined : places.declarations.get(name);
}

/** The first place that has the type with which a message begins: a node, else a function that takes or gives it. */
function typedPlace(message: string, module: Module, places: ProgramPlaces): Place | undefined {
  const types = resolveTypes(module);
  const begins = (type: number): boolean => {
    const text = types[type]?.text;
    return text !== undefined && message.startsWith(`${text} `);
  };
  for (const [index, fn] of module.functions.entries()) {
    const node = fn.nodes.findIndex((one) => begins(one.type));
    const place = places.functions[index];
    if (node >= 0 && place?.nodes[node] !== undefined) return place.nodes[node];
    if (begins(fn.resultType) || fn.locals.some((local) => begins(local.type))) return place?.name;
  }
  return undefined;
}

/** V21 for each example that fails, at what it expects. */
function wrongExamples(
  outcome: CheckOutcome,
  program: Program,
  where: { readonly places: ProgramPlaces; readonly positions: Positions } | undefined,
): readonly Diagnostic[] {
  const failed = outcome.obligations.filter((one) => one.status === "FAIL").slice(0, MAX_WRONG);
  return failed.flatMap((one): readonly Diagnostic[] => {
    const index = Number(one.id.slice("example-".length)) - 1;
    const message = `example ${index + 1} fails: ${one.reason.replace(/^V21: /, "")}`;
    const made = diagnosticOf("V21", message, { function: program.module.entry });
    const place = where?.places.examples[index]?.expected;
    if (where === undefined || place === undefined) return [made];
    const fixes = wrongResultFix(one.counterexample?.got, program, place, where.positions);
    return [{ ...made, range: where.positions.range(place), fixes }];
  });
}
