import { clone, create, fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { BuiltProgram } from "#anrf/build/builder.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { RULES } from "#anrf/program/diagnostic.ts";
import { BOOL, DECIMAL, functionOf, INT, listOf, recordOf, STRING, variantOf } from "#anrf/program/type.ts";
import { DecimalNumber } from "#anrf/program/value.ts";
import * as e from "#anrf/testing/exprs.ts";
import { ArtifactHeaderSchema } from "#gen/anrf/v1/artifact_pb.ts";
import {
  ExtensionImportSchema,
  LocalDefSchema,
  type Module,
  ModuleSchema,
  type Node,
  NodeSchema,
  type TypeDef,
  TypeDefSchema,
} from "#gen/anrf/v1/ir_pb.ts";
import { type CheckOptions, check, isSound } from "./check.ts";

const n = e.slot("n", INT);

/** f(n) = let m = n + 1; [m, 2].map((x) => x * m). */
function sample(): BuiltProgram {
  const m = e.slot("m", INT);
  const items = e.list(INT, [e.use(m), e.int(2)]);
  const mapped = e.call("list.map", [items, e.each(INT, (x) => e.call("int.mul", [x, e.use(m)]))]);
  return e.programOf([e.fn("f", [n], e.bind(m, e.call("int.add", [e.use(n), e.int(1)]), mapped))]);
}

const SHAPE = {
  name: "Shape",
  cases: [
    { name: "Dot", payload: [] },
    { name: "Disc", payload: [INT] },
  ],
};
const LINE = {
  name: "Line",
  fields: [
    { name: "sku", type: STRING },
    { name: "qty", type: INT },
  ],
};

/** A match on a variant, made from a record. */
function nominal(): BuiltProgram {
  const shape = e.slot("s", variantOf("Shape"));
  const radius = e.slot("r", INT);
  const body = e.match(e.use(shape), [
    { pattern: { kind: "case", caseIndex: 0 }, binders: [], body: e.int(0) },
    { pattern: { kind: "case", caseIndex: 1 }, binders: [radius], body: e.use(radius) },
  ]);
  const line = { kind: "record" as const, type: recordOf("Line"), items: [e.text("A"), body] };
  const qty = { kind: "field" as const, type: INT, target: line, field: 1 };
  return e.programOf([e.fn("f", [shape], qty)], { records: [LINE], variants: [SHAPE] });
}

function nodesOf(module: Module): Node[] {
  return module.functions[0]?.nodes ?? [];
}

type Kinds = Exclude<Node["kind"], { case: undefined }>;

type Payloads = { [N in Kinds as N["case"]]: N["value"] };

function nodeOf<K extends keyof Payloads>(module: Module, kind: K): Payloads[K] {
  const found = nodesOf(module).find((one) => one.kind.case === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found.kind.value as unknown as Payloads[K];
}

function local(module: Module, index: number) {
  const found = module.functions[0]?.locals[index];
  if (found === undefined) throw new Error(`no local ${index}`);
  return found;
}

interface Negative {
  readonly rule: string;
  readonly name: string;
  readonly from: () => BuiltProgram;
  readonly breaks: (module: Module) => unknown;
  readonly options?: CheckOptions;
}

const type = (kind: TypeDef["kind"]): TypeDef => Object.assign(create(TypeDefSchema), { kind });

const NEGATIVES: readonly Negative[] = [
  { rule: "V01", name: "a tree of 513 levels", from: () => deep(513), breaks: () => 0 },
  { rule: "V01", name: "a type that nests 33 levels", from: () => nestedType(33), breaks: () => 0 },
  {
    rule: "V01",
    name: "types that double in size",
    from: sample,
    breaks: (m) => {
      for (let i = 0; i < 20; i++) {
        const last = m.types.length - 1;
        m.types.push(
          type({ case: "tupleOf", value: { $typeName: "anrf.v1.TupleType", elements: [last, last] } }),
        );
      }
    },
  },
  {
    rule: "V01",
    name: "a string of more than 1 MiB",
    from: () => e.programOf([e.fn("f", [], e.text("é".repeat(600_000)))]),
    breaks: () => 0,
  },
  {
    rule: "V02",
    name: "an operand that comes later",
    from: sample,
    breaks: (m) => (nodeOf(m, "letIn").value = 99),
  },
  { rule: "V02", name: "a root that is none of the nodes", from: sample, breaks: (m) => (head(m).body = 99) },
  {
    rule: "V03",
    name: "a node with two parents",
    from: sample,
    breaks: (m) => nodeOf(m, "makeList").items.push(0),
  },
  {
    rule: "V03",
    name: "a root with a parent",
    from: sample,
    breaks: (m) => head(m).requires.push(clauseOf(2)),
  },
  {
    rule: "V04",
    name: "a node that no root reaches",
    from: sample,
    breaks: (m) => nodesOf(m).unshift(literal(m)),
  },
  {
    rule: "V05",
    name: "a local that is bound twice",
    from: sample,
    breaks: (m) => (nodeOf(m, "letIn").local = 0),
  },
  {
    rule: "V05",
    name: "a local that nothing binds",
    from: sample,
    breaks: (m) => head(m).locals.push(create(LocalDefSchema, { type: local(m, 0).type })),
  },
  {
    rule: "V06",
    name: "a use outside its scope",
    from: sample,
    breaks: (m) => (nodeOf(m, "localRef").local = 2),
  },
  {
    rule: "V06",
    name: "a local out of range",
    from: sample,
    breaks: (m) => (nodeOf(m, "localRef").local = 9),
  },
  {
    rule: "V07",
    name: "a type that stands twice",
    from: sample,
    breaks: (m) => m.types.push(type({ case: "scalar", value: 3 })),
  },
  {
    rule: "V07",
    name: "a type operand that comes later",
    from: sample,
    breaks: (m) => m.types.push(type({ case: "listOf", value: 50 })),
  },
  { rule: "V07", name: "a node of a type out of range", from: sample, breaks: (m) => (node(m, 0).type = 50) },
  {
    rule: "V07",
    name: "a record out of range",
    from: sample,
    breaks: (m) => m.types.push(type({ case: "recordRef", value: 0 })),
  },
  { rule: "V08", name: "a literal of another type", from: sample, breaks: (m) => (literalNode(m).type = 1) },
  { rule: "V08", name: "a let of another type", from: sample, breaks: (m) => (local(m, 1).type = 1) },
  { rule: "V08", name: "a body of another type", from: sample, breaks: (m) => (head(m).resultType = 0) },
  {
    rule: "V09",
    name: "a builtin with one argument too few",
    from: sample,
    breaks: (m) => nodeOf(m, "builtinCall").args.pop(),
  },
  {
    rule: "V09",
    name: "a builtin of other types",
    from: sample,
    breaks: (m) => (nodeOf(m, "builtinCall").builtin = 33),
  },
  { rule: "V09", name: "eq of functions", from: functionsCompared, breaks: () => 0 },
  { rule: "V10", name: "a map with float keys", from: sample, breaks: (m) => floatKeys(m) },
  { rule: "V11", name: "a rounding that is not known", from: () => rounding("sideways"), breaks: () => 0 },
  { rule: "V11", name: "a pattern that does not compile", from: () => searching("(a"), breaks: () => 0 },
  { rule: "V11", name: "a pattern that is no literal", from: regexOfParam, breaks: () => 0 },
  { rule: "V12", name: "a case left out", from: nominal, breaks: (m) => nodeOf(m, "matchOn").arms.pop() },
  { rule: "V12", name: "a case taken twice", from: nominal, breaks: (m) => twice(m) },
  { rule: "V12", name: "a wildcard before the end", from: () => wildcards(), breaks: () => 0 },
  { rule: "V12", name: "equal constants", from: () => constants([1, 1]), breaks: () => 0 },
  { rule: "V12", name: "ints without a wildcard", from: () => constants([1, 2], false), breaks: () => 0 },
  {
    rule: "V13",
    name: "a field that is not there",
    from: nominal,
    breaks: (m) => (nodeOf(m, "getField").field = 7),
  },
  {
    rule: "V13",
    name: "a case that is not there",
    from: variantMade,
    breaks: (m) => (nodeOf(m, "makeVariant").caseIndex = 7),
  },
  {
    rule: "V13",
    name: "a record with a part too few",
    from: nominal,
    breaks: (m) => nodeOf(m, "makeRecord").items.pop(),
  },
  {
    rule: "V13",
    name: "an arm with a binder too few",
    from: nominal,
    breaks: (m) => (nodeOf(m, "matchOn").arms[1] as { binders: number[] }).binders.pop(),
  },
  {
    rule: "V13",
    name: "a function name that is no identifier",
    from: sample,
    breaks: (m) => (head(m).name = "f\u202e"),
  },
  {
    rule: "V13",
    name: "a type name that is a family",
    from: nominal,
    breaks: (m) => ((m.records[0] as { name: string }).name = "List"),
  },
  {
    rule: "V13",
    name: "two functions of one name",
    from: twoFunctions,
    breaks: (m) => ((m.functions[1] as { name: string }).name = head(m).name),
  },
  {
    rule: "V14",
    name: "a list of functions",
    from: sample,
    breaks: (m) => m.types.push(type({ case: "listOf", value: functionType(m) })),
  },
  { rule: "V15", name: "a clause that is an int", from: () => withClause(e.int(1)), breaks: () => 0 },
  {
    rule: "V15",
    name: "a hole in a clause",
    from: () => withClause({ kind: "hole", type: BOOL, message: "say it" }),
    breaks: () => 0,
  },
  { rule: "V16", name: "recursion without decreases", from: recursion, breaks: () => 0 },
  { rule: "V17", name: "an entry out of range", from: sample, breaks: (m) => (m.entry = 5) },
  { rule: "V17", name: "a parameter that is a function", from: functionParam, breaks: () => 0 },
  { rule: "V18", name: "locals in another order", from: sample, breaks: (m) => swapLocals(m) },
  {
    rule: "V18",
    name: "a function that nothing calls",
    from: twoFunctions,
    breaks: (m) => (nodeOf(m, "functionCall").function = 0),
  },
  {
    rule: "V18",
    name: "a type that nothing uses",
    from: sample,
    breaks: (m) => m.types.push(type({ case: "scalar", value: 5 })),
  },
  { rule: "V18", name: "a decimal with trailing zeros", from: () => decimals(), breaks: () => 0 },
  {
    rule: "V18",
    name: "bytes that are longer than needed",
    from: sample,
    breaks: () => 0,
    options: { bytes: longBytes() },
  },
  {
    rule: "V19",
    name: "a node of no kind",
    from: sample,
    breaks: (m) => (node(m, 0).kind = { case: undefined }),
  },
  {
    rule: "V19",
    name: "a builtin that the catalogue lacks",
    from: sample,
    breaks: (m) => (nodeOf(m, "builtinCall").builtin = 9_999 as never),
  },
  {
    rule: "V19",
    name: "an unknown field",
    from: sample,
    breaks: (m) => (node(m, 0).$unknown = [{ no: 99, wireType: 0, data: new Uint8Array([1]) }]),
  },
  {
    rule: "V20",
    name: "a header of another minor",
    from: sample,
    breaks: () => 0,
    options: { header: create(ArtifactHeaderSchema, { minReaderMinor: 3 }) },
  },
  {
    rule: "V22",
    name: "an extension",
    from: sample,
    breaks: (m) => m.extensions.push(create(ExtensionImportSchema, { name: "clock", urn: "urn:x:clock" })),
  },
  {
    rule: "V23",
    name: "a builtin that this build does not run",
    from: () => e.programOf([e.fn("f", [], e.call("float.sin", [e.float(1)]))]),
    breaks: () => 0,
    options: { runs: (builtin) => builtin < 401 },
  },
];

describe("check", () => {
  it.each([
    ["sample", sample],
    ["nominal", nominal],
    ["two functions", twoFunctions],
    ["wildcard last", () => constants([1, 2])],
    ["deep as allowed", () => deep(512)],
    ["nested as allowed", () => nestedType(32)],
    ["a pattern", () => searching("a+b")],
    ["a rounding", () => rounding("half_up")],
    ["contracts", () => withClause(e.bool(true))],
  ])("accepts %s", (_, from) => {
    const { module } = from();
    expect(check(module, { bytes: moduleBytes(module) })).toEqual([]);
  });

  it.each(NEGATIVES)("$rule: refuses $name", ({ rule, from, breaks, options }) => {
    const module = clone(ModuleSchema, from().module);
    breaks(module);
    const found = check(module, options);
    expect(found.map((one) => one.code)).toContain(rule);
    expect(isSound(found)).toBe(rule === "V16" || rule === "V23");
    for (const one of found) expect(one.message).not.toBe("");
  });

  it("has a negative test for every rule of the table but the one about examples", () => {
    const tested = new Set(NEGATIVES.map((one) => one.rule));
    expect(Object.keys(RULES).filter((rule) => !tested.has(rule))).toEqual(["V21"]);
  });

  it("says something of its own for each rule", () => {
    const rules = new Map<string, string>();
    for (const { rule, from, breaks, options } of NEGATIVES) {
      const module = clone(ModuleSchema, from().module);
      breaks(module);
      const { message } = check(module, options).find((one) => one.code === rule) ?? { message: "" };
      expect([rule, undefined], message).toContain(rules.get(message));
      rules.set(message, rule);
    }
    const texts = Object.values(RULES).map((one) => one.rule);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("names the function and the node", () => {
    const { module } = sample();
    nodeOf(module, "localRef").local = 2;
    const [found] = check(module).filter((one) => one.code === "V06");
    expect([found?.function, found?.node]).toEqual([0, 0]);
  });

  it("answers with diagnostics, never with an exception, whatever bytes decode to", () => {
    const { module } = nominal();
    const bytes = moduleBytes(module);
    let decoded = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 2, 4, 8, 0x10, 0x40, 0x80]) {
        const altered = bytes.slice();
        altered[at] = (altered[at] ?? 0) ^ flip;
        const broken = attempt(altered);
        if (broken === undefined) continue;
        decoded++;
        expect(() => check(broken, { bytes: altered })).not.toThrow();
      }
    }
    expect(decoded).toBeGreaterThan(500);
  });

  it("stays linear: a function of 65,536 nodes is checked whole", () => {
    const items = Array.from({ length: 65_535 }, (_, index) => e.int(index));
    const { module } = e.programOf([e.fn("f", [], e.list(INT, items))]);
    expect(module.functions[0]?.nodes.length).toBe(65_536);
    expect(check(module)).toEqual([]);
  });
});

function attempt(bytes: Uint8Array): Module | undefined {
  try {
    return fromBinary(ModuleSchema, bytes);
  } catch {
    return undefined;
  }
}

function head(module: Module) {
  const found = module.functions[0];
  if (found === undefined) throw new Error("no function");
  return found;
}

function node(module: Module, id: number): Node {
  const found = nodesOf(module)[id];
  if (found === undefined) throw new Error(`no node ${id}`);
  return found;
}

function literalNode(module: Module): Node {
  const found = nodesOf(module).find((one) => one.kind.case === "literal");
  if (found === undefined) throw new Error("no literal");
  return found;
}

function literal(module: Module): Node {
  return clone(NodeSchema, literalNode(module));
}

function clauseOf(root: number) {
  return { $typeName: "anrf.v1.Clause" as const, root, label: "" };
}

function functionType(module: Module): number {
  return module.types.findIndex((one) => one.kind.case === "functionOf");
}

function deep(levels: number): BuiltProgram {
  let body = e.int(1);
  for (let i = 1; i < levels; i++) body = e.call("int.neg", [body]);
  return e.programOf([e.fn("f", [], body)]);
}

function nestedType(levels: number): BuiltProgram {
  let nested = INT;
  for (let i = 1; i < levels; i++) nested = listOf(nested);
  return e.programOf([e.fn("f", [], { kind: "list", type: nested, items: [] })]);
}

function functionsCompared(): BuiltProgram {
  const f = e.each(INT, (x) => x);
  const args = [f, e.each(INT, (x) => x)];
  return e.programOf([e.fn("f", [], { kind: "builtin", type: BOOL, builtin: 1, args })]);
}

function floatKeys(module: Module): void {
  const float = module.types.push(type({ case: "scalar", value: 4 })) - 1;
  module.types.push(
    type({ case: "mapOf", value: { $typeName: "anrf.v1.MapType", key: float, value: float } }),
  );
}

function rounding(mode: string): BuiltProgram {
  const price = e.slot("price", DECIMAL);
  return e.programOf([e.fn("f", [price], e.call("decimal.round", [e.use(price), e.int(2), e.text(mode)]))]);
}

function searching(pattern: string): BuiltProgram {
  const s = e.slot("s", STRING);
  return e.programOf([e.fn("f", [s], e.call("regex.matches", [e.use(s), e.text(pattern)]))]);
}

function regexOfParam(): BuiltProgram {
  const s = e.slot("s", STRING);
  return e.programOf([e.fn("f", [s], e.call("regex.matches", [e.use(s), e.use(s)]))]);
}

function twice(module: Module): void {
  for (const arm of nodeOf(module, "matchOn").arms) {
    if (arm.pattern !== undefined) arm.pattern.kind = { case: "variantCase", value: 0 };
    arm.binders = [];
  }
}

function constants(values: readonly number[], hasRest = true): BuiltProgram {
  const arms = values.map((value) => ({
    pattern: { kind: "literal" as const, value, type: INT },
    binders: [],
    body: e.int(value),
  }));
  const rest = { pattern: { kind: "wildcard" as const }, binders: [], body: e.int(0) };
  return e.programOf([e.fn("f", [n], e.match(e.use(n), hasRest ? [...arms, rest] : arms))]);
}

function wildcards(): BuiltProgram {
  const rest = { pattern: { kind: "wildcard" as const }, binders: [], body: e.int(0) };
  const some = { pattern: { kind: "some" as const }, binders: [e.slot("x", INT)], body: e.int(1) };
  return e.programOf([e.fn("f", [], e.match(e.none(INT), [rest, some]))]);
}

function variantMade(): BuiltProgram {
  const made = { kind: "variant" as const, type: variantOf("Shape"), caseIndex: 1, args: [e.int(1)] };
  return e.programOf([e.fn("f", [], made)], { variants: [SHAPE] });
}

function twoFunctions(): BuiltProgram {
  const double = e.fn("double", [e.slot("k", INT)], e.int(2));
  return e.programOf([e.fn("f", [n], e.invoke("double", INT, [e.use(n)])), double]);
}

function withClause(expr: Parameters<typeof e.some>[0]): BuiltProgram {
  return e.programOf([e.fn("f", [n], e.use(n), { requires: [{ expr, label: "it holds" }] })]);
}

function recursion(): BuiltProgram {
  return e.programOf([e.fn("f", [n], e.invoke("f", INT, [e.use(n)]))]);
}

function functionParam(): BuiltProgram {
  const f = e.slot("f", functionOf([INT], INT));
  return e.programOf([e.fn("g", [f], e.int(1))]);
}

function swapLocals(module: Module): void {
  nodeOf(module, "letIn").local = 2;
  nodeOf(module, "lambdaExpr").params = [1];
  for (const one of nodesOf(module)) {
    if (one.kind.case === "localRef" && one.kind.value.local > 0)
      one.kind.value.local = 3 - one.kind.value.local;
  }
}

function decimals(): BuiltProgram {
  const value = new DecimalNumber(10n, 1);
  return e.programOf([e.fn("f", [], { kind: "literal", type: DECIMAL, value })]);
}

function longBytes(): Uint8Array {
  const bytes = moduleBytes(sample().module);
  return new Uint8Array([0x08, 0x00, ...bytes]);
}
