import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { create, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { ModelManifestSchema } from "#gen/anrf/models/v1/models_service_pb.ts";
import { blobKey, sha256Of } from "#platform/data/blobs.ts";
import type { ObjectStore } from "#platform/data/objects.ts";

/** A file of a model: its bytes, or the path of a file that is too large to hold. */
export type ModelSource = Uint8Array | string;

type Card = NonNullable<MessageInitShape<typeof ModelManifestSchema>["card"]>;

/** Puts a model into an object store as the registry of models would; answers with its digest. */
export async function putModel(
  objects: ObjectStore,
  files: Readonly<Record<string, ModelSource>>,
  card: Card = {},
): Promise<string> {
  return putManifest(objects, { format: "gguf", files: await putFiles(objects, files), card });
}

/** Puts files as if they were uploaded; answers with what a manifest says of them. */
export async function putFiles(objects: ObjectStore, files: Readonly<Record<string, ModelSource>>) {
  const listed = [];
  for (const [path, source] of Object.entries(files)) listed.push(await putFile(objects, path, source));
  return listed;
}

/** Puts a manifest alone; its files may be missing. */
export async function putManifest(
  objects: ObjectStore,
  manifest: MessageInitShape<typeof ModelManifestSchema>,
): Promise<string> {
  const bytes = new TextEncoder().encode(
    toJsonString(ModelManifestSchema, create(ModelManifestSchema, manifest)),
  );
  await objects.create(blobKey(sha256Of(bytes)), bytes);
  return `sha256:${sha256Of(bytes)}`;
}

async function putFile(objects: ObjectStore, path: string, source: ModelSource) {
  if (typeof source !== "string") {
    await objects.create(blobKey(sha256Of(source)), source);
    return { path, size: BigInt(source.length), sha256: sha256Of(source) };
  }
  const hash = createHash("sha256");
  for await (const piece of createReadStream(source)) hash.update(piece);
  const sha256 = hash.digest("hex");
  const { size } = await stat(source);
  await objects.createFrom(blobKey(sha256), createReadStream(source), size);
  return { path, size: BigInt(size), sha256 };
}
