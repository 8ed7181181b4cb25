import type { Callable } from "./python-expressions.ts";
import { type Name, PYTHON_TYPES, type PythonType, pythonText, type Statement } from "./python-source.ts";
import { PythonStatements } from "./python-statements.ts";
import { Random } from "./random.ts";

/** The name of the function that a random program is run by. */
export const ENTRY = "subject";

const PARAMS: readonly PythonType[] = [
  "int",
  "int",
  "ints",
  "ints",
  "str",
  "str",
  "strs",
  "float",
  "bool",
  "counts",
  "pair",
  "grid",
];
const RESULTS: readonly PythonType[] = [
  "int",
  "int",
  "ints",
  "ints",
  "str",
  "str",
  "bool",
  "float",
  "strs",
  "counts",
  "table",
  "pair",
  "grid",
  "maybe",
];

/** What a program may name, and the line that brings it in. */
const IMPORTS: readonly (readonly [needed: RegExp, line: string])[] = [
  [/\bmath\./, "import math"],
  [/\bheapq\./, "import heapq"],
  [/\bre\./, "import re"],
  [/\bbisect_left\(/, "from bisect import bisect_left"],
  [/\bCounter\(/, "from collections import Counter"],
  [/\breduce\(/, "from functools import reduce"],
  [/\baccumulate\(/, "from itertools import accumulate"],
  [/\bOptional\[/, "from typing import Optional"],
];

/**
 * A program of the subset of Python that the importer reads: typed, with helpers before the entry, and ending on every
 * input. It may raise, and a few of its writes have to be refused. The entry has at most `size` statements outside of blocks.
 * The same seed and size give the same program.
 */
export function randomPython(seed: number, size = 3): readonly Statement[] {
  const random = new Random(seed);
  const writer = new PythonStatements(random);
  const made: Statement[] = [];
  const callables: Callable[] = [];
  for (let count = random.chance(0.3) ? 1 : 0; count > 0; count--) {
    const params: readonly PythonType[] = random.pick([["int"], ["str"], ["ints", "int"]]);
    const result = random.pick<PythonType>(["int", "str", "ints", "bool"]);
    const name = writer.fresh("helper");
    made.push(definition(writer, name, params, result, [], 1 + random.below(2)));
    callables.push({ name, params, result });
  }
  const params = [random.pick(PARAMS), ...random.some(3, () => random.pick(PARAMS))];
  made.push(definition(writer, ENTRY, params, random.pick(RESULTS), callables, 1 + random.below(size)));
  return made;
}

/** The whole text of a program, its imports first. */
export function pythonSource(program: readonly Statement[]): string {
  const text = program.map((one) => pythonText([one])).join("\n\n");
  const imports = IMPORTS.filter(([needed]) => needed.test(text)).map(([, line]) => `${line}\n`);
  return imports.length === 0 ? text : `${imports.join("")}\n\n${text}`;
}

function definition(
  writer: PythonStatements,
  name: string,
  types: readonly PythonType[],
  result: PythonType,
  callables: readonly Callable[],
  size: number,
): Statement {
  const params: readonly Name[] = types.map((type) => ({ name: writer.fresh("p"), type }));
  const list = params.map((one) => `${one.name}: ${PYTHON_TYPES[one.type]}`).join(", ");
  return {
    text: `def ${name}(${list}) -> ${PYTHON_TYPES[result]}:`,
    body: writer.body(params, callables, result, size),
  };
}
