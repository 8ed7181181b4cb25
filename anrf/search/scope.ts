import type { Local } from "#anrf/build/expr.ts";
import type { Type } from "#anrf/program/type.ts";
import { Bank, hashVector } from "./bank.ts";
import { ERR, type Store } from "./intern.ts";
import type { Call, Frame, HigherKernel, Production } from "./production.ts";

/** What a scope tells of a new row of a bank that is watched. */
export type Watcher = (bank: Bank, row: number) => void;

/** Counts work and knows when to end; shared by all scopes of one search. */
export interface Meter {
  /** Terms run. */
  evaluated: number;
  /** Terms kept. */
  kept: number;
  /** True once the search has to end. */
  halted: boolean;
  /** Called after every 1,000 terms. */
  pulse(): void;
  /** Counts work that is not the run of a term as so many terms. */
  charge(terms: number): void;
}

/** How a scope stands inside another. */
export interface Nesting {
  readonly parent: Scope;
  /** Column of the parent for each of our columns. */
  readonly columns: Int32Array;
}

/**
 * One place where terms stand: the body of the function, or of a lambda. Its columns are the examples and probes, or
 * for a lambda pairs of such a column and arguments. It holds a bank for each type and the productions between them.
 */
export class Scope {
  readonly store: Store;
  readonly meter: Meter;
  /** The binders: parameters of the function or of the lambda. */
  readonly locals: readonly Local[];
  /** Ids of each binder in each column, column after column. */
  readonly bindings: Int32Array;
  readonly width: number;
  readonly nesting: Nesting | undefined;
  /** 0 for the function itself. */
  readonly depth: number;
  /** Terms that trap in all of the first so many columns are dropped. */
  readonly goalWidth: number;
  /** The bit in `uses` of the first binder. */
  readonly firstBit: number;
  readonly banks = new Map<string, Bank>();
  readonly productions: Production[] = [];
  readonly #watchers: Watcher[][] = [];
  /** The highest finished level. */
  level = 0;
  readonly #bankList: Bank[] = [];
  readonly #scratch: Int32Array;
  readonly #frames: Frame[] = [];
  readonly #columnOf = new Map<number, number>();
  readonly #listColumns = new Map<number, Int32Array>();

  /** A scope with empty banks. */
  constructor(init: {
    readonly store: Store;
    readonly meter: Meter;
    readonly locals: readonly Local[];
    readonly bindings: Int32Array;
    readonly width: number;
    readonly goalWidth: number;
    readonly nesting?: Nesting;
  }) {
    this.store = init.store;
    this.meter = init.meter;
    this.locals = init.locals;
    this.bindings = init.bindings;
    this.width = init.width;
    this.goalWidth = init.goalWidth;
    this.nesting = init.nesting;
    this.depth = init.nesting === undefined ? 0 : init.nesting.parent.depth + 1;
    this.firstBit = this.depth === 0 ? 0 : 16 + (this.depth - 1) * 4;
    this.#scratch = new Int32Array(init.width);
    const arity = init.locals.length;
    for (let column = 0; column < this.width; column++) {
      const values = this.bindings.subarray(column * arity, (column + 1) * arity);
      const parentColumn = this.nesting?.columns[column] ?? 0;
      const parent = this.nesting?.parent.frame(parentColumn);
      this.#frames.push({ column, values, parent });
      if (arity === 1) this.#columnOf.set(parentColumn * 0x40000000 + (values[0] as number), column);
    }
  }

  /** The bank of a type, made on first use. */
  bank(type: Type): Bank {
    const known = this.banks.get(type.text);
    if (known !== undefined) return known;
    const bank = new Bank(this.#bankList.length, type, this.width);
    bank.open(this.level);
    this.banks.set(type.text, bank);
    this.#bankList.push(bank);
    return bank;
  }

  /** The bank of that index. */
  bankAt(index: number): Bank {
    const bank = this.#bankList[index];
    if (bank === undefined) throw new Error(`scope has no bank ${index}`);
    return bank;
  }

  /** Calls the watcher for every row that the bank holds and will hold. */
  watch(bank: Bank, watcher: Watcher): void {
    for (let row = 0; row < bank.size; row++) watcher(bank, row);
    const known = this.#watchers[bank.index];
    if (known === undefined) this.#watchers[bank.index] = [watcher];
    else known.push(watcher);
  }

  /** The binding of a column. */
  frame(column: number): Frame {
    const frame = this.#frames[column];
    if (frame === undefined) throw new Error(`scope has no column ${column}`);
    return frame;
  }

  /** Bytes held by the banks. */
  get bytes(): number {
    let bytes = 0;
    for (const bank of this.#bankList) bytes += bank.bytes;
    return bytes;
  }

  /** Opens the next level in every bank. */
  open(level: number): void {
    for (const bank of this.#bankList) bank.open(level);
  }

  /** The column with that binding, or −1; one binder only. */
  columnOf(parentColumn: number, value: number): number {
    return this.#columnOf.get(parentColumn * 0x40000000 + value) ?? -1;
  }

  /** The columns of the items of a list; −1 where an item has none. */
  columnsOf(parentColumn: number, list: number): Int32Array {
    const key = parentColumn * 0x40000000 + list;
    const known = this.#listColumns.get(key);
    if (known !== undefined) return known;
    const columns = Int32Array.from(this.store.items(list), (item) => this.columnOf(parentColumn, item));
    if (this.#listColumns.size < 200_000) this.#listColumns.set(key, columns);
    return columns;
  }

  /** Keeps a leaf. */
  addLeaf(production: Production, index: number): void {
    const { leaf, result } = production;
    if (leaf === undefined) throw new Error(`production ${production.name} is no leaf`);
    const arity = this.locals.length;
    let uses = 0;
    for (let column = 0; column < this.width; column++) {
      if (leaf.kind === "constant") this.#scratch[column] = leaf.id;
      else if (leaf.kind === "binder") {
        this.#scratch[column] = this.bindings[column * arity + leaf.position] as number;
        uses = 1 << (this.firstBit + leaf.position);
      } else if (leaf.kind === "fragment") {
        this.#scratch[column] = leaf.ids[column] as number;
        uses = leaf.uses;
      } else {
        const outer = this.nesting?.columns[column] ?? 0;
        this.#scratch[column] = leaf.bank.vectors[leaf.row * leaf.bank.width + outer] as number;
        uses = leaf.bank.uses[leaf.row] as number;
      }
    }
    this.#keep(result, index, 0, 0, 0, uses);
  }

  /** Tries one term of a production without lambda; keeps it when its meaning is new. */
  tryPlain(production: Production, index: number, a: number, b: number, c: number): void {
    const { args, kernel, result, lazy } = production;
    const scratch = this.#scratch;
    const width = this.width;
    const first = args[0];
    if (first === undefined) return;
    const va = first.vectors;
    const atA = a * width;
    let uses = first.uses[a] as number;
    let alive = 0;
    const second = args[1];
    if (second === undefined) {
      for (let i = 0; i < width; i++) {
        const x = va[atA + i] as number;
        const y = x === ERR && !lazy ? ERR : kernel(x, 0, 0);
        scratch[i] = y;
        if (y !== ERR && i < this.goalWidth) alive = 1;
      }
    } else {
      const vb = second.vectors;
      const atB = b * width;
      const third = args[2];
      uses |= second.uses[b] as number;
      if (third !== undefined) uses |= third.uses[c] as number;
      const vc = third?.vectors;
      const atC = c * width;
      for (let i = 0; i < width; i++) {
        const x = va[atA + i] as number;
        const y = vb[atB + i] as number;
        const z = vc === undefined ? NO_OPERAND : (vc[atC + i] as number);
        const r = !lazy && (x === ERR || y === ERR || z === ERR) ? ERR : kernel(x, y, z);
        scratch[i] = r;
        if (r !== ERR && i < this.goalWidth) alive = 1;
      }
    }
    this.#count();
    if (alive !== 0) this.#keep(result, index, a, b, c, uses);
  }

  /** Tries one term of a production with a lambda. */
  tryHigher(production: Production, index: number, a: number, b: number, c: number): void {
    const { args, inner, lambda, higher, result } = production;
    if (inner === undefined || higher === undefined) return;
    const body = args[lambda];
    const bodyRow = lambda === 0 ? a : lambda === 1 ? b : c;
    if (body === undefined) return;
    const width = this.width;
    const binderBits = inner.binderBits;
    const bodyUses = body.uses[bodyRow] as number;
    let uses = bodyUses & ~binderBits;
    const first = lambda === 0 ? undefined : args[0];
    const second = lambda === 1 ? undefined : args[1];
    const third = lambda === 2 ? undefined : args[2];
    if (first !== undefined) uses |= first.uses[a] as number;
    if (second !== undefined) uses |= second.uses[b] as number;
    if (third !== undefined) uses |= third.uses[c] as number;
    let alive = 0;
    for (let i = 0; i < width; i++) {
      const x = first === undefined ? NO_OPERAND : (first.vectors[a * width + i] as number);
      const y = second === undefined ? NO_OPERAND : (second.vectors[b * width + i] as number);
      const z = third === undefined ? NO_OPERAND : (third.vectors[c * width + i] as number);
      const r =
        x === ERR || y === ERR || z === ERR
          ? ERR
          : this.#higherAt(higher, inner, body, bodyRow, this.frame(i), x, y, z);
      this.#scratch[i] = r;
      if (r !== ERR && i < this.goalWidth) alive = 1;
      else if (alive === 0 && i === this.goalWidth - 1) break;
    }
    this.#count();
    if (alive !== 0) this.#keep(result, index, a, b, c, uses);
  }

  /** The bits of this scope's binders. */
  get binderBits(): number {
    return ((1 << this.locals.length) - 1) << this.firstBit;
  }

  /** The id of a row under any binding of this scope. */
  evaluate(bank: Bank, row: number, frame: Frame): number {
    if (frame.column >= 0) return bank.vectors[row * bank.width + frame.column] as number;
    const production = this.productions[bank.production[row] as number];
    if (production === undefined) return ERR;
    const { leaf } = production;
    if (leaf !== undefined) {
      if (leaf.kind === "constant") return leaf.id;
      if (leaf.kind === "binder") return frame.values[leaf.position] ?? ERR;
      // Stands in the outermost scope alone, where every frame has a column.
      if (leaf.kind === "fragment") return ERR;
      const parent = this.nesting?.parent;
      return parent === undefined || frame.parent === undefined
        ? ERR
        : parent.evaluate(leaf.bank, leaf.row, frame.parent);
    }
    const { args, lambda, lazy, inner, higher } = production;
    let x = NO_OPERAND;
    let y = NO_OPERAND;
    let z = NO_OPERAND;
    const at = row * 3;
    if (args[0] !== undefined && lambda !== 0) x = this.evaluate(args[0], bank.operands[at] as number, frame);
    if (x === ERR && !lazy) return ERR;
    if (args[1] !== undefined && lambda !== 1)
      y = this.evaluate(args[1], bank.operands[at + 1] as number, frame);
    if (y === ERR && !lazy) return ERR;
    if (args[2] !== undefined && lambda !== 2)
      z = this.evaluate(args[2], bank.operands[at + 2] as number, frame);
    if (z === ERR && !lazy) return ERR;
    if (lambda < 0) return production.kernel(x, y, z);
    const body = args[lambda];
    if (inner === undefined || higher === undefined || body === undefined) return ERR;
    return this.#higherAt(higher, inner, body, bank.operands[at + lambda] as number, frame, x, y, z);
  }

  #higherAt(
    higher: HigherKernel,
    inner: Scope,
    body: Bank,
    row: number,
    frame: Frame,
    a: number,
    b: number,
    c: number,
  ): number {
    const single = inner.locals.length === 1 && frame.column >= 0;
    const base = row * body.width;
    const call: Call = (x, y) => {
      if (single) {
        const column = inner.columnOf(frame.column, x);
        if (column >= 0) return body.vectors[base + column] as number;
      }
      return inner.evaluate(body, row, { column: -1, values: [x, y], parent: frame });
    };
    return higher(call, a, b, c);
  }

  #count(): void {
    if (++this.meter.evaluated % 1000 === 0) this.meter.pulse();
  }

  #keep(bank: Bank, production: number, a: number, b: number, c: number, uses: number): void {
    const row = bank.add(this.#scratch, hashVector(this.#scratch, this.width), production, a, b, c, uses);
    if (row < 0) return;
    this.meter.kept++;
    const watchers = this.#watchers[bank.index];
    if (watchers !== undefined) for (const watcher of watchers) watcher(bank, row);
  }
}

const NO_OPERAND = -1;
