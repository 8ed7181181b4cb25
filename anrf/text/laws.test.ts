import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { canonicalModule, moduleBytes } from "#anrf/program/canonical.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { parse } from "./parse.ts";
import { print } from "./print.ts";

const COUNT = process.env["ANRF_FULL"] === "1" ? 200_000 : 10_000;

describe("parse and print", () => {
  it(`give back the bytes of ${COUNT} random modules, and the text of the second round`, {
    timeout: 3_600_000,
  }, () => {
    for (let seed = 1; seed <= COUNT; seed++) {
      const fault = faultOf(seed);
      if (fault !== undefined) expect.fail(`seed ${seed}: ${fault}`);
    }
  });

  it("keep what people chose: names, docs, comments and labels", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const first = parse(print(buildProgram(randomProgram(seed))));
      if (!first.ok) throw new Error(first.diagnostics[0]?.message);
      const second = parse(print(first.program));
      if (!second.ok) throw new Error(second.diagnostics[0]?.message);
      expect(second.program.annotations, `seed ${seed}`).toEqual(first.program.annotations);
    }
  });
});

/** What is wrong with the round trip of one random module, or undefined. */
function faultOf(seed: number): string | undefined {
  const built = buildProgram(
    randomProgram(seed, { hasDecimals: seed % 3 === 0, size: seed % 5 === 0 ? 40 : 16 }),
  );
  const bytes = moduleBytes(built.module);
  if (!isSame(moduleBytes(canonicalModule(built.module)), bytes))
    return "the builder does not number canonically";
  const text = print(built);
  const read = parse(text);
  if (!read.ok) return `${read.diagnostics[0]?.message}\n${text}`;
  if (!isSame(moduleBytes(read.program.module), bytes)) return `other bytes\n${text}`;
  if (read.diagnostics.length > 0) return `a remark: ${read.diagnostics[0]?.message}\n${text}`;
  const again = print({ ...read.program, spec: read.spec });
  return again === text ? undefined : `no fixed point\n${text}\n${again}`;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
