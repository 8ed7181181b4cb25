import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "./parse.ts";
import { profilesFile, readProfile, writeProfile } from "./profiles.ts";
import { readSettings, type Settings } from "./settings.ts";

let folder = "";
let env: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-settings-"));
  env = { XDG_CONFIG_HOME: join(folder, "config"), XDG_DATA_HOME: join(folder, "share"), HOME: folder };
  await mkdir(join(folder, "config/anrf"), { recursive: true });
  await writeFile(
    profilesFile(env),
    'default = "a"\n[profiles.a]\naddress = "http://profile-a"\napi_key = "key-a"\n' +
      `[profiles.b]\naddress = "http://profile-b"\napi_key_file = "${join(folder, "key-b")}"\nprotocol = "grpc"\n`,
  );
  await writeFile(join(folder, "key-b"), "key-b\n");
  for (const data of ["share/anrf", "other"]) {
    await mkdir(join(folder, data, "run"), { recursive: true });
    const state = { pid: process.pid, url: `http://local/${data}`, keyFile: join(folder, "key-b") };
    await writeFile(join(folder, data, "run/up.json"), JSON.stringify(state));
  }
});
afterAll(() => rm(folder, { recursive: true }));

function settings(more: Record<string, string>, ...flags: readonly string[]): Promise<Settings> {
  const around = { ...env, ...more };
  return readSettings(parse(["list", ...flags], around).flags, around);
}

describe("where a command calls", () => {
  it("is the flag, then the variable, then the profile, then the platform that runs here", async () => {
    expect(await settings({})).toMatchObject({
      address: "http://profile-a",
      key: "key-a",
      protocol: "connect",
    });
    expect(await settings({ ANRF_PROFILE: "b" })).toMatchObject({
      address: "http://profile-b",
      key: "key-b",
      protocol: "grpc",
    });
    expect(await settings({ ANRF_PROFILE: "b" }, "--profile", "a")).toMatchObject({
      address: "http://profile-a",
    });
    expect(await settings({ ANRF_ADDRESS: "http://env/" })).toMatchObject({
      address: "http://env",
      key: "key-a",
    });
    expect(
      await settings(
        { ANRF_ADDRESS: "http://env", ANRF_API_KEY: "e" },
        "--address",
        "http://flag",
        "--api-key",
        "f",
      ),
    ).toMatchObject({
      address: "http://flag",
      key: "f",
    });
    const bare = { XDG_CONFIG_HOME: join(folder, "none") };
    expect(await settings(bare)).toMatchObject({ address: "http://local/share/anrf", key: "key-b" });
  });

  it("is the platform of ANRF_DATA before the default profile, but not before one that is named", async () => {
    const named = { ANRF_DATA: join(folder, "other") };
    expect(await settings(named)).toMatchObject({ address: "http://local/other" });
    expect(await settings(named, "--profile", "b")).toMatchObject({ address: "http://profile-b" });
    expect(await settings({ ANRF_DATA: join(folder, "nothing-runs") })).toMatchObject({
      address: "http://profile-a",
    });
  });

  it.each([
    [{}, ["--profile", "c"], "cannot use profile c", 4],
    [{}, ["--address", "ftp://x"], "cannot call ftp://x", 2],
    [{}, ["--api-key", "a b"], "cannot use the key", 4],
    [{ XDG_CONFIG_HOME: "/nonexistent", XDG_DATA_HOME: "/nonexistent" }, [], "cannot call the platform", 4],
  ] as const)("refuses %j %j", async (more, flags, message, exit) => {
    await expect(settings({ ...more }, ...flags)).rejects.toMatchObject({ message, exit });
  });
});

describe("profiles", () => {
  it("are added to the file, readable by their owner alone, and the default stays", async () => {
    await writeProfile(env, "local", { address: "http://127.0.0.1:1", apiKeyFile: "/k" });
    expect(await readProfile(env, "local")).toEqual({ address: "http://127.0.0.1:1", apiKeyFile: "/k" });
    expect(await readProfile(env, undefined)).toMatchObject({ address: "http://profile-a" });
    expect((await stat(profilesFile(env))).mode & 0o777).toBe(0o600);
  });

  it("become the default where there is none", async () => {
    const fresh = { XDG_CONFIG_HOME: join(folder, "fresh") };
    const file = await writeProfile(fresh, "local", { address: "http://x" });
    expect(await readFile(file, "utf8")).toContain('default = "local"');
  });

  it("that cannot be read are refused by name", async () => {
    const broken = { XDG_CONFIG_HOME: join(folder, "broken") };
    await mkdir(join(folder, "broken/anrf"), { recursive: true });
    await writeFile(profilesFile(broken), "default = \n");
    await expect(readProfile(broken, undefined)).rejects.toMatchObject({ exit: 4 });
  });
});
