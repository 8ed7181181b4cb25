import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeHash } from "#anrf/program/digest.ts";
import { parse } from "#anrf/text/parse.ts";
import { RegistryService, Visibility } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { artifactOf } from "../../tests/programs.ts";
import { target } from "./target.ts";

const PROGRAM = "# Doubles.\nfn twice(x: int) -> int\n  example (2) -> 4\n{\n  x * 2\n}\n";
const CANONICAL = `anrf 1\n\n${PROGRAM}`;

let system: TestHost;
let registry: Client<typeof RegistryService>;
let call: Call;

beforeAll(async () => {
  system = await startTestHost([target]);
  registry = system.host.client(RegistryService, "edge");
  call = await system.newCall();
});
afterAll(() => system[Symbol.asyncDispose]());

const stored = (text = PROGRAM) => registry.putAnrf({ artifact: artifactOf(text) }, call);

/** The range of the only place where a piece stands in the canonical text. */
function range(piece: string, text = CANONICAL) {
  const start = text.indexOf(piece);
  expect(text.indexOf(piece, start + 1)).toBe(-1);
  return { case: "range" as const, value: { start, end: start + piece.length } };
}

function hash(node: number, text = PROGRAM): Uint8Array {
  const read = parse(text);
  if (!read.ok) throw new Error(read.diagnostics[0]?.message);
  return nodeHash(read.program.module, 0, node);
}

describe("PatchAnrf", () => {
  it("edits a range of the canonical text, and stores the child of the version that it was made for", async () => {
    const { anrfId, digest } = await stored();
    const edits = [{ target: range("x * 2"), text: "x + x" }];
    const answer = await registry.patchAnrf({ anrfId, baseDigest: digest, edits }, call);
    expect(answer).toMatchObject({
      ok: true,
      version: 2,
      diagnostics: [],
      text: CANONICAL.replace("x * 2", "x + x"),
    });
    const got = await registry.getAnrf({ anrfId }, call);
    expect(got).toMatchObject({ version: 2, digest: answer.digest, lineage: [1], summary: "Doubles." });
  });

  it("edits a node by its hash, and keeps it one expression", async () => {
    const { anrfId, digest } = await stored();
    const edits = [{ target: { case: "nodeHash" as const, value: hash(0) }, text: "x + 1" }];
    const answer = await registry.patchAnrf({ anrfId, baseDigest: digest, edits }, call);
    expect(answer.text).toContain("(x + 1) * 2");
    expect(answer.version).toBe(2);
  });

  it("takes a whole text", async () => {
    const { anrfId, digest } = await stored();
    const text = "fn half(x: int) -> int { return x // 2; }";
    const answer = await registry.patchAnrf({ anrfId, baseDigest: digest, text }, call);
    expect(answer).toMatchObject({ ok: true, version: 2 });
    expect(answer.diagnostics.map((one) => one.code)).toEqual(["P50"]);
    expect((await registry.getAnrf({ anrfId }, call)).name).toBe("half");
  });

  it("tells what the edits broke, where, and stores nothing", async () => {
    const { anrfId, digest } = await stored();
    const edits = [{ target: range("x * 2"), text: "y * true" }];
    const answer = await registry.patchAnrf({ anrfId, baseDigest: digest, edits }, call);
    expect(answer).toMatchObject({ ok: false, version: 0, digest: "" });
    expect(answer.diagnostics.map((one) => [one.code, one.range?.line, one.range?.column])).toEqual([
      ["P10", 7, 3],
    ]);
    expect(answer.text).toContain("y * true");
    expect((await registry.getAnrf({ anrfId }, call)).version).toBe(1);
  });

  it("says nothing of what was so before", async () => {
    const recursive = "fn f(n: int) -> int { if n <= 0 { 0 } else { 1 + f(n - 1) } }";
    const { anrfId, digest } = await stored(recursive);
    const text = recursive.replace("1 +", "2 +");
    const answer = await registry.patchAnrf({ anrfId, baseDigest: digest, text }, call);
    expect(answer).toMatchObject({ ok: true, version: 2, diagnostics: [] });
  });

  it("only looks where that is asked for", async () => {
    const { anrfId, digest } = await stored();
    const edits = [{ target: range("x * 2"), text: "x + x" }];
    const looked = await registry.patchAnrf({ anrfId, baseDigest: digest, edits, dryRun: true }, call);
    expect(looked).toMatchObject({ ok: true, version: 0 });
    expect((await registry.getAnrf({ anrfId }, call)).version).toBe(1);
    const done = await registry.patchAnrf({ anrfId, baseDigest: digest, edits }, call);
    expect(done.digest).toBe(looked.digest);
  });

  it("is ABORTED where the newest version is another one", async () => {
    const { anrfId, digest } = await stored();
    const edits = [{ target: range("x * 2"), text: "x + x" }];
    await registry.patchAnrf({ anrfId, baseDigest: digest, edits }, call);
    await expect(registry.patchAnrf({ anrfId, baseDigest: digest, edits }, call)).rejects.toMatchObject({
      code: 10,
    });
  });

  it("lets one of two racing patches win", async () => {
    const { anrfId, digest } = await stored();
    const edit = (text: string) =>
      registry.patchAnrf({ anrfId, baseDigest: digest, edits: [{ target: range("x * 2"), text }] }, call);
    const outcomes = await Promise.allSettled([edit("x + x"), edit("x * 3")]);
    expect(outcomes.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    expect(outcomes.find((one) => one.status === "rejected")).toMatchObject({ reason: { code: 10 } });
  });

  it("gives a repeat with the same key the first answer", async () => {
    const { anrfId, digest } = await stored();
    const request = {
      anrfId,
      baseDigest: digest,
      edits: [{ target: range("x * 2"), text: "x + x" }],
      idempotencyKey: "once",
    };
    const first = await registry.patchAnrf(request, call);
    expect(await registry.patchAnrf(request, call)).toEqual(first);
    expect((await registry.getAnrf({ anrfId }, call)).version).toBe(2);
    const other = { ...request, edits: [{ target: range("x * 2"), text: "x" }] };
    await expect(registry.patchAnrf(other, call)).rejects.toMatchObject({ code: 6 });
  });

  it.each([
    ["edits and a text", { edits: [{ target: range("x * 2"), text: "x" }], text: "fn f() -> int { 1 }" }],
    ["neither", {}],
    [
      "a range outside",
      { edits: [{ target: { case: "range" as const, value: { start: 5, end: 5000 } }, text: "" }] },
    ],
    [
      "edits that meet",
      {
        edits: [
          { target: range("x * 2"), text: "x" },
          { target: range("* 2"), text: "" },
        ],
      },
    ],
    ["an edit of nothing", { edits: [{ text: "x" }] }],
    [
      "an unknown hash",
      { edits: [{ target: { case: "nodeHash" as const, value: new Uint8Array(32) }, text: "x" }] },
    ],
  ])("refuses %s as INVALID_ARGUMENT", async (_, part) => {
    const { anrfId, digest } = await stored();
    await expect(registry.patchAnrf({ anrfId, baseDigest: digest, ...part }, call)).rejects.toMatchObject({
      code: 3,
    });
  });

  it("asks for a range where a hash stands for several nodes", async () => {
    const text = "fn f(x: int) -> int { x + x }";
    const { anrfId, digest } = await stored(text);
    const edits = [{ target: { case: "nodeHash" as const, value: hash(0, text) }, text: "1" }];
    await expect(registry.patchAnrf({ anrfId, baseDigest: digest, edits }, call)).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining("2 nodes"),
    });
  });

  it("keeps others from a PUBLIC program", async () => {
    const { anrfId, digest } = await registry.putAnrf(
      { artifact: artifactOf(PROGRAM), visibility: Visibility.PUBLIC },
      call,
    );
    const other = await system.newCall();
    const edits = [{ target: range("x * 2"), text: "x + x" }];
    await expect(registry.patchAnrf({ anrfId, baseDigest: digest, edits }, other)).rejects.toMatchObject({
      code: 7,
    });
  });
});
