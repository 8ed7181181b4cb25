import type { Group, Row, Table } from "../services/generation/confidence.ts";
import { confidenceOf } from "../services/generation/confidence.ts";

/** What a table's promises are worth on tasks that it has not seen. */
export interface Card {
  readonly name: string;
  /** Tasks, and those for which a program was shown. */
  readonly tasks: number;
  readonly shown: number;
  /** Share of shown programs that are right. */
  readonly right: number;
  /** Chance that a right program scores above a wrong one; NaN without both. */
  readonly auroc: number;
  /** Of programs shown with 0.9 or more, the share that is wrong. */
  readonly wrongAt90: number;
  readonly at90: number;
  /** Of wrong programs, the share that is shown with 0.9 or more. */
  readonly wrongShownAt90: number;
  /** Of right programs, the share that reaches 0.9. */
  readonly reach90: number;
  /** Share of tasks whose set of the promised size holds a right program; NaN where none is promised. */
  readonly coverage: number;
  readonly brier: number;
}

/** The card of rows of one group under a table. */
export function cardOf(name: string, group: Group, rows: readonly Row[], table: Table): Card {
  return sum(
    name,
    rows.map((row) => ({
      row,
      confidence: confidenceOf(Math.max(0, row[0]), group, table, table.scorerVersion),
    })),
  );
}

/** One card of several groups. */
export function wholeCard(rows: readonly { readonly group: Group; readonly row: Row }[], table: Table): Card {
  return sum(
    "all",
    rows.map(({ group, row }) => ({
      row,
      confidence: confidenceOf(Math.max(0, row[0]), group, table, table.scorerVersion),
    })),
  );
}

type Judged = { readonly row: Row; readonly confidence: ReturnType<typeof confidenceOf> };

function sum(name: string, all: readonly Judged[]): Card {
  const shown = all.filter(({ row }) => row[0] >= 0);
  const right = shown.filter(({ row }) => row[1] === 1);
  const wrong = shown.filter(({ row }) => row[1] === 0);
  const high = shown.filter(({ confidence }) => confidence.pLow >= 0.9);
  const promised = all.filter(({ confidence }) => confidence.setSizeFor90 > 0);
  const covered = promised.filter(({ row, confidence }) => row[2] > 0 && row[2] <= confidence.setSizeFor90);
  const squares = shown.map(({ row, confidence }) => (confidence.pCorrect - row[1]) ** 2);
  const share = (part: readonly unknown[], whole: readonly unknown[]): number => part.length / whole.length;
  const isHigh = (one: Judged): boolean => high.includes(one);
  return {
    name,
    tasks: all.length,
    shown: shown.length,
    right: share(right, shown),
    auroc: aurocOf(right, wrong),
    wrongAt90: share(
      high.filter((one) => wrong.includes(one)),
      high,
    ),
    at90: high.length,
    wrongShownAt90: share(wrong.filter(isHigh), wrong),
    reach90: share(right.filter(isHigh), right),
    coverage: share(covered, promised),
    brier: squares.reduce((total, one) => total + one, 0) / shown.length,
  };
}

function aurocOf(right: readonly Judged[], wrong: readonly Judged[]): number {
  let wins = 0;
  for (const a of right)
    for (const b of wrong) wins += a.row[0] > b.row[0] ? 1 : a.row[0] === b.row[0] ? 0.5 : 0;
  return wins / (right.length * wrong.length);
}

/** Cards as a table for people. */
export function cardText(cards: readonly Card[]): string {
  const head = [
    "group",
    "tasks",
    "shown",
    "right",
    "AUROC",
    ">=0.9",
    "wrong of those",
    "of wrong",
    "of right",
    "set 90",
    "Brier",
  ];
  const number = (value: number): string => (Number.isNaN(value) ? "-" : value.toFixed(3));
  const lines = cards.map((card) => [
    card.name,
    `${card.tasks}`,
    `${card.shown}`,
    number(card.right),
    number(card.auroc),
    `${card.at90}`,
    number(card.wrongAt90),
    number(card.wrongShownAt90),
    number(card.reach90),
    number(card.coverage),
    number(card.brier),
  ]);
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
