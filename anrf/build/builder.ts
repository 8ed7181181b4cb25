import { create } from "@bufbuild/protobuf";
import { type Scalar, type Type, typeParts } from "#anrf/program/type.ts";
import { DecimalNumber, type Value } from "#anrf/program/value.ts";
import { type Annotations, AnnotationsSchema, FunctionAnnotationsSchema } from "#gen/anrf/v1/artifact_pb.ts";
import {
  FunctionDefSchema,
  type Literal,
  LiteralSchema,
  LocalDefSchema,
  type Module,
  ModuleSchema,
  type Node,
  NodeSchema,
  type Pattern,
  PatternSchema,
  RecordDefSchema,
  ScalarKind,
  type TypeDef,
  TypeDefSchema,
  VariantDefSchema,
} from "#gen/anrf/v1/ir_pb.ts";
import {
  type ClauseExpr,
  type Expr,
  type ExprNote,
  exprParts,
  type FunctionExpr,
  type Local,
  type PatternExpr,
  type ProgramExpr,
} from "./expr.ts";

/** A module in canonical numbering with the annotations that belong to its nodes. */
export interface BuiltProgram {
  readonly module: Module;
  readonly annotations: Annotations;
  /** By function and node: the place that the node's note names. */
  readonly places: readonly (readonly ExprNote["place"][])[];
}

const SCALAR_KINDS: Readonly<Record<Scalar, ScalarKind>> = {
  unit: ScalarKind.UNIT,
  bool: ScalarKind.BOOL,
  int: ScalarKind.INT,
  float: ScalarKind.FLOAT,
  string: ScalarKind.STRING,
  decimal: ScalarKind.DECIMAL,
  date: ScalarKind.DATE,
};

/**
 * The program as a table, numbered as `canonicalModule` would number it. Functions that the entry does not
 * reach are left out. Throws when a name is used that the program does not declare: that is the caller's bug,
 * not the user's.
 */
export function buildProgram(program: ProgramExpr): BuiltProgram {
  return new Building(program).run();
}

/** The literal message of a scalar value of that type. */
export function literalOf(value: Value, type: Type): Literal {
  return create(LiteralSchema, { value: literalArm(value, type) });
}

function literalArm(value: Value, type: Type): Literal["value"] {
  switch (type.kind) {
    case "unit":
      return { case: "unit", value: true };
    case "bool":
      return { case: "bool", value: value === true };
    case "int":
      return { case: "int", value: BigInt(value as number | bigint) };
    case "float":
      return { case: "float", value: Number(value) };
    case "string":
      return { case: "string", value: String(value) };
    case "date":
      return { case: "days", value: Number(value) };
    case "decimal": {
      if (!(value instanceof DecimalNumber)) throw new Error("a decimal literal needs a DecimalNumber");
      return {
        case: "decimal",
        value: { $typeName: "anrf.v1.DecimalValue", coefficient: value.coefficient, scale: value.scale },
      };
    }
    default:
      throw new Error(`a literal has a scalar type, not ${type.text}`);
  }
}

/** The columns of one function while it is built. */
interface Table {
  readonly nodes: Node[];
  readonly locals: Local[];
  readonly ids: Map<Local, number>;
  readonly notes: (ExprNote | undefined)[];
}

/** The mutable state of one build; it lives for one call. */
class Building {
  readonly #program: ProgramExpr;
  readonly #module: Module = create(ModuleSchema);
  readonly #annotations: Annotations = create(AnnotationsSchema);
  readonly #types = new Map<string, number>();
  readonly #records = new Map<string, number>();
  readonly #variants = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #extensions = new Map<string, number>();
  readonly #pending: string[] = [];
  readonly #spans = new Map<string, number>();
  readonly #places: (readonly ExprNote["place"][])[] = [];

  constructor(program: ProgramExpr) {
    this.#program = program;
  }

  run(): BuiltProgram {
    this.#module.entry = this.#function(this.#program.entry);
    for (let name = this.#pending.shift(); name !== undefined; name = this.#pending.shift()) {
      const fn = this.#program.functions.find((one) => one.name === name);
      if (fn === undefined) throw new Error(`function "${name}" is not declared`);
      this.#build(fn);
    }
    this.#declarations();
    return { module: this.#module, annotations: this.#annotations, places: this.#places };
  }

  #function(name: string): number {
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    this.#functions.set(name, this.#functions.size);
    this.#pending.push(name);
    return this.#functions.size - 1;
  }

  #build(fn: FunctionExpr): void {
    const table: Table = { nodes: [], locals: [], ids: new Map(), notes: [] };
    for (const param of fn.params) this.#local(table, param);
    const made = create(FunctionDefSchema, { name: fn.name, paramCount: fn.params.length });
    made.resultType = this.#type(fn.result);
    const result = fn.resultLocal;
    if (result !== undefined && (fn.ensures ?? []).some((one) => usesLocal(one.expr, result))) {
      made.resultLocal = this.#local(table, result);
    }
    const clause = (one: ClauseExpr) => ({
      $typeName: "anrf.v1.Clause" as const,
      root: this.#expr(table, one.expr),
      label: one.label,
    });
    made.requires = (fn.requires ?? []).map(clause);
    made.ensures = (fn.ensures ?? []).map(clause);
    if (fn.decreases !== undefined) made.decreases = this.#expr(table, fn.decreases);
    made.body = this.#expr(table, fn.body);
    made.nodes = table.nodes;
    made.locals = table.locals.map((local) => create(LocalDefSchema, { type: this.#type(local.type) }));
    this.#module.functions.push(made);
    this.#annotate(fn, table);
  }

  #annotate(fn: FunctionExpr, table: Table): void {
    const made = create(FunctionAnnotationsSchema, { doc: fn.doc ?? "" });
    made.localNames = table.locals.map((local) => local.name);
    if (table.notes.some((note) => note?.span !== undefined))
      made.nodeSpan = table.notes.map((note) => this.#span(note));
    if (table.notes.some((note) => note?.confidence !== undefined)) {
      made.nodeConfidence = table.notes.map((note) => Math.round((note?.confidence ?? 0) * 10_000));
    }
    if (table.notes.some((note) => note?.comment !== undefined)) {
      made.nodeComment = table.notes.map((note) =>
        note?.comment === undefined ? 0 : made.comments.push(note.comment),
      );
    }
    this.#annotations.functions.push(made);
    this.#places.push(table.notes.map((note) => note?.place));
  }

  /** Index of the span plus one; 0 without a span. Equal spans are stored once. */
  #span(note: ExprNote | undefined): number {
    if (note?.span === undefined) return 0;
    const key = `${note.span.start}:${note.span.end}`;
    const known = this.#spans.get(key);
    if (known !== undefined) return known;
    const index = this.#annotations.spans.push({ $typeName: "anrf.v1.Span", ...note.span });
    this.#spans.set(key, index);
    return index;
  }

  #local(table: Table, local: Local): number {
    const known = table.ids.get(local);
    if (known !== undefined) return known;
    const id = table.locals.length;
    table.ids.set(local, id);
    table.locals.push(local);
    this.#type(local.type);
    return id;
  }

  /** Parts first, then the type, then what its declaration names; by a stack, since declarations may be chained. */
  #type(start: Type): number {
    const known = this.#types.get(start.text);
    if (known !== undefined) return known;
    const stack: { readonly type: Type; readonly isOpen: boolean }[] = [{ type: start, isOpen: false }];
    const push = (types: readonly Type[]): void => {
      for (let i = types.length - 1; i >= 0; i--) stack.push({ type: types[i] ?? start, isOpen: false });
    };
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { type, isOpen } = top;
      if (this.#types.has(type.text)) continue;
      if (isOpen) {
        const kind = this.#typeKind(type);
        this.#types.set(type.text, this.#module.types.push(create(TypeDefSchema, { kind })) - 1);
        push(this.#declared(type));
      } else {
        stack.push({ type, isOpen: true });
        push(typeParts(type));
      }
    }
    return this.#known(start);
  }

  #known(type: Type): number {
    const id = this.#types.get(type.text);
    if (id === undefined) throw new Error(`type ${type.text} has no number yet`);
    return id;
  }

  #typeKind(type: Type): TypeDef["kind"] {
    const id = (part: Type): number => this.#known(part);
    switch (type.kind) {
      case "list":
        return { case: "listOf", value: id(type.item) };
      case "option":
        return { case: "optionOf", value: id(type.item) };
      case "map":
        return {
          case: "mapOf",
          value: { $typeName: "anrf.v1.MapType", key: id(type.key), value: id(type.value) },
        };
      case "tuple":
        return {
          case: "tupleOf",
          value: { $typeName: "anrf.v1.TupleType", elements: type.items.map(id) },
        };
      case "function":
        return {
          case: "functionOf",
          value: { $typeName: "anrf.v1.SignatureType", params: type.params.map(id), result: id(type.result) },
        };
      case "record":
        return { case: "recordRef", value: name(this.#records, type.name) };
      case "variant":
        return { case: "variantRef", value: name(this.#variants, type.name) };
      case "var":
        throw new Error(`type variable ${type.name} in a program`);
      default:
        return { case: "scalar", value: SCALAR_KINDS[type.kind] };
    }
  }

  #record(record: string): NonNullable<ProgramExpr["records"]>[number] {
    const found = (this.#program.records ?? []).find((one) => one.name === record);
    if (found === undefined) throw new Error(`record "${record}" is not declared`);
    return found;
  }

  #variant(variant: string): NonNullable<ProgramExpr["variants"]>[number] {
    const found = (this.#program.variants ?? []).find((one) => one.name === variant);
    if (found === undefined) throw new Error(`variant "${variant}" is not declared`);
    return found;
  }

  /** Types in the declaration that a type names. */
  #declared(type: Type): readonly Type[] {
    if (type.kind === "record") return this.#record(type.name).fields.map((field) => field.type);
    if (type.kind === "variant") return this.#variant(type.name).cases.flatMap((one) => one.payload);
    return [];
  }

  /** Declarations in the order of their first reference; every type in them has its number by then. */
  #declarations(): void {
    for (const record of this.#records.keys()) {
      const fields = this.#record(record).fields.map((field) => ({
        $typeName: "anrf.v1.FieldDef" as const,
        name: field.name,
        type: this.#known(field.type),
      }));
      this.#module.records.push(create(RecordDefSchema, { name: record, fields }));
    }
    for (const variant of this.#variants.keys()) {
      const cases = this.#variant(variant).cases.map((one) => ({
        $typeName: "anrf.v1.CaseDef" as const,
        name: one.name,
        payload: one.payload.map((type) => this.#known(type)),
      }));
      this.#module.variants.push(create(VariantDefSchema, { name: variant, cases }));
    }
  }

  #extension(extension: string): number {
    const known = this.#extensions.get(extension);
    if (known !== undefined) return known;
    const source = (this.#program.extensions ?? []).find((one) => one.name === extension);
    if (source === undefined) throw new Error(`extension "${extension}" is not declared`);
    this.#extensions.set(extension, this.#extensions.size);
    const params = source.params.map((t) => this.#type(t));
    const result = this.#type(source.result);
    this.#module.extensions.push({
      $typeName: "anrf.v1.ExtensionImport",
      name: source.name,
      urn: source.urn,
      version: source.version,
      params,
      result,
    });
    return this.#extensions.size - 1;
  }

  #all(table: Table, list: readonly Expr[]): number[] {
    return list.map((one) => this.#expr(table, one));
  }

  #expr(table: Table, expr: Expr): number {
    const kind = this.#kind(table, expr);
    const type = this.#type(expr.type);
    table.notes.push(expr.note);
    return table.nodes.push(create(NodeSchema, { type, kind })) - 1;
  }

  /** Operands first; a binder where its scope begins: the order of anrf.md §9. */
  #kind(
    table: Table,
    expr: Expr,
  ): Exclude<Parameters<typeof create<typeof NodeSchema>>[1], undefined>["kind"] & object {
    const go = (one: Expr): number => this.#expr(table, one);
    switch (expr.kind) {
      case "literal":
        return { case: "literal", value: literalOf(expr.value, expr.type) };
      case "local":
        return { case: "localRef", value: { local: this.#local(table, expr.local) } };
      case "let": {
        const value = go(expr.value);
        return {
          case: "letIn",
          value: { value, local: this.#local(table, expr.local), body: go(expr.body) },
        };
      }
      case "if": {
        const condition = go(expr.condition);
        const whenTrue = go(expr.whenTrue);
        return { case: "branch", value: { condition, whenTrue, whenFalse: go(expr.whenFalse) } };
      }
      case "match":
        return { case: "matchOn", value: this.#match(table, expr.subject, expr.arms) };
      case "lambda": {
        const params = expr.params.map((param) => this.#local(table, param));
        return { case: "lambdaExpr", value: { params, body: go(expr.body) } };
      }
      case "builtin":
        return { case: "builtinCall", value: { builtin: expr.builtin, args: this.#all(table, expr.args) } };
      case "apply": {
        const callee = go(expr.callee);
        return { case: "valueCall", value: { callee, args: this.#all(table, expr.args) } };
      }
      case "call": {
        const args = this.#all(table, expr.args);
        return { case: "functionCall", value: { function: this.#function(expr.function), args } };
      }
      case "list":
        return { case: "makeList", value: { items: this.#all(table, expr.items) } };
      case "map":
        return { case: "makeMap", value: { items: this.#all(table, expr.items) } };
      case "tuple":
        return { case: "makeTuple", value: { items: this.#all(table, expr.items) } };
      case "record":
        return { case: "makeRecord", value: { items: this.#all(table, expr.items) } };
      case "variant":
        return {
          case: "makeVariant",
          value: { caseIndex: expr.caseIndex, args: this.#all(table, expr.args) },
        };
      case "option":
        return { case: "makeOption", value: expr.some === undefined ? {} : { some: go(expr.some) } };
      case "field":
        return { case: "getField", value: { target: go(expr.target), field: expr.field } };
      case "loop": {
        const init = go(expr.init);
        const state = this.#local(table, expr.state);
        const condition = go(expr.condition);
        const step = go(expr.step);
        const invariants = this.#all(table, expr.invariants);
        const measure = expr.decreases === undefined ? {} : { decreases: go(expr.decreases) };
        return { case: "loopWhile", value: { state, init, condition, step, invariants, ...measure } };
      }
      case "fail":
        return { case: "failWith", value: { message: expr.message } };
      case "hole":
        return { case: "hole", value: { goal: expr.message } };
      case "extension": {
        const args = this.#all(table, expr.args);
        return { case: "extensionCall", value: { extension: this.#extension(expr.extension), args } };
      }
      default:
        throw new Error(`unreachable: ${expr satisfies never}`);
    }
  }

  #match(table: Table, subjectExpr: Expr, armExprs: Extract<Expr, { kind: "match" }>["arms"]) {
    const subject = this.#expr(table, subjectExpr);
    const arms = armExprs.map((arm) => {
      const binders = arm.binders.map((binder) => this.#local(table, binder));
      return { pattern: pattern(arm.pattern), binders, body: this.#expr(table, arm.body) };
    });
    return { subject, arms };
  }
}

/** True when a part of the expression refers to the local; an unused result has no slot. */
function usesLocal(expr: Expr, local: Local): boolean {
  const pending: Expr[] = [expr];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "local" && next.local === local) return true;
    pending.push(...exprParts(next));
  }
  return false;
}

function pattern(source: PatternExpr): Pattern {
  switch (source.kind) {
    case "case":
      return create(PatternSchema, { kind: { case: "variantCase", value: source.caseIndex } });
    case "some":
    case "none":
      return create(PatternSchema, { kind: { case: "optionSome", value: source.kind === "some" } });
    case "literal":
      return create(PatternSchema, {
        kind: { case: "literal", value: literalOf(source.value, source.type) },
      });
    case "wildcard":
      return create(PatternSchema, { kind: { case: "wildcard", value: true } });
    default:
      throw new Error(`unreachable: ${source satisfies never}`);
  }
}

function name(known: Map<string, number>, key: string): number {
  const found = known.get(key);
  if (found !== undefined) return found;
  known.set(key, known.size);
  return known.size - 1;
}
