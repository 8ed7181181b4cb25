import type { Io } from "./io.ts";
import type { Flags } from "./parse.ts";

/** Paging fields of a request. */
export function pageOf(flags: Flags): { pageSize: number; pageToken: string } {
  return { pageSize: flags.integer("limit", 1) ?? 0, pageToken: flags.text("page-token") ?? "" };
}

/** Says on stderr how to go on, if there is more. */
export function tellNextPage(io: Io, token: string): void {
  if (token !== "") io.err(`more: --page-token ${token}\n`);
}
