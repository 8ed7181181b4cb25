import type { Row } from "../services/generation/confidence.ts";

/** Rows by score, so that the order of the tasks is not told. */
export function inOrder(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
}

/** One attempt a task, the groups in turn, so that each has its part. */
export function onePerTask<T extends { readonly id: string }>(attempts: readonly T[]): readonly T[] {
  return [...Map.groupBy(attempts, ({ id }) => id).values()].flatMap((all, index) => {
    const chosen = all[index % all.length];
    return chosen === undefined ? [] : [chosen];
  });
}

/** A file of tables: one row a line, as the formatter has it. */
export function fileText(tables: unknown): string {
  const row = /\[\s+(-?[\d.]+),\s+(\d+),\s+(\d+)\s+\]/g;
  return `${JSON.stringify(tables, null, 2).replace(row, "[$1, $2, $3]")}\n`;
}
