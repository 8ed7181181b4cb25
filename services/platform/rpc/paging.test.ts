import { describe, expect, it } from "vitest";
import { uuidv7 } from "../process/ids.ts";
import { cutPage, readPage } from "./paging.ts";

const rows = Array.from({ length: 4 }, () => ({ id: uuidv7() }));

describe("readPage", () => {
  it.each([
    [0, 50],
    [7, 7],
    [1000, 1000],
    [1_000_000, 1000],
  ])("takes a page size of %i as %i", (pageSize, limit) => {
    expect(readPage({ pageSize, pageToken: "" }, ["list"]).limit).toBe(limit);
  });

  it("goes on after the last row of the page before", () => {
    const page = readPage({ pageSize: 3, pageToken: "" }, ["list", "q"]);
    const cut = cutPage(rows, page, ["list", "q"], (row) => row.id);
    expect(cut.rows).toHaveLength(3);
    expect(readPage({ pageSize: 3, pageToken: cut.nextPageToken }, ["list", "q"]).after).toBe(rows[2]?.id);
  });

  it("gives no token on the last page", () => {
    const page = readPage({ pageSize: 4, pageToken: "" }, ["list"]);
    expect(cutPage(rows, page, ["list"], (row) => row.id).nextPageToken).toBe("");
  });

  it("refuses a token of another list, and a damaged one", () => {
    const page = readPage({ pageSize: 1, pageToken: "" }, ["list", "a"]);
    const { nextPageToken } = cutPage(rows, page, ["list", "a"], (row) => row.id);
    expect(() => readPage({ pageSize: 1, pageToken: nextPageToken }, ["list", "b"])).toThrow("pageToken");
    expect(() => readPage({ pageSize: 1, pageToken: "AAAA" }, ["list", "a"])).toThrow("pageToken");
  });
});
