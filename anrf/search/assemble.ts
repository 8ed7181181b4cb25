import type { Expr } from "#anrf/build/expr.ts";
import type { Type } from "#anrf/program/type.ts";
import type { Bank } from "./bank.ts";
import { type Condition, leavesOf, type Partial, type Tree, treeOf } from "./branch.ts";
import { type Cover, type CoverLimits, coverOf, type Piece, type Step } from "./cover.ts";
import { branch, call, literal } from "./express.ts";
import { ERR, FALSE, TRUE } from "./intern.ts";
import type { Scope } from "./scope.ts";

/** A whole program that the assembler made of kept terms. */
export interface Assembled {
  readonly body: Expr;
  readonly cost: number;
  /** Branches at the top of the body; 1: none. */
  readonly leaves: number;
  readonly origin: "CONCATENATION" | "BRANCH";
}

type Make = () => Expr;

interface Part extends Piece {
  /** Examples whose wanted value contains it. */
  readonly mask: number;
  readonly make: Make;
}

const MOST_PARTS = 4000;
const MOST_PARTIALS = 512;
const MOST_CONDITIONS = 600;
const MOST_COVERS = 80;

/**
 * Puts kept terms together where enumeration would have to meet them by chance: concatenations that give the wanted
 * strings or lists, and branches over terms that each give some of the examples.
 */
export class Assembler {
  readonly #scope: Scope;
  readonly #type: Type;
  readonly #goal: Int32Array;
  readonly #express: (bank: Bank, row: number) => Expr;
  readonly #columns: Int32Array;
  readonly #conditionBits: (condition: Expr) => number;
  readonly #wanted: readonly Int32Array[];
  readonly #parts: Part[] = [];
  readonly #seenParts = new Set<string>();
  readonly #partials = new Map<number, Partial<Make>>();
  readonly #conditions = new Map<string, Condition<Make>>();
  readonly #covers = new Map<number, Partial<Make> | undefined>();
  /** How many parts a mask had when its cover failed last. */
  readonly #failed = new Map<number, number>();
  #conditionRows = 0;
  #coverRuns = 0;

  /** An assembler for the ids wanted of the terms of a type in some columns of a scope, at most 30; else in the first ones. */
  constructor(
    scope: Scope,
    type: Type,
    goal: Int32Array,
    express: (bank: Bank, row: number) => Expr,
    columns: Int32Array = goal.map((_, e) => e),
    conditionBits: (condition: Expr) => number = () => 0,
  ) {
    this.#conditionBits = conditionBits;
    this.#columns = columns;
    this.#scope = scope;
    this.#type = type;
    this.#goal = goal;
    this.#express = express;
    this.#wanted = Array.from(goal, (id) => this.#itemsOf(id));
  }

  /** True where the wanted values are sequences. */
  get isSequence(): boolean {
    return this.#type.kind === "string" || this.#type.kind === "list";
  }

  /** Takes note of a new term of the wanted type; says which examples it gives. */
  meet(bank: Bank, row: number): number {
    const base = row * bank.width;
    let solved = 0;
    let inside = 0;
    for (let e = 0; e < this.#goal.length; e++) {
      const id = bank.vectors[base + (this.#columns[e] as number)] as number;
      if (id === this.#goal[e]) solved |= 1 << e;
      else if (this.isSequence && id !== ERR && contains(this.#wanted[e] as Int32Array, this.#itemsOf(id)))
        inside |= 1 << e;
    }
    const cost = bank.cost[row] as number;
    const make = (): Expr => this.#express(bank, row);
    // A term that reads all parameters stands before one of equal cost that does not.
    const idle = this.#scope.locals.length - bitCount((bank.uses[row] as number) & 0xffff);
    if (solved !== 0)
      this.#meetPartial({ mask: solved, cost: cost + (this.#goal.length <= 4 ? idle : 0), term: make });
    if (this.isSequence && bank.uses[row] !== 0) this.#meetPart(bank, row, solved | inside, cost, make);
    return solved;
  }

  /** Takes note of a new term of the wanted list's items: alone in a list it can be a part. */
  meetItem(bank: Bank, row: number): void {
    if (bank.uses[row] === 0) return;
    const base = row * bank.width;
    let mask = 0;
    for (let e = 0; e < this.#goal.length; e++) {
      if (this.#wanted[e]?.includes(bank.vectors[base + (this.#columns[e] as number)] as number) === true)
        mask |= 1 << e;
    }
    const type = this.#type;
    const make = (): Expr => ({ kind: "list", items: [this.#express(bank, row)], type });
    this.#meetPart(bank, row, mask, (bank.cost[row] as number) + 2, make, (id) => Int32Array.of(id));
  }

  /** What can be put together now, cheapest first; `most` bits. */
  *assemble(most: number): Generator<Assembled> {
    const full = maskOf(this.#goal.length);
    if (this.#goal.length === 0) return;
    this.#covers.clear();
    this.#coverRuns = 0;
    const whole = this.#cover(full, most);
    if (whole !== undefined) {
      yield { body: whole.term(), cost: whole.cost, leaves: 1, origin: "CONCATENATION" };
      return;
    }
    if (this.#goal.length < 2 || this.#partials.has(full)) return;
    this.#meetConditions();
    const conditions = [...this.#conditions.values()]
      .sort((a, b) => a.cost - b.cost)
      .slice(0, MOST_CONDITIONS);
    const partials = [...this.#partials.values()].sort((a, b) => a.cost - b.cost);
    const tree = treeOf(full, 4, conditions, (mask) => {
      const known = partials.find((one) => (one.mask & mask) === mask);
      return known ?? (this.#coverRuns < MOST_COVERS ? this.#cover(mask, most) : undefined);
    });
    if (tree === undefined || tree.kind === "leaf") return;
    yield { body: bodyOf(tree), cost: tree.cost, leaves: leavesOf(tree), origin: "BRANCH" };
  }

  #itemsOf(id: number): Int32Array {
    if (this.#type.kind !== "string") return this.#scope.store.items(id);
    const value = String(this.#scope.store.value(id));
    const codes = new Int32Array(value.length);
    for (let i = 0; i < value.length; i++) codes[i] = value.charCodeAt(i);
    return codes;
  }

  #meetPartial(partial: Partial<Make>): void {
    const known = this.#partials.get(partial.mask);
    if (known === undefined ? this.#partials.size < MOST_PARTIALS : known.cost > partial.cost) {
      this.#partials.set(partial.mask, partial);
    }
  }

  #meetPart(
    bank: Bank,
    row: number,
    mask: number,
    cost: number,
    make: Make,
    items: (id: number) => Int32Array = (id) => this.#itemsOf(id),
  ): void {
    if (mask === 0 || this.#parts.length >= MOST_PARTS) return;
    const ids = this.#columns.map((column) => bank.vectors[row * bank.width + column] as number);
    const key = `${bank.index}:${ids.join(",")}`;
    if (this.#seenParts.has(key)) return;
    this.#seenParts.add(key);
    const parts = Array.from(ids, (id, e) => ((mask & (1 << e)) === 0 ? undefined : items(id)));
    if (parts.every((part) => part === undefined || part.length === 0)) return;
    this.#parts.push({ cost, items: parts, mask, make });
  }

  /** The cheapest concatenation that gives the examples of a mask. */
  #cover(mask: number, most: number): Partial<Make> | undefined {
    if (!this.isSequence) return undefined;
    if (this.#covers.has(mask)) return this.#covers.get(mask);
    if (this.#scope.meter.halted) return undefined;
    const examples = this.#wanted.map((_, e) => e).filter((e) => (mask & (1 << e)) !== 0);
    const wanted = examples.map((e) => this.#wanted[e] as Int32Array);
    const parts = this.#parts.filter((part) => (part.mask & mask) === mask);
    // Little new since this failed: other masks have their turn.
    const failed = this.#failed.get(mask);
    const isWhole = mask === maskOf(this.#goal.length);
    if (failed !== undefined && parts.length <= (isWhole ? failed : failed * 1.25)) return undefined;
    this.#coverRuns++;
    const pieces = parts.map((part) => ({ cost: part.cost, items: examples.map((e) => part.items[e]) }));
    const found = coverOf(wanted, pieces, this.#limits(examples.length, most, isWhole ? 2000 : 250));
    this.#scope.meter.charge(isWhole ? 1000 : 125);
    if (found === undefined) this.#failed.set(mask, parts.length);
    const made =
      found === undefined ? undefined : { mask, cost: found.cost, term: () => this.#join(found, parts) };
    this.#covers.set(mask, made);
    return made;
  }

  #limits(examples: number, most: number, mostStates: number): CoverLimits {
    const isText = this.#type.kind === "string";
    const each = examples === 1 ? 4 : examples === 2 ? 3 : 2;
    return {
      joinCost: isText ? 2 : 3,
      constantCost: (items) => {
        let cost = examples === 1 ? 6 : 2;
        for (const item of items) cost += isText && !isWordCode(item) ? each - 1 : isText ? each : each + 2;
        return cost;
      },
      mostConstant: 24,
      mostCost: most,
      mostStates,
    };
  }

  #join(cover: Cover, parts: readonly Part[]): Expr {
    const type = this.#type;
    const pieces = cover.steps.map((step) => this.#stepExpr(step, parts));
    // Where every wanted output is empty, nothing has to be joined.
    if (pieces.length === 0) return literal(type.kind === "string" ? "" : [], type);
    if (type.kind === "list") return joinLists(pieces, type);
    return pieces.reduce((left, right) => call("string.concat", [left, right], type));
  }

  #stepExpr(step: Step, parts: readonly Part[]): Expr {
    if ("piece" in step) {
      const part = parts[step.piece];
      if (part === undefined) throw new Error(`cover names part ${step.piece} of ${parts.length}`);
      return part.make();
    }
    const { store } = this.#scope;
    if (this.#type.kind === "string") return literal(String.fromCharCode(...step.items), this.#type);
    return literal(
      Array.from(step.items, (id) => store.value(id)),
      this.#type,
    );
  }

  #meetConditions(): void {
    const bank = this.#scope.banks.get("bool");
    if (bank === undefined) return;
    for (; this.#conditionRows < bank.size; this.#conditionRows++) {
      const row = this.#conditionRows;
      let holds = 0;
      let traps = 0;
      for (let e = 0; e < this.#goal.length; e++) {
        const id = bank.vectors[row * bank.width + (this.#columns[e] as number)];
        if (id === TRUE) holds |= 1 << e;
        else if (id !== FALSE) traps |= 1 << e;
      }
      const cost = bank.cost[row] as number;
      const key = `${holds}:${traps}`;
      const known = this.#conditions.get(key);
      if (holds === 0 || (known !== undefined && known.cost <= cost)) continue;
      const term = this.#express(bank, row);
      const bits = Math.round(cost + this.#conditionBits(term));
      if (known === undefined || bits < known.cost)
        this.#conditions.set(key, { holds, traps, cost: bits, term: () => term });
    }
  }
}

function bodyOf(tree: Tree<Make>): Expr {
  if (tree.kind === "leaf") return tree.term();
  return branch(tree.condition(), bodyOf(tree.whenTrue), bodyOf(tree.whenFalse));
}

/** List literals side by side become one. */
function joinLists(pieces: readonly Expr[], type: Type): Expr {
  const merged: Expr[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (last?.kind === "list" && piece.kind === "list") {
      merged[merged.length - 1] = { kind: "list", items: [...last.items, ...piece.items], type };
    } else merged.push(piece);
  }
  return merged.reduce((left, right) => call("list.concat", [left, right], type));
}

/** The mask of so many examples. */
export function maskOf(count: number): number {
  return count >= 31 ? 0x7fffffff : (1 << count) - 1;
}

function contains(whole: Int32Array, part: Int32Array): boolean {
  if (part.length > whole.length) return false;
  for (let start = 0; start + part.length <= whole.length; start++) {
    let at = 0;
    while (at < part.length && whole[start + at] === part[at]) at++;
    if (at === part.length) return true;
  }
  return false;
}

/** Letters and digits. */
function isWordCode(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code > 127
  );
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
