import { type Cursor, MAX_DEPTH } from "./cursor.ts";
import type { Nominals } from "./parse-type.ts";
import { refuse } from "./problems.ts";
import type { Base, Binder, Syntax } from "./syntax.ts";

/** What the parts of the expression parser share: the tokens, the declared types, and each other. */
export interface Reader {
  readonly cursor: Cursor;
  readonly nominals: Nominals;
  /** One expression. */
  readonly expr: () => Syntax;
  /** Operators that bind at least as tightly as `least`. */
  readonly binary: (least: number) => Syntax;
  /** `{ let …; value }`; without a let it is the value itself. */
  readonly block: () => Syntax;
  /** What stands after `=>`: a block or an expression. */
  readonly body: () => Syntax;
  /** `NAME` or `(NAME, NAME)`, and a type after a colon. */
  readonly binder: () => Binder;
}

/** Place and depth of an expression that begins there and has those parts; refuses what nests too deeply. */
export function base(reader: Reader, start: number, parts: readonly Syntax[], extra = 1): Base {
  let depth = 0;
  for (const part of parts) depth = Math.max(depth, part.depth);
  const place = { start, end: reader.cursor.lastEnd };
  if (depth + extra > MAX_DEPTH) refuse("P07", place, `expressions may nest ${MAX_DEPTH} levels`);
  return { ...place, depth: depth + extra };
}
