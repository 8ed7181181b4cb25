import { fromJson, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type ImportModelRequestSchema,
  ImportModelResponseSchema,
  ModelService,
  ReportCardSchema,
  SignatureState,
} from "#gen/anrf/models/v1/models_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { readJson } from "../given.ts";
import type { Io } from "../io.ts";
import { download, filesAt, type HashedFile, hashed, isUrl } from "../models/files.ts";
import { createProgress, type Progress } from "../models/progress.ts";
import { modelId, readKey, signVersion } from "../models/signing.ts";
import { importedText, uploadFiles } from "../models/upload.ts";
import { formatOf, writeAnswer } from "../output.ts";
import type { Flags } from "../parse.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { enumText } from "../texts.ts";

type Request = Exclude<MessageInitShape<typeof ImportModelRequestSchema>, { readonly $typeName: string }>;

/** Uploads the files of a model and makes a version of them; with a key it is signed right after. */
export const run: Command = async (input, io) => {
  const { flags, args } = input;
  const progress = createProgress(io, flags);
  const keyFile = flags.text("sign");
  const key = keyFile === undefined ? undefined : await readKey(keyFile, "private");
  const path = args[0];
  const remote = flags.text("remote");
  if ((path === undefined) === (remote === undefined))
    throw usage("cannot tell what to import", "give a path, or --remote for a model of another server");
  await using downloaded = path !== undefined && isUrl(path) ? await download(path, progress) : undefined;
  const files = path === undefined ? [] : await localFiles(downloaded?.file ?? path, progress);
  const request = await requestOf(flags, files, io);
  const platform = await connect(input, io);
  await uploadFiles(files, platform, progress);
  let done = await platform
    .client(ModelService)
    .importModel(request, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot import ${path ?? remote}`, error);
    });
  if (key !== undefined) done = await signVersion({ name: done.name, version: done.version }, key, platform);
  writeAnswer(io, formatOf(flags), ImportModelResponseSchema, done, () =>
    importedText(done, enumText(SignatureState, done.signatureState)),
  );
  return EXIT.OK;
};

async function localFiles(path: string, progress: Progress): Promise<readonly HashedFile[]> {
  return hashed(await filesAt(path), progress);
}

async function requestOf(flags: Flags, files: readonly HashedFile[], io: Io): Promise<Request> {
  const report = flags.text("report");
  const [first] = files;
  return {
    name: modelId(flags.text("name") ?? nameOf(first?.path ?? flags.text("remote") ?? "")).name,
    description: flags.text("description") ?? "",
    files: files.map(({ path, size, sha256 }) => ({ path, size: BigInt(size), sha256 })),
    card: {
      license: flags.text("license") ?? "",
      attribution: flags.text("attribution") ?? "",
      notation: flags.text("notation") ?? "",
      chatFormat: flags.text("chat-format") ?? "",
      remoteName: flags.text("remote") ?? "",
    },
    ...(report === undefined ? {} : { report: await reportOf(report, io) }),
  };
}

async function reportOf(text: string, io: Io) {
  const json = await readJson("the report card", text, io);
  try {
    return fromJson(ReportCardSchema, json);
  } catch (error) {
    throw usage("cannot read the report card", error instanceof Error ? error.message : String(error));
  }
}

/** Such as `qwen2.5-coder` for `Qwen2.5 Coder.gguf`. */
function nameOf(file: string): string {
  return file
    .replace(/(-\d{5}-of-\d{5})?\.(gguf|json)$/i, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 63);
}
