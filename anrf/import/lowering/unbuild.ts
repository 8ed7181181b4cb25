import type { BuiltProgram } from "#anrf/build/builder.ts";
import type { Expr, FunctionExpr, Local, PatternExpr } from "#anrf/build/expr.ts";
import { openProgram, type Program, type ProgramFunction } from "#anrf/program/program.ts";
import type { Type } from "#anrf/program/type.ts";
import { intFromBigint, type Value } from "#anrf/program/value.ts";
import type { Builtin } from "#gen/anrf/v1/builtins_pb.ts";
import type { Literal, Pattern } from "#gen/anrf/v1/ir_pb.ts";

/** The functions of a program as trees again, callees first: what can be put into another program. */
export function unbuild({ module, annotations }: BuiltProgram): FunctionExpr[] {
  const program = openProgram(module);
  return program.functions
    .map((fn, index) => unbuildFunction(program, fn, annotations.functions[index]?.localNames ?? []))
    .toReversed();
}

function unbuildFunction(program: Program, fn: ProgramFunction, names: readonly string[]): FunctionExpr {
  const locals = fn.localTypes.map((type, index): Local => ({ name: names[index] ?? "", type }));
  const params = locals.slice(0, fn.def.paramCount);
  const body = new Reading(program, fn, locals).expr(fn.def.body);
  return { name: fn.def.name, params, result: fn.result, body };
}

class Reading {
  readonly #program: Program;
  readonly #fn: ProgramFunction;
  readonly #locals: readonly Local[];

  constructor(program: Program, fn: ProgramFunction, locals: readonly Local[]) {
    this.#program = program;
    this.#fn = fn;
    this.#locals = locals;
  }

  expr(id: number): Expr {
    const node = this.#fn.nodes[id];
    if (node === undefined) throw new Error(`node ${id} is not in the table`);
    const type = this.#type(node.type);
    const go = (one: number): Expr => this.expr(one);
    const all = (ids: readonly number[]): Expr[] => ids.map(go);
    const { kind } = node;
    switch (kind.case) {
      case "literal":
        return { kind: "literal", type, value: literalValue(kind.value) };
      case "localRef":
        return { kind: "local", type, local: this.#local(kind.value.local) };
      case "letIn": {
        const { local, value, body } = kind.value;
        return { kind: "let", type, local: this.#local(local), value: go(value), body: go(body) };
      }
      case "branch": {
        const { condition, whenTrue, whenFalse } = kind.value;
        return {
          kind: "if",
          type,
          condition: go(condition),
          whenTrue: go(whenTrue),
          whenFalse: go(whenFalse),
        };
      }
      case "matchOn": {
        const arms = kind.value.arms.map((arm) => ({
          pattern: patternOf(arm.pattern, this.#fn, this.#program, kind.value.subject),
          binders: arm.binders.map((one) => this.#local(one)),
          body: go(arm.body),
        }));
        return { kind: "match", type, subject: go(kind.value.subject), arms };
      }
      case "lambdaExpr":
        return {
          kind: "lambda",
          type,
          params: kind.value.params.map((one) => this.#local(one)),
          body: go(kind.value.body),
        };
      case "builtinCall":
        return { kind: "builtin", type, builtin: kind.value.builtin as Builtin, args: all(kind.value.args) };
      case "valueCall":
        return { kind: "apply", type, callee: go(kind.value.callee), args: all(kind.value.args) };
      case "functionCall": {
        const called = this.#program.functions[kind.value.function];
        if (called === undefined) throw new Error(`function ${kind.value.function} is not in the module`);
        return { kind: "call", type, function: called.def.name, args: all(kind.value.args) };
      }
      case "makeList":
        return { kind: "list", type, items: all(kind.value.items) };
      case "makeMap":
        return { kind: "map", type, items: all(kind.value.items) };
      case "makeTuple":
        return { kind: "tuple", type, items: all(kind.value.items) };
      case "makeOption":
        return kind.value.some === undefined
          ? { kind: "option", type }
          : { kind: "option", type, some: go(kind.value.some) };
      case "getField":
        return { kind: "field", type, target: go(kind.value.target), field: kind.value.field };
      case "loopWhile": {
        const { state, init, condition, step } = kind.value;
        const parts = { init: go(init), condition: go(condition), step: go(step) };
        return { kind: "loop", type, state: this.#local(state), ...parts, invariants: [] };
      }
      case "failWith":
        return { kind: "fail", type, message: kind.value.message };
      default:
        throw new Error(`a prelude function has no ${kind.case}`);
    }
  }

  #local(index: number): Local {
    const local = this.#locals[index];
    if (local === undefined) throw new Error(`local ${index} is not in the table`);
    return local;
  }

  #type(index: number): Type {
    const type = this.#program.types[index];
    if (type === undefined) throw new Error(`type ${index} is not in the table`);
    return type;
  }
}

function patternOf(
  pattern: Pattern | undefined,
  fn: ProgramFunction,
  program: Program,
  subject: number,
): PatternExpr {
  const kind = pattern?.kind;
  if (kind?.case === "optionSome") return { kind: kind.value ? "some" : "none" };
  if (kind?.case === "literal") {
    const type = program.types[fn.nodes[subject]?.type ?? 0];
    if (type === undefined) throw new Error("a subject has no type");
    return { kind: "literal", value: literalValue(kind.value), type };
  }
  return { kind: "wildcard" };
}

function literalValue({ value }: Literal): Value {
  switch (value.case) {
    case "int":
      return intFromBigint(value.value) ?? 0;
    case "bool":
    case "float":
    case "string":
      return value.value;
    default:
      return null;
  }
}
