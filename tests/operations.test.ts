import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { findTool } from "../scripts/tools.ts";
import { startGateways } from "./gateways.ts";
import { wireTo } from "./wire.ts";

const FOLDER = join(import.meta.dirname, "../docs/operations");
const hasEnvoy = (await findTool("envoy")) !== undefined;
const page = (name: string): string => readFileSync(join(FOLDER, name), "utf8");
const pages = readdirSync(FOLDER).filter((name) => name !== "README.md");

describe("the pages of operations", () => {
  it("are all in the index, once", () => {
    const listed = [...page("README.md").matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(pages.toSorted());
  });

  it.each(pages)("%s points to pages that are there", (name) => {
    const all = [...page(name).matchAll(/\]\(([^)#]+\.md)(?:#([a-z-]+))?\)/g)];
    for (const [, path = "", anchor] of all) {
      const text = readFileSync(join(FOLDER, path), "utf8");
      const titles = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
        title
          .toLowerCase()
          .replaceAll(/[^a-z ]/g, "")
          .replaceAll(" ", "-"),
      );
      if (anchor !== undefined) expect(titles).toContain(anchor);
    }
  });
});

describe.skipIf(!hasEnvoy)(
  `the page of Envoy's metrics${hasEnvoy ? "" : " (skipped: there is no Envoy here)"}`,
  () => {
    it("names what a running Envoy shows", async () => {
      await using behind = await startGateways();
      using wire = wireTo(behind.urls.envoy ?? "", "grpc", behind.key);
      await wire.unary(AuthService.method.getSelf, {});
      const text = await (await fetch(`${behind.envoyStats}/stats/prometheus`)).text();
      const shown = new Set([...text.matchAll(/^envoy_([a-zA-Z0-9_]+)[{ ]/gm)].map(([, name]) => name));
      const rows = [...page("envoy-metrics.md").matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = ""]) => cell);
      const named = rows.flatMap((cell) =>
        [...cell.matchAll(/`([a-zA-Z0-9_]+)`/g)].map(([, name = ""]) => name),
      );
      expect(named.length).toBeGreaterThan(20);
      expect(named.filter((name) => !shown.has(name) && !name.startsWith("envoy_"))).toEqual([]);
    }, 180_000);
  },
);
