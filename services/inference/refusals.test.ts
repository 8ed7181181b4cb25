import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  InferenceService,
  Message_Role,
  NodeModel_State,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { blobKey, signatureKey } from "#platform/data/blobs.ts";
import type { ObjectStore } from "#platform/data/objects.ts";
import { reasonOf } from "#platform/rpc/error.ts";
import { tinyModel } from "../../tests/gguf.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { hear, TEST_TOPOLOGY } from "../../tests/infer.ts";
import { putManifest, putModel } from "../../tests/models.ts";
import { fetchFiles, readManifest } from "./fetch.ts";
import { target } from "./target.ts";

const trusted = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
let folder = "";
let keys = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-keys-"));
  keys = join(folder, "keys.pem");
  await writeFile(keys, trusted.publicKey.export({ type: "spki", format: "pem" }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (env: Readonly<Record<string, string>>): Promise<TestHost> =>
  startTestHost([target], env, TEST_TOPOLOGY);

/** How a small request for a model ends: "completed", or the reason of its error with the message. */
async function outcome(system: TestHost, modelDigest: string): Promise<string> {
  const inference = system.host.client(InferenceService, "generation");
  const request = { modelDigest, messages: [{ role: Message_Role.USER, text: "hi" }], maxTokens: 3 };
  const { error, events } = await hear(inference, request, await system.newCall());
  return error === undefined ? String(events.at(-1)?.event.case) : `${reasonOf(error)}: ${error.message}`;
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

async function fileOf(root: string, part: string): Promise<string> {
  const names = await readdir(root, { recursive: true });
  return join(root, names.find((name) => name.includes(part)) ?? "none");
}

describe("bytes that are not what their digests say", () => {
  it("in a stored file are refused, and nothing of them stays in the cache", async () => {
    await using system = await start({ ANRF_MODELS_UNSIGNED: "allow" });
    const bytes = tinyModel({ seed: 21 });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const digest = await putModel(system.objects, { "tiny.gguf": bytes });
    await flip(await fileOf(system.folder, sha256));
    expect(await outcome(system, digest)).toMatch(/^MODEL_REFUSED: .*SHA-256.*import the model again/);
    expect(await readdir(join(system.folder, "models"))).toEqual([]);
  });

  it("in a copy from before are replaced from the store", async () => {
    await using system = await start({ ANRF_MODELS_UNSIGNED: "allow", ANRF_INFERENCE_IDLE_SECONDS: "1" });
    const digest = await putModel(system.objects, { "tiny.gguf": tinyModel({ seed: 22 }) });
    expect(await outcome(system, digest)).toBe("completed");
    const [name] = await readdir(join(system.folder, "models"));
    const copy = join(system.folder, "models", name ?? "");
    const right = await readFile(copy);
    await flip(copy);
    await unloaded(system);
    expect(await outcome(system, digest)).toBe("completed");
    expect((await readFile(copy)).equals(right)).toBe(true);
  });

  it("in a manifest are refused", async () => {
    await using system = await start({ ANRF_MODELS_UNSIGNED: "allow" });
    const digest = await putModel(system.objects, { "tiny.gguf": tinyModel() });
    await flip(await fileOf(system.folder, digest.slice(7)));
    expect(await outcome(system, digest)).toMatch(/^MODEL_REFUSED: .*manifest does not match its digest/);
  });
});

describe("signatures", () => {
  const signed = async (system: TestHost, by: typeof trusted, seed: number): Promise<string> => {
    const digest = await putModel(system.objects, { "tiny.gguf": tinyModel({ seed }) });
    const manifest = await system.objects.get(blobKey(digest.slice(7)));
    await system.objects.create(signatureKey(digest.slice(7)), sign("sha256", manifest, by.privateKey));
    return digest;
  };

  it("by a trusted key let a model in; by another one, and none at all, do not", async () => {
    await using system = await start({ ANRF_MODELS_KEYS_FILE: keys });
    expect(await outcome(system, await signed(system, trusted, 31))).toBe("completed");
    expect(await outcome(system, await signed(system, stranger, 32))).toMatch(
      /^MODEL_REFUSED: .*none of the keys/,
    );
    const unsigned = await putModel(system.objects, { "tiny.gguf": tinyModel({ seed: 33 }) });
    expect(await outcome(system, unsigned)).toMatch(
      /^MODEL_REFUSED: .*not signed; sign it with `anrf model sign`/,
    );
  });

  it("that are wrong are refused also where unsigned models are let in", async () => {
    await using system = await start({ ANRF_MODELS_KEYS_FILE: keys, ANRF_MODELS_UNSIGNED: "allow" });
    expect(await outcome(system, await signed(system, stranger, 34))).toMatch(/^MODEL_REFUSED/);
    const unsigned = await putModel(system.objects, { "tiny.gguf": tinyModel({ seed: 35 }) });
    expect(await outcome(system, unsigned)).toBe("completed");
  });
});

describe("models that cannot be loaded", () => {
  it.each([
    [
      "no GGUF",
      () => new TextEncoder().encode("this is no model, whatever its name says"),
      /^MODEL_REFUSED: .*header/,
    ],
    [
      "a GGUF cut short",
      () => tinyModel().subarray(0, 200_000),
      /^MODEL_REFUSED: .*llama.cpp does not load it/,
    ],
    ["a format that is not run here", undefined, /^MODEL_REFUSED: .*format is tfjs/],
  ])("%s", async (_, bytes, wanted) => {
    await using system = await start({ ANRF_MODELS_UNSIGNED: "allow" });
    const digest =
      bytes === undefined
        ? await putManifest(system.objects, { format: "tfjs" })
        : await putModel(system.objects, { "bad.gguf": bytes() });
    expect(await outcome(system, digest)).toMatch(wanted);
    // It does not stand in the way of others.
    const good = await putModel(system.objects, { "tiny.gguf": tinyModel() });
    expect(await outcome(system, good)).toBe("completed");
  });

  it("larger than the memory that models may take", async () => {
    await using system = await start({
      ANRF_MODELS_UNSIGNED: "allow",
      ANRF_INFERENCE_MEMORY_MB: "400",
      ANRF_INFERENCE_CONTEXT_TOKENS: "65536",
    });
    // Small weights and a long context: 134 MB of keys and values for each of four requests.
    const settings = { contextTokens: 65_536, embedding: 256, keyValueHeads: 4 };
    const large = await putModel(system.objects, { "large.gguf": tinyModel(settings) });
    expect(await outcome(system, large)).toMatch(
      /^MODEL_TOO_LARGE: .*needs about \d+ MiB, and models may take 400; raise ANRF_INFERENCE_MEMORY_MB/,
    );
    const small = await putModel(system.objects, { "tiny.gguf": tinyModel() });
    expect(await outcome(system, small)).toBe("completed");
  });

  it("on a device that is not here", async () => {
    await using system = await start({ ANRF_MODELS_UNSIGNED: "allow", ANRF_INFERENCE_BACKEND: "vulkan" });
    const digest = await putModel(system.objects, { "tiny.gguf": tinyModel() });
    expect(await outcome(system, digest)).toMatch(
      /^ENGINE_UNAVAILABLE: .*no vulkan here: install the packages of services\/inference\/gpu, or set ANRF_INFERENCE_BACKEND=cpu/,
    );
  });

  it("whose manifest names a file outside of its folder", async () => {
    await using system = await start({ ANRF_MODELS_UNSIGNED: "allow" });
    const file = { path: "../../escape.gguf", size: 5n, sha256: "0".repeat(64) };
    const digest = await putManifest(system.objects, { format: "gguf", files: [file] });
    expect(await outcome(system, digest)).toMatch(/^MODEL_REFUSED: .*files\[0\].path of its manifest/);
  });

  it("whose files are not in the store", async () => {
    await using system = await start({ ANRF_MODELS_UNSIGNED: "allow" });
    const file = { path: "gone.gguf", size: 5n, sha256: "0".repeat(64) };
    const digest = await putManifest(system.objects, { format: "gguf", files: [file] });
    expect(await outcome(system, digest)).toMatch(/^MODEL_REFUSED: .*gone.gguf is not in the object store/);
  });

  it("for which the disk has no room", async () => {
    await using system = await start({});
    const digest = await putModel(system.objects, { "tiny.gguf": tinyModel() });
    const full: ObjectStore = {
      ...system.objects,
      read: async function* (key) {
        for await (const piece of system.objects.read(key)) yield piece.subarray(0, 1_000);
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      },
    };
    const cacheFolder = join(system.folder, "cache");
    const deps = { objects: full, cacheFolder, cacheBytes: 0, trust: { keys: [], allowUnsigned: true } };
    const manifest = await readManifest(digest, deps);
    const fetched = fetchFiles(digest, manifest, deps, () => {}, new AbortController().signal);
    await expect(fetched).rejects.toThrow(/the disk is full; free \d+ bytes, or set ANRF_INFERENCE_CACHE/);
    expect(await readdir(cacheFolder)).toEqual([]);
  });
});

it("the cache keeps the copies that were loaded last, within its limit, and nothing half copied", async () => {
  await using system = await startTestHost([], {});
  const cacheFolder = join(system.folder, "cache");
  const trust = { keys: [], allowUnsigned: true };
  // Two of them fit.
  const deps = { objects: system.objects, cacheFolder, cacheBytes: 700_000, trust };
  const bring = async (seed: number): Promise<string> => {
    const digest = await putModel(system.objects, { "tiny.gguf": tinyModel({ seed }) });
    const manifest = await readManifest(digest, deps);
    return fetchFiles(digest, manifest, deps, () => {}, new AbortController().signal);
  };
  const [first, second] = [await bring(81), await bring(82)];
  const old = new Date(Date.now() - 7_200_000);
  await utimes(second, old, old);
  await writeFile(`${first}.half`, "left by a process that was killed");
  await utimes(`${first}.half`, old, old);
  await bring(81);
  const third = await bring(83);
  expect((await readdir(cacheFolder)).sort()).toEqual([first, third].map((path) => basename(path)).sort());
});

describe("memory", () => {
  it("of an idle model is given to another one that needs it", async () => {
    await using system = await start({
      ANRF_MODELS_UNSIGNED: "allow",
      ANRF_INFERENCE_MEMORY_MB: "400",
      ANRF_INFERENCE_SLOTS: "1",
    });
    const models = [];
    for (const seed of [51, 52, 53]) {
      models.push(await putModel(system.objects, { "m.gguf": tinyModel({ vocabulary: 32_000, seed }) }));
    }
    for (const digest of [...models, ...models]) expect(await outcome(system, digest)).toBe("completed");
    const inference = system.host.client(InferenceService, "generation");
    const node = await inference.getNode({}, await system.newCall());
    expect(node.memoryUsed).toBeLessThanOrEqual(node.memoryLimit);
    expect(node.models.filter(({ process }) => process !== 0).length).toBeLessThan(3);
  });

  it("of a model that nobody uses is given back", async () => {
    await using system = await start({ ANRF_MODELS_UNSIGNED: "allow", ANRF_INFERENCE_IDLE_SECONDS: "1" });
    const digest = await putModel(system.objects, { "tiny.gguf": tinyModel() });
    expect(await outcome(system, digest)).toBe("completed");
    await unloaded(system);
    const inference = system.host.client(InferenceService, "generation");
    const { models, memoryUsed } = await inference.getNode({}, await system.newCall());
    expect(models[0]?.state).toBe(NodeModel_State.UNLOADED);
    expect(memoryUsed).toBe(0n);
    expect(await outcome(system, digest)).toBe("completed");
  });

  it("is taken at start by models that are named for it, and the node is ready when they are there", async () => {
    await using other = await start({ ANRF_MODELS_UNSIGNED: "allow" });
    const bytes = tinyModel({ seed: 91 });
    const digest = await putModel(other.objects, { "tiny.gguf": bytes });
    // Its digest is known before it is there: the same model stands in another store.
    await using system = await start({ ANRF_MODELS_UNSIGNED: "allow", ANRF_INFERENCE_PRELOAD: digest });
    const isReady = async (): Promise<boolean> => (await system.host.ready()).every(({ ok }) => ok);
    expect(await isReady()).toBe(false);
    expect(await putModel(system.objects, { "tiny.gguf": bytes })).toBe(digest);
    // Nobody asks for it.
    await expect.poll(isReady, { timeout: 30_000 }).toBe(true);
  });
});

async function unloaded(system: TestHost): Promise<void> {
  const inference = system.host.client(InferenceService, "generation");
  const call = await system.newCall();
  await expect
    .poll(async () => (await inference.getNode({}, call)).models.map(({ process }) => process), {
      timeout: 20_000,
    })
    .toEqual([0]);
}
