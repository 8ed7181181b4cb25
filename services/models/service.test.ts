import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelService, SignatureState } from "#gen/anrf/models/v1/models_service_pb.ts";
import { blobKey } from "#platform/data/blobs.ts";
import { ObjectError } from "#platform/data/objects.ts";
import type { Call } from "#platform/rpc/call.ts";
import { RpcError, reasonOf } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { tinyModel, tinyModelParts } from "../../tests/gguf.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { readModelsConfig } from "./config.ts";
import { sweepTask } from "./sweep.ts";
import { target } from "./target.ts";
import { pieceKey, uploadPart } from "./upload.ts";

const trusted = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });

let folder = "";
let system: TestHost;
let models: Client<typeof ModelService>;
let call: Call;
let other: Call;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-keys-"));
  const keys = join(folder, "keys.pem");
  await writeFile(keys, trusted.publicKey.export({ type: "spki", format: "pem" }));
  system = await startTestHost([target], { ANRF_MODELS_KEYS_FILE: keys });
  models = system.host.client(ModelService, "edge");
  // Longer than all of this file may take.
  const deadline = Date.now() + 600_000;
  call = await system.newCall({ deadline });
  other = await system.newCall({ deadline });
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const reason = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof RpcError ? `${reasonOf(error)}: ${error.message}` : String(error)),
  );

/** Uploads bytes in pieces; answers with the last answer. */
async function upload(bytes: Uint8Array, pieceSize = 100_000, by = call) {
  const uploadId = randomUUID();
  const whole = { uploadId, sha256: sha(bytes), size: BigInt(bytes.length) };
  let reached = { offset: 0n, complete: false };
  while (!reached.complete) {
    const at = Number(reached.offset);
    const data = bytes.subarray(at, at + pieceSize);
    reached = await models.uploadBlobPart({ ...whole, offset: reached.offset, data }, by);
  }
  return reached;
}

const fileOf = (bytes: Uint8Array, path = "tiny.gguf") => ({
  path,
  size: BigInt(bytes.length),
  sha256: sha(bytes),
});

let count = 0;
/** Stores a model of its own. */
async function imported(seed: number, more: Parameters<typeof models.importModel>[0] = {}) {
  const bytes = tinyModel({ seed, license: "apache-2.0", chatTemplate: "{{'<|im_start|>'}}" });
  await upload(bytes);
  const name = `model-${++count}`;
  return models.importModel({ name, files: [fileOf(bytes)], ...more }, call);
}

describe("UploadBlobPart", () => {
  it("puts pieces together, and needs none of what is here", async () => {
    const bytes = tinyModel({ seed: 101 });
    expect(await upload(bytes)).toMatchObject({ complete: true, offset: BigInt(bytes.length) });
    expect(Buffer.compare(await system.objects.get(blobKey(sha(bytes))), bytes)).toBe(0);
    const again = { uploadId: randomUUID(), sha256: sha(bytes), size: BigInt(bytes.length) };
    expect(await models.uploadBlobPart(again, other)).toMatchObject({ complete: true });
    const left: string[] = [];
    for await (const key of system.objects.list("uploads/")) left.push(key);
    expect(left).toEqual([]);
  });

  it("goes on where it was, and takes a piece whose answer was lost twice", async () => {
    const bytes = tinyModel({ seed: 102 });
    const whole = { uploadId: randomUUID(), sha256: sha(bytes), size: BigInt(bytes.length) };
    const first = { ...whole, offset: 0n, data: bytes.subarray(0, 1_000) };
    expect(await models.uploadBlobPart(first, call)).toMatchObject({ offset: 1_000n, complete: false });
    expect(await models.uploadBlobPart(first, call)).toMatchObject({ offset: 1_000n, complete: false });
    expect(await models.uploadBlobPart(whole, call)).toMatchObject({ offset: 1_000n });
    const gap = models.uploadBlobPart({ ...whole, offset: 2_000n, data: bytes.subarray(0, 10) }, call);
    expect(await reason(gap)).toMatch(/^UPLOAD_OFFSET_OUT_OF_RANGE: .*at 1000: go on from there/);
    const rest = { ...whole, offset: 1_000n, data: bytes.subarray(1_000) };
    expect(await models.uploadBlobPart(rest, call)).toMatchObject({ complete: true });
  });

  it("goes on after a process died between a piece and its row", async () => {
    const bytes = tinyModel({ seed: 103 });
    const whole = { uploadId: randomUUID(), sha256: sha(bytes), size: BigInt(bytes.length) };
    await system.objects.create(pieceKey(whole.uploadId, 0n), bytes.subarray(0, 77));
    const first = { ...whole, offset: 0n, data: bytes.subarray(0, 1_000) };
    expect(await models.uploadBlobPart(first, call)).toMatchObject({ offset: 1_000n });
    const rest = { ...whole, offset: 1_000n, data: bytes.subarray(1_000) };
    expect(await models.uploadBlobPart(rest, call)).toMatchObject({ complete: true });
  });

  it("refuses a whole whose digest is wrong, and keeps nothing of it", async () => {
    const bytes = tinyModel({ seed: 104 });
    const damaged = bytes.slice();
    damaged[5_000] = (damaged[5_000] ?? 0) ^ 1;
    const request = { uploadId: randomUUID(), sha256: sha(bytes), size: BigInt(bytes.length), data: damaged };
    expect(await reason(models.uploadBlobPart(request, call))).toMatch(
      /^MODEL_UNREADABLE: .*upload it again/,
    );
    expect(await system.objects.has(blobKey(sha(bytes)))).toBe(false);
    expect(await system.objects.has(pieceKey(request.uploadId, 0n))).toBe(false);
    // The same upload can begin anew.
    expect(await models.uploadBlobPart({ ...request, data: bytes }, call)).toMatchObject({ complete: true });
  });

  it("is each client's own", async () => {
    const bytes = tinyModel({ seed: 105 });
    const request = {
      uploadId: randomUUID(),
      sha256: sha(bytes),
      size: BigInt(bytes.length),
      data: bytes.subarray(0, 10),
    };
    await models.uploadBlobPart(request, call);
    expect(await reason(models.uploadBlobPart(request, other))).toMatch(/belongs to another upload/);
  });

  it("says so when the disk is full, and goes on when it no longer is", async () => {
    const bytes = tinyModel({ seed: 106 });
    let isFull = true;
    const objects = {
      ...system.objects,
      create: async (key: string, data: Uint8Array): Promise<void> => {
        if (isFull) throw new ObjectError("FULL", key);
        await system.objects.create(key, data);
      },
    };
    const deps = { database: system.database, objects, trust: readModelsConfig({}).trust };
    const request = {
      $typeName: "anrf.models.v1.UploadBlobPartRequest" as const,
      uploadId: randomUUID(),
      sha256: sha(bytes),
      size: BigInt(bytes.length),
      offset: 0n,
      data: bytes,
    };
    expect(await reason(uploadPart(request, deps, call))).toMatch(/^STORAGE_FULL: .*the disk is full/);
    isFull = false;
    expect(await uploadPart(request, deps, call)).toMatchObject({ complete: true });
  });
});

describe("ImportModel", () => {
  it("makes a manifest of the file's header, and keeps it byte for byte", async () => {
    const { name, version, digest, signatureState } = await imported(1);
    expect({ version, signatureState }).toEqual({ version: 1, signatureState: SignatureState.UNSIGNED });
    const got = await models.getVersion({ name }, other);
    expect(`sha256:${sha(got.manifest)}`).toBe(digest);
    expect(got.version?.manifest).toMatchObject({
      format: "gguf",
      architecture: "llama",
      tokenizer: "llama",
      quantization: "F16",
      contextTokens: 2_048,
      vocabulary: 512,
      card: { license: "Apache-2.0", notation: "python", chatFormat: "chatml" },
    });
    expect(got.version?.manifest?.parameters).toBe(139_584n);
    expect(sha(await system.objects.get(blobKey(digest.slice(7))))).toBe(digest.slice(7));
    expect(sha(await system.objects.get(`models/${name}/1/manifest.json`))).toBe(digest.slice(7));
  });

  it("numbers versions, and knows a manifest again", async () => {
    const first = await imported(2);
    const again = await imported(2, { name: first.name });
    expect(again).toMatchObject({ version: 1, digest: first.digest, existed: true });
    const next = await imported(3, { name: first.name });
    expect(next).toMatchObject({ version: 2, existed: false });
    const { versions } = await models.listVersions({ name: first.name }, other);
    expect(versions.map((one) => one.version)).toEqual([2, 1]);
    const page = await models.listVersions({ name: first.name, pageSize: 1 }, other);
    const rest = await models.listVersions(
      { name: first.name, pageSize: 1, pageToken: page.nextPageToken },
      other,
    );
    expect(rest.versions.map((one) => one.version)).toEqual([1]);
  });

  it("gives a repeat with the same key the first answer", async () => {
    const bytes = tinyModel({ seed: 4 });
    await upload(bytes);
    const request = { name: "keyed", files: [fileOf(bytes)], idempotencyKey: "k" };
    const first = await models.importModel(request, call);
    expect(await models.importModel(request, call)).toEqual(first);
    expect(await reason(models.importModel({ ...request, description: "x" }, call))).toMatch(/^IDEMPOTENCY/);
  });

  it("takes all parts of a split model, and no fewer", async () => {
    const parts = Object.entries(tinyModelParts({ seed: 5 }));
    for (const [, bytes] of parts) await upload(bytes);
    const files = parts.map(([path, bytes]) => fileOf(bytes, path));
    expect(await models.importModel({ name: "split", files }, call)).toMatchObject({ version: 1 });
    const few = models.importModel({ name: "split", files: files.slice(0, 1) }, call);
    expect(await reason(few)).toMatch(/^MODEL_UNREADABLE: .*split into 2 files, and 1 were given/);
  });

  it.each([
    [
      "no model",
      () => new TextEncoder().encode("hello, I am no model"),
      /^MODEL_UNREADABLE: .*begin with GGUF/,
    ],
    ["half a header", () => tinyModel().subarray(0, 900), /^MODEL_UNREADABLE: .*ends within its header/],
    ["another version", () => altered(tinyModel(), 4, 9), /^MODEL_UNREADABLE: .*version is 9/],
    ["a count beyond reason", () => altered(tinyModel(), 13, 99), /^MODEL_UNREADABLE: .*claims to have/],
  ])("refuses a file that is %s", async (_, make, wanted) => {
    const bytes = make();
    await upload(bytes);
    expect(await reason(models.importModel({ name: "bad", files: [fileOf(bytes)] }, call))).toMatch(wanted);
  });

  it("refuses what was not uploaded to its end", async () => {
    const bytes = tinyModel({ seed: 6 });
    const half = { uploadId: randomUUID(), sha256: sha(bytes), size: BigInt(bytes.length) };
    await models.uploadBlobPart({ ...half, data: bytes.subarray(0, 1_000) }, call);
    const work = models.importModel({ name: "half", files: [fileOf(bytes)] }, call);
    expect(await reason(work)).toMatch(/^BLOB_MISSING: .*upload it whole, then import again/);
    expect((await models.listVersions({ name: "half" }, call)).versions).toEqual([]);
  });

  it.each([
    ["no files", { files: [] }, /files/],
    ["a path that leaves its folder", { files: [{ ...fileOf(tinyModel()), path: "../x" }] }, /path/],
    ["a manifest that is no JSON", { manifest: new TextEncoder().encode("{") }, /is no manifest/],
    [
      "a manifest that breaks a rule",
      { manifest: new TextEncoder().encode('{"format":"zip","files":[]}') },
      /manifest.format/,
    ],
  ])("refuses %s", async (_, change, wanted) => {
    await upload(tinyModel());
    expect(await reason(models.importModel({ name: "wrong", ...change }, call))).toMatch(wanted);
  });

  it("keeps a remote model by its card alone", async () => {
    const manifest = { format: "remote", card: { remoteName: "qwen2.5-coder:7b", notation: "python" } };
    const bytes = new TextEncoder().encode(JSON.stringify(manifest));
    const { name } = await models.importModel({ name: "far-away", manifest: bytes }, call);
    expect(await models.resolveAlias({ name, alias: "default" }, other)).toMatchObject({ format: "remote" });
  });

  it("lets others read a model, and only its owner write it", async () => {
    const { name } = await imported(7);
    expect((await models.getModel({ name }, other)).model).toMatchObject({ name, owned: false });
    expect((await models.getModel({ name }, call)).model?.owned).toBe(true);
    for (const work of [
      () => models.importModel({ name, files: [fileOf(tinyModel())] }, other),
      () => models.setAlias({ name, alias: "canary", version: 1 }, other),
      () => models.deleteAlias({ name, alias: "canary" }, other),
      () => models.deleteModelVersion({ name, version: 1 }, other),
    ])
      expect(await reason(work())).toMatch(/^NOT_OWNER/);
  });

  it("lists models, the last made first", async () => {
    const [first, second] = [await imported(8), await imported(9)];
    const { models: all } = await models.listModels({}, other);
    const names = all.map(({ name }) => name);
    expect(names.indexOf(second.name)).toBeLessThan(names.indexOf(first.name));
    expect(await reason(models.getModel({ name: "nobody" }, call))).toMatch(/^RESOURCE_NOT_FOUND/);
  });
});

describe("signatures", () => {
  it("can come later, by the key of anybody who is trusted", async () => {
    const { name, digest } = await imported(11);
    const { manifest } = await models.getVersion({ name }, call);
    const bad = sign("sha256", manifest, stranger.privateKey);
    expect(await reason(models.importModel({ name, manifest, signature: bad }, call))).toMatch(
      /^MODEL_REFUSED/,
    );
    const good = sign("sha256", manifest, trusted.privateKey);
    expect(await models.importModel({ name, manifest, signature: good }, call)).toMatchObject({
      version: 1,
      digest,
      existed: true,
      signatureState: SignatureState.TRUSTED,
    });
    const got = await models.getVersion({ name }, other);
    expect(got.version?.signatureState).toBe(SignatureState.TRUSTED);
    expect(Buffer.compare(got.signature, good)).toBe(0);
    expect(Buffer.compare(await system.objects.get(`models/${name}/1/model.sig`), good)).toBe(0);
    const second = sign("sha256", manifest, trusted.privateKey);
    expect(await reason(models.importModel({ name, manifest, signature: second }, call))).toMatch(
      /^RESOURCE_EXISTS: .*signed already/,
    );
  });
});

const GOOD = {
  calibrationId: "t1",
  tasks: 240,
  right: 180,
  confident: 120,
  confidentWrong: 4,
  auroc: 0.95,
  coverage: 0.91,
  alpha: 0.1,
  epsilon: 0.02,
};

describe("aliases", () => {
  it("move from the state that the caller saw, and resolve to digests", async () => {
    const one = await imported(21);
    const two = await imported(22, { name: one.name });
    const { name } = one;
    const { alias } = await models.setAlias({ name, alias: "canary", version: 1 }, call);
    const stale = models.setAlias({ name, alias: "canary", version: 2, etag: "old" }, call);
    expect(await reason(stale)).toMatch(/^ETAG_MISMATCH/);
    expect((await models.resolveAlias({ name, alias: "canary" }, other)).digest).toBe(one.digest);
    await models.setAlias({ name, alias: "canary", version: 2, etag: alias?.etag ?? "" }, call);
    expect((await models.resolveAlias({ name, alias: "canary" }, other)).digest).toBe(two.digest);
    expect((await models.resolveAlias({ name, alias: "1" }, other)).digest).toBe(one.digest);
    expect((await models.getVersion({ name, version: 2 }, call)).version?.aliases).toEqual(["canary"]);
    await models.deleteAlias({ name, alias: "canary" }, call);
    expect(await reason(models.resolveAlias({ name, alias: "canary" }, other))).toMatch(
      /^RESOURCE_NOT_FOUND/,
    );
    expect(await reason(models.setAlias({ name, alias: "canary", version: 7 }, call))).toMatch(
      /^RESOURCE_NOT_FOUND/,
    );
  });

  it("make a champion only of a version over its bars, and say which are missing", async () => {
    const { name } = await imported(23);
    const promote = () => models.setAlias({ name, alias: "champion", version: 1 }, call);
    expect(await reason(promote())).toMatch(/^PROMOTION_REFUSED: .*has no report card/);
    const { manifest } = await models.getVersion({ name }, call);
    const poor = {
      ...GOOD,
      tasks: 40,
      right: 30,
      confident: 20,
      confidentWrong: 8,
      auroc: 0.8,
      coverage: 0.7,
    };
    await models.importModel({ name, manifest, report: poor }, call);
    const why = await reason(promote());
    for (const part of [/40 tasks/, /8 of 20 programs/, /8 of 10 wrong/, /AUROC is 0.8/, /coverage is 0.7/])
      expect(why).toMatch(part);
    await models.importModel({ name, manifest, report: GOOD }, call);
    expect((await promote()).alias).toMatchObject({ alias: "champion", version: 1 });
    const next = await imported(24, { name });
    expect((await models.resolveAlias({ name, alias: "default" }, other)).version).toBe(1);
    expect((await models.resolveAlias({ name, alias: String(next.version) }, other)).digest).toBe(
      next.digest,
    );
  });

  it("keep their version from being deleted", async () => {
    const { name } = await imported(25);
    await models.setAlias({ name, alias: "canary", version: 1 }, call);
    expect(await reason(models.deleteModelVersion({ name, version: 1 }, call))).toMatch(
      /^MODEL_IN_USE: .*canary points at it; move or delete the alias first/,
    );
    await models.deleteAlias({ name, alias: "canary" }, call);
    await models.deleteModelVersion({ name, version: 1 }, call);
    expect(await reason(models.getVersion({ name, version: 1 }, call))).toMatch(/^RESOURCE_NOT_FOUND/);
    expect((await models.getModel({ name }, call)).model).toMatchObject({ version: 0, digest: "" });
    const { models: listed } = await models.listModels({ pageSize: 1000 }, call);
    expect(listed.map((one) => one.name)).not.toContain(name);
  });
});

describe("the sweep", () => {
  const sweep = async (days: number): Promise<void> =>
    sweepTask(
      { database: system.database, objects: system.objects, trust: readModelsConfig({}).trust },
      days,
    ).run(null, new AbortController().signal);

  it("erases files of deleted versions that nothing else needs", async () => {
    const shared = await imported(31);
    const bytes = tinyModel({ seed: 31, license: "apache-2.0", chatTemplate: "{{'<|im_start|>'}}" });
    const twin = await models.importModel(
      { name: "twin", files: [fileOf(bytes)], card: { source: "x" } },
      call,
    );
    await models.deleteModelVersion({ name: shared.name, version: 1 }, call);
    await sweep(1);
    expect(await system.objects.has(`models/${shared.name}/1/manifest.json`)).toBe(true);
    await sweep(0);
    expect(await system.objects.has(`models/${shared.name}/1/manifest.json`)).toBe(false);
    expect(await system.objects.has(blobKey(shared.digest.slice(7)))).toBe(false);
    expect(await system.objects.has(blobKey(sha(bytes)))).toBe(true);
    await models.deleteModelVersion({ name: "twin", version: twin.version }, call);
    await sweep(0);
    expect(await system.objects.has(blobKey(sha(bytes)))).toBe(false);
  });

  it("erases uploads of a day ago that were not finished, and finished ones that nobody imported", async () => {
    const [open, unused] = [tinyModel({ seed: 32 }), tinyModel({ seed: 33 })];
    const kept = await imported(34);
    const whole = { uploadId: randomUUID(), sha256: sha(open), size: BigInt(open.length) };
    await models.uploadBlobPart({ ...whole, data: open.subarray(0, 500) }, call);
    await upload(unused);
    await sweep(7);
    expect(await system.objects.has(pieceKey(whole.uploadId, 0n))).toBe(true);
    await system.database.db
      .updateTable("model_uploads")
      .set({ create_time: new Date(Date.now() - 25 * 3_600_000) })
      .execute();
    await sweep(7);
    expect(await system.objects.has(pieceKey(whole.uploadId, 0n))).toBe(false);
    expect(await system.objects.has(blobKey(sha(unused)))).toBe(false);
    const { version } = await models.getVersion({ name: kept.name }, call);
    expect(await system.objects.has(blobKey(version?.manifest?.files[0]?.sha256 ?? ""))).toBe(true);
  });
});

it("tells others what happens to models", async () => {
  const { name } = await imported(41, { report: GOOD });
  await models.setAlias({ name, alias: "champion", version: 1 }, call);
  await models.deleteAlias({ name, alias: "champion" }, call);
  await models.deleteModelVersion({ name, version: 1 }, call);
  const rows = await system.database.db.selectFrom("outbox").select(["type", "data"]).orderBy("id").execute();
  expect(rows.filter(({ data }) => JSON.stringify(data).includes(name)).map(({ type }) => type)).toEqual([
    "model.version.created",
    "model.version.aliased",
    "model.version.deleted",
  ]);
});

function altered(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}
