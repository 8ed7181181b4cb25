import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Annotations,
  AnnotationsSchema,
  type Artifact,
  ArtifactSchema,
  type Attestation,
  type Spec,
  SpecSchema,
} from "#gen/anrf/v1/artifact_pb.ts";
import { type Module, ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import { canonicalModule, moduleBytes } from "./canonical.ts";
import { digestMessage, digestText, moduleDigest, specDigest } from "./digest.ts";
import { unknownContent } from "./unknown.ts";
import { minReaderMinor, requiredFeatures, SUPPORTED_FEATURES, SUPPORTED_MINOR } from "./version.ts";

/** Largest .anrf file, in bytes. */
export const MAX_ARTIFACT_BYTES = 5 * 1024 * 1024;
/** Largest module inside it, in bytes (V01). */
export const MAX_MODULE_BYTES = 4 * 1024 * 1024;

/** A decoded .anrf file. The module bytes are the identity; they are never made again from `module`. */
export interface Document {
  readonly artifact: Artifact;
  readonly moduleBytes: Uint8Array;
  readonly module: Module;
  /** `anrf1:<hex>` of the module bytes. */
  readonly digest: string;
  /** Empty message where the file has none. */
  readonly spec: Spec;
  /** `anrf1:<hex>` of the spec bytes; undefined without a spec. */
  readonly specDigest: string | undefined;
  /** Empty message where the file has none or they cannot be read: annotations may be dropped without harm. */
  readonly annotations: Annotations;
}

/** Why a file is refused, with the reason of the platform's closed list. */
export interface ArtifactFault {
  readonly reason:
    | "ARTIFACT_UNREADABLE"
    | "ANRF_MINOR_UNSUPPORTED"
    | "ANRF_UNKNOWN_CONTENT"
    | "MESSAGE_TOO_LARGE";
  /** Lower case: what could not be read, why, what to do. */
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A document, or why there is none. */
export type ArtifactReading =
  | { readonly document: Document; readonly fault?: undefined }
  | { readonly fault: ArtifactFault; readonly document?: undefined };

/**
 * Decodes a .anrf file and compares its digests; a file cut short, altered or from a newer version gives a fault,
 * never an exception. Whether the program is sound is the checker's business.
 */
export function readArtifact(bytes: Uint8Array): ArtifactReading {
  if (bytes.length > MAX_ARTIFACT_BYTES) return tooLarge("the file", bytes.length, MAX_ARTIFACT_BYTES);
  const artifact = attempt(() => fromBinary(ArtifactSchema, bytes));
  if (artifact === undefined)
    return unreadable("the bytes are no .anrf file, or the file was cut short or altered");
  const version = versionFault(artifact);
  if (version !== undefined) return { fault: version };
  if (artifact.module.length > MAX_MODULE_BYTES)
    return tooLarge("the module", artifact.module.length, MAX_MODULE_BYTES);
  const digest = moduleDigest(artifact.module);
  if (digestText(artifact.header?.moduleDigest) !== digest) {
    return unreadable(
      "the module does not have the digest that the header states: the file was altered or cut short",
    );
  }
  const stated = digestText(artifact.header?.specDigest);
  const spec = artifact.spec.length === 0 ? undefined : specDigest(artifact.spec);
  if (stated !== spec) {
    return unreadable(
      "the spec does not have the digest that the header states: the file was altered or cut short",
    );
  }
  return decodeParts(artifact, digest, spec);
}

function decodeParts(artifact: Artifact, digest: string, spec: string | undefined): ArtifactReading {
  const module = attempt(() => fromBinary(ModuleSchema, artifact.module));
  if (module === undefined) return unreadable("the module inside the file does not decode");
  const unknown = unknownContent(module);
  if (unknown !== undefined) {
    const place = {
      ...(unknown.function === undefined ? {} : { function: String(unknown.function) }),
      ...(unknown.node === undefined ? {} : { node: String(unknown.node) }),
    };
    const message = `the module has ${unknown.what}, which this version does not know: a newer version wrote it`;
    return { fault: { reason: "ANRF_UNKNOWN_CONTENT", message, metadata: place } };
  }
  const decodedSpec = attempt(() => fromBinary(SpecSchema, artifact.spec));
  if (decodedSpec === undefined) return unreadable("the spec inside the file does not decode");
  const annotations =
    attempt(() => fromBinary(AnnotationsSchema, artifact.annotations)) ?? create(AnnotationsSchema);
  const { module: bytes } = artifact;
  return {
    document: {
      artifact,
      moduleBytes: bytes,
      module,
      digest,
      spec: decodedSpec,
      specDigest: spec,
      annotations,
    },
  };
}

function versionFault(artifact: Artifact): ArtifactFault | undefined {
  const header = artifact.header;
  if (header === undefined || artifact.module.length === 0) {
    const message = "the file has no header or no module: it is no .anrf file, or it was cut short";
    return { reason: "ARTIFACT_UNREADABLE", message, metadata: {} };
  }
  const feature = header.requiredFeatures.find((one) => !SUPPORTED_FEATURES.has(one)) ?? "";
  if (header.minReaderMinor <= SUPPORTED_MINOR && feature === "") return undefined;
  const lack =
    header.minReaderMinor > SUPPORTED_MINOR
      ? `version 1.${header.minReaderMinor} and this reader knows 1.${SUPPORTED_MINOR}`
      : `the feature ${JSON.stringify(feature.slice(0, 64))}, which this reader does not have`;
  return {
    reason: "ANRF_MINOR_UNSUPPORTED",
    message: `the program needs ${lack}: use a newer reader`,
    metadata: {
      requiredMinor: String(header.minReaderMinor),
      supportedMinor: String(SUPPORTED_MINOR),
      firstFeature: feature,
    },
  };
}

/** What a file is made of. */
export interface ArtifactParts {
  readonly module: Module;
  readonly spec?: Spec;
  readonly annotations?: Annotations;
  readonly attestations?: readonly Attestation[];
  /** Which program writes the file. */
  readonly producer: string;
  readonly producerVersion: string;
}

/**
 * The bytes of a .anrf file with its header computed. The module's numbering must be canonical, as a builder makes
 * it; anything else throws, since its digest would name nothing.
 */
export function writeArtifact(parts: ArtifactParts): Uint8Array {
  return toBinary(ArtifactSchema, makeArtifact(parts));
}

/** The same, as a message. */
export function makeArtifact(parts: ArtifactParts): Artifact {
  const module = moduleBytes(parts.module);
  const canonical = moduleBytes(canonicalModule(fromBinary(ModuleSchema, module)));
  if (!sameBytes(module, canonical))
    throw new Error("the module is not in canonical form: number it with canonicalModule");
  const spec = parts.spec === undefined ? new Uint8Array() : toBinary(SpecSchema, parts.spec);
  return create(ArtifactSchema, {
    header: {
      minorVersion: SUPPORTED_MINOR,
      minReaderMinor: minReaderMinor(parts.module),
      requiredFeatures: [...requiredFeatures(parts.module)],
      catalogMinor: SUPPORTED_MINOR,
      moduleDigest: digestMessage("module", module),
      ...(spec.length === 0 ? {} : { specDigest: digestMessage("spec", spec) }),
      producer: parts.producer,
      producerVersion: parts.producerVersion,
    },
    module,
    spec,
    annotations:
      parts.annotations === undefined ? new Uint8Array() : toBinary(AnnotationsSchema, parts.annotations),
    attestations: [...(parts.attestations ?? [])],
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined; // protobuf throws for bytes that are no message; which bytes does not matter to the reader
  }
}

function unreadable(message: string): ArtifactReading {
  return { fault: { reason: "ARTIFACT_UNREADABLE", message, metadata: {} } };
}

function tooLarge(what: string, size: number, limit: number): ArtifactReading {
  const message = `${what} has ${size} bytes; at most ${limit} are read`;
  return { fault: { reason: "MESSAGE_TOO_LARGE", message, metadata: { limit: String(limit) } } };
}
