/** One statement as text; with a body where it ends in a colon. */
export interface Statement {
  readonly text: string;
  readonly body?: readonly Statement[];
}

/** Python text of statements, four blanks a level. */
export function pythonText(statements: readonly Statement[]): string {
  return `${lines(statements, "").join("\n")}\n`;
}

function lines(statements: readonly Statement[], indent: string): readonly string[] {
  const inner = `${indent}    `;
  return statements.flatMap(({ text, body }) => [
    indent + text,
    ...(body === undefined ? [] : body.length === 0 ? [`${inner}pass`] : lines(body, inner)),
  ]);
}

/** A name of the program and what it holds. */
export interface Name {
  readonly name: string;
  readonly type: PythonType;
  /** Neither written nor changed in place: a loop variable, or what a closure reads. */
  readonly isFixed?: boolean;
}

/** The types that random programs use. */
export const PYTHON_TYPES = {
  int: "int",
  bool: "bool",
  str: "str",
  float: "float",
  ints: "list[int]",
  strs: "list[str]",
  grid: "list[list[int]]",
  pair: "tuple[int, str]",
  counts: "dict[str, int]",
  table: "dict[int, int]",
  numbers: "set[int]",
  maybe: "Optional[int]",
} as const;
/** One of them, by its short name. */
export type PythonType = keyof typeof PYTHON_TYPES;

/**
 * Every program that comes of this one by leaving a statement out or by putting the body of a block in its place, larger
 * cuts first: what a failing program is made small with. Whether a cut still is a program is for its runner to say.
 */
export function* cuts(statements: readonly Statement[]): Generator<readonly Statement[]> {
  for (let size = statements.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= statements.length; at += size) {
      yield [...statements.slice(0, at), ...statements.slice(at + size)];
    }
  }
  for (const [index, one] of statements.entries()) {
    if (one.body === undefined) continue;
    const [before, after] = [statements.slice(0, index), statements.slice(index + 1)];
    if (!one.text.startsWith("def ")) yield [...before, ...one.body, ...after];
    for (const body of cuts(one.body)) yield [...before, { ...one, body }, ...after];
  }
}
