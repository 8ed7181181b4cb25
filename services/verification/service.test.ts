import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CheckResult_Status } from "#gen/anrf/api/v1/check_result_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { artifactOf } from "../../tests/programs.ts";
import { target as registryTarget } from "../registry/target.ts";
import { target } from "./target.ts";

const { PASS, FAIL, WARN } = CheckResult_Status;
const PROGRAMS = {
  right: "fn double(x: int) -> int\n  example (2) -> 4\n{ x + x }",
  wrong: "fn double(x: int) -> int\n  example (2) -> 5\n  example (0) -> 0\n{ x + x }",
  bare: "fn double(x: int) -> int { x + x }",
  slow: "fn spin(n: int) -> int\n  example (1) -> 1\n{ loop i = 0 while n == n { i + 1 - 1 } }",
};

let system: TestHost;
let verification: Client<typeof VerificationService>;
let call: Call;
const ids: Record<string, string> = {};

beforeAll(async () => {
  system = await startTestHost([registryTarget, target]);
  verification = system.host.client(VerificationService, "edge");
  const registry = system.host.client(RegistryService, "edge");
  call = await system.newCall();
  for (const [name, text] of Object.entries(PROGRAMS)) {
    ids[name] = (await registry.putAnrf({ artifact: artifactOf(text) }, call)).anrfId;
  }
});
afterAll(() => system[Symbol.asyncDispose]());

const verify = (name: keyof typeof PROGRAMS, checks: string[] = [], by: Call = call) =>
  verification.verify({ anrfId: ids[name] ?? "", checks }, by);

describe("Verify", () => {
  it.each([
    ["right", [PASS, PASS, PASS], PASS],
    ["wrong", [PASS, PASS, FAIL], FAIL],
    ["bare", [PASS, PASS, WARN], WARN],
    ["slow", [PASS, PASS, WARN], WARN],
  ] as const)("says of a program that is %s what each check found", async (name, statuses, verdict) => {
    const answer = await verify(name);
    expect(answer.results.map((one) => one.check)).toEqual(["structure", "types", "examples"]);
    expect(answer.results.map((one) => one.status)).toEqual(statuses);
    expect(answer.verdict).toBe(verdict);
  });

  it("shows what came out where an example fails", async () => {
    const { results } = await verify("wrong", ["examples"]);
    const failed = results[0]?.obligations.find((one) => one.status === FAIL);
    expect(failed?.counterexample?.expected).toMatchObject({ case: "output", value: { kind: { value: 4 } } });
  });

  it("takes names repeated, or as one list with commas", async () => {
    const names = async (checks: string[]) => (await verify("right", checks)).results.map((one) => one.check);
    expect(await names(["types", "structure"])).toEqual(["structure", "types"]);
    expect(await names(["types, examples"])).toEqual(["types", "examples"]);
    await expect(verify("right", ["magic"])).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining("structure, types, examples"),
    });
  });

  it("keeps its results, for its own client alone", async () => {
    const answer = await verify("wrong");
    const { verification: kept } = await verification.getVerification(
      { verificationId: answer.verificationId },
      call,
    );
    expect(kept?.results).toEqual(answer.results);
    expect(kept?.verdict).toBe(FAIL);
    const other = await system.newCall();
    const foreign = verification.getVerification({ verificationId: answer.verificationId }, other);
    await expect(foreign).rejects.toMatchObject({ code: 5 });
    await expect(verify("right", [], other)).rejects.toMatchObject({ code: 5 });
  });
});
