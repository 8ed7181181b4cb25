import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { check } from "#anrf/check/check.ts";
import { readArtifact, writeArtifact } from "#anrf/program/artifact.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import { verify } from "#anrf/verify/verify.ts";

const PAGES = ["docs/language/tour.md", "docs/language/README.md", "anrf/README.md"];

function blocksOf(page: string): readonly (readonly [string, string])[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  const found = [...text.matchAll(/^```(?:anrf)?\n(anrf 1\n[\s\S]*?)^```$/gm)].map((one) => one[1] ?? "");
  return found.map((block, index) => [`${page}, program ${index + 1}`, block] as const);
}

const BLOCKS = PAGES.flatMap(blocksOf);

describe("the programs of the documentation", () => {
  it("are eleven and more", () => {
    expect(BLOCKS.length).toBeGreaterThanOrEqual(11);
  });

  it.each(BLOCKS)("%s is canonical, sound, and does what its examples say", (_, text) => {
    const read = parse(text);
    if (!read.ok) throw new Error(read.diagnostics.map((one) => one.message).join("\n"));
    expect(read.diagnostics).toEqual([]);
    expect(print({ ...read.program, spec: read.spec })).toBe(text);
    expect(check(read.program.module).filter((one) => one.code !== "V16")).toEqual([]);
    const parts = { module: read.program.module, annotations: read.program.annotations, spec: read.spec };
    const { document } = readArtifact(writeArtifact({ ...parts, producer: "test", producerVersion: "1" }));
    if (document === undefined) throw new Error("the file is not read back");
    const examples = verify(document).find((one) => one.check === "examples");
    expect(examples?.status, examples?.details).toBe("PASS");
    expect(examples?.obligations.length).toBe(read.spec.examples.length);
    expect(read.spec.examples.length).toBeGreaterThan(0);
  });
});
