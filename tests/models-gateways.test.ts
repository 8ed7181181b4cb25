import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import { findTool } from "../scripts/tools.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { tinyModel } from "./gguf.ts";
import { GATEWAYS, type Gateway } from "./parity/ways.ts";
import { restClient } from "./rest.ts";
import { type Protocol, wireTo } from "./wire.ts";

const { importModel, uploadBlobPart } = ModelService.method;
const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";
const PROTOCOLS: readonly Protocol[] = ["grpc", "grpc-web", "connect"];

let world: Gateways;
beforeAll(async () => {
  world = await startGateways({});
}, 240_000);
afterAll(() => world?.[Symbol.asyncDispose]());

const PIECE = 4 * 1024 * 1024;
let seed = 900;

describe(`a model of several pieces${reason}`, { timeout: 120_000 }, () => {
  const ways = gateways.flatMap((gateway) => PROTOCOLS.map((protocol) => ({ gateway, protocol })));

  it.each(ways)("goes through $gateway over $protocol in pieces of 4 MiB", async ({ gateway, protocol }) => {
    const bytes = tinyModel({ seed: seed++, vocabulary: 20_000 });
    expect(bytes.length).toBeGreaterThan(PIECE);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const whole = { uploadId: randomUUID(), sha256, size: BigInt(bytes.length) };
    await using wire = wireTo(world.urls[gateway] ?? "", protocol, world.key);
    let reached = await wire.unary(uploadBlobPart, whole);
    while (!reached.complete) {
      const at = Number(reached.offset);
      const data = bytes.subarray(at, at + PIECE);
      reached = await wire.unary(uploadBlobPart, { ...whole, offset: reached.offset, data });
    }
    const name = `m-${gateway}-${protocol}`;
    const files = [{ path: "m.gguf", size: whole.size, sha256 }];
    expect(await wire.unary(importModel, { name, files })).toMatchObject({ name, version: 1 });
  });

  it.each(gateways)("goes through %s over REST in smaller ones", async (gateway) => {
    const bytes = tinyModel({ seed: seed++, vocabulary: 2_000 });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const whole = { uploadId: randomUUID(), sha256, size: String(bytes.length) };
    const rest = restClient(world.urls[gateway] ?? "", world.key);
    for (let at = 0; at < bytes.length; at += 600_000) {
      const data = Buffer.from(bytes.subarray(at, at + 600_000)).toString("base64");
      const { status, body } = await rest.post("/v1/blobs:upload", { ...whole, offset: String(at), data });
      expect({ status, body }).toMatchObject({ status: 200 });
    }
    const done = await rest.post("/v1/models:import", {
      name: `rest-${gateway}`,
      files: [{ path: "m.gguf", size: whole.size, sha256 }],
    });
    expect(done.body).toMatchObject({ name: `rest-${gateway}`, version: 1, signatureState: "UNSIGNED" });
    const { body } = await rest.get(`/v1/models/rest-${gateway}/aliases/default`);
    expect(body).toMatchObject({ version: 1, format: "gguf", digest: done.body["digest"] });
  });
});
