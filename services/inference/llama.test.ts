import { describe, expect, it } from "vitest";
import { reusable } from "./llama.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe("reusable", () => {
  it.each<[string, number[], number[], number]>([
    ["all of an equal beginning, also of no whole slices", upTo(13), upTo(13), 13],
    ["whole slices of a longer one", upTo(13), upTo(20), 8],
    ["whole slices of a shorter one", upTo(20), upTo(13), 8],
    ["whole slices before a difference", [...upTo(17), 99], [...upTo(17), 98], 16],
    ["nothing of another one", [5, ...upTo(20)], upTo(20), 0],
    ["nothing where there is nothing", [], upTo(9), 0],
    ["nothing for nothing", upTo(9), [], 0],
  ])("is %s", (_, kept, beginning, wanted) => {
    expect(reusable(kept, beginning)).toBe(wanted);
  });
});
