import { create } from "@bufbuild/protobuf";
import { type Diagnostic, DiagnosticSchema, DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";

/** The checks of a program that a rule belongs to (execution.md §12). */
export type RuleFamily = "structure" | "types" | "termination" | "examples" | "engine";

/** One rule of anrf.md §11. */
export interface Rule {
  /** Lower case: what has to hold. */
  readonly rule: string;
  /** What to do where it does not. */
  readonly advice: string;
  readonly family: RuleFamily;
  readonly severity: DiagnosticSeverity;
}

const rule = (
  family: RuleFamily,
  text: string,
  advice: string,
  severity: DiagnosticSeverity = DiagnosticSeverity.ERROR,
): Rule => ({
  rule: text,
  advice,
  family,
  severity,
});

/** Everything that can be wrong with a program, by number; a code has one cause and never changes it. */
export const RULES = {
  V01: rule(
    "structure",
    "a function has at most 65,536 nodes and 512 levels, a module 4,096 types and 4 MiB, a string 1 MiB",
    "split the program into functions, or shorten it",
  ),
  V02: rule("structure", "an operand comes before the node that uses it", "number the nodes in post-order"),
  V03: rule("structure", "a node has one parent, or is a root", "bind the shared value with let_in"),
  V04: rule(
    "structure",
    "the roots of a function cover all its nodes",
    "remove the nodes that nothing reaches",
  ),
  V05: rule("structure", "a local is bound once", "give each binder a local of its own"),
  V06: rule(
    "structure",
    "a local is used only where its binder encloses the use",
    "bind the local around the use",
  ),
  V07: rule(
    "structure",
    "type ids are in range, operands come first, no type stands twice",
    "number the types by first use",
  ),
  V08: rule("types", "a node has the type that its parts give it", "correct the type or the operand"),
  V09: rule(
    "types",
    "a builtin is called at an instance of its signature",
    "use arguments of the types that it takes",
  ),
  V10: rule(
    "types",
    "map keys have a type that can be a key",
    "use keys without floats and functions inside",
  ),
  V11: rule(
    "structure",
    "a const argument is a literal that the builtin understands",
    "write the constant itself",
  ),
  V12: rule(
    "structure",
    "a match covers every case once, with the wildcard last",
    "add the missing arm or remove the second one",
  ),
  V13: rule(
    "structure",
    "numbers of parts, cases and fields fit, and names are identifiers",
    "use the declared parts and plain names",
  ),
  V14: rule("structure", "no function stands inside data", "call the function and store its result"),
  V15: rule(
    "types",
    "a clause is a bool without holes, a measure is an int or a tuple of ints",
    "correct the clause",
  ),
  V16: rule(
    "termination",
    "a function that calls itself states what decreases",
    "add a decreases clause",
    DiagnosticSeverity.WARNING,
  ),
  V17: rule(
    "structure",
    "the entry exists and its parameters and result can be sent",
    "use types without functions, at most 32 levels deep",
  ),
  V18: rule("structure", "the module is in canonical form", "number and encode it by profile ANRF1"),
  V19: rule("structure", "a module holds nothing that this version does not know", "use a newer reader"),
  V20: rule("structure", "min_reader_minor is the version that the module needs", "compute the header again"),
  V21: rule(
    "examples",
    "an example has the types of the entry and passes",
    "correct the example or the program",
  ),
  V22: rule("structure", "an extension is on the allow list of the environment", "remove the call"),
  V23: rule(
    "engine",
    "this build runs every builtin of the program",
    "use another builtin, or a build that runs it",
    DiagnosticSeverity.WARNING,
  ),
} as const satisfies Readonly<Record<string, Rule>>;

/** One code of the table. */
export type RuleCode = keyof typeof RULES;

/** Where a diagnostic points. */
export interface DiagnosticPlace {
  readonly function?: number | undefined;
  readonly node?: number | undefined;
}

/** A diagnostic of that rule; `message` is lower case and says what is wrong here. */
export function diagnosticOf(
  code: RuleCode,
  message: string,
  place: DiagnosticPlace = {},
  candidates: readonly string[] = [],
): Diagnostic {
  return create(DiagnosticSchema, {
    code,
    severity: RULES[code].severity,
    ...(place.function === undefined ? {} : { function: place.function }),
    ...(place.node === undefined ? {} : { node: place.node }),
    message: `${message}; ${RULES[code].advice}`,
    candidates: [...candidates],
  });
}

/** The rule of a diagnostic, or undefined where the code is of another table. */
export function ruleOf(diagnostic: Diagnostic): Rule | undefined {
  return Object.hasOwn(RULES, diagnostic.code) ? RULES[diagnostic.code as RuleCode] : undefined;
}

/** True where a program with these diagnostics is refused. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === DiagnosticSeverity.ERROR);
}
