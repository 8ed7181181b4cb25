import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  type GetVersionResponse,
  type ImportModelResponse,
  ModelService,
} from "#gen/anrf/models/v1/models_service_pb.ts";
import type { Platform } from "../client.ts";
import { usage } from "../failure.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** A model by name and version; 0: the newest. */
export interface ModelId {
  readonly name: string;
  readonly version: number;
}

/** Reads NAME or NAME@VERSION. */
export function modelId(text: string): ModelId {
  const match = /^([a-z0-9][a-z0-9._-]{0,62})(?:@([1-9]\d{0,8}))?$/.exec(text);
  if (match === null)
    throw usage(`cannot use ${JSON.stringify(text)}`, "it is no model: a name such as qwen, or qwen@1");
  return { name: match[1] ?? "", version: Number(match[2] ?? 0) };
}

/** A P-256 key of a PEM file. */
export async function readKey(path: string, kind: "private" | "public"): Promise<KeyObject> {
  try {
    const pem = await readFile(path, "utf8");
    const key = kind === "private" ? createPrivateKey(pem) : createPublicKey(pem);
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  } catch (error) {
    throw usage(
      `cannot read the ${kind} key ${path}`,
      error instanceof Error ? error.message : String(error),
    );
  }
  throw usage(
    `cannot use the key ${path}`,
    "it is not on the curve P-256",
    "make one: anrf model keygen FILE",
  );
}

/** A stored version with its manifest and signature. */
export async function versionAt(id: ModelId, platform: Platform): Promise<GetVersionResponse> {
  return platform
    .client(ModelService)
    .getVersion(id, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot read ${id.name}${id.version === 0 ? "" : `@${id.version}`}`, error);
    });
}

/** Signs a stored version: the manifest as it stands there, byte for byte. */
export async function signVersion(
  id: ModelId,
  key: KeyObject,
  platform: Platform,
): Promise<ImportModelResponse> {
  const { manifest } = await versionAt(id, platform);
  return platform
    .client(ModelService)
    .importModel({ name: id.name, manifest, signature: sign("sha256", manifest, key) }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot sign ${id.name}@${id.version}`, error);
    });
}

/** What is wrong with a stored version, as seen from here; none: nothing. */
export function faultsOf(stored: GetVersionResponse, key: KeyObject | undefined): readonly string[] {
  const faults: string[] = [];
  const digest = `sha256:${createHash("sha256").update(stored.manifest).digest("hex")}`;
  if (digest !== stored.version?.digest) faults.push(`its manifest has the digest ${digest}`);
  if (key === undefined) return faults;
  if (stored.signature.length === 0) faults.push("it is not signed");
  else if (!verify("sha256", stored.manifest, key, stored.signature))
    faults.push("its signature is not by this key");
  return faults;
}
