import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { safe, safeLine } from "./escape.ts";
import { Failure } from "./failure.ts";
import { examplesOf, isProgramId, programId, readJson, signatureOf } from "./given.ts";
import type { Io } from "./io.ts";
import { secondsOf, timeText } from "./units.ts";

const ID = "01912f3e-0000-7000-8000-000000000001";
const io = { read: async () => Buffer.from('{"from":"stdin"}') } as unknown as Io;

describe("ids", () => {
  it.each([
    [ID, ID, 0],
    [`${ID}@12`, ID, 12],
    [`anrf://${ID}@1`, ID, 1],
    [ID.toUpperCase(), ID, 0],
  ])("%s", (text, anrfId, version) => {
    expect(programId(text)).toEqual({ anrfId, version });
  });

  it.each(["", "x", `${ID}@`, `${ID}@0`, `${ID}@1@2`, `${ID}@-1`, `${ID}@9999999999`])(
    "refuses %j",
    (text) => {
      expect(() => programId(text)).toThrow(Failure);
    },
  );

  it("tells an id from a file", () => {
    expect([ID, `${ID}@x`, "sum.anrf", `./${ID}`].map(isProgramId)).toEqual([true, true, false, false]);
  });
});

describe("signatures", () => {
  it.each([
    ["(xs: list<int>) -> int", [["xs", "list<int>"]], "int"],
    ["() -> string", [], "string"],
    [
      "(m: map<string, int>, k: string) -> option<int>",
      [
        ["m", "map<string, int>"],
        ["k", "string"],
      ],
      "option<int>",
    ],
    ["(p: (int, bool)) -> (int, int)", [["p", "(int, bool)"]], "(int, int)"],
  ])("%s", (text, params, returns) => {
    expect(signatureOf(text)).toEqual({ params: params.map(([name, type]) => ({ name, type })), returns });
  });

  it.each(["xs -> int", "(xs) -> int", "(xs: int)", "(1x: int) -> int"])("refuses %s", (text) => {
    expect(() => signatureOf(text)).toThrow("cannot read the signature");
  });
});

describe("JSON", () => {
  it("comes from the argument, a file or stdin", async () => {
    const file = join(tmpdir(), `anrf-given-${process.pid}.json`);
    await writeFile(file, "[1, 2]");
    expect(await readJson("it", '{"a":1}', io)).toEqual({ a: 1 });
    expect(await readJson("it", `@${file}`, io)).toEqual([1, 2]);
    expect(await readJson("it", "-", io)).toEqual({ from: "stdin" });
    await rm(file);
  });

  it.each(["{", "[1,]", '{"a":1,"a":2}', `${"[".repeat(100)}${"]".repeat(100)}`, "NaN", "'x'"])(
    "refuses %s",
    async (text) => {
      await expect(readJson("it", text, io)).rejects.toThrow("cannot read it");
    },
  );

  it("reads one example, a list of them, and traps", async () => {
    const examples = await examplesOf(
      ['{"inputs":[1],"output":null}', '[{"inputs":{"x":0},"trap":"DIV_ZERO"}]'],
      io,
    );
    expect(examples.map((one) => one.expected.case)).toEqual(["output", "trap"]);
  });
});

describe("texts", () => {
  it("shows what a terminal would obey", () => {
    expect(safe("a\u001b[2Jb\u202ec\r\n\td")).toBe("a\\u{1b}[2Jb\\u{202e}c\\u{d}\n\td");
    expect(safeLine("a\nb")).toBe("a\\nb");
    expect(safe("größe 価格 🙂")).toBe("größe 価格 🙂");
  });

  it.each([
    ["500ms", 0.5],
    ["10", 10],
    ["1.5m", 90],
    ["30d", 2_592_000],
    ["soon", undefined],
    ["-1s", undefined],
    ["1w", undefined],
  ])("%s is %s seconds", (text, seconds) => {
    expect(secondsOf(text)).toBe(seconds);
  });

  it("says times for people", () => {
    expect([0.0004, 0.25, 0.9999, 12, 240].map(timeText)).toEqual([
      "0 ms",
      "250 ms",
      "1.0 s",
      "12.0 s",
      "4 min",
    ]);
  });
});
