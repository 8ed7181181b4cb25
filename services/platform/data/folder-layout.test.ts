import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataRoot, LAYOUT_VERSION, openDataFolder } from "./folder-layout.ts";

describe("dataRoot", () => {
  it.each([
    [{ ANRF_DATA: "/d", XDG_DATA_HOME: "/x", HOME: "/h" }, "/d"],
    [{ XDG_DATA_HOME: "/x", HOME: "/h" }, "/x/anrf"],
    [{ ANRF_DATA: "", XDG_DATA_HOME: "", HOME: "/h" }, "/h/.local/share/anrf"],
  ])("reads %j as %s", (variables, root) => {
    expect(dataRoot(variables)).toBe(root);
  });
});

describe("openDataFolder", () => {
  let root = "";
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "anrf-layout-"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("makes the folders, closed to others, and can be repeated", async () => {
    const layout = await openDataFolder(join(root, "deep", "data"));
    await openDataFolder(layout.root);
    expect((await readdir(layout.root)).sort()).toEqual(["keys", "logs", "objects", "run", "version"]);
    expect(await readFile(layout.version, "utf8")).toBe(`${LAYOUT_VERSION}\n`);
    expect((await stat(layout.keys)).mode & 0o777).toBe(0o700);
  });

  it.each([
    ["2\n", /layout is version 2, written by a newer build/],
    ["soup", /holds no number/],
    ["", /holds no number/],
  ])("refuses the version %j and changes nothing", async (version, message) => {
    await writeFile(join(root, "version"), version);
    await expect(openDataFolder(root)).rejects.toThrow(message);
    expect(await readdir(root)).toEqual(["version"]);
  });
});
