import { buildProgram } from "#anrf/build/builder.ts";
import type { FunctionExpr } from "#anrf/build/expr.ts";
import { check, isSound } from "#anrf/check/check.ts";
import type { Type } from "#anrf/program/type.ts";
import { condition, expression } from "./expressions/expression.ts";
import { lowerInstance } from "./expressions/instance.ts";
import { type Instance, Lowering, type Meaning, NotYet, type Walk } from "./lowering/lower.ts";
import { tidied } from "./lowering/tidy.ts";
import { type Ty, typeFrom } from "./lowering/types.ts";
import type { ImportOptions, ImportResult } from "./python.ts";
import { typeFromExamples } from "./source/examples.ts";
import { freeNames } from "./source/live.ts";
import { RefusalError, refuse } from "./source/refusal.ts";
import type { FunctionSource, ModuleSource, Param } from "./source/source.ts";
import { lowerBody, lowerStatements } from "./statements/statement.ts";

const MAX_PASSES = 40;

const WALK: Walk = { expression, condition, statements: lowerStatements, body: lowerBody };

/** Lowers a function of a module and what it calls to a program. */
export function importModule(module: ModuleSource, meaning: Meaning, options: ImportOptions): ImportResult {
  const low = new Lowering(module, meaning, WALK, options.draft === true);
  try {
    const fn = chosen(module, options);
    for (let pass = 0; ; pass++) {
      low.startPass();
      const instance = attempted(() => entryOf(low, fn, options));
      const grew = low.endPass();
      // What a pass refuses may be right once more is known.
      if (instance instanceof RefusalError && (!grew || pass >= MAX_PASSES)) throw instance;
      if (grew && pass < MAX_PASSES) continue;
      if (low.blocked !== undefined && !low.isSettling) {
        low.isSettling = true;
        continue;
      }
      if (low.blocked !== undefined)
        refuse("untyped", low.blocked, "the type of a value here cannot be found");
      if (grew || instance === undefined || instance instanceof RefusalError)
        refuse("types", fn, "the types of the function do not settle");
      low.settle();
      return finished(low, instance, options);
    }
  } catch (error) {
    if (error instanceof RefusalError) return { ok: false, refusals: [error.refusal] };
    if (error instanceof RangeError) {
      return refused(() => refuse("size", low.at, "the function nests too deeply"));
    }
    throw error;
  }
}

/** One pass; undefined where it meets a type that it does not know yet, or why it refuses. */
function attempted(pass: () => Instance): Instance | RefusalError | undefined {
  try {
    return pass();
  } catch (error) {
    if (error instanceof NotYet) return undefined;
    if (error instanceof RefusalError) return error;
    throw error;
  }
}

function refused(make: () => never): ImportResult {
  try {
    return make();
  } catch (error) {
    if (error instanceof RefusalError) return { ok: false, refusals: [error.refusal] };
    throw error;
  }
}

function chosen(module: ModuleSource, { function: asked, name: wanted }: ImportOptions): FunctionSource {
  const top = { line: 1, column: 1 };
  const name = asked ?? module.functions.find((one) => one.name === wanted)?.name;
  if (name !== undefined) {
    return (
      module.functions.findLast((one) => one.name === name) ??
      refuse("no-function", top, `the file has no function ${name}`)
    );
  }
  const called = new Set(
    module.functions.flatMap((one) => [...freeNames(one)].filter((free) => free !== one.name)),
  );
  const free = module.functions.filter((one) => !called.has(one.name));
  return free.at(-1) ?? module.functions.at(-1) ?? refuse("no-function", top, "the file has no function");
}

function entryOf(low: Lowering, fn: FunctionSource, options: ImportOptions): Instance {
  const key = `entry:${fn.name}`;
  const found =
    options.signature ?? (options.examples === undefined ? undefined : typeFromExamples(options.examples));
  if (options.signature !== undefined && options.signature.params.length !== fn.params.length) {
    refuse(
      "untyped",
      fn,
      `the signature has ${options.signature.params.length} parameters, and ${fn.name} has ${fn.params.length}`,
    );
  }
  // Annotations are read as if they stood in the function.
  const frame = {
    key,
    fn,
    home: undefined,
    nested: new Map(),
    env: new Map(),
    around: [],
    lets: [],
    live: new Set<string>(),
    declared: undefined,
    outs: [],
    depth: 0,
  };
  low.frame = frame;
  const params = fn.params.map((param, index) => ({
    name: param.name,
    ty: paramType(low, param, found?.params[index]?.type),
  }));
  const declared = resultType(low, fn, found?.returns);
  for (const param of params) watchDicts(low, param.ty, fn);
  const instance: Instance = {
    key,
    name: low.functionName(options.name ?? fn.name),
    fn,
    params,
    captured: [],
    functions: new Map(),
    outs: [],
    result: declared ?? { k: "never" },
  };
  lowerInstance(low, instance, undefined, new Map(), declared);
  return instance;
}

function paramType(low: Lowering, param: Param, given: Type | undefined): Ty {
  if (given !== undefined)
    return typeFrom(given) ?? refuse("untyped", param, `the importer has no values of type ${given.text}`);
  if (param.annotation === undefined)
    return refuse("untyped", param, `the type of ${param.name} is not known`);
  return low.meaning.annotation(low, param.annotation);
}

function resultType(low: Lowering, fn: FunctionSource, given: Type | undefined): Ty | undefined {
  if (given !== undefined)
    return typeFrom(given) ?? refuse("untyped", fn, `the importer has no values of type ${given.text}`);
  return fn.returns === undefined ? undefined : low.meaning.annotation(low, fn.returns);
}

function watchDicts(low: Lowering, ty: Ty, fn: FunctionSource): void {
  if (ty.k === "dict") low.watch(ty, fn);
  if (ty.k === "list" || ty.k === "option" || ty.k === "set") watchDicts(low, ty.item, fn);
  if (ty.k === "dict") watchDicts(low, ty.value, fn);
  if (ty.k === "tuple") for (const item of ty.items) watchDicts(low, item, fn);
}

function finished(low: Lowering, entry: Instance, options: ImportOptions): ImportResult {
  const instances = [...low.instances.values(), entry];
  const made: FunctionExpr[] = instances.map((one) => {
    if (one.made === undefined) throw new Error(`${one.name} was not lowered`);
    return one.made();
  });
  for (const fn of made) {
    const isOpen = fn.params.some((param) => param.type.kind === "unit");
    if (isOpen && fn.name === entry.name && options.signature === undefined) {
      refuse("untyped", entry.fn, "a parameter's type cannot be found");
    }
  }
  const functions = [...low.preludeUsed(), ...made].map(tidied);
  const expr = { entry: entry.name, functions };
  const program = buildProgram(expr);
  const diagnostics = check(program.module);
  if (!isSound(diagnostics)) {
    const [first] = diagnostics;
    throw new Error(`the imported ${entry.name} is unsound: ${first?.message ?? "no reason given"}`);
  }
  return { ok: true, program, expr, notes: [...low.notes] };
}
