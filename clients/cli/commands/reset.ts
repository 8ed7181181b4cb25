import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { bringDown } from "../launcher.ts";
import { dataFolder } from "../local-platform.ts";

/** Ends the platform and deletes its data folder, after asking. */
export const run: Command = async ({ flags }, io) => {
  const folder = dataFolder(io.env);
  const exists = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  if (!(await exists(folder))) {
    io.out(`there is nothing to delete: ${folder} does not exist\n`);
    return EXIT.OK;
  }
  // Only what a platform has made is deleted, whatever ANRF_DATA names.
  if (!(await exists(join(folder, "version"))) || !(await exists(join(folder, "run")))) {
    throw usage(
      `cannot delete ${folder}`,
      "it is no data folder: it has no version and no run folder",
      "look at ANRF_DATA",
    );
  }
  if (!flags.has("yes")) {
    if (!io.inputIsTerminal)
      throw usage(`cannot delete ${folder}`, "stdin is no terminal to ask at", "use --yes");
    const answer = await io.ask(`delete ${folder} with all programs, keys and logs? [y/N] `);
    if (!/^y(es)?$/i.test(answer)) {
      io.err("nothing was deleted\n");
      return EXIT.OK;
    }
  }
  await bringDown(io.env);
  await rm(folder, { recursive: true, force: true });
  io.out(`deleted ${folder}\n`);
  return EXIT.OK;
};
