import {
  ImportModelResponseSchema,
  ModelService,
  SignatureState,
} from "#gen/anrf/models/v1/models_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { download, filesAt, type HashedFile, hashed, isUrl } from "../models/files.ts";
import { KNOWN_MODELS, type KnownModel } from "../models/known.ts";
import { createProgress, type Progress } from "../models/progress.ts";
import { readKey, signVersion } from "../models/signing.ts";
import { importedText, uploadFiles } from "../models/upload.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { enumText } from "../texts.ts";

/** Stores a well-known model: only its publisher's very file is taken. */
export const run: Command = async (input, io) => {
  const { flags, args } = input;
  const progress = createProgress(io, flags);
  const known = knownModel(args[0] ?? "");
  const from = flags.text("from");
  if (from === undefined) {
    throw usage(
      `cannot add ${known.name}`,
      "nothing is downloaded that you did not name",
      `get ${known.file} (${known.size} bytes) and use --from FILE, or --from URL`,
    );
  }
  const keyFile = flags.text("sign");
  const key = keyFile === undefined ? undefined : await readKey(keyFile, "private");
  await using downloaded = isUrl(from) ? await download(from, progress) : undefined;
  const file = await checked(known, downloaded?.file ?? from, progress);
  const platform = await connect(input, io);
  await uploadFiles([file], platform, progress);
  const { name, description, license, attribution, notation, chatFormat, settings } = known;
  let done = await platform
    .client(ModelService)
    .importModel(
      {
        name,
        description,
        files: [{ path: file.path, size: BigInt(file.size), sha256: file.sha256 }],
        card: { license, attribution, notation, chatFormat, settings, source: known.file },
      },
      platform.options(),
    )
    .catch((error: unknown) => {
      throw rpcFailure(`cannot add ${name}`, error);
    });
  if (key !== undefined) done = await signVersion({ name, version: done.version }, key, platform);
  writeAnswer(io, formatOf(flags), ImportModelResponseSchema, done, () =>
    importedText(done, enumText(SignatureState, done.signatureState)),
  );
  return EXIT.OK;
};

function knownModel(name: string): KnownModel {
  const known = KNOWN_MODELS.find((one) => one.name === name);
  if (known !== undefined) return known;
  throw usage(
    `cannot add ${JSON.stringify(name)}`,
    "it is not in the list of known models",
    `one of ${KNOWN_MODELS.map((one) => one.name).join(", ")}; any other: anrf model import`,
  );
}

async function checked(known: KnownModel, path: string, progress: Progress): Promise<HashedFile> {
  const [file] = await filesAt(path);
  if (file === undefined || file.size !== known.size) {
    throw usage(
      `cannot add ${known.name} from ${path}`,
      `the file has ${file?.size ?? 0} bytes, and the publisher's has ${known.size}`,
      `get ${known.file}, whole; another build can be stored with anrf model import`,
    );
  }
  const [hash] = await hashed([file], progress);
  if (hash?.sha256 === known.sha256) return { ...hash, path: known.file };
  throw usage(
    `cannot add ${known.name} from ${path}`,
    `its SHA-256 is ${hash?.sha256}, and the publisher's is ${known.sha256}`,
    "the file is damaged or another one: get it again",
  );
}
