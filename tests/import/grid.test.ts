import { describe, expect, it } from "vitest";
import { CELL, grid } from "./grid.ts";
import { fromPython } from "./imports.ts";

describe("the importer on every operation with every type", () => {
  it("accepts or refuses, and never throws", { timeout: 120_000 }, () => {
    const thrown: string[] = [];
    let accepted = 0;
    for (const { name, source } of grid()) {
      try {
        if ("module" in fromPython(source, CELL)) accepted++;
      } catch (error) {
        thrown.push(`${name}: ${String(error)}`);
      }
    }
    expect(thrown).toEqual([]);
    expect(accepted).toBeGreaterThan(3_000);
  });
});
