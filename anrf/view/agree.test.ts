import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { check, isSound } from "#anrf/check/check.ts";
import { interpret } from "#anrf/interpret/interpret.ts";
import { missingBuiltins, planProgram } from "#anrf/interpret/plan.ts";
import { readArtifact } from "#anrf/program/artifact.ts";
import { parseJson } from "#anrf/program/json.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { argsFromJson } from "#anrf/program/value-json.ts";
import { valueFromProto } from "#anrf/program/value-proto.ts";
import { builtinByNumber, CATALOGUE } from "#anrf/std/catalogue.ts";
import { type Case, casesOf } from "#anrf/testing/cases.ts";
import { Random } from "#anrf/testing/random.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { randomValue } from "#anrf/testing/random-value.ts";
import { type Coded, type Dialect, PYTHON_DIALECT, TYPESCRIPT_DIALECT } from "#anrf/testing/view-dialects.ts";
import { parse } from "#anrf/text/parse.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { hasHostPatterns } from "./code/regex-source.ts";
import { ORDERED, OPERATORS as PYTHON_OPERATORS, template as pythonOf } from "./python/builtins.ts";
import type { Shown } from "./shown.ts";
import { OPERATORS as TYPESCRIPT_OPERATORS, template as typescriptOf } from "./typescript/builtins.ts";
import { typescript } from "./typescript.ts";

/** A program and arguments on which interpreter and view are compared. */
interface Subject {
  readonly name: string;
  readonly shown: Shown;
  readonly inputs: readonly (readonly Value[])[];
}

/** Runs whose end is a limit of the engine, which a view has not. */
const LIMITS: ReadonlySet<TrapCode> = new Set([TrapCode.FUEL, TrapCode.MEMORY, TrapCode.DEPTH]);
const FUEL = 300_000;
const RANDOM_PROGRAMS = process.env["ANRF_FULL"] === "1" ? 4000 : 320;
const ROOT = new URL("../testdata/", import.meta.url);

function corpus(): Subject[] {
  const folder = new URL("corpus/v1.0/", ROOT);
  const names = readdirSync(folder).filter((file) => file.endsWith(".anrf"));
  return names.map((file) => {
    const { document } = readArtifact(new Uint8Array(readFileSync(new URL(file, folder))));
    if (document === undefined) throw new Error(`${file} is not read`);
    const program = openProgram(document.module);
    const frozen = JSON.parse(readFileSync(new URL(file.replace(/\.anrf$/, ".json"), folder), "utf8"));
    const runs = frozen.runs.map((run: { args: string }) => argsOf(program, run.args));
    const examples = document.spec.examples.map((example) =>
      example.args.map((arg, index) => {
        const type = program.entry.params[index];
        const reading = type === undefined ? undefined : valueFromProto(arg, type, program.nominals);
        if (reading === undefined || reading.problem !== undefined)
          throw new Error(`an example of ${file} is not read`);
        return reading.value;
      }),
    );
    return { name: `corpus/${file}`, shown: document, inputs: [...runs, ...examples] };
  });
}

function argsOf(program: Program, text: string): readonly Value[] {
  const json = parseJson(text);
  if (json.fault !== undefined) throw new Error(json.fault.error);
  const params = program.entry.params.map((type, index) => ({ name: `p${index}`, type }));
  const reading = argsFromJson(json.json, params, program.nominals);
  if (reading.problem !== undefined) throw new Error(reading.problem.message);
  return reading.args;
}

function cases(): Subject[] {
  return ["eval", "traps", "contracts", "text", "types"].flatMap((suite) => {
    const folder = new URL(`cases/${suite}/`, ROOT);
    const files = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")));
    return casesOf(...files).flatMap(([name, one]) => caseSubject(`${suite}: ${name}`, one));
  });
}

function caseSubject(name: string, one: Case): Subject[] {
  if (one.text === undefined || one.expect.problem !== undefined) return [];
  const parsed = parse(one.text);
  if (!parsed.ok || !isSound(check(parsed.program.module))) return [];
  const program = openProgram(parsed.program.module);
  const json = one.args_json ?? (one.args === undefined ? undefined : JSON.stringify(one.args));
  if (json === undefined || missingBuiltins(program).length > 0 || hasHostPatterns(program)) return [];
  return [{ name, shown: { ...parsed.program, spec: parsed.spec }, inputs: [argsOf(program, json)] }];
}

function randoms(allows: (id: string) => boolean): Subject[] {
  return Array.from({ length: RANDOM_PROGRAMS }, (_, index) => {
    const seed = index + 1;
    const options = {
      hasDecimals: seed % 2 === 0,
      hasAll: seed % 3 === 0,
      allows: ({ id }: { id: string }) => allows(id),
    };
    const shown = buildProgram(randomProgram(seed, options));
    const program = openProgram(shown.module);
    const random = new Random(seed);
    const inputs = Array.from({ length: 3 }, () =>
      program.entry.params.map((type) => randomValue(random, type, program.nominals)),
    );
    return { name: `random/${seed}`, shown, inputs };
  });
}

/** Names that mean something to a language, or to what a view brings along. */
function borrowedNames(): Subject[] {
  const text = `
    record Array { __proto__: int, constructor: int, class: string, case: bool, _order: int, __init__: int, self: int, 'some': int, 'if': int, ﬁ: int, fi: int }
    record Option { value: int, values: list<int>, name: string }
    record Trap { code: int }
    variant Some { None, True, Some(int), Case(Array), Prototype(Trap, Option) }
    variant Decimal { Some(int), None }
    fn _trap(len: int, sorted: int) -> int { len + sorted }
    fn await('BigInt': int, arguments: int, eval: int) -> int { 'BigInt' * arguments - eval }
    fn class(self: Array, lambda: int) -> Array {
      Array(__proto__ = self.__proto__ + lambda, constructor = self.constructor, class = self.class + "x", case = not self.case,
        _order = self._order, __init__ = self.__init__, self = self.self, 'some' = self.some, 'if' = self.if, ﬁ = self.ﬁ + 1, fi = self.fi)
    }
    fn def('None': Some, yield: int) -> int {
      match 'None' {
        None => 0,
        True => 1,
        Some(x) => x + yield,
        Case(await_2) => await_2.__proto__ + await_2.ﬁ,
        Prototype(trap, option) => trap.code + option.value + option.values.length(),
      }
    }
    fn len(number: int, 'Math': list<int>, str: string, date: option<Decimal>) -> (int, Array, int, bool, string, Decimal) {
      let print = _trap(number, 'Math'.length());
      let 'Map' = class(Array(__proto__ = 1, constructor = 2, class = "c", case = true, _order = 3, __init__ = 4, self = 5, 'some' = 6,
        'if' = 8, ﬁ = 9, fi = 10), print);
      let item = 'Math'.map((item_2) => await(item_2, number, print)).fold(0, (sum, int) => sum + int);
      let list = def(Some.Case('Map'), 1) + def(Some.Some(number), 2)
        + def(Some.Prototype(Trap(code = 1), Option(value = 2, values = 'Math', name = str)), 4);
      let type = Some.None < Some.True and Some.Some(1) < Some.Some(number) and 'Map' != class('Map', 0);
      (item, 'Map', list, type, str.reverse(), date ?? Decimal.None)
    }`.replaceAll("'", "`");
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.diagnostics[0]?.message);
  const program = openProgram(parsed.program.module);
  const inputs = ['[3, [1, 2], "ab", null]', '[0, [], "", {"Some": 4}]'].map((json) => argsOf(program, json));
  return [{ name: "borrowed names", shown: { ...parsed.program, spec: parsed.spec }, inputs }];
}

/** Forms inside each other more deeply than the parsers of the languages bear. */
function deep(): Subject[] {
  const nested = (levels: number, make: (inner: string, level: number) => string, inner: string): string =>
    Array.from({ length: levels }, (_, level) => level).reduce((text, level) => make(text, level), inner);
  const programs = {
    sum: nested(300, (text) => `(1 + ${text})`, "n"),
    ifs: nested(200, (text, level) => `if n > ${level} { ${text} } else { n - ${level} }`, "n"),
    lets: nested(120, (text, level) => `do { let x${level} = n + ${level}; (${text}) + x${level} }`, "n"),
    matches: nested(
      100,
      (text, level) =>
        `match some(n + ${level}) { some(m${level}) => if m${level} > 3 { ${text} } else { m${level} }, none => 0 }`,
      "n",
    ),
    functions: nested(
      40,
      (text, level) =>
        `[n].map((y${level}) => { let z${level} = y${level} + ${level}; (${text}) + z${level} }).sum()`,
      "n",
    ),
    loops: nested(
      25,
      (text, level) =>
        `loop s${level} = n while s${level} < 9 { let t${level} = ${text}; s${level} + 1 + t${level} * 0 }`,
      "n",
    ),
  };
  return Object.entries(programs).map(([name, body]) => {
    const parsed = parse(`fn f(n: int) -> int { ${body} }`);
    if (!parsed.ok) throw new Error(`${name}: ${parsed.diagnostics[0]?.message}`);
    return {
      name: `deep/${name}`,
      shown: { ...parsed.program, spec: parsed.spec },
      inputs: [[8], [150], [-1]],
    };
  });
}

/** What the interpreter comes to, coded; undefined for a limit. */
function expected({ shown }: Subject, args: readonly Value[], { encode }: Dialect): Coded {
  const program = openProgram(shown.module);
  const outcome = interpret(planProgram(program), args, { fuel: FUEL, depth: 2000 });
  if (outcome.trap === undefined) return { value: encode(outcome.value, program.entry.result, program) };
  return LIMITS.has(outcome.trap.code) ? undefined : { trap: trapName(outcome.trap.code) };
}

/** Every difference between a view, run by its driver in one process, and the interpreter. */
function differences(
  subjects: readonly Subject[],
  dialect: Dialect,
  folder: string,
  run: (manifest: string) => string,
): { problems: string[]; compared: number } {
  const jobs = subjects.flatMap((subject, index) => {
    const program = openProgram(subject.shown.module);
    const file = join(folder, `p${index}.${dialect.extension}`);
    // A view has no meter: what ends at a limit might not end at all.
    const runs = subject.inputs.flatMap((args) => {
      const wanted = expected(subject, args, dialect);
      const coded = args.map((arg, place) =>
        dialect.encode(arg, program.entry.params[place] as Type, program),
      );
      return wanted === undefined ? [] : [{ coded, wanted: JSON.stringify(wanted) }];
    });
    writeFileSync(file, dialect.view(subject.shown));
    return [{ name: subject.name, file, entry: dialect.entryName(program), runs }];
  });
  const manifest = join(folder, `manifest.${dialect.extension}.json`);
  writeFileSync(
    manifest,
    JSON.stringify(
      jobs.map(({ file, entry, runs }) => ({ file, entry, inputs: runs.map((one) => one.coded) })),
    ),
  );
  const answers = JSON.parse(run(manifest)) as Coded[][];
  const problems = jobs.flatMap(({ name, file, runs }, index) =>
    runs.flatMap(({ wanted }, place) => {
      const found = JSON.stringify(answers[index]?.[place]);
      return found === wanted ? [] : [`${name} (${file}), run ${place}: ${found}, expected ${wanted}`];
    }),
  );
  return { problems, compared: jobs.reduce((sum, { runs }) => sum + runs.length, 0) };
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "anrf-views-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runTypescript(manifest: string): string {
  const driver = join(folder, "driver.mjs");
  writeFileSync(driver, TYPESCRIPT_DIALECT.driver);
  return output(process.execPath, ["--disable-warning=ExperimentalWarning", driver, manifest]);
}

/** What a driver writes; it names each file on its error output, so that one that does not end can be found. */
function output(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: 200_000,
  });
  if (status === 0) return stdout;
  throw new Error(`the driver ends with ${status ?? error?.message}: ${stderr.slice(-2000)}`);
}

function runPython(manifest: string): string {
  const driver = join(folder, "driver.py");
  writeFileSync(driver, PYTHON_DIALECT.driver);
  return output("python3", ["-B", driver, manifest]);
}

/** What the host's library works out to the last digit or nearly so. */
const HOST_MATH: ReadonlySet<string> = new Set([
  "float.exp",
  "float.ln",
  "float.pow",
  "float.sin",
  "float.cos",
  "float.atan2",
]);

function usesHostMath({ shown }: Subject): boolean {
  return shown.module.functions.some(({ nodes }) =>
    nodes.some(
      ({ kind }) =>
        kind.case === "builtinCall" && HOST_MATH.has(builtinByNumber(kind.value.builtin)?.id ?? ""),
    ),
  );
}

describe("the TypeScript view runs as the interpreter does", () => {
  const any = (): boolean => true;
  it.each([
    ["names that it has a use for", borrowedNames, 1],
    ["forms that stand deep in each other", deep, 12],
    ["the frozen corpus", corpus, 60],
    ["the cases", cases, 300],
    ["random programs", () => randoms(any), RANDOM_PROGRAMS * 2],
  ] as const)(
    "on %s",
    (_, subjects, least) => {
      const { problems, compared } = differences(subjects(), TYPESCRIPT_DIALECT, folder, runTypescript);
      expect(problems.slice(0, 10).join("\n")).toBe("");
      expect(compared).toBeGreaterThan(least);
    },
    240_000,
  );
});

describe("every builtin", () => {
  it("has a spelling in TypeScript and in Python", () => {
    const missing = CATALOGUE.flatMap(({ id, signature }) => {
      const count = signature.params.length;
      const isWritten = typescriptOf(id, count) !== undefined || id in TYPESCRIPT_OPERATORS;
      const isPython =
        pythonOf(id, count) !== undefined ||
        id in PYTHON_OPERATORS ||
        id in ORDERED ||
        id === "list.contains";
      return [...(isWritten ? [] : [`TypeScript: ${id}`]), ...(isPython ? [] : [`Python: ${id}`])];
    });
    expect(missing).toEqual([]);
  });
});

describe("the TypeScript view", () => {
  it("is accepted by the type checker in its strictest mode", () => {
    const place = mkdtempSync(join(folder, "types-"));
    for (const [index, { shown }] of corpus().entries())
      writeFileSync(join(place, `p${index}.ts`), typescript(shown));
    const options = { strict: true, noEmit: true, noUncheckedIndexedAccess: true, erasableSyntaxOnly: true };
    const compilerOptions = { ...options, target: "es2024", lib: ["es2024"], module: "nodenext", types: [] };
    writeFileSync(join(place, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(place, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    const tsc = new URL("../../node_modules/.bin/tsc", import.meta.url).pathname;
    const { status, stdout, error } = spawnSync(tsc, ["-p", place], { encoding: "utf8" });
    expect(error).toBeUndefined();
    expect(stdout).toBe("");
    expect(status).toBe(0);
  }, 60_000);
});

const version = spawnSync("python3", ["-c", "import sys; print(sys.version_info >= (3, 11))"], {
  encoding: "utf8",
});
const hasPython = version.stdout?.trim() === "True";
if (!hasPython)
  console.log("skipped: the Python view is not run, because no python3 of at least 3.11 is on the path");

describe.skipIf(!hasPython)("the Python view runs as the interpreter does", () => {
  const isExact = (id: string): boolean => !HOST_MATH.has(id);
  const exact = (subjects: readonly Subject[]): Subject[] => subjects.filter((one) => !usesHostMath(one));
  it.each([
    ["names that it has a use for", borrowedNames, 1],
    ["forms that stand deep in each other", deep, 12],
    ["the frozen corpus", () => exact(corpus()), 50],
    ["the cases", () => exact(cases()), 250],
    ["random programs", () => randoms(isExact), RANDOM_PROGRAMS * 2],
  ] as const)(
    "on %s",
    (_, subjects, least) => {
      const { problems, compared } = differences(subjects(), PYTHON_DIALECT, folder, runPython);
      expect(problems.slice(0, 10).join("\n")).toBe("");
      expect(compared).toBeGreaterThan(least);
    },
    240_000,
  );
});
