import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CODES } from "#anrf/diagnose/codes.ts";
import { codePage } from "#anrf/diagnose/page.ts";
import { writeArtifact } from "#anrf/program/artifact.ts";
import { parse } from "#anrf/text/parse.ts";
import { runCli } from "./testing/fake-io.ts";

const SLOPPY = "// Doubles.\nfn twice(x: int) -> int example (2) -> 4 { return x*2; }\n";
const CANONICAL = "anrf 1\n\n# Doubles.\nfn twice(x: int) -> int\n  example (2) -> 4\n{\n  x * 2\n}\n";
const BROKEN = "fn f(total: int) -> int {\n  totl + 1\n}\n";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe("anrf fmt", () => {
  it("prints the canonical text, of a file and of stdin, and keeps what has a place", async () => {
    const path = await file("twice.txt", SLOPPY);
    expect(await runCli(["fmt", path])).toEqual({ code: 0, out: CANONICAL, err: "" });
    expect((await runCli(["fmt", "-"], { stdin: SLOPPY })).out).toBe(CANONICAL);
  });

  it("says which files are laid out otherwise, and writes them", async () => {
    const [good, other] = [await file("good.txt", CANONICAL), await file("other.txt", SLOPPY)];
    expect(await runCli(["fmt", "--check", good, other])).toEqual({ code: 3, out: `${other}\n`, err: "" });
    expect(await runCli(["fmt", "-w", good, other])).toEqual({ code: 0, out: "", err: "" });
    expect(await readFile(other, "utf8")).toBe(CANONICAL);
    expect((await runCli(["fmt", "--check", good, other])).code).toBe(0);
  });

  it("tells on stderr which comments have no place", async () => {
    const path = await file("lost.txt", "fn f() -> int { 1 + # lost\n 2 }");
    const { code, out, err } = await runCli(["fmt", path]);
    expect([code, out]).toEqual([0, "anrf 1\n\nfn f() -> int {\n  1 + 2\n}\n"]);
    expect(err).toContain("P51");
  });

  it("leaves a text alone that is no program", async () => {
    const path = await file("broken.txt", BROKEN);
    const { code, out, err } = await runCli(["fmt", "-w", path]);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain(`at ${path}:2:3`);
    expect(await readFile(path, "utf8")).toBe(BROKEN);
    expect((await runCli(["fmt", "-w", "-"], { stdin: SLOPPY })).code).toBe(2);
  });
});

describe("anrf check", () => {
  it("shows each problem with its place, its line and its patch", async () => {
    const path = await file("check.txt", BROKEN);
    const { code, out } = await runCli(["check", path]);
    expect(code).toBe(3);
    expect(out).toBe(`error P10: the name "totl" is not in scope; declare it, or correct its spelling
  at ${path}:2:3
  2 |   totl + 1
    |   ^^^^
  fix (look before you take it): write «total» for «totl»

${path}: 1 error, 0 warnings, 0 remarks
`);
  });

  it("answers in JSON as CheckProgram does", async () => {
    const path = await file("json.txt", SLOPPY);
    const { code, out } = await runCli(["check", path, "-o", "json"]);
    expect(code).toBe(0);
    const answer = JSON.parse(out);
    expect(answer).toMatchObject({
      ok: true,
      text: CANONICAL,
      results: [{ check: "examples", status: "PASS" }],
    });
    expect(answer.diagnostics[0]).toMatchObject({ code: "P50", range: { line: 1, column: 1 } });
    expect(answer.digest).toMatch(/^anrf1:[0-9a-f]{64}$/);
    const broken = await file("json-broken.txt", BROKEN);
    const both = JSON.parse((await runCli(["check", path, broken, "-o", "json"])).out);
    expect(both.map((one: { ok: boolean }) => one.ok)).toEqual([true, false]);
  });

  it("checks a .anrf file, and runs its examples", async () => {
    const read = parse(SLOPPY.replace("-> 4", "-> 5"));
    if (!read.ok) throw new Error(read.diagnostics[0]?.message);
    const { module, annotations } = read.program;
    const parts = { module, annotations, spec: read.spec, producer: "test", producerVersion: "1" };
    const path = await file("wrong.anrf", writeArtifact(parts));
    const { code, out } = await runCli(["check", path]);
    expect(code).toBe(3);
    expect(out).toContain("error V21: example 1 fails: expected 5, got 4");
  });

  it("reads a function of Python", async () => {
    const path = await file("total.py", "def total(xs: list[int]) -> int:\n    return sum(xs) + len(xs)\n");
    const { code, out } = await runCli(["check", path, "-o", "json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out).text).toContain("fn total(xs: list<int>) -> int");
    const other = await file("print.py", "def f(x: int) -> int:\n    print(x)\n    return x\n");
    expect((await runCli(["check", other])).out).toContain(`at ${other}:2:5`);
  });

  it("exits 3 on a doubt where that is asked for", async () => {
    const path = await file("doubt.txt", "fn f(n: int) -> int { if n <= 0 { 0 } else { f(n - 1) } }");
    expect((await runCli(["check", path])).code).toBe(0);
    expect((await runCli(["check", path, "--fail-on", "warn"])).code).toBe(3);
  });
});

describe("anrf explain", () => {
  it("prints the page of each code", async () => {
    for (const row of CODES) {
      if (row.code === "V01" || row.code === "P08") continue; // the same, and slow to make
      expect((await runCli(["explain", row.code.toLowerCase()])).out).toBe(codePage(row));
    }
  });

  it("lists all codes, suggests one, and answers in JSON", async () => {
    const { out } = await runCli(["explain"]);
    for (const { code } of CODES) expect(out).toContain(`[${code}](${code}.md)`);
    const { code, err } = await runCli(["explain", "P1O"]);
    expect(code).toBe(2);
    expect(err).toContain('did you mean "anrf explain P1');
    expect(JSON.parse((await runCli(["explain", "V12", "-o", "json"])).out)).toMatchObject({ code: "V12" });
  });
});
