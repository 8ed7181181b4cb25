import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Code } from "#platform/rpc/codes.ts";
import { findTool } from "../scripts/tools.ts";
import { findChromium, type OpenPage, openPage, servePage } from "./clients/browser.ts";
import { pause } from "./parity/doubles.ts";
import { GATEWAYS, type Gateway } from "./parity/ways.ts";
import { made, makeWorld, type World } from "./parity/world.ts";
import { type Json, objectAt } from "./rest.ts";

const chromium = await findChromium();
const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason =
  chromium === undefined
    ? " (skipped: there is no Chromium here)"
    : hasEnvoy
      ? ""
      : " (the edge alone: there is no Envoy here)";

interface Generated {
  readonly generationId: string;
  readonly names: readonly string[];
  readonly error: { readonly code: string; readonly reason: string };
}

describe.skipIf(chromium === undefined)(`a page in a browser${reason}`, () => {
  const stack = new AsyncDisposableStack();
  let world: World;
  let open: OpenPage;
  /** No program is found for it: it runs until it is stopped. */
  let endless = "";
  beforeAll(async () => {
    const { origin } = stack.use(await servePage());
    world = stack.use(
      await makeWorld({ env: { ANRF_EDGE_CORS_ORIGINS: origin }, settings: { corsOrigins: [origin] } }),
    );
    open = stack.use(await openPage(chromium ?? "", origin));
    const { analysisId } = await made(world.writer.rest, "/intent/analyze", {
      inputText: "",
      signature: { params: [{ name: "x", type: "int" }], returns: "int" },
      examples: [17, 4, 93, 58].map((x) => ({ inputs: { x }, output: (x * 7919 + 104_729) % 1009 })),
    });
    endless = String(analysisId);
  }, 180_000);
  afterAll(() => stack.disposeAsync());

  /** Calls a function of the page's script. */
  function call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    return open.page.evaluate<T>(
      `globalThis.page.${name}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`,
    );
  }

  const cases = gateways.flatMap((gateway) =>
    (["grpc-web", "connect"] as const).map((protocol) => ({ gateway, protocol })),
  );
  const asked = (gateway: Gateway, protocol: string, key: string) => ({
    baseUrl: world.url(gateway),
    key,
    protocol,
  });

  it.each(cases)("streams a generation by $protocol ($gateway)", async ({ gateway, protocol }) => {
    const { names, error } = await call<Generated>(
      "generate",
      asked(gateway, protocol, world.writer.key),
      world.ids.writerAnalysisId,
      20,
      "",
    );
    expect(error).toEqual({ code: "", reason: "" });
    expect([names[0], names.at(-1)]).toEqual(["started", "completed"]);
  });

  it.each(cases)("cancels one by $protocol ($gateway)", async ({ gateway, protocol }) => {
    const { generationId, names, error } = await call<Generated>(
      "generate",
      asked(gateway, protocol, world.writer.key),
      endless,
      60,
      "started",
    );
    expect([names, error.code]).toEqual([["started"], "Canceled"]);
    let generation: Json = {};
    for (
      const end = Date.now() + 15_000;
      Date.now() < end && generation["state"] !== "FAILED";
      await pause(100)
    ) {
      const { body } = await world.writer.rest.get(`/v1/generations/${generationId}`);
      generation = objectAt(body, "generation");
    }
    expect(generation).toMatchObject({ state: "FAILED", failure: { code: Code.CANCELLED } });
  });

  it.each(cases)("sees typed errors by $protocol ($gateway)", async ({ gateway, protocol }) => {
    const read = (key: string, id: string): Promise<unknown> =>
      call("read", asked(gateway, protocol, key), id);
    expect(await read(world.reader.key, world.ids.anrfId)).toEqual({
      name: "twice",
      error: { code: "", reason: "" },
    });
    const missing = await read(world.reader.key, world.ids.writerAnrfId);
    expect(missing).toEqual({ name: "", error: { code: "NotFound", reason: "RESOURCE_NOT_FOUND" } });
    const bad = await read(world.reader.key, "17");
    expect(bad).toEqual({ name: "", error: { code: "InvalidArgument", reason: "FIELD_INVALID" } });
    // What Envoy refuses by itself has a code and no details.
    const nobody = { code: "Unauthenticated", reason: gateway === "edge" ? "KEY_MISSING" : "" };
    expect(await read("", world.ids.anrfId)).toEqual({ name: "", error: nobody });
    const foreign = asked(gateway, protocol, world.reader.key);
    const { error, names } = await call<Generated>("generate", foreign, world.ids.writerAnalysisId, 5, "");
    expect([error, names]).toEqual([{ code: "NotFound", reason: "RESOURCE_NOT_FOUND" }, []]);
  });
});
