import { choice } from "#anrf/import/lowering/block.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { type Block, wrapped } from "#anrf/import/lowering/lets.ts";
import { type Lowering, NotYet } from "#anrf/import/lowering/lower.ts";
import type { Ty } from "#anrf/import/lowering/types.ts";
import type { Val } from "#anrf/import/lowering/value.ts";
import type { Liveness } from "#anrf/import/source/live.ts";
import { entryValue } from "#anrf/import/source/names.ts";
import type { Source, Statement } from "#anrf/import/source/source.ts";

/** What a block of statements ends in: each gives the value of the whole around it. */
export interface Exits {
  /** Nothing else: the statements after the block. */
  readonly fall: () => Val;
  /** What follows reads the names that the block has changed where it ends: nothing may stand in a block of its own. */
  readonly isJoined?: boolean;
  readonly give: (value: Val, at: Source | Statement) => Val;
  readonly brk?: () => Val;
  readonly cont?: () => Val;
  /** Roughly how much `fall` writes; what is large is not written twice. */
  readonly size: number;
  readonly live: Liveness;
}

/** The block's value as one of the joined type; what the conversion binds belongs into the block. */
export function inBlockOf(low: Lowering, block: Block, ty: Ty, at: Statement): Val {
  const outer = low.frame.lets;
  low.frame.lets = [...block.lets];
  try {
    const value = coerce(low, block.val, ty, at);
    return wrapped({ lets: low.frame.lets, val: value });
  } finally {
    low.frame.lets = outer;
  }
}

/** The value behind a name of the frame. */
export function heldValue(low: Lowering, name: string): Val {
  const entry = low.frame.env.get(name);
  if (entry === undefined) throw new NotYet(low.at);
  return entryValue(entry);
}

/** The type of a name that comes from several sides; what this pass finds is told to the next. */
export function stateTy(low: Lowering, site: string, name: string, value: Val): Ty {
  const key = `${site}:${name}`;
  low.memory.facts(key, factsOf(value));
  const known = low.memory.type(key);
  const joined = known === undefined ? value.ty : low.join(known, value.ty, low.at);
  low.memory.learn(key, joined);
  return joined;
}

/** What is known of a value, as facts of a place. */
export function factsOf(value: Val) {
  const { top, inner } = value;
  return {
    nonneg: value.nonneg === true,
    small: value.small === true,
    shared: value.shared === true,
    sole: value.sole === true,
    maybe: false,
    top,
    inner,
  };
}

/** The value of one of two blocks. */
export function chosen(low: Lowering, test: Val, a: Block, b: Block, at: Statement): Val {
  const ty = low.join(a.val.ty, b.val.ty, at);
  const left = inBlockOf(low, a, ty, at);
  const right = inBlockOf(low, b, ty, at);
  return choice(test, left, right, ty);
}
