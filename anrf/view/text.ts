import { print } from "#anrf/text/print.ts";
import type { Shown } from "./shown.ts";

/** The canonical text of anrf.md §5, which `parse` reads back to the same program. */
export function text(shown: Shown): string {
  return print(shown);
}
