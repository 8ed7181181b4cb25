import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Clause,
  type FunctionDef,
  FunctionDefSchema,
  type Literal,
  LiteralSchema,
  type Module,
  ModuleSchema,
  type Node,
  NodeSchema,
  type TypeDef,
  TypeDefSchema,
} from "#gen/anrf/v1/ir_pb.ts";
import { children, steps, typeOperands } from "./children.ts";

/**
 * The module in canonical numbering (anrf.md §9): functions, types, nodes, locals, records, variants and
 * extensions by first use in one traversal from the entry; what is not reached is left out. The argument is
 * not changed. Its indices must be in range, its operands earlier than their nodes and each node with one parent, as
 * V02, V03, V07 and V13 demand; on any other module it throws.
 *
 * The traversal of a function: types of its parameters, its result type, then the roots requires, ensures,
 * decreases, body; the nodes below a root in post-order, first operand first. A binder gets its number, and
 * its type, where its scope begins; `result_local` comes right after the parameters, and is left out unused.
 */
export function canonicalModule(module: Module): Module {
  return new Renumbering(module).run();
}

/**
 * Canonical bytes of a module whose numbering is canonical: fields ascending, defaults omitted, shortest varints, one
 * NaN.
 */
export function moduleBytes(module: Module): Uint8Array {
  return toBinary(ModuleSchema, withOneNaN(module), { writeUnknownFields: false });
}

/** JavaScript keeps the bits of a NaN that it was given, and shows them to nobody but the encoder. */
function withOneNaN(module: Module): Module {
  const isNaNNode = (node: Node): boolean =>
    node.kind.case === "literal" && Number.isNaN(node.kind.value.value.value);
  if (!module.functions.some((fn) => fn.nodes.some(isNaNNode))) return module;
  const value = create(LiteralSchema, { value: { case: "float", value: Number.NaN } });
  const plain = (node: Node): Node =>
    isNaNNode(node) ? { ...node, kind: { case: "literal", value } } : node;
  return { ...module, functions: module.functions.map((fn) => ({ ...fn, nodes: fn.nodes.map(plain) })) };
}

/** True when the bytes are exactly what this profile would write for what they decode to. */
export function isCanonical(bytes: Uint8Array): boolean {
  const module = fromBinary(ModuleSchema, bytes);
  const again = moduleBytes(canonicalModule(module));
  return again.length === bytes.length && again.every((byte, index) => byte === bytes[index]);
}

/** The mutable state of one pass; it lives for one call. */
class Renumbering {
  readonly #from: Module;
  readonly #to: Module = create(ModuleSchema);
  readonly #types = new Map<number, number>();
  readonly #records = new Map<number, number>();
  readonly #variants = new Map<number, number>();
  readonly #functions = new Map<number, number>();
  readonly #extensions = new Map<number, number>();
  readonly #pending: number[] = [];

  constructor(module: Module) {
    this.#from = module;
  }

  run(): Module {
    this.#to.entry = this.#function(this.#from.entry);
    for (let index = this.#pending.shift(); index !== undefined; index = this.#pending.shift()) {
      const target = this.#functions.get(index) ?? 0;
      this.#to.functions[target] = this.#renumber(at(this.#from.functions, index, "function"));
    }
    this.#declarations();
    return this.#to;
  }

  #function(index: number): number {
    return number(this.#functions, index, () => {
      this.#pending.push(index);
      return this.#functions.size;
    });
  }

  /**
   * Operand types come before the type that uses them; what a declaration names comes right after its first
   * reference. By a stack: declarations may be chained as deeply as a module has types.
   */
  #type(start: number): number {
    const stack: { readonly index: number; readonly isOpen: boolean }[] = [{ index: start, isOpen: false }];
    const push = (indices: readonly number[]): void => {
      for (let i = indices.length - 1; i >= 0; i--) stack.push({ index: indices[i] ?? 0, isOpen: false });
    };
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { index, isOpen } = top;
      if (this.#types.has(index)) continue; // a recursive type reaches itself through what it declares
      const type = at(this.#from.types, index, "type");
      if (isOpen) {
        this.#types.set(index, this.#to.types.length);
        this.#to.types.push(create(TypeDefSchema, { kind: this.#typeKind(type) }));
        push(this.#declared(type));
        continue;
      }
      const operands = typeOperands(type);
      const later = operands.find((operand) => operand >= index);
      if (later !== undefined) throw new Error(`operand ${later} of type ${index} is not earlier`);
      stack.push({ index, isOpen: true });
      push(operands);
    }
    return this.#known(start);
  }

  #known(index: number): number {
    const id = this.#types.get(index);
    if (id === undefined) throw new Error(`type ${index} has no number yet`);
    return id;
  }

  /** The kind with its operands numbered. */
  #typeKind({ kind }: TypeDef): TypeDef["kind"] {
    const id = (index: number): number => this.#known(index);
    switch (kind.case) {
      case "listOf":
      case "optionOf":
        return { case: kind.case, value: id(kind.value) };
      case "mapOf":
        return {
          case: "mapOf",
          value: { ...kind.value, key: id(kind.value.key), value: id(kind.value.value) },
        };
      case "tupleOf":
        return { case: "tupleOf", value: { ...kind.value, elements: kind.value.elements.map(id) } };
      case "functionOf": {
        const { params, result } = kind.value;
        return { case: "functionOf", value: { ...kind.value, params: params.map(id), result: id(result) } };
      }
      case "recordRef":
        return { case: "recordRef", value: number(this.#records, kind.value, () => this.#records.size) };
      case "variantRef":
        return { case: "variantRef", value: number(this.#variants, kind.value, () => this.#variants.size) };
      case "scalar":
      case undefined:
        return kind;
      default:
        throw new Error(`unreachable: ${kind satisfies never}`);
    }
  }

  /** Types in the declaration that a type refers to. */
  #declared({ kind }: TypeDef): readonly number[] {
    if (kind.case === "recordRef")
      return at(this.#from.records, kind.value, "record").fields.map((field) => field.type);
    if (kind.case === "variantRef")
      return at(this.#from.variants, kind.value, "variant").cases.flatMap((one) => one.payload);
    return [];
  }

  /** Declarations in the order of their first reference; every type in them has its number by then. */
  #declarations(): void {
    const id = (index: number): number => this.#known(index);
    for (const index of this.#records.keys()) {
      const record = at(this.#from.records, index, "record");
      const fields = record.fields.map((field) => ({ ...field, type: id(field.type) }));
      this.#to.records.push({ ...record, fields });
    }
    for (const index of this.#variants.keys()) {
      const variant = at(this.#from.variants, index, "variant");
      const cases = variant.cases.map((one) => ({ ...one, payload: one.payload.map(id) }));
      this.#to.variants.push({ ...variant, cases });
    }
  }

  #extension(index: number): number {
    return number(this.#extensions, index, () => {
      const made = { ...at(this.#from.extensions, index, "extension") };
      made.params = made.params.map((t) => this.#type(t));
      made.result = this.#type(made.result);
      this.#to.extensions.push(made);
      return this.#extensions.size;
    });
  }

  #renumber(fn: FunctionDef): FunctionDef {
    const made = create(FunctionDefSchema, { name: fn.name, paramCount: fn.paramCount });
    const locals = new Map<number, number>();
    const local = (index: number): number =>
      number(locals, index, () => {
        made.locals.push({
          ...at(fn.locals, index, "local"),
          type: this.#type(at(fn.locals, index, "local").type),
        });
        return locals.size;
      });
    for (let index = 0; index < fn.paramCount; index++) local(index);
    made.resultType = this.#type(fn.resultType);
    if (fn.resultLocal !== undefined && isUsed(fn, fn.resultLocal)) made.resultLocal = local(fn.resultLocal);
    const root = (id: number): number => this.#walk(fn, made, id, local);
    const clause = (one: Clause): Clause => ({ ...one, root: root(one.root) });
    made.requires = fn.requires.map(clause);
    made.ensures = fn.ensures.map(clause);
    if (fn.decreases !== undefined) made.decreases = root(fn.decreases);
    made.body = root(fn.body);
    return made;
  }

  /** Post-order below one root, by an explicit stack: depth is the validator's business, not the stack's. */
  #walk(fn: FunctionDef, made: FunctionDef, rootId: number, local: (index: number) => number): number {
    const ids = new Map<number, number>();
    const stack: { id: number; next: number; todo: ReturnType<typeof steps> }[] = [];
    const enter = (id: number): void => {
      // Each parent of a shared node would copy it, and copies of copies grow without end.
      if (made.nodes.length + stack.length >= fn.nodes.length)
        throw new Error(`node ${id} or a node below it has a second parent`);
      stack.push({ id, next: 0, todo: steps(at(fn.nodes, id, "node")) });
    };
    enter(rootId);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const step = top.todo[top.next++];
      if (step === undefined) {
        const node = this.#node(at(fn.nodes, top.id, "node"), ids, local);
        ids.set(top.id, made.nodes.length);
        made.nodes.push(node);
        stack.pop();
      } else if ("bind" in step) local(step.bind);
      else if (step.operand < top.id) enter(step.operand);
      else throw new Error(`operand ${step.operand} of node ${top.id} is not earlier`);
    }
    return ids.get(rootId) ?? 0;
  }

  #node(node: Node, ids: ReadonlyMap<number, number>, local: (index: number) => number): Node {
    const made = clone(NodeSchema, node);
    const map = (id: number): number => ids.get(id) ?? 0;
    const all = (list: readonly number[]): number[] => list.map(map);
    const kind = made.kind;
    switch (kind.case) {
      case "literal":
        if (kind.value.value.case === "float")
          kind.value.value.value = canonicalFloat(kind.value.value.value);
        break;
      case "localRef":
        kind.value.local = local(kind.value.local);
        break;
      case "letIn":
        Object.assign(kind.value, {
          local: local(kind.value.local),
          value: map(kind.value.value),
          body: map(kind.value.body),
        });
        break;
      case "branch": {
        const { condition, whenTrue, whenFalse } = kind.value;
        Object.assign(kind.value, {
          condition: map(condition),
          whenTrue: map(whenTrue),
          whenFalse: map(whenFalse),
        });
        break;
      }
      case "matchOn":
        kind.value.subject = map(kind.value.subject);
        for (const arm of kind.value.arms) {
          arm.binders = arm.binders.map(local);
          arm.body = map(arm.body);
        }
        break;
      case "lambdaExpr":
        kind.value.params = kind.value.params.map(local);
        kind.value.body = map(kind.value.body);
        break;
      case "functionCall":
        kind.value.function = this.#function(kind.value.function);
        kind.value.args = all(kind.value.args);
        break;
      case "extensionCall":
        kind.value.extension = this.#extension(kind.value.extension);
        kind.value.args = all(kind.value.args);
        break;
      case "builtinCall":
      case "makeVariant":
        kind.value.args = all(kind.value.args);
        break;
      case "valueCall":
        kind.value.callee = map(kind.value.callee);
        kind.value.args = all(kind.value.args);
        break;
      case "makeList":
      case "makeMap":
      case "makeTuple":
      case "makeRecord":
        kind.value.items = all(kind.value.items);
        break;
      case "makeOption":
        if (kind.value.some !== undefined) kind.value.some = map(kind.value.some);
        break;
      case "getField":
        kind.value.target = map(kind.value.target);
        break;
      case "loopWhile": {
        const loop = kind.value;
        Object.assign(loop, {
          state: local(loop.state),
          init: map(loop.init),
          condition: map(loop.condition),
        });
        Object.assign(loop, { step: map(loop.step), invariants: all(loop.invariants) });
        if (loop.decreases !== undefined) loop.decreases = map(loop.decreases);
        break;
      }
      case "failWith":
      case "hole":
      case undefined:
        break;
      default:
        throw new Error(`unreachable: ${kind satisfies never}`);
    }
    made.type = this.#type(node.type);
    return made;
  }
}

function isUsed(fn: FunctionDef, local: number): boolean {
  return fn.nodes.some(({ kind }) => kind.case === "localRef" && kind.value.local === local);
}

/** A NaN of any bits becomes the one NaN of JavaScript, 0x7ff8000000000000 on the wire. */
function canonicalFloat(value: number): number {
  return Number.isNaN(value) ? Number.NaN : value;
}

function number(known: Map<number, number>, index: number, make: () => number): number {
  const found = known.get(index);
  if (found !== undefined) return found;
  const id = make();
  known.set(index, id);
  return id;
}

function at<T>(list: readonly T[], index: number, what: string): T {
  const found = list[index];
  if (found === undefined) throw new Error(`${what} ${index} is out of range`);
  return found;
}

/** True when both literals are the same constant of the same type; NaN equals NaN, −0 differs from 0. */
export function sameLiteral(a: Literal, b: Literal): boolean {
  const x = a.value;
  const y = b.value;
  if (x.case !== y.case) return false;
  if (x.case === "decimal" && y.case === "decimal") {
    return x.value.coefficient === y.value.coefficient && x.value.scale === y.value.scale;
  }
  return Object.is(x.value, y.value);
}

/** Levels of the tree below a root, by one loop over the table: operands are earlier, so a pass suffices. */
export function nodeDepths(nodes: readonly Node[]): Int32Array {
  const depths = new Int32Array(nodes.length);
  nodes.forEach((node, id) => {
    let deepest = 0;
    for (const child of children(node)) deepest = Math.max(deepest, depths[child] ?? 0);
    depths[id] = deepest + 1;
  });
  return depths;
}
