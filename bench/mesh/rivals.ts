import { execFile } from "node:child_process";
import { access, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where rivals are installed: $ANRF_TOOLS, else the user's cache. */
export function toolsFolder(env: Readonly<Record<string, string | undefined>>): string {
  return env["ANRF_TOOLS"] || join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "anrf", "tools");
}

/** Versions are part of a measurement. */
export const FASTAPI = ["fastapi==0.165.0", "uvicorn[standard]==0.54.0", "pydantic==2.14.4"];

/** The Python of a virtual environment with FastAPI; made by pip at the first call. Throws with pip's words. */
export async function fastApiPython(folder: string): Promise<string> {
  const home = join(folder, "fastapi");
  const python = join(home, "bin", "python");
  const done = join(home, FASTAPI.join("+").replaceAll(/[^\w.+=-]/g, "_"));
  const isThere = await access(done).then(
    () => true,
    () => false,
  );
  if (isThere) return python;
  await mkdir(folder, { recursive: true });
  await run("python3", ["-m", "venv", home]);
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...FASTAPI]);
  await mkdir(done);
  return python;
}
