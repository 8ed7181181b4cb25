import { describe, expect, it } from "vitest";
import { answerPage, PAGE_PATHS, readPages } from "./pages.ts";

const get = (path: string, method = "GET") =>
  answerPage(readPages(), new Request(`http://web${path}`, { method }));

describe("answerPage", () => {
  it.each(PAGE_PATHS)("serves %s", async (path) => {
    const response = get(path);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("/intent/analyze");
  });

  it("serves nothing else", () => {
    expect(get("/").status).toBe(404);
    expect(get("/openapi.json", "POST").status).toBe(404);
    expect(get("/../package.json").status).toBe(404);
  });
});
