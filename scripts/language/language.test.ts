import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RULES } from "#anrf/program/diagnostic.ts";
import { CATALOGUE } from "#anrf/std/catalogue.ts";
import { parse } from "#anrf/text/parse.ts";
import { RESERVED } from "#anrf/text/words.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { LANGUAGE_PAGES } from "../print-language.ts";
import { GRAMMAR, sampleProgram } from "./grammar.ts";
import { TRAPS } from "./traps.ts";

const DOCS = new URL("../../docs/language/", import.meta.url);

describe("docs/language", () => {
  it.each(Object.entries(LANGUAGE_PAGES))("%s is what the code prints", (file, page) => {
    expect(page() === readFileSync(new URL(file, DOCS), "utf8"), "run npm run generate").toBe(true);
  });

  it("has a line for every builtin, rule and trap", () => {
    const page = (file: string): string => LANGUAGE_PAGES[file]?.() ?? "";
    for (const { id } of CATALOGUE) expect(page("builtins.md")).toContain(`| \`${id}\` |`);
    for (const code of Object.keys(RULES)) expect(page("rules.md")).toContain(`| [\`${code}\`](`);
    for (const name of Object.keys(TRAPS)) expect(page("traps.md")).toContain(`| \`${name}\` |`);
    expect(Object.keys(TRAPS).length).toBe(Object.keys(TrapCode).length - 1);
  });
});

/** Words and tokens of a body without its terminals. */
function namesIn(body: string): readonly string[] {
  return body.replace(/"[^"]*"/g, " ").match(/[A-Za-z]+/g) ?? [];
}

const TOKENS = new Set("NAME TNAME STRING INT FLOAT DECIMAL SCALAR".split(" "));

describe("the grammar", () => {
  it("names only what it defines, and all of it is reached from a file", () => {
    const bodies = new Map(GRAMMAR.map((one) => [one.name, one.body]));
    const reached = new Set<string>();
    const pending = ["file"];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (reached.has(name) || TOKENS.has(name)) continue;
      reached.add(name);
      const body = bodies.get(name);
      expect(body, `"${name}" is not defined`).toBeDefined();
      pending.push(...namesIn(body ?? ""));
    }
    expect([...reached].sort()).toEqual([...bodies.keys()].sort());
  });

  it("has every reserved word as a terminal", () => {
    const terminals = new Set(GRAMMAR.flatMap((one) => one.body.match(/(?<=")[a-z]+(?=")/g) ?? []));
    expect([...RESERVED].filter((word) => !terminals.has(word))).toEqual([]);
  });

  const samples = GRAMMAR.flatMap(({ name, samples: texts }) => texts.map((text) => [name, text] as const));

  it.each(samples)("%s: %s", (_, text) => {
    const read = parse(sampleProgram(text));
    expect(read.diagnostics.map((one) => one.message)).toEqual([]);
    expect(read.ok).toBe(true);
  });
});
