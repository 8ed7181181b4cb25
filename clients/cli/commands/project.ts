import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { ROOT } from "../local-platform.ts";

const SCRIPTS: Readonly<Record<string, string>> = {
  test: "scripts/test.ts",
  check: "scripts/check.ts",
  bench: "bench/bench.ts",
};

/** Runs a script of the project with all that follows the verb; its exit code is ours. */
export const run: Command = ({ verb, args }, io) => {
  const script = join(ROOT, SCRIPTS[verb.name] ?? "");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...args], {
    cwd: ROOT,
    stdio: "inherit",
    env: io.env,
  });
  // The script hears the terminal's signals itself; we wait for its last line.
  const heard = io.onSignal((signal) => {
    if (signal === "SIGTERM") child.kill(signal);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      io.err(`anrf: cannot run ${script}: ${error.message}\n`);
      resolve(EXIT.FAULT);
    });
    child.once("exit", (code, signal) => {
      heard();
      resolve(
        code ??
          (signal === "SIGINT" ? EXIT.INTERRUPTED : signal === "SIGTERM" ? EXIT.TERMINATED : EXIT.FAULT),
      );
    });
  });
};
