import { create, fromBinary, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArtifact } from "#anrf/program/artifact.ts";
import { CheckResult_Status } from "#gen/anrf/api/v1/check_result_pb.ts";
import { ArtifactSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import {
  CheckProgramRequestSchema,
  VerificationService,
} from "#gen/anrf/verification/v1/verification_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import type { Sandbox } from "#platform/sandbox/pool.ts";
import { SandboxError } from "#platform/sandbox/sandbox-error.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { artifactOf } from "../../tests/programs.ts";
import { target as registryTarget } from "../registry/target.ts";
import { checkProgram } from "./check-program.ts";
import { run } from "./job.ts";
import { target } from "./target.ts";

const { PASS, FAIL } = CheckResult_Status;
const numberOf = (value: number) => ({ kind: { case: "numberValue" as const, value } });
const listOf = (...values: number[]) => ({
  kind: { case: "listValue" as const, value: { values: values.map(numberOf) } },
});
type More = Pick<
  Exclude<MessageInitShape<typeof CheckProgramRequestSchema>, Message>,
  "signature" | "examples"
>;

let system: TestHost;
let client: Client<typeof VerificationService>;
let call: Call;

beforeAll(async () => {
  system = await startTestHost([registryTarget, target]);
  client = system.host.client(VerificationService, "edge");
  call = await system.newCall();
});
afterAll(() => system[Symbol.asyncDispose]());

const check = (text: string, more: More = {}) =>
  client.checkProgram({ source: { case: "text", value: text }, ...more }, call);
const codes = (answer: Awaited<ReturnType<typeof check>>) => answer.diagnostics.map((one) => one.code);

describe("CheckProgram", () => {
  it("gives canonical text, digest and file of a program, and what came of its examples", async () => {
    const text = "fn twice(x: int) -> int\n  example (2) -> 4\n{ return x*2; }";
    const answer = await check(text);
    expect(answer.ok).toBe(true);
    expect(codes(answer)).toEqual(["P50"]);
    expect(answer.text).toBe("anrf 1\n\nfn twice(x: int) -> int\n  example (2) -> 4\n{\n  x * 2\n}\n");
    const { document } = readArtifact(answer.artifact ?? new Uint8Array());
    expect(document?.digest).toBe(answer.digest);
    expect(document?.spec.examples).toHaveLength(1);
    expect(answer.results.map((one) => [one.check, one.status])).toEqual([["examples", PASS]]);
    expect(answer.firstFailure).toBeUndefined();
  });

  it("tells everything that is wrong at once, with places and patches", async () => {
    const answer = await check(
      "fn a(x: int) -> int { x + totl }\nfn b(total: int) -> float { a(totl) }\nfn c( {",
    );
    expect(answer).toMatchObject({ ok: false, text: "", digest: "", results: [] });
    expect(answer.artifact).toBeUndefined();
    expect(answer.diagnostics.map((one) => [one.code, one.range?.line, one.range?.column])).toEqual([
      ["P10", 1, 27],
      ["P10", 2, 31],
      ["P06", 3, 7],
    ]);
    expect(answer.diagnostics[1]?.fixes[0]?.edits[0]?.text).toBe("total");
  });

  it("runs the examples of the program and of the request, and shows the first that fails", async () => {
    const text = "fn twice(x: int) -> int\n  example (2) -> 4\n  example (3) -> 7\n{ x * 2 }";
    const answer = await check(text, {
      examples: [{ inputs: listOf(5), expected: { case: "output", value: numberOf(11) } }],
    });
    expect(answer.ok).toBe(false);
    expect(answer.results[0]?.obligations.map((one) => one.status)).toEqual([PASS, FAIL, FAIL]);
    expect(answer.diagnostics.map((one) => [one.code, one.range?.line])).toEqual([
      ["V21", 3],
      ["V21", undefined],
    ]);
    expect(answer.diagnostics[0]?.fixes[0]?.edits[0]?.text).toBe("6");
    expect(answer.firstFailure?.expected).toMatchObject({ case: "output", value: { kind: { value: 6 } } });
    // The file keeps the examples of the program alone.
    const { document } = readArtifact(answer.artifact ?? new Uint8Array());
    expect(document?.spec.examples).toHaveLength(2);
  });

  it("holds the entry against a signature", async () => {
    const text = "fn f(x: int) -> int { x }";
    const wanted = (type: string) => ({ signature: { params: [{ name: "n", type }], returns: "int" } });
    expect((await check(text, wanted("int"))).ok).toBe(true);
    const answer = await check(text, wanted(" list<int>"));
    expect(codes(answer)).toEqual(["P28"]);
    expect(answer.diagnostics[0]?.message).toContain("(list<int>) -> int was asked for");
  });

  it("checks a file by the same rules", async () => {
    const file = artifactOf("fn f(x: int) -> int\n  example (1) -> 2\n{ x }");
    const source = { case: "artifact" as const, value: file };
    const answer = await client.checkProgram({ source }, call);
    expect(codes(answer)).toEqual(["V21"]);
    expect(answer.text).toContain("example (1) -> 2");
    expect(answer.artifact).toEqual(file);
    const damaged = { case: "artifact" as const, value: file.subarray(0, 40) };
    await expect(client.checkProgram({ source: damaged }, call)).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining("artifact"),
    });
    const other = fromBinary(ArtifactSchema, file);
    expect(other.header?.producer).toBe("test");
  });

  it("reads a function of Python, with the types of a signature or of examples", async () => {
    const python = (value: string, more: More = {}) =>
      client.checkProgram({ source: { case: "python", value }, ...more }, call);
    const total = "def total(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t\n";
    const signature = { params: [{ name: "xs", type: "list<int>" }], returns: "int" };
    const typed = await python(total, { signature });
    expect(typed).toMatchObject({ ok: true, diagnostics: [] });
    expect(typed.text).toContain("fn total(xs: list<int>) -> int");
    const inputs = { kind: { case: "listValue" as const, value: { values: [listOf(1, 2)] } } };
    const examples = [{ inputs, expected: { case: "output" as const, value: numberOf(4) } }];
    const wrong = await python(total, { examples });
    expect(codes(wrong)).toEqual(["V21"]);
    const refused = await python("def f(x: int) -> int:\n    print(x)\n    return x\n");
    expect(refused.ok).toBe(false);
    expect(refused.diagnostics.map((one) => [one.code, one.range?.line, one.range?.column])).toEqual([
      ["P29", 2, 5],
    ]);
  });

  it("reads a function of TypeScript", async () => {
    const value = "function total(xs: string[]): string {\n  return xs.map((x) => x.trim()).join(', ');\n}\n";
    const answer = await client.checkProgram({ source: { case: "typescript", value } }, call);
    expect(answer.diagnostics.filter((one) => one.severity === DiagnosticSeverity.ERROR)).toEqual([]);
    expect(answer.ok).toBe(true);
    expect(answer.text).toContain("fn total(xs: list<string>) -> string");
    const broken = { case: "typescript" as const, value: "function f(x: number): number { return x +; }" };
    expect(codes(await client.checkProgram({ source: broken }, call))).toEqual(["P29"]);
  });

  it("refuses examples that do not fit, and requests without a source", async () => {
    const inputs = listOf(1, 2);
    const examples = [{ inputs, expected: { case: "output" as const, value: numberOf(1) } }];
    await expect(check("fn f(x: int) -> int { x }", { examples })).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining("examples[0].inputs"),
    });
    await expect(client.checkProgram({}, call)).rejects.toMatchObject({ code: 3 });
  });

  it("ends a program that does not end", async () => {
    const text = "fn f(n: int) -> int\n  example (1) -> 1\n{ loop i = 0 while n == n { i + 1 - 1 } }";
    const answer = await check(text);
    expect(answer.results[0]?.status).toBe(CheckResult_Status.WARN);
    expect(answer.ok).toBe(true);
  });

  it("tells all the rest where the examples spend the time", async () => {
    const kinds: string[] = [];
    // A sandbox in which whatever runs examples meets its end.
    const sandbox: Pick<Sandbox, "run"> = {
      run: async ({ kind, payload }) => {
        kinds.push(kind);
        if (kind === "check") throw new SandboxError("TIME", "the time of the job is spent");
        return run(kind, payload, { stopped: () => false, send: () => {}, receive: () => undefined });
      },
    };
    const text = "fn f(n: int) -> int\n  example (1) -> 1\n{ loop i = 0 while n == n { i + 1 - 1 } }";
    const request = create(CheckProgramRequestSchema, { source: { case: "text", value: text } });
    const answer = await checkProgram(request, { sandbox, wallMs: 5000 }, call);
    expect(kinds).toEqual(["check", "read"]);
    expect(answer).toMatchObject({
      ok: true,
      diagnostics: [],
      results: [{ status: CheckResult_Status.WARN }],
    });
    expect(answer.results[0]?.details).toContain("5 s together");
    expect(answer.digest).toMatch(/^anrf1:/);
  });

  it("needs the scope of verification", async () => {
    const other = { ...call, client: { ...call.client, scopes: new Set<never>() } };
    await expect(
      client.checkProgram({ source: { case: "text", value: "fn f() -> int { 1 }" } }, other),
    ).rejects.toMatchObject({ code: 7 });
  });
});
