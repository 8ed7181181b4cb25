import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import * as e from "#anrf/testing/exprs.ts";
import { AnnotationsSchema, ArtifactSchema, ExampleSchema, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import { MAX_ARTIFACT_BYTES, makeArtifact, readArtifact, writeArtifact } from "./artifact.ts";
import { isCanonical, moduleBytes } from "./canonical.ts";
import { digestBytes, digestText, moduleDigest, nodeHash, parseDigest, specDigest } from "./digest.ts";
import { INT } from "./type.ts";

const n = e.slot("n", INT);
const add = (a: Parameters<typeof e.some>[0], b: Parameters<typeof e.some>[0]) => e.call("int.add", [a, b]);
const { module, annotations } = e.programOf([e.fn("f", [n], add(e.use(n), e.int(1)))]);
const spec = create(SpecSchema, { intentText: "add one", examples: [create(ExampleSchema)] });
const bytes = writeArtifact({ module, spec, annotations, producer: "test", producerVersion: "1" });

describe("artifact", () => {
  it("reads back what it wrote, and keeps the module bytes as stored", () => {
    const { document } = readArtifact(bytes);
    expect(document?.spec.intentText).toBe("add one");
    expect(document?.annotations.functions[0]?.localNames).toEqual(["n"]);
    expect(document?.digest).toBe(moduleDigest(moduleBytes(module)));
    expect(document?.specDigest).toBe(specDigest(toBinary(SpecSchema, spec)));
    expect(isCanonical(document?.moduleBytes ?? new Uint8Array())).toBe(true);
  });

  it("writes the header first and computes it", () => {
    expect(bytes[0]).toBe(0x0a);
    expect(readArtifact(bytes).document?.artifact.header).toMatchObject({
      minReaderMinor: 0,
      producer: "test",
    });
  });

  it("refuses every prefix of a file", () => {
    for (let length = 0; length < bytes.length; length++) {
      const reading = readArtifact(bytes.slice(0, length));
      const lost = reading.document !== undefined && reading.document.artifact.annotations.length === 0;
      expect(lost || reading.fault?.reason === "ARTIFACT_UNREADABLE").toBe(true);
    }
  });

  it("never takes an altered module or spec for the stated one", () => {
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      const altered = bytes.slice();
      altered[at] = (altered[at] ?? 0) ^ 0x01;
      const { document, fault } = readArtifact(altered);
      if (fault !== undefined) refused++;
      else expect(document.digest).toBe(moduleDigest(moduleBytes(module)));
    }
    expect(refused).toBeGreaterThan(bytes.length / 2);
  });

  it("refuses a newer minor by its header, before it looks into the module", () => {
    const artifact = clone(ArtifactSchema, makeArtifact({ module, producer: "", producerVersion: "" }));
    artifact.module = new Uint8Array([0xff, 0xff]);
    if (artifact.header !== undefined) artifact.header.minReaderMinor = 2;
    const { fault } = readArtifact(toBinary(ArtifactSchema, artifact));
    expect(fault).toMatchObject({
      reason: "ANRF_MINOR_UNSUPPORTED",
      metadata: { requiredMinor: "2", supportedMinor: "0" },
    });
  });

  it("names the feature of host builtins, and refuses one that it does not know", () => {
    const sine = e.programOf([e.fn("f", [], e.call("float.sin", [e.float(1)]))]).module;
    const made = makeArtifact({ module: sine, producer: "test", producerVersion: "1" });
    expect(made.header?.requiredFeatures).toEqual(["HOST_MATH"]);
    expect(makeArtifact({ module, producer: "test", producerVersion: "1" }).header?.requiredFeatures).toEqual(
      [],
    );
    expect(readArtifact(toBinary(ArtifactSchema, made)).fault).toBeUndefined();
    made.header?.requiredFeatures.push("TELEPATHY");
    expect(readArtifact(toBinary(ArtifactSchema, made)).fault).toMatchObject({
      reason: "ANRF_MINOR_UNSUPPORTED",
      metadata: { firstFeature: "TELEPATHY" },
    });
  });

  it("refuses content that it does not know, with its place", () => {
    const newer = clone(ModuleSchema, module);
    const node = newer.functions[0]?.nodes[2];
    if (node?.kind.case === "builtinCall") node.kind.value.builtin = 9_999 as never;
    const stored = toBinary(ModuleSchema, newer);
    const artifact = makeArtifact({ module, producer: "", producerVersion: "" });
    artifact.module = stored;
    if (artifact.header?.moduleDigest !== undefined)
      artifact.header.moduleDigest.value = digestBytes("module", stored);
    const { fault } = readArtifact(toBinary(ArtifactSchema, artifact));
    expect(fault).toMatchObject({ reason: "ANRF_UNKNOWN_CONTENT", metadata: { function: "0", node: "2" } });
  });

  it("drops annotations that do not decode: they may be lost without harm", () => {
    const artifact = makeArtifact({
      module,
      annotations: create(AnnotationsSchema),
      producer: "",
      producerVersion: "",
    });
    artifact.annotations = new Uint8Array([0xff]);
    expect(readArtifact(toBinary(ArtifactSchema, artifact)).document?.annotations.functions).toEqual([]);
  });

  it("refuses a file over its limit", () => {
    expect(readArtifact(new Uint8Array(MAX_ARTIFACT_BYTES + 1)).fault?.reason).toBe("MESSAGE_TOO_LARGE");
  });

  it("refuses to write a module that is not canonical", () => {
    const other = clone(ModuleSchema, module);
    other.types.push(...clone(ModuleSchema, e.programOf([e.fn("g", [], e.bool(true))]).module).types);
    expect(() => writeArtifact({ module: other, producer: "", producerVersion: "" })).toThrow(
      "not in canonical form",
    );
  });
});

describe("digest", () => {
  it("hashes the same bytes differently as module, spec and node", () => {
    const same = new Uint8Array([1, 2, 3]);
    const texts = (["module", "spec", "node"] as const).map((domain) => String(digestBytes(domain, same)));
    expect(new Set(texts).size).toBe(3);
  });

  it("is a fixed function of the bytes", () => {
    expect(moduleDigest(new Uint8Array())).toBe(
      "anrf1:37df9c5e9f95bb2b145dd1dd5cc9ac4f1ccef4e9f20362e78882cf085165bb47",
    );
  });

  it("reads its own text and nothing else", () => {
    const text = moduleDigest(moduleBytes(module));
    expect(parseDigest(text)?.length).toBe(32);
    expect(parseDigest(text.toUpperCase())).toBeUndefined();
    expect(digestText(undefined)).toBeUndefined();
  });
});

describe("nodeHash", () => {
  const hash = (program: typeof module, node: number): string => String(nodeHash(program, 0, node));

  it("does not depend on names of locals, nor on where the sub-tree stands", () => {
    const other = e.slot("other", INT);
    const moved = e.programOf([
      e.fn("g", [e.slot("first", INT), other], e.list(INT, [e.int(5), add(e.use(other), e.int(1))])),
    ]);
    expect(hash(moved.module, 3)).toBe(hash(module, 2));
  });

  it("depends on the sub-tree", () => {
    expect(hash(module, 2)).not.toBe(hash(module, 1));
    const changed = e.programOf([e.fn("f", [n], add(e.use(n), e.int(2)))]);
    expect(hash(changed.module, 2)).not.toBe(hash(module, 2));
  });

  it("depends on the header of a callee and not on its body", () => {
    const caller = (body: Parameters<typeof e.some>[0], name = "g") =>
      e.programOf([e.fn("f", [n], e.invoke(name, INT, [e.use(n)])), e.fn(name, [e.slot("k", INT)], body)])
        .module;
    expect(hash(caller(e.int(1)), 1)).toBe(hash(caller(e.int(2)), 1));
    expect(hash(caller(e.int(1)), 1)).not.toBe(hash(caller(e.int(1), "h"), 1));
  });

  it("tells a free local that is used twice from two", () => {
    const m = e.slot("m", INT);
    const twice = e.programOf([e.fn("f", [n, m], add(e.use(n), e.use(n)))]);
    const both = e.programOf([e.fn("f", [n, m], add(e.use(n), e.use(m)))]);
    expect(hash(twice.module, 2)).not.toBe(hash(both.module, 2));
    const swapped = e.programOf([e.fn("f", [n, m], add(e.use(m), e.use(n)))]);
    expect(hash(swapped.module, 2)).toBe(hash(both.module, 2));
  });

  it("reads the same from the decoded bytes", () => {
    expect(hash(fromBinary(ModuleSchema, moduleBytes(module)), 2)).toBe(hash(module, 2));
  });
});
