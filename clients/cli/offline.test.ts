import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeArtifact } from "#anrf/program/artifact.ts";
import { parse } from "#anrf/text/parse.ts";
import { runCli } from "./testing/fake-io.ts";

let folder = "";
let file = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-offline-"));
  file = join(folder, "sum.anrf");
  const parsed = parse("anrf 1\n\n# Adds them up.\nfn total(xs: list<int>) -> int\n{\n  xs.sum()\n}\n");
  if (!parsed.ok) throw new Error("the text does not parse");
  await writeFile(
    file,
    writeArtifact({
      module: parsed.program.module,
      annotations: parsed.program.annotations,
      producer: "test",
      producerVersion: "1",
    }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

it("views a file in every format without a server", async () => {
  expect((await runCli(["view", file])).out).toContain("sum of xs");
  expect((await runCli(["view", file, "--format", "text"])).out).toContain("fn total(xs: list<int>) -> int");
  expect((await runCli(["view", file, "--format", "structure"])).out).toContain("total");
  expect(JSON.parse((await runCli(["view", file, "--format", "json"])).out)).toHaveProperty("module");
});

it("verifies structure and types of a file, and says what needs a server", async () => {
  const { code, out } = await runCli(["verify", file]);
  expect([code, out]).toEqual([0, "PASS  structure\nPASS  types\n"]);
  expect(JSON.parse((await runCli(["verify", file, "--checks", "types", "-o", "json"])).out)).toMatchObject({
    verdict: "PASS",
    results: [{ check: "types", status: "PASS" }],
  });
  const examples = await runCli(["verify", file, "--checks", "examples"]);
  expect(examples.code).toBe(2);
  expect(examples.err).toContain("anrf put");
});

it("refuses a file that was cut short", async () => {
  const cut = join(folder, "cut.anrf");
  await writeFile(cut, (await readFile(file)).subarray(0, 60));
  for (const verb of ["view", "verify", "put"]) {
    const { code, err } = await runCli([verb, cut]);
    expect(code).toBe(2);
    expect(err).toContain("ARTIFACT_UNREADABLE");
  }
});
