import type { JsonObject } from "@bufbuild/protobuf";
import { restClient } from "../rest.ts";
import { BOUND, fileOf, INTENT, made, newOwner, type Owner, REMOTE_MODEL, type World } from "./world.ts";

/** One success of an RPC: who asks, and what; a request that can be sent once is made anew for each way. */
export interface Success {
  readonly as: (world: World) => Pick<Owner, "key">;
  readonly request: (world: World) => JsonObject | Promise<JsonObject>;
  /** Fields of the answer, by name at any depth, that differ from run to run. */
  readonly varies?: readonly string[];
}

const reads = (request: Success["request"], varies: readonly string[] = []): Success => ({
  as: (world) => world.reader,
  request,
  varies,
});
const writes = (request: Success["request"], varies: readonly string[] = []): Success => ({
  as: (world) => world.writer,
  request,
  varies,
});
const admin = (request: Success["request"], varies: readonly string[] = []): Success => ({
  as: (world) => world.gateways,
  request,
  varies,
});

async function newContext(world: World): Promise<{ readonly contextId: string; readonly etag: string }> {
  const { context } = await made(world.writer.rest, "/v1/contexts", { function: fresh("f"), content: {} });
  return context as { readonly contextId: string; readonly etag: string };
}

async function newModel({ writer }: World): Promise<string> {
  const name = fresh("model");
  await made(writer.rest, "/v1/models:import", { name, manifest: REMOTE_MODEL });
  return name;
}

let count = 0;
const fresh = (word: string): string => `${word}${++count}`;

/** Each RPC of the contract by service and name; a new one has to get its line here. */
export const SUCCESSES: Readonly<Record<string, Success>> = {
  "AuthService/CreateApiKey": admin(() => ({
    name: "one more",
    scopes: ["VIEW", "EXECUTE"],
    tier: "BASIC",
    limits: { fuelPerDay: "9007199254740993" },
  })),
  "AuthService/ListApiKeys": admin(({ reader }) => ({ clientId: reader.clientId }), ["lastUsedTime"]),
  "AuthService/RevokeApiKey": admin(async ({ gateways }) => {
    const { keyId } = await newOwner(gateways, restClient(gateways.urls.edge, gateways.key), "revoked");
    return { keyId };
  }),
  "AuthService/GetSelf": reads(() => ({})),
  "ExecutionService/Execute": reads(({ ids }) => ({ anrfId: ids.anrfId, inputs: { x: 21 } })),
  "ExecutionService/GetExecution": reads(({ ids }) => ({ executionId: ids.executionId })),
  "ExecutionService/ListExecutions": reads(
    ({ ids }) => ({ anrfId: ids.anrfId, pageSize: 1 }),
    ["inputsSha256"],
  ),
  "FeedbackService/CreateContext": writes(
    () => ({
      module: "m",
      function: fresh("f"),
      content: { doc: 'über "x"\n' },
    }),
    ["function"],
  ),
  "FeedbackService/ListContexts": reads(() => ({ module: "billing" })),
  "FeedbackService/GetContext": reads(({ ids }) => ({ contextId: ids.contextId })),
  "FeedbackService/UpdateContext": writes(
    async (world) => ({ contextId: (await newContext(world)).contextId, content: { doc: "new" } }),
    ["function"],
  ),
  "FeedbackService/DeleteContext": writes(async (world) =>
    newContext(world).then(({ contextId, etag }) => ({ contextId, etag })),
  ),
  "FeedbackService/CreateFeedback": writes(({ ids }) => ({
    anrfId: ids.writerAnrfId,
    version: 1,
    kind: "COMMENT",
    comment: 'it "works"\n100 %',
  })),
  "FeedbackService/ListFeedback": reads(({ ids }) => ({ anrfId: ids.anrfId })),
  "FeedbackService/GetFeedback": reads(({ ids }) => ({ feedbackId: ids.feedbackId })),
  "GenerationService/Generate": writes(({ ids }) => ({ analysisId: ids.writerAnalysisId, ...BOUND })),
  "GenerationService/GenerateStream": writes(({ ids }) => ({ analysisId: ids.writerAnalysisId, ...BOUND })),
  "GenerationService/WatchGeneration": reads(({ ids }) => ({
    generationId: ids.generationId,
    afterSequence: 1,
  })),
  "GenerationService/CancelGeneration": reads(({ ids }) => ({ generationId: ids.generationId })),
  "GenerationService/GetGeneration": reads(({ ids }) => ({ generationId: ids.generationId })),
  "GenerationService/ListGenerations": reads(() => ({ pageSize: 1 })),
  "IntentService/AnalyzeIntent": writes(() => INTENT),
  "IntentService/GetIntent": reads(({ ids }) => ({ analysisId: ids.analysisId })),
  "IntentService/ListIntents": reads(() => ({ pageSize: 5 })),
  "ModelService/ImportModel": writes(() => ({ name: fresh("model"), manifest: REMOTE_MODEL }), ["name"]),
  "ModelService/UploadBlobPart": writes(() => ({
    uploadId: crypto.randomUUID(),
    sha256: "0".repeat(64),
    size: "5",
    data: Buffer.from("abc").toString("base64"),
  })),
  "ModelService/ListModels": reads(() => ({ pageSize: 1 })),
  "ModelService/GetModel": reads(() => ({ name: "reader-model" })),
  "ModelService/ListVersions": reads(() => ({ name: "reader-model" })),
  "ModelService/GetVersion": reads(() => ({ name: "reader-model", version: 1 })),
  "ModelService/DeleteModelVersion": writes(async (world) => ({ name: await newModel(world), version: 1 })),
  "ModelService/SetAlias": writes(() => ({ name: "writer-model", alias: "canary", version: 1 })),
  "ModelService/DeleteAlias": writes(async (world) => {
    const name = await newModel(world);
    await made(world.writer.rest, `/v1/models/${name}/aliases`, { alias: "canary", version: 1 });
    return { name, alias: "canary" };
  }),
  "ModelService/ResolveAlias": reads(() => ({ name: "reader-model", alias: "default" })),
  "RegistryService/PutAnrf": writes(() => ({ artifact: fileOf("fn half(x: int) -> int { x // 2 }") })),
  "RegistryService/PatchAnrf": writes(async ({ writer }) => {
    const { anrfId, digest } = await made(writer.rest, "/v1/anrfs", {
      artifact: fileOf("fn third(x: int) -> int { x // 3 }"),
    });
    const edits = [{ range: { start: 41, end: 42 }, text: "4" }];
    return { anrfId: String(anrfId), baseDigest: String(digest), edits, dryRun: true };
  }),
  "RegistryService/GetAnrf": reads(({ ids }) => ({ anrfId: ids.anrfId, version: 1, view: "FULL" })),
  "RegistryService/DownloadAnrf": reads(({ ids }) => ({ anrfId: ids.anrfId, version: 1 })),
  "RegistryService/ListAnrfs": reads(() => ({ query: "twice", pageSize: 1 })),
  "RegistryService/ListVersions": reads(({ ids }) => ({ anrfId: ids.anrfId })),
  "RegistryService/DeleteAnrf": writes(async ({ writer }) => {
    const { anrfId } = await made(writer.rest, "/v1/anrfs", {
      artifact: fileOf("fn gone(x: int) -> int { x }"),
    });
    return { anrfId: String(anrfId) };
  }),
  "RegistryService/SetAnrfAlias": writes(({ ids }) => ({
    anrfId: ids.writerAnrfId,
    alias: "stable",
    version: 1,
  })),
  "VerificationService/Verify": writes(({ ids }) => ({
    anrfId: ids.writerAnrfId,
    checks: ["structure", "types"],
  })),
  "VerificationService/CheckProgram": reads(() => ({
    text: "fn half(x: int) -> int\n  example (4) -> 3\n{ len([x]) && x // 2 }\nfn f(x: int) -> int { half(x) + true }",
    examples: [{ inputs: { x: 4 }, output: 2 }],
  })),
  "VerificationService/GetVerification": reads(({ ids }) => ({ verificationId: ids.verificationId })),
  "ViewService/View": reads(({ ids }) => ({ anrfId: ids.anrfId, format: "text" })),
};
