import { ImportModelResponseSchema, SignatureState } from "#gen/anrf/models/v1/models_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { modelId, readKey, signVersion } from "../models/signing.ts";
import { importedText } from "../models/upload.ts";
import { formatOf, writeAnswer } from "../output.ts";
import { enumText } from "../texts.ts";

/** Signs a stored version with a private key that never leaves this machine. */
export const run: Command = async (input, io) => {
  const id = modelId(input.args[0] ?? "");
  const file = input.flags.text("key");
  if (file === undefined)
    throw usage("cannot sign without a key", "", "use --key FILE; make one: anrf model keygen FILE");
  const key = await readKey(file, "private");
  const platform = await connect(input, io);
  const done = await signVersion(id, key, platform);
  writeAnswer(io, formatOf(input.flags), ImportModelResponseSchema, done, () =>
    importedText({ ...done, existed: false }, enumText(SignatureState, done.signatureState)),
  );
  return EXIT.OK;
};
