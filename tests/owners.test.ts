import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { Feedback_Kind, FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import { RegistryService, Visibility } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { PUBLIC_SERVICES } from "../services/edge/public.ts";
import { artifactOf } from "./programs.ts";
import { type System, startSystem } from "./system.ts";
import { type Wire, WireFailure } from "./wire.ts";

const auth = AuthService.method;
const execution = ExecutionService.method;
const feedback = FeedbackService.method;
const generation = GenerationService.method;
const intent = IntentService.method;
const models = ModelService.method;
const registry = RegistryService.method;
const verification = VerificationService.method;

/** A client with one of everything. */
interface Owner {
  readonly wire: Wire;
  readonly clientId: string;
  readonly keyId: string;
  readonly anrfId: string;
  readonly executionId: string;
  readonly verificationId: string;
  readonly analysisId: string;
  readonly generationId: string;
  readonly contextId: string;
  readonly feedbackId: string;
  readonly model: string;
}

let system: System;
let ours: Owner;
let theirs: Owner;

beforeAll(async () => {
  system = await startSystem();
  ours = await makeOwner("ours");
  theirs = await makeOwner("theirs");
}, 120_000);
afterAll(() => system?.[Symbol.asyncDispose]());

async function makeOwner(name: string): Promise<Owner> {
  const all = Object.values(Scope).filter(
    (scope) => scope !== Scope.SCOPE_UNSPECIFIED && scope !== Scope.ADMIN && scope !== Scope.ANY_KEY,
  );
  const { key, keyId, clientId } = await system.newKey({ newClient: name, scopes: all });
  const wire = system.wire("grpc", key);
  const { anrfId } = await wire.unary(registry.putAnrf, {
    artifact: artifactOf(`fn ${name}(x: int) -> int { x + x }`),
  });
  const { executionId } = await wire.unary(execution.execute, { anrfId, inputs: listOf(1) });
  const { verificationId } = await wire.unary(verification.verify, { anrfId });
  const { analysisId } = await wire.unary(intent.analyzeIntent, {
    inputText: `double a number, says ${name}`,
    signature: { params: [{ name: "n", type: "int" }], returns: "int" },
    examples: [1, 7].map((n) => ({
      inputs: listOf(n),
      expected: { case: "output" as const, value: number(2 * n) },
    })),
  });
  const { generationId } = await wire.unary(generation.generate, { analysisId, profile: 1 });
  const { context } = await wire.unary(feedback.createContext, { module: "billing", content: { doc: name } });
  const kind = Feedback_Kind.THUMB_UP;
  const said = await wire.unary(feedback.createFeedback, { anrfId, version: 1, kind });
  const model = `model-of-${name}`;
  await wire.unary(models.importModel, { name: model, manifest: REMOTE_MODEL });
  const ids = { anrfId, model, executionId, verificationId, analysisId, generationId };
  const contextId = context?.contextId ?? "";
  return { wire, clientId, keyId, ...ids, contextId, feedbackId: said.feedback?.feedbackId ?? "" };
}

/** A model that another server runs: a manifest without files. */
const REMOTE_MODEL = new TextEncoder().encode('{"format":"remote","card":{"remoteName":"some-model"}}');

const number = (value: number) => ({ kind: { case: "numberValue" as const, value } });
const listOf = (value: number) => ({
  kind: { case: "listValue" as const, value: { values: [number(value)] } },
});

/** Asks as the other client would; ends with what it got, or throws. */
type Ask = (by: Wire, of: Owner) => Promise<unknown>;
/** What one client may do with what belongs to the other. */
type Rule =
  | { readonly notFound: Ask }
  /** What it lists: ids, of which none may be the other's, and some are its own. */
  | { readonly lists: (by: Wire) => Promise<readonly string[]>; readonly own: (owner: Owner) => string }
  /** It takes no id: what it answers is the caller's. */
  | { readonly self: (by: Wire, owner: Owner) => Promise<void> }
  | { readonly refused: Ask }
  /** All read it, its owner alone writes it. */
  | { readonly notOwner: Ask };

const notFound = (ask: Ask): Rule => ({ notFound: ask });

/** What one client reads of the other is the other's, and said to be so. */
const shared = (ask: (by: Wire, of: Owner) => Promise<void>): Rule => ({
  self: (by, owner) => ask(by, owner === ours ? theirs : ours),
});

/** Every RPC of the contract has its line here. */
const RULES: Readonly<Record<string, Rule>> = {
  "AuthService/CreateApiKey": {
    refused: (by, of) => by.unary(auth.createApiKey, { name: "a key of theirs", clientId: of.clientId }),
  },
  "AuthService/ListApiKeys": { refused: (by, of) => by.unary(auth.listApiKeys, { clientId: of.clientId }) },
  "AuthService/RevokeApiKey": { refused: (by, of) => by.unary(auth.revokeApiKey, { keyId: of.keyId }) },
  "AuthService/GetSelf": {
    self: async (by, owner) => {
      expect(await by.unary(auth.getSelf, {})).toMatchObject({
        clientId: owner.clientId,
        keyId: owner.keyId,
      });
    },
  },
  "ExecutionService/Execute": notFound((by, { anrfId }) =>
    by.unary(execution.execute, { anrfId, inputs: listOf(1) }),
  ),
  "ExecutionService/GetExecution": notFound((by, { executionId }) =>
    by.unary(execution.getExecution, { executionId }),
  ),
  "ExecutionService/ListExecutions": {
    lists: async (by) =>
      (await by.unary(execution.listExecutions, {})).executions.map((one) => one.executionId),
    own: (owner) => owner.executionId,
  },
  "FeedbackService/CreateContext": {
    // Names are each client's own: the same one is free for both.
    self: async (by) => {
      const { context } = await by.unary(feedback.createContext, { module: "m", function: "f", content: {} });
      expect(context?.module).toBe("m");
    },
  },
  "FeedbackService/ListContexts": {
    lists: async (by) => (await by.unary(feedback.listContexts, {})).contexts.map((one) => one.contextId),
    own: (owner) => owner.contextId,
  },
  "FeedbackService/GetContext": notFound((by, { contextId }) => by.unary(feedback.getContext, { contextId })),
  "FeedbackService/UpdateContext": notFound((by, { contextId }) =>
    by.unary(feedback.updateContext, { contextId, content: { doc: "mine now" } }),
  ),
  "FeedbackService/DeleteContext": notFound((by, { contextId }) =>
    by.unary(feedback.deleteContext, { contextId }),
  ),
  "FeedbackService/CreateFeedback": notFound((by, { anrfId }) =>
    by.unary(feedback.createFeedback, { anrfId, version: 1, kind: Feedback_Kind.THUMB_DOWN }),
  ),
  "FeedbackService/ListFeedback": {
    lists: async (by) => (await by.unary(feedback.listFeedback, {})).feedback.map((one) => one.feedbackId),
    own: (owner) => owner.feedbackId,
  },
  "FeedbackService/GetFeedback": notFound((by, { feedbackId }) =>
    by.unary(feedback.getFeedback, { feedbackId }),
  ),
  "GenerationService/Generate": notFound((by, { analysisId }) =>
    by.unary(generation.generate, { profile: 1, validateOnly: true, analysisId }),
  ),
  "GenerationService/GenerateStream": notFound((by, { analysisId }) =>
    drained(by.stream(generation.generateStream, { profile: 1, analysisId })),
  ),
  "GenerationService/WatchGeneration": notFound((by, { generationId }) =>
    drained(by.stream(generation.watchGeneration, { generationId })),
  ),
  "GenerationService/CancelGeneration": notFound((by, { generationId }) =>
    by.unary(generation.cancelGeneration, { generationId }),
  ),
  "GenerationService/GetGeneration": notFound((by, { generationId }) =>
    by.unary(generation.getGeneration, { generationId }),
  ),
  "GenerationService/ListGenerations": {
    lists: async (by) =>
      (await by.unary(generation.listGenerations, {})).generations.map((one) => one.generationId),
    own: (owner) => owner.generationId,
  },
  "IntentService/AnalyzeIntent": {
    self: async (by, owner) => {
      // The stored context of the same name is each client's own.
      const context = { module: "billing", function: "" };
      const { analysisId } = await by.unary(intent.analyzeIntent, { inputText: "add a and b", context });
      const other = owner === ours ? theirs : ours;
      expect(await codeOf(other.wire.unary(intent.getIntent, { analysisId }))).toEqual([
        5,
        "RESOURCE_NOT_FOUND",
      ]);
    },
  },
  "IntentService/GetIntent": notFound((by, { analysisId }) => by.unary(intent.getIntent, { analysisId })),
  "IntentService/ListIntents": {
    lists: async (by) => (await by.unary(intent.listIntents, {})).intents.map((one) => one.analysisId),
    own: (owner) => owner.analysisId,
  },
  "ModelService/ImportModel": {
    notOwner: (by, { model }) => by.unary(models.importModel, { name: model, manifest: REMOTE_MODEL }),
  },
  "ModelService/UploadBlobPart": {
    self: async (by, owner) => {
      const part = { uploadId: crypto.randomUUID(), sha256: "0".repeat(64), size: 5n };
      await by.unary(models.uploadBlobPart, { ...part, data: Uint8Array.of(1, 2) });
      const other = owner === ours ? theirs : ours;
      expect(await codeOf(other.wire.unary(models.uploadBlobPart, part))).toEqual([3, "FIELD_INVALID"]);
      expect(await by.unary(models.uploadBlobPart, part)).toMatchObject({ offset: 2n });
    },
  },
  "ModelService/ListModels": shared(async (by, { model }) => {
    const { models: all } = await by.unary(models.listModels, {});
    expect(all.find(({ name }) => name === model)?.owned).toBe(false);
  }),
  "ModelService/GetModel": shared(async (by, { model }) => {
    expect((await by.unary(models.getModel, { name: model })).model?.owned).toBe(false);
  }),
  "ModelService/ListVersions": shared(async (by, { model }) => {
    expect((await by.unary(models.listVersions, { name: model })).versions).toHaveLength(1);
  }),
  "ModelService/GetVersion": shared(async (by, { model }) => {
    expect((await by.unary(models.getVersion, { name: model })).version?.name).toBe(model);
  }),
  "ModelService/ResolveAlias": shared(async (by, { model }) => {
    expect((await by.unary(models.resolveAlias, { name: model, alias: "default" })).version).toBe(1);
  }),
  "ModelService/DeleteModelVersion": {
    notOwner: (by, { model }) => by.unary(models.deleteModelVersion, { name: model, version: 1 }),
  },
  "ModelService/SetAlias": {
    notOwner: (by, { model }) => by.unary(models.setAlias, { name: model, alias: "canary", version: 1 }),
  },
  "ModelService/DeleteAlias": {
    notOwner: (by, { model }) => by.unary(models.deleteAlias, { name: model, alias: "canary" }),
  },
  "RegistryService/PutAnrf": notFound((by, { anrfId }) =>
    by.unary(registry.putAnrf, { anrfId, artifact: artifactOf("fn theirs(x: int) -> int { x }") }),
  ),
  "RegistryService/PatchAnrf": notFound((by, { anrfId }) =>
    by.unary(registry.patchAnrf, {
      anrfId,
      baseDigest: `anrf1:${"0".repeat(64)}`,
      text: "fn theirs(x: int) -> int { x }",
    }),
  ),
  "RegistryService/GetAnrf": notFound((by, { anrfId }) => by.unary(registry.getAnrf, { anrfId })),
  "RegistryService/DownloadAnrf": notFound((by, { anrfId }) => by.unary(registry.downloadAnrf, { anrfId })),
  "RegistryService/ListAnrfs": {
    lists: async (by) => (await by.unary(registry.listAnrfs, {})).anrfs.map((one) => one.anrfId),
    own: (owner) => owner.anrfId,
  },
  "RegistryService/ListVersions": notFound((by, { anrfId }) => by.unary(registry.listVersions, { anrfId })),
  "RegistryService/DeleteAnrf": notFound((by, { anrfId }) => by.unary(registry.deleteAnrf, { anrfId })),
  "RegistryService/SetAnrfAlias": notFound((by, { anrfId }) =>
    by.unary(registry.setAnrfAlias, { anrfId, alias: "stable", version: 1 }),
  ),
  "VerificationService/Verify": notFound((by, { anrfId }) => by.unary(verification.verify, { anrfId })),
  "VerificationService/CheckProgram": {
    // It stores nothing and reads nothing that is stored.
    self: async (by) => {
      const source = { case: "text" as const, value: "fn f(x: int) -> int { x }" };
      expect(await by.unary(verification.checkProgram, { source })).toMatchObject({ ok: true });
    },
  },
  "VerificationService/GetVerification": notFound((by, { verificationId }) =>
    by.unary(verification.getVerification, { verificationId }),
  ),
  "ViewService/View": notFound((by, { anrfId }) => by.unary(ViewService.method.view, { anrfId })),
};

async function drained(events: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function codeOf(work: Promise<unknown>): Promise<readonly [number, string]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof WireFailure) return [error.code, error.reason];
    throw error;
  }
  return [0, ""];
}

const nameOf = (service: DescService, method: DescMethod): string => `${service.name}/${method.name}`;
const ALL = PUBLIC_SERVICES.flatMap((service) => service.methods.map((method) => nameOf(service, method)));

describe("two clients", () => {
  it("have a line here for every RPC of the contract, and for no other", () => {
    expect(Object.keys(RULES).sort()).toEqual([...ALL].sort());
  });

  it.each(ALL)("neither reaches the other's rows by %s", async (name) => {
    const rule = RULES[name];
    if (rule === undefined) throw new Error(`${name} has no line in this test`);
    for (const [by, of] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      if ("notFound" in rule) {
        expect(await codeOf(rule.notFound(by.wire, of))).toEqual([5, "RESOURCE_NOT_FOUND"]);
      } else if ("refused" in rule) {
        expect(await codeOf(rule.refused(by.wire, of))).toEqual([7, "SCOPE_MISSING"]);
      } else if ("notOwner" in rule) {
        expect(await codeOf(rule.notOwner(by.wire, of))).toEqual([7, "NOT_OWNER"]);
      } else if ("self" in rule) {
        await rule.self(by.wire, by);
      } else {
        const listed = await rule.lists(by.wire);
        expect(listed).toContain(rule.own(by));
        expect(listed).not.toContain(rule.own(of));
      }
    }
  });

  it("still have all that is theirs after the other tried", async () => {
    for (const owner of [ours, theirs]) {
      const { wire, anrfId, contextId, generationId } = owner;
      expect((await wire.unary(registry.getAnrf, { anrfId })).version).toBe(1);
      expect((await wire.unary(feedback.getContext, { contextId })).context?.content).toEqual({
        doc: owner === ours ? "ours" : "theirs",
      });
      expect((await wire.unary(generation.getGeneration, { generationId })).generation?.state).toBe(3);
    }
  });

  it("read a PUBLIC program of the other, and cannot write it", async () => {
    const artifact = artifactOf("fn shared(x: int) -> int { x + 1 }");
    const { anrfId } = await ours.wire.unary(registry.putAnrf, { artifact, visibility: Visibility.PUBLIC });
    const { wire } = theirs;
    expect(await wire.unary(registry.getAnrf, { anrfId })).toMatchObject({ name: "shared", owned: false });
    const ran = await wire.unary(execution.execute, { anrfId, inputs: listOf(1) });
    expect(ran.trap).toBeUndefined();
    for (const write of [
      () => wire.unary(registry.putAnrf, { anrfId, artifact }),
      () => wire.unary(registry.deleteAnrf, { anrfId }),
      () => wire.unary(registry.setAnrfAlias, { anrfId, alias: "stable", version: 1 }),
    ]) {
      expect(await codeOf(write())).toEqual([7, "NOT_OWNER"]);
    }
  });

  it("share no idempotency key", async () => {
    const request = { artifact: artifactOf("fn once(x: int) -> int { x }"), idempotencyKey: "the same" };
    const [first, again, other] = [
      await ours.wire.unary(registry.putAnrf, request),
      await ours.wire.unary(registry.putAnrf, request),
      await theirs.wire.unary(registry.putAnrf, request),
    ];
    expect(again.anrfId).toBe(first.anrfId);
    expect(other.anrfId).not.toBe(first.anrfId);
  });
});
