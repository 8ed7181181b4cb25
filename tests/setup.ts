import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openDataFolder } from "#platform/data/folder-layout.ts";
import { startPostgres } from "#platform/data/postgres.ts";
import { startForeignPostgres } from "./postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The URL of the run's PostgreSQL; absent where it could not be started, with the reason. */
    readonly postgres: { readonly url: string } | { readonly missing: string };
  }
}

/**
 * Starts one PostgreSQL for the whole run, in a folder of its own; returns what ends it and removes the folder.
 * ANRF_TEST_POSTGRES names the major version of a server of the system's to use in place of the embedded one.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const major = process.env["ANRF_TEST_POSTGRES"] ?? "";
  if (major !== "") return setupForeign(project, major);
  const root = await mkdtemp(join(tmpdir(), "anrf-test-"));
  try {
    const layout = await openDataFolder(root);
    const server = await startPostgres(layout, { durable: false });
    project.provide("postgres", { url: server.url });
    return async () => {
      await server.stop();
      await rm(root, { recursive: true, force: true });
    };
  } catch (error) {
    // Tests that need no database still run; those that do say this reason.
    project.provide("postgres", { missing: error instanceof Error ? error.message : String(error) });
    return () => rm(root, { recursive: true, force: true });
  }
}

async function setupForeign(project: TestProject, major: string): Promise<() => Promise<void>> {
  const server = await startForeignPostgres(major);
  if (typeof server === "string") {
    project.provide("postgres", { missing: server });
    return async () => {};
  }
  project.provide("postgres", { url: server.url });
  return async () => server[Symbol.asyncDispose]();
}
