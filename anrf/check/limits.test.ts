import { create, fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { BuiltProgram } from "#anrf/build/builder.ts";
import type { Expr } from "#anrf/build/expr.ts";
import { runProgram } from "#anrf/interpret/interpret.ts";
import { readArtifact, writeArtifact } from "#anrf/program/artifact.ts";
import { canonicalModule, moduleBytes } from "#anrf/program/canonical.ts";
import { moduleDigest, nodeHash } from "#anrf/program/digest.ts";
import { openProgram } from "#anrf/program/program.ts";
import { INT } from "#anrf/program/type.ts";
import * as e from "#anrf/testing/exprs.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import { render } from "#anrf/view/view.ts";
import { SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import { check } from "./check.ts";

const NODES = 65_536;
const LEVELS = 512;

/** As many nodes as a function may have, in trees as deep as they may be. */
function largest(): BuiltProgram {
  const chain = (length: number): Expr => {
    let made = e.int(1);
    for (let level = 1; level < length; level++) made = e.call("int.neg", [made]);
    return made;
  };
  const deep = Array.from({ length: 128 }, () => chain(LEVELS - 1));
  const rest = Array.from({ length: NODES - 1 - 128 * (LEVELS - 1) }, (_, index) => e.int(index));
  return e.programOf([e.fn("f", [], e.list(INT, [...deep, ...rest]))]);
}

describe(`a function of ${NODES} nodes and ${LEVELS} levels`, () => {
  const built = largest();
  const { module } = built;
  const bytes = moduleBytes(module);

  it("has them", () => {
    expect(module.functions[0]?.nodes.length).toBe(NODES);
  });

  it("is checked, numbered and hashed", () => {
    expect(check(module, { bytes })).toEqual([]);
    expect(moduleBytes(canonicalModule(module))).toEqual(bytes);
    expect(moduleBytes(fromBinary(ModuleSchema, bytes))).toEqual(bytes);
    expect(moduleDigest(bytes)).toMatch(/^anrf1:[0-9a-f]{64}$/);
  });

  it("is written to a file and read", () => {
    const file = writeArtifact({ module, producer: "test", producerVersion: "1" });
    expect(readArtifact(file).document?.moduleBytes).toEqual(bytes);
  });

  it("is printed and parsed to the same bytes", () => {
    const parsed = parse(print(built));
    if (!parsed.ok) throw new Error(parsed.diagnostics[0]?.message);
    expect(moduleBytes(parsed.program.module)).toEqual(bytes);
  });

  it("has a hash for its deepest nodes and for the whole", () => {
    const [fn] = module.functions;
    for (const node of [0, LEVELS - 2, fn?.body ?? 0]) expect(nodeHash(module, 0, node)).toHaveLength(32);
    expect(nodeHash(module, 0, 0)).toEqual(nodeHash(module, 0, LEVELS - 1));
  });

  it("runs", () => {
    const outcome = runProgram(openProgram(module), []);
    expect(outcome.trap).toBeUndefined();
    // An even number of signs.
    expect((outcome.value as readonly number[]).slice(0, 130)).toEqual([...Array(128).fill(1), 0, 1]);
  });

  it.each(["pseudocode", "structure", "text", "json", "graph", "typescript", "python"] as const)(
    "has the view %s",
    (name) => {
      expect(render(name, { ...built, spec: create(SpecSchema) }).length).toBeGreaterThan(1_000);
    },
  );
});

describe("one more", () => {
  it("node is refused", () => {
    const items = Array.from({ length: NODES }, (_, index) => e.int(index));
    const found = check(e.programOf([e.fn("f", [], e.list(INT, items))]).module);
    expect(found.map((one) => one.code)).toEqual(["V01"]);
  });
});
