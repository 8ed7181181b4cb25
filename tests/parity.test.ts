import type { DescMethod, JsonObject } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTool } from "../scripts/tools.ts";
import { PUBLIC_SERVICES } from "../services/edge/public.ts";
import { lasting, normal } from "./parity/normal.ts";
import { SUCCESSES, type Success } from "./parity/rpcs.ts";
import { ask, GATEWAYS, type Outcome, type Way, wayName, waysTo } from "./parity/ways.ts";
import { makeWorld, type World } from "./parity/world.ts";

const hasEnvoy = (await findTool("envoy")) !== undefined;
const METHODS = PUBLIC_SERVICES.flatMap((service) => service.methods);
const nameOf = (method: DescMethod): string => `${method.parent.name}/${method.name}`;
const counted = { asked: 0, skipped: 0 };

let world: World;
beforeAll(async () => {
  world = await makeWorld();
}, 180_000);
afterAll(async () => {
  const missing = hasEnvoy ? "" : `; ${counted.skipped} rows skipped: ${world?.gateways.missing}`;
  process.stdout.write(`parity: ${counted.asked} successes of ${METHODS.length} RPCs${missing}\n`);
  await world?.[Symbol.asyncDispose]();
});

const TABLE = METHODS.map((method) => [nameOf(method), method] as const);

/** What the golden answers of the documented differences are instead; they have tests of their own. */
function isDifferent(method: DescMethod, way: Way): boolean {
  return method.name === "DownloadAnrf" && way.protocol === "connect-json";
}

/** Asks by each way through each gateway, one after another. */
async function everywhere(method: DescMethod, row: Success): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const way of waysTo(method)) {
    for (const gateway of GATEWAYS) {
      if (gateway === "envoy" && isDifferent(method, way)) continue;
      if (gateway === "envoy" && !hasEnvoy) {
        counted.skipped++;
        continue;
      }
      const how = { url: world.url(gateway), key: row.as(world).key };
      const request: JsonObject = await row.request(world);
      outcomes.set(`${gateway} ${wayName(way)}`, await ask(way, method, request, how));
      counted.asked++;
    }
  }
  return outcomes;
}

describe(`every RPC${hasEnvoy ? "" : " (the edge alone: there is no Envoy here)"}`, () => {
  it("has its success in the table, and no other has", () => {
    expect(Object.keys(SUCCESSES).sort()).toEqual(METHODS.map(nameOf).sort());
  });

  it.each(TABLE)("%s answers the same by every way", async (name, method) => {
    const row = SUCCESSES[name];
    if (row === undefined) throw new Error(`${name} has no line in the table`);
    const outcomes = await everywhere(method, row);
    const raw = method.name === "DownloadAnrf";
    let first: unknown;
    for (const [way, outcome] of outcomes) {
      expect({ way, code: outcome.code, message: outcome.message }).toEqual({ way, code: "OK", message: "" });
      expect([way, outcome.status ?? 200]).toEqual([way, 200]);
      expect([way, outcome.headers.get("x-request-id")]).toEqual([
        way,
        expect.stringMatching(/^[0-9a-f-]{36}$/),
      ]);
      if (raw && way.includes(" rest ")) continue;
      const answers = normal(lasting(outcome.answers), new Set(row.varies));
      first ??= answers;
      expect({ way, answers }).toEqual({ way, answers: first });
    }
  });
});
