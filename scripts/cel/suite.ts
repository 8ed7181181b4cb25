import { parse } from "@bufbuild/cel";
import type { SimpleTest } from "@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js";
import type { Value as CelValue } from "@bufbuild/cel-spec/cel/expr/value_pb.js";
import { getConformanceSuite, type IncrementalTestSuite } from "@bufbuild/cel-spec/testdata/tests.js";
import { buildProgram } from "#anrf/build/builder.ts";
import type { Expr, Local } from "#anrf/build/expr.ts";
import { writeJson } from "#anrf/program/json.ts";
import { jsonFromPlain } from "#anrf/program/proto-json.ts";
import type { NominalTypes, Type } from "#anrf/program/type.ts";
import { valueFromJson, valueToJson } from "#anrf/program/value-json.ts";
import type { Case, Expectation } from "#anrf/testing/cases.ts";
import * as e from "#anrf/testing/exprs.ts";
import { print } from "#anrf/text/print.ts";
import { binder, type Scope } from "./scope.ts";
import { translateAny } from "./translate.ts";
import { jsonOfValue, typeOfDecl, typeOfValue, Unmapped, unmapped } from "./values.ts";

/** A test of CEL with the cases it becomes: it passes when one of them does. Or why there are none. */
export interface Mapping {
  /** `lists/index/singleton`. */
  readonly id: string;
  readonly cases: readonly Case[];
  readonly unmapped?: string;
}

/** All tests of CEL's conformance suite, in its order. */
export function celMappings(): readonly Mapping[] {
  const seen = new Map<string, number>();
  return testsOf(getConformanceSuite(), []).map(({ id: name, test }) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    // Four tests of the suite bear the name of another.
    const id = before === 0 ? name : `${name} (${before + 1})`;
    try {
      return { id, cases: casesOf(id, test) };
    } catch (error) {
      if (error instanceof Unmapped) return { id, cases: [], unmapped: error.category };
      throw new Error(`the test ${id} of CEL cannot be translated`, { cause: error });
    }
  });
}

interface Named {
  readonly id: string;
  readonly test: SimpleTest;
}

function testsOf(suite: IncrementalTestSuite, path: readonly string[]): readonly Named[] {
  const own = suite.tests.map((one) => ({ id: [...path, one.name].join("/"), test: one.original }));
  return [...own, ...suite.suites.flatMap((one) => testsOf(one, [...path, one.name]))];
}

function casesOf(id: string, test: SimpleTest): readonly Case[] {
  const matcher = test.resultMatcher;
  const params = bindingsOf(test);
  const names = new Map(params.map(({ name, local }) => [name, e.use(local)] as const));
  const scope: Scope = { translate: translateAny, names, container: test.container };
  const wanted = wantedValue(test);
  const body = translateAny(
    syntaxOf(test.expr),
    scope,
    wanted === undefined ? undefined : typeOfValue(wanted),
  );
  const text = programText(
    params.map((one) => one.local),
    body,
  );
  const args = params.map((one) => one.json);
  const expectations: readonly Expectation[] =
    matcher.case === "evalError"
      ? trapsOf(matcher.value.errors[0]?.message ?? "").map((trap) => ({ trap }))
      : [{ json: wantedJson(wanted, body.type) }];
  return expectations.map((expect) => ({ name: id, text, args, expect }));
}

function syntaxOf(expr: string) {
  try {
    return parse(expr).expr;
  } catch {
    return unmapped("syntax that the parser does not read");
  }
}

interface Binding {
  readonly name: string;
  readonly local: Local;
  readonly json: unknown;
}

function bindingsOf({ bindings, typeEnv }: SimpleTest): readonly Binding[] {
  const declared = new Map(typeEnv.map((one) => [one.name, typeOfDecl(one)] as const));
  return Object.entries(bindings).map(([name, { kind }]) => {
    if (kind.case !== "value") return unmapped("unknown values");
    const type = declared.get(name) ?? typeOfValue(kind.value) ?? unmapped("mixed types");
    return { name, local: binder(name, type), json: jsonOfValue(kind.value, type) };
  });
}

/** The value that the test asks for; undefined where that is true, or an error. */
function wantedValue({ resultMatcher: matcher }: SimpleTest): CelValue | undefined {
  if (matcher.case === "value") return matcher.value;
  if (matcher.case === "typedResult") return matcher.value.result ?? unmapped("types as values");
  if (matcher.case === undefined || matcher.case === "evalError") return undefined;
  return unmapped("unknown values");
}

function wantedJson(value: CelValue | undefined, type: Type): string {
  const json = jsonFromPlain((value === undefined ? true : jsonOfValue(value, type)) as never);
  const reading = json === undefined ? undefined : valueFromJson(json, type, NONE);
  if (reading?.value === undefined) return unmapped("mixed types");
  const written = valueToJson(reading.value, type, NONE);
  return written.problem === undefined ? writeJson(written.json) : unmapped("mixed types");
}

const NONE: NominalTypes = { records: new Map(), variants: new Map() };

/** The traps that stand for an error of CEL, whose messages are those of its reference implementation. */
function trapsOf(message: string): readonly string[] {
  const found = ERRORS.find(([pattern]) => pattern.test(message));
  return found === undefined ? unmapped("a type error there") : found[1];
}

const ERRORS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/(divide|modulus|division) by zero/, ["DIV_ZERO"]],
  [/overflow/, ["OVERFLOW"]],
  [/^no such key/, ["NONE"]],
  [/^invalid_argument$|out of range|negative offset|substring range/, ["INDEX", "FAIL", "INVALID"]],
  [/^range( error)?$/, ["OVERFLOW", "INVALID", "NONE"]],
  [/[Cc]onversion/, ["FAIL", "NONE"]],
  [/repeated key/, ["FAIL"]],
  [/^invalid$/, ["INVALID"]],
];

function programText(params: readonly Local[], body: Expr): string {
  return print(buildProgram({ entry: "f", functions: [{ name: "f", params, result: body.type, body }] }));
}
