import type { Lowering, Meaning } from "#anrf/import/lowering/lower.ts";
import { FUNCTION, INTEGER, NUMBER, prune } from "#anrf/import/lowering/types.ts";
import { floatVal, intExpr, isSpread, textVal, type Val, val } from "#anrf/import/lowering/value.ts";
import { items } from "#anrf/import/python-collections/items.ts";
import { index, removeItem, setItem } from "#anrf/import/python-collections/lists.ts";
import { method } from "#anrf/import/python-collections/methods.ts";
import { setSlice, slice } from "#anrf/import/python-collections/slices.ts";
import { annotation } from "#anrf/import/python-syntax/annotation.ts";
import { unusable } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import { knownCall } from "./calls.ts";
import { compare } from "./compare.ts";
import { format } from "./format.ts";
import { binary, truth, unary } from "./operators.ts";
import { patternMethod } from "./regex.ts";

/** Methods of sets that take the rows of `*rows` one after the other. */
const FOLDED = new Set(["union", "intersection", "difference", "update"]);

/** What Python's operators, builtins and methods mean, after CPython 3.11. */
export const PYTHON: Meaning = {
  boolIsInt: true,
  tuplesAreKeys: true,
  binary,
  unary,
  compare,
  truth,
  index,
  slice,
  setItem,
  setSlice,
  removeItem,
  items,
  format,
  call: knownCall,
  method: (low, asked) => {
    const { target } = asked;
    const isFolded = asked.args.length === 1 && FOLDED.has(asked.name) && prune(target.ty).k === "set";
    if (asked.args.some(isSpread) && !isFolded)
      return refuse("call", asked.at, `star arguments of ${asked.name} are not supported`);
    if (target.pattern === true) return { result: patternMethod(low, target, asked) };
    return method(low, asked);
  },
  name: knownName,
  attribute: () => undefined,
  annotation,
};

const FUNCTIONS: ReadonlySet<string> = new Set(
  "abs all any bin bool callable chr dict divmod enumerate filter float format frozenset hex int isinstance iter len list map max min next oct ord pow print range repr reversed round set sorted str sum tuple zip".split(
    " ",
  ),
);

const MODULES: ReadonlySet<string> = new Set([
  "math",
  "collections",
  "itertools",
  "heapq",
  "bisect",
  "operator",
  "functools",
  "string",
  "re",
  "copy",
  "str",
  "dict",
]);

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

const TEXTS: Readonly<Record<string, string>> = {
  "string.ascii_lowercase": LETTERS,
  "string.ascii_uppercase": LETTERS.toUpperCase(),
  "string.ascii_letters": LETTERS + LETTERS.toUpperCase(),
  "string.digits": "0123456789",
  "string.hexdigits": "0123456789abcdefABCDEF",
  "string.octdigits": "01234567",
  "string.punctuation": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
  "string.whitespace": " \t\n\r\v\f",
};

const NUMBERS: Readonly<Record<string, number>> = {
  "math.pi": Math.PI,
  "math.e": Math.E,
  "math.tau": 2 * Math.PI,
};

function knownName(_low: Lowering, name: string): Val | undefined {
  const text = TEXTS[name];
  if (text !== undefined) return textVal(text);
  const number = NUMBERS[name];
  if (number !== undefined) return floatVal(number);
  if (name === "math.inf") return { ...floatVal(Number.POSITIVE_INFINITY), ty: NUMBER };
  if (name === "math.nan") return floatVal(Number.NaN);
  if (name === "sys.maxsize")
    return val(INTEGER, () => intExpr(2n ** 63n - 1n), {
      simple: true,
      literal: 2n ** 63n - 1n,
      nonneg: true,
    });
  const [module = ""] = name.split(".");
  if (FUNCTIONS.has(name) || (name.includes(".") && MODULES.has(module))) {
    return val(FUNCTION, unusable, { fn: { kind: "known", name } });
  }
  return undefined;
}
