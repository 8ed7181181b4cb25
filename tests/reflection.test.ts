import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { PUBLIC_SERVICES } from "../services/edge/public.ts";
import { type System, startSystem } from "./system.ts";

const BUF = join(import.meta.dirname, "../node_modules/.bin/buf");
const run = promisify(execFile);

let system: System;
let home = "";
let anrfId = "";

beforeAll(async () => {
  system = await startSystem();
  home = await mkdtemp(join(tmpdir(), "anrf-buf-"));
  anrfId = await system.put("fn twice(x: int) -> int { x + x }");
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** `buf curl` as a stranger to this project uses it: it knows no schema but what reflection tells. */
async function curl(protocol: string, ...args: readonly string[]): Promise<string> {
  const http = ["--http2-prior-knowledge", "--protocol", protocol];
  const headers = [`--header=x-api-key: ${system.key}`, `--reflect-header=x-api-key: ${system.key}`];
  const { stdout } = await run(BUF, ["curl", ...http, ...headers, ...args], {
    cwd: home,
    env: { ...process.env, HOME: home, BUF_CACHE_DIR: home },
  });
  return stdout;
}

interface BufDetail {
  readonly type: string;
  readonly value: string;
}

const PROTOCOLS = ["grpc", "grpcweb", "connect"] as const;

describe("reflection at the edge", () => {
  it("lists every public service, and what belongs to a server of gRPC", async () => {
    const listed = (await curl("grpc", "--list-services", system.url)).trim().split("\n");
    expect(listed).toEqual(expect.arrayContaining(PUBLIC_SERVICES.map(({ typeName }) => typeName)));
    expect(listed).toContain("grpc.health.v1.Health");
    expect(listed.filter((name) => name.startsWith("envoy."))).toEqual([]);
  });

  it("lists every method", async () => {
    const listed = (await curl("grpc", "--list-methods", system.url)).trim().split("\n");
    const all = PUBLIC_SERVICES.flatMap((service) =>
      service.methods.map((method) => `${service.typeName}/${method.name}`),
    );
    expect(listed).toEqual(expect.arrayContaining(all));
  });

  // One call a service; a service that is new to the contract has to get its own.
  const calls: Readonly<Record<string, () => readonly [method: string, request: object, answer: object]>> = {
    "anrf.auth.v1.AuthService": () => ["GetSelf", {}, { tier: "UNLIMITED" }],
    "anrf.execution.v1.ExecutionService": () => [
      "Execute",
      { anrf_id: anrfId, inputs: { x: 21 } },
      { output: { result: 42 }, engine: "INTERPRETER" },
    ],
    "anrf.feedback.v1.FeedbackService": () => ["ListContexts", { page_size: 1 }, {}],
    "anrf.generation.v1.GenerationService": () => ["ListGenerations", { page_size: 1 }, {}],
    "anrf.intent.v1.IntentService": () => [
      "AnalyzeIntent",
      {
        input_text: "add the two numbers",
        signature: { params: [{ name: "a", type: "int" }], returns: "int" },
      },
      { structuredIntent: { signature: { returns: "int" } } },
    ],
    "anrf.models.v1.ModelService": () => ["ListModels", { page_size: 1 }, {}],
    "anrf.registry.v1.RegistryService": () => ["GetAnrf", { anrf_id: anrfId }, { name: "twice", version: 1 }],
    "anrf.verification.v1.VerificationService": () => ["Verify", { anrf_id: anrfId }, { version: 1 }],
    "anrf.view.v1.ViewService": () => ["View", { anrf_id: anrfId }, { format: "pseudocode", version: 1 }],
  };

  describe.each(PROTOCOLS)("over %s", (protocol) => {
    it.each(PUBLIC_SERVICES.map(({ typeName }) => typeName))("buf curl calls %s", async (service) => {
      const call = calls[service];
      if (call === undefined) throw new Error(`no call of ${service} is written here`);
      const [method, request, answer] = call();
      const text = await curl(
        protocol,
        "--data",
        JSON.stringify(request),
        `${system.url}/${service}/${method}`,
      );
      expect(JSON.parse(text)).toMatchObject(answer);
    });

    it("an error comes with its code and details", async () => {
      const request = JSON.stringify({ anrf_id: "018f0000-0000-7000-8000-000000000000" });
      const url = `${system.url}/anrf.registry.v1.RegistryService/GetAnrf`;
      const failed = await curl(protocol, "--data", request, url).then(
        () => "",
        (error: { stderr: string }) => error.stderr,
      );
      const { code, details } = JSON.parse(failed) as { code: string; details: readonly BufDetail[] };
      expect(code).toBe("not_found");
      const info = details.find(({ type }) => type === "google.rpc.ErrorInfo");
      const { reason } = fromBinary(ErrorInfoSchema, Buffer.from(info?.value ?? "", "base64"));
      expect(reason).toBe("RESOURCE_NOT_FOUND");
    });
  });

  it("follows a generation to its last event", async () => {
    const intent = { signature: { params: [{ name: "a", type: "int" }], returns: "int" } };
    const analysis = {
      input_text: "double the number",
      ...intent,
      examples: [
        { inputs: { a: 2 }, output: 4 },
        { inputs: { a: 5 }, output: 10 },
      ],
    };
    const analyzed = await curl(
      "grpc",
      "--data",
      JSON.stringify(analysis),
      `${system.url}/anrf.intent.v1.IntentService/AnalyzeIntent`,
    );
    const { analysisId } = JSON.parse(analyzed) as { readonly analysisId: string };
    const request = JSON.stringify({ analysis_id: analysisId, profile: "QUICK" });
    for (const protocol of PROTOCOLS) {
      const url = `${system.url}/anrf.generation.v1.GenerationService/GenerateStream`;
      const text = await curl(protocol, "--data", request, url);
      const last =
        text
          .trimEnd()
          .split(/\n(?=\{)/)
          .at(-1) ?? "";
      expect(JSON.parse(last)).toMatchObject({ completed: { outcome: "ACCEPTED" } });
    }
  });
});
