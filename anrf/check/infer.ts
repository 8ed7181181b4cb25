import { quoted } from "#anrf/program/show.ts";
import { literalKind } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { ROUNDINGS } from "#anrf/std/decimals.ts";
import { compileRegex } from "#anrf/std/regex/compile.ts";
import { PatternProblem } from "#anrf/std/regex/syntax.ts";
import type {
  BuiltinCall,
  FunctionDef,
  GetField,
  Literal,
  LoopWhile,
  MakeVariant,
  Node,
} from "#gen/anrf/v1/ir_pb.ts";
import { checkMatch } from "./cover.ts";
import type { Findings } from "./findings.ts";
import { literalProblem } from "./literals.ts";
import { Patterns } from "./patterns.ts";
import { type TypeTable, textOf } from "./types.ts";

/** Nodes that make data or take it apart. */
type DataKind = Extract<
  Node["kind"],
  { case: "makeList" | "makeMap" | "makeTuple" | "makeRecord" | "makeVariant" | "makeOption" | "getField" }
>;

/** V08, V09, V11, V12, V13 and V23 for the nodes of one function: one pass, every type already known by id. */
export class Inference {
  readonly #table: TypeTable;
  readonly #findings: Findings;
  readonly #patterns: Patterns;
  readonly #runs: (builtin: number) => boolean;
  /** Patterns of regular expressions that were compiled before, each with its problem. */
  readonly #patternProblems = new Map<string, PatternProblem | "none">();
  #def: FunctionDef;

  /** Serves all functions of the table; `check` is called for each. */
  constructor(table: TypeTable, findings: Findings, first: FunctionDef, runs: (builtin: number) => boolean) {
    this.#table = table;
    this.#findings = findings;
    this.#patterns = new Patterns(table);
    this.#runs = runs;
    this.#def = first;
  }

  /** Checks the nodes of one function whose indices and trees are sound. */
  check(def: FunctionDef): void {
    this.#def = def;
    const { nodes } = def;
    for (let id = 0; id < nodes.length; id++) this.#node(nodes[id] as Node, id);
    this.#expect(this.#typeOf(def.body), def.resultType, "the body", def.body);
    const { resultLocal } = def;
    if (resultLocal !== undefined)
      this.#expect(this.#local(resultLocal), def.resultType, "the local of the result");
  }

  #node(node: Node, id: number): void {
    const kind = node.kind;
    switch (kind.case) {
      case "literal":
        this.#literal(kind.value, node.type, id);
        return;
      case "localRef":
        this.#expect(this.#local(kind.value.local), node.type, `local ${kind.value.local}`, id);
        return;
      case "letIn":
        this.#expect(this.#typeOf(kind.value.value), this.#local(kind.value.local), "the bound value", id);
        this.#expect(this.#typeOf(kind.value.body), node.type, "the body", id);
        return;
      case "branch":
        this.#expectKind(this.#typeOf(kind.value.condition), "bool", "the condition", id);
        this.#expect(this.#typeOf(kind.value.whenTrue), node.type, "the first arm", id);
        this.#expect(this.#typeOf(kind.value.whenFalse), node.type, "the second arm", id);
        return;
      case "matchOn":
        for (const arm of kind.value.arms) this.#expect(this.#typeOf(arm.body), node.type, "an arm", id);
        checkMatch(this.#table, this.#def, kind.value, id, this.#findings);
        return;
      case "lambdaExpr":
        this.#function(
          node.type,
          kind.value.params.map((param) => this.#local(param)),
          this.#typeOf(kind.value.body),
          id,
        );
        return;
      case "builtinCall":
        this.#builtin(kind.value, node.type, id);
        return;
      case "valueCall":
        this.#function(this.#typeOf(kind.value.callee), this.#typesOf(kind.value.args), node.type, id);
        return;
      case "functionCall": {
        const callee = this.#table.module.functions[kind.value.function];
        const params = (callee?.locals ?? []).slice(0, callee?.paramCount).map((local) => local.type);
        this.#call(
          `function ${kind.value.function}`,
          params,
          callee?.resultType ?? 0,
          kind.value.args,
          node.type,
          id,
        );
        return;
      }
      case "extensionCall": {
        const callee = this.#table.module.extensions[kind.value.extension];
        const what = `extension ${kind.value.extension}`;
        this.#call(what, callee?.params ?? [], callee?.result ?? 0, kind.value.args, node.type, id);
        return;
      }
      case "makeList":
      case "makeMap":
      case "makeTuple":
      case "makeRecord":
      case "makeVariant":
      case "makeOption":
      case "getField":
        this.#data(kind, node.type, id);
        return;
      case "loopWhile":
        this.#loop(kind.value, node.type, id);
        return;
      case "failWith":
      case "hole":
      case undefined:
        return;
      default:
        throw new Error(`unreachable: ${kind satisfies never}`);
    }
  }

  #data(kind: DataKind, type: number, id: number): void {
    switch (kind.case) {
      case "makeList":
        this.#list(kind.value.items, type, id);
        return;
      case "makeMap":
        this.#map(kind.value.items, type, id);
        return;
      case "makeTuple":
        this.#parts("tuple", this.#table.parts[type] ?? [], kind.value.items, type, id);
        return;
      case "makeRecord":
        this.#parts("record", this.#fieldsOf(type), kind.value.items, type, id);
        return;
      case "makeVariant":
        this.#variant(kind.value, type, id);
        return;
      case "makeOption":
        if (!this.#expectKind(type, "option", "the node", id) || kind.value.some === undefined) return;
        this.#expect(this.#typeOf(kind.value.some), this.#part(type, 0), "the content", id);
        return;
      case "getField":
        this.#field(kind.value, type, id);
        return;
      default:
        throw new Error(`unreachable: ${kind satisfies never}`);
    }
  }

  #typeOf(id: number): number {
    return this.#def.nodes[id]?.type ?? -1;
  }

  #typesOf(ids: readonly number[]): readonly number[] {
    return ids.map((id) => this.#typeOf(id));
  }

  #local(local: number): number {
    return this.#def.locals[local]?.type ?? -1;
  }

  #part(type: number, index: number): number {
    return this.#table.parts[type]?.[index] ?? -1;
  }

  #text(type: number): string {
    return textOf(this.#table, type);
  }

  #expect(found: number, wanted: number, what: string, id?: number): void {
    if (found === wanted) return;
    this.#findings.add("V08", `${what} has type ${this.#text(found)}, expected ${this.#text(wanted)}`, id);
  }

  #expectKind(type: number, kind: string, what: string, id: number): boolean {
    if (this.#table.types[type]?.kind === kind) return true;
    this.#findings.add("V08", `${what} has type ${this.#text(type)}, expected a ${kind}`, id);
    return false;
  }

  #literal(literal: Literal, type: number, id: number): void {
    const kind = literalKind(literal);
    if (kind !== this.#table.types[type]?.kind) {
      this.#findings.add("V08", `a literal of type ${kind ?? "unknown"} stands as ${this.#text(type)}`, id);
    }
    const problem = literalProblem(literal);
    if (problem !== undefined) this.#findings.add("V18", problem, id);
  }

  /** A function type with these parameters and this result. */
  #function(type: number, params: readonly number[], result: number, id: number): void {
    if (!this.#expectKind(type, "function", "the function", id)) return;
    const wanted = this.#table.parts[type] ?? [];
    const fits =
      wanted.length === params.length + 1 && params.every((param, index) => param === wanted[index]);
    if (fits && wanted.at(-1) === result) return;
    const found = `(${params.map((param) => this.#text(param)).join(", ")}) -> ${this.#text(result)}`;
    this.#findings.add("V08", `the parts give a function of type ${found}, expected ${this.#text(type)}`, id);
  }

  #builtin(call: BuiltinCall, type: number, id: number): void {
    const misfit = this.#patterns.misfit(call.builtin, this.#typesOf(call.args), type);
    if (misfit !== undefined) this.#findings.add(misfit.code, misfit.message, id);
    const entry = builtinByNumber(call.builtin);
    if (entry === undefined) return;
    if (!this.#runs(call.builtin)) {
      this.#findings.add("V23", `${entry.id} is in the catalogue and is not run by this build`, id);
    }
    entry.signature.params.forEach((param, index) => {
      if (param.mark === "const") this.#constant(entry.id, call.args[index] ?? -1, id);
    });
  }

  #constant(builtin: string, arg: number, id: number): void {
    const kind = this.#def.nodes[arg]?.kind;
    if (kind?.case !== "literal" || kind.value.value.case !== "string") {
      this.#findings.add("V11", `${builtin} needs a literal as its last argument`, id);
      return;
    }
    const text = kind.value.value.value;
    if (builtin.startsWith("decimal.") && !ROUNDINGS.some((known) => known === text)) {
      this.#findings.add(
        "V11",
        `${builtin} does not know the rounding ${quoted(text.slice(0, 40))}`,
        id,
        ROUNDINGS,
      );
    }
    if (builtin.startsWith("regex.")) this.#pattern(text, id);
  }

  #pattern(text: string, id: number): void {
    const known = this.#patternProblems.get(text);
    const compiled = known ?? compileRegex(text);
    const problem = compiled instanceof PatternProblem ? compiled : "none";
    this.#patternProblems.set(text, problem);
    if (problem !== "none")
      this.#findings.add("V11", `the pattern cannot be read at ${problem.at}: ${problem.message}`, id);
  }

  #call(
    what: string,
    params: readonly number[],
    result: number,
    args: readonly number[],
    type: number,
    id: number,
  ): void {
    if (params.length !== args.length) {
      this.#findings.add("V13", `${what} takes ${params.length} arguments, found ${args.length}`, id);
    } else {
      for (const [index, arg] of args.entries()) {
        this.#expect(this.#typeOf(arg), params[index] ?? -1, `argument ${index + 1}`, id);
      }
    }
    this.#expect(result, type, what, id);
  }

  #list(items: readonly number[], type: number, id: number): void {
    if (!this.#expectKind(type, "list", "the node", id)) return;
    const wanted = this.#part(type, 0);
    for (const item of items) this.#expect(this.#typeOf(item), wanted, "an item", id);
  }

  #map(items: readonly number[], type: number, id: number): void {
    if (!this.#expectKind(type, "map", "the node", id)) return;
    if (items.length % 2 !== 0) this.#findings.add("V13", "a map has a key without a value", id);
    items.forEach((item, index) => {
      const isKey = index % 2 === 0;
      this.#expect(this.#typeOf(item), this.#part(type, isKey ? 0 : 1), isKey ? "a key" : "a value", id);
    });
  }

  #fieldsOf(type: number): readonly number[] {
    const kind = this.#table.module.types[type]?.kind;
    return kind?.case === "recordRef" ? (this.#table.fields[kind.value] ?? []) : [];
  }

  #parts(
    kind: "tuple" | "record",
    wanted: readonly number[],
    items: readonly number[],
    type: number,
    id: number,
  ): void {
    if (!this.#expectKind(type, kind, "the node", id)) return;
    if (wanted.length !== items.length) {
      this.#findings.add("V13", `${this.#text(type)} has ${wanted.length} parts, found ${items.length}`, id);
    } else {
      for (const [index, item] of items.entries()) {
        this.#expect(this.#typeOf(item), wanted[index] ?? -1, `part ${index + 1}`, id);
      }
    }
  }

  #variant({ caseIndex, args }: MakeVariant, type: number, id: number): void {
    const kind = this.#table.module.types[type]?.kind;
    if (!this.#expectKind(type, "variant", "the node", id) || kind?.case !== "variantRef") return;
    const found = this.#table.module.variants[kind.value]?.cases[caseIndex];
    if (found === undefined) {
      this.#findings.add("V13", `${this.#text(type)} has no case ${caseIndex}`, id);
    } else if (found.payload.length !== args.length) {
      const name = `${this.#text(type)}.${found.name}`;
      this.#findings.add("V13", `${name} carries ${found.payload.length} values, found ${args.length}`, id);
    } else {
      for (const [index, arg] of args.entries()) {
        this.#expect(this.#typeOf(arg), found.payload[index] ?? -1, `value ${index + 1}`, id);
      }
    }
  }

  #field({ target, field }: GetField, type: number, id: number): void {
    const owner = this.#typeOf(target);
    const kind = this.#table.types[owner]?.kind;
    if (kind !== "tuple" && kind !== "record") {
      this.#findings.add(
        "V08",
        `a field is taken from ${this.#text(owner)}, expected a tuple or a record`,
        id,
      );
      return;
    }
    const parts = kind === "tuple" ? (this.#table.parts[owner] ?? []) : this.#fieldsOf(owner);
    const part = parts[field];
    if (part === undefined) this.#findings.add("V13", `${this.#text(owner)} has no field ${field}`, id);
    else this.#expect(part, type, `field ${field}`, id);
  }

  #loop(loop: LoopWhile, type: number, id: number): void {
    const state = this.#local(loop.state);
    this.#expect(state, type, "the state", id);
    this.#expect(this.#typeOf(loop.init), type, "the first state", id);
    this.#expect(this.#typeOf(loop.step), type, "the next state", id);
    this.#expectKind(this.#typeOf(loop.condition), "bool", "the condition", id);
  }
}
