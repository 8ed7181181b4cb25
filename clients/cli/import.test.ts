import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArtifact } from "#anrf/program/artifact.ts";
import { runCli } from "./testing/fake-io.ts";

const TOTAL = "def total(xs: list[int]) -> int:\n    return sum(xs)\n";
const TEXT = "anrf 1\n\nfn total(xs: list<int>) -> int {\n  xs.sum()\n}\n";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-import-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("anrf import", () => {
  it("prints a function of Python as a program, of a file and of stdin", async () => {
    const path = join(folder, "total.py");
    await writeFile(path, TOTAL);
    expect(await runCli(["import", path])).toEqual({ code: 0, out: TEXT, err: "" });
    expect((await runCli(["import", "-"], { stdin: TOTAL })).out).toBe(TEXT);
  });

  it("takes the function and the types that it is told", async () => {
    const source = "def twice(x):\n    return x * 2\n\ndef once(x):\n    return twice(x)\n";
    const { out } = await runCli(["import", "-", "--function", "twice", "-s", "(x: float) -> float"], {
      stdin: source,
    });
    expect(out).toContain("fn twice(x: float) -> float {");
  });

  it("writes a file that is a program", async () => {
    const path = join(folder, "total.anrf");
    expect(await runCli(["import", "-", "--out", path], { stdin: TOTAL })).toEqual({
      code: 0,
      out: "",
      err: "",
    });
    const { document } = readArtifact(await readFile(path));
    expect(document?.module.functions.map((one) => one.name)).toEqual(["total"]);
  });

  it("answers in JSON, with the digest", async () => {
    const { out } = await runCli(["import", "-", "-o", "json"], { stdin: TOTAL });
    expect(JSON.parse(out)).toEqual({
      digest: expect.stringMatching(/^anrf1:[0-9a-f]{64}$/),
      text: TEXT,
      notes: [],
    });
  });

  it("refuses with line, reason and advice, and exits 3", async () => {
    const source = "def f(xs: list[int]) -> list[int]:\n    return list(set(xs))\n";
    const { code, out, err } = await runCli(["import", "-"], { stdin: source });
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain("-:2:5: order: the order of a set, or of a dict from outside, is seen\n");
    expect(err).toContain("  instead: sort it first, or use a list\n");
    const json = await runCli(["import", "-", "-o", "json"], { stdin: source });
    expect(JSON.parse(json.out.split("\n").slice(0, -1).join("\n")).refusals[0]).toMatchObject({
      code: "order",
      line: 2,
    });
  });

  it("says what is wrong with a signature", async () => {
    const { code, err } = await runCli(["import", "-", "-s", "(x: wide) -> int"], { stdin: TOTAL });
    expect(code).toBe(2);
    expect(err).toContain("cannot read the signature (x: wide) -> int");
  });
});
