import { describe, expect, it } from "vitest";
import type { Expr, FunctionExpr, ProgramExpr } from "#anrf/build/expr.ts";
import { trapName } from "#anrf/program/trap.ts";
import { BOOL, functionOf, INT, listOf, recordOf, STRING, type Type, variantOf } from "#anrf/program/type.ts";
import { Some, type Value, Variant } from "#anrf/program/value.ts";
import * as e from "#anrf/testing/exprs.ts";
import type { ContractMode } from "./code.ts";
import { interpret, type Outcome, runProgram } from "./interpret.ts";
import type { RunLimits } from "./meter.ts";
import { planProgram } from "./plan.ts";

const n = e.slot("n", INT);
const xs = e.slot("xs", listOf(INT));
const add = (a: Expr, b: Expr): Expr => e.call("int.add", [a, b]);
const sub = (a: Expr, b: Expr): Expr => e.call("int.sub", [a, b]);
const mul = (a: Expr, b: Expr): Expr => e.call("int.mul", [a, b]);
const isLess = (a: Expr, b: Expr): Expr => e.call("lt", [a, b]);
const isEqual = (a: Expr, b: Expr): Expr => e.call("eq", [a, b]);

interface Case {
  readonly name: string;
  readonly functions: readonly FunctionExpr[];
  readonly args?: readonly Value[];
  readonly more?: Partial<ProgramExpr>;
  readonly contracts?: ContractMode;
  readonly depth?: number;
  readonly expect: Value | { readonly trap: string };
}

const entry = (body: Expr, params = [n]): readonly FunctionExpr[] => [e.fn("f", params, body)];

function expression(name: string, body: Expr, expected: Case["expect"], args: readonly Value[] = [7]): Case {
  return { name, functions: entry(body), args, expect: expected };
}

const SUM = e.slot("sum", INT);
const ITEM = e.slot("item", INT);
const overflowing = add(e.int(2n ** 63n - 1n), e.int(1));

/** Counts n down to 0 by a self tail call. */
function countdown(): FunctionExpr {
  const total = e.slot("total", INT);
  const again = e.invoke("down", INT, [sub(e.use(n), e.int(1)), add(e.use(total), e.use(n))]);
  return e.fn("down", [n, total], e.branch(isEqual(e.use(n), e.int(0)), e.use(total), again));
}

/** 1 + … + n, not by a tail call. */
function climbing(more: Partial<FunctionExpr> = {}): FunctionExpr {
  const before = e.invoke("climb", INT, [sub(e.use(n), e.int(1))]);
  return e.fn("climb", [n], e.branch(isLess(e.use(n), e.int(1)), e.int(0), add(e.use(n), before)), more);
}

function fibonacci(): FunctionExpr {
  const before = (by: number): Expr => e.invoke("fib", INT, [sub(e.use(n), e.int(by))]);
  return e.fn("fib", [n], e.branch(isLess(e.use(n), e.int(2)), e.use(n), add(before(1), before(2))));
}

function looping(more: Parameters<typeof e.loop>[4] = {}): Expr {
  const state = e.slot("i", INT);
  const next = add(e.use(state), e.int(2));
  const given = typeof more === "object" ? more : {};
  return e.loop(state, e.int(0), isLess(e.use(state), e.use(n)), next, given);
}

/** Adders made by a lambda that outlives its call: (a) => (b) => a + b. */
function adders(): Expr {
  const a = e.slot("a", INT);
  const b = e.slot("b", INT);
  const make = e.slot("make", functionOf([INT], functionOf([INT], INT)));
  const two = e.slot("two", functionOf([INT], INT));
  const ten = e.slot("ten", functionOf([INT], INT));
  const adder = e.lambda([a], e.lambda([b], add(e.use(a), e.use(b))));
  const applied = (fn: Expr, arg: Expr, type: Type): Expr => ({
    kind: "apply",
    type,
    callee: fn,
    args: [arg],
  });
  const sum = add(applied(e.use(two), e.int(1), INT), applied(e.use(ten), e.int(1), INT));
  const bound = e.bind(ten, applied(e.use(make), e.int(10), ten.type), sum);
  return e.bind(make, adder, e.bind(two, applied(e.use(make), e.int(2), two.type), bound));
}

/** A fold whose state is a function: each step wraps the one before. */
function foldedFunctions(): Expr {
  const type = functionOf([INT], INT);
  const before = e.slot("before", type);
  const x = e.slot("x", INT);
  const inner: Expr = { kind: "apply", type: INT, callee: e.use(before), args: [e.use(x)] };
  const step = e.lambda([before, ITEM], e.lambda([x], add(mul(inner, e.int(10)), e.use(ITEM))));
  const start = e.each(INT, (y) => y);
  const made = e.call("list.fold", [e.list(INT, [e.int(1), e.int(2), e.int(3)]), start, step]);
  return { kind: "apply", type: INT, callee: made, args: [e.use(n)] };
}

const SHAPE = {
  name: "Shape",
  cases: [
    { name: "Dot", payload: [] },
    { name: "Box", payload: [INT, INT] },
  ],
};

function area(): FunctionExpr {
  const shape = e.slot("shape", variantOf("Shape"));
  const [w, h] = [e.slot("w", INT), e.slot("h", INT)];
  const arms = [
    { pattern: { kind: "case" as const, caseIndex: 1 }, binders: [w, h], body: mul(e.use(w), e.use(h)) },
    { pattern: { kind: "wildcard" as const }, binders: [], body: e.int(0) },
  ];
  return e.fn("area", [shape], e.match(e.use(shape), arms));
}

function named(key: Expr): Expr {
  const arm = (value: string, body: number) => ({
    pattern: { kind: "literal" as const, value, type: STRING },
    binders: [],
    body: e.int(body),
  });
  const rest = { pattern: { kind: "wildcard" as const }, binders: [], body: e.int(-1) };
  return e.match(key, [arm("one", 1), arm("two", 2), rest]);
}

function optional(subject: Expr): Expr {
  const x = e.slot("x", INT);
  return e.match(subject, [
    { pattern: { kind: "some" }, binders: [x], body: add(e.use(x), e.int(1)) },
    { pattern: { kind: "none" }, binders: [], body: e.int(-1) },
  ]);
}

const isTrue = (expr: Expr, label = ""): { expr: Expr; label: string } => ({ expr, label });
const result = e.slot("result", INT);

const CASES: readonly Case[] = [
  expression("adds", add(e.use(n), e.int(1)), 8),
  expression(
    "leaves doubles where they are not exact",
    add(e.int(9007199254740991n), e.int(2)),
    9007199254740993n,
  ),
  expression(
    "multiplies past doubles",
    mul(e.int(4_000_000_000), e.int(2_000_000_001)),
    8000000004000000000n,
  ),
  expression("multiplies to plain zero", e.call("eq", [mul(e.int(-5), e.int(0)), e.int(0)]), true),
  expression("takes the floor remainder", e.call("int.mod_floor", [e.int(-7), e.int(3)]), 2),
  expression("traps on overflow", overflowing, { trap: "OVERFLOW" }),
  expression("traps on division by zero", e.call("int.div_floor", [e.use(n), e.int(0)]), {
    trap: "DIV_ZERO",
  }),
  expression("traps on an index", e.call("list.get", [e.list(INT, [e.int(1)]), e.use(n)]), { trap: "INDEX" }),
  expression("traps on none", e.call("option.unwrap", [e.none(INT)]), { trap: "NONE" }),
  expression("fails with a message", { kind: "fail", type: INT, message: "no" }, { trap: "FAIL" }),
  expression("stops at a hole", { kind: "hole", type: INT, message: "later" }, { trap: "HOLE" }),
  expression("compares floats by IEEE", isLess(e.float(Number.NaN), e.float(1)), false),
  expression("takes NaN as unequal", isEqual(e.float(Number.NaN), e.float(Number.NaN)), false),
  expression("evaluates one arm", e.branch(isLess(e.use(n), e.int(9)), e.int(1), overflowing), 1),
  expression("ends and at false", e.call("bool.and", [e.bool(false), isEqual(overflowing, e.int(0))]), false),
  expression("ends or at true", e.call("bool.or", [e.bool(true), isEqual(overflowing, e.int(0))]), true),
  expression(
    "goes on with or at false",
    e.call("bool.or", [e.bool(false), isEqual(e.use(n), e.int(7))]),
    true,
  ),
  expression("leaves a lazy argument alone", e.call("option.get_or", [e.some(e.int(3)), overflowing]), 3),
  expression("evaluates a lazy argument", e.call("option.get_or", [e.none(INT), e.use(n)]), 7),
  expression("loops", looping(), 8),
  expression("keeps a loop that never runs", looping(), 0, [-1]),
  expression("makes closures that keep what they saw", adders(), 14),
  expression("folds to a function", foldedFunctions(), 7123),
  expression(
    "keeps the last equal key",
    e.call("map.size", [
      e.map(
        INT,
        INT,
        [1, 2, 1, 3].map((k) => e.int(k)),
      ),
    ]),
    1,
  ),
  expression("takes parts", e.part(e.tuple([e.int(1), e.use(n)]), 1), 7),
  expression("matches a constant", named(e.text("two")), 2),
  expression("matches the rest", named(e.text("three")), -1),
  expression("binds the content of some", optional(e.some(e.int(4))), 5),
  expression("takes none", optional(e.none(INT)), -1),
  expression("gives a bare option", e.some(e.use(n)), new Some(7)),
  {
    name: "maps, filters and folds",
    functions: [
      e.fn(
        "f",
        [xs],
        e.call("list.fold", [
          e.call("list.map", [
            e.call("list.filter", [e.use(xs), e.each(INT, (x) => isLess(e.int(1), x))]),
            e.each(INT, (x) => mul(x, x)),
          ]),
          e.int(0),
          e.lambda([SUM, ITEM], add(e.use(SUM), e.use(ITEM))),
        ]),
      ),
    ],
    args: [[1, 2, 3]],
    expect: 13,
  },
  { name: "calls itself", functions: [fibonacci()], args: [15], expect: 610 },
  {
    name: "calls itself in the tail far beyond the depth limit",
    functions: [countdown()],
    args: [50_000, 0],
    expect: 1250025000,
  },
  {
    name: "matches a case with a payload",
    functions: [area()],
    args: [new Variant(1, [3, 4])],
    more: { variants: [SHAPE] },
    expect: 12,
  },
  {
    name: "matches a case without one",
    functions: [area()],
    args: [new Variant(0, [])],
    more: { variants: [SHAPE] },
    expect: 0,
  },
  {
    name: "reads a field of a record",
    functions: entry({
      kind: "field",
      type: INT,
      target: { kind: "record", type: recordOf("Line"), items: [e.text("A"), e.use(n)] },
      field: 1,
    }),
    args: [7],
    more: {
      records: [
        {
          name: "Line",
          fields: [
            { name: "sku", type: STRING },
            { name: "qty", type: INT },
          ],
        },
      ],
    },
    expect: 7,
  },
  {
    name: "recursion inside a lambda keeps its frames apart",
    functions: [
      e.fn(
        "tree",
        [n],
        e.branch(
          isLess(e.use(n), e.int(1)),
          e.int(1),
          e.call("list.sum_int", [
            e.call("list.map", [
              e.list(INT, [e.int(1), e.int(2)]),
              e.lambda([ITEM], mul(e.use(ITEM), e.invoke("tree", INT, [sub(e.use(n), e.use(ITEM))]))),
            ]),
          ]),
        ),
      ),
    ],
    args: [3],
    expect: 11,
  },
  {
    name: "enforces requires",
    functions: [climbing({ requires: [isTrue(isLess(e.use(n), e.int(5)))] })],
    args: [6],
    expect: { trap: "CONTRACT" },
  },
  {
    name: "holds requires",
    functions: [climbing({ requires: [isTrue(isLess(e.use(n), e.int(9)))] })],
    args: [6],
    expect: 21,
  },
  {
    name: "enforces ensures",
    functions: [climbing({ resultLocal: result, ensures: [isTrue(isLess(e.use(result), e.int(3)))] })],
    args: [2],
    expect: { trap: "CONTRACT" },
  },
  {
    name: "takes a trapping clause as false",
    functions: [climbing({ requires: [isTrue(isLess(overflowing, e.int(1)))] })],
    args: [2],
    expect: { trap: "CONTRACT" },
  },
  {
    name: "leaves contracts off",
    functions: [climbing({ requires: [isTrue(e.bool(false))] })],
    args: [6],
    contracts: "off",
    expect: 21,
  },
  {
    name: "only reports contracts",
    functions: [climbing({ requires: [isTrue(e.bool(false))] })],
    args: [6],
    contracts: "report",
    expect: 21,
  },
  {
    name: "follows a measure that falls",
    functions: [climbing({ decreases: e.use(n) })],
    args: [6],
    expect: 21,
  },
  {
    name: "stops a measure that grows",
    functions: [climbing({ decreases: sub(e.int(9), e.use(n)) })],
    args: [6],
    expect: { trap: "CONTRACT" },
  },
  {
    name: "holds an invariant",
    functions: entry(looping({ invariants: [e.bool(true)], decreases: add(e.int(9), e.int(0)) })),
    args: [1],
    expect: { trap: "CONTRACT" },
  },
  {
    name: "enforces an invariant",
    functions: entry(looping({ invariants: [isLess(e.use(n), e.int(3))] })),
    args: [7],
    expect: { trap: "CONTRACT" },
  },
  {
    name: "runs out of depth",
    functions: [climbing()],
    args: [100_000],
    depth: 20_000,
    expect: { trap: "DEPTH" },
  },
  {
    name: "runs out of fuel in a loop without end",
    functions: entry(e.loop(e.slot("s", BOOL), e.bool(true), e.bool(true), e.bool(true))),
    args: [1],
    expect: { trap: "FUEL" },
  },
  {
    name: "runs out of fuel before a huge range is made",
    functions: entry(e.call("list.range", [e.int(0), e.int(2n ** 62n)])),
    args: [1],
    expect: { trap: "FUEL" },
  },
  { name: "runs out of memory", functions: entry(doubling(40)), args: [1], expect: { trap: "MEMORY" } },
];

/** A text doubled that many times. */
function doubling(times: number): Expr {
  const state = e.slot("state", e.tuple([e.int(0), e.text("")]).type);
  const i = e.part(e.use(state), 0);
  const s = e.part(e.use(state), 1);
  const step = e.tuple([add(i, e.int(1)), e.call("string.concat", [s, s])]);
  return e.part(
    e.loop(state, e.tuple([e.int(0), e.text("0123456789abcdef")]), isLess(i, e.int(times)), step),
    1,
  );
}

function run(one: Case, limits: Partial<RunLimits> = {}): Outcome {
  const { functions, args = [], more = {}, contracts = "enforce", depth = 250_000 } = one;
  return runProgram(e.openedOf(functions, more), args, { fuel: 100_000_000, depth, ...limits }, contracts);
}

function short(outcome: Outcome): unknown {
  return outcome.trap === undefined ? outcome.value : { trap: trapName(outcome.trap.code) };
}

describe("interpret", () => {
  it.each(CASES)("$name", (one) => {
    expect(short(run(one))).toEqual(one.expect);
  });

  it.each(CASES)("$name: the fuel used is enough, one unit less is not", (one) => {
    const full = run(one);
    const again = run(one, { fuel: full.fuelUsed });
    expect(short(again)).toEqual(short(full));
    expect(again.fuelUsed).toBe(full.fuelUsed);
    const starved = run(one, { fuel: full.fuelUsed - 1 });
    expect(short(starved)).toEqual({ trap: "FUEL" });
    expect(starved.fuelUsed).toBe(full.fuelUsed - 1);
  });

  it("gives FUEL under every smaller limit", () => {
    const one = { name: "", functions: [fibonacci()], args: [5], expect: 5 };
    const { fuelUsed } = run(one);
    for (let fuel = 0; fuel < fuelUsed; fuel++) expect(short(run(one, { fuel }))).toEqual({ trap: "FUEL" });
  });

  it("names the node that trapped", () => {
    const program = e.openedOf(entry(e.call("list.sum_int", [e.list(INT, [overflowing])])));
    const { trap } = runProgram(program, [1]);
    expect(trap).toMatchObject({ function: 0, node: 2, backstop: false });
  });

  it("names the node inside a lambda that trapped", () => {
    const divide = e.each(INT, (x) => e.call("int.div_floor", [e.int(1), x]));
    const program = e.openedOf([e.fn("f", [xs], e.call("list.map", [e.use(xs), divide]))]);
    const { trap } = runProgram(program, [[1, 0]]);
    expect(program.functions[0]?.nodes[trap?.node ?? -1]?.kind.case).toBe("builtinCall");
    expect(trap?.node).toBe(3);
  });

  it("names the function that trapped", () => {
    const helper = e.fn("helper", [n], e.call("list.get", [e.list(INT, []), e.use(n)]));
    const program = e.openedOf([e.fn("f", [n], e.invoke("helper", INT, [e.use(n)])), helper]);
    expect(runProgram(program, [3]).trap).toMatchObject({ function: 1, node: 2 });
  });

  it("counts depth by activations: 16 and the nodes of each", () => {
    const program = e.openedOf([climbing()]);
    const weight = 16 + (program.functions[0]?.nodes.length ?? 0);
    const outcome = runProgram(program, [9]);
    expect(outcome.depthUsed).toBe(10 * weight);
    expect(short(runProgram(program, [9], { depth: 10 * weight }))).toBe(45);
    expect(short(runProgram(program, [9], { depth: 10 * weight - 1 }))).toEqual({ trap: "DEPTH" });
  });

  it("gives DEPTH, as a backstop, where the host's stack ends first", () => {
    const { trap } = runProgram(e.openedOf([climbing()]), [1_000_000], { depth: 1e9, fuel: 1e9 });
    expect(trap).toMatchObject({ backstop: true });
    expect(trapName(trap?.code ?? 0)).toBe("DEPTH");
  });

  it("gives depth back after each call", () => {
    const program = e.openedOf([fibonacci()]);
    const weight = 16 + (program.functions[0]?.nodes.length ?? 0);
    expect(runProgram(program, [10]).depthUsed).toBe(10 * weight);
  });

  it("makes plain arguments and repeated runs independent", () => {
    const plan = planProgram(e.openedOf([countdown()]));
    const first = interpret(plan, [10, 0]);
    expect(interpret(plan, [100_000_000, 0], { fuel: 1_000 }).trap).toBeDefined();
    expect(interpret(plan, [10, 0])).toEqual(first);
  });

  it("reports a false clause with its place and goes on", () => {
    const program = e.openedOf([
      climbing({ requires: [{ expr: isLess(e.use(n), e.int(2)), label: "small" }] }),
    ]);
    const outcome = runProgram(program, [3], {}, "report");
    expect(outcome.value).toBe(6);
    expect(outcome.reports.map((one) => one.trapped)).toEqual([false, false]);
    expect(outcome.reports[0]?.what).toContain("small");
  });

  it("pays reported clauses from a purse of their own", () => {
    const costly = isEqual(
      e.call("list.sum_int", [e.call("list.range", [e.int(0), e.int(100_000)])]),
      e.int(1),
    );
    const program = e.openedOf([climbing({ requires: [isTrue(costly)] })]);
    const plain = runProgram(program, [3], {}, "off");
    expect(runProgram(program, [3], { fuel: 1_000 }, "report")).toMatchObject({
      value: 6,
      fuelUsed: plain.fuelUsed,
    });
  });

  it("evaluates 512 levels", () => {
    let body = e.use(n);
    for (let i = 1; i < 512; i++) body = e.call("int.neg", [body]);
    expect(short(runProgram(e.openedOf(entry(body)), [7]))).toBe(-7);
  });

  it("refuses a wrong number of arguments as our defect", () => {
    const plan = planProgram(e.openedOf(entry(e.use(n))));
    expect(() => interpret(plan, [])).toThrow("takes 1 arguments");
  });
});
