import type { Program, ProgramFunction } from "#anrf/program/program.ts";
import type { Type } from "#anrf/program/type.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import type { LocalName } from "#anrf/text/print-names.ts";
import type { LetIn, LoopWhile, MatchOn, Node } from "#gen/anrf/v1/ir_pb.ts";
import type { Arm, Bound, Code, Language, Param, Promised, Step } from "./code.ts";
import { type ModuleNames, Scope } from "./names.ts";
import { acceptsOf, blockyNodes, freeLocals } from "./shape.ts";

/** Where statements are written: each is for one function of the language, or for a block inside it. */
export interface Block {
  readonly steps: Step[];
  readonly scope: Scope;
  /** Blocks around this one. */
  readonly depth: number;
}

/** What happens to the value of a run of statements. */
export type Sink = { readonly kind: "return" } | { readonly kind: "set"; readonly name: string };

/** Deepest nesting of an expression and of blocks: CPython gives up at 200 brackets, and at 20 loops. */
const MAX_DEPTH = 32;
const MAX_BLOCKS = 16;

/**
 * Nodes of one function as expressions and statements of a language. What an expression cannot hold (`let`, `match`,
 * `loop`) becomes a function of its own in front of the statement: only a definition is moved, never an evaluation, so
 * the order of evaluation, and with it which trap is met first, stays as it is.
 */
export class Lowering {
  /** Functions that had to be taken out. */
  readonly lifted: Extract<Step, { kind: "function" }>[] = [];
  readonly #program: Program;
  readonly #fn: ProgramFunction;
  readonly #names: readonly LocalName[];
  readonly #module: ModuleNames;
  readonly #language: Language;
  readonly #comments: ReadonlyMap<number, string>;
  readonly #bound = new Map<number, Bound>();
  readonly #blocky: Uint8Array;

  constructor(
    program: Program,
    fn: ProgramFunction,
    names: readonly LocalName[],
    module: ModuleNames,
    language: Language,
    comments: ReadonlyMap<number, string>,
  ) {
    this.#program = program;
    this.#fn = fn;
    this.#names = names;
    this.#module = module;
    this.#language = language;
    this.#comments = comments;
    this.#blocky = blockyNodes(fn.nodes);
  }

  /** Names a parameter. */
  param(local: number, scope: Scope): Param {
    return { name: this.#claim(local, scope, this.#language.hasPatternParams), type: this.#localType(local) };
  }

  /** Gives a local that name. */
  call(local: number, name: string): void {
    this.#bound.set(local, name);
  }

  /** A promise at a root, with its helpers in front. */
  promise(root: number, what: string, block: Block): void {
    const holds = this.expr(root, block, 0);
    block.steps.push({ kind: "promise", promised: { what, holds } });
  }

  /** Statements that work out a node and hand its value to the sink. */
  into(id: number, block: Block, sink: Sink): void {
    const node = this.#node(id);
    const { kind } = node;
    if (kind.case === "letIn") {
      this.#let(id, kind.value, block);
      this.into(kind.value.body, block, sink);
    } else if (kind.case === "branch" && block.depth < MAX_BLOCKS) this.#branch(id, block, sink);
    else if (kind.case === "matchOn" && block.depth < MAX_BLOCKS) this.#match(kind.value, block, sink);
    else {
      const value =
        kind.case === "loopWhile" && block.depth < MAX_BLOCKS
          ? this.#loop(id, kind.value, block)
          : this.expr(id, block, 0);
      block.steps.push(
        sink.kind === "return"
          ? { kind: "return", value, comment: this.#comment(id) }
          : { kind: "set", name: sink.name, value },
      );
    }
  }

  /** The node as an expression; what it needs in front of it is written to the block. */
  expr(id: number, block: Block, depth: number): Code {
    if (this.#blocky[id] === 1 || depth >= MAX_DEPTH) return this.#apart(id, block);
    const node = this.#node(id);
    const { kind } = node;
    const type = this.#type(node.type);
    const go = (part: number): Code => this.expr(part, block, depth + 1);
    switch (kind.case) {
      case "literal":
        return { kind: "literal", value: literalValue(kind.value), type };
      case "localRef":
        return this.#ref(kind.value.local, type);
      case "branch": {
        const { condition, whenTrue, whenFalse } = kind.value;
        return {
          kind: "if",
          condition: go(condition),
          whenTrue: go(whenTrue),
          whenFalse: go(whenFalse),
          type,
        };
      }
      case "lambdaExpr":
        return this.#lambda(kind.value.params, kind.value.body, type, block, depth);
      case "builtinCall": {
        const builtin = builtinByNumber(kind.value.builtin);
        if (builtin === undefined)
          return {
            kind: "trap",
            code: "INVALID",
            message: `builtin ${kind.value.builtin} is not known`,
            type,
          };
        return { kind: "builtin", builtin, args: kind.value.args.map(go), type };
      }
      case "valueCall":
        return { kind: "call", callee: go(kind.value.callee), args: kind.value.args.map(go), type };
      case "functionCall":
        return {
          kind: "call",
          callee: this.#module.functions[kind.value.function] ?? "",
          args: kind.value.args.map(go),
          type,
        };
      case "extensionCall": {
        const extension = this.#program.module.extensions[kind.value.extension];
        return {
          kind: "trap",
          code: "EXTENSION",
          message: `${extension?.name ?? ""} is no part of this module`,
          type,
        };
      }
      case "makeList":
        return { kind: "list", items: kind.value.items.map(go), type };
      case "makeMap":
        return { kind: "map", items: kind.value.items.map(go), type };
      case "makeTuple":
        return { kind: "tuple", items: kind.value.items.map(go), type };
      case "makeRecord":
        return { kind: "record", items: kind.value.items.map(go), type };
      case "makeVariant":
        return { kind: "variant", caseIndex: kind.value.caseIndex, items: kind.value.args.map(go), type };
      case "makeOption":
        return {
          kind: "option",
          some: kind.value.some === undefined ? undefined : go(kind.value.some),
          type,
        };
      case "getField":
        return this.#field(kind.value.target, kind.value.field, type, block, depth);
      case "failWith":
        return { kind: "trap", code: "FAIL", message: kind.value.message, type };
      case "hole":
        return { kind: "trap", code: "HOLE", message: kind.value.goal, type };
      case "letIn":
      case "matchOn":
      case "loopWhile":
      case undefined:
        throw new Error(`node ${id} is no expression`);
      default:
        throw new Error(`unreachable: ${kind satisfies never}`);
    }
  }

  /** A function for the node in front of the statement, and its call. */
  #apart(id: number, block: Block): Code {
    const { type: typeId, kind } = this.#node(id);
    const type = this.#type(typeId);
    const isLifted = block.depth >= MAX_BLOCKS;
    const word = kind.case === "loopWhile" ? "loop" : kind.case === "matchOn" ? "choice" : "part";
    const name = isLifted ? block.scope.claimForAll(`${word}_1`) : block.scope.claim(`${word}_1`);
    const inner: Block = { steps: [], scope: new Scope(block.scope), depth: isLifted ? 1 : block.depth + 1 };
    const params = isLifted ? this.#freeOf(id) : [];
    this.into(id, inner, { kind: "return" });
    const made = { kind: "function" as const, name, params, result: type, steps: inner.steps };
    if (isLifted) this.lifted.push(made);
    else block.steps.push(made);
    const args = params.map((param): Code => ({ kind: "name", name: String(param.name), type: param.type }));
    return { kind: "call", callee: name, args, type };
  }

  /** The names that a sub-tree takes from around it. */
  #freeOf(root: number): readonly Param[] {
    return freeLocals(this.#fn.nodes, root).flatMap((local): Param[] => {
      const name = this.#bound.get(local) ?? "";
      const type = this.#localType(local);
      if (typeof name === "string") return [{ name, type }];
      return name.flatMap((part, index) =>
        type.kind === "tuple" && part !== "_" ? [{ name: part, type: type.items[index] ?? type }] : [],
      );
    });
  }

  #lambda(params: readonly number[], body: number, type: Type, block: Block, depth: number): Code {
    const inner: Block = { steps: [], scope: new Scope(block.scope), depth: block.depth + 1 };
    const named = params.map((param) => this.param(param, inner.scope));
    if (this.#blocky[body] !== 1) {
      const value = this.expr(body, inner, depth + 1);
      if (inner.steps.length === 0) return { kind: "lambda", params: named, body: value, type };
      inner.steps.push({ kind: "return", value, comment: "" });
    } else this.into(body, inner, { kind: "return" });
    if (this.#language.hasBlockLambdas) return { kind: "block", params: named, steps: inner.steps, type };
    const name = block.scope.claim("step_1");
    const result = type.kind === "function" ? type.result : type;
    block.steps.push({ kind: "function", name, params: named, result, steps: inner.steps });
    return { kind: "name", name, type };
  }

  #field(target: number, index: number, type: Type, block: Block, depth: number): Code {
    const { kind } = this.#node(target);
    const bound = kind.case === "localRef" ? this.#bound.get(kind.value.local) : undefined;
    if (typeof bound === "object") return { kind: "name", name: bound[index] ?? "", type };
    return { kind: "field", target: this.expr(target, block, depth + 1), index, type };
  }

  #ref(local: number, type: Type): Code {
    const bound = this.#bound.get(local);
    if (bound === undefined) throw new Error(`local ${local} is used before it is bound`);
    return typeof bound === "string"
      ? { kind: "name", name: bound, type }
      : { kind: "names", names: bound, type };
  }

  #let(id: number, { local, value }: LetIn, block: Block): void {
    const comment = this.#comment(id);
    const kind = this.#node(value).kind;
    const isChoice =
      this.#blocky[value] === 1 &&
      (kind.case === "branch" || kind.case === "matchOn") &&
      block.depth < MAX_BLOCKS;
    if (isChoice) {
      const name = this.#claim(local, block.scope, false);
      block.steps.push({ kind: "declare", name: String(name), type: this.#localType(local), comment });
      this.into(value, block, { kind: "set", name: String(name) });
      return;
    }
    const made = this.#value(value, block);
    block.steps.push({ kind: "let", name: this.#claim(local, block.scope, true), value: made, comment });
  }

  /** The value of a node at the start of a statement: what it needs may be evaluated in front. */
  #value(id: number, block: Block): Code {
    const { kind, type } = this.#node(id);
    if (kind.case === "letIn") {
      this.#let(id, kind.value, block);
      return this.#value(kind.value.body, block);
    }
    if (block.depth >= MAX_BLOCKS) return this.expr(id, block, 0);
    if (kind.case === "loopWhile") return this.#loop(id, kind.value, block);
    if (this.#blocky[id] !== 1 || (kind.case !== "branch" && kind.case !== "matchOn"))
      return this.expr(id, block, 0);
    const name = block.scope.claim("next");
    block.steps.push({ kind: "declare", name, type: this.#type(type), comment: "" });
    this.into(id, block, { kind: "set", name });
    return { kind: "name", name, type: this.#type(type) };
  }

  #branch(id: number, block: Block, sink: Sink): void {
    const arms: { condition: Code; steps: Step[] }[] = [];
    let at = id;
    for (;;) {
      const { kind } = this.#node(at);
      if (kind.case !== "branch") break;
      const condition = this.expr(kind.value.condition, block, 0);
      arms.push({ condition, steps: this.#inner(kind.value.whenTrue, block, sink) });
      at = kind.value.whenFalse;
    }
    block.steps.push({ kind: "if", arms, otherwise: this.#inner(at, block, sink) });
  }

  #inner(id: number, { scope, depth }: Block, sink: Sink): Step[] {
    const inner: Block = { steps: [], scope, depth: depth + 1 };
    this.into(id, inner, sink);
    return inner.steps;
  }

  #match({ subject, arms }: MatchOn, block: Block, sink: Sink): void {
    let on = this.expr(subject, block, 0);
    if (on.kind !== "name") {
      const name = block.scope.claim("subject");
      block.steps.push({ kind: "let", name, value: on, comment: "" });
      on = { kind: "name", name, type: on.type };
    }
    const made = arms.map((arm): Arm => {
      const named = arm.binders.map((local): Param | undefined =>
        this.#names[local] === "_"
          ? undefined
          : { name: this.#claim(local, block.scope, false), type: this.#localType(local) },
      );
      return { accepts: acceptsOf(arm), binders: named, steps: this.#inner(arm.body, block, sink) };
    });
    block.steps.push({ kind: "match", subject: on, arms: made });
  }

  /** Writes the loop and gives its last state. */
  #loop(id: number, loop: LoopWhile, block: Block): Code {
    const init = this.#value(loop.init, block);
    const type = this.#localType(loop.state);
    if (type.kind === "function") return this.#recursion(loop, init, block);
    const state = this.#claim(loop.state, block.scope, true, true);
    const before: Block = { steps: [], scope: block.scope, depth: block.depth };
    const condition = this.expr(loop.condition, before, 0);
    const invariants = loop.invariants.map(
      (root): Promised => ({ what: "an invariant of the loop", holds: this.expr(root, before, 0) }),
    );
    const measure =
      loop.decreases === undefined
        ? undefined
        : { name: block.scope.claim("before"), value: this.expr(loop.decreases, before, 0) };
    const body: Block = { steps: [], scope: block.scope, depth: block.depth + 1 };
    const next = this.#value(loop.step, body);
    const comment = this.#comment(id);
    block.steps.push({
      kind: "loop",
      state,
      type,
      init,
      before: before.steps,
      condition,
      invariants,
      measure,
      body: body.steps,
      next,
      comment,
    });
    return this.#ref(loop.state, type);
  }

  /**
   * A loop over functions calls itself: each round has a state of its own, which functions made in it may hold. Its
   * measure is not asked for: it could only stop a loop that never ends.
   */
  #recursion(loop: LoopWhile, init: Code, block: Block): Code {
    const type = this.#localType(loop.state);
    const name = block.scope.claim("loop_1");
    const inner: Block = { steps: [], scope: new Scope(block.scope), depth: block.depth + 1 };
    const param = this.param(loop.state, inner.scope);
    for (const root of loop.invariants) this.promise(root, "an invariant of the loop", inner);
    const condition = this.expr(loop.condition, inner, 0);
    const again: Block = { steps: [], scope: inner.scope, depth: inner.depth + 1 };
    const args = [this.#value(loop.step, again)];
    again.steps.push({ kind: "return", value: { kind: "call", callee: name, args, type }, comment: "" });
    const otherwise: Step[] = [{ kind: "return", value: this.#ref(loop.state, type), comment: "" }];
    inner.steps.push({ kind: "if", arms: [{ condition, steps: again.steps }], otherwise });
    block.steps.push({ kind: "function", name, params: [param], result: type, steps: inner.steps });
    return { kind: "call", callee: name, args: [init], type };
  }

  /** Names a local; a pattern stays one only where it may be taken apart. */
  #claim(local: number, scope: Scope, takesPattern: boolean, isWhole = false): Bound {
    const name = this.#names[local] ?? "_";
    const made =
      typeof name === "string"
        ? scope.claim(name)
        : takesPattern
          ? name.map((part) => (part === "_" && !isWhole ? "_" : scope.claim(part)))
          : scope.claim(name.filter((part) => part !== "_").join("_and_"));
    this.#bound.set(local, made);
    return made;
  }

  #comment(id: number): string {
    return this.#comments.get(id) ?? "";
  }

  #node(id: number): Node {
    const node = this.#fn.nodes[id];
    if (node === undefined) throw new Error(`node ${id} is out of range`);
    return node;
  }

  #type(id: number): Type {
    const type = this.#program.types[id];
    if (type === undefined) throw new Error(`type ${id} is out of range`);
    return type;
  }

  #localType(local: number): Type {
    const type = this.#fn.localTypes[local];
    if (type === undefined) throw new Error(`local ${local} is out of range`);
    return type;
  }
}
