import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { faultsOf, modelId, readKey, versionAt } from "../models/signing.ts";
import { formatOf, writeJson } from "../output.ts";

/** Checks digest and signature here, without trust in what the platform says of them. */
export const run: Command = async (input, io) => {
  const id = modelId(input.args[0] ?? "");
  const file = input.flags.text("key");
  const key = file === undefined ? undefined : await readKey(file, "public");
  const platform = await connect(input, io);
  const stored = await versionAt(id, platform);
  const faults = faultsOf(stored, key);
  const name = `${id.name}@${stored.version?.version ?? id.version}`;
  const format = formatOf(input.flags);
  if (format !== "text")
    writeJson(io, format, {
      model: name,
      digest: stored.version?.digest ?? "",
      ok: faults.length === 0,
      faults: [...faults],
    });
  else if (faults.length > 0) io.out(`FAIL  ${name}: ${faults.join("; ")}\n`);
  else
    io.out(
      `ok    ${name}  ${stored.version?.digest}${key === undefined ? "  (digest only: no --key)" : ""}\n`,
    );
  return faults.length === 0 ? EXIT.OK : EXIT.CHECK_FAILED;
};
