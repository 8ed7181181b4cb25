import type { Command } from "../command.ts";
import { safeLine } from "../escape.ts";
import { EXIT } from "../exit-codes.ts";
import { type Check, platformChecks, setupChecks } from "../health.ts";
import { dataFolder, localPlatform } from "../local-platform.ts";
import { formatOf, paintFor, writeJson } from "../output.ts";

/** One line a check, with its fix; exits 1 if one fails. */
export const run: Command = async ({ flags }, io) => {
  const folder = dataFolder(io.env);
  const platform = await localPlatform(folder);
  const lists = await Promise.all([setupChecks(io.env, folder, platform), platformChecks(platform)]);
  const checks: readonly Check[] = lists.flat();
  const format = formatOf(flags);
  if (format !== "text")
    writeJson(
      io,
      format,
      checks.map((check) => ({ ...check })),
    );
  else {
    const paint = paintFor(flags, io, io.outputIsTerminal);
    const marks = { ok: paint.green("ok  "), warn: paint.yellow("warn"), fail: paint.red("fail") };
    for (const check of checks) {
      io.out(`${marks[check.status]}  ${check.name.padEnd(14)} ${safeLine(check.details)}\n`);
      if (check.status !== "ok" && check.fix !== "") io.out(`      ${"".padEnd(14)} fix: ${check.fix}\n`);
    }
  }
  return checks.some((check) => check.status === "fail") ? EXIT.FAULT : EXIT.OK;
};
