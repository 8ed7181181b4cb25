import { createHash } from "node:crypto";
import { isUuid } from "../process/ids.ts";
import { invalidField } from "./error.ts";

/** What a list asks for: up to `limit` rows older than `after`. */
export interface Page {
  readonly limit: number;
  /** Id of the last row of the page before; undefined on the first page. */
  readonly after: string | undefined;
}

/** One page of rows with the token of the next one; "" on the last page. */
export interface Rows<T> {
  readonly rows: readonly T[];
  readonly nextPageToken: string;
}

/** Rows of a page when none is asked for, and the most that one page holds. */
export const DEFAULT_PAGE_SIZE = 50;
/** A larger page_size means this one. */
export const MAX_PAGE_SIZE = 1000;

/**
 * Reads the paging fields of a list request. A token is good only for the list and the parameters that it was made
 * for: `binding` names both. Any other token is INVALID_ARGUMENT `PAGE_TOKEN_INVALID`.
 */
export function readPage(
  request: { readonly pageSize: number; readonly pageToken: string },
  binding: readonly string[],
): Page {
  const limit = request.pageSize <= 0 ? DEFAULT_PAGE_SIZE : Math.min(request.pageSize, MAX_PAGE_SIZE);
  if (request.pageToken === "") return { limit, after: undefined };
  const [id = "", mark = ""] = Buffer.from(request.pageToken, "base64url").toString("utf8").split(" ");
  if (!isUuid(id) || mark !== bindingMark(binding)) {
    throw invalidField(
      "pageToken",
      "is damaged or belongs to another list; leave it out to start again",
      "PAGE_TOKEN_INVALID",
    );
  }
  return { limit, after: id };
}

/**
 * Cuts rows that were read with `limit + 1` to one page. `id` names the column that the list is ordered by; ids are
 * UUIDs that rise with time, so newest first is descending by id.
 */
export function cutPage<T>(
  rows: readonly T[],
  page: Page,
  binding: readonly string[],
  id: (row: T) => string,
): Rows<T> {
  const last = rows.length > page.limit ? rows[page.limit - 1] : undefined;
  if (last === undefined) return { rows, nextPageToken: "" };
  const token = Buffer.from(`${id(last)} ${bindingMark(binding)}`).toString("base64url");
  return { rows: rows.slice(0, page.limit), nextPageToken: token };
}

function bindingMark(binding: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(binding)).digest("hex").slice(0, 16);
}
