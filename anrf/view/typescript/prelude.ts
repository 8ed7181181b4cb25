import { helperFinder } from "#anrf/view/code/helpers.ts";
import { BASE } from "./prelude-base.ts";
import { LISTS } from "./prelude-lists.ts";
import { TEXTS } from "./prelude-texts.ts";

const HELPERS = helperFinder(
  [BASE, LISTS, TEXTS],
  /^(?:export )?(?:function|class|type|const) ([$\w]+)/m,
  /[$\w]+/g,
);

/** The helpers that a text of TypeScript names, and those that they name. */
export function helpersOf(text: string): readonly string[] {
  return HELPERS.of(text);
}
