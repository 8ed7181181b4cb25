import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { artifactOf } from "../../tests/programs.ts";
import { target as registryTarget } from "../registry/target.ts";
import { target } from "./target.ts";

const TEXT = `anrf 1

# Adds the even numbers.
fn sum_even(xs: list<int>) -> int
  example ([1, 2, 4]) -> 6
{
  xs.filter((x) => x % 2 == 0).sum()
}
`;

let system: TestHost;
let views: Client<typeof ViewService>;
let call: Call;
let anrfId: string;

beforeAll(async () => {
  system = await startTestHost([registryTarget, target]);
  views = system.host.client(ViewService, "edge");
  call = await system.newCall();
  anrfId = (await system.host.client(RegistryService, "edge").putAnrf({ artifact: artifactOf(TEXT) }, call))
    .anrfId;
});
afterAll(() => system[Symbol.asyncDispose]());

describe("View", () => {
  it("shows pseudocode unless another format is asked for", async () => {
    const answer = await views.view({ anrfId }, call);
    expect(answer).toMatchObject({ format: "pseudocode", version: 1 });
    expect(answer.content).toContain("even");
  });

  it("gives back the canonical text", async () => {
    expect((await views.view({ anrfId, format: "text" }, call)).content).toBe(TEXT);
  });

  it.each(["structure", "typescript", "python", "graph", "json"])("shows %s", async (format) => {
    const answer = await views.view({ anrfId, format }, call);
    expect(answer.content).toMatch(/sum_even/);
    expect(answer.format).toBe(format);
    if (format === "json") expect(() => JSON.parse(answer.content)).not.toThrow();
  });

  it("refuses a format that there is not, and a program that is another's", async () => {
    await expect(views.view({ anrfId, format: "cobol" }, call)).rejects.toMatchObject({ code: 3 });
    await expect(views.view({ anrfId }, await system.newCall())).rejects.toMatchObject({ code: 5 });
    await expect(views.view({ anrfId, version: 4 }, call)).rejects.toMatchObject({ code: 11 });
  });
});
