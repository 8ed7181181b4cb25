/** A piece that can stand in a concatenation: its items in each example, or undefined where it traps. */
export interface Piece {
  /** Bits. */
  readonly cost: number;
  /** Codes of a string or ids of a list, by example. */
  readonly items: readonly (Int32Array | undefined)[];
}

/** One step of a concatenation: a piece by its index, or items that are the same in all examples. */
export type Step = { readonly piece: number } | { readonly items: Int32Array };

/** A concatenation that gives every wanted sequence. */
export interface Cover {
  readonly cost: number;
  readonly steps: readonly Step[];
}

/** What a cover may cost and how much work it may take. */
export interface CoverLimits {
  /** Bits of joining two parts. */
  readonly joinCost: number;
  /** Bits of constant items. */
  readonly constantCost: (items: Int32Array) => number;
  /** Longest constant. */
  readonly mostConstant: number;
  /** Most bits of a cover. */
  readonly mostCost: number;
  /** Most states opened. */
  readonly mostStates: number;
}

interface State {
  readonly places: Int32Array;
  readonly cost: number;
  readonly from: State | undefined;
  readonly step: Step | undefined;
}

/**
 * The cheapest concatenation of pieces and constants that gives each wanted sequence, or undefined. Dijkstra over
 * the vectors of places that are reached in all examples at once, as in the string programs of FlashFill
 * (Gulwani, POPL 2011), whose DAGs it never builds.
 */
export function coverOf(
  wanted: readonly Int32Array[],
  pieces: readonly Piece[],
  limits: CoverLimits,
): Cover | undefined {
  const buckets = bucketsOf(pieces);
  const start: State = { places: new Int32Array(wanted.length), cost: 0, from: undefined, step: undefined };
  const queue = new Queue();
  queue.push(start);
  const best = new Map<string, number>([[keyOf(start.places), 0]]);
  let opened = 0;
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    if (isEnd(state.places, wanted)) return { cost: state.cost, steps: stepsTo(state) };
    if ((best.get(keyOf(state.places)) ?? 0) < state.cost || ++opened > limits.mostStates) continue;
    const join = state.from === undefined ? 0 : limits.joinCost;
    for (const [places, cost, step] of moves(state.places, wanted, pieces, buckets, limits)) {
      const total = state.cost + join + cost;
      if (total > limits.mostCost) continue;
      const key = keyOf(places);
      const known = best.get(key);
      if (known !== undefined && known <= total) continue;
      best.set(key, total);
      queue.push({ places, cost: total, from: state, step });
    }
  }
  return undefined;
}

/** Pieces by their first item in the first example; those that are empty there stand under −1. */
function bucketsOf(pieces: readonly Piece[]): ReadonlyMap<number, readonly number[]> {
  const buckets = new Map<number, number[]>();
  pieces.forEach((piece, index) => {
    const first = piece.items[0];
    if (first === undefined) return;
    const key = first.length === 0 ? -1 : (first[0] as number);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [index]);
    else bucket.push(index);
  });
  return buckets;
}

function* moves(
  places: Int32Array,
  wanted: readonly Int32Array[],
  pieces: readonly Piece[],
  buckets: ReadonlyMap<number, readonly number[]>,
  limits: CoverLimits,
): Generator<readonly [Int32Array, number, Step]> {
  const next = wanted[0]?.[places[0] as number];
  for (const key of next === undefined ? [-1] : [next, -1]) {
    for (const index of buckets.get(key) ?? []) {
      const piece = pieces[index];
      const reached = piece === undefined ? undefined : after(places, wanted, piece.items);
      if (piece !== undefined && reached !== undefined) yield [reached, piece.cost, { piece: index }];
    }
  }
  const shared = sharedPrefix(places, wanted, limits.mostConstant);
  for (let length = 1; length <= shared.length; length++) {
    const items = shared.subarray(0, length);
    yield [places.map((place) => place + length), limits.constantCost(items), { items }];
  }
}

/** The places after a piece, or undefined where it does not stand in some example or moves nowhere. */
function after(
  places: Int32Array,
  wanted: readonly Int32Array[],
  items: Piece["items"],
): Int32Array | undefined {
  let moved = 0;
  for (let e = 0; e < wanted.length; e++) {
    const item = items[e];
    const goal = wanted[e] as Int32Array;
    const place = places[e] as number;
    if (item === undefined || place + item.length > goal.length) return undefined;
    for (let i = 0; i < item.length; i++) if (goal[place + i] !== item[i]) return undefined;
    moved += item.length;
  }
  if (moved === 0) return undefined;
  return places.map((place, e) => place + (items[e]?.length ?? 0));
}

function sharedPrefix(places: Int32Array, wanted: readonly Int32Array[], most: number): Int32Array {
  const first = wanted[0];
  if (first === undefined) return new Int32Array(0);
  const start = places[0] as number;
  let length = 0;
  while (length < most && start + length < first.length) {
    const item = first[start + length];
    if (wanted.some((goal, e) => goal[(places[e] as number) + length] !== item)) break;
    length++;
  }
  return first.subarray(start, start + length);
}

function isEnd(places: Int32Array, wanted: readonly Int32Array[]): boolean {
  return wanted.every((goal, e) => places[e] === goal.length);
}

function keyOf(places: Int32Array): string {
  return String.fromCharCode(...places);
}

function stepsTo(end: State): readonly Step[] {
  const steps: Step[] = [];
  for (let state: State | undefined = end; state !== undefined; state = state.from) {
    if (state.step !== undefined) steps.push(state.step);
  }
  return steps.reverse();
}

/** States by cost, first in first out among equals: costs are small ints, so buckets do. */
class Queue {
  readonly #buckets: State[][] = [];
  #least = 0;

  push(state: State): void {
    const bucket = this.#buckets[state.cost];
    if (bucket === undefined) this.#buckets[state.cost] = [state];
    else bucket.push(state);
    if (state.cost < this.#least) this.#least = state.cost;
  }

  pop(): State | undefined {
    for (; this.#least < this.#buckets.length; this.#least++) {
      const state = this.#buckets[this.#least]?.shift();
      if (state !== undefined) return state;
    }
    return undefined;
  }
}
