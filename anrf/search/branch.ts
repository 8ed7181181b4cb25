/** A partial solution: the examples it gives (bit mask), its cost, and which term it is. */
export interface Partial<T> {
  readonly mask: number;
  readonly cost: number;
  readonly term: T;
}

/** A condition: where it holds, and where it traps. */
export interface Condition<T> {
  readonly holds: number;
  readonly traps: number;
  readonly cost: number;
  readonly term: T;
}

/** A tree of conditions over partial solutions. */
export type Tree<T> =
  | { readonly kind: "leaf"; readonly term: T; readonly cost: number }
  | {
      readonly kind: "if";
      readonly condition: T;
      readonly whenTrue: Tree<T>;
      readonly whenFalse: Tree<T>;
      readonly cost: number;
    };

/** Bits of one branch. */
export const BRANCH_COST = 5;

/**
 * The cheapest tree with at most so many leaves that gives every example of the mask (eusolver's unification:
 * Alur, Radhakrishna, Udupa, TACAS 2017). `cover` gives the cheapest partial solution for a mask.
 */
export function treeOf<T>(
  mask: number,
  leaves: number,
  conditions: readonly Condition<T>[],
  cover: (mask: number) => Partial<T> | undefined,
): Tree<T> | undefined {
  const known = new Map<number, Tree<T> | undefined>();
  const leafFor = (part: number): Tree<T> | undefined => {
    if (known.has(part)) return known.get(part);
    const found = cover(part);
    const leaf: Tree<T> | undefined =
      found === undefined ? undefined : { kind: "leaf", term: found.term, cost: found.cost };
    known.set(part, leaf);
    return leaf;
  };
  const solved = new Map<string, Tree<T> | undefined>();
  const solve = (part: number, most: number): Tree<T> | undefined => {
    const key = `${part}:${most}`;
    if (solved.has(key)) return solved.get(key);
    let best = leafFor(part);
    if (most > 1) {
      for (const condition of conditions) {
        const limit = best === undefined ? Number.POSITIVE_INFINITY : best.cost;
        const split = splitBy(condition, part, most, limit, solve);
        if (split !== undefined) best = split;
      }
    }
    solved.set(key, best);
    return best;
  };
  for (let most = 1; most <= leaves; most++) {
    const tree = solve(mask, most);
    if (tree !== undefined) return tree;
  }
  return undefined;
}

/** The tree under one condition if it is cheaper than the limit: one side is a leaf, the other may branch on. */
function splitBy<T>(
  condition: Condition<T>,
  part: number,
  most: number,
  limit: number,
  solve: (part: number, most: number) => Tree<T> | undefined,
): Tree<T> | undefined {
  const yes = part & condition.holds;
  const no = part & ~condition.holds;
  if (yes === 0 || no === 0 || (part & condition.traps) !== 0) return undefined;
  const base = BRANCH_COST + condition.cost;
  if (base >= limit) return undefined;
  let best: Tree<T> | undefined;
  for (const [left, right] of most === 2
    ? [[1, 1] as const]
    : ([
        [1, most - 1],
        [most - 1, 1],
      ] as const)) {
    // The side with one leaf first: it is cheap to refuse.
    const first = left === 1 ? solve(yes, 1) : solve(no, 1);
    if (first === undefined || base + first.cost >= limit) continue;
    const second = left === 1 ? solve(no, right) : solve(yes, left);
    if (second === undefined) continue;
    const cost = base + first.cost + second.cost;
    if (cost >= limit || (best !== undefined && cost >= best.cost)) continue;
    const [whenTrue, whenFalse] = left === 1 ? [first, second] : [second, first];
    best = { kind: "if", condition: condition.term, whenTrue, whenFalse, cost };
  }
  return best;
}

/** How many leaves a tree has. */
export function leavesOf<T>(tree: Tree<T>): number {
  return tree.kind === "leaf" ? 1 : leavesOf(tree.whenTrue) + leavesOf(tree.whenFalse);
}
