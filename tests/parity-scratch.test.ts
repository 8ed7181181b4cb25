import { writeFileSync } from "node:fs";
import { it } from "vitest";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { doubles, FAULTS, Seen } from "./parity/doubles.ts";
import { startGateways } from "./gateways.ts";
import { ask, waysTo, wayName, GATEWAYS } from "./parity/ways.ts";

it("prints", { timeout: 3_600_000 }, async () => {
  await using g = await startGateways({ doubles: doubles(new Seen()) });
  const NOBODY = "018f0000-0000-7000-8000-000000000000";
  let out = "";
  const m = ExecutionService.method.execute, gs = GenerationService.method.generateStream, ga = RegistryService.method.getAnrf;
  for (const word of [...Object.keys(FAULTS), "ODD", "late ABORTED", "late ODD", "NOKEY"]) for (const [method, req] of [[m, { anrfId: NOBODY, function: word }], [gs, { model: word }], [ga, { anrfId: NOBODY, alias: word }]] as const) {
    for (const way of waysTo(method)) { if (way.binding && way.binding.template.startsWith("/v1/") && method !== ga) continue;  for (const gw of GATEWAYS) {
      const url = g.urls[gw] ?? "";
      try {
        const o = await ask(way, method, req, { url, key: word === "NOKEY" ? undefined : g.key });
        out += `${word} | ${gw} ${wayName(way)} | ${o.code} ${o.status} ${JSON.stringify(o.message)} ${JSON.stringify(o.details)} id=${o.headers.get("x-request-id")} retry=${o.headers.get("retry-after")} ev=${o.answers.length} ct=${o.headers.get("content-type")} body=${JSON.stringify(o.body).slice(0, 90)}\n`;
      } catch (e) { out += `${word} | ${gw} ${wayName(way)} | THROWN ${String(e).slice(0, 300)}\n`; }
    } }
  }
  writeFileSync("/tmp/brief/matrix.txt", out + (g.envoy?.output() ?? "").split("\n").filter((l) => /script log|error/i.test(l)).slice(0,5).join("\n"));
});
