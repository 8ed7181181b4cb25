import { Code } from "@connectrpc/connect";
import type { Command } from "../command.ts";
import { EXIT, EXIT_RPC } from "../exit-codes.ts";
import { dataFolder, type LocalPlatform, localPlatform } from "../local-platform.ts";
import { readiness } from "../ops.ts";
import { formatOf, table, writeJson } from "../output.ts";

/** Says what runs in the data folder; exits as for UNAVAILABLE if nothing answers. */
export const run: Command = async ({ flags }, io) => {
  const folder = dataFolder(io.env);
  const format = formatOf(flags);
  const platform = await localPlatform(folder);
  const answer = platform === undefined ? undefined : await readiness(platform);
  const exit = answer?.ready === true ? EXIT.OK : EXIT_RPC + Code.Unavailable;
  if (format !== "text") {
    const needs = (answer?.needs ?? []).map((need) => ({ ...need }));
    writeJson(io, format, {
      running: platform !== undefined,
      ready: answer?.ready === true,
      dataDir: folder,
      ...platform,
      processes: (platform?.processes ?? []).map((process) => ({ ...process })),
      needs,
    });
    return exit;
  }
  if (platform === undefined) {
    io.out(`nothing runs in ${folder}\n`);
    io.err("try: anrf up\n");
    return exit;
  }
  const broken = (answer?.needs ?? []).filter((need) => !need.ok);
  io.out(
    table([
      ["state", answer?.ready === true ? "ready" : answer === undefined ? platform.phase : "not ready"],
      ["gateway", platform.url],
      ["metrics", platform.metricsUrl],
      ["data", platform.dataDir],
      ["logs", platform.logDir],
      ["processes", processesOf(platform)],
      ["since", `${platform.startTime.slice(0, 19).replace("T", " ")}Z`],
      ["restarts", String(platform.restarts)],
      ...broken.map((need) => ["broken", `${need.name}: ${need.details}`]),
    ]),
  );
  return exit;
};

function processesOf(platform: LocalPlatform): string {
  const parts = platform.processes.map(
    ({ name, pid, phase }) => `${name} ${pid}${phase === "ready" ? "" : ` (${phase})`}`,
  );
  const database = platform.postgresPid === 0 ? [] : [`postgres ${platform.postgresPid}`];
  return [`supervisor ${platform.pid}`, ...parts, ...database].join(", ");
}
