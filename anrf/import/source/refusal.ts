import type { Place } from "./source.ts";

/** What is refused, and what to do instead: one row a reason. `docs/importer.md` shows this table. */
export const REFUSALS = {
  syntax: {
    construct: "text that is not the language's syntax",
    advice: "mend the syntax at this place",
  },
  "no-function": {
    construct: "a file without the function",
    advice: "define the function, or name the one that is meant",
  },
  statement: {
    construct: "a statement outside the subset (class, with, yield, async, global writes, star arguments)",
    advice: "write it with functions, loops and plain values",
  },
  expression: {
    construct: "an expression outside the subset",
    advice: "write it with the operators, builtins and methods of docs/importer.md",
  },
  name: {
    construct: "a name that is not known here",
    advice: "assign it before it is used, or import it from one of the known modules",
  },
  call: {
    construct: "a function or method that is not known, or arguments that it does not take",
    advice: "use the functions and methods of docs/importer.md",
  },
  import: {
    construct:
      "a module outside math, collections, itertools, heapq, bisect, operator, functools, string, re",
    advice: "write what is needed from it as a function",
  },
  types: {
    construct: "values of types that do not go together",
    advice: "give every variable and every item of a list one type",
  },
  untyped: {
    construct: "a value whose type cannot be found",
    advice: "annotate the parameter, or give a signature or examples",
  },
  result: {
    construct: "a result that is not of the declared type",
    advice: "return a value of the declared type on every path",
  },
  none: {
    construct: "a path that ends without a value where the result is no option",
    advice: "return a value on every path, or declare the result as Optional",
  },
  order: {
    construct: "the order of a set, or of a dict that comes from outside, seen in the result",
    advice: "sort it first, or use a list",
  },
  alias: {
    construct: "a value that is changed while another name or container still sees it",
    advice: "copy the value before the change (for example xs[:] or list(xs))",
  },
  iterating: {
    construct: "a list, dict or set that is changed while a loop walks it",
    advice: "walk a copy, or build a new one",
  },
  effect: {
    construct: "a change of an outer variable inside a lambda or comprehension",
    advice: "write it as a for loop",
  },
  iterator: {
    construct: "an iterator that is used twice or in part",
    advice: "make a list of it first",
  },
  print: {
    construct: "print, input and other effects on the outside",
    advice: "return the value instead",
  },
  range: {
    construct: "an int literal beyond 64 bits",
    advice: "use values within −2⁶³ to 2⁶³ − 1",
  },
  format: {
    construct: "a format, conversion or text form that is not supported",
    advice: 'use str(), f"{x}", widths, alignments and .Nf',
  },
  pattern: {
    construct: "a regular expression that is not a constant, or means something else here",
    advice: "use a constant pattern without back references, look-around and flags",
  },
  try: {
    construct: "try that does more than turn one conversion into a value",
    advice: "test the condition before, with if",
  },
  key: {
    construct: "a dict key or set item that is not hashable here (a float, list, dict or set)",
    advice: "use ints, strings, bools and tuples of them",
  },
  size: {
    construct: "a program that is too large or too deep to be imported",
    advice: "import smaller functions",
  },
} as const;

/** A reason of the table. */
export type RefusalCode = keyof typeof REFUSALS;

/** Why a program cannot be imported without a change of its meaning. */
export interface Refusal {
  readonly code: RefusalCode;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** What kind of thing stands there. */
  readonly construct: string;
  /** Lower case: what could not be kept, and why. */
  readonly message: string;
  /** What to write instead. */
  readonly advice: string;
}

/** Ends the import of one function; `refusal` says why. */
export class RefusalError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** Refuses what stands at that place. */
export function refuse(code: RefusalCode, at: Place, message: string): never {
  const { construct, advice } = REFUSALS[code];
  throw new RefusalError({ code, line: at.line, column: at.column, construct, message, advice });
}
