import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Io } from "../io.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "services", "inference", "gpu");

/** Installs llama.cpp's builds for graphics cards, once for each state of their lock file. */
export async function installGpu(io: Io): Promise<void> {
  const lock = await readFile(join(FOLDER, "package-lock.json"), "utf8");
  const stamp = join(FOLDER, "node_modules", ".anrf-setup");
  if ((await readFile(stamp, "utf8").catch(() => "")) === lock) return;
  io.err("installing the packages for graphics cards (npm ci, about 750 MB) …\n");
  await new Promise<void>((resolve, reject) => {
    const flags = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    execFile("npm", flags, { cwd: FOLDER, env: { ...io.env } }, (error, _, said) => {
      if (error === null) resolve();
      else
        reject(
          new Failure(
            EXIT.FAULT,
            `cannot install ${FOLDER}`,
            said.trim() || error.message,
            "run npm ci there",
          ),
        );
    });
  });
  await writeFile(stamp, lock);
}
