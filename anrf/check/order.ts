import type { FunctionDef, Module, TypeDef } from "#gen/anrf/v1/ir_pb.ts";
import type { Findings } from "./findings.ts";
import { bindersOf, type Trees } from "./structure.ts";
import type { TypeTable } from "./types.ts";

/**
 * V18, numbering: everything stands in the order of first use that `canonicalModule` would give it, and nothing
 * stands there unused. One walk along the table; the first difference ends it.
 */
export function checkOrder(table: TypeTable, trees: readonly Trees[], findings: Findings): void {
  const before = findings.count;
  const walk = new Walk(table, findings, before);
  walk.run(trees);
  findings.inFunction(undefined);
}

/** Numbers handed out so far. */
class Walk {
  readonly #table: TypeTable;
  readonly #module: Module;
  readonly #findings: Findings;
  readonly #before: number;
  #types = 0;
  #records = 0;
  #variants = 0;
  #functions = 1;
  #extensions = 0;

  constructor(table: TypeTable, findings: Findings, before: number) {
    this.#table = table;
    this.#module = table.module;
    this.#findings = findings;
    this.#before = before;
  }

  run(trees: readonly Trees[]): void {
    const { module } = this.#table;
    if (module.entry !== 0) {
      this.#wrong(`the entry is function ${module.entry}, and 0 is used first`);
      return;
    }
    for (let index = 0; index < module.functions.length && !this.#failed; index++) {
      const def = module.functions[index];
      const own = trees[index];
      if (def === undefined || own === undefined) return;
      this.#findings.inFunction(index);
      if (index >= this.#functions) {
        this.#wrong("nothing calls the function before this place");
        return;
      }
      this.#function(def, own);
    }
    this.#findings.inFunction(undefined);
    if (this.#failed) return;
    const counts: readonly (readonly [string, number, number])[] = [
      ["types", this.#types, module.types.length],
      ["records", this.#records, module.records.length],
      ["variants", this.#variants, module.variants.length],
      ["functions", this.#functions, module.functions.length],
      ["extensions", this.#extensions, module.extensions.length],
    ];
    for (const [what, used, all] of counts) {
      if (used !== all) {
        this.#wrong(`${all - used} ${what} are not used`);
        return;
      }
    }
  }

  get #failed(): boolean {
    return this.#findings.count > this.#before;
  }

  #wrong(message: string, node?: number): void {
    if (!this.#failed) this.#findings.add("V18", message, node);
  }

  #function(def: FunctionDef, trees: Trees): void {
    let locals = 0;
    const local = (index: number, node?: number): void => {
      if (index !== locals) this.#wrong(`local ${index} is bound where local ${locals} is due`, node);
      locals++;
      this.#type(def.locals[index]?.type ?? 0);
    };
    for (let index = 0; index < def.paramCount; index++) local(index);
    this.#type(def.resultType);
    if (def.resultLocal !== undefined) {
      local(def.resultLocal);
      if (!isUsed(def, def.resultLocal)) this.#wrong("the local of the result has no use, and so no number");
    }
    const waiting = bindersByPlace(def, trees);
    for (let id = 0; id < def.nodes.length && !this.#failed; id++) {
      const node = def.nodes[id];
      if (node === undefined) return;
      if (trees.order[id] !== id) {
        this.#wrong(`the node stands where node ${trees.order[id]} is due`, id);
        return;
      }
      for (const binder of waiting?.get(id) ?? []) local(binder, id);
      const kind = node.kind;
      if (kind.case === "functionCall") {
        if (kind.value.function > this.#functions)
          this.#wrong(`function ${kind.value.function} is called before ${this.#functions}`, id);
        if (kind.value.function === this.#functions) this.#functions++;
      }
      if (kind.case === "extensionCall") this.#extension(kind.value.extension, id);
      if (node.type >= this.#types) this.#type(node.type, id);
    }
  }

  #extension(index: number, node: number): void {
    if (index < this.#extensions) return;
    if (index > this.#extensions)
      this.#wrong(`extension ${index} is called before ${this.#extensions}`, node);
    this.#extensions++;
    const found = this.#module.extensions[index];
    for (const type of [...(found?.params ?? []), found?.result ?? 0]) this.#type(type, node);
  }

  /** Numbers a type: operands first, then itself, then what its declaration names; by a stack of its own. */
  #type(start: number, node?: number): void {
    const stack: { readonly id: number; readonly entered: boolean }[] = [{ id: start, entered: false }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { id, entered } = top;
      if (id < this.#types) continue;
      if (!entered) {
        stack.push({ id, entered: true });
        pushAll(stack, this.#table.parts[id] ?? []);
        continue;
      }
      if (id > this.#types) {
        this.#wrong(`type ${id} is used before type ${this.#types}`, node);
        return;
      }
      this.#types++;
      pushAll(stack, this.#declared(this.#module.types[id]?.kind, node));
    }
  }

  /** Types of the fields or payloads of a nominal type that is met for the first time. */
  #declared(kind: TypeDef["kind"] | undefined, node: number | undefined): readonly number[] {
    if (kind?.case === "recordRef") {
      if (kind.value > this.#records)
        this.#wrong(`record ${kind.value} is used before ${this.#records}`, node);
      this.#records++;
      return this.#table.fields[kind.value] ?? [];
    }
    if (kind?.case === "variantRef") {
      if (kind.value > this.#variants)
        this.#wrong(`variant ${kind.value} is used before ${this.#variants}`, node);
      this.#variants++;
      return (this.#module.variants[kind.value]?.cases ?? []).flatMap((one) => one.payload);
    }
    return [];
  }
}

function isUsed(def: FunctionDef, local: number): boolean {
  return def.nodes.some(({ kind }) => kind.case === "localRef" && kind.value.local === local);
}

function pushAll(stack: { readonly id: number; readonly entered: boolean }[], ids: readonly number[]): void {
  for (let index = ids.length - 1; index >= 0; index--) stack.push({ id: ids[index] ?? 0, entered: false });
}

/** Binders by the node with which their scope begins; of several, the outer node's come first. */
function bindersByPlace(def: FunctionDef, trees: Trees): ReadonlyMap<number, readonly number[]> | undefined {
  if (def.locals.length === def.paramCount) return undefined;
  const found = new Map<number, number[]>();
  for (let id = def.nodes.length - 1; id >= 0; id--) {
    const node = def.nodes[id];
    if (node === undefined) continue;
    for (const { local, before } of bindersOf(node)) {
      const place = (trees.order[before] ?? 0) - (trees.sizes[before] ?? 0) + 1;
      const there = found.get(place);
      if (there === undefined) found.set(place, [local]);
      else there.push(local);
    }
  }
  return found;
}
