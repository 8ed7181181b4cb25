/**
 * Freezes what another language can check itself against: `node scripts/make-vectors.ts`. Programs of the digest cases and
 * random ones with every feature become anrf/testdata/vectors/vectors.json (text, module, bytes, a scrambled form of them,
 * digest, node hashes). What is frozen is never written again; builtins.json, the numbers by name, grows with the catalogue.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { toJson } from "@bufbuild/protobuf";
import { buildProgram } from "#anrf/build/builder.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { moduleDigest, nodeHash } from "#anrf/program/digest.ts";
import { casesOf } from "#anrf/testing/cases.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { scrambled } from "#anrf/testing/scrambled.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import { BuiltinSchema } from "#gen/anrf/v1/builtins_pb.ts";
import { type Module, ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";

const testdata = new URL("../anrf/testdata/", import.meta.url);
const RANDOM = 24;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** JSON.stringify drops the sign of −0; the vectors keep it. */
function jsonText(value: object): string {
  const text = JSON.stringify(value, (_, part: unknown) => (Object.is(part, -0) ? "MINUS ZERO" : part));
  return text.replaceAll('"MINUS ZERO"', "-0.0");
}

function vector(name: string, text: string, module: Module): object {
  const bytes = moduleBytes(module);
  const nodes = module.functions.map((fn, index) =>
    fn.nodes.map((_, node) => hex(nodeHash(module, index, node))),
  );
  const mixed = hex(moduleBytes(scrambled(module)));
  return {
    name,
    text,
    module: toJson(ModuleSchema, module),
    hex: hex(bytes),
    scrambled: mixed,
    digest: moduleDigest(bytes),
    nodes,
  };
}

function fromCases(): readonly object[] {
  const file: unknown = JSON.parse(readFileSync(new URL("cases/digest/vectors.json", testdata), "utf8"));
  return casesOf(file).map(([name, { text = "" }]) => {
    const read = parse(text);
    if (!read.ok) throw new Error(`${name} is no program: ${read.diagnostics[0]?.message}`);
    return vector(name, text, read.program.module);
  });
}

function fromSeeds(): readonly object[] {
  return Array.from({ length: RANDOM }, (_, index) => {
    const built = buildProgram(randomProgram(500 + index, { hasAll: true, size: 8 }));
    return vector(`random ${index + 1}`, print(built), built.module);
  });
}

const target = new URL("vectors/vectors.json", testdata);
if (!existsSync(target)) {
  const lines = [...fromCases(), ...fromSeeds()].map(jsonText);
  writeFileSync(target, `[\n${lines.join(",\n")}\n]\n`, { flag: "wx" });
  console.log(`froze ${lines.length} vectors`);
}
const names = BuiltinSchema.values.map((one) => `  ${JSON.stringify(one.name)}: ${one.number}`);
writeFileSync(new URL("vectors/builtins.json", testdata), `{\n${names.join(",\n")}\n}\n`);
