import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { formatOf, writeJson } from "../output.ts";

/** Makes a key pair; files that are there are kept. */
export const run: Command = async ({ flags, args }, io) => {
  const file = args[0] ?? "";
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicFile = `${file}.pub`;
  try {
    await writeFile(file, privateKey.export({ type: "pkcs8", format: "pem" }), { flag: "wx", mode: 0o600 });
    await writeFile(publicFile, publicKey.export({ type: "spki", format: "pem" }), { flag: "wx" });
  } catch (error) {
    throw usage(`cannot write the key ${file}`, error instanceof Error ? error.message : String(error));
  }
  const format = formatOf(flags);
  if (format !== "text") writeJson(io, format, { privateKey: file, publicKey: publicFile });
  else {
    io.out(`${file}\n${publicFile}\n`);
    io.err(
      `next: ANRF_MODELS_KEYS_FILE=${publicFile} for the platform, then anrf model sign NAME@VERSION --key ${file}\n`,
    );
  }
  return EXIT.OK;
};
