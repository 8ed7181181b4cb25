import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { canonicalModule, moduleBytes } from "#anrf/program/canonical.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { parse } from "./parse.ts";
import { print } from "./print.ts";

const COUNT = Number(globalThis.process?.env?.["ANRF_LAWS"] ?? 10_000);

describe("parse and print", () => {
  it(`give back the bytes of ${COUNT} random modules, and the text of the second round`, {
    timeout: 300_000,
  }, () => {
    for (let seed = 1; seed <= COUNT; seed++) {
      const built = buildProgram(randomProgram(seed, { hasDecimals: seed % 3 === 0 }));
      const bytes = moduleBytes(built.module);
      expect(moduleBytes(canonicalModule(built.module)), `numbering of seed ${seed}`).toEqual(bytes);
      const text = print(built);
      const read = parse(text);
      if (!read.ok) throw new Error(`seed ${seed}: ${read.diagnostics[0]?.message}\n${text}`);
      expect(moduleBytes(read.program.module), `bytes of seed ${seed}\n${text}`).toEqual(bytes);
      expect(print({ ...read.program, spec: read.spec }), `text of seed ${seed}`).toBe(text);
      expect(read.diagnostics, `remarks of seed ${seed}\n${text}`).toEqual([]);
    }
  });
});
