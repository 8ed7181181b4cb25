import { existsSync, writeFileSync } from "node:fs";
import { it } from "vitest";
import { makeWorld } from "./parity/world.ts";

it("stands", { timeout: 3_600_000 }, async () => {
  await using world = await makeWorld({ settings: { corsOrigins: ["https://app.example"] }, env: { ANRF_EDGE_CORS_ORIGINS: "https://app.example" } });
  const { urls, key } = world.gateways;
  writeFileSync("/tmp/brief/world.sh", `EDGE=${urls.edge}\nENVOY=${urls.envoy}\nADMIN=${key}\nKEY=${world.reader.key}\nWKEY=${world.writer.key}\nEPID=${world.gateways.envoy?.process.pid}\n${Object.entries(world.ids).map(([k, v]) => `${k}=${v}`).join("\n")}\n`);
  while (existsSync("/tmp/brief/world.sh")) { await new Promise((r) => setTimeout(r, 500)); writeFileSync("/tmp/brief/envoy.log", world.gateways.envoy?.output() ?? ""); }
});
