import { create } from "@bufbuild/protobuf";
import { type Positions, positionsOf } from "#anrf/program/positions.ts";
import {
  type Diagnostic,
  DiagnosticSchema,
  DiagnosticSeverity,
  FixSafety,
} from "#gen/anrf/v1/diagnostic_pb.ts";

/** What can be wrong with a text: a code has one cause and one piece of advice. P50 and up are remarks. */
export const PROBLEMS = {
  P01: { cause: "a character that no token begins with", advice: "remove it, or put it inside a string" },
  P02: {
    cause: "a string that does not end on its line",
    advice: 'close it with ", and write a line end as \\n',
  },
  P03: { cause: "an escape that is not known", advice: 'use \\" \\\\ \\n \\t \\r or \\u{hex}' },
  P04: {
    cause: "a number outside its range",
    advice: "ints are signed 64 bit, floats finite, decimals have at most 18 places",
  },
  P05: { cause: "a word that is no identifier", advice: "use at most 64 letters, digits and _, in NFC" },
  P06: { cause: "another token was expected", advice: "write what the message names" },
  P07: {
    cause: "expressions nested too deeply",
    advice: "name a part with let, or move it to a function of its own",
  },
  P08: { cause: "a text of more than 1 MiB, or one that is no Unicode text", advice: "make it shorter" },
  P09: {
    cause: "a type that is not known",
    advice: "declare it as a record or variant, or use a scalar, list, map, option, tuple or function type",
  },
  P10: { cause: "a name that is not in scope", advice: "declare it, or correct its spelling" },
  P11: {
    cause: "a function or operator that does not exist for these types",
    advice: "use one of the candidates",
  },
  P12: {
    cause: "an expression of another type than its place needs",
    advice: "convert it, or change the declared type",
  },
  P13: {
    cause: "a wrong number of arguments, parts or binders",
    advice: "give as many as the message names",
  },
  P14: { cause: "a form whose type cannot be found", advice: "write `as` and its type after it" },
  P15: { cause: "a function parameter whose type cannot be found", advice: "write its type after a colon" },
  P16: { cause: "a comparison of a comparison", advice: "join two comparisons with and" },
  P17: { cause: "int and float in one operation", advice: "convert the int by .to_float()" },
  P18: { cause: "an assignment", advice: "bind a new name with let, or use loop or fold" },
  P19: { cause: "a comprehension of another language", advice: "use .map and .filter" },
  P20: { cause: "an example or pattern that is not a constant", advice: "write the value itself" },
  P21: { cause: "a name that is declared twice", advice: "rename one of them" },
  P22: { cause: "a pattern that the matched value cannot have", advice: "use the cases of its type" },
  P23: { cause: "a program without a function", advice: "write a fn; the last one is the entry" },
  P24: { cause: "result outside of an ensures clause", advice: "use it in ensures only" },
  P25: {
    cause: "a header without its function",
    advice: "write the function with its body, or remove the header",
  },
  P26: {
    cause: "a statement of another language",
    advice: "the value of a block is its last expression",
  },
  P27: { cause: "values put into a string", advice: "join the parts with + and .to_string()" },
  P28: {
    cause: "an entry of another type than was asked for",
    advice: "give it the parameters and the result of the signature",
  },
  P29: {
    cause: "a program of another language that cannot be read without a change of its meaning",
    advice: "write that part otherwise, or write the program in ANRF",
  },
  P50: { cause: "a spelling of another language", advice: "use the spelling in the message" },
  P51: {
    cause: "a comment in a place that keeps none",
    advice: "put it above fn, let, a clause, an arm or the end of a block",
  },
  P52: { cause: "a function that the entry does not reach", advice: "call it or remove it" },
  P53: {
    cause: "a place where the program answers otherwise than the one that it was read from",
    advice: "see that no caller counts on it",
  },
} as const;

/** One code of the table. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A place in the text, in UTF-16 units, half open. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** What to write instead of a place. */
export interface Edit extends Place {
  readonly text: string;
}

/** The text of a place. */
export type Source = (place: Place) => string;

/** What removes a problem: a text for its place, or replacements elsewhere; made from the source where it repeats it. */
export type Instead = string | readonly Edit[] | ((source: Source) => string | readonly Edit[]);

/** One problem, before its place is counted in code points. */
export interface Problem extends Place {
  readonly code: ProblemCode;
  readonly message: string;
  readonly candidates?: readonly string[];
  readonly instead?: Instead | undefined;
  /** How safe that is; a remark keeps the meaning, anything else changes one place. */
  readonly safety?: FixSafety;
  /** Another problem, which is told already, stands behind it. */
  readonly isEcho?: boolean;
}

/** Ends the reading of one declaration; `parse` turns it into a diagnostic. */
export class TextError extends Error {
  /** What is wrong. */
  readonly problem: Problem;

  /** That problem, thrown. */
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Throws the problem. */
export function refuse(
  code: ProblemCode,
  at: Place,
  message: string,
  candidates: readonly string[] = [],
  instead?: Instead,
  safety?: FixSafety,
): never {
  const { start, end } = at;
  const fix = { ...(instead === undefined ? {} : { instead }), ...(safety === undefined ? {} : { safety }) };
  throw new TextError({ code, start, end, message, candidates, ...fix });
}

/** Refuses a name that is not known; the nearest one that is stands in the patch. */
export function refuseName(
  at: Place,
  message: string,
  near: readonly string[],
  candidates: readonly string[] = near,
  code: "P10" | "P11" = "P10",
): never {
  const [best] = near;
  return refuse(code, at, message, candidates, best, FixSafety.NEEDS_REVIEW);
}

/** Ends the reading of what stands on something that is refused already; nothing is told twice. */
export function refuseQuietly(): never {
  throw new TextError({ code: "P10", start: 0, end: 0, message: "it uses what is refused", isEcho: true });
}

/** The diagnostics of problems: places counted in code points, the advice of the table behind the message. */
export function diagnosticsOf(problems: readonly Problem[], text: string): Diagnostic[] {
  if (problems.length === 0) return [];
  const positions = positionsOf(text);
  return problems.map((one) => diagnosticOf(one, positions, ({ start, end }) => text.slice(start, end)));
}

function diagnosticOf(problem: Problem, positions: Positions, source: Source): Diagnostic {
  const isRemark = problem.code >= "P50";
  const instead = typeof problem.instead === "function" ? problem.instead(source) : problem.instead;
  const edits = typeof instead === "string" ? [{ ...problem, text: instead }] : (instead ?? []);
  const safety = problem.safety ?? (isRemark ? FixSafety.MEANING_KEPT : FixSafety.LOCAL);
  const fix = {
    title: PROBLEMS[problem.code].advice,
    edits: edits.map((one) => ({
      target: { case: "range" as const, value: positions.range(one) },
      text: one.text,
    })),
    safety,
  };
  return create(DiagnosticSchema, {
    code: problem.code,
    severity: isRemark ? DiagnosticSeverity.NOTE : DiagnosticSeverity.ERROR,
    range: positions.range(problem),
    message: `${problem.message}; ${PROBLEMS[problem.code].advice}`,
    candidates: [...(problem.candidates ?? [])],
    fixes: edits.length === 0 ? [] : [fix],
  });
}

/** The text of an int expression as one of a float. */
export function asFloat(at: Place): Instead {
  return (source) => {
    const text = source(at);
    return /^[\p{XIDC}.]+$/u.test(text) ? `${text}.to_float()` : `(${text}).to_float()`;
  };
}
