import type { Expr, Local } from "#anrf/build/expr.ts";
import { STRING, type Type } from "#anrf/program/type.ts";
import { Assembler } from "./assemble.ts";
import type { Bank } from "./bank.ts";
import { childOf } from "./enumerate.ts";
import { call, express, lambda, text } from "./express.ts";
import { ERR, FALSE, type Store, TRUE } from "./intern.ts";
import type { Scope } from "./scope.ts";

/** A program with a lambda that the examples of its body gave. */
export interface Witnessed {
  readonly body: Expr;
  readonly cost: number;
  /** The body branches too often for what it was shown. */
  readonly isGuess: boolean;
}

/** A lambda asked for: what its body must give in some columns of its scope. */
interface Goal {
  readonly inner: Scope;
  readonly assembler: Assembler;
  readonly columns: number;
  readonly cost: number;
  readonly isFilter: boolean;
  readonly solved: { body: Expr; cost: number }[];
  readonly build: (f: Expr) => Expr;
}

const MOST_GOALS = 10;
const MOST_COLUMNS = 30;
const SOURCES = 12;

/**
 * Goes from the wanted lists and strings backwards through map and filter: items of a source beside items of the
 * output are examples of the lambda's body, which is put together like a whole program.
 */
export class LambdaWitness {
  readonly #scope: Scope;
  readonly #type: Type;
  readonly #goal: Int32Array;
  readonly #locals: readonly Local[];
  readonly #goals: Goal[] = [];
  readonly #tried = new Set<string>();

  /** A witness for the vector wanted of a scope's terms of that type. */
  constructor(scope: Scope, type: Type, goal: Int32Array, locals: readonly Local[]) {
    this.#scope = scope;
    this.#type = type;
    this.#goal = goal;
    this.#locals = locals;
  }

  /** The programs that can be put together now. */
  *assemble(most: number): Generator<Witnessed> {
    if (this.#goals.length < MOST_GOALS) this.#openGoals();
    for (const goal of this.#goals) {
      for (const { body, cost } of goal.solved.splice(0)) {
        yield { body: goal.build(body), cost: goal.cost + cost, isGuess: false };
      }
      if (goal.isFilter) continue;
      for (const made of goal.assembler.assemble(most - goal.cost)) {
        const isGuess = made.leaves * 2 > goal.columns;
        yield {
          body: goal.build(this.#lambdaOf(goal.inner, made.body)),
          cost: goal.cost + made.cost,
          isGuess,
        };
      }
    }
  }

  #openGoals(): void {
    const { type } = { type: this.#type };
    for (const bank of this.#scope.banks.values()) {
      for (let row = 0; row < Math.min(SOURCES, bank.size) && this.#goals.length < MOST_GOALS; row++) {
        const key = `${bank.type.text}:${row}`;
        if (this.#tried.has(key) || bank.uses[row] === 0) continue;
        if (bank.type.kind === "list" && type.kind === "list") {
          const inner = childOf(this.#scope, `item:${bank.type.item.text}`);
          if (inner === undefined) continue;
          this.#tried.add(key);
          this.#openList(inner, bank, row, type.item);
        } else if (bank.type.kind === "string" && type.kind === "string") {
          const chars = childOf(this.#scope, "char:string");
          const words = childOf(this.#scope, "word:string");
          if (chars === undefined || words === undefined) continue;
          this.#tried.add(key);
          this.#openText(chars, bank, row, "", (source, f) => call("string.map_chars", [source, f], STRING));
          this.#openText(words, bank, row, " ", (source, f) =>
            call("string.join", [
              call("list.map", [call("string.split", [source, text(" ")]), f]),
              text(" "),
            ]),
          );
        }
      }
    }
  }

  #openList(inner: Scope, bank: Bank, row: number, item: Type): void {
    const { store } = this.#scope;
    const sources = this.#column(bank, row);
    if (sources === undefined) return;
    const outputs = Array.from(this.#goal, (id) => store.items(id));
    const lists = sources.map((id) => store.items(id));
    const source = (): Expr => this.#express(bank, row);
    const cost = bank.cost[row] as number;
    if (lists.every((list, e) => list.length === outputs[e]?.length)) {
      this.#open(inner, item, lists, outputs, cost + 4, false, (f) => call("list.map", [source(), f]));
    }
    const kept =
      bank.type.kind === "list" && bank.type.item.text === item.text ? keptOf(lists, outputs) : undefined;
    const bool = inner.banks.get("bool")?.type;
    if (kept !== undefined && bool !== undefined) {
      this.#open(inner, bool, lists, kept, cost + 4, true, (f) => call("list.filter", [source(), f]));
    }
  }

  #openText(inner: Scope, bank: Bank, row: number, by: string, build: (source: Expr, f: Expr) => Expr): void {
    const { store } = this.#scope;
    const sources = this.#column(bank, row);
    if (sources === undefined) return;
    const lists = sources.map((id) => piecesOf(store, id, by));
    const outputs = Array.from(this.#goal, (id) => piecesOf(store, id, by));
    if (!lists.every((list, e) => list.length === outputs[e]?.length)) return;
    if (by === " " && !lists.some((list) => list.length > 1)) return;
    const source = (): Expr => this.#express(bank, row);
    this.#open(inner, STRING, lists, outputs, (bank.cost[row] as number) + 6, false, (f) =>
      build(source(), f),
    );
  }

  /** Opens a goal unless two equal inputs ask for two outputs. */
  #open(
    inner: Scope,
    type: Type,
    inputs: readonly Int32Array[],
    outputs: readonly Int32Array[],
    cost: number,
    isFilter: boolean,
    build: (f: Expr) => Expr,
  ): void {
    const wanted = new Map<number, number>();
    for (let e = 0; e < inputs.length; e++) {
      for (let i = 0; i < (inputs[e]?.length ?? 0); i++) {
        const column = inner.columnOf(e, inputs[e]?.[i] as number);
        const output = outputs[e]?.[i] as number;
        if (column < 0) continue;
        const known = wanted.get(column);
        if (known !== undefined && known !== output) return;
        wanted.set(column, output);
      }
    }
    if (wanted.size === 0) return;
    const pairs = [...wanted];
    const step = Math.max(1, pairs.length / MOST_COLUMNS);
    const chosen = Array.from(
      { length: Math.min(MOST_COLUMNS, pairs.length) },
      (_, i) => pairs[Math.floor(i * step)] as [number, number],
    );
    const columns = Int32Array.from(chosen, ([column]) => column);
    const goal = Int32Array.from(chosen, ([, output]) => output);
    const assembler = new Assembler(
      inner,
      type,
      goal,
      (bank, row) => this.#innerExpress(inner, bank, row),
      columns,
    );
    const solved: { body: Expr; cost: number }[] = [];
    const opened: Goal = { inner, assembler, columns: chosen.length, cost, isFilter, solved, build };
    this.#goals.push(opened);
    inner.watch(inner.bank(type), (bank, row) => {
      const mask = assembler.meet(bank, row);
      if (mask === 2 ** chosen.length - 1 && solved.length < 4 && (bank.uses[row] as number) !== 0) {
        const body = this.#lambdaOf(inner, this.#innerExpress(inner, bank, row));
        solved.push({ body, cost: bank.cost[row] as number });
      }
    });
  }

  /** The ids of a term for the examples; undefined where it traps. */
  #column(bank: Bank, row: number): readonly number[] | undefined {
    const ids = Array.from(this.#goal, (_, e) => bank.vectors[row * bank.width + e] as number);
    return ids.includes(ERR) ? undefined : ids;
  }

  #express(bank: Bank, row: number): Expr {
    return express(this.#scope, bank, row, new Map([[this.#scope, this.#locals]]));
  }

  #innerExpress(inner: Scope, bank: Bank, row: number): Expr {
    return express(
      inner,
      bank,
      row,
      new Map([
        [this.#scope, this.#locals],
        [inner, inner.locals],
      ]),
    );
  }

  #lambdaOf(inner: Scope, body: Expr): Expr {
    return lambda(inner.locals, body);
  }
}

/** Which items a filter keeps, true or false for each; undefined where equal items would differ. */
function keptOf(lists: readonly Int32Array[], outputs: readonly Int32Array[]): Int32Array[] | undefined {
  const kept: Int32Array[] = [];
  let dropped = 0;
  for (let e = 0; e < lists.length; e++) {
    const list = lists[e] as Int32Array;
    const output = outputs[e] as Int32Array;
    const marks = list.map((item) => (output.includes(item) ? TRUE : FALSE));
    const rest = list.filter((_, i) => marks[i] === TRUE);
    if (rest.length !== output.length || rest.some((item, i) => item !== output[i])) return undefined;
    dropped += list.length - rest.length;
    kept.push(marks);
  }
  return dropped === 0 ? undefined : kept;
}

function piecesOf(store: Store, id: number, by: string): Int32Array {
  return Int32Array.from(String(store.value(id)).split(by), (piece) => store.string(piece));
}

/** Looks for the parts of a wanted tuple one by one, and offers the tuple once all are found. */
export function watchParts(
  scope: Scope,
  type: Extract<Type, { kind: "tuple" }>,
  goal: Int32Array,
  expressed: (bank: Bank, row: number) => Expr,
  offer: (body: Expr, cost: number) => void,
): void {
  const found: { expr: Expr; cost: number }[][] = type.items.map(() => []);
  type.items.forEach((item, part) => {
    const wanted = Array.from(goal, (id) => scope.store.items(id)[part] as number);
    scope.watch(scope.bank(item), (bank, row) => {
      const mine = found[part];
      if (mine === undefined || mine.length >= 3) return;
      for (let e = 0; e < wanted.length; e++) if (bank.vectors[row * bank.width + e] !== wanted[e]) return;
      const made = { expr: expressed(bank, row), cost: bank.cost[row] as number };
      mine.push(made);
      const others = found.map((list, i) => (i === part ? made : list[0]));
      if (others.includes(undefined)) return;
      const items = others.flatMap((one) => (one === undefined ? [] : [one.expr]));
      offer(
        { kind: "tuple", items, type },
        others.reduce((sum, one) => sum + (one?.cost ?? 0), 3),
      );
    });
  });
}
