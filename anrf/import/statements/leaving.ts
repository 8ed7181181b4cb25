import { blocksOf, expressionsOf, readsOf } from "#anrf/import/source/live.ts";
import type { Source, Statement } from "#anrf/import/source/source.ts";

/** Statements that hold a break of their own loop. */
export function breaks(statements: readonly Statement[]): boolean {
  return statements.some((one) => {
    if (one.kind === "break") return true;
    if (one.kind === "for" || one.kind === "while") return breaks(one.other);
    return blocksOf(one).some(breaks);
  });
}

/** Statements that hold a return. */
export function returns(statements: readonly Statement[]): boolean {
  return statements.some((one) => one.kind === "return" || blocksOf(one).some(returns));
}

/** How much statements write, roughly. */
export function sizeOf(statements: readonly Statement[]): number {
  let size = 0;
  for (const statement of statements) {
    size += 2;
    for (const source of expressionsOf(statement)) size += weigh(source);
    for (const block of blocksOf(statement)) size += sizeOf(block) + 4;
  }
  return size;
}

function weigh(source: Source): number {
  const found = new Set<string>();
  readsOf(source, found);
  const isPlain = ["int", "bool", "none", "str", "name", "float"].includes(source.kind);
  return isPlain ? 0 : 2 + found.size;
}

/** Statements that can leave their block by return, break or continue. */
export function canLeave(statements: readonly Statement[], inLoop = false): boolean {
  return statements.some((statement) => {
    if (statement.kind === "return") return true;
    if (statement.kind === "break" || statement.kind === "continue") return !inLoop;
    if (statement.kind === "try") return true;
    // With an else part the statements after the loop stand inside of a block of its end.
    if ((statement.kind === "for" || statement.kind === "while") && statement.other.length > 0) return true;
    const inside = inLoop || statement.kind === "while" || statement.kind === "for";
    return blocksOf(statement).some((block) => canLeave(block, inside));
  });
}

/** Statements that never come to their end. */
export function alwaysLeaves(statements: readonly Statement[]): boolean {
  return statements.some((statement) => {
    if (["return", "raise", "break", "continue"].includes(statement.kind)) return true;
    return statement.kind === "if" && alwaysLeaves(statement.yes) && alwaysLeaves(statement.other);
  });
}
