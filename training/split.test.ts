import { describe, expect, it } from "vitest";
import { type Part, partOf } from "./split.ts";

describe("partOf", () => {
  it.each<[string, Part]>([
    ["numbers/next-even", "calibrate"],
    ["lists/podium", "tune"],
    ["maps/tag-usage", "tune"],
    ["", "tune"],
  ])("keeps %j in the part it was given", (family, part) => {
    expect(partOf(family)).toBe(part);
  });

  it("splits many families about 30 / 40 / 30", () => {
    const counts: Record<Part, number> = { tune: 0, calibrate: 0, report: 0 };
    for (let i = 0; i < 10_000; i += 1) counts[partOf(`family-${i}`)] += 1;
    expect(Math.abs(counts.tune - 3000)).toBeLessThan(200);
    expect(Math.abs(counts.calibrate - 4000)).toBeLessThan(200);
    expect(Math.abs(counts.report - 3000)).toBeLessThan(200);
  });
});
