import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTool } from "../scripts/tools.ts";
import { writeConfig } from "./run.ts";
import { DEPLOYED } from "./settings.ts";
import { VARIANTS } from "./variants.ts";

const binary = await findTool("envoy");
const without = binary === undefined ? " (skipped: there is no Envoy here)" : "";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-validate-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The exit status of `envoy --mode validate`, and what it wrote. */
function validate(path: string): Promise<{ readonly status: number; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      binary ?? "",
      ["--mode", "validate", "-c", path, "--log-level", "warning"],
      { env: { ANRF_MESH_TOKEN: "secret" }, timeout: 60_000 },
      (error, stdout, stderr) => {
        if (child.exitCode === null) reject(error ?? new Error("envoy ended without a status"));
        else resolve({ status: child.exitCode, said: `${stdout}${stderr}` });
      },
    );
  });
}

describe(`envoy --mode validate${without}`, () => {
  it.skipIf(binary === undefined).each(Object.keys(VARIANTS))(
    "accepts the configuration %s",
    async (name) => {
      const variant = VARIANTS[name] ?? DEPLOYED;
      // Secrets have to be there; what is in them is read at run time.
      for (const secret of ["certificate", "clients"])
        await writeFile(join(folder, `${secret}.yaml`), "resources: []\n");
      const path = await writeConfig(folder, {
        ...variant,
        descriptorsPath: join(folder, "descriptors.binpb"),
        tlsFolder: variant.tlsFolder === undefined ? undefined : folder,
      });
      const { status, said } = await validate(path);
      const complaints = said.split("\n").map((line) => line.slice(0, 900));
      expect([status, status === 0 ? [] : complaints]).toEqual([0, []]);
    },
  );
});
