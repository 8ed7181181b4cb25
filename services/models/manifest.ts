import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import {
  type ModelCard,
  ModelCardSchema,
  type ModelFile,
  type ModelManifest,
  ModelManifestSchema,
} from "#gen/anrf/models/v1/models_service_pb.ts";
import { createMessageValidator } from "#platform/rpc/decode.ts";
import { invalid, invalidField } from "#platform/rpc/error.ts";
import { chatFormatOf, type GgufHeader } from "./gguf.ts";

const validator = createMessageValidator();

/** The manifest in a file that was given; throws INVALID_ARGUMENT with the field that is wrong. */
export function parseManifest(bytes: Uint8Array): ModelManifest {
  const manifest = fromBytes(bytes);
  const violations = validator.violations(ModelManifestSchema, manifest);
  if (violations.length > 0)
    throw invalid(violations.map((one) => ({ ...one, field: `manifest.${one.field}` })));
  checkFiles(manifest);
  return manifest;
}

/** Reads a manifest that is known to be right. */
export function fromBytes(bytes: Uint8Array): ModelManifest {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return fromJsonString(ModelManifestSchema, text, { ignoreUnknownFields: true });
  } catch (error) {
    throw invalidField(
      "manifest",
      `is no manifest: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function checkFiles({ format, files, card }: ModelManifest): void {
  const isRemote = format === "remote";
  if (isRemote !== (files.length === 0))
    throw invalidField(
      "files",
      isRemote ? "a remote model has none" : "there is none: upload the model's files first",
    );
  if (isRemote && (card?.remoteName ?? "") === "")
    throw invalidField("card.remoteName", "say what the other server calls the model");
  if (new Set(files.map(({ path }) => path)).size < files.length)
    throw invalidField("files", "two files have the same path");
}

/** Makes a manifest of what was given and what the file's header says; what was given wins. */
export function makeManifest(
  files: readonly ModelFile[],
  card: ModelCard | undefined,
  header: GgufHeader | undefined,
): { readonly manifest: ModelManifest; readonly bytes: Uint8Array } {
  const given = card ?? create(ModelCardSchema);
  if (files.length === 0 && given.remoteName === "") {
    throw invalidField(
      "files",
      "there is none: upload the model's files first, or name a model of another server in card.remoteName",
    );
  }
  const manifest = create(ModelManifestSchema, {
    format: header !== undefined ? "gguf" : files.length === 0 ? "remote" : "tfjs",
    files: files.map((file) => ({ ...file, mediaType: file.mediaType || mediaTypeOf(file.path) })),
    architecture: header?.architecture ?? "",
    tokenizer: header?.tokenizer ?? "",
    parameters: header !== undefined && header.files === 1 ? header.parameters : 0n,
    quantization: header?.quantization ?? "",
    contextTokens: header?.contextTokens ?? 0,
    vocabulary: header?.vocabulary ?? 0,
    card: {
      ...given,
      license: given.license || spdxOf(header?.license ?? ""),
      notation: given.notation || "python",
      chatFormat: given.chatFormat || chatFormatOf(header?.chatTemplate ?? "") || "plain",
    },
  });
  checkFiles(manifest);
  const json = toJsonString(ModelManifestSchema, manifest, { prettySpaces: 2 });
  return { manifest, bytes: new TextEncoder().encode(`${json}\n`) };
}

function mediaTypeOf(path: string): string {
  if (path.endsWith(".gguf")) return "application/vnd.gguf";
  return path.endsWith(".json") ? "application/json" : "application/octet-stream";
}

/** Headers write licences in lower case; SPDX does not. */
function spdxOf(license: string): string {
  const known = ["Apache-2.0", "MIT", "BSD-3-Clause", "CC-BY-4.0", "GPL-3.0-only"];
  return known.find((one) => one.toLowerCase() === license.toLowerCase()) ?? license;
}
