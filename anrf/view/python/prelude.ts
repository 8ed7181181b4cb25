import { helperFinder } from "#anrf/view/code/helpers.ts";
import { BASE } from "./prelude-base.ts";
import { LISTS } from "./prelude-lists.ts";
import { TEXTS } from "./prelude-texts.ts";

/** The helpers that a text of Python names, and those that they name; and all their names. */
export const HELPERS: {
  readonly names: readonly string[];
  readonly of: (text: string) => readonly string[];
} = helperFinder([BASE, LISTS, TEXTS], /^(?:def |class )?(\w+)/m, /\w+/g);

/** What comes from which module of the standard library. */
const IMPORTS: readonly (readonly [from: string, names: readonly string[]])[] = [
  ["itertools", []],
  ["math", []],
  ["re", []],
  ["sys", []],
  ["collections.abc", ["Callable"]],
  ["dataclasses", ["dataclass", "fields", "is_dataclass"]],
  ["datetime", ["date", "timedelta"]],
  ["decimal", ["ROUND_HALF_EVEN", "Context", "Decimal"]],
  ["functools", ["cmp_to_key"]],
  ["typing", ["Any", "Generic", "NoReturn", "TypeVar"]],
];

/** Names that the module may import. */
export const IMPORTED: readonly string[] = IMPORTS.flatMap(([from, names]) =>
  names.length === 0 ? [from] : names,
);

/** The import lines for what a text names. */
export function importLines(text: string): readonly string[] {
  const words = new Set(text.match(/\w+/g) ?? []);
  return IMPORTS.flatMap(([from, names]) => {
    if (names.length === 0)
      return words.has(from) && new RegExp(`\\b${from}\\.`).test(text) ? [`import ${from}`] : [];
    const used = names.filter((name) => words.has(name));
    return used.length === 0 ? [] : [`from ${from} import ${used.join(", ")}`];
  });
}
