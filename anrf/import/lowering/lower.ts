import type { Expr, FunctionExpr } from "#anrf/build/expr.ts";
import type { Liveness } from "#anrf/import/source/live.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { FunctionSource, ModuleSource, Place, Source, Statement } from "#anrf/import/source/source.ts";
import type { Exits } from "#anrf/import/statements/exits.ts";
import type { Entry, Frame, FunctionValue } from "./frame.ts";
import { Memory } from "./memory.ts";
import { preludeFunctions, renamedFunctions } from "./prelude.ts";
import {
  type DictCell,
  dict,
  INTEGER,
  isHashable,
  isKey,
  isMixed,
  join,
  list,
  prune,
  rootCell,
  type Ty,
  tyText,
} from "./types.ts";
import type { Val } from "./value.ts";

/** A function with the types of its arguments: what becomes one function of the program. */
export interface Instance {
  readonly key: string;
  readonly name: string;
  readonly fn: FunctionSource;
  readonly params: readonly { readonly name: string; readonly ty: Ty }[];
  /** Outer names that it reads or changes, passed like parameters. */
  readonly captured: readonly string[];
  readonly functions: ReadonlyMap<string, FunctionValue>;
  outs: readonly string[];
  result: Ty;
  /** The body, once it is lowered. */
  made?: () => FunctionExpr;
}

/** What a front end knows of its language: the meaning of operators, calls and methods on typed values. */
export interface Meaning {
  /** A bool is an int, as True is 1: the two have a common type. */
  readonly boolIsInt: boolean;
  /** Tuples are keys by what they hold; else by which object they are, which the language does not know. */
  readonly tuplesAreKeys: boolean;
  readonly binary: (low: Lowering, op: string, left: Val, right: Val, at: Place) => Val;
  readonly unary: (low: Lowering, op: string, operand: Val, at: Place) => Val;
  readonly compare: (low: Lowering, op: string, left: Val, right: Val, at: Place) => Val;
  readonly truth: (low: Lowering, value: Val, at: Place) => Val;
  readonly index: (low: Lowering, target: Val, index: Val, at: Place) => Val;
  readonly slice: (
    low: Lowering,
    target: Val,
    bounds: { readonly from?: Val; readonly to?: Val; readonly step?: Val },
    at: Place,
  ) => Val;
  /** The container with one item put in; the same object. */
  readonly setItem: (low: Lowering, target: Val, index: Val, value: Val, at: Place) => Val;
  readonly setSlice: (
    low: Lowering,
    target: Val,
    bounds: { readonly from?: Val; readonly to?: Val; readonly step?: Val },
    value: Val,
    at: Place,
  ) => Val;
  readonly removeItem: (low: Lowering, target: Val, index: Val, at: Place) => Val;
  /** What a loop over the value walks, as a list. */
  readonly items: (low: Lowering, value: Val, at: Place) => Val;
  readonly format: (low: Lowering, value: Val, conversion: string, spec: string, at: Place) => Val;
  readonly call: (low: Lowering, call: KnownCall) => Val;
  readonly method: (low: Lowering, call: MethodCall) => Changed;
  /** A name that the program does not define: a builtin function, a constant. */
  readonly name: (low: Lowering, name: string, at: Place) => Val | undefined;
  readonly attribute: (low: Lowering, target: Val, name: string, at: Place) => Val | undefined;
  readonly annotation: (low: Lowering, source: Source) => Ty;
}

/** The walk over the source, for parts that are below it and meet source again: a lambda's body, a loop's. */
export interface Walk {
  readonly expression: (low: Lowering, source: Source) => Val;
  readonly condition: (low: Lowering, source: Source) => Val;
  readonly statements: (low: Lowering, statements: readonly Statement[], start: number, exits: Exits) => Val;
  readonly body: (low: Lowering, fn: FunctionSource, live: Liveness) => Val;
}

/** A call of something that the front end knows by name. */
export interface KnownCall {
  readonly name: string;
  readonly args: readonly Val[];
  readonly named: ReadonlyMap<string, Val>;
  readonly at: Place;
  /** Names the place across passes. */
  readonly site: string;
  /** Changes the variable behind an argument (`heappush(h, x)`), where there is one. */
  readonly store: (index: number, value: Val) => void;
}

/** A call of a method. */
export interface MethodCall {
  readonly target: Val;
  readonly name: string;
  readonly args: readonly Val[];
  readonly named: ReadonlyMap<string, Val>;
  readonly at: Place;
  readonly site: string;
}

/** What a call gives, and what its target has become. */
export interface Changed {
  readonly result: Val;
  readonly changed?: Val;
}

/** Ends a pass over a block whose types are not known yet; a later pass knows more. */
export class NotYet extends Error {
  readonly at: Place;

  constructor(at: Place) {
    super("a type is not known yet");
    this.at = at;
  }
}

/** One import: what stays between passes, and what one pass has made. */
export class Lowering {
  readonly module: ModuleSource;
  readonly meaning: Meaning;
  readonly memory = new Memory();
  readonly notes = new Set<string>();
  /** Where a pass had to give up a block. */
  blocked: Place | undefined;
  instances = new Map<string, Instance>();
  frame!: Frame;
  at: Place = { line: 1, column: 1 };
  #cells: DictCell[] = [];
  #keys: { readonly ty: Ty; readonly at: Place; readonly what: string }[] = [];
  #dicts: { readonly ty: Ty & { k: "dict" }; readonly at: Place }[] = [];
  #prelude: FunctionExpr[] = [];
  #shapes = new Map<string, string>();
  #names = new Set<string>();
  #links: { readonly cell: DictCell; readonly ordered: () => void }[] = [];

  /** Types that nothing settles are those of lists that stay empty: any type will do. */
  isSettling = false;
  /** See `ImportOptions.draft`. */
  readonly isDraft: boolean;

  readonly walk: Walk;

  constructor(module: ModuleSource, meaning: Meaning, walk: Walk, isDraft: boolean) {
    this.module = module;
    this.walk = walk;
    this.isDraft = isDraft;
    this.meaning = meaning;
  }

  /** Forgets what the last pass has made, and keeps what it has learnt. */
  startPass(): void {
    this.blocked = undefined;
    this.instances = new Map();
    this.#cells = [];
    this.#keys = [];
    this.#dicts = [];
    this.#links = [];
    this.#prelude = [];
    this.#shapes = new Map();
    this.#names = new Set();
    this.notes.clear();
    this.memory.startPass();
  }

  /** Checks what can only be known when all types are; true when another pass is needed. */
  endPass(): boolean {
    return this.memory.endPass();
  }

  /** Where the order of that dict is seen, the order of what it was made from is seen too. */
  linkOrder(cell: DictCell, ordered: () => void): void {
    this.#links.push({ cell, ordered });
  }

  /** Settles how dicts and sets are held, and refuses what cannot be. */
  settle(): void {
    for (const { ty, at } of this.#dicts) {
      const cell = rootCell(ty.cell);
      const hashes = this.#hashes(ty.key);
      if (hashes && isKey(ty.key)) continue;
      if (cell.foreign || !hashes) refuse("key", at, `${tyText(ty.key)} cannot be a key`);
      cell.seen = true;
    }
    for (const { ty, at, what } of this.#keys) {
      if (!this.#hashes(ty) || !isKey(ty)) refuse("key", at, `${tyText(ty)} cannot be ${what}`);
    }
    // Each round may make another dict's order seen; there are at most as many as links.
    for (let round = 0; round <= this.#links.length; round++) {
      for (const link of this.#links) if (rootCell(link.cell).seen) link.ordered();
    }
    for (const one of this.#cells) {
      const cell = rootCell(one);
      // A draft walks it in the order of its keys, as a map does.
      if (cell.seen && cell.foreign && this.isDraft) cell.seen = false;
      if (cell.seen && cell.foreign) {
        refuse("order", cell.at ?? this.at, "the order of a dict whose keys were put in elsewhere is seen");
      }
      if (cell.read !== undefined && cell.looked !== undefined) {
        refuse(
          "effect",
          cell.read,
          "a defaultdict is read, which may put in a key, and its keys are looked at",
        );
      }
    }
  }

  #hashes(ty: Ty): boolean {
    const { k } = prune(ty);
    return isHashable(ty) && (this.meaning.tuplesAreKeys || (k !== "tuple" && k !== "list"));
  }

  /** A type that stands for what an empty container of that place will hold. */
  variable(site: string): Ty {
    return this.memory.variable(site);
  }

  /** The joined type of two values, or a refusal. */
  join(a: Ty, b: Ty, at: Place): Ty {
    const joined = this.tryJoin(a, b);
    return joined ?? refuse("types", at, `${tyText(a)} and ${tyText(b)} have no common type`);
  }

  /** The same, or undefined. */
  tryJoin(a: Ty, b: Ty): Ty | undefined {
    const joined = join(a, b, (sites, to) => this.memory.widen(sites, to));
    const isWrong = joined !== undefined && !this.meaning.boolIsInt && isMixed(joined);
    return isWrong ? undefined : joined;
  }

  /** The type behind variables; ends the block where nothing is known of it yet. */
  need(type: Ty, at: Place): Exclude<Ty, { k: "var" }> {
    let known = prune(type);
    if (known.k === "var" && this.isSettling) known = this.join(known, INTEGER, at);
    if (known.k === "var" || known.k === "never") throw this.notYet(at);
    return known;
  }

  notYet(at: Place): NotYet {
    this.blocked ??= at;
    return new NotYet(at);
  }

  /** A dict type of its own order. */
  dict(key: Ty, value: Ty, at: Place, more: Partial<DictCell> = {}): Ty & { k: "dict" } {
    const cell: DictCell = { seen: false, foreign: false, ...more };
    const made = dict(key, value, cell) as Ty & { k: "dict" };
    this.watch(made, at);
    return made;
  }

  /** Makes sure that the dict's keys and order are judged at the end. */
  watch(type: Ty & { k: "dict" }, at: Place): void {
    this.#cells.push(type.cell);
    this.#dicts.push({ ty: type, at });
  }

  /** Makes sure that the type can be a key. */
  asKey(ty: Ty, what: string, at: Place): void {
    this.#keys.push({ ty, at, what });
  }

  /** Remembers that the order of a dict is seen. */
  seeOrder(cell: DictCell, at: Place): void {
    const root = rootCell(cell);
    root.seen = true;
    root.at ??= at;
  }

  /** What depends on the order of the items: refused where they have none of their own. */
  observe(value: Val, at: Place): void {
    if (value.bag === true && !this.isDraft) {
      refuse("order", at, "the order of a set, or of a dict from outside, is seen");
    }
    value.ordered?.();
  }

  note(text: string): void {
    this.notes.add(text);
  }

  /** A function of the prelude, called; types are put for its type names. */
  prelude(name: string, args: readonly Expr[], types: Readonly<Record<string, string>> = {}): Expr {
    const made = preludeFunctions(name, types);
    const names = new Map<string, string>();
    for (const fn of made) {
      const shape = `${fn.name}(${fn.params.map((param) => param.type.text).join()})`;
      const known = this.#shapes.get(shape) ?? this.functionName(fn.name);
      names.set(fn.name, known);
      if (this.#shapes.has(shape)) continue;
      this.#shapes.set(shape, known);
      const [renamed] = renamedFunctions([fn], (one) => names.get(one) ?? one);
      if (renamed !== undefined) this.#prelude.push(renamed);
    }
    const called = made.at(-1);
    if (called === undefined) throw new Error(`the prelude has no ${name}`);
    return { kind: "call", function: names.get(called.name) ?? name, args, type: called.result };
  }

  /** The functions of the prelude that were called. */
  preludeUsed(): readonly FunctionExpr[] {
    return this.#prelude;
  }

  /** A name for a function of the program that no other has. */
  functionName(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#names.has(name); count++) name = `${wanted}_${count}`;
    this.#names.add(name);
    return name;
  }

  /** A place's name across passes, within the instance that is being lowered. */
  site(node: { readonly id: number }, what = ""): string {
    return `${this.frame.key}#${node.id}${what}`;
  }

  /** An object made at that place: earlier objects of the place go by another name from now on (recency abstraction, Balakrishnan and Reps 2006). */
  newObject(site: string): ReadonlySet<string> {
    const id = `o:${site}`;
    const older = `${id}~`;
    renameIn(this.frame.env, id, (set) => rename(set, id, older));
    // Around this block the object may be made or not: there the older ones go by both names.
    for (const env of this.frame.around)
      renameIn(env, id, (set) => (set.has(id) ? new Set([...set, older]) : set));
    return new Set([id]);
  }

  /** A new list of that item type. */
  freshList(item: Ty, site: string, emit: () => Expr, more: Partial<Val> = {}): Val {
    return { ty: list(item), emit, top: this.newObject(site), inner: new Set(), ...more };
  }
}

function renameIn(
  env: Map<string, Entry>,
  id: string,
  change: (set: ReadonlySet<string>) => ReadonlySet<string>,
): void {
  for (const [name, entry] of env) {
    const { top, inner } = entry.val;
    if (!top.has(id) && !inner.has(id)) continue;
    env.set(name, { ...entry, val: { ...entry.val, top: change(top), inner: change(inner) } });
  }
}

/** The set with one name for another. */
export function rename(set: ReadonlySet<string>, from: string, to: string): ReadonlySet<string> {
  if (!set.has(from)) return set;
  const made = new Set(set);
  made.delete(from);
  made.add(to);
  return made;
}
