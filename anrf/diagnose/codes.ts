import { fromJson } from "@bufbuild/protobuf";
import { check } from "#anrf/check/check.ts";
import { RULES, type RuleCode } from "#anrf/program/diagnostic.ts";
import { CATALOGUE } from "#anrf/std/catalogue.ts";
import { PROBLEMS, type ProblemCode } from "#anrf/text/problems.ts";
import { ArtifactHeaderSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { type Diagnostic, DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import { ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import { type DiagnoseOptions, diagnose } from "./diagnose.ts";
import { CODE_EXAMPLES, type CodeExample } from "./examples.ts";
import { diagnosePython } from "./imported.ts";

/** The number of one thing that can be wrong: V… for a program, P… for its text, from P50 on remarks. */
export type Code = RuleCode | ProblemCode;

/** One row of the table of everything that can be wrong. */
export interface CodeRow {
  readonly code: Code;
  readonly severity: DiagnosticSeverity;
  /** Lower case: what is wrong. */
  readonly cause: string;
  /** Lower case: what to do. */
  readonly advice: string;
  readonly example: CodeExample;
}

/** Enough for any example of the table. */
const LIMITS = { fuel: 1_000_000, depth: 20_000 };

/** Every code, in order: the rules of a program, then the problems of a text. */
export const CODES: readonly CodeRow[] = [
  ...(Object.keys(RULES) as RuleCode[]).map((code): CodeRow => {
    const { rule, advice, severity } = RULES[code];
    return { code, severity, cause: `a rule is broken: ${rule}`, advice, example: CODE_EXAMPLES[code] };
  }),
  ...(Object.keys(PROBLEMS) as ProblemCode[]).map((code): CodeRow => {
    const severity = code >= "P50" ? DiagnosticSeverity.NOTE : DiagnosticSeverity.ERROR;
    return { code, severity, ...PROBLEMS[code], example: CODE_EXAMPLES[code] };
  }),
];

/** The row of a code, however its letter is written; undefined for what is none. */
export function codeRow(code: string): CodeRow | undefined {
  return CODES.find((one) => one.code === code.toUpperCase());
}

/** What an example raises. */
export function raisedBy(example: CodeExample): readonly Diagnostic[] {
  if ("text" in example) return diagnose(example.text, optionsOf(example)).diagnostics;
  if ("python" in example) return diagnosePython(example.python).diagnostics;
  const header =
    example.header === undefined ? {} : { header: fromJson(ArtifactHeaderSchema, example.header) };
  return check(fromJson(ModuleSchema, example.module), header);
}

/** How the text of an example is looked at. */
export function optionsOf(example: {
  readonly without?: string;
  readonly signature?: string;
}): DiagnoseOptions {
  const { without, signature } = example;
  const lacking = CATALOGUE.find((one) => one.id === without)?.number;
  const runs = lacking === undefined ? {} : { runs: (builtin: number) => builtin !== lacking };
  return { limits: LIMITS, ...runs, ...(signature === undefined ? {} : { signature }) };
}
