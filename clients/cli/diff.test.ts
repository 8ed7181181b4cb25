import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeArtifact } from "#anrf/program/artifact.ts";
import { parse } from "#anrf/text/parse.ts";
import { runCli } from "./testing/fake-io.ts";

const TEXT = "fn total(xs: list<int>) -> int requires xs.length() > 0 { xs.sum() + 1 }";
let folder = "";

/** A file of that name with the program: as text, or as a .anrf file. */
async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  const read = parse(text);
  if (name.endsWith(".anrf") && read.ok)
    await writeFile(
      path,
      writeArtifact({ ...read.program, spec: read.spec, producer: "test", producerVersion: "1" }),
    );
  else await writeFile(path, text);
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-diff-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("diff", () => {
  it("exits 0 for a text and the file of the same program", async () => {
    const { code, out } = await runCli([
      "diff",
      await file("a.anrf.txt", TEXT),
      await file("a.anrf", TEXT),
      "--exit-code",
    ]);
    expect([code, out]).toEqual([0, "no difference\n"]);
  });

  it("exits 0 for a change that breaks nobody, and 8 if any is asked for", async () => {
    const files = [
      await file("a.anrf.txt", TEXT),
      await file("b.anrf.txt", TEXT.replace("+ 1", "+ 2")),
    ] as const;
    const { code, out } = await runCli(["diff", ...files]);
    expect(code).toBe(0);
    expect(out).toContain("    - 1\n    + 2\n");
    expect((await runCli(["diff", ...files, "--exit-code"])).code).toBe(8);
    const json = JSON.parse((await runCli(["diff", ...files, "-o", "json"])).out);
    expect(json).toMatchObject({
      isBreaking: false,
      functions: [{ name: "total", terms: [{ kind: "changed", from: "1", to: "2" }] }],
    });
  });

  it("exits 8 for one that does", async () => {
    const files = [
      await file("a.anrf.txt", TEXT),
      await file("c.anrf.txt", TEXT.replace("> 0", "> 1")),
    ] as const;
    expect(await runCli(["diff", ...files])).toMatchObject({
      code: 8,
      out: expect.stringContaining("requires changed"),
    });
  });

  it("refuses what is no program, and says which", async () => {
    const found = await runCli(["diff", await file("a.anrf.txt", TEXT), await file("d.anrf.txt", "fn f(")]);
    expect(found.code).toBe(2);
    expect(found.err).toContain("d.anrf.txt");
  });
});
