import type { Type } from "#anrf/program/type.ts";
import { ERR, INT_ZERO } from "./intern.ts";
import { type Instance, leafOf } from "./library.ts";
import type { Production } from "./production.ts";
import { Scope } from "./scope.ts";

/** How the binders of a lambda get their values. */
export type Role =
  | "item"
  | "indexed"
  | "fold"
  | "char"
  | "entry"
  | "value"
  | "pair"
  | "zip"
  | "word"
  | "state";

/** Most columns of an inner scope by its depth. */
const MOST_COLUMNS = [0, 56, 40, 24] as const;
/** How many rows of a bank of the outer scope give values to the binders. */
const ROWS = 12;

/** How the binders of a builtin's lambda get their values. */
export function roleOf(id: string, params: readonly Type[]): Role {
  if (id.startsWith("neighbours")) return "pair";
  if (id === "zip.map") return "zip";
  if (id === "words.map") return "word";
  if (id === "repeat") return "state";
  if (/^list\.(fold|scan)/.test(id)) return "fold";
  if (/^list\..*_indexed/.test(id)) return "indexed";
  if (/^string\./.test(id)) return "char";
  if (/^map\.filter/.test(id)) return "entry";
  if (/^(map|option)\./.test(id)) return "value";
  return params.length > 0 ? "item" : "value";
}

/** The scope of the bodies of lambdas with these binders, or undefined where no values for them are known. */
export function innerScope(parent: Scope, binders: readonly Type[], role: Role): Scope | undefined {
  const columns: number[] = [];
  const values: number[] = [];
  const most = MOST_COLUMNS[parent.depth + 1] ?? 24;
  const share = Math.max(2, Math.ceil((most * 1.5) / parent.width));
  const seen = new Set<string>();
  for (let column = 0; column < parent.width; column++) {
    let taken = 0;
    for (const tuple of bindings(parent, binders, role, column)) {
      if (taken >= share || columns.length >= most) break;
      const key = `${column}:${tuple.join(",")}`;
      if (seen.has(key)) continue;
      seen.add(key);
      columns.push(column);
      values.push(...tuple);
      taken++;
    }
  }
  if (columns.length === 0) return undefined;
  return new Scope({
    store: parent.store,
    meter: parent.meter,
    locals: binders.map((type, i) => ({ name: binderName(type, role, i), type })),
    bindings: Int32Array.from(values),
    width: columns.length,
    goalWidth: columns.length,
    nesting: { parent, columns: Int32Array.from(columns) },
  });
}

function binderName(type: Type, role: Role, position: number): string {
  if (role === "fold" && position === 0) return "acc";
  if (role === "indexed" && position === 0) return "i";
  if (role === "entry") return position === 0 ? "key" : "value";
  if (role === "char") return "char";
  if (role === "pair" || role === "zip") return position === 0 ? "a" : "b";
  if (role === "state") return "acc";
  switch (type.kind) {
    case "string":
      return "word";
    case "list":
    case "tuple":
      return "row";
    case "map":
      return "entry";
    default:
      return "x";
  }
}

/** Some tuples of values that the binders can have in a column. */
function bindings(
  parent: Scope,
  binders: readonly Type[],
  role: Role,
  column: number,
): readonly (readonly number[])[] {
  const [first, second] = binders;
  if (first === undefined) return [];
  switch (role) {
    case "item":
      return itemsIn(parent, first, column).map((item) => [item]);
    case "indexed":
      return second === undefined
        ? []
        : itemsIn(parent, second, column).map((item, i) => [INT_ZERO + i, item]);
    case "char": {
      const chars = new Set<number>();
      for (const id of idsIn(parent, first, column)) {
        for (const char of String(parent.store.value(id)).slice(0, 24)) chars.add(parent.store.string(char));
      }
      return [...chars].map((char) => [char]);
    }
    case "fold": {
      if (second === undefined) return [];
      const states = idsIn(parent, first, column).slice(0, 5);
      const items = itemsIn(parent, second, column).slice(0, 4);
      return states.flatMap((state, i) =>
        items.map((_, j) => [state, items[(i + j) % items.length] as number]),
      );
    }
    case "word": {
      const words = new Set<number>();
      for (const id of idsIn(parent, first, column)) {
        for (const word of String(parent.store.value(id)).split(" ").slice(0, 8))
          words.add(parent.store.string(word));
      }
      return [...words].map((word) => [word]);
    }
    case "state":
      return idsIn(parent, first, column).map((id) => [id]);
    case "pair": {
      const items = itemsIn(parent, first, column);
      return items.slice(1).map((item, i) => [items[i] as number, item]);
    }
    case "zip": {
      if (second === undefined) return [];
      const others = itemsIn(parent, second, column);
      return itemsIn(parent, first, column).flatMap((item, i) =>
        i < others.length ? [[item, others[i] as number]] : [],
      );
    }
    case "entry":
    case "value":
      return entriesIn(parent, binders, column);
    default:
      throw new Error(`unreachable: ${role satisfies never}`);
  }
}

/** Items of the lists of the outer scope in a column; small values of the type where there is no list. */
function itemsIn(parent: Scope, item: Type, column: number): number[] {
  const found = new Set<number>();
  const lists = parent.banks.get(`list<${item.text}>`);
  if (lists !== undefined) {
    for (let row = 0; row < Math.min(ROWS, lists.size); row++) {
      const id = lists.vectors[row * lists.width + column] as number;
      if (id !== ERR) for (const one of parent.store.items(id).subarray(0, 24)) found.add(one);
    }
  }
  if (found.size < 3) for (const id of idsIn(parent, item, column)) found.add(id);
  return [...found];
}

function idsIn(parent: Scope, type: Type, column: number): number[] {
  const found = new Set<number>();
  const bank = parent.banks.get(type.text);
  if (bank !== undefined) {
    for (let row = 0; row < Math.min(ROWS * 2, bank.size); row++) {
      const id = bank.vectors[row * bank.width + column] as number;
      if (id !== ERR) found.add(id);
    }
  }
  return [...found].slice(0, 10);
}

function entriesIn(parent: Scope, binders: readonly Type[], column: number): (readonly number[])[] {
  const found: (readonly number[])[] = [];
  const [first, second] = binders;
  for (const bank of parent.banks.values()) {
    const { type } = bank;
    for (let row = 0; row < Math.min(ROWS, bank.size); row++) {
      const id = bank.vectors[row * bank.width + column] as number;
      if (id === ERR) continue;
      const items = parent.store.items(id);
      if (type.kind === "option" && type.item.text === first?.text && items.length > 0)
        found.push([items[0] as number]);
      if (type.kind !== "map") continue;
      const keys = parent.store.items(items[0] as number);
      const values = parent.store.items(items[1] as number);
      if (second === undefined) {
        if (type.value.text === first?.text) for (const value of values) found.push([value]);
      } else if (type.key.text === first?.text && type.value.text === second.text) {
        keys.forEach((key, i) => {
          found.push([key, values[i] as number]);
        });
      }
    }
  }
  return found;
}

/** Adds the productions of an instance with a lambda, at the inner scope of its binders. */
export function higherProduction(
  scope: Scope,
  inner: Scope,
  one: Instance,
  surcharge: number,
): Production | undefined {
  const lambda = one.params.findIndex((type) => type.kind === "function");
  const type = one.params[lambda];
  if (one.higher === undefined || type?.kind !== "function") return undefined;
  return {
    name: one.name,
    cost: one.cost + surcharge,
    result: scope.bank(one.result),
    args: one.params.map((param, i) => (i === lambda ? inner.bank(type.result) : scope.bank(param))),
    lambda,
    inner,
    lazy: false,
    commutative: false,
    kernel: () => ERR,
    higher: one.higher,
    leaf: undefined,
    build: one.build,
  };
}

/** Scalar terms of the outer scope that bodies may use, and its parameters of every type. */
export function outerLeaves(inner: Scope, mostCost: number, most: number): Production[] {
  const parent = inner.nesting?.parent;
  if (parent === undefined) return [];
  const found: Production[] = [];
  for (const bank of parent.banks.values()) {
    const { kind } = bank.type;
    const isScalar = kind === "int" || kind === "string" || kind === "bool" || kind === "float";
    let taken = 0;
    for (let row = 0; row < bank.size; row++) {
      const cost = bank.cost[row] as number;
      if (cost > mostCost) break;
      if (bank.uses[row] === 0) continue;
      const production = parent.productions[bank.production[row] as number];
      const isLeaf = production?.leaf !== undefined;
      if (!isLeaf && (!isScalar || kind === "bool" || taken >= most)) continue;
      if (!isLeaf) taken++;
      found.push(leafOf(inner.bank(bank.type), cost + 1, { kind: "outer", bank, row }, "outer", undefined));
    }
  }
  return found;
}
