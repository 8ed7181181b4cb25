import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { Expr, FunctionExpr } from "#anrf/build/expr.ts";
import { type Document, makeArtifact, readArtifact } from "#anrf/program/artifact.ts";
import { digestBytes } from "#anrf/program/digest.ts";
import { FLOAT, INT, listOf, mapOf, optionOf, STRING, type Type, tupleOf } from "#anrf/program/type.ts";
import { Some, SortedMap, type Value } from "#anrf/program/value.ts";
import { valueToProto } from "#anrf/program/value-proto.ts";
import * as e from "#anrf/testing/exprs.ts";
import { ArtifactSchema, type Example, ExampleSchema, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { type Module, ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import { isWithin } from "./compare.ts";
import { worst } from "./result.ts";
import { CHECKS, isCheck, verify } from "./verify.ts";

const n = e.slot("n", INT);

function documentOf(
  functions: readonly FunctionExpr[],
  examples: readonly Example[] = [],
  breaks?: (module: Module) => void,
): Document {
  const { module } = e.programOf(functions);
  const spec = create(SpecSchema, { intentText: "test", examples: [...examples] });
  const artifact = makeArtifact({ module, spec, producer: "test", producerVersion: "1" });
  if (breaks !== undefined) {
    const broken = clone(ModuleSchema, module);
    breaks(broken);
    artifact.module = toBinary(ModuleSchema, broken);
    if (artifact.header?.moduleDigest !== undefined)
      artifact.header.moduleDigest.value = digestBytes("module", artifact.module);
  }
  const { document, fault } = readArtifact(toBinary(ArtifactSchema, artifact));
  if (document === undefined) throw new Error(fault.message);
  return document;
}

const ints = (values: readonly number[]) => values.map((value) => valueToProto(value, INT));

function example(args: readonly number[], result: number | TrapCode, isTrap = false): Example {
  const expected = isTrap
    ? { case: "trap" as const, value: result as TrapCode }
    : { case: "result" as const, value: valueToProto(result, INT) };
  return create(ExampleSchema, { args: ints(args), expected });
}

const body = e.call("int.div_floor", [e.int(100), e.use(n)]);
const functions = [e.fn("share", [n], body)];

function outcome(document: Document, check: (typeof CHECKS)[number], limits = {}) {
  const [found] = verify(document, [check], limits);
  if (found === undefined) throw new Error("no outcome");
  return found;
}

describe("verify", () => {
  it("gives every check of this build, in order, and passes a sound program", () => {
    const document = documentOf(functions, [example([7], 14), example([0], TrapCode.DIV_ZERO, true)]);
    const found = [...verify(document)];
    expect(found.map((one) => [one.check, one.status])).toEqual([
      ["structure", "PASS"],
      ["types", "PASS"],
      ["examples", "PASS"],
    ]);
    expect(found[2]?.obligations.map((one) => one.id)).toEqual(["example-1", "example-2"]);
  });

  it("runs only what is asked for", () => {
    expect([...verify(documentOf(functions), ["types"])].map((one) => one.check)).toEqual(["types"]);
    expect(CHECKS.every(isCheck)).toBe(true);
    expect(isCheck("proofs")).toBe(false);
  });

  it("fails structure for a broken rule, and does not run examples", () => {
    const document = documentOf(functions, [example([7], 14)], (module) => {
      module.types.push(
        ...fromBinary(ModuleSchema, toBinary(ModuleSchema, e.programOf([e.fn("g", [], e.bool(true))]).module))
          .types,
      );
    });
    const [structure, types, examples] = verify(document);
    expect(structure).toMatchObject({
      status: "FAIL",
      obligations: [{ id: "V18-1", status: "FAIL", engine: "checker" }],
    });
    expect(types?.status).toBe("WARN");
    expect(examples?.status).toBe("WARN");
  });

  it("fails types for a node of another type, naming function and node", () => {
    const document = documentOf(functions, [], (module) => {
      const node = module.functions[0]?.nodes[2];
      if (node?.kind.case === "builtinCall") node.kind.value.builtin = 33;
    });
    expect(outcome(document, "types")).toMatchObject({
      status: "FAIL",
      obligations: [{ function: "share", node: 2 }],
    });
  });

  it("fails structure for a hole that is left", () => {
    const hole: Expr = { kind: "hole", type: INT, message: "the rest" };
    const found = outcome(documentOf([e.fn("f", [], hole)]), "structure");
    expect(found.status).toBe("FAIL");
    expect(found.details).toContain("INCOMPLETE");
  });

  it("warns of a builtin that is not stable yet", () => {
    const document = documentOf([e.fn("f", [], e.call("float.sin", [e.float(1)]))]);
    const found = outcome(document, "structure");
    expect(found.status).toBe("WARN");
    expect(found.details).toContain("float.sin is not stable yet");
  });

  it.each<readonly [string, Example, string, string]>([
    ["another result", example([7], 15), "FAIL", "expected 15, got 14"],
    ["a trap instead of a result", example([0], 1), "FAIL", "expected 1, got trap DIV_ZERO"],
    [
      "a result instead of a trap",
      example([7], TrapCode.OVERFLOW, true),
      "FAIL",
      "expected trap OVERFLOW, got 14",
    ],
    [
      "another trap",
      example([0], TrapCode.OVERFLOW, true),
      "FAIL",
      "expected trap OVERFLOW, got trap DIV_ZERO",
    ],
    ["too many arguments", example([7, 8], 14), "FAIL", "V21: the example has 2 arguments"],
    ["an argument of another type", textExample(), "FAIL", "V21: args[0]: expected a value of type int"],
    ["no expectation", create(ExampleSchema, { args: ints([7]) }), "WARN", "not evaluated"],
  ])("judges an example with %s", (_, given, status, reason) => {
    const found = outcome(documentOf(functions, [given]), "examples");
    expect(found.status).toBe(status);
    expect(found.obligations[0]?.reason).toContain(reason);
  });

  it("shows a failing example with what came out", () => {
    const found = outcome(documentOf(functions, [example([7], 15)]), "examples");
    expect(found.obligations[0]?.counterexample).toEqual({
      args: [7],
      expected: { value: 15 },
      got: { value: 14 },
    });
  });

  it("warns without examples, outside requires, and where a limit is met", () => {
    expect(outcome(documentOf(functions), "examples").status).toBe("WARN");
    const isPositive = { expr: e.call("gt", [e.use(n), e.int(0)]), label: "positive" };
    const guarded = documentOf([e.fn("f", [n], body, { requires: [isPositive] })], [example([-1], -100)]);
    expect(outcome(guarded, "examples")).toMatchObject({ status: "WARN", obligations: [{ status: "WARN" }] });
    expect(outcome(documentOf(functions, [example([7], 14)]), "examples", { fuel: 2 }).status).toBe("WARN");
  });

  it("fails an example that breaks ensures", () => {
    const result = e.slot("result", INT);
    const isSmall = { expr: e.call("lt", [e.use(result), e.int(5)]), label: "small" };
    const document = documentOf(
      [e.fn("f", [n], body, { resultLocal: result, ensures: [isSmall] })],
      [example([7], 14)],
    );
    expect(outcome(document, "examples").status).toBe("FAIL");
  });
});

function textExample(): Example {
  return create(ExampleSchema, {
    args: [valueToProto("7", STRING)],
    expected: { case: "result", value: valueToProto(14, INT) },
  });
}

describe("worst", () => {
  it.each([
    [["PASS", "WARN", "FAIL"], "FAIL"],
    [["PASS", "WARN"], "WARN"],
    [["PASS", "PASS"], "PASS"],
    [[], "WARN"],
  ] as const)("of %j is %s", (all, expected) => {
    expect(worst(all)).toBe(expected);
  });
});

describe("isWithin", () => {
  const TOLERANCE = { absolute: 0.01, relative: 0 };
  it.each<readonly [string, Value, Value, Type, boolean]>([
    ["equal floats", 1, 1, FLOAT, true],
    ["close floats", 1, 1.005, FLOAT, true],
    ["distant floats", 1, 1.02, FLOAT, false],
    ["NaN", Number.NaN, Number.NaN, FLOAT, true],
    ["infinity and a number", Number.POSITIVE_INFINITY, 1, FLOAT, false],
    ["close floats in a list", [1, 2], [1, 2.001], listOf(FLOAT), true],
    ["lists of other lengths", [1], [1, 2], listOf(FLOAT), false],
    ["close floats in a tuple", [1, "a"], [1.001, "a"], tupleOf([FLOAT, STRING]), true],
    ["another text in a tuple", [1, "a"], [1, "b"], tupleOf([FLOAT, STRING]), false],
    ["some and none", new Some(1), null, optionOf(FLOAT), false],
    ["close content", new Some(1), new Some(1.001), optionOf(FLOAT), true],
    ["none and none", null, null, optionOf(FLOAT), true],
    ["close values of a map", new SortedMap([1], [1]), new SortedMap([1], [1.001]), mapOf(INT, FLOAT), true],
    ["other keys of a map", new SortedMap([1], [1]), new SortedMap([2], [1]), mapOf(INT, FLOAT), false],
    ["ints that differ", 1, 2, INT, false],
  ])("%s", (_, got, expected, type, verdict) => {
    expect(isWithin(got, expected, type, undefined, TOLERANCE)).toBe(verdict);
  });

  it("takes a relative tolerance by the expected value", () => {
    expect(isWithin(101, 100, FLOAT, undefined, { absolute: 0, relative: 0.02 })).toBe(true);
    expect(isWithin(103, 100, FLOAT, undefined, { absolute: 0, relative: 0.02 })).toBe(false);
  });

  it("asks for equality without a tolerance", () => {
    expect(isWithin(-0, 0, FLOAT)).toBe(true);
    expect(isWithin(0.1 + 0.2, 0.3, FLOAT)).toBe(false);
  });
});
