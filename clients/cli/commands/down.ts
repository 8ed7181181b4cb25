import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { bringDown } from "../launcher.ts";
import { formatOf, writeJson } from "../output.ts";

/** Ends all that runs in the data folder. */
export const run: Command = async ({ flags }, io) => {
  const { dataDir, ended } = await bringDown(io.env);
  const format = formatOf(flags);
  if (format !== "text") writeJson(io, format, { dataDir, ended: [...ended] });
  else
    io.out(
      ended.length === 0 ? `nothing runs in ${dataDir}\n` : `ended in ${dataDir}: ${ended.join(", ")}\n`,
    );
  return EXIT.OK;
};
