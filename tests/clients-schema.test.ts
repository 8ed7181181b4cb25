import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTool } from "../scripts/tools.ts";
import { run } from "./clients/run.ts";
import { GATEWAYS, type Gateway } from "./parity/ways.ts";
import { makeWorld, type World } from "./parity/world.ts";

const binary = await findTool("schemathesis");
const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const full = (process.env["ANRF_FULL"] ?? "") !== "";
const reason =
  binary === undefined
    ? " (skipped: node scripts/tools.ts schemathesis installs it by pip)"
    : hasEnvoy
      ? ""
      : " (the edge alone: there is no Envoy here)";

/** What each answer has to pass: no 5xx, and status, content type and body as the document says. */
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
];

describe.skipIf(binary === undefined)(`schemathesis with the served document${reason}`, () => {
  let world: World;
  let home = "";
  beforeAll(async () => {
    world = await makeWorld();
    home = await mkdtemp(join(tmpdir(), "anrf-schema-"));
  }, 180_000);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  it.each(gateways)(
    `finds nothing on the unary paths (${CHECKS.join(", ")}; %s)`,
    { timeout: 900_000 },
    async (gateway) => {
      const phases = full ? "examples,coverage,fuzzing" : "examples,fuzzing";
      const args = [
        "run",
        `${world.url(gateway)}/openapi.json`,
        ...["-H", `x-api-key: ${world.writer.key}`],
        ...["--checks", CHECKS.join(","), "--phases", phases, "--max-examples", full ? "20" : "5"],
        // Streams have no end that a client of single answers could wait for.
        ...["--exclude-path-regex", "stream|events"],
        ...[
          "--seed",
          "1",
          "--generation-database",
          "none",
          "--continue-on-failure",
          "--no-color",
          "--warnings",
          "off",
        ],
      ];
      const folder = dirname(dirname(binary ?? ""));
      const { status, stdout, stderr } = await run(binary ?? "", args, {
        cwd: home,
        env: { PYTHONPATH: folder },
        ms: 840_000,
      });
      expect([stderr, stdout]).toEqual(["", expect.stringMatching(/Tested: \d+/)]);
      const found = stdout.split(/^\d+\. Test Case ID: /m).slice(1);
      expect(found).toEqual([]);
      expect([status, found.length]).toEqual([found.length === 0 ? 0 : 1, found.length]);
      const cases = /(\d+) generated/.exec(stdout)?.[1];
      process.stdout.write(`schemathesis: ${cases} cases through ${gateway}\n`);
      expect(Number(cases)).toBeGreaterThan(100);
    },
  );
});
