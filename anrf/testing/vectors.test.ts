import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary, fromJson } from "@bufbuild/protobuf";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";
import { canonicalModule, moduleBytes } from "#anrf/program/canonical.ts";
import { moduleDigest, nodeHash } from "#anrf/program/digest.ts";
import { parse } from "#anrf/text/parse.ts";
import { ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";

const TESTDATA = new URL("../testdata/", import.meta.url);

interface Vector {
  readonly name: string;
  readonly text: string;
  readonly module: never;
  readonly hex: string;
  readonly scrambled: string;
  readonly digest: string;
  readonly nodes: readonly (readonly string[])[];
}

const VECTORS = JSON.parse(
  readFileSync(new URL("vectors/vectors.json", TESTDATA), "utf8"),
) as readonly Vector[];

describe("the vectors", () => {
  it("are 50 and more", () => {
    expect(VECTORS.length).toBeGreaterThanOrEqual(50);
  });

  it.each(VECTORS.map((one) => [one.name, one] as const))(
    "%s",
    (_, { text, module, hex, scrambled, digest, nodes }) => {
      const bytes = hexToBytes(hex);
      const decoded = fromBinary(ModuleSchema, bytes);
      expect(moduleDigest(bytes)).toBe(digest);
      expect(bytesToHex(moduleBytes(decoded))).toBe(hex);
      expect(bytesToHex(moduleBytes(fromJson(ModuleSchema, module)))).toBe(hex);
      expect(scrambled).not.toBe(hex);
      const renumbered = canonicalModule(fromBinary(ModuleSchema, hexToBytes(scrambled)));
      expect(bytesToHex(moduleBytes(renumbered))).toBe(hex);
      const hashes = decoded.functions.map((fn, index) =>
        fn.nodes.map((_node, node) => bytesToHex(nodeHash(decoded, index, node))),
      );
      expect(hashes).toEqual(nodes);
      const parsed = parse(text);
      if (!parsed.ok) throw new Error(parsed.diagnostics[0]?.message);
      expect(bytesToHex(moduleBytes(parsed.program.module))).toBe(hex);
    },
  );
});

/** Why Python's part cannot run here; undefined where it can. */
function missingPython(): string | undefined {
  const code = "import sys; print(sys.version_info >= (3, 11), sys.version.split()[0])";
  const { stdout, error } = spawnSync("python3", ["-c", code], { encoding: "utf8" });
  if (error !== undefined) return "there is no python3";
  return stdout.startsWith("True") ? undefined : `python3 is ${stdout.split(" ")[1]?.trim()}, 3.11 is needed`;
}

const missing = missingPython();
if (missing !== undefined) console.log(`skipped: what Python checks, since ${missing}`);

function python(
  script: string,
  ...args: readonly string[]
): { readonly status: number | null; readonly output: string } {
  const path = fileURLToPath(new URL(script, TESTDATA));
  const { status, stdout, stderr } = spawnSync("python3", ["-B", path, ...args], {
    encoding: "utf8",
    timeout: 120_000,
  });
  return { status, output: stdout + stderr };
}

describe.skipIf(missing !== undefined)("CPython alone", () => {
  it("comes to the same bytes, digests and node hashes", () => {
    const { status, output } = python("vectors/check.py");
    expect(output).toContain(`${VECTORS.length} vectors`);
    expect(output).toContain(" 0 problems");
    expect(status).toBe(0);
  });

  it.each([
    ["make/builtins_cases.py", "builtins"],
    ["make/contracts.py", "contracts"],
  ])("%s writes the cases that are kept", (script, suite) => {
    const folder = mkdtempSync(join(tmpdir(), "anrf-cases-"));
    try {
      const { status, output } = python(script, folder);
      expect(output).toMatch(/^\d+ cases\n$/);
      expect(status).toBe(0);
      const made = readdirSync(folder);
      expect(made.length).toBeGreaterThan(0);
      for (const file of made) {
        const kept = readFileSync(new URL(`cases/${suite}/${file}`, TESTDATA), "utf8");
        expect(readFileSync(join(folder, file), "utf8") === kept, `${suite}/${file} differs`).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
