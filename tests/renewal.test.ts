import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { findTool } from "../scripts/tools.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { doubles, Seen } from "./parity/doubles.ts";
import { sleep } from "./platform.ts";
import { type Wire, wireTo } from "./wire.ts";

const hasEnvoy = (await findTool("envoy")) !== undefined;
const NOBODY = "018f0000-0000-7000-8000-000000000000";

describe.skipIf(!hasEnvoy)(
  `Envoy renews its connections to services${hasEnvoy ? "" : " (skipped: there is no Envoy here)"}`,
  () => {
    let behind: Gateways;
    let wire: Wire;
    beforeAll(async () => {
      behind = await startGateways({ doubles: doubles(new Seen()), settings: { upstreamSeconds: 1 } });
      wire = wireTo(behind.urls.envoy ?? "", "grpc", behind.key);
    }, 180_000);
    afterAll(async () => {
      wire?.[Symbol.dispose]();
      await behind?.[Symbol.asyncDispose]();
    });

    /** So many times; an answer each, or the error. */
    async function callInTurn(times: number): Promise<readonly string[]> {
      const ends: string[] = [];
      for (let n = 0; n < times; n++) {
        const request = { anrfId: NOBODY, alias: "x" };
        const end = await wire.unary(RegistryService.method.getAnrf, request).then(() => "ok", String);
        ends.push(end);
      }
      return ends;
    }

    async function follow(): Promise<string> {
      let events = 0;
      try {
        for await (const _ of wire.stream(GenerationService.method.generateStream, { model: "ticks 40 100" }))
          events++;
        return `${events} events`;
      } catch (error) {
        return `${events} events, then ${String(error)}`;
      }
    }

    it("and nothing that runs over them, or begins meanwhile, is lost", async () => {
      const streams = Array.from({ length: 10 }, follow);
      const calls: string[] = [];
      const stop = Date.now() + 4_000;
      while (Date.now() < stop) {
        calls.push(...(await Promise.all(Array.from({ length: 30 }, () => callInTurn(3)))).flat());
        await sleep(20);
      }
      expect(await Promise.all(streams)).toEqual(streams.map(() => "41 events"));
      expect(calls.filter((end) => end !== "ok")).toEqual([]);
      const stats = await fetch(
        `${behind.envoyAdmin}/stats?filter=cluster.(registry|generation).upstream_cx_max_duration_reached`,
      );
      const renewed = (await stats.text()).trim().split("\n");
      expect(renewed.filter((line) => !/: 0$/.test(line))).toHaveLength(2);
    }, 60_000);
  },
);
