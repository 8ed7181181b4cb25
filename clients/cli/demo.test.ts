import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { captureIn, captureOf, demoOutput, masked } from "../../scripts/print-demo.ts";
import { DEMO_INTENTS } from "./demo-intents.ts";

const CLI = join(import.meta.dirname, "anrf.ts");
const README = join(import.meta.dirname, "../../README.md");
const PATIENCE = 180_000;

describe("the demo", { timeout: PATIENCE }, () => {
  it("shows events before each result, is what README.md shows, and leaves nothing behind", async () => {
    const folders = async (): Promise<string[]> =>
      (await readdir(tmpdir())).filter((name) => name.startsWith("anrf-demo-"));
    const before = await folders();
    const output = await demoOutput();
    const parts = output.split("\n\n").slice(1, -1);
    expect(parts).toHaveLength(DEMO_INTENTS.length);
    for (const [index, part] of parts.entries()) {
      const lines = part.split("\n");
      const result = lines.findIndex((line) => / run {7}/.test(line));
      const events = lines
        .slice(0, result)
        .filter((line) => / s {2}(started|queued|progress|candidate) /.test(line));
      expect(events.length, part).toBeGreaterThanOrEqual(2);
      expect(lines[result]).toContain(`→ ${JSON.stringify(DEMO_INTENTS[index]?.run.output)}`);
    }
    expect((await folders()).filter((name) => !before.includes(name))).toEqual([]);
    expect(masked(captureOf(output)), "run node scripts/print-demo.ts").toBe(
      masked(captureIn(await readFile(README, "utf8"))),
    );
  });
});

describe("the claims of README.md", { timeout: PATIENCE }, () => {
  let folder = "";
  let id = "";

  /** Runs a line of README.md in a shell, with this command line in the place of bin/anrf. */
  function shell(line: string): Promise<string> {
    const command = line.replaceAll("bin/anrf", '"$NODE" --disable-warning=ExperimentalWarning "$CLI"');
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      ANRF_DATA: folder,
      ANRF_DURABLE: "false",
      NODE: process.execPath,
      CLI,
    };
    return new Promise((resolve) => {
      execFile("sh", ["-c", command], { env, cwd: folder }, (_error, out, err) => resolve(out + err));
    });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "anrf-claims-"));
    await writeFile(join(folder, "empty"), "");
    expect(await shell("bin/anrf up --port 0")).toContain("gateway");
  }, PATIENCE);
  afterAll(async () => {
    await shell("bin/anrf down");
    await rm(folder, { recursive: true, force: true });
  });

  it("hold, one after the other", async () => {
    const rows = [...(await readFile(README, "utf8")).matchAll(/^\| (.+?) \| `(.+)` \| `(.+)` \|$/gm)];
    expect(rows).toHaveLength(6);
    for (const [, claim = "", command = "", expected = ""] of rows) {
      const said = await shell(command.replace(/\bID\b/, id));
      expect(said, claim).toContain(expected);
      id = /anrf:\/\/([0-9a-f-]{36})@1/.exec(said)?.[1] ?? id;
    }
  });
});
